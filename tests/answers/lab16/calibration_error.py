"""Answers to `calibration_error` (lab 16)."""

import torch
from torch import Tensor


def right_sum(table: Tensor) -> Tensor:
    """Weighted by the counts."""
    total = table[:, 0].sum()
    if total == 0:
        return torch.zeros((), dtype=table.dtype)
    return (table[:, 0] / total * (table[:, 1] - table[:, 2]).abs()).sum()


def right_with_a_loop(table: Tensor) -> Tensor:
    """Row by row."""
    total, far = 0.0, table.new_zeros(())
    for count, predicted, actual in table:
        far = far + count * torch.abs(predicted - actual)
        total += count.item()
    return far / total if total else far


def right_dot(table: Tensor) -> Tensor:
    """A dot product."""
    return table[:, 0] @ (table[:, 2] - table[:, 1]).abs() / table[:, 0].sum().clamp(min=1)


def wrong_unweighted(table):
    """The mean of the bins."""
    return (table[:, 1] - table[:, 2]).abs().mean()


def wrong_signed(table):
    """Signs cancel."""
    return (table[:, 0] * (table[:, 1] - table[:, 2])).sum() / table[:, 0].sum().clamp(min=1)


def wrong_square(table):
    """Squared."""
    return (table[:, 0] * (table[:, 1] - table[:, 2]) ** 2).sum() / table[:, 0].sum().clamp(min=1)


def wrong_worst(table):
    """The largest."""
    return (table[:, 1] - table[:, 2]).abs().max()


def wrong_sum(table):
    """Not divided."""
    return (table[:, 0] * (table[:, 1] - table[:, 2]).abs()).sum()


def wrong_nothing(table):
    """nan without predictions."""
    return (table[:, 0] * (table[:, 1] - table[:, 2]).abs()).sum() / table[:, 0].sum()


def wrong_by_bins(table):
    """Divided by the number of bins."""
    return (table[:, 0] * (table[:, 1] - table[:, 2]).abs()).sum() / len(table)
