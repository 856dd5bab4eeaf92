"""Answers to `resampled_interval` (lab 07), written from the student's notebook alone."""

import statistics

import numpy as np
import torch
from torch import Tensor


def right_by_indexing(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """A table of drawn values, the mean of each row, two quantiles (linear between the neighbours)."""
    means = values.double()[draws].mean(1)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return values.double().mean().item(), low, high


def right_by_numpy(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """The same with numpy, in its own words."""
    v = values.numpy().astype(np.float64)
    low, high = np.quantile(np.take(v, draws.numpy()).mean(axis=1), (0.025, 0.975))
    return float(v.mean()), float(low), float(high)


def right_by_a_loop(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """Row by row in Python; reads the quantiles by hand, linearly between the two neighbours in order."""
    numbers = [float(v) for v in values]
    means = sorted(statistics.fmean(numbers[i] for i in row) for row in draws.tolist())

    def quantile(q: float) -> float:
        place = q * (len(means) - 1)
        below = int(place)
        above = min(below + 1, len(means) - 1)
        return means[below] + (place - below) * (means[above] - means[below])

    return statistics.fmean(numbers), quantile(0.025), quantile(0.975)


def right_by_how_often(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """How often is each picture drawn? These counts times the values, divided by the number of pictures."""
    counts = torch.zeros(len(draws), len(values), dtype=torch.float64)
    counts.scatter_add_(1, draws, torch.ones_like(draws, dtype=torch.float64))
    means = counts @ values.double() / draws.shape[1]
    ends = torch.quantile(means, torch.tensor([0.025, 0.975], dtype=torch.float64))
    return float(values.double().mean()), float(ends[0]), float(ends[1])


def right_with_quantiles_that_occurred(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """A quantile as the first resampled mean that has the share q up to it. The text is silent on how
    to read a quantile between two of them; for few resamples this differs from the linear way.
    """
    means = values.double()[draws].mean(1).numpy()
    low, high = np.quantile(means, (0.025, 0.975), method="inverted_cdf").tolist()
    return values.double().mean().item(), low, high


def _means(values, draws):
    return values.double()[draws].mean(1)


def _ends(numbers, low=0.025, high=0.975):
    return numbers.double().quantile(torch.tensor([low, high], dtype=torch.float64)).tolist()


def wrong_spread_of_the_pictures(values, draws):
    """Quantiles of the values themselves: how much pictures differ, far wider than how sure their mean is."""
    return (values.double().mean().item(), *_ends(values))


def wrong_all_drawn_values(values, draws):
    """Quantiles of all drawn values in one heap, without the means of the rows."""
    return (values.double().mean().item(), *_ends(values[draws].flatten()))


def wrong_axis(values, draws):
    """The mean over the resamples and not over the pictures of each: an interval that is far too narrow."""
    return (values.double().mean().item(), *_ends(values.double()[draws].mean(0)))


def wrong_mean_of_the_resamples(values, draws):
    """The mean of the resampled means in place of the mean of the values: wrong for a few draws."""
    means = _means(values, draws)
    return (means.mean().item(), *_ends(means))


def wrong_median_of_the_resamples(values, draws):
    """The middle of the resampled means in place of the mean of the values."""
    means = _means(values, draws)
    return (means.median().item(), *_ends(means))


def wrong_ninety_percent(values, draws):
    """Cuts 5 % off each end, and so keeps 90 %."""
    return (values.double().mean().item(), *_ends(_means(values, draws), 0.05, 0.95))


def wrong_bell_curve(values, draws):
    """1.96 standard deviations to both sides: always symmetric, where resampled means need not be."""
    mean, spread = values.double().mean().item(), 1.96 * _means(values, draws).std().item()
    return mean, mean - spread, mean + spread


def wrong_formula_without_draws(values, draws):
    """The standard error of the textbook; `draws` is not used."""
    v = values.double()
    error = 1.96 * v.std().item() / len(v) ** 0.5
    return v.mean().item(), v.mean().item() - error, v.mean().item() + error


def wrong_draws_of_its_own(values, draws):
    """Draws anew and ignores `draws`: two detectors would be compared on different pictures."""
    generator = torch.Generator().manual_seed(123)
    own = torch.randint(len(values), tuple(draws.shape), generator=generator)
    return (values.double().mean().item(), *_ends(_means(values, own)))


def wrong_each_picture_once(values, draws):
    """Counts a picture once however often it is drawn: that is a subset and not a resample."""
    means = torch.stack([values.double()[row.unique()].mean() for row in draws])
    return (values.double().mean().item(), *_ends(means))


def wrong_low_mean_high(values, draws):
    """Returns the lower end, the mean, the upper end, in this order."""
    low, high = _ends(_means(values, draws))
    return low, values.double().mean().item(), high


def wrong_high_before_low(values, draws):
    """The two ends exchanged."""
    low, high = _ends(_means(values, draws))
    return values.double().mean().item(), high, low


def wrong_distances_to_the_mean(values, draws):
    """Returns how far the ends lie from the mean and not where they are."""
    mean, (low, high) = values.double().mean().item(), _ends(_means(values, draws))
    return mean, mean - low, high - mean


def wrong_mirrored(values, draws):
    """The ends mirrored at the mean (the "basic" bootstrap): wrong when the means lie unevenly."""
    mean, (low, high) = values.double().mean().item(), _ends(_means(values, draws))
    return mean, 2 * mean - high, 2 * mean - low


def wrong_smallest_and_largest(values, draws):
    """The whole range of the resampled means and not 95 % of it."""
    means = _means(values, draws)
    return values.double().mean().item(), means.min().item(), means.max().item()


def wrong_percent(values, draws):
    """Quantiles 0.025 % and 0.975 %, as if numpy's percentile took shares: both ends lie at the bottom."""
    low, high = np.percentile(_means(values, draws).numpy(), (0.025, 0.975)).tolist()
    return values.double().mean().item(), low, high


def wrong_medians_of_the_rows(values, draws):
    """The median of each resample and not its mean."""
    return (values.double().mean().item(), *_ends(values.double()[draws].median(1).values))


def wrong_divided_once_more(values, draws):
    """Shrinks the interval by the root of N, though resampled means are already as narrow as they are."""
    mean, (low, high) = values.double().mean().item(), _ends(_means(values, draws))
    root = len(values) ** 0.5
    return mean, mean - (mean - low) / root, mean + (high - mean) / root


def wrong_sums(values, draws):
    """The sum of each resample and not its mean: the interval is N times too far out."""
    return (values.double().mean().item(), *_ends(values.double()[draws].sum(1)))
