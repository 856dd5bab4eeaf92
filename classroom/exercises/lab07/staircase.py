"""Lab 07, section 3: the best precision at a recall or beyond."""

import numpy as np
import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.pictures import readings_picture
from classroom.exercises.lab07.precision import curve
from coursekit.metrics.average_precision import RECALLS

ELEVEN, HUNDRED = (torch.from_numpy(RECALLS[method]) for method in ("11-point", "101-point"))


def interpolated_precision(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """The best precision at each of `recalls` or beyond, 0 where it is not reached: (D,), (D,), (R,) -> (R,)."""
    best = [
        precision[recall >= r].amax() if (recall >= r).any() else precision.new_zeros(()) for r in recalls
    ]
    return torch.stack(best)


def _at(*recalls: float) -> Tensor:
    return torch.tensor(recalls, dtype=torch.float64)


INTERPOLATED_PRECISION = Exercise(
    interpolated_precision,
    picture=readings_picture,
    tolerance=1e-10,  # the averages are compared to the last digits
    hints=(
        "For one recall r: which points of the curve are at r or beyond?",
        "the best precision of those with recall >= r; 0 if there are none.",
        "best = []\n"
        "for r in recalls:\n"
        "    reached = recall >= r\n"
        "    best.append(… if reached.any() else precision.new_zeros(()))\n"
        "return torch.stack(best)",
    ),
    cases=(
        Case("one right detection of two", (*curve("r", 2), _at(0.0, 0.5, 1.0))),
        Case("wrong, right", (*curve("wr", 2), _at(0.0, 0.3, 0.5))),
        Case("right, wrong, right", (*curve("rwr", 2), _at(0.4, 0.5, 0.8))),
        Case("precision rises again", (*curve("rwwrrr", 4), _at(0.2, 0.5, 0.6))),
        Case("ten detections at 11 recalls", (*curve("rrrwrwwrww", 7), ELEVEN)),
        Case("ten detections at 101 recalls", (*curve("rrwrwwrrww", 8), HUNDRED)),
        Case("no detections", (*curve("", 3), ELEVEN)),
    ),
)


def _best(precision: Tensor, rows: Tensor, otherwise: float = 0.0) -> Tensor:
    """The best precision of each row of a mask (R, D)."""
    empty = precision.new_full((len(rows), 1), otherwise)
    return torch.cat([precision.expand(len(rows), -1).masked_fill(~rows, -torch.inf), empty], 1).amax(1)


def _stairs(precision: Tensor) -> Tensor:
    """The height of the staircase at each detection, and 0 beyond the last."""
    return torch.cat([precision, precision.new_zeros(1)]).flip(0).cummax(0).values.flip(0)


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
    "the best precision so far", "Look ahead, not back: the best precision at this recall *or beyond*."
)
def _best_so_far(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    so_far = precision.cummax(0).values if len(precision) else precision
    return torch.cat([so_far, precision.new_zeros(1)])[torch.searchsorted(recall, recalls)]


@INTERPOLATED_PRECISION.wrong(
    "the last precision kept to the end", "A recall that the detector never reaches has precision 0."
)
def _keeps_the_last(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return _kept_to_the_end(precision, recall, recalls) if len(recall) else torch.zeros_like(recalls)


@INTERPOLATED_PRECISION.wrong(
    "the last precision kept to the end, and an error without detections",
    "A recall that the detector never reaches has precision 0; without detections, none is reached.",
)
def _kept_to_the_end(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    if not len(recall):
        raise Exception  # whatever the error
    values = interpolated_precision(precision, recall, recalls)
    return torch.where(recalls > recall[-1], precision[-1], values)


@INTERPOLATED_PRECISION.wrong("beyond only", "A point exactly at this recall counts as well.")
def _beyond_only(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return _best(precision, recall > recalls[:, None])


@INTERPOLATED_PRECISION.wrong("the best precision of all", "Only points at this recall or beyond count.")
def _best_of_all(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    best = precision.amax() if len(precision) else precision.new_zeros(())
    return torch.where((recall[:, None] >= recalls).any(0), best, 0.0)


@INTERPOLATED_PRECISION.wrong(
    "the mean of the precisions at this recall or beyond", "Take the *best* of them, not the mean."
)
def _mean_beyond(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    rows = (recall >= recalls[:, None]).double()
    return (rows * precision).sum(1) / rows.sum(1).clamp(min=1)


@INTERPOLATED_PRECISION.wrong(
    "the worst precision at this recall or beyond", "Take the *best* of them, not the lowest."
)
def _worst_beyond(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    rows = recall >= recalls[:, None]
    return torch.where(rows.any(1), -_best(-precision, rows, -torch.inf), 0.0)


@INTERPOLATED_PRECISION.wrong(
    "the staircase at the nearest point of the curve",
    "Only points *at or beyond* the recall count, however near the previous point is; beyond the last point it is 0.",
)
def _nearest(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    if not len(recall):
        return torch.zeros_like(recalls)
    return _stairs(precision)[(recall - recalls[:, None]).abs().argmin(1)]


@INTERPOLATED_PRECISION.wrong(
    "straight lines between the points",
    "A staircase has steps: read the best precision, do not interpolate it. Without detections it is 0.",
)
def _straight_lines(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    heights = _stairs(precision)[:-1]  # np.interp raises an error without points
    return torch.from_numpy(np.interp(recalls.numpy(), recall.numpy(), heights.numpy(), right=0.0))


def _not_reached(name: str, value: float) -> None:
    """Add the answer that has a value other than 0 at recalls that are never reached."""
    INTERPOLATED_PRECISION.wrong(name, "A recall that the detector never reaches has precision 0.")(
        lambda precision, recall, recalls: torch.where(
            (recall >= recalls[:, None]).any(1), interpolated_precision(precision, recall, recalls), value
        )
    )


_not_reached("minus infinity at recalls that are never reached", -torch.inf)
_not_reached("NaN at recalls that are never reached", torch.nan)
_not_reached("1 at recalls that are never reached", 1.0)
_not_reached("-1 at recalls that are never reached", -1.0)


@INTERPOLATED_PRECISION.wrong(
    "recalls that are never reached left out", "Their height is 0, and they count: return all R heights."
)
def _left_out(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    values = interpolated_precision(precision, recall, recalls)
    return values[(recall >= recalls[:, None]).any(1)]


@INTERPOLATED_PRECISION.wrong("the mean already", "Return the R heights; their mean comes later.")
def _mean_already(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return interpolated_precision(precision, recall, recalls).mean()


@INTERPOLATED_PRECISION.wrong(
    "the staircase at every detection", "Read it at `recalls`: one height for each of them, (R,)."
)
def _at_every_detection(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return _stairs(precision)[:-1]


@INTERPOLATED_PRECISION.wrong(
    "precision and recall swapped", "Of the points whose *recall* is at least r, take the best *precision*."
)
def _axes_exchanged(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return interpolated_precision(recall, precision, recalls)


@INTERPOLATED_PRECISION.wrong("evenly spaced recalls", "Read the staircase at `recalls`, wherever they are.")
def _evenly_spaced(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return interpolated_precision(precision, recall, torch.linspace(0, 1, len(recalls), dtype=recalls.dtype))


@INTERPOLATED_PRECISION.wrong("float32 instead of float64", "The result is float64, like the curve.")
def _single(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    return interpolated_precision(precision, recall, recalls).float()


@INTERPOLATED_PRECISION.wrong(
    "an error without detections",
    "A class that is never detected has no points: its precision is 0 everywhere.",
)
def _error_without_detections(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    if not len(precision):
        raise Exception  # whatever the error
    return interpolated_precision(precision, recall, recalls)


@INTERPOLATED_PRECISION.wrong(
    "the caller's curve changed",
    "The staircase is written into the caller's `precision`: work on precision.clone().",
)
def _in_place(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    values = interpolated_precision(precision, recall, recalls)
    precision.copy_(_stairs(precision)[:-1])
    return values


EXERCISES = (INTERPOLATED_PRECISION,)
