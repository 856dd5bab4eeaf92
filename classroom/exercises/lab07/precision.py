"""Lab 07, section 2: precision and recall of a ranking."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.pictures import precision_recall_picture

Curve = tuple[Tensor, Tensor]


def precision_and_recall(right: Tensor, num_objects: int) -> Curve:
    """Precision and recall after the first, the second, ... detection: (D,) bool -> (D,), (D,) float64."""
    found = right.double().cumsum(0)
    return found / torch.arange(1, len(right) + 1), found / num_objects


def marked(marks: str) -> Tensor:
    """Which detections are right, from a list such as "rwr": (D,) bool."""
    return torch.tensor([mark == "r" for mark in marks], dtype=torch.bool)


def curve(marks: str, num_objects: int) -> Curve:
    """Precision and recall of a list such as "rwr", right and wrong, as float64.

    >>> curve("rw", 2)[0].tolist()
    [1.0, 0.5]
    """
    return precision_and_recall(marked(marks), num_objects)


PRECISION_AND_RECALL = Exercise(
    precision_and_recall,
    picture=precision_recall_picture,
    tolerance=1e-10,  # the averages are compared to the last digits
    hints=(
        "After i detections, how many were right so far? That is the numerator of both numbers.",
        "precision = right so far / detections so far; recall = right so far / objects.",
        "found = right.double().cumsum(0)  # right ones among the first 1, 2, 3, …\n"
        "return found / …, found / num_objects",
    ),
    cases=(
        Case("one right detection of two objects", (marked("r"), 2)),
        Case("a wrong one first", (marked("wr"), 2)),
        Case("right, wrong, right", (marked("rwr"), 4)),
        Case("ten detections of seven objects", (marked("rrrwrwwrww"), 7)),
        Case("only wrong ones", (marked("ww"), 3)),
        Case("no detections", (marked(""), 3)),
    ),
)


def _counts(right: Tensor) -> Curve:
    return right.double().cumsum(0), torch.arange(1, len(right) + 1).double()


@PRECISION_AND_RECALL.wrong(
    "precision of the whole list",
    "After the third detection, divide by three, not by the number of all detections.",
)
def _of_all(right: Tensor, num_objects: int) -> Curve:
    found, _ = _counts(right)
    return found / max(len(right), 1), found / num_objects


@PRECISION_AND_RECALL.wrong(
    "recall divided by the number of detections", "Recall is the share of the *objects* that are found."
)
def _recall_of_detections(right: Tensor, num_objects: int) -> Curve:
    precision, _ = precision_and_recall(right, num_objects)
    return precision, right.double().cumsum(0) / max(len(right), 1)


@PRECISION_AND_RECALL.wrong(
    "recall equal to precision",
    "Recall is the share of the *objects* that are found: divide by their number.",
)
def _twice_precision(right: Tensor, num_objects: int) -> Curve:
    precision, _ = precision_and_recall(right, num_objects)
    return precision, precision


@PRECISION_AND_RECALL.wrong(
    "recall of what was found",
    "Objects that are never found count as well; otherwise recall would always end at 1.",
)
def _recall_of_the_found(right: Tensor, num_objects: int) -> Curve:
    return precision_and_recall(right, max(int(right.sum()), 1))


@PRECISION_AND_RECALL.wrong("each detection alone", "Count the right ones *so far*: a running sum.")
def _each_alone(right: Tensor, num_objects: int) -> Curve:
    return right.double(), right.double() / num_objects


@PRECISION_AND_RECALL.wrong("recall before precision", "Return precision first.")
def _exchanged(right: Tensor, num_objects: int) -> Curve:
    return precision_and_recall(right, num_objects)[::-1]


@PRECISION_AND_RECALL.wrong(
    "wrong detections counted instead of right ones",
    "The numerator of both numbers is the number of *right* detections.",
)
def _counts_the_wrong(right: Tensor, num_objects: int) -> Curve:
    return precision_and_recall(~right, num_objects)


@PRECISION_AND_RECALL.wrong("places counted from 0", "After the first detection there is one detection.")
def _places_from_zero(right: Tensor, num_objects: int) -> Curve:
    found, _ = _counts(right)
    return found / torch.arange(len(right)).clamp(min=1), found / num_objects


@PRECISION_AND_RECALL.wrong(
    "divided by the detections before", "After the first detection there is one detection, not none."
)
def _division_by_zero(right: Tensor, num_objects: int) -> Curve:
    found, places = _counts(right)
    return found / (places - 1), found / num_objects


@PRECISION_AND_RECALL.wrong(
    "each detection missing from its own count",
    "The right ones *so far* include the detection itself: do not count only those before it.",
)
def _one_behind(right: Tensor, num_objects: int) -> Curve:
    found, places = _counts(right)
    return (found - right.double()) / places, (found - right.double()) / num_objects


@PRECISION_AND_RECALL.wrong(
    "the staircase already", "Precision may rise again: the staircase comes in the next exercise."
)
def _staircase(right: Tensor, num_objects: int) -> Curve:
    precision, recall = precision_and_recall(right, num_objects)
    return (precision.flip(0).cummax(0).values.flip(0) if len(right) else precision), recall


@PRECISION_AND_RECALL.wrong(
    "a point before the first detection, with precision 1",
    "There is one point after each detection: D of them, not D + 1.",
)
def _starts_at_nothing(right: Tensor, num_objects: int) -> Curve:
    precision, recall = precision_and_recall(right, num_objects)
    return torch.cat([precision.new_ones(1), precision]), torch.cat([recall.new_zeros(1), recall])


@PRECISION_AND_RECALL.wrong(
    "a point before the first detection, with precision 0",
    "There is one point after each detection: D of them, not D + 1.",
)
def _starts_at_zero(right: Tensor, num_objects: int) -> Curve:
    return tuple(torch.cat([each.new_zeros(1), each]) for each in precision_and_recall(right, num_objects))


@PRECISION_AND_RECALL.wrong(
    "points after right detections only",
    "A wrong detection is a point of the curve as well: precision falls there.",
)
def _at_right_ones(right: Tensor, num_objects: int) -> Curve:
    return tuple(each[right] for each in precision_and_recall(right, num_objects))


@PRECISION_AND_RECALL.wrong(
    "one pair of numbers for the whole list", "Return both numbers after *each* detection: two (D,) tensors."
)
def _only_the_end(right: Tensor, num_objects: int) -> Curve:
    return right.double().sum() / max(len(right), 1), right.double().sum() / num_objects


@PRECISION_AND_RECALL.wrong(
    "counted from the end of the list", "Start with the best score, the first in the list."
)
def _from_the_end(right: Tensor, num_objects: int) -> Curve:
    return tuple(each.flip(0) for each in precision_and_recall(right.flip(0), num_objects))


@PRECISION_AND_RECALL.wrong(
    "nothing counted after the first mistake", "A wrong detection does not end the list: keep counting."
)
def _until_the_first_mistake(right: Tensor, num_objects: int) -> Curve:
    found, places = right.double().cumprod(0).cumsum(0), _counts(right)[1]
    return found / places, found / num_objects


@PRECISION_AND_RECALL.wrong("whole-number division", "/ gives shares, // rounds them down to whole numbers.")
def _whole_numbers(right: Tensor, num_objects: int) -> Curve:
    found, places = _counts(right)
    return found // places, found // num_objects


@PRECISION_AND_RECALL.wrong(
    "float32 instead of float64", "PyTorch divides integers in float32: call .double() before dividing."
)
def _single(right: Tensor, num_objects: int) -> Curve:
    found = right.cumsum(0)
    return found / torch.arange(1, len(right) + 1), found / num_objects


@PRECISION_AND_RECALL.wrong(
    "converted to float64 too late",
    "Digits lost by a division in float32 do not come back: call .double() before dividing.",
)
def _converted_too_late(right: Tensor, num_objects: int) -> Curve:
    return tuple(each.double() for each in _single(right, num_objects))


EXERCISES = (PRECISION_AND_RECALL,)
