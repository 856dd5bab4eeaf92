"""Queries that are boxes: where they start, and a decoder layer in which each looks into its own box.

Source: Liu et al., "DAB-DETR", 2022, arXiv:2201.12329; Sun et al., "Sparse R-CNN", 2020, arXiv:2011.12450.
"""

import math

import torch
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.set_prediction import in_pixels
from coursekit.nets.transformer import DecoderLayer, LookAround, to_tokens

FIRST_SIDE = 0.25  # of the first boxes, as a share of the image
BINS = 7  # along each side of a box that a query looks into
NARROW = 32  # channels of the memory that are pooled


def spread_boxes(count: int) -> Tensor:
    """Return boxes whose centres lie on a spiral, evenly spread over a disc that nearly fills the image.

    Shapes: -> (count, 4) cx, cy, w, h as shares of the image.
    Source: Vogel, "A better way to construct the sunflower head", 1979, doi:10.1016/0025-5564(79)90080-4.

    >>> spread_boxes(2)[:, :2].round(decimals=2)
    tensor([[0.5900, 0.7200],
            [0.1300, 0.3200]])
    """
    steps = torch.arange(count) + 0.5
    angle, radius = steps * math.pi * (3 - math.sqrt(5)), 0.475 * (steps / count).sqrt()
    side = torch.full_like(radius, FIRST_SIDE)
    return torch.stack([0.5 + radius * angle.cos(), 0.5 + radius * angle.sin(), side, side], 1)


class LookIntoBox(LookAround):
    """Queries look at each other, then each into its own box, then each is transformed on its own.

    Shapes: x (N, Q, width), place (N, Q, width), memory (N, width, h, w), boxes (N, Q, 4), mask (Q, Q) -> (N, Q, width).
    """

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__(width, heads, hidden)
        self.narrow = nn.Conv2d(width, NARROW, 1)
        self.read = nn.Sequential(nn.Linear(NARROW * BINS**2, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, x: Tensor, place: Tensor, memory: Tensor, boxes: Tensor, mask: Tensor | None) -> Tensor:
        x = self.look_around(x, place, mask)
        x = x + self.read(pool_boxes(self.narrow(memory), boxes))
        return self.transform(x)


class LookEverywhere(nn.Module):
    """The decoder layer of 2020, called as `LookIntoBox`."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.layer = DecoderLayer(width, heads, hidden)

    def forward(self, x: Tensor, place: Tensor, memory: Tensor, boxes: Tensor, mask: Tensor | None) -> Tensor:
        return self.layer(x, place, *to_tokens(memory), mask)


def pool_boxes(maps: Tensor, boxes: Tensor) -> Tensor:
    """Return what a feature map shows in each of 7 x 7 bins of each box.

    Shapes: (N, C, h, w), (N, Q, 4) cx, cy, w, h as shares of the image -> (N, Q, C * 7 * 7).
    """
    height, width = maps.shape[-2:]
    cells = in_pixels(boxes, (height, width))  # (N, Q, 4) corners, in cells of the map
    pooled = ops.roi_align(maps, list(cells), BINS, sampling_ratio=1, aligned=True)  # (N * Q, C, 7, 7)
    return pooled.flatten(1).unflatten(0, boxes.shape[:2])
