"""Bugs of the intersection over union; the reference is `ops.box_iou`."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.museum.bug import Bug
from coursekit import ops


def shared_area(a: Tensor, b: Tensor, extra: float = 0.0, clamp: bool = True) -> Tensor:
    """The area of the overlap of each pair: (N, M)."""
    top_left = torch.max(a[:, None, :2], b[None, :, :2])
    bottom_right = torch.min(a[:, None, 2:], b[None, :, 2:])
    sides = bottom_right - top_left + extra  # (N, M, 2)
    return (sides.clamp(min=0) if clamp else sides).prod(-1)  # (N, M)


def _ratio(overlap: Tensor, a: Tensor, b: Tensor) -> Tensor:
    union = ops.box_area(a)[:, None] + ops.box_area(b)[None] - overlap
    return torch.where(union > 0, overlap / union.where(union > 0, torch.ones_like(union)), 0.0)


def _inclusive_ratio(overlap: Tensor, a: Tensor, b: Tensor) -> Tensor:
    area_a, area_b = ((boxes[:, 2:] - boxes[:, :2] + 1).prod(-1) for boxes in (a, b))
    return overlap / (area_a[:, None] + area_b[None] - overlap)


def plus_one_pixel(a: Tensor, b: Tensor) -> Tensor:
    return _inclusive_ratio(shared_area(a, b, extra=1.0), a, b)


def _plus_one_outside(a: Tensor, b: Tensor) -> Tensor:
    return _inclusive_ratio(shared_area(a, b) + 1, a, b)


def _unclamped(a: Tensor, b: Tensor) -> Tensor:
    return _ratio(shared_area(a, b, clamp=False), a, b)


def _clamped_too_late(a: Tensor, b: Tensor) -> Tensor:
    return _ratio(shared_area(a, b, clamp=False).clamp(min=0), a, b)


def _union_is_the_sum(a: Tensor, b: Tensor) -> Tensor:
    total = ops.box_area(a)[:, None] + ops.box_area(b)[None]
    return shared_area(a, b) / total.where(total > 0, torch.ones_like(total))


def _over_the_smaller(a: Tensor, b: Tensor) -> Tensor:
    smaller = torch.min(ops.box_area(a)[:, None], ops.box_area(b)[None])
    return shared_area(a, b) / smaller.where(smaller > 0, torch.ones_like(smaller))


def _nan_for_nothing(a: Tensor, b: Tensor) -> Tensor:
    overlap = shared_area(a, b)
    return overlap / (ops.box_area(a)[:, None] + ops.box_area(b)[None] - overlap)


_HALF_COVERED = (boxes((0, 0, 4, 2)), boxes((2, 0, 6, 2)))
_APART = (boxes((0, 0, 2, 2)), boxes((3, 3, 5, 5)))
_ITSELF = (boxes((0, 0, 6, 6)), boxes((0, 0, 6, 6)))
_NOTHING = (boxes((3, 3, 3, 3)), boxes((3, 3, 3, 3)))

PLUS_ONE_OUTSIDE = Bug(
    "a +1 outside the product",
    "A famous course adds 1 to the product of the sides, not to each side: a 6 x 6 box with itself gets 0.607, "
    "and boxes that are apart get more than 0.",
    _plus_one_outside,
    ops.box_iou,
    _ITSELF,
)

IOU_BUGS = (
    Bug(
        "the +1-pixel convention",
        "Here coordinates are continuous: width = x2 - x1.",
        plus_one_pixel,
        ops.box_iou,
        _HALF_COVERED,
    ),
    PLUS_ONE_OUTSIDE,
    Bug(
        "an overlap that may be negative",
        "Two boxes apart on both axes have two negative sides, whose product is positive: clamp each side.",
        _unclamped,
        ops.box_iou,
        _APART,
    ),
    Bug(
        "a clamp that comes too late",
        "Clamp each side before you multiply: minus times minus is plus.",
        _clamped_too_late,
        ops.box_iou,
        _APART,
    ),
    Bug(
        "a union that counts the overlap twice",
        "Union = area + area - intersection.",
        _union_is_the_sum,
        ops.box_iou,
        _HALF_COVERED,
    ),
    Bug(
        "intersection over the smaller box",
        "Any small box inside a large one would get 1.",
        _over_the_smaller,
        ops.box_iou,
        _HALF_COVERED,
    ),
    Bug(
        "0 / 0",
        "Two boxes without area have no union; our policy is that their IoU is 0, never NaN.",
        _nan_for_nothing,
        ops.box_iou,
        _NOTHING,
    ),
)
