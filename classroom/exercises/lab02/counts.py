"""Lab 02, first part: in how many pictures the class, the box and both are right."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.pictures import answers_picture
from coursekit import ops

Counts = tuple[int, int, int]


def count_right(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    """How many pictures have the right class, the right box (IoU >= 0.5), and both: (N, 4), (N,), (N, 4), (N,)."""
    class_right = labels == true_labels
    box_right = ops.box_iou(predicted, true_boxes).diagonal() >= 0.5
    return class_right.sum().item(), box_right.sum().item(), (class_right & box_right).sum().item()


_HIT, _HALF, _MISS = (0, 0, 4, 4), (0, 0, 4, 2), (5, 5, 9, 9)


def _answers(found: tuple, labels: tuple, true_labels: tuple, true_boxes: tuple | None = None) -> tuple:
    true_boxes = (_HIT,) * len(found) if true_boxes is None else true_boxes
    return boxes(*found), torch.tensor(labels), boxes(*true_boxes), torch.tensor(true_labels)


COUNT_RIGHT = Exercise(
    count_right,
    picture=answers_picture,
    hints=(
        "For each picture there are two questions with the answer yes or no. Make two tensors of them.",
        "both = class right AND box right, picture by picture; then count.",
        "box_right = box_iou(predicted, true_boxes).diagonal() >= 0.5; and (class_right & box_right).sum().item().",
    ),
    cases=(
        Case("one picture, all right", _answers((_HIT,), (3,), (3,))),
        Case("the class only", _answers((_MISS,), (3,), (3,))),
        Case("IoU exactly one half", _answers((_HALF,), (3,), (3,))),
        Case("the box only", _answers((_HIT,), (1,), (3,))),
        Case(
            "each head right in other pictures",
            _answers((_HIT, _HIT, _MISS, _MISS), (1, 1, 3, 3), (3, 3, 3, 3)),
        ),
        Case("two boxes in each other's picture", _answers((_MISS, _HIT), (1, 2), (1, 2), (_HIT, _MISS))),
        Case("five pictures", _answers((_HIT, _HALF, _MISS, _HIT, _HIT), (1, 2, 3, 4, 5), (1, 2, 3, 1, 5))),
        Case("no picture", _answers((), (), ())),
    ),
)


@COUNT_RIGHT.wrong(
    "the product of the two rates",
    "That holds when the heads err independently; count the pictures in which both are right.",
)
def _product_of_rates(*answers: Tensor) -> Counts:
    classes, places, _ = count_right(*answers)
    return classes, places, round(classes * places / max(len(answers[0]), 1))


@COUNT_RIGHT.wrong("OR instead of AND", "Both means: the class and the box, in the same picture.")
def _either(*answers: Tensor) -> Counts:
    classes, places, both = count_right(*answers)
    return classes, places, classes + places - both


@COUNT_RIGHT.wrong("the smaller of the two counts", "The heads may be right in different pictures.")
def _smaller_count(*answers: Tensor) -> Counts:
    classes, places, _ = count_right(*answers)
    return classes, places, min(classes, places)


@COUNT_RIGHT.wrong(
    "a box that counts only with its class", "The second number asks for the box alone, whatever the class."
)
def _box_only_with_its_class(*answers: Tensor) -> Counts:
    classes, _, both = count_right(*answers)
    return classes, both, both


@COUNT_RIGHT.wrong("more than one half", "An IoU of exactly 0.5 is right here.")
def _more_than_half(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    class_right = labels == true_labels
    box_right = ops.box_iou(predicted, true_boxes).diagonal() > 0.5
    return class_right.sum().item(), box_right.sum().item(), (class_right & box_right).sum().item()


@COUNT_RIGHT.wrong("a box of any picture", "Prediction i belongs to picture i: take the diagonal.")
def _any_picture(predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Counts:
    class_right = labels == true_labels
    box_right = (ops.box_iou(predicted, true_boxes) >= 0.5).any(1)
    return class_right.sum().item(), box_right.sum().item(), (class_right & box_right).sum().item()


@COUNT_RIGHT.wrong("rates instead of counts", "Return three whole numbers, not shares.")
def _rates(*answers: Tensor) -> tuple[float, ...]:
    return tuple(count / max(len(answers[0]), 1) for count in count_right(*answers))


EXERCISES = (COUNT_RIGHT,)
