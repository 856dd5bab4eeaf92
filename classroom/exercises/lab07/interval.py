"""Lab 07, section 9: how certain a mean is."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import table
from classroom.exercises.exercise import Case, Exercise

Interval = tuple[float, float, float]
LOW, HIGH = 0.025, 0.975


def resampled_interval(values: Tensor, draws: Tensor) -> Interval:
    """The mean of (N,) values, and between what 95 % of the resampled means lie: draws (R, N) are indices."""
    low, high = _ends(values[draws].mean(1), LOW, HIGH)
    return values.mean().item(), low, high


def _ends(means: Tensor, low: float, high: float) -> tuple[float, float]:
    return tuple(means.quantile(torch.tensor([low, high], dtype=means.dtype)).tolist())


def judge_interval(arguments: tuple, value: Interval) -> dict[str, float]:
    """Return the three numbers; an end that another rule for quantiles gives counts as the reference's."""
    values, draws = arguments
    means = values[draws].mean(1).sort().values.tolist()
    mean, *ends = value
    for i, (share, end) in enumerate(
        zip((LOW, HIGH), _ends(torch.tensor(means).double(), LOW, HIGH), strict=True)
    ):
        places = share * (len(means) - 1), share * (len(means) + 1) - 1
        first, last = max(0, math.floor(min(places))), min(len(means) - 1, math.ceil(max(places)))
        if means[first] - 1e-6 <= float(ends[i]) <= means[last] + 1e-6:
            ends[i] = end
    if len(ends) > 2:
        raise ValueError("three numbers are wanted.")
    return {"the mean": mean, "the lower end": ends[0], "the upper end": ends[1]}


def _random_values(count: int, repeats: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(count)
    values = torch.rand(count, generator=generator, dtype=torch.float64) ** 2
    return values, torch.randint(count, (repeats, count), generator=generator)


_UNLIKE = (table((0.0, 1.0, 0.2))[0], torch.tensor([[0, 0, 0], [0, 1, 2], [1, 1, 1]]))

RESAMPLED_INTERVAL = Exercise(
    resampled_interval,
    judge=judge_interval,
    hints=(
        "Each row of `draws` is a test set that you might have had. What is its mean?",
        "means = values[draws].mean(1); low and high cut off 2.5 % on each side.",
        "means = values[draws]…  # one mean per draw\n"
        "low, high = means.quantile(torch.tensor([…], dtype=means.dtype)).tolist()\n"
        "return values.mean().item(), low, high",
    ),
    cases=(
        Case("three images, three draws", _UNLIKE),
        Case(
            "equal values", (torch.full((4,), 0.5, dtype=torch.float64), torch.arange(80).reshape(20, 4) % 4)
        ),
        Case("ten images, a hundred draws", _random_values(10, 100)),
        Case("two hundred images, a thousand draws", _random_values(200, 1000)),
    ),
)


def _wrong(name: str, story: str) -> Callable:
    """Add the answer whose ends, of values and draws, are others; the mean is right."""

    def add(ends: Callable[[Tensor, Tensor], tuple]) -> Callable:
        RESAMPLED_INTERVAL.wrong(name, story)(
            lambda values, draws: (values.mean().item(), *ends(values, draws))
        )
        return ends

    return add


@_wrong(
    "how far the values spread",
    "The interval shows how much the *mean* varies when the images are drawn again.",
)
def _of_the_values(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values, LOW, HIGH)


@_wrong("quantiles of all drawn values", "Take the mean of each row first: each row is one test set.")
def _of_all_drawn(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].flatten(), LOW, HIGH)


@_wrong("from the smallest to the largest", "Leave out 2.5 % of the means on each side.")
def _all_of_them(values: Tensor, draws: Tensor) -> tuple:
    means = values[draws].mean(1)
    return means.amin().item(), means.amax().item()


@_wrong("5 % on each side", "95 % in the middle leaves 2.5 % on each side.")
def _ninety(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].mean(1), 0.05, 0.95)


