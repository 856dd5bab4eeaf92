"""Confidence intervals of average precision: a number of the whole data set, so whole images are resampled.

Which detection is right does not change when images are resampled, so the matching is done once.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from coursekit.metrics.argument import expect_draws
from coursekit.metrics.average_precision import NO_OBJECTS, RECALLS, precision_at, precision_recall
from coursekit.metrics.coco_columns import image_and_class, read_columns
from coursekit.metrics.coco_matching import THRESHOLDS, match, near_pairs
from coursekit.metrics.groups import place_in_group
from coursekit.metrics.interval import Interval
from coursekit.schema import Prediction, Target

MAX_DETECTIONS = 100  # per image and class


class Hits(NamedTuple):
    """The detections of one class, best score first, and the true objects of it."""

    image: np.ndarray  # (D,) of each detection
    right: np.ndarray  # (D, T) whether it finds an object, at each threshold of IoU
    counted: np.ndarray  # (D, T) whether it counts at all: not when it lies on a crowd
    objects: np.ndarray  # (images,) how many objects each image has


def coco_intervals(
    predictions: Iterable[Prediction],
    targets: Iterable[Target],
    kind: str = "boxes",
    seed: int = 0,
    repeats: int = 200,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return AP, AP50 and AP75 as `coco_metrics`, each with a percentile bootstrap over the images.

    Args:
        predictions, targets, kind: as `coco_metrics`.
        level: the share of the resampled data sets between low and high.
    Raises:
        ValueError: no images, no objects at all, or as `coco_metrics`.
    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> import torch
    >>> target = {"boxes": torch.tensor([[0.0, 0, 40, 30]]), "labels": torch.tensor([1])}
    >>> prediction = {"boxes": torch.tensor([[0.0, 0, 40, 24]]), "labels": torch.tensor([1]), "scores": torch.ones(1)}
    >>> none = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64), "scores": torch.zeros(0)}
    >>> coco_intervals([prediction, none], [target, target])["AP50"]
    (0.504950495049505, 0.0, 1.0)
    """
    return _intervals(_precisions(predictions, list(targets), kind, seed, repeats), level)


def coco_difference_intervals(
    predictions: Iterable[Prediction],
    others: Iterable[Prediction],
    targets: Iterable[Target],
    kind: str = "boxes",
    seed: int = 0,
    repeats: int = 200,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return how much higher AP, AP50 and AP75 of `predictions` are than those of `others`, each with low and high.

    Both are of the same images, and each time the same images are drawn for both: what makes an image hard is
    hard for both, so this is much narrower than two intervals side by side.

    Args, Raises: as `coco_intervals`.

    >>> import torch
    >>> target = {"boxes": torch.tensor([[0.0, 0, 40, 30]]), "labels": torch.tensor([1])}
    >>> good, poor = (target | {"scores": torch.ones(1), "boxes": target["boxes"] * size} for size in (1.0, 0.8))
    >>> coco_difference_intervals([good], [poor], [target])["AP75"]
    (1.0, 1.0, 1.0)
    """
    targets = list(targets)
    ours, theirs = (_precisions(each, targets, kind, seed, repeats) for each in (predictions, others))
    return _intervals(ours - theirs, level)


def _precisions(
    predictions: Iterable[Prediction], targets: list[Target], kind: str, seed: int, repeats: int
) -> np.ndarray:
    """AP at each threshold, first of the data set, then of each drawn one that has an object: (1 + known, T)."""
    expect_draws(seed, repeats)
    classes = hits(predictions, targets, kind)
    if not any(each.objects.sum() for each in classes):
        raise ValueError("average precision is not defined without objects: none of the images has one.")
    random, count = np.random.default_rng(seed), len(targets)
    draws = [np.bincount(random.integers(count, size=count), minlength=count) for _ in range(repeats)]
    every = np.array([mean_precision(classes, times) for times in (np.ones(count, int), *draws)])
    return every[(every != NO_OBJECTS).all(1)]


def _intervals(precisions: np.ndarray, level: float) -> dict[str, Interval]:
    """The first row's value, low and high of the other rows, of (1 + repeats, T) numbers."""
    curves = {"AP": precisions.mean(1), "AP50": precisions[:, 0], "AP75": precisions[:, 5]}
    expect_draws(0, 1, level)
    ends = [(1 - level) / 2, (1 + level) / 2]
    found = {}
    for name, (whole, *drawn) in curves.items():
        low, high = np.quantile(drawn, ends)
        found[name] = (float(whole), float(low), float(high))
    return found


def hits(predictions: Iterable[Prediction], targets: list[Target], kind: str = "boxes") -> list[Hits]:
    """What `coco_metrics` decides about each detection, class by class, for objects of all sizes."""
    found, true = read_columns(predictions, targets, kind)
    labels = np.union1d(found.label, true.label)
    found_group, true_group = (image_and_class(objects, labels) for objects in (found, true))
    order = np.lexsort((-found.score, found_group))  # by image and class, best score first
    order = order[place_in_group(found_group[order]) < MAX_DETECTIONS]
    pairs = near_pairs(found, true, found_group, true_group, order)
    matched, on_crowd = match(pairs, found_group, true.crowd, true.crowd[:, None])  # (D, T, 1)
    order = order[np.argsort(-found.score[order], kind="stable")]
    classes = []
    for label in labels:
        rows = order[found.label[order] == label]
        right, counted = matched[rows, :, 0], ~on_crowd[rows, :, 0]
        owners = true.image[(true.label == label) & ~true.crowd]
        objects = np.bincount(owners, minlength=len(targets))
        classes.append(Hits(found.image[rows], right & counted, counted, objects))
    return classes


def mean_precision(classes: list[Hits], times: np.ndarray) -> np.ndarray:
    """AP at each threshold, the mean over the classes that have objects, when image i is there times[i] times."""
    precision = []
    for each in classes:
        num_objects = int(each.objects @ times)
        if num_objects:
            rows = np.repeat(np.arange(len(each.image)), times[each.image])
            precision.append([_average(each, rows, t, num_objects) for t in range(len(THRESHOLDS))])
    return np.mean(precision, 0) if precision else np.full(len(THRESHOLDS), NO_OBJECTS)


def _average(hits: Hits, rows: np.ndarray, t: int, num_objects: int) -> float:
    rows = rows[hits.counted[rows, t]]
    curve = precision_recall(hits.right[rows, t], num_objects)
    return precision_at(RECALLS["101-point"], *curve).mean()
