"""Answers to `clicks_needed` (lab 16)."""

import torch
from torch import Tensor


def right_argmax(ious: Tensor, target: float) -> Tensor:
    """argmax of the table, C where no click reaches the target."""
    reached = ious >= target
    return torch.where(reached.any(dim=1), reached.long().argmax(dim=1) + 1, ious.shape[1])


def right_with_loops(ious: Tensor, target: float) -> Tensor:
    """Row by row, stopping early."""
    counts = []
    for row in ious.tolist():
        count = len(row)
        for number, iou in enumerate(row, start=1):
            if iou >= target:
                count = number
                break
        counts.append(count)
    return torch.tensor(counts, dtype=torch.int64)


def right_with_cummax(ious: Tensor, target: float) -> Tensor:
    """The best so far is below the target for one click less than are needed."""
    best = ious.cummax(1).values
    return ((best < target).sum(1) + 1).clamp(max=ious.shape[1])


def wrong_from_zero(ious, target):
    """The column."""
    return (ious >= target).int().argmax(1)


def wrong_never_is_one(ious, target):
    """argmax of False is 0, so never is the first click."""
    return (ious >= target).int().argmax(1) + 1


def wrong_beyond(ious, target):
    """One more than were tried."""
    reached = ious >= target
    return torch.where(reached.any(1), reached.int().argmax(1) + 1, ious.shape[1] + 1)


def wrong_strictly(ious, target):
    """>."""
    reached = ious > target
    return torch.where(reached.any(1), reached.int().argmax(1) + 1, ious.shape[1])


def wrong_count(ious, target):
    """Counts the clicks below the target, those after it as well."""
    return ((ious < target).sum(1) + 1).clamp(max=ious.shape[1])


def wrong_left_out(ious, target):
    """Only the objects that get there."""
    reached = ious >= target
    return reached.int().argmax(1)[reached.any(1)] + 1


def wrong_mean(ious, target):
    """Averages at once."""
    return right_argmax(ious, target).double().mean()


def wrong_float(ious, target):
    """Not whole."""
    return right_argmax(ious, target).float()


def wrong_best(ious, target):
    """The click with the best mask."""
    return ious.argmax(1) + 1
