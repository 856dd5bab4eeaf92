"""Lab 16, exercise 6: how many clicks an object needs."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import table, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import failing_when, overwriting


def clicks_needed(ious: Tensor, target: float) -> Tensor:
    """The number of the first click whose mask reaches the target, C if none does: (P, C) -> (P,) int64."""
    reached = ious >= target
    first = reached.int().argmax(1) + 1
    return torch.where(reached.any(1), first, ious.shape[1])


_SHAKY = table((0.5, 0.85, 0.7, 0.9), (0.2, 0.3, 0.4, 0.6))

CLICKS_NEEDED = Exercise(
    clicks_needed,
    hints=(
        "In which columns has the IoU reached the target? You want the number of the first, counted from 1.",
        "reached = ious >= target; reached.int().argmax(1) is the first column that is true, but 0 as well where none is.",
        "reached = ious >= target\nfirst = reached.int().argmax(1) + 1\nreturn torch.where(reached.any(1), first, …)",
    ),
    cases=(
        Case("the first click is enough", (table((0.9, 0.95, 0.97)), 0.8)),
        Case("the third click", (table((0.3, 0.6, 0.85)), 0.8)),
        Case("never", (table((0.3, 0.5, 0.6, 0.7)), 0.8)),
        Case("exactly the target", (table((0.5, 0.75, 0.9)), 0.75)),
        Case("reached, lost and reached again", (_SHAKY, 0.8)),
        Case("the best click is neither the first nor the last", (table((0.85, 0.95, 0.82)), 0.8)),
        Case("several objects", (uniform(7, 5, seed=2).sort(1).values, 0.6)),
        Case("another target", (uniform(7, 5, seed=2).sort(1).values, 0.9)),
        Case("one click alone", (table((0.9,), (0.3,)), 0.8)),
        Case("no objects", (torch.zeros(0, 4), 0.8)),
    ),
)

_wrong = CLICKS_NEEDED.wrong


def _first(reached: Tensor, never: int, start: int = 1) -> Tensor:
    """The first column that is true, counted from `start`."""
    return torch.where(reached.any(1), reached.int().argmax(1) + start, never)


def _where_never(never: Callable[[Tensor], int]) -> Callable:
    return lambda ious, target: _first(ious >= target, never(ious))


_STORY = "An object that never reaches the target counts C clicks, as many as were tried."
_wrong("1 where the target is never reached", f"argmax of a row without True is 0. {_STORY}")(
    _where_never(lambda ious: 1)
)
_wrong("0 where the target is never reached", _STORY)(_where_never(lambda ious: 0))
_wrong("C + 1 where the target is never reached", _STORY)(_where_never(lambda ious: ious.shape[1] + 1))


@_wrong(
    "the column of argmax as it is",
    "The first click is number 1, and argmax is 0 as well where the target is never reached.",
)
def _argmax(ious: Tensor, target: float) -> Tensor:
    return (ious >= target).int().argmax(1)


@_wrong("counted from 0", "The first click is number 1: add 1 to the column.")
def _from_zero(ious: Tensor, target: float) -> Tensor:
    return _first(ious >= target, ious.shape[1], 0)


@_wrong(
    "counted from 0, and C - 1 where never",
    "The first click is number 1: add 1 to every column, and C where none reaches the target.",
)
def _all_from_zero(ious: Tensor, target: float) -> Tensor:
    return clicks_needed(ious, target) - 1


@_wrong("more than instead of at least", "An IoU equal to the target has reached it: use >=.")
def _more_than(ious: Tensor, target: float) -> Tensor:
    return _first(ious > target, ious.shape[1])


@_wrong("the last click that reaches it", "You can stop at the first click that reaches the target.")
def _last(ious: Tensor, target: float) -> Tensor:
    count, reached = ious.shape[1], ious >= target
    return torch.where(reached.any(1), count - reached.flip(1).int().argmax(1), count)


@_wrong(
    "from where it stays above",
    "You stop at the first click that reaches the target; what later clicks would do does not count.",
)
def _stays(ious: Tensor, target: float) -> Tensor:
    below, count = ious < target, ious.shape[1]
    last = torch.where(below.any(1), count - below.flip(1).int().argmax(1), 0)
    return (last + 1).clamp(max=count)


@_wrong(
    "the number of clicks below the target",
    "After the target is reached, later masks may be worse again: look for the first that reaches it.",
)
def _count_below(ious: Tensor, target: float) -> Tensor:
    return ((ious < target).sum(1) + 1).clamp(max=ious.shape[1])


@_wrong(
    "the number of clicks at or above the target",
    "Count the clicks until the target is reached, not those that reach it.",
)
def _count_above(ious: Tensor, target: float) -> Tensor:
    return (ious >= target).sum(1)


@_wrong("the best click", "Not the click with the highest IoU: the first one that reaches the target.")
def _best(ious: Tensor, target: float) -> Tensor:
    return ious.argmax(1) + 1


@_wrong("the click nearest to the target", "Reaching the target means at least it, not close to it.")
def _nearest(ious: Tensor, target: float) -> Tensor:
    return (ious - target).abs().argmin(1) + 1


@_wrong("objects that fail left out", _STORY + " Leaving it out makes a bad method look good.")
def _left_out(ious: Tensor, target: float) -> Tensor:
    return clicks_needed(ious, target)[(ious >= target).any(1)]


@_wrong("the mean over the objects", "Return one number per object; the mean comes later.")
def _averaged(ious: Tensor, target: float) -> Tensor:
    return clicks_needed(ious, target).double().mean()


@_wrong("with fractions", "Clicks are whole numbers: (P,) int64.")
def _floats(ious: Tensor, target: float) -> Tensor:
    return clicks_needed(ious, target).float()


@_wrong("the IoU at that click", "Return the number of the click, not its IoU.")
def _its_iou(ious: Tensor, target: float) -> Tensor:
    return ious.gather(1, clicks_needed(ious, target)[:, None] - 1)[:, 0]


@_wrong(
    "the axes exchanged", "Each row is an object and each column a click: look along the columns, axis 1."
)
def _axes(ious: Tensor, target: float) -> Tensor:
    return clicks_needed(ious.T, target)


_wrong("an error without objects", "Without objects the result is empty.")(
    failing_when(lambda ious, target: not len(ious), clicks_needed)
)
_wrong("the caller's table overwritten", "The result is right, but the caller's IoU have changed.")(
    overwriting(clicks_needed, 0)
)

EXERCISES = (CLICKS_NEEDED,)
