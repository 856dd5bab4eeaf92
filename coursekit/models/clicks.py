"""Clicks and boxes as prompts: as maps that a network reads, and where a person would click next."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["Clicks", "central_clicks", "mean_probability", "prompt_maps", "random_clicks"]

SIGMA = 1.0  # cells: of the Gaussian that stands for a click


class Clicks(NamedTuple):
    """Clicks on P objects, C on each."""

    points: Tensor  # (P, C, 2) float, x and y in pixels
    inside: Tensor  # (P, C) bool: on the object, or on what does not belong to it

    def and_then(self, later: "Clicks") -> "Clicks":
        """Return these clicks, followed by later ones on the same objects."""
        return Clicks(*(torch.cat(pair, 1) for pair in zip(self, later, strict=True)))


def prompt_maps(clicks: Clicks, boxes: Tensor | None, size: tuple[int, int], stride: int) -> Tensor:
    """Return clicks and boxes as maps: clicks on the object, clicks beside it, and the inside of the box.

    Each click is a Gaussian with a peak of 1; where two overlap, the larger value counts.

    Shapes: (P, C, 2), (P, C), (P, 4) xyxy pixels -> (P, 3, *size) in [0, 1].
    Args:
        boxes: None for none at all; a box without area is no prompt.
        size: (height, width) of the maps, in cells.
        stride: pixels per cell.
    Source: Sofiiuk et al., "Reviving Iterative Training with Mask Guidance", 2021, section 3.1, arXiv:2102.06583,
    which draws discs; Gaussians: Maninis et al., "Deep Extreme Cut", 2018, section 3.1, arXiv:1711.09081.

    >>> clicks = Clicks(torch.tensor([[[2.0, 2.0]]]), torch.tensor([[True]]))
    >>> prompt_maps(clicks, None, (1, 2), stride=4)[0, :2]
    tensor([[[1.0000, 0.6065]],
    <BLANKLINE>
            [[0.0000, 0.0000]]])
    """
    y, x = (torch.arange(length, device=clicks.points.device) + 0.5 for length in size)
    points = clicks.points[..., None] / stride  # (P, C, 2, 1), in cells
    across, down = (-((x - points[:, :, 0]) ** 2), -((y - points[:, :, 1]) ** 2))  # (P, C, w), (P, C, h)
    bells = torch.exp((down[..., None] + across[..., None, :]) / (2 * SIGMA**2))  # (P, C, h, w)
    kinds = [bells * kind[..., None, None] for kind in (clicks.inside, ~clicks.inside)]
    clicked = [bells.new_zeros(len(bells), *size) if not kind.shape[1] else kind.amax(1) for kind in kinds]
    if boxes is None:
        return torch.stack([*clicked, torch.zeros_like(clicked[0])], 1)
    x1, y1, x2, y2 = (boxes / stride).T[:, :, None]  # (P, 1) each
    within = ((x > x1) & (x < x2))[:, None, :] & ((y > y1) & (y < y2))[:, :, None]  # (P, h, w)
    return torch.stack([*clicked, within.to(bells)], 1)


def mean_probability(logits: Tensor, factor: int) -> Tensor:
    """Return the mask so far as a map for the network: the mean probability of each block of factor x factor cells.

    Shapes: (P, H, W) logits -> (P, 1, H / factor, W / factor) in [0, 1].

    >>> mean_probability(torch.tensor([[[99.0, 99.0, 99.0, -99.0]]]).expand(1, 2, 4), 2)
    tensor([[[[1.0000, 0.5000]]]])
    """
    return F.avg_pool2d(logits.sigmoid()[:, None], factor)


def random_clicks(found: Tensor, truth: Tensor, stride: int) -> Clicks:
    """Return one click per object on a random cell where the mask is wrong, or on the object where none is.

    Shapes: (P, h, w) bool, (P, h, w) bool -> `Clicks` with C = 1.
    Args:
        stride: pixels per cell of the masks.
    Source: Kirillov et al., "Segment Anything", 2023, appendix A, "Training algorithm", arXiv:2304.02643.
    """
    wrong, object_ = (found ^ truth).flatten(1), truth.flatten(1)
    allowed = torch.where(wrong.any(1, keepdim=True), wrong, object_).float()
    return clicks_at(torch.multinomial(allowed + 1e-9, 1)[:, 0], truth, stride)


def central_clicks(found: Tensor, truth: Tensor, stride: int) -> Clicks:
    """Return one click per object in the middle of the largest region where the mask is wrong, as people click.

    The middle is the cell that is farthest from the border of its region. Where the mask is right everywhere, it is
    that of the object.

    Shapes: (P, h, w) bool, (P, h, w) bool -> `Clicks` with C = 1.
    Args:
        stride: pixels per cell of the masks.
    Source: the protocol of Xu et al., "Deep Interactive Object Selection", 2016, section 4, arXiv:1603.04042.

    >>> truth = torch.zeros(1, 5, 9, dtype=torch.bool)
    >>> truth[0, :3, :3] = truth[0, :, 4:] = True
    >>> central_clicks(torch.zeros_like(truth), truth, stride=2)
    Clicks(points=tensor([[[13.,  5.]]]), inside=tensor([[True]]))
    """
    places = [middle_of_largest(w if w.any() else t) for w, t in zip(found ^ truth, truth, strict=True)]
    return clicks_at(torch.tensor(places, dtype=torch.int64, device=truth.device), truth, stride)


def middle_of_largest(region: Tensor) -> int:
    """Return the cell, row * w + column, of the largest connected part that is farthest from its border."""
    from scipy.ndimage import distance_transform_edt, label

    parts, count = label(region.cpu().numpy())
    if not count:
        return 0
    largest = torch.from_numpy(parts).flatten().bincount()[1:].argmax() + 1
    part = F.pad(torch.from_numpy(parts) == largest, (1, 1, 1, 1)).numpy()
    return int(distance_transform_edt(part)[1:-1, 1:-1].argmax())


def clicks_at(places: Tensor, truth: Tensor, stride: int) -> Clicks:
    """Return one click per object at the centre of a cell, row * w + column: (P,) -> C = 1."""
    width = truth.shape[-1]
    points = torch.stack([places % width, places // width], 1) + 0.5
    inside = truth.flatten(1).gather(1, places[:, None])
    return Clicks(points[:, None] * stride, inside)
