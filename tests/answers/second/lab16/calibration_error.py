import torch
from torch import Tensor


def right_vectorised(table: Tensor) -> Tensor:
    """Vectorised; the division by at least 1 gives 0 for an empty table."""
    count, predicted, actual = table.unbind(1)
    return (count * (predicted - actual).abs()).sum() / count.sum().clamp(min=1)


def right_loop(table: Tensor) -> Tensor:
    """A loop over Python numbers; always a float32 tensor."""
    rows = table.tolist()
    total = sum(n for n, _, _ in rows)
    error = 0.0
    for n, p, a in rows:
        if n > 0:
            error += n / total * abs(p - a)
    return torch.tensor(error)


def right_average_of_repeats(table: Tensor) -> Tensor:
    """Literal: the gap of each bin repeated once for every prediction, then the mean; float64 (the dtype is left open)."""
    gaps = (table[:, 1].double() - table[:, 2].double()).abs().repeat_interleave(table[:, 0].long())
    return gaps.mean() if len(gaps) else torch.zeros((), dtype=torch.float64)


def wrong_every_bin_counts_the_same(table: Tensor) -> Tensor:
    """The plain mean of the gaps of the bins that are not empty."""
    full = table[table[:, 0] > 0]
    return (full[:, 1] - full[:, 2]).abs().mean() if len(full) else table.new_zeros(())


def wrong_absolute_value_at_the_end(table: Tensor) -> Tensor:
    """Takes the absolute value of the sum, so too high and too low cancel."""
    count, predicted, actual = table.unbind(1)
    return ((count * (predicted - actual)).sum() / count.sum().clamp(min=1)).abs()


def wrong_changes_the_table(table: Tensor) -> Tensor:
    """Right value, but turns the counts into shares in the caller's table."""
    count = table[:, 0]
    count /= count.sum().clamp(min=1)
    return (count * (table[:, 1] - table[:, 2]).abs()).sum()


def wrong_nan_without_predictions(table: Tensor) -> Tensor:
    """Divides by the number of predictions even if it is 0."""
    return (table[:, 0] * (table[:, 1] - table[:, 2]).abs()).sum() / table[:, 0].sum()


def wrong_largest_gap(table: Tensor) -> Tensor:
    """The largest gap of a bin (the maximum calibration error)."""
    return (table[:, 1] - table[:, 2]).abs().max()


def wrong_squared(table: Tensor) -> Tensor:
    """Squares the gaps instead of taking their absolute value."""
    count, predicted, actual = table.unbind(1)
    return (count * (predicted - actual) ** 2).sum() / count.sum().clamp(min=1)
