"""Lab 09, section 2: the maximum of everything on one side of a cell."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab09.pictures import pooled_picture
from classroom.exercises.mistakes import overwriting


def corner_pool(features: Tensor, direction: str) -> Tensor:
    """The maximum from each cell to the far side, carried towards the named side: (..., H, W) -> (..., H, W)."""
    axis = -1 if direction in ("left", "right") else -2
    if direction in ("left", "top"):
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values


_ROW = torch.tensor([[1.0, 3.0, 0.0, 2.0]])
_COLUMN = torch.tensor([[1.0], [3.0], [0.0], [2.0]])
_SMALL = torch.tensor([[5.0, 1.0, 2.0], [0.0, 4.0, 3.0]])
_BELOW = torch.tensor([[-3.0, -1.0, -4.0, -2.0], [-2.5, -6.0, -0.5, -7.0]])
_BATCH = normal(2, 3, 4, 6, seed=9)

CORNER_POOL = Exercise(
    corner_pool,
    picture=pooled_picture,
    hints=(
        "torch.cummax along an axis gives the largest value from the first cell to this one. For which of the four "
        "directions is that what you need? .flip(axis) reverses an axis.",
        '"right" and "left" run along the last axis, "bottom" and "top" along the one before it. "right" and "bottom" are cummax '
        "itself; for the other two flip, cummax, and flip back. cummax returns values and indices: .values.",
        'axis = -1 if direction in ("left", "right") else -2\n'
        'if direction in ("left", "top"):\n'
        "    return …  # the same as below, but from the other end\n"
        "return features.cummax(axis).values",
    ),
    cases=(
        Case("a row, to the left", (_ROW, "left")),
        Case("a row, to the right", (_ROW, "right")),
        Case("a column, to the top", (_COLUMN, "top")),
        Case("a column, to the bottom", (_COLUMN, "bottom")),
        Case("2 x 3 cells, to the left", (_SMALL, "left")),
        Case("2 x 3 cells, to the top", (_SMALL, "top")),
        Case("below zero", (_BELOW, "left")),
        Case("below zero, to the bottom", (_BELOW, "bottom")),
        Case("two images, three channels, to the right", (_BATCH, "right")),
        Case("two images, three channels, to the top", (_BATCH, "top")),
        Case("the gradient", (_BATCH[0], "left"), (0,)),
        Case("the gradient, to the bottom", (_BATCH[1], "bottom"), (0,)),
    ),
)

OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
TURNED = {"left": "top", "top": "left", "right": "bottom", "bottom": "right"}


def _axis(direction: str) -> int:
    return -1 if direction in ("left", "right") else -2


def _backwards(direction: str) -> bool:
    return direction in ("left", "top")


def _running(function: Callable[[Tensor, int], Tensor]) -> Callable:
    """An answer that puts function(x, axis), which runs with the axis, in the place of the running maximum."""

    def pool(features: Tensor, direction: str) -> Tensor:
        axis = _axis(direction)
        if _backwards(direction):
            return function(features.flip(axis), axis).flip(axis)
        return function(features, axis)

    return pool


def _window(features: Tensor, kernel: tuple[int, int], before: tuple[int, int, int, int]) -> Tensor:
    """The maximum of a window of each cell; `before` is the padding: left, right, top, bottom."""
    maps = features.reshape(-1, 1, *features.shape[-2:])
    padded = F.pad(maps, before, value=-torch.inf)
    return F.max_pool2d(padded, kernel, 1).reshape(features.shape)


@CORNER_POOL.wrong(
    "the opposite direction",
    'Pooling "left" carries maxima to the left: each cell gets the largest of itself and all cells to its right.',
)
def _opposite(features: Tensor, direction: str) -> Tensor:
    return corner_pool(features, OPPOSITE[direction])


@CORNER_POOL.wrong(
    "rows and columns swapped",
    "The last axis runs from left to right, the one before it from top to bottom.",
)
def _turned(features: Tensor, direction: str) -> Tensor:
    return corner_pool(features, TURNED[direction])


@CORNER_POOL.wrong("not flipped back", "After flip and cummax, flip once more: cell 0 must be cell 0 again.")
def _flipped(features: Tensor, direction: str) -> Tensor:
    axis = _axis(direction)
    return (features.flip(axis) if _backwards(direction) else features).cummax(axis).values


@CORNER_POOL.wrong(
    "the window of a neighbour",
    "The maximum is over all cells up to the far side, however far that is, not over the next cell alone.",
)
def _next_cell(features: Tensor, direction: str) -> Tensor:
    across = _axis(direction) == -1
    pad = [0, 0, 0, 0]
    pad[{"left": 1, "right": 0, "top": 3, "bottom": 2}[direction]] = 1
    return _window(features, (1, 2) if across else (2, 1), tuple(pad))


@CORNER_POOL.wrong(
    "a maximum that starts at zero", "Features may be below zero: start from the cell itself, not from 0."
)
def _from_zero(features: Tensor, direction: str) -> Tensor:
    return corner_pool(features, direction).clamp(min=0)


@CORNER_POOL.wrong(
    "both directions of a corner at once",
    "One call pools along one axis. The network adds the two directions of a corner itself.",
)
def _both_axes(features: Tensor, direction: str) -> Tensor:
    return corner_pool(features, direction) + corner_pool(features, TURNED[direction])


def _without_itself(x: Tensor, axis: int) -> Tensor:
    shifted = x.cummax(axis).values.roll(1, axis)
    first = torch.zeros_like(x, dtype=torch.bool).index_fill(axis, torch.tensor([0]), True)
    return torch.where(first, x, shifted)


def _of_four_axes(features: Tensor, direction: str) -> Tensor:
    axis = 3 if direction in ("left", "right") else 2
    if _backwards(direction):
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values


LEFT_ONLY = 'The direction is an argument: "top", "bottom", "left" or "right".'
for _name, _story, _function in (
    (
        "the maximum of the whole row or column",
        "Cells on the other side must not count: a corner looks in one direction only.",
        lambda f, d: f.amax(_axis(d), keepdim=True).expand_as(f),
    ),
    (
        "one maximum per row or column",
        "Every cell has its own maximum: (..., H, W).",
        lambda f, d: f.amax(_axis(d)),
    ),
    (
        "a sum instead of a maximum",
        "cumsum adds up; corner pooling takes the largest.",
        _running(lambda x, axis: x.cumsum(axis)),
    ),
    ("the smallest", "Take maxima: cummax.", _running(lambda x, axis: x.cummin(axis).values)),
    (
        "the places of the maxima",
        "cummax returns values and indices: take the values.",
        _running(lambda x, axis: x.cummax(axis).indices),
    ),
    (
        "values and indices",
        "cummax returns both: take the values.",
        lambda f, d: f.cummax(_axis(d)),
    ),
    (
        "a mean instead of a maximum",
        "An average over empty cells drowns out the edge: take the largest.",
        _running(lambda x, axis: x.cumsum(axis) / _counted(x, axis)),
    ),
    ("without the cell itself", "The maximum includes the cell itself.", _running(_without_itself)),
    ("always to the left", LEFT_ONLY, lambda f, d: corner_pool(f, "left")),
    ("always to the top", LEFT_ONLY, lambda f, d: corner_pool(f, "top")),
    (
        "only towards the end of an axis",
        '"left" and "top" run against the axis: flip, cummax, flip back.',
        lambda f, d: f.cummax(_axis(d)).values,
    ),
    (
        "only towards the start of an axis",
        '"right" and "bottom" run with the axis: cummax without a flip.',
        lambda f, d: f.flip(_axis(d)).cummax(_axis(d)).values.flip(_axis(d)),
    ),
    (
        "a window of 3 x 3",
        "That is the usual max pooling: it does not reach to the far side.",
        lambda f, d: _window(f, (3, 3), (1, 1, 1, 1)),
    ),
    (
        "axes counted from the front",
        "There may be any number of axes before the last two: count from the end, -1 and -2.",
        _of_four_axes,
    ),
    (
        "no gradient",
        "The network is trained through the pooling: no .detach(), no .data and no new tensor on the way.",
        lambda f, d: corner_pool(f, d).detach(),
    ),
    (
        "the caller's features overwritten",
        "They are pooled again in another direction.",
        overwriting(corner_pool, 0),
    ),
):
    CORNER_POOL.wrong(_name, _story)(_function)


def _counted(x: Tensor, axis: int) -> Tensor:
    return torch.ones_like(x).cumsum(axis)


EXERCISES = (CORNER_POOL,)
