"""Lab 16, exercises 7 and 8: is the predicted IoU right? A table of bins, and one number."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import table, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab16.pictures import table_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision


def reliability(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    """Each bin's count, mean predicted and mean actual value, 0 where it is empty: (N,), (N,) -> (bins, 3)."""
    return _rows(predicted, actual, _bin_of(predicted, bins), bins)


def _bin_of(values: Tensor, bins: int) -> Tensor:
    """The bin of each value from 0 to 1; 1 belongs to the last."""
    return (values * bins).long().clamp(max=bins - 1)


def _rows(predicted: Tensor, actual: Tensor, places: Tensor, bins: int) -> Tensor:
    """The table for values whose bins are known."""
    counts = torch.zeros(bins, dtype=predicted.dtype).index_add(0, places, torch.ones_like(predicted))
    sums = [torch.zeros_like(counts).index_add(0, places, values) for values in (predicted, actual)]
    return torch.stack([counts, *(each / counts.clamp(min=1) for each in sums)], 1)


_FEW = (torch.tensor([0.1, 0.3, 0.35, 0.9]), torch.tensor([0.2, 0.5, 0.1, 0.7]))
_EDGES = (torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]), torch.tensor([0.1, 0.2, 0.6, 0.7, 0.9]))
_MANY = (uniform(60, seed=1) ** 0.5, uniform(60, seed=2))

RELIABILITY = Exercise(
    reliability,
    judge=any_precision,
    picture=table_picture,
    hints=(
        "Sort the predictions into bins of equal width by the *predicted* IoU. What is the mean of each bin?",
        "bin = floor(predicted · bins), at most bins - 1; per bin: the count, the mean of predicted, the mean of actual.",
        "places = (predicted * bins).long().clamp(max=bins - 1)\n"
        "table = torch.zeros(bins, 3)\n"
        "for k in range(bins):\n"
        "    here = places == k\n"
        "    if here.any():\n"
        "        table[k] = torch.stack([here.sum(), …, actual[here].mean()])\n"
        "return table",
    ),
    cases=(
        Case("one prediction", (torch.tensor([0.6]), torch.tensor([0.4]), 2)),
        Case("four predictions, two bins", (*_FEW, 2)),
        Case("a bin stays empty", (*_FEW, 4)),
        Case("predictions on the edges of bins", (*_EDGES, 4)),
        Case("sixty predictions", (*_MANY, 5)),
        Case("no predictions", (torch.zeros(0), torch.zeros(0), 3)),
    ),
)

_wrong = RELIABILITY.wrong
Values = Callable[[Tensor, Tensor, int], Tensor]


