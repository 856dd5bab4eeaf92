"""U-Net: down to a few cells that know what, up again step by step, with the fine maps that know where beside them.

C5 -- 1x1 -- up x 2 --+-- conv -- up x 2 --+-- conv -- up x 2 --+-- conv -- scores -- x 4 --> every pixel
C4 -------------------+                    |                    |
C3 ----------------------------------------+                    |
C2 -------------------------------------------------------------+

The backbone is the way down. What stands beside the upsampled map at each "+" is a skip connection.

Source: Ronneberger, Fischer & Brox, "U-Net", 2015, figure 1, arXiv:1505.04597.
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.segmenter import Inputs, Segmenter
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import TransposedConv2d, convolution

WIDTHS = {"C5": 128, "C4": 96, "C3": 64, "C2": 32}  # channels on the way up


def join_skip(coarse: Tensor, skip: Tensor) -> Tensor:
    """What comes from below, cut to the size of the skip, and the skip: their channels side by side.

    Shapes: (N, C, h', w'), (N, D, h, w) -> (N, C + D, h, w); h' and w' may be larger, and lose their end.
    Source: the grey arrows of figure 1. The paper cuts the skip instead, because its convolutions do not pad.

    >>> join_skip(torch.zeros(1, 2, 4, 6), torch.zeros(1, 3, 3, 5)).shape
    torch.Size([1, 5, 3, 5])
    """
    height, width = skip.shape[-2:]
    return torch.cat([coarse[..., :height, :width], skip], 1)


class UNet(Segmenter):
    """The segmenter of "U-Net", whose way down is the frozen backbone.

    Args:
        num_classes, backbone, loss: as `Segmenter`.
        skips: "concatenate" as in the paper; "add", where 1 x 1 convolutions first make the skips as wide as what they
            are added to; or "none", the same way up without them.
        up: input (N, C, h, w), weight (C, D, 2, 2), stride=2, padding=0 -> (N, D, 2 h, 2 w).
        join: as `join_skip`, for "concatenate".
    Raises:
        ValueError: another word.
    """

    levels = ("C2", "C3", "C4", "C5")

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        skips: Literal["concatenate", "add", "none"] = "concatenate",
        loss: Callable[[Tensor, Tensor], Tensor] = ops.pixel_cross_entropy,
        up: Callable[..., Tensor] = ops.conv_transpose2d,
        join: Callable[[Tensor, Tensor], Tensor] = join_skip,
    ) -> None:
        super().__init__(num_classes, backbone, loss)
        if skips not in ("concatenate", "add", "none"):
            raise ValueError(f"skips is {skips!r}: use 'concatenate', 'add' or 'none'.")
        self.skips, self.join = skips, join
        *fine, coarsest = self.levels
        self.bottom = convolution(self.channels[coarsest], WIDTHS[coarsest], 1)
        self.up, self.lateral, self.merge = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        width = WIDTHS[coarsest]
        for level in reversed(fine):
            below, width = width, WIDTHS[level]
            beside = self.channels[level] if skips == "concatenate" else 0
            self.up[level] = TransposedConv2d(below, width, kernel_size=2, stride=2, operator=up)
            self.lateral[level] = (
                nn.Conv2d(self.channels[level], width, 1) if skips == "add" else nn.Identity()
            )
            self.merge[level] = convolution(width + beside, width, 3)
        self.classify = nn.Conv2d(width, num_classes + 1, 1)

    def outputs(self, batch: Inputs) -> Tensor:
        maps = self.feature_maps(batch)
        *fine, coarsest = self.levels
        x = self.bottom(maps[coarsest])  # (N, 128, h, w)
        for level in reversed(fine):
            x = self.up[level](x)  # (N, width, 2 h, 2 w)
            x = self.merge[level](self.with_skip(x, level, maps))  # (N, width, 2 h, 2 w)
        return ops.upsample_bilinear(self.classify(x), self.padded_size(batch[0]))  # (N, K + 1, H, W)

    def with_skip(self, x: Tensor, level: str, maps: dict[str, Tensor]) -> Tensor:
        """What comes from below, joined with the map of its level."""
        if self.skips == "none":
            return x
        skip = self.lateral[level](maps[level])
        return x + skip if self.skips == "add" else self.join(x, skip)
