"""Confidence intervals of a mean over the test images."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from coursekit.metrics.argument import as_array, expect_draws

Interval = tuple[float, float, float]


def bootstrap_interval(
    values: Sequence[float] | np.ndarray | Tensor, seed: int = 0, repeats: int = 2000, level: float = 0.95
) -> Interval:
    """The mean, low and high: a percentile bootstrap, which draws the values again with replacement.

    Args:
        values: one number for each test image.
        level: the share of the resampled means between low and high.
    Raises:
        ValueError: no values are given, one is not finite, or the seed, number or level makes no sense.
    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> bootstrap_interval([0.5, 0.5, 0.5])
    (0.5, 0.5, 0.5)
    """
    expect_draws(seed, repeats, level)
    values = as_array(values).astype(float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError("An interval needs a list of at least one finite number.")
    random = np.random.default_rng(seed)
    means = values[random.integers(len(values), size=(repeats, len(values)))].mean(1)  # (repeats,)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(values.mean()), float(low), float(high)


def paired_difference_interval(
    values: Sequence[float] | np.ndarray | Tensor,
    others: Sequence[float] | np.ndarray | Tensor,
    seed: int = 0,
    repeats: int = 2000,
    level: float = 0.95,
) -> Interval:
    """The mean of values - others, low and high, when both are of the same images in the same order.

    Much narrower than two intervals side by side: what makes an image hard is hard for both.

    Raises:
        ValueError: the lengths differ, or as `bootstrap_interval`.

    >>> paired_difference_interval([0.75, 0.5, 1.0], [0.5, 0.25, 0.75])
    (0.25, 0.25, 0.25)
    """
    values, others = as_array(values).astype(float), as_array(others).astype(float)
    if values.shape != others.shape:
        raise ValueError(f"Paired scores need the same images: these are {values.shape} and {others.shape}.")
    return bootstrap_interval(values - others, seed, repeats, level)
