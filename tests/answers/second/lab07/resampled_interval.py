"""Answers to `resampled_interval` (lab 07) by somebody else, written from the student's notebook alone."""

import statistics

import numpy as np
import torch
from torch import Tensor


def right_torch_quantile(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    values = values.double()
    means = values[draws].mean(1)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return values.mean().item(), low, high


def right_numpy_percentile(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    array = values.numpy().astype(np.float64)
    means = array[draws.numpy()].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(array.mean()), float(low), float(high)


def right_plain_python(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    numbers = values.tolist()
    means = [statistics.fmean(numbers[i] for i in row) for row in draws.tolist()]
    if len(means) == 1:
        return statistics.fmean(numbers), means[0], means[0]
    cuts = statistics.quantiles(means, n=40, method="inclusive")  # 1/40 is 0.025
    return statistics.fmean(numbers), cuts[0], cuts[-1]


def right_how_often_drawn(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Counts how often each image is drawn; the nearest of the sorted means."""
    times = torch.zeros(len(draws), len(values), dtype=torch.float64)
    times.scatter_add_(1, draws, torch.ones_like(draws, dtype=torch.float64))
    means = (times @ values.double() / draws.shape[1]).sort().values.tolist()
    low, high = (means[round(q * (len(means) - 1))] for q in (0.025, 0.975))
    return values.double().mean().item(), low, high


def right_gather_and_interpolate(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    table = values.double().expand(len(draws), -1).gather(1, draws)
    means = sorted((table.sum(1) / table.shape[1]).tolist())

    def quantile(q: float) -> float:
        place = q * (len(means) - 1)
        before = int(place)
        after = min(before + 1, len(means) - 1)
        return means[before] + (place - before) * (means[after] - means[before])

    return float(values.double().sum() / len(values)), quantile(0.025), quantile(0.975)


ENDS = torch.tensor([0.025, 0.975], dtype=torch.float64)


def wrong_mean_of_the_means(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """The first number is the mean of the resampled means instead of that of the values."""
    means = values.double()[draws].mean(1)
    low, high = means.quantile(ENDS).tolist()
    return means.mean().item(), low, high


def wrong_bell_curve(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Takes 1.96 standard errors to both sides and never looks at the draws."""
    values = values.double()
    mean, error = values.mean().item(), (values.std() / len(values) ** 0.5).item()
    return mean, mean - 1.96 * error, mean + 1.96 * error


def wrong_quantiles_of_the_values(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Takes the quantiles of the images' values instead of the resampled means."""
    low, high = values.double().quantile(ENDS).tolist()
    return values.double().mean().item(), low, high


def wrong_all_drawn_values(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Takes the quantiles of all drawn values and forgets to average each row."""
    low, high = values.double()[draws].flatten().quantile(ENDS).tolist()
    return values.double().mean().item(), low, high


def wrong_axis(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Averages over the resampled sets instead of over the images of each."""
    low, high = values.double()[draws].mean(0).quantile(ENDS).tolist()
    return values.double().mean().item(), low, high


def wrong_ninety_percent(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Leaves out 5 % at each end, so that only 90 % lie between."""
    means = values.double()[draws].mean(1).numpy()
    low, high = np.quantile(means, (0.05, 0.95))
    return values.double().mean().item(), float(low), float(high)


def wrong_percent_or_share(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Gives shares to a function that wants per cent, so that both ends lie near the smallest mean."""
    means = values.double()[draws].mean(1).numpy()
    low, high = np.percentile(means, (0.025, 0.975))
    return values.double().mean().item(), float(low), float(high)


def wrong_smallest_and_largest(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Returns the smallest and the largest mean, between which all of them lie."""
    means = values.double()[draws].mean(1)
    return values.double().mean().item(), means.min().item(), means.max().item()


def wrong_not_sorted(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Picks the 2.5 % and 97.5 % place of the means as they come and forgets to sort them."""
    means = values.double()[draws].mean(1).tolist()
    low, high = (means[int(q * (len(means) - 1))] for q in (0.025, 0.975))
    return values.double().mean().item(), low, high


def wrong_distances(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Returns how far the ends are from the mean instead of the ends."""
    mean, low, high = right_torch_quantile(values, draws)
    return mean, mean - low, high - mean


def wrong_mean_in_the_middle(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Returns low, mean, high in the order of their size."""
    mean, low, high = right_torch_quantile(values, draws)
    return low, mean, high


def wrong_high_before_low(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Returns the upper end before the lower one."""
    mean, low, high = right_torch_quantile(values, draws)
    return mean, high, low


def wrong_tensors(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Returns tensors instead of Python numbers."""
    means = values.double()[draws].mean(1)
    low, high = means.quantile(ENDS)
    return values.double().mean(), low, high


def wrong_own_draws(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Draws anew at random instead of using the draws that are given."""
    again = torch.randint(len(values), draws.shape)
    return right_torch_quantile(values, again)


def wrong_without_replacement(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Counts each image of a resampled set only once, however often it was drawn."""
    means = torch.stack([values.double()[row.unique()].mean() for row in draws])
    low, high = means.quantile(ENDS).tolist()
    return values.double().mean().item(), low, high


def wrong_sums(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Adds the values of a resampled set and does not divide."""
    low, high = values.double()[draws].sum(1).quantile(ENDS).tolist()
    return values.double().mean().item(), low, high


def wrong_medians(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Takes the median of each resampled set instead of its mean."""
    low, high = values.double()[draws].median(1).values.quantile(ENDS).tolist()
    return values.double().mean().item(), low, high


def wrong_divides_by_root_n(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Shrinks the interval by the root of N, although the means have shrunk already."""
    mean, low, high = right_torch_quantile(values, draws)
    root = len(values) ** 0.5
    return mean, mean + (low - mean) / root, mean + (high - mean) / root


def wrong_first_draw_only(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Looks at the first resampled set only, and at the spread of its values."""
    low, high = values.double()[draws[0]].quantile(ENDS).tolist()
    return values.double().mean().item(), low, high
