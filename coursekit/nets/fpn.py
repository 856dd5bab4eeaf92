"""The feature pyramid: every level of the backbone learns what the coarser ones have understood."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor, nn

PYRAMID_LEVELS = {"C1": "P1", "C2": "P2", "C3": "P3", "C4": "P4", "C5": "P5"}
Value = TypeVar("Value")


def of_pyramid(by_level: Mapping[str, Value], levels: Iterable[str]) -> dict[str, Value]:
    """Return what belongs to these levels of the backbone under the names of those of the pyramid.

    >>> of_pyramid({"C2": 4, "C3": 8, "C4": 16}, ("C3", "C4"))
    {'P3': 8, 'P4': 16}
    """
    return {PYRAMID_LEVELS[level]: by_level[level] for level in levels}


def add_coarser(lateral: Tensor, coarser: Tensor) -> Tensor:
    """Return the map of a level plus the coarser one, made as large: each cell adds the nearest coarse cell.

    Shapes: (N, C, h, w), (N, C, h', w') -> (N, C, h, w); odd sizes too.
    Source: Lin et al., "Feature Pyramid Networks", 2017, figure 3, arXiv:1612.03144.

    >>> import torch
    >>> add_coarser(torch.zeros(1, 1, 1, 5), torch.tensor([[[[1.0, 2.0, 3.0]]]]))
    tensor([[[[1., 1., 2., 2., 3.]]]])
    """
    return lateral + F.interpolate(coarser, lateral.shape[-2:])  # the nearest cell's value


def sum_of_levels(pyramid: Mapping[str, Tensor]) -> Tensor:
    """Return the sum of all levels of a pyramid at the size of the finest, for a network that predicts from one map.

    Shapes: {"P3": (N, C, h, w), "P4": ..., "P5": ...}, the finest first -> (N, C, h, w).

    >>> import torch
    >>> sum_of_levels({"P3": torch.zeros(1, 1, 1, 4), "P4": torch.tensor([[[[1.0, 2.0]]]])})
    tensor([[[[1., 1., 2., 2.]]]])
    """
    return reduce(lambda coarser, finer: add_coarser(finer, coarser), reversed(list(pyramid.values())))


class FeaturePyramid(nn.Module):
    """Feature maps of one width, each a sum of what its level sees and what the coarser level says.

    C3 -- 1x1 -- (+) -- 3x3 -> P3
                  ^ twice as large
    C4 -- 1x1 -- (+) -- 3x3 -> P4
                  ^ twice as large
    C5 -- 1x1 --- * --- 3x3 -> P5

    Shapes: {"C3": (N, C3, h, w), "C4": ..., "C5": ...} -> {"P3": (N, out_channels, h, w), "P4": ..., "P5": ...}.
    Args:
        in_channels: channels of each level, the finest first, such as {"C3": 40, "C4": 112, "C5": 320}.
        out_channels: channels of every level of the pyramid.
        merge: as `add_coarser`.
    Raises:
        ValueError: the features are of other levels.
    Like torchvision's `FeaturePyramidNetwork`: the same values for the same weights, at odd sizes too.
    Source: Lin et al., "Feature Pyramid Networks for Object Detection", 2017, section 3, arXiv:1612.03144.

    >>> import torch
    >>> pyramid = FeaturePyramid({"C4": 112, "C5": 320}, 64)
    >>> maps = pyramid({"C4": torch.zeros(1, 112, 5, 9), "C5": torch.zeros(1, 320, 3, 5)})
    >>> {level: tuple(feature.shape) for level, feature in maps.items()}
    {'P4': (1, 64, 5, 9), 'P5': (1, 64, 3, 5)}
    """

    def __init__(
        self,
        in_channels: Mapping[str, int],
        out_channels: int,
        merge: Callable[[Tensor, Tensor], Tensor] = add_coarser,
    ) -> None:
        super().__init__()
        self.merge = merge
        self.lateral = nn.ModuleDict({c: nn.Conv2d(n, out_channels, 1) for c, n in in_channels.items()})
        self.output = nn.ModuleDict(
            {c: nn.Conv2d(out_channels, out_channels, 3, padding=1) for c in in_channels}
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_uniform_(module.weight, a=1)  # keeps the variance: no ReLU follows
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        if not self.lateral.keys() <= features.keys():
            needed = ", ".join(self.lateral)
            raise ValueError(
                f"The pyramid needs the levels {needed}, but it was given {', '.join(features)}."
            )
        sums, coarser = {}, None
        for level in reversed(list(self.lateral)):  # from the coarsest to the finest
            coarser = sums[level] = self.merged(level, features[level], coarser)  # (N, out_channels, h, w)
        smooth = {level: self.output[level](sums[level]) for level in sums}  # (N, out_channels, h, w)
        return of_pyramid(smooth, self.lateral)

    def merged(self, level: str, feature: Tensor, coarser: Tensor | None) -> Tensor:
        """What the level sees, and what the coarser one says if there is one."""
        lateral = self.lateral[level](feature)  # (N, out_channels, h, w)
        return lateral if coarser is None else self.merge(lateral, coarser)
