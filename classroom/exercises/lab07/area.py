"""Lab 07, section 3: the area under the staircase."""

import torch
from torch import Tensor

from classroom.exercises.cases import judge_number
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.precision import curve
from classroom.exercises.lab07.staircase import ELEVEN, HUNDRED, interpolated_precision


def area_under_curve(precision: Tensor, recall: Tensor) -> float:
    """The area under the interpolated curve, a step at every point: (D,), (D,) -> float."""
    return float((_heights(precision, recall) * _widths(recall)).sum())


def _heights(precision: Tensor, recall: Tensor) -> Tensor:
    return interpolated_precision(precision, recall, recall) if len(recall) else recall


def _widths(recall: Tensor) -> Tensor:
    return recall.diff(prepend=recall.new_zeros(1))


AREA_UNDER_CURVE = Exercise(
    area_under_curve,
    judge=judge_number,
    tolerance=1e-10,  # it is compared with the library's to the last digits
    hints=(
        "The staircase is a row of rectangles. How wide is each of them, and how high?",
        "sum over points: (recall - recall of the previous point) * best precision there or beyond.",
        "widths = recall.diff(prepend=recall.new_zeros(1))\n"
        "heights = interpolated_precision(precision, recall, …)  # at which recalls?\n"
        "return (widths * heights).sum().item()  # and without detections?",
    ),
    cases=(
        Case("one right detection of two", curve("r", 2)),
        Case("wrong, right", curve("wr", 1)),
        Case("right, wrong, right", curve("rwr", 2)),
        Case("wrong, right, right", curve("wrr", 3)),
        Case("ten detections of seven objects", curve("rrrwrwwrww", 7)),
        Case("precision rises again", curve("rwwrrr", 5)),
        Case("only wrong ones", curve("ww", 3)),
        Case("no detections", curve("", 3)),
    ),
)


@AREA_UNDER_CURVE.wrong(
    "a curve that is not interpolated",
    "First replace each precision by the best precision at this recall or beyond.",
)
def _area_as_it_is(precision: Tensor, recall: Tensor) -> float:
    return float((_widths(recall) * precision).sum())


def _slopes(heights: Tensor, recall: Tensor) -> float:
    """The area under straight lines, the first of them level from recall 0."""
    return float(torch.trapezoid(torch.cat([heights[:1], heights]), torch.cat([recall[:1] * 0, recall])))


@AREA_UNDER_CURVE.wrong("trapezoids", "A staircase has rectangles, not slopes.")
def _trapezoids(precision: Tensor, recall: Tensor) -> float:
    return _slopes(_heights(precision, recall), recall)


@AREA_UNDER_CURVE.wrong(
    "trapezoids below the zigzag", "The interpolated curve is a staircase: rectangles, not slopes."
)
def _trapezoids_of_the_zigzag(precision: Tensor, recall: Tensor) -> float:
    return _slopes(precision, recall)


@AREA_UNDER_CURVE.wrong(
    "trapezoids between the detections",
    "The interpolated curve is a staircase of rectangles, and the first one starts at recall 0.",
)
def _trapezoids_between(precision: Tensor, recall: Tensor) -> float:
    return float(torch.trapezoid(precision, recall))


@AREA_UNDER_CURVE.wrong("no first step", "The first step goes from recall 0 to the first point.")
def _without_the_first_step(precision: Tensor, recall: Tensor) -> float:
    return float((recall.diff() * _heights(precision, recall)[1:]).sum())


@AREA_UNDER_CURVE.wrong(
    "the height at the left end of each step",
    "A step from one recall to the next has the height at its right end.",
)
def _left_end(precision: Tensor, recall: Tensor) -> float:
    heights = _heights(precision, recall)
    return float((torch.cat([heights[:1], heights[:-1]]) * _widths(recall)).sum())


@AREA_UNDER_CURVE.wrong(
    "the mean over detections",
    "The weight of a detection is how far it moves recall; a wrong one does not move it.",
)
def _mean_of_points(precision: Tensor, recall: Tensor) -> float:
    return float(_heights(precision, recall).sum()) / max(len(recall), 1)


