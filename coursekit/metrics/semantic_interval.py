"""Confidence intervals of mean IoU: a number of the whole data set, so whole images are resampled."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from coursekit.metrics.argument import expect_draws
from coursekit.metrics.interval import Interval
from coursekit.metrics.semantic import boundary_f, confusion_matrix
from coursekit.schema import Prediction, Target


class SemanticCounts(NamedTuple):
    """Counts of one model in each image, from which every score of any resampled data set follows."""

    confusion: np.ndarray  # (N, K, K) pixels of true class i that are predicted as class j
    boundary: np.ndarray  # (N, K) boundary F, NaN for a class without a boundary in both


def semantic_counts(
    predictions: Sequence[Prediction], targets: Sequence[Target], num_classes: int
) -> SemanticCounts:
    """The confusion matrix and the boundary F scores of each image.

    Args:
        predictions, targets: for each image a dict with "semantic" (H, W).
        num_classes: K, the background included.
    Raises:
        ValueError: no images are given, or as `confusion_matrix`.
    """
    if not targets or len(predictions) != len(targets):
        counts = f"{len(predictions)} predictions for {len(targets)} targets"
        raise ValueError(f"there are {counts}: one each is needed.")
    pairs = [(p["semantic"], t["semantic"]) for p, t in zip(predictions, targets, strict=True)]
    confusion = torch.stack([confusion_matrix(*pair, num_classes) for pair in pairs])
    boundary = np.stack([boundary_f(*pair, num_classes) for pair in pairs])
    return SemanticCounts(confusion.numpy(), boundary)


def semantic_intervals(
    counts: SemanticCounts, seed: int = 0, repeats: int = 1000, level: float = 0.95
) -> dict[str, Interval]:
    """Return "mean_iou", "pixel_accuracy" and "boundary_f" as `semantic_scores`, each with low and high.

    Args:
        level: the share of the resampled data sets between low and high.
    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> semantic_intervals(SemanticCounts(np.array([[[3, 1], [0, 4]]]), np.array([[0.5, 1.0]])))["mean_iou"]
    (0.775, 0.775, 0.775)
    """
    whole = scores_of(counts, np.ones((1, len(counts.confusion)), int))
    drawn = scores_of(counts, draws(len(counts.confusion), seed, repeats))
    return {name: interval(whole[name][0], drawn[name], level) for name in whole}


def semantic_difference_intervals(
    counts: SemanticCounts, others: SemanticCounts, seed: int = 0, repeats: int = 1000, level: float = 0.95
) -> dict[str, Interval]:
    """Each score of the first model minus that of the second on the same images, with low and high.

    Much narrower than two intervals side by side: what makes an image hard is hard for both.

    Raises:
        ValueError: the numbers of images differ.
    """
    if len(counts.confusion) != len(others.confusion):
        numbers = f"{len(counts.confusion)} and {len(others.confusion)} images"
        raise ValueError(f"paired scores need the same images in the same order: these are of {numbers}.")
    times = draws(len(counts.confusion), seed, repeats)
    whole = [scores_of(each, np.ones_like(times[:1])) for each in (counts, others)]
    drawn = [scores_of(each, times) for each in (counts, others)]
    return {
        name: interval(whole[0][name][0] - whole[1][name][0], drawn[0][name] - drawn[1][name], level)
        for name in whole[0]
    }


def draws(count: int, seed: int, repeats: int) -> np.ndarray:
    """How often each of `count` images is in each resampled data set: (repeats, count)."""
    expect_draws(seed, repeats)
    random = np.random.default_rng(seed)
    return np.stack(
        [np.bincount(random.integers(count, size=count), minlength=count) for _ in range(repeats)]
    )


def scores_of(counts: SemanticCounts, times: np.ndarray) -> dict[str, np.ndarray]:
    """The scores of each data set in which image i is there times[r, i] times: three times (R,)."""
    known = ~np.isnan(counts.boundary)  # (N, K)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: a class that is absent
        confusion = np.tensordot(times, counts.confusion, 1).astype(float)  # (R, K, K)
        right = np.diagonal(confusion, axis1=1, axis2=2)  # (R, K)
        iou = right / (confusion.sum(1) + confusion.sum(2) - right)  # (R, K)
        boundary = (times @ np.where(known, counts.boundary, 0)) / (times @ known)  # (R, K)
    return {
        "mean_iou": np.nanmean(iou, 1),
        "pixel_accuracy": right.sum(1) / confusion.sum((1, 2)),
        "boundary_f": np.nanmean(boundary, 1),
    }


def interval(value: float, drawn: np.ndarray, level: float) -> Interval:
    expect_draws(0, 1, level)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(value), float(low), float(high)
