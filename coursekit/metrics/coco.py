"""COCO's twelve numbers, for boxes and for masks, over the whole data set at once.

The definition is that of the COCO API, and so are the numbers, ties and all. Its three loops, over images,
classes and thresholds, are gone: `coco_matching` lets all of them choose together.

Source: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312; cocodataset.org/#detection-eval.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from coursekit.metrics.average_precision import NO_OBJECTS, RECALLS, precision_at, precision_recall
from coursekit.metrics.coco_columns import image_and_class, read_columns
from coursekit.metrics.coco_matching import THRESHOLDS, match, near_pairs
from coursekit.metrics.groups import place_in_group
from coursekit.schema import Prediction, Target

KINDS = ("boxes", "masks")
AREAS = {"all": (0, 1e10), "small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e10)}  # pixels
MAX_DETECTIONS = (1, 10, 100)  # per image and class


class CocoCurves(NamedTuple):
    """What the twelve numbers are means of; -1 where a class has no object of that area."""

    labels: np.ndarray  # (K,) ascending: every label that a target or a prediction has
    precision: np.ndarray  # (10 thresholds, 101 recalls, K, 4 areas)
    recall: np.ndarray  # (10 thresholds, K, 4 areas, 3 limits of detections)


def coco_metrics(
    predictions: Iterable[Prediction], targets: Iterable[Target], kind: str = "boxes"
) -> dict[str, float]:
    """Return COCO's twelve numbers, in [0, 1]; -1 where there are no objects to find.

    AP is the mean over IoU thresholds 0.5, 0.55, ... 0.95; AP50 and AP75 are those of one threshold; APs, APm
    and APl those of objects below 32 x 32 pixels, between, and above 96 x 96. AR1, AR10 and AR100 are the
    recalls of that many detections per image and class.

    Args:
        predictions: boxes (D, 4), labels (D,) and scores (D,) in any order; at most 100 of a class count.
        targets: boxes (G, 4) and labels (G,), and where there are crowds `iscrowd` (G,). `area` (G,), in
            pixels, says how large an object is; without it its mask does, or its box.
        kind: "boxes", or "masks": (N, H, W) or (N, 1, H, W), above 0.5 is object, or a list of N run-length
            codes. From generators only the masks of one image are in memory at a time.
    Raises:
        ValueError: in one sentence, naming the image.
    Like pycocotools' `COCOeval`, to the last digits for boxes on whole and half pixels; of other boxes it rounds width and
    height once more, which can move an area across 32 x 32 or an IoU across a threshold. Equal scores count in the order
    of the lists. The 5,000
    images of COCO val with 100 boxes each need 0.2 GB besides the lists, the masks of 3,000 such images 1.9 GB.

    >>> import torch
    >>> target = {"boxes": torch.tensor([[0.0, 0, 40, 30]]), "labels": torch.tensor([1])}
    >>> prediction = {"boxes": torch.tensor([[0.0, 0, 40, 24]]), "labels": torch.tensor([1]), "scores": torch.ones(1)}
    >>> numbers = coco_metrics([prediction], [target])
    >>> [round(numbers[name], 2) for name in ("AP", "AP50", "APs", "APm", "AR1")]
    [0.7, 1.0, -1.0, 0.7, 0.7]
    """
    return coco_summary(coco_curves(predictions, targets, kind))


def coco_curves(
    predictions: Iterable[Prediction], targets: Iterable[Target], kind: str = "boxes"
) -> CocoCurves:
    """Return the curves of `coco_metrics`, for `coco_summary`, `coco_table` and drawings."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r} of COCO metrics: use one of {', '.join(KINDS)}.")
    found, true = read_columns(predictions, targets, kind)
    labels = np.union1d(found.label, true.label)
    found_group, true_group = (image_and_class(objects, labels) for objects in (found, true))
    order = np.lexsort((-found.score, found_group))  # by image and class, best score first
    place = place_in_group(found_group[order])
    order, place = order[place < MAX_DETECTIONS[-1]], place[place < MAX_DETECTIONS[-1]]

    ignored = true.crowd[:, None] | _is_outside(true.area)  # (G, A)
    pairs = near_pairs(found, true, found_group, true_group, order)
    matched, on_ignored = match(pairs, found_group, true.crowd, ignored)
    counted = ~np.where(matched, on_ignored, _is_outside(found.area)[:, None])  # (D, T, A)

    by_score = np.lexsort((place, found.image[order], -found.score[order], found.label[order]))
    order, place = order[by_score], place[by_score]
    first, last = (np.searchsorted(found.label[order], labels, side=side) for side in ("left", "right"))
    curves = empty_curves(labels)
    for k, label in enumerate(labels):
        rows, places = order[first[k] : last[k]], place[first[k] : last[k]]  # of all images, best score first
        num_objects = (~ignored[true.label == label]).sum(0)  # (A,)
        _fill(curves, k, matched[rows] & counted[rows], counted[rows], places, num_objects)
    return curves


