import numpy as np
import torch
from torch import Tensor


def right_scatter(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Vectorised: the bin is floor(p * bins), sums with index_add_. A float32 0.7 times 10 is rounded to 7 and so in the upper bin; float32 result."""
    which = (predicted * bins).long().clamp(max=bins - 1)
    rows = torch.stack([torch.ones_like(predicted), predicted, actual], 1).float()
    table = torch.zeros(bins, 3).index_add_(0, which, rows)
    table[:, 1:] /= table[:, :1].clamp(min=1)
    return table


def right_loops(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Loops over the bins, borders k / bins compared as tensors; keeps the dtype of the input. Borders such as 0.7 in float32 may be rounded otherwise than with a product."""
    table = predicted.new_zeros(bins, 3)
    for b in range(bins):
        members = predicted >= b / bins
        if b < bins - 1:
            members &= predicted < (b + 1) / bins
        if members.any():
            table[b] = torch.stack([members.sum(), predicted[members].mean(), actual[members].mean()])
    return table


def right_histogram(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """NumPy histograms with weights, float64 inside and out (the dtype is left open); its bins are closed on the left, the last one on both sides."""
    p, a = predicted.double().numpy(), actual.double().numpy()
    count, total, real = (
        np.histogram(p, bins, (0.0, 1.0), weights=weights)[0] for weights in (np.ones_like(p), p, a)
    )
    full = np.maximum(count, 1)
    return torch.from_numpy(np.stack([count, total / full, real / full], 1))


def _table(which: Tensor, predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    count = which.bincount(minlength=bins)[:bins]
    full = count.clamp(min=1)
    p = which.bincount(predicted, minlength=bins)[:bins] / full
    a = which.bincount(actual, minlength=bins)[:bins] / full
    return torch.stack([count, p, a], 1).float()


def wrong_border_to_the_lower_bin(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """torch.bucketize without right=True: a value on a border goes to the lower bin."""
    edges = torch.arange(1, bins) / bins
    return _table(torch.bucketize(predicted, edges), predicted, actual, bins)


def wrong_one_is_lost(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """No special case for the last bin: a prediction of 1 is in no bin."""
    table = torch.zeros(bins, 3)
    for b in range(bins):
        members = (predicted >= b / bins) & (predicted < (b + 1) / bins)
        if members.any():
            table[b] = torch.stack([members.sum(), predicted[members].mean(), actual[members].mean()])
    return table


def wrong_empty_bin_is_nan(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Takes the mean of an empty bin, which is nan."""
    which = (predicted * bins).long().clamp(max=bins - 1)
    return torch.stack(
        [
            torch.stack([(which == b).sum(), predicted[which == b].mean(), actual[which == b].mean()])
            for b in range(bins)
        ]
    )


def wrong_centre_of_the_bin(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Gives the centre of the bin instead of the mean predicted value."""
    which = (predicted * bins).long().clamp(max=bins - 1)
    table = _table(which, predicted, actual, bins)
    table[:, 1] = torch.where(table[:, 0] > 0, (torch.arange(bins) + 0.5) / bins, 0.0)
    return table


def wrong_actual_in_its_own_bins(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Sorts the actual values into bins by themselves instead of by their predictions."""
    by_p = (predicted * bins).long().clamp(max=bins - 1)
    by_a = (actual * bins).long().clamp(max=bins - 1)
    table = _table(by_p, predicted, actual, bins)
    table[:, 2] = _table(by_a, predicted, actual, bins)[:, 2]
    return table


def wrong_rounded(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Rounds p * bins to the nearest number instead of down."""
    which = (predicted * bins).round().long().clamp(max=bins - 1)
    return _table(which, predicted, actual, bins)