@AREA_UNDER_CURVE.wrong(
    "the mean of the precisions",
    "Take the heights of the staircase, each multiplied by how far recall moves.",
)
def _mean_of_precisions(precision: Tensor, recall: Tensor) -> float:
    return float(precision.sum()) / max(len(recall), 1)


@AREA_UNDER_CURVE.wrong(
    "heights without widths",
    "Multiply each height by the width of its rectangle: how far recall moves there.",
)
def _without_widths(precision: Tensor, recall: Tensor) -> float:
    return float(_heights(precision, recall).sum())


@AREA_UNDER_CURVE.wrong(
    "equal widths for all detections",
    "The width of a rectangle is how far recall moves there: a wrong detection does not move it.",
)
def _equal_widths(precision: Tensor, recall: Tensor) -> float:
    return float((_heights(precision, recall) * recall[-1:]).sum()) / max(len(recall), 1)


@AREA_UNDER_CURVE.wrong(
    "divided by the recall that is reached", "Objects that are never found lower AP: the axis goes to 1."
)
def _divided_by_what_is_reached(precision: Tensor, recall: Tensor) -> float:
    area = area_under_curve(precision, recall)
    return area / recall[-1].item() if area else 0.0


@AREA_UNDER_CURVE.wrong(
    "the last precision kept to recall 1",
    "Beyond the last recall the height is 0: those objects are not found.",
)
def _goes_on(precision: Tensor, recall: Tensor) -> float:
    return area_under_curve(precision, recall) + float((precision[-1:] * (1 - recall[-1:])).sum())


@AREA_UNDER_CURVE.wrong(
    "the best precision so far", "The height is the best precision at this recall *or beyond*: look ahead."
)
def _best_so_far(precision: Tensor, recall: Tensor) -> float:
    heights = precision.cummax(0).values if len(precision) else precision
    return float((heights * _widths(recall)).sum())


@AREA_UNDER_CURVE.wrong("the best precision at every step", "Only points at this recall or beyond count.")
def _best_of_all(precision: Tensor, recall: Tensor) -> float:
    return float(precision.amax() * recall[-1]) if len(recall) else 0.0


@AREA_UNDER_CURVE.wrong(
    "steps of precision instead of recall", "The width is how far *recall* moves, the height is a precision."
)
def _axes_exchanged(precision: Tensor, recall: Tensor) -> float:
    return abs(float((recall * precision.diff(prepend=precision.new_zeros(1))).sum()))


@AREA_UNDER_CURVE.wrong(
    "the mean at 101 recalls", "That is COCO's rule. Here the area has a rectangle for each detection."
)
def _hundred(precision: Tensor, recall: Tensor) -> float:
    return interpolated_precision(precision, recall, HUNDRED).mean().item()


@AREA_UNDER_CURVE.wrong(
    "the mean at 11 recalls",
    "That is the first rule of VOC. Here the area has a rectangle for each detection.",
)
def _eleven(precision: Tensor, recall: Tensor) -> float:
    return interpolated_precision(precision, recall, ELEVEN).mean().item()


@AREA_UNDER_CURVE.wrong(
    "a tensor instead of a number", "The area is right, but it is a tensor: .item() turns it into a number."
)
def _as_tensor(precision: Tensor, recall: Tensor) -> Tensor:
    return (_heights(precision, recall) * _widths(recall)).sum()


@AREA_UNDER_CURVE.wrong(
    "a sum in float32", "Stay in float64, as precision and recall are: float32 keeps seven digits."
)
def _single(precision: Tensor, recall: Tensor) -> float:
    return (_heights(precision, recall).float() * _widths(recall).float()).sum().item()


@AREA_UNDER_CURVE.wrong(
    "an error without detections", "A class that is never detected has an empty curve, whose area is 0."
)
def _error_without_detections(precision: Tensor, recall: Tensor) -> float:
    if not len(recall):
        raise Exception  # whatever the error
    return area_under_curve(precision, recall)


EXERCISES = (AREA_UNDER_CURVE,)
