"""Where the average precision is lost: every detection that is wrong and every object that is missed, by its cause.

Source: Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", ECCV 2020, section 2,
arXiv:2008.08115.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np

from coursekit.metrics.average_precision import NO_OBJECTS, average_precision
from coursekit.metrics.coco import MAX_DETECTIONS
from coursekit.metrics.coco_columns import Objects, image_and_class, read_columns
from coursekit.metrics.coco_matching import near_pairs
from coursekit.metrics.groups import place_in_group
from coursekit.schema import Prediction, Target

FOREGROUND, BACKGROUND = 0.5, 0.1  # IoU from which on a box lies on an object, and below which on none
CORRECTED = ("classification", "localisation")  # fixing makes these right; the other detections go
ERRORS = (*CORRECTED, "both", "duplicate", "background", "missed")


class ErrorBudget(NamedTuple):
    """The average precision at IoU 0.5, and what each kind of error takes away from it."""

    ap: float
    counts: dict[str, int]  # of "right" detections and of each of ERRORS
    gains: dict[str, float]  # of each of ERRORS: how much the AP would rise if there were none of that kind


class Judged(NamedTuple):
    """The verdict on every detection and every true object, in the order of the images and in them."""

    found: Objects  # D detections
    true: Objects  # G objects
    kind: np.ndarray  # (D,) "right", "not counted", or one of ERRORS but "missed"
    object: np.ndarray  # (D,) the object that it found, doubled, or would find if it were fixed; else -1
    missed: np.ndarray  # (G,) bool: neither found, nor would it be if classes and boxes were fixed


def error_budget(
    predictions: Iterable[Prediction], targets: Iterable[Target], kind: str = "boxes"
) -> ErrorBudget:
    """Return how many errors of each kind there are, and the gain in AP at IoU 0.5 from fixing each kind.

    The gains do not add up to what is missing from 1: fixing one kind makes another one smaller or larger.

    Args:
        predictions, targets, kind: as for `coco_metrics`, whose AP50 is `ap`.
    Raises:
        ValueError: as `coco_metrics`.
    Source: Bolya et al., section 2.3. Like `tidecv`, but classes without objects do not count, 100 detections
        of each class and image do, and a fixed detection replaces a weaker one of its object, as in the paper.
        The 5,000 images of COCO val with 100 boxes each need 0.6 GB besides the lists.

    >>> import torch
    >>> target = {"boxes": torch.tensor([[0.0, 0, 9, 9]]), "labels": torch.tensor([1])}
    >>> wrong_class = {"boxes": target["boxes"], "labels": torch.tensor([2]), "scores": torch.ones(1)}
    >>> budget = error_budget([wrong_class], [target])
    >>> budget.ap, budget.counts["classification"], budget.gains["classification"]
    (0.0, 1, 1.0)
    """
    judged = judge_detections(predictions, targets, kind)
    counts = {name: int((judged.kind == name).sum()) for name in ("right", *ERRORS)}
    counts["missed"] = int(judged.missed.sum())
    ap = ap_when_fixed(judged)
    return ErrorBudget(ap, counts, {name: ap_when_fixed(judged, [name]) - ap for name in ERRORS})


def judge_detections(
    predictions: Iterable[Prediction], targets: Iterable[Target], kind: str = "boxes"
) -> Judged:
    """Return the kind of every detection: the first of these that applies.

    right: it takes an object of its class with IoU >= 0.5 that no better detection took, as in COCO's matching.
    localisation: its best IoU with an object of its class lies in [0.1, 0.5).
    classification: its IoU with an object of another class is 0.5 or more.
    duplicate: its IoU with an object of its class is 0.5 or more, but that one is taken.
    both: its best IoU with an object of another class lies in [0.1, 0.5).
    background: its IoU with every object is below 0.1.

    Not counted are detections in a crowd of their class and those after the best 100 of a class in an image;
    crowds do not count as objects.
    """
    found, true = read_columns(predictions, targets, kind)
    order = _counted(found)
    d, g, iou = near_pairs(found, true, found.image, true.image, order, BACKGROUND)
    same, crowd = found.label[d] == true.label[g], true.crowd[g]
    taken = _take(d, g, iou, same & (iou >= FOREGROUND), true.crowd, len(found.label))
    own_iou, own = _best(d, g, iou, same & ~crowd, len(found.label))
    other_iou, other = _best(d, g, iou, ~same & ~crowd, len(found.label))
    in_crowd = np.append(true.crowd, False)[taken]  # -1, nothing taken, reads the last
    outcomes = {
        "not counted": ~np.isin(np.arange(len(taken)), order) | in_crowd,
        "right": taken >= 0,
        "localisation": (own_iou >= BACKGROUND) & (own_iou < FOREGROUND),
        "classification": other_iou >= FOREGROUND,
        "duplicate": own_iou >= FOREGROUND,
        "both": other_iou >= BACKGROUND,
    }
    kinds = np.select(list(outcomes.values()), list(outcomes), "background")
    objects = {"right": taken, "localisation": own, "duplicate": own, "classification": other}
    object = np.select([kinds == name for name in objects], list(objects.values()), -1)
    missed = ~true.crowd
    missed[object[np.isin(kinds, ("right", *CORRECTED))]] = False
    return Judged(found, true, kinds, object, missed)


def ap_when_fixed(judged: Judged, fixed: Collection[str] = ()) -> float:
    """Return the AP at IoU 0.5 if there were no errors of some kinds; without kinds, as it is.

    A wrong class or place is put right; of several right detections of an object only the best stays. All other
    wrong detections go, and missed objects are not counted.

    Args:
        fixed: some of ERRORS.

    >>> ap_when_fixed(judge_detections([], []))
    -1.0
    """
    found, true, kind, object, missed = judged
    is_right = (kind == "right") | np.isin(kind, [name for name in CORRECTED if name in fixed])
    gone = ["not counted", *(name for name in fixed if name not in CORRECTED)]
    label = found.label.copy()
    label[is_right] = true.label[object[is_right]]
    order = np.lexsort((-found.score, label))  # class after class, best score first
    order = order[is_right[order] | ~np.isin(kind[order], gone)]
    order = order[~is_right[order] | _is_first(np.where(is_right, object, -1)[order])]
    sought = ~true.crowd & ~(missed & ("missed" in fixed))  # (G,)
    classes = np.unique(true.label[~true.crowd])
    first, last = (np.searchsorted(label[order], classes, side=side) for side in ("left", "right"))
    aps = [
        _average_precision(is_right[order[first[k] : last[k]]], (true.label[sought] == classes[k]).sum())
        for k in range(len(classes))
    ]
    return float(np.mean(aps)) if aps else NO_OBJECTS


def pooled_ranking(judged: Judged) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores, falling, of all detections that count, whatever their class and image, and which are right.

    Shapes: -> (D,) float, (D,) bool.
    """
    counted = judged.kind != "not counted"
    ranking = np.flatnonzero(counted)[np.argsort(-judged.found.score[counted], kind="stable")]
    return judged.found.score[ranking], judged.kind[ranking] == "right"