def empty_curves(labels: np.ndarray) -> CocoCurves:
    """Return curves without ground truth: -1 everywhere."""
    shape = len(THRESHOLDS), len(RECALLS["101-point"]), len(labels), len(AREAS)
    precision = np.full(shape, NO_OBJECTS)
    recall = np.full((shape[0], *shape[2:], len(MAX_DETECTIONS)), NO_OBJECTS)
    return CocoCurves(labels, precision, recall)


def coco_summary(curves: CocoCurves) -> dict[str, float]:
    """Return the twelve numbers: means over everything that has ground truth.

    >>> coco_summary(empty_curves(np.array([1])))["AP"]
    -1.0
    """
    precision, recall = curves.precision, curves.recall
    numbers = {"AP": precision[..., 0], "AP50": precision[0, ..., 0], "AP75": precision[5, ..., 0]}
    numbers |= {f"AP{size}": precision[..., a] for a, size in enumerate("sml", 1)}
    numbers |= {f"AR{limit}": recall[..., 0, m] for m, limit in enumerate(MAX_DETECTIONS)}
    numbers |= {f"AR{size}": recall[..., a, -1] for a, size in enumerate("sml", 1)}
    return {name: _mean(values) for name, values in numbers.items()}


def coco_table(curves: CocoCurves, classes: Sequence[str] | None = None) -> dict[str | int, dict[str, float]]:
    """Return the twelve numbers of each class.

    Args:
        classes: names; label k is classes[k - 1]. Without them the keys are the labels.

    Raises:
        ValueError: a label without a name.

    >>> coco_table(empty_curves(np.array([2])), classes=("apple", "pear"))["pear"]["AP"]
    -1.0
    """
    labels = curves.labels.tolist()
    if classes is not None and not all(1 <= label <= len(classes) for label in labels):
        raise ValueError(
            f"there are {len(classes)} names for the labels {labels}: label k is classes[k - 1]."
        )
    names = labels if classes is None else [classes[label - 1] for label in labels]
    return {name: coco_summary(_of_class(curves, k)) for k, name in enumerate(names)}


def _is_outside(area: np.ndarray) -> np.ndarray:
    low, high = np.array(list(AREAS.values())).T
    return (area[:, None] < low) | (area[:, None] > high)  # (N, A): both ends belong to the range


def _fill(
    curves: CocoCurves,
    k: int,
    right: np.ndarray,
    counted: np.ndarray,
    places: np.ndarray,
    num_objects: np.ndarray,
) -> None:
    """Write the curves of class k from its detections, best score first: right, counted (D, T, A)."""
    recalls = RECALLS["101-point"]
    for a in np.flatnonzero(num_objects):
        for t in range(len(THRESHOLDS)):
            true_positives = right[counted[:, t, a], t, a]
            curve = precision_recall(true_positives, num_objects[a])
            curves.precision[t, :, k, a] = precision_at(recalls, *curve)
        for m, limit in enumerate(MAX_DETECTIONS):
            curves.recall[:, k, a, m] = right[places < limit, :, a].sum(0) / num_objects[a]


def _mean(values: np.ndarray) -> float:
    known = values[values != NO_OBJECTS]
    return float(known.mean()) if known.size else NO_OBJECTS


def _of_class(curves: CocoCurves, k: int) -> CocoCurves:
    one = slice(k, k + 1)
    return CocoCurves(curves.labels[one], curves.precision[:, :, one], curves.recall[:, one])
