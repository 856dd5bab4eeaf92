"""Answers to `reliability` (lab 16)."""

import torch
from torch import Tensor


def right_with_a_loop(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Bin by bin, by its edges."""
    rows = torch.zeros(bins, 3)
    for k in range(bins):
        here = (predicted >= k / bins) & (predicted < (k + 1) / bins)
        if k == bins - 1:
            here = predicted >= k / bins
        if here.any():
            rows[k] = torch.stack(
                [here.sum().float(), predicted[here].mean().float(), actual[here].mean().float()]
            )
    return rows


def right_with_bincount(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Three weighted bincounts."""
    place = torch.clamp((predicted * bins).floor().long(), max=bins - 1)
    count = torch.bincount(place, minlength=bins).to(predicted.dtype)
    sums = [
        torch.bincount(place, weights=each, minlength=bins).to(predicted.dtype)
        for each in (predicted, actual)
    ]
    return torch.stack([count, *(each / count.clamp(min=1) for each in sums)], dim=1)


def right_with_one_hot(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """A matrix of membership."""
    place = (predicted * bins).long().clamp(0, bins - 1)
    member = (place[:, None] == torch.arange(bins)).to(predicted.dtype)
    count = member.sum(0)
    safe = torch.where(count > 0, count, torch.ones_like(count))
    return torch.stack([count, member.T @ predicted / safe, member.T @ actual / safe], 1)


def wrong_bins_of_actual(predicted, actual, bins):
    """Sorts by the truth."""
    return right_with_bincount(actual, predicted, bins)[:, [0, 2, 1]]


def wrong_one_is_lost(predicted, actual, bins):
    """The last bin is open at 1."""
    kept = predicted < 1
    return right_with_bincount(predicted[kept], actual[kept], bins)


def wrong_nan(predicted, actual, bins):
    """0 / 0."""
    rows = right_with_bincount(predicted, actual, bins)
    rows[rows[:, 0] == 0, 1:] = torch.nan
    return rows


def wrong_sums(predicted, actual, bins):
    """No division."""
    rows = right_with_bincount(predicted, actual, bins)
    return torch.cat([rows[:, :1], rows[:, 1:] * rows[:, :1]], 1)


def wrong_shares(predicted, actual, bins):
    """The count as a share."""
    rows = right_with_bincount(predicted, actual, bins)
    return torch.cat([rows[:, :1] / max(len(predicted), 1), rows[:, 1:]], 1)


def wrong_columns(predicted, actual, bins):
    """The truth first."""
    return right_with_bincount(predicted, actual, bins)[:, [0, 2, 1]]


def wrong_without_empty(predicted, actual, bins):
    """Only bins that have something."""
    rows = right_with_bincount(predicted, actual, bins)
    return rows[rows[:, 0] > 0]


def wrong_quantiles(predicted, actual, bins):
    """Equally many per bin."""
    order = predicted.argsort(stable=True)
    parts = [part for part in order.tensor_split(bins)]
    rows = torch.zeros(bins, 3)
    for k, part in enumerate(parts):
        if len(part):
            rows[k] = torch.tensor([len(part), predicted[part].mean(), actual[part].mean()])
    return rows