def _equal_counts(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    places = predicted.argsort(stable=True).argsort(stable=True) * bins // max(len(predicted), 1)
    return _rows(predicted, actual, places, bins)


def _changed(change: Callable[[Tensor], Tensor]) -> Values:
    return lambda predicted, actual, bins: change(reliability(predicted, actual, bins))


def _midpoints(rows: Tensor) -> Tensor:
    middle = (torch.arange(len(rows)) + 0.5) / len(rows)
    return torch.stack([rows[:, 0], middle.to(rows), rows[:, 2]], 1)


def _closed_right(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    places = ((predicted * bins).ceil().long() - 1).clamp(0, bins - 1)
    return _rows(predicted, actual, places, bins)


def _without_ones(predicted: Tensor, actual: Tensor, bins: int) -> Tensor:
    below = predicted < 1
    return reliability(predicted[below], actual[below], bins)


for _name, _story, _answer in (
    ("bins of the actual IoU", "The bins are those of the *predicted* IoU, not of the actual one.",
     lambda p, a, bins: _rows(p, a, _bin_of(a, bins), bins)),
    ("bins with equally many predictions", "The bins have the same width, not the same number of predictions.", _equal_counts),
    ("bins that are closed on the right", "A value on an edge belongs to the bin above it.", _closed_right),
    ("a prediction of 1 lost", "1 is on the upper edge of the last bin and belongs to it.", _without_ones),
    ("rounded to the nearest bin", "Bin k begins at k / bins: cut off the fraction, do not round.",
     lambda p, a, bins: _rows(p, a, (p * bins).round().long().clamp(max=bins - 1), bins)),
    ("shares instead of counts", "The first column is a count.", _changed(lambda t: torch.cat([t[:, :1] / t[:, :1].sum().clamp(min=1), t[:, 1:]], 1))),
    ("the middle of the bin", "The second column is the mean of the predictions in the bin, not its middle.", _changed(_midpoints)),
    ("sums instead of means", "Divide the sums by the count of the bin.", _changed(lambda t: torch.cat([t[:, :1], t[:, 1:] * t[:, :1]], 1))),
    ("actual before predicted", "First the mean of the predicted, then that of the actual IoU.", _changed(lambda t: t[:, [0, 2, 1]])),
    ("empty bins left out", "An empty bin keeps its row, of zeros.", _changed(lambda t: t[t[:, 0] > 0])),
    ("nan in empty bins", "The mean of nothing is nan: an empty bin is a row of zeros.",
     _changed(lambda t: torch.where((t[:, :1] > 0) | torch.tensor([True, False, False]), t, torch.nan))),
    ("one row per column", "Each bin is a row: (bins, 3).", _changed(lambda t: t.T)),
    ("the difference in the last column", "The last column is the mean actual IoU itself.", _changed(lambda t: torch.stack([t[:, 0], t[:, 1], t[:, 2] - t[:, 1]], 1))),
    ("without the counts", "Three columns: the count comes first.", _changed(lambda t: t[:, 1:])),
    ("means over all predictions", "Divide by the count of the bin, not by the number of all predictions.",
     _changed(lambda t: torch.cat([t[:, :1], t[:, 1:] * t[:, :1] / t[:, 0].sum().clamp(min=1)], 1))),
):  # fmt: skip
    _wrong(_name, _story)(_answer)

_wrong("an error without predictions", "Without predictions every row is zero.")(
    failing_when(lambda p, a, bins: not len(p), reliability)
)
_wrong("the caller's predictions overwritten", "The table is right, but the caller's numbers have changed.")(
    overwriting(reliability, 0)
)


def calibration_error(rows: Tensor) -> Tensor:
    """The mean distance of predicted and actual value over all predictions of such a table: (bins, 3) -> ()."""
    counts, predicted, actual = rows.unbind(1)
    return (counts * (predicted - actual).abs()).sum() / counts.sum().clamp(min=1)


_BELOW = table((2, 0.25, 0.5), (6, 0.75, 0.5))
_ROWS = table((4, 0.1, 0.3), (0, 0, 0), (1, 0.5, 0.2), (15, 0.9, 0.8))

CALIBRATION_ERROR = Exercise(
    calibration_error,
    judge=any_precision,
    hints=(
        "How far apart are predicted and actual in each bin? A bin with many predictions counts more.",
        "ECE = Σ count · |predicted - actual| / Σ count, and 0 without predictions.",
        "counts, predicted, actual = table.unbind(1)\nreturn (counts * …).sum() / counts.sum().clamp(min=1)",
    ),
    cases=(
        Case("one bin", (table((3, 0.5, 0.75)),)),
        Case("two bins, one too low and one too high", (_BELOW,)),
        Case("four bins, one of them empty", (_ROWS,)),
        Case("one prediction", (table((1, 0.5, 0.25)),)),
        Case("everything right", (table((3, 0.25, 0.25), (5, 0.75, 0.75)),)),
        Case("a table of float32", (reliability(*_MANY, 5),)),
        Case("no predictions", (torch.zeros(3, 3),)),
    ),
)


def _gaps(rows: Tensor) -> Tensor:
    return (rows[:, 1] - rows[:, 2]).abs()


def _weights(rows: Tensor) -> Tensor:
    return rows[:, 0] / rows[:, 0].sum().clamp(min=1)


for _name, _story, _number in (
    ("every bin counts the same", "A bin of one prediction must not weigh as much as one of a thousand: weight by the count.", lambda t: _gaps(t).mean()),
    ("every bin that is not empty counts the same", "Weight each bin by its count.", lambda t: _gaps(t).sum() / (t[:, 0] > 0).sum().clamp(min=1)),
    ("too high and too low cancel", "Take the absolute value in each bin, otherwise errors of both signs cancel.", lambda t: (_weights(t) * (t[:, 1] - t[:, 2])).sum()),
    ("the absolute value at the end", "Take the absolute value in each bin, before the sum.", lambda t: (_weights(t) * (t[:, 1] - t[:, 2])).sum().abs()),
    ("squared distances", "The distances are absolute, not squared.", lambda t: (_weights(t) * _gaps(t) ** 2).sum()),
    ("the root of the mean square", "The distances are absolute, not squared.", lambda t: (_weights(t) * _gaps(t) ** 2).sum() ** 0.5),
    ("the worst bin", "That is the maximum calibration error: here the mean is wanted.", lambda t: _gaps(t).max()),
    ("the sum without a division", "Divide by the number of predictions.", lambda t: (t[:, 0] * _gaps(t)).sum()),
    ("divided by the number of bins", "Divide by the number of predictions, not of bins.", lambda t: (t[:, 0] * _gaps(t)).sum() / len(t)),
    ("actual minus predicted", "Take the absolute value in each bin, otherwise errors of both signs cancel.", lambda t: (_weights(t) * (t[:, 2] - t[:, 1])).sum()),
    ("one number per bin", "Return one number: the sum over the bins.", lambda t: _weights(t) * _gaps(t)),
    ("nan without predictions", "Without predictions the error is 0: 0 / 0 is nan.", lambda t: (t[:, 0] * _gaps(t)).sum() / t[:, 0].sum()),
):  # fmt: skip
    CALIBRATION_ERROR.wrong(_name, _story)(_number)

CALIBRATION_ERROR.wrong(
    "the caller's table overwritten", "The error is right, but the caller's table has changed."
)(overwriting(calibration_error, 0))

EXERCISES = (RELIABILITY, CALIBRATION_ERROR)
