"""Lab 02, exercise 1: in how many images the class, the box and both are right."""

from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.pictures import Picture, answers_picture
from coursekit import ops

Counts = tuple[int, int, int]
PLAIN, COUNTS = (
    "the result is three plain numbers, as .item() makes them",
    "the counts of class, box and both",
)


def count_right(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    """How many images have the right class, the right box (IoU >= 0.5), and both: (N, 4), (N,), (N, 4), (N,)."""
    class_right = labels == true_labels
    box_right = ops.box_iou(predicted, true_boxes).diagonal() >= 0.5
    return class_right.sum().item(), box_right.sum().item(), (class_right & box_right).sum().item()


def _judge(arguments: tuple, value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    return {PLAIN: not any(isinstance(count, Tensor) for count in value), COUNTS: tuple(value)}


def _picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    return answers_picture(arguments, got[COUNTS], wanted[COUNTS])


_HIT, _HALF, _MISS = (0, 0, 4, 4), (0, 0, 4, 2), (5, 5, 9, 9)
_GOOD, _FAIR, _POOR = (0, 0, 4, 3), (0, 0, 4, 2.4), (0, 0, 4, 1.2)  # IoU 0.75, 0.6 and 0.3 with _HIT


def _answers(found: tuple, labels: tuple, true_labels: tuple, true_boxes: tuple | None = None) -> tuple:
    true_boxes = (_HIT,) * len(found) if true_boxes is None else true_boxes
    return boxes(*found), torch.tensor(labels), boxes(*true_boxes), torch.tensor(true_labels)


COUNT_RIGHT = Exercise(
    count_right,
    picture=_picture,
    judge=_judge,
    hints=(
        "Each image asks two yes-or-no questions. Store the answers in two tensors.",
        "both = class right AND box right, image by image; then count.",
        "box_right = ops.box_iou(predicted, true_boxes).diagonal() >= 0.5; and (class_right & box_right).sum().item().",
    ),
    cases=(
        Case("one image, all right", _answers((_HIT,), (3,), (3,))),
        Case("the class only", _answers((_MISS,), (3,), (3,))),
        Case("IoU exactly one half", _answers((_HALF,), (3,), (3,))),
        Case("an IoU of 0.6", _answers((_FAIR,), (3,), (3,))),
        Case("the box only", _answers((_HIT,), (1,), (3,))),
        Case(
            "each head right in different images",
            _answers((_HIT, _HIT, _MISS, _MISS), (1, 1, 3, 3), (3, 3, 3, 3)),
        ),
        Case("two boxes in each other's image", _answers((_MISS, _HIT), (1, 2), (1, 2), (_HIT, _MISS))),
        Case("two labels in each other's image", _answers((_HIT, _HIT), (1, 2), (2, 1))),
        Case(
            "six images",
            _answers((_HIT, _GOOD, _MISS, _POOR, _HIT, _FAIR), (1, 2, 3, 4, 5, 4), (1, 2, 3, 6, 6, 5)),
        ),
    ),
)

_wrong = COUNT_RIGHT.wrong


def _masks(
    predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> tuple[Tensor, Tensor]:
    """Whether the class of each image is right, (N,), and the IoU of its box, (N,)."""
    return labels == true_labels, ops.paired_box_iou(predicted, true_boxes)


def _counts(class_right: Tensor, box_right: Tensor) -> Counts:
    return class_right.sum().item(), box_right.sum().item(), (class_right & box_right).sum().item()


@_wrong("tensors instead of plain numbers", "The counts are right; .item() takes each out of its tensor.")
def _tensors(*answers: Tensor) -> tuple[Tensor, ...]:
    return tuple(map(torch.tensor, count_right(*answers)))


@_wrong(
    "the product of the two rates",
    "That only holds if the heads err independently; count the images in which both are right.",
)
def _product_of_rates(*answers: Tensor) -> Counts:
    classes, places, _ = count_right(*answers)
    return classes, places, round(classes * places / len(answers[0]))


@_wrong("OR instead of AND", "“Both” means the class and the box, in the same image.")
def _either(*answers: Tensor) -> Counts:
    classes, places, both = count_right(*answers)
    return classes, places, classes + places - both


@_wrong("the sum of the two counts", "“Both” means the class and the box, in the same image.")
def _sum_of_counts(*answers: Tensor) -> Counts:
    classes, places, _ = count_right(*answers)
    return classes, places, classes + places


@_wrong("the smaller of the two counts", "The heads may be right in different images.")
def _smaller_count(*answers: Tensor) -> Counts:
    classes, places, _ = count_right(*answers)
    return classes, places, min(classes, places)


@_wrong("the larger of the two counts", "“Both” means the class and the box, in the same image.")
def _larger_count(*answers: Tensor) -> Counts:
    classes, places, _ = count_right(*answers)
    return classes, places, max(classes, places)


@_wrong(
    "counting images in which both are right or both wrong", "Two wrong predictions agree too: use &, not ==."
)
def _both_the_same(*answers: Tensor) -> Counts:
    class_right, iou = _masks(*answers)
    return (*_counts(class_right, iou >= 0.5)[:2], (class_right == (iou >= 0.5)).sum().item())


@_wrong(
    "a box that counts only with its class", "The second number is about the box alone, whatever the class."
)
def _box_only_with_its_class(*answers: Tensor) -> Counts:
    classes, _, both = count_right(*answers)
    return classes, both, both


@_wrong(
    "a class that counts only with its box", "The first number is about the class alone, wherever the box is."
)
def _class_only_with_its_box(*answers: Tensor) -> Counts:
    _, places, both = count_right(*answers)
    return both, places, both


@_wrong("box first, then class", "The order is class, box, both.")
def _box_first(*answers: Tensor) -> Counts:
    classes, places, both = count_right(*answers)
    return places, classes, both


@_wrong("both first", "The order is class, box, both.")
def _both_first(*answers: Tensor) -> Counts:
    classes, places, both = count_right(*answers)
    return both, classes, places


@_wrong("mistakes instead of right answers", "Count the images that are right.")
def _mistakes(*answers: Tensor) -> Counts:
    return tuple(len(answers[0]) - count for count in count_right(*answers))


@_wrong("more than one half", "An IoU of exactly 0.5 is right here.")
def _more_than_half(*answers: Tensor) -> Counts:
    class_right, iou = _masks(*answers)
    return _counts(class_right, iou > 0.5)


@_wrong("a threshold of 0.75", "A box is right if its IoU is at least 0.5.")
def _strict(*answers: Tensor) -> Counts:
    class_right, iou = _masks(*answers)
    return _counts(class_right, iou >= 0.75)


@_wrong(
    "only boxes that are exactly right",
    "A box is right if its IoU is at least 0.5; its numbers need not be equal.",
)
def _equal_boxes(*answers: Tensor) -> Counts:
    class_right, iou = _masks(*answers)
    return _counts(class_right, iou == 1)


@_wrong("any overlap", "A box is right if its IoU is at least 0.5.")
def _any_overlap(*answers: Tensor) -> Counts:
    class_right, iou = _masks(*answers)
    return _counts(class_right, iou > 0)


@_wrong("the mean IoU instead of each box", "Compare each IoU with 0.5, not their mean.")
def _mean_iou(*answers: Tensor) -> Counts:
    class_right, iou = _masks(*answers)
    return _counts(class_right, (iou.mean() >= 0.5).expand_as(iou))


@_wrong("a box of any image", "Prediction i belongs to image i: take the diagonal.")
def _any_picture(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    return _counts(labels == true_labels, (ops.box_iou(predicted, true_boxes) >= 0.5).any(1))


@_wrong("all pairs of boxes", "Prediction i belongs to image i: count on the diagonal of the (N, N) table.")
def _all_boxes(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    class_right, table = labels == true_labels, ops.box_iou(predicted, true_boxes) >= 0.5
    return class_right.sum().item(), table.sum().item(), (class_right & table.diagonal()).sum().item()


@_wrong(
    "all pairs of boxes, in the last count too",
    "Prediction i belongs to image i: use the diagonal of the (N, N) table.",
)
def _all_boxes_twice(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    class_right, table = labels == true_labels, ops.box_iou(predicted, true_boxes) >= 0.5
    return class_right.sum().item(), table.sum().item(), (class_right & table).sum().item()


@_wrong("all pairs of labels", "Label i belongs to image i: compare labels == true_labels, row by row.")
def _all_labels(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    return _counts(labels[:, None] == true_labels, ops.paired_box_iou(predicted, true_boxes) >= 0.5)


@_wrong("a label of any image", "Label i belongs to image i: compare labels == true_labels, row by row.")
def _any_label(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    return _counts(torch.isin(labels, true_labels), ops.paired_box_iou(predicted, true_boxes) >= 0.5)


@_wrong("rates instead of counts", "Return three whole numbers, not fractions.")
def _rates(*answers: Tensor) -> tuple[float, ...]:
    return tuple(count / len(answers[0]) for count in count_right(*answers))


@_wrong("percentages instead of counts", "Return three whole numbers of images.")
def _percentages(*answers: Tensor) -> tuple[float, ...]:
    return tuple(100 * count / len(answers[0]) for count in count_right(*answers))


EXERCISES = (COUNT_RIGHT,)
