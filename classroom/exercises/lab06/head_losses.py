"""Lab 06, exercise 10: the two losses of the second stage."""

import torch

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.head_losses_mistakes import MISTAKES, count_of, head_losses
from classroom.exercises.lab06.pictures import numbers_picture
from classroom.exercises.mistakes import raises


def _head_case(labels: list[int], classes: int = 3, seed: int = 0) -> tuple:
    count = len(labels)
    logits, offsets = normal(count, classes + 1, seed=seed), normal(count, classes, 4, seed=seed + 1)
    return logits, offsets, torch.tensor(labels, dtype=torch.int64), normal(count, 4, seed=seed + 2)


HEAD_LOSSES = Exercise(
    head_losses,
    picture=numbers_picture,
    hints=(
        "All regions have a class. Which of them have a box, and which of the K boxes is it?",
        "Cross-entropy of all, summed, / R; smooth L1 (beta 1/9) between offsets[i, label - 1] and wanted[i] "
        "for labels > 0, summed, / R.",
        "found = labels > 0\n"
        "said = offsets[found, …]  # (P, 4): the box of each region's own class, counted from 0\n"
        "count = max(len(labels), 1)\n"
        'what = F.cross_entropy(logits, labels, reduction="sum")\n'
        'where = ops.smooth_l1_loss(said, wanted[found], reduction="sum", beta=1 / 9)\n'
        "return what / count, where / count",
    ),
    cases=(
        Case("one region on an object of class 2", _head_case([2])),
        Case("an object and background", _head_case([1, 0], seed=3)),
        Case("background alone", _head_case([0, 0])),
        Case("the last class", _head_case([3, 0, 0], seed=4)),
        Case("no region", _head_case([])),
        Case("the gradient", _head_case([0, 2, 0, 1, 3, 0, 0, 2], seed=6), gradient=(0, 1)),
    ),
)
HEAD_LOSSES.wrong_answers.extend(MISTAKES)
wrong = HEAD_LOSSES.wrong
# ---------------------------------------------------------------- the divisor


def _scaled(what, where):
    def function(logits, offsets, labels, wanted):
        losses = head_losses(logits, offsets, labels, wanted)
        return tuple(loss * factor(labels) for loss, factor in zip(losses, (what, where), strict=True))

    return function


def _same(labels):
    return 1.0


def _by_objects(labels):
    return count_of(labels) / max(int((labels > 0).sum()), 1)


def _by_nothing(labels):
    return 1.0 if len(labels) else torch.nan


def _nan_without_objects(labels):
    return _by_objects(labels) / 4 if (labels > 0).any() else torch.nan


_ALL = "Both losses have the same divisor: the number of all regions."
for _name, _story, _what, _where in (
    ("the box loss divided by the objects", _ALL, _same, _by_objects),
    ("both losses divided by the objects", _ALL, _by_objects, _by_objects),
    (
        "the mean over four numbers",
        "The losses of the four offsets are added up.",
        _same,
        lambda labels: 0.25,
    ),
    (
        "the box loss divided by four times the objects",
        f"{_ALL} The losses of the four offsets are added up.",
        _same,
        lambda labels: _by_objects(labels) / 4,
    ),
    (
        "the mean of the box loss, nan without objects",
        f"{_ALL} The losses of the four offsets are added up.",
        _same,
        _nan_without_objects,
    ),
    (
        "the means of both losses, nan of nothing",
        f"{_ALL} The losses of the four offsets are added up.",
        _by_nothing,
        _nan_without_objects,
    ),
    ("sums that are not divided", "Divide both by the number of regions.", count_of, count_of),
    ("a box loss that is not divided", "Divide both by the number of regions.", _same, count_of),
    ("a class loss that is not divided", "Divide both by the number of regions.", count_of, _same),
    (
        "nan without regions",
        "0 / 0 is nan, which spoils all weights: divide by at least 1.",
        _by_nothing,
        _by_nothing,
    ),
    (
        "a class loss of nan without regions",
        "The mean of nothing is nan: take the sum, and divide by at least 1.",
        _by_nothing,
        _same,
    ),
    (
        "a box loss of nan without regions",
        "0 / 0 is nan, which spoils all weights: divide by at least 1.",
        _same,
        _by_nothing,
    ),
):
    wrong(_name, _story)(_scaled(_what, _where))


# ---------------------------------------------------------------- what is returned


@wrong("the box loss first", "Return the class loss, then the box loss.")
def _order(logits, offsets, labels, wanted):
    return head_losses(logits, offsets, labels, wanted)[::-1]


@wrong("one sum", "Return both losses, a tuple of two.")
def _one_sum(logits, offsets, labels, wanted):
    return sum(head_losses(logits, offsets, labels, wanted))


@wrong(
    "no gradient", "A loss that is detached, or turned into a number by .item() or float(), trains nothing."
)
def _no_gradient(logits, offsets, labels, wanted):
    return head_losses(logits.detach(), offsets.detach(), labels, wanted)


@wrong(
    "no gradient of the class",
    "A loss that is detached, or turned into a number by .item() or float(), trains nothing.",
)
def _no_gradient_of_class(logits, offsets, labels, wanted):
    return head_losses(logits.detach(), offsets, labels, wanted)


@wrong(
    "no gradient of the boxes",
    "A loss that is detached, or turned into a number by .item() or float(), trains nothing.",
)
def _no_gradient_of_boxes(logits, offsets, labels, wanted):
    return head_losses(logits, offsets.detach(), labels, wanted)


raises(
    HEAD_LOSSES,
    "an error without regions",
    "Without regions both losses are 0: divide by at least 1.",
    lambda logits, offsets, labels, wanted: not len(labels),
    ZeroDivisionError,
    RuntimeError,
    IndexError,
    ValueError,
)

EXERCISES = (HEAD_LOSSES,)