def _counted(found: Objects) -> np.ndarray:
    """The detections that count, image after image, best score first."""
    group = image_and_class(found, np.unique(found.label))
    order = np.lexsort((-found.score, group))
    counted = order[place_in_group(group[order]) < MAX_DETECTIONS[-1]]
    counted.sort()
    return counted[np.lexsort((-found.score[counted], found.image[counted]))]


def _take(
    d: np.ndarray, g: np.ndarray, iou: np.ndarray, possible: np.ndarray, crowd: np.ndarray, count: int
) -> np.ndarray:
    """The object that each of `count` detections takes, or -1: the free one of highest IoU, then a crowd."""
    d, g, iou = d[possible], g[possible], iou[possible]
    turn = np.cumsum(np.diff(d, prepend=-1) != 0)  # the pairs of one detection stand together, the best first
    by_choice = np.lexsort((-g, -iou, crowd[g], turn))  # of equal IoUs the last object, as in COCO's loop
    taken, is_free = np.full(count, -1), np.ones(len(crowd), bool)
    for detection, object in zip(d[by_choice].tolist(), g[by_choice].tolist(), strict=True):
        if taken[detection] < 0 and is_free[object]:
            taken[detection] = object
            is_free[object] = crowd[object]
    return taken


def _best(
    d: np.ndarray, g: np.ndarray, iou: np.ndarray, possible: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The highest IoU of each of `count` detections, 0 without a pair, and the object it has it with, or -1."""
    d, g, iou = d[possible], g[possible], iou[possible]
    rising = np.argsort(iou, kind="stable")
    best_iou, best = np.zeros(count), np.full(count, -1)
    best_iou[d[rising]], best[d[rising]] = (
        iou[rising],
        g[rising],
    )  # the last that is written stays: the highest
    return best_iou, best


def _is_first(values: np.ndarray) -> np.ndarray:
    """Whether no earlier element has the same value: (N,) bool."""
    first = np.zeros(len(values), bool)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def _average_precision(right: np.ndarray, num_objects: int) -> float:
    """As `average_precision`; when every object of a class is fixed away, 1 if nothing wrong is left."""
    return average_precision(right, num_objects) if num_objects else float(not len(right))
