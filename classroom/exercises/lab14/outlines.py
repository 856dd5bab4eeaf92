"""The boundary of a mask, and how much of one boundary lies near another."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Near = Callable[[Tensor, Tensor], Tensor]


def edge(mask: Tensor) -> Tensor:
    """Pixels of the mask with a neighbour, in the image, that is not in it: (H, W)."""
    outside = F.pad(~mask, (1, 1, 1, 1))  # beyond the image nothing is outside
    beside = outside[2:, 1:-1] | outside[:-2, 1:-1] | outside[1:-1, 2:] | outside[1:-1, :-2]
    return mask & beside


def edge_of_eight(mask: Tensor) -> Tensor:
    """Pixels of the mask with one of eight neighbours, in the image, that is not in it."""
    return mask & (F.max_pool2d((~mask)[None].float(), 3, 1, 1)[0] > 0)


def within(tolerance: float) -> Near:
    """Whether points (A, 2) and (B, 2) are near each other: (A, B)."""
    return lambda a, b: torch.cdist(a, b) <= tolerance


def shares(found: Tensor, truth: Tensor, near: Near) -> tuple[float, float]:
    """Which share of the first pixels is near one of the second, and the reverse."""
    a, b = found.nonzero().float(), truth.nonzero().float()
    if not len(a) or not len(b):
        return 0.0, 0.0
    close = near(a, b)  # (pixels, pixels)
    return float(close.any(1).float().mean()), float(close.any(0).float().mean())


def harmonic(precision: float, recall: float) -> float:
    """2 P R / (P + R), 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def frame(height: int, width: int, *rectangles: tuple[int, int, int, int]) -> Tensor:
    """One mask of several rectangles: (H, W) bool."""
    mask = torch.zeros(height, width, dtype=torch.bool)
    for x1, y1, x2, y2 in rectangles:
        mask[y1:y2, x1:x2] = True
    return mask
