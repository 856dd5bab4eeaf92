"""Makers of cases that several exercises share. What is random is the same at each call."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from coursekit.ops import Match
from coursekit.schema import VOID


def boxes(*rows: tuple[float, float, float, float]) -> Tensor:
    """Return the rows as one (N, 4) float tensor; without rows, (0, 4)."""
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)


def random_boxes(count: int, seed: int = 0) -> Tensor:
    """Return (count, 4) boxes with sides of at least one pixel, between 0 and 101."""
    corners = uniform(count, 2, 2, seed=seed) * 100
    return torch.cat([corners.amin(1), corners.amax(1) + 1], 1)  # (count, 4)


def uniform(*shape: int, seed: int = 0) -> Tensor:
    """Return random numbers between 0 and 1."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def normal(*shape: int, seed: int = 0) -> Tensor:
    """Return random numbers of the standard normal distribution."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def table(*rows: tuple[float, ...]) -> Tensor:
    """Return the rows as one float64 tensor, so that an IoU at a threshold is exactly at it."""
    return torch.tensor(rows, dtype=torch.float64)


def label_map(*rows: str) -> Tensor:
    """Return a label map from rows of digits; a point is void.

    >>> label_map("01.")
    tensor([[  0,   1, 255]])
    """
    return torch.tensor([[VOID if c == "." else int(c) for c in row] for row in rows])


def rectangles(height: int, width: int, *corners: tuple[int, int, int, int]) -> Tensor:
    """Return a mask for each x1, y1, x2, y2: (N, H, W) bool."""
    masks = torch.zeros(len(corners), height, width, dtype=torch.bool)
    for mask, (x1, y1, x2, y2) in zip(masks, corners, strict=True):
        mask[y1:y2, x1:x2] = True
    return masks


def match_of(kinds: str) -> Match:
    """Return a match from letters: p positive, n negative, i ignored; every positive belongs to object 0.

    >>> match_of("pin").negative
    tensor([False, False,  True])
    """
    positive = torch.tensor([letter == "p" for letter in kinds], dtype=torch.bool)
    negative = torch.tensor([letter == "n" for letter in kinds], dtype=torch.bool)
    return Match(torch.zeros(len(kinds), dtype=torch.int64), positive, negative)


def judge_match(arguments: tuple, match: Match) -> dict[str, Tensor]:
    """Return what is compared of a match: the object of an anchor that is not positive has no meaning."""
    return {
        "positive": match.positive,
        "negative": match.negative,
        "the objects of the positive anchors": match.target[match.positive],
    }


def judge_number(arguments: tuple, value: Any) -> Any:
    """Return what is compared where the text asks for a Python number: a tensor of one element is none.

    >>> judge_number((), torch.tensor(0.5))["what comes back is a Python number (.item() makes one of a tensor)"]
    False
    """
    if value is None:
        return None
    plain = isinstance(value, int | float | np.floating | np.integer)
    return {"what comes back is a Python number (.item() makes one of a tensor)": plain, "the result": value}