@_wrong(
    "0.025 % and 0.975 %",
    "A percentile is given in per cent: 2.5 and 97.5 (or the quantiles 0.025 and 0.975).",
)
def _percent(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].mean(1), LOW / 100, HIGH / 100)


@_wrong("the mean over the wrong axis", "Each *row* of draws is one test set.")
def _mean_of_each_place(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].mean(0), LOW, HIGH)


@_wrong("the median of each test set", "Take the *mean* of each row.")
def _medians_of_rows(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].median(1).values, LOW, HIGH)


@_wrong("the sum of each test set", "Take the *mean* of each row.")
def _sums(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].sum(1), LOW, HIGH)


@_wrong(
    "each image counted once per test set",
    "An image that is drawn twice counts twice: that is what drawing with replacement means.",
)
def _each_once(values: Tensor, draws: Tensor) -> tuple:
    return _ends(torch.stack([values[row.unique()].mean() for row in draws]), LOW, HIGH)


@_wrong(
    "1.96 standard deviations of the means",
    "The quantiles need not be symmetric: read them from the resampled means.",
)
def _bell_curve(values: Tensor, draws: Tensor) -> tuple:
    mean, spread = values.mean().item(), 1.96 * values[draws].mean(1).std().item()
    return mean - spread, mean + spread


@_wrong(
    "the textbook's standard error",
    "Read the interval from the resampled means: `draws` determines its ends.",
)
def _formula(values: Tensor, draws: Tensor) -> tuple:
    mean, error = values.mean().item(), 1.96 * values.std().item() / len(values) ** 0.5
    return mean - error, mean + error


@_wrong("the ends swapped", "The lower end comes first.")
def _high_before_low(values: Tensor, draws: Tensor) -> tuple:
    return _ends(values[draws].mean(1), LOW, HIGH)[::-1]


@_wrong("distances from the mean", "Return the ends themselves, not their distances from the mean.")
def _distances(values: Tensor, draws: Tensor) -> tuple:
    mean, low, high = resampled_interval(values, draws)
    return mean - low, high - mean


@_wrong("differences from the mean", "Return the ends themselves, not their distances from the mean.")
def _differences(values: Tensor, draws: Tensor) -> tuple:
    mean, low, high = resampled_interval(values, draws)
    return low - mean, high - mean


@_wrong("the ends mirrored at the mean", "Return the quantiles of the resampled means themselves.")
def _mirrored(values: Tensor, draws: Tensor) -> tuple:
    mean, low, high = resampled_interval(values, draws)
    return 2 * mean - high, 2 * mean - low


@_wrong(
    "an interval divided by the root of N",
    "The mean of N values already varies less than the values: do not divide again.",
)
def _divided_once_more(values: Tensor, draws: Tensor) -> tuple:
    mean, low, high = resampled_interval(values, draws)
    root = len(values) ** 0.5
    return mean - (mean - low) / root, mean + (high - mean) / root


@RESAMPLED_INTERVAL.wrong(
    "the mean of the draws in the middle", "The score itself is the mean of the values."
)
def _centre_of_the_draws(values: Tensor, draws: Tensor) -> Interval:
    return values[draws].mean().item(), *_ends(values[draws].mean(1), LOW, HIGH)


@RESAMPLED_INTERVAL.wrong(
    "the median of the draws in the middle", "The score itself is the mean of the values."
)
def _median_of_the_draws(values: Tensor, draws: Tensor) -> Interval:
    means = values[draws].mean(1)
    return means.median().item(), *_ends(means, LOW, HIGH)


@RESAMPLED_INTERVAL.wrong("the lower end before the mean", "Return the mean first, then the two ends.")
def _low_mean_high(values: Tensor, draws: Tensor) -> Interval:
    mean, low, high = resampled_interval(values, draws)
    return low, mean, high


@RESAMPLED_INTERVAL.wrong("the mean after the ends", "Return the mean first, then the two ends.")
def _low_high_mean(values: Tensor, draws: Tensor) -> Interval:
    mean, low, high = resampled_interval(values, draws)
    return low, high, mean


EXERCISES = (RESAMPLED_INTERVAL,)
