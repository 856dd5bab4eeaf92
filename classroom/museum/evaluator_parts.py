"""An evaluator by loops whose parts can be exchanged, and wrong parts for it.

It gives the AP at IoU 0.5, the mean over the classes that have objects: COCO's AP50.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from coursekit import ops
from coursekit.metrics import coco_metrics, judge_detections, precision_at, precision_recall
from coursekit.metrics.average_precision import NO_OBJECTS, RECALLS
from coursekit.schema import Prediction, Target

HALF = 0.5  # the IoU from which on a detection may be right


def average_precision_50(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    """Return the AP at IoU 0.5, the mean over the classes that have objects; -1 when there is none.

    >>> import torch
    >>> target = {"boxes": torch.tensor([[0.0, 0, 9, 9]]), "labels": torch.tensor([1])}
    >>> average_precision_50([target | {"scores": torch.ones(1)}], [target])
    1.0
    """
    return coco_metrics(predictions, targets)["AP50"]


# ---------------------------------------------------------------- matching: which detections are right


def match_free(iou: Tensor) -> list[bool]:
    """Each detection, best first, takes the free object that it overlaps most. The right way. (D, G) -> D"""
    free, right = [True] * iou.shape[1], []
    for row in iou.tolist():
        near = [j for j, overlap in enumerate(row) if free[j] and overlap >= HALF]
        if near:
            free[max(near, key=lambda j: (row[j], j))] = False
        right.append(bool(near))
    return right


def match_without_taking(iou: Tensor) -> list[bool]:
    return (iou >= HALF).any(1).tolist()


def match_best_or_nothing(iou: Tensor) -> list[bool]:
    taken, right = [False] * iou.shape[1], []
    for row in iou.tolist():
        overlap, best = max((overlap, j) for j, overlap in enumerate([*row, 0.0]))
        right.append(overlap >= HALF and not taken[best])
        if right[-1]:
            taken[best] = True
    return right


def match_by_overlap(iou: Tensor) -> list[bool]:
    right = [False] * len(iou)
    for column in iou.T.tolist():
        free = [i for i, overlap in enumerate(column) if overlap >= HALF and not right[i]]
        if free:
            right[max(free, key=lambda i: column[i])] = True
    return right


# ---------------------------------------------------------------- the order in which detections count


def best_first(scores: Tensor) -> Tensor:
    return scores.argsort(descending=True, stable=True)


def worst_first(scores: Tensor) -> Tensor:
    return scores.argsort(stable=True)


def as_they_come(scores: Tensor) -> Tensor:
    return torch.arange(len(scores))


# ---------------------------------------------------------------- the number that sums up the curve


def interpolated(right: list[bool], num_objects: int) -> float:
    """The mean over 101 recalls of the best precision at each recall or beyond. The right way."""
    return _mean_precision(*precision_recall(right, num_objects)) if num_objects else NO_OBJECTS


def recall_of_detections(right: list[bool], num_objects: int) -> float:
    return interpolated(right, len(right)) if right else 0.0


def recall_of_the_found(right: list[bool], num_objects: int) -> float:
    return interpolated(right, sum(right)) if sum(right) else 0.0


def recall_up_to_one(right: list[bool], num_objects: int) -> float:
    """For matchings that find an object twice: recall would rise above 1."""
    found, place = np.cumsum(right), np.arange(1, len(right) + 1)
    return _mean_precision(found / place, np.minimum(found / num_objects, 1))


def not_interpolated(right: list[bool], num_objects: int) -> float:
    precision, recall = precision_recall(right, num_objects)
    reached = np.searchsorted(recall, RECALLS["101-point"])
    return float(np.append(precision, 0.0)[reached].mean())


def _mean_precision(precision: np.ndarray, recall: np.ndarray) -> float:
    return float(precision_at(RECALLS["101-point"], precision, recall).mean())


# ---------------------------------------------------------------- the evaluator


def evaluate_by_loops(
    predictions: Sequence[Prediction],
    targets: Sequence[Target],
    iou: Callable[[Tensor, Tensor], Tensor] = ops.box_iou,
    match: Callable[[Tensor], list[bool]] = match_free,
    order_of_image: Callable[[Tensor], Tensor] = best_first,
    order_of_all: Callable[[Tensor], Tensor] = best_first,
    summary: Callable[[list[bool], int], float] = interpolated,
    classes_of: Callable[[Sequence, Sequence], set[int]] = lambda predictions, targets: labels_in(targets),
) -> float:
    """Return the same as `average_precision_50`, when every part is the right one."""
    rows = list(_without_crowds(predictions, targets))
    aps = []
    for label in sorted(classes_of(*zip(*rows, strict=True)) if rows else []):
        right, scores, num_objects = [], [], 0
        for prediction, target in rows:
            found, true = _of_class(prediction, label), _of_class(target, label)
            order = order_of_image(found["scores"])
            right += match(iou(found["boxes"][order].double(), true["boxes"].double()))
            scores += found["scores"][order].tolist()
            num_objects += len(true["boxes"])
        ranking = order_of_all(torch.tensor(scores, dtype=torch.float64)).tolist()
        aps.append(summary([right[i] for i in ranking], num_objects))
    return float(np.mean(aps)) if aps else NO_OBJECTS


def labels_in(rows: Sequence[Prediction] | Sequence[Target]) -> set[int]:
    return {label for row in rows for label in row["labels"].tolist()}


def _without_crowds(predictions: Sequence[Prediction], targets: Sequence[Target]):
    """The images without what does not count: crowds, and detections that lie in one."""
    judged = judge_detections(predictions, targets)
    for i, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        counts = torch.from_numpy(judged.kind[judged.found.image == i] != "not counted")
        is_object = torch.from_numpy(~judged.true.crowd[judged.true.image == i])
        found = {key: prediction[key][counts] for key in ("boxes", "labels", "scores")}
        yield found, {key: target[key][is_object] for key in ("boxes", "labels")}


def _of_class(row: dict, label: int) -> dict:
    return {key: value[row["labels"] == label] for key, value in row.items()}
