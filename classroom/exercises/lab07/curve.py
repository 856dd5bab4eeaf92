"""Lab 07, sections 2 and 3: precision and recall of a ranking, and three ways to make one number of them."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.pictures import precision_recall_picture, readings_picture
from coursekit.metrics.average_precision import RECALLS

Curve = tuple[Tensor, Tensor]


def precision_and_recall(right: Tensor, num_objects: int) -> Curve:
    """Precision and recall after the first, the second, ... detection: (D,) bool -> (D,), (D,) float64."""
    found = right.double().cumsum(0)
    return found / torch.arange(1, len(right) + 1), found / num_objects


def _right(marks: str) -> Tensor:
    return torch.tensor([mark == "r" for mark in marks], dtype=torch.bool)


PRECISION_AND_RECALL = Exercise(
    precision_and_recall,
    picture=precision_recall_picture,
    hints=(
        "After i detections: how many were right so far? Both numbers have that above the line.",
        "precision = right so far / detections so far; recall = right so far / objects.",
        "found = right.double().cumsum(0); torch.arange(1, len(right) + 1) counts the detections so far.",
    ),
    cases=(
        Case("one right detection of two objects", (_right("r"), 2)),
        Case("a wrong one first", (_right("wr"), 2)),
        Case("right, wrong, right", (_right("rwr"), 4)),
        Case("ten detections of seven objects", (_right("rrrwrwwrww"), 7)),
        Case("only wrong ones", (_right("ww"), 3)),
        Case("no detection", (_right(""), 3)),
    ),
)


@PRECISION_AND_RECALL.wrong(
    "precision of the whole list", "After the third detection there are three, not all of them."
)
def _of_all(right: Tensor, num_objects: int) -> Curve:
    found = right.double().cumsum(0)
    return found / max(len(right), 1), found / num_objects


@PRECISION_AND_RECALL.wrong(
    "recall divided by the detections", "Recall asks how many of the *objects* are found."
)
def _recall_of_detections(right: Tensor, num_objects: int) -> Curve:
    precision, _ = precision_and_recall(right, num_objects)
    return precision, right.double().cumsum(0) / max(len(right), 1)


@PRECISION_AND_RECALL.wrong(
    "recall of what was found", "Objects that nobody finds count as well, or the recall always ends at 1."
)
def _recall_of_the_found(right: Tensor, num_objects: int) -> Curve:
    return precision_and_recall(right, max(int(right.sum()), 1))


@PRECISION_AND_RECALL.wrong("each detection alone", "Count the right ones *so far*: a running sum.")
def _each_alone(right: Tensor, num_objects: int) -> Curve:
    return right.double(), right.double() / num_objects


@PRECISION_AND_RECALL.wrong("recall before precision", "Return precision first.")
def _exchanged(right: Tensor, num_objects: int) -> Curve:
    return precision_and_recall(right, num_objects)[::-1]


@PRECISION_AND_RECALL.wrong("places counted from 0", "After the first detection there is one detection.")
def _places_from_zero(right: Tensor, num_objects: int) -> Curve:
    found = right.double().cumsum(0)
    return found / torch.arange(len(right)).clamp(min=1), found / num_objects


def interpolated_precision(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """The best precision at each of `recalls` or beyond, 0 where it is not reached: (D,), (D,), (R,) -> (R,)."""
    best = [
        precision[recall >= r].amax() if (recall >= r).any() else precision.new_zeros(()) for r in recalls
    ]
    return torch.stack(best)


_ELEVEN, _HUNDRED = (torch.from_numpy(RECALLS[method]) for method in ("11-point", "101-point"))


def curve(marks: str, num_objects: int) -> Curve:
    """Precision and recall of a list such as "rwr", right and wrong, as float64.

    >>> curve("rw", 2)[0].tolist()
    [1.0, 0.5]
    """
    return precision_and_recall(_right(marks), num_objects)


def _at(*recalls: float) -> Tensor:
    return torch.tensor(recalls, dtype=torch.float64)


INTERPOLATED_PRECISION = Exercise(
    interpolated_precision,
    picture=readings_picture,
    hints=(
        "For one recall r: which points of the curve are at r or beyond?",
        "best precision of those with recall >= r; 0 when there is none.",
        "torch.stack([precision[recall >= r].amax() if (recall >= r).any() else precision.new_zeros(()) for r in recalls])",
    ),
    cases=(
        Case("one right detection of two", (*curve("r", 2), _at(0.0, 0.5, 1.0))),
        Case("wrong, right", (*curve("wr", 2), _at(0.0, 0.3, 0.5))),
        Case("right, wrong, right", (*curve("rwr", 2), _at(0.4, 0.5, 0.8))),
        Case("it rises again", (*curve("rwwrrr", 4), _at(0.2, 0.5, 0.6))),
        Case("ten detections at 11 recalls", (*curve("rrrwrwwrww", 7), _ELEVEN)),
        Case("ten detections at 101 recalls", (*curve("rrwrwwrrww", 8), _HUNDRED)),
        Case("no detection", (*curve("", 3), _ELEVEN)),
    ),
)


@INTERPOLATED_PRECISION.wrong(
    "a curve that is not interpolated",
    "Take the *best* precision at this recall or beyond: later ones may be higher.",
)
def _as_it_is(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    reached = torch.searchsorted(recall, recalls)  # the first that has this recall
    return torch.cat([precision, precision.new_zeros(1)])[reached]


@INTERPOLATED_PRECISION.wrong("the best precision before", "Look to the right: at this recall *or beyond*.")
def _best_before(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    before = [precision[recall <= r] for r in recalls]
    return torch.stack([part.amax() if len(part) else precision.new_zeros(()) for part in before])


@INTERPOLATED_PRECISION.wrong(
    "the last precision kept to the end", "A recall that the detector never reaches has precision 0."
)
def _keeps_the_last(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    values = interpolated_precision(precision, recall, recalls)
    last = precision[-1] if len(precision) else 0.0
    return torch.where(recalls > recall.amax() if len(recall) else recalls >= 0, last, values)


@INTERPOLATED_PRECISION.wrong("beyond only", "A point exactly at the recall counts as well.")
def _beyond_only(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    best = [precision[recall > r].amax() if (recall > r).any() else precision.new_zeros(()) for r in recalls]
    return torch.stack(best)


@INTERPOLATED_PRECISION.wrong("the best precision of all", "Only points at this recall or beyond count.")
def _best_of_all(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    best = precision.amax() if len(precision) else precision.new_zeros(())
    return torch.where((recall[:, None] >= recalls).any(0), best, 0.0)


def area_under_curve(precision: Tensor, recall: Tensor) -> float:
    """The area below the interpolated curve, a step at every point: (D,), (D,) -> float."""
    steps = recall.diff(prepend=recall.new_zeros(1))
    return (steps * interpolated_precision(precision, recall, recall)).sum().item() if len(recall) else 0.0


AREA_UNDER_CURVE = Exercise(
    area_under_curve,
    hints=(
        "The staircase is a row of rectangles. How wide is each, how high?",
        "sum over points: (recall - recall of the point before) * best precision there or beyond.",
        "steps = recall.diff(prepend=recall.new_zeros(1)); heights = interpolated_precision(precision, recall, recall)",
    ),
    cases=(
        Case("one right detection of two", curve("r", 2)),
        Case("wrong, right", curve("wr", 1)),
        Case("right, wrong, right", curve("rwr", 2)),
        Case("ten detections of seven objects", curve("rrrwrwwrww", 7)),
        Case("it rises again", curve("rwwrrr", 5)),
        Case("only wrong ones", curve("ww", 3)),
        Case("no detection", curve("", 3)),
    ),
)


@AREA_UNDER_CURVE.wrong(
    "a curve that is not interpolated",
    "Put the best precision at this recall or beyond in place of each precision first.",
)
def _area_as_it_is(precision: Tensor, recall: Tensor) -> float:
    return (recall.diff(prepend=recall.new_zeros(1)) * precision).sum().item()


@AREA_UNDER_CURVE.wrong("trapezoids", "The interpolated curve is a staircase: rectangles, not slopes.")
def _trapezoids(precision: Tensor, recall: Tensor) -> float:
    return torch.trapezoid(precision, recall).item()


@AREA_UNDER_CURVE.wrong("no first step", "The first step goes from recall 0 to the first point.")
def _without_the_first_step(precision: Tensor, recall: Tensor) -> float:
    if not len(recall):
        return 0.0
    return (recall.diff() * interpolated_precision(precision, recall, recall)[1:]).sum().item()


@AREA_UNDER_CURVE.wrong(
    "the mean over detections", "A detection counts by how far recall moves; a wrong one does not move it."
)
def _mean_of_points(precision: Tensor, recall: Tensor) -> float:
    return interpolated_precision(precision, recall, recall).mean().item() if len(recall) else 0.0


@AREA_UNDER_CURVE.wrong(
    "divided by the recall that is reached", "What is never found costs: the axis goes to 1."
)
def _divided_by_what_is_reached(precision: Tensor, recall: Tensor) -> float:
    area = area_under_curve(precision, recall)
    return area / recall[-1].item() if area else 0.0


EXERCISES = (PRECISION_AND_RECALL, INTERPOLATED_PRECISION, AREA_UNDER_CURVE)
