"""Lab 13, first part: read a point from the highest cell."""

from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import places_picture


def hard_argmax(heatmaps: Tensor) -> Tensor:
    """The highest cell (x, y) of each map: (C, h, w) -> (C, 2) int64."""
    place = heatmaps.flatten(1).argmax(1)  # (C,)
    width = heatmaps.shape[-1]
    return torch.stack([place % width, place // width], 1)


def _judge(arguments: tuple, value: Any) -> Any:
    """Among cells that are equally high, any one will do."""
    heatmaps, wanted = arguments[0], hard_argmax(arguments[0])
    if not isinstance(value, Tensor) or value.shape != wanted.shape or value.dtype != wanted.dtype:
        return value
    x, y = value.unbind(1)
    inside = (x >= 0) & (y >= 0) & (x < heatmaps.shape[2]) & (y < heatmaps.shape[1])
    heat = heatmaps[torch.arange(len(value)), y * inside, x * inside]
    return torch.where((inside & (heat == heatmaps.flatten(1).max(1).values))[:, None], wanted, value)


HARD_ARGMAX = Exercise(
    hard_argmax,
    judge=_judge,
    picture=places_picture,
    hints=(
        "argmax works along one axis: flatten the two axes of a map first.",
        "flat place = row * width + column; column = place % width, row = place // width.",
        "place = heatmaps.flatten(1).argmax(1)  # in the flattened map\n"
        "return torch.stack([…, …], 1)  # x, then y",
    ),
    cases=(
        Case("a row of cells", (torch.tensor([[[0.1, 0.2, 0.9, 0.3]]]),)),
        Case("the last row", (torch.tensor([[[0.1, 0.2, 0.0], [0.3, 0.8, 0.1]]]),)),
        Case("one high cell and many medium ones", (torch.tensor([[[0.6, 0.6, 0.6], [0.0, 0.0, 0.9]]]),)),
        Case("all below zero", (-1 - uniform(2, 3, 5),)),
        Case("five channels, 4 x 7 cells", (uniform(5, 4, 7, seed=1),)),
        Case("two equally high cells", (torch.tensor([[[0.1, 0.2, 0.9], [0.9, 0.3, 0.2]]]),)),
        Case("a deep hole", (torch.tensor([[[0.5, 0.2], [0.1, -0.9], [0.7, 0.0]]]),)),
    ),
)


@HARD_ARGMAX.wrong("row first", "A point is (x, y): the column comes first.")
def _row_first(heatmaps: Tensor) -> Tensor:
    return hard_argmax(heatmaps).flip(-1)


@HARD_ARGMAX.wrong("divided by the height", "A flat place is row * width + column: divide by the width.")
def _by_height(heatmaps: Tensor) -> Tensor:
    place, height = heatmaps.flatten(1).argmax(1), heatmaps.shape[-2]
    return torch.stack([place % height, place // height], 1)


@HARD_ARGMAX.wrong("the flat place", "Split the flat place into row and column: it is row * width + column.")
def _flat(heatmaps: Tensor) -> Tensor:
    return heatmaps.flatten(1).argmax(1)


@HARD_ARGMAX.wrong(
    "the column and the row with the largest sum",
    "The best column sum and the best row sum need not cross in the highest cell.",
)
def _of_sums(heatmaps: Tensor) -> Tensor:
    return torch.stack([heatmaps.sum(-2).argmax(-1), heatmaps.sum(-1).argmax(-1)], 1)


@HARD_ARGMAX.wrong("the highest cell of the sum of all channels", "Each channel has its own highest cell.")
def _one_for_all(heatmaps: Tensor) -> Tensor:
    return hard_argmax(heatmaps.sum(0, keepdim=True)).expand(len(heatmaps), 2)


@HARD_ARGMAX.wrong("a row with a fraction", "Rows are whole: divide with //.")
def _true_division(heatmaps: Tensor) -> Tensor:
    place, width = heatmaps.flatten(1).argmax(1), heatmaps.shape[-1]
    return torch.stack([place % width, place / width], 1)


@HARD_ARGMAX.wrong(
    "x and y from different cells",
    "If two cells are equally high, x comes from one and y from the other: find the cell first.",
)
def _axes_apart(heatmaps: Tensor) -> Tensor:
    return torch.stack([heatmaps.amax(1).argmax(1), heatmaps.amax(2).argmax(1)], 1)


@HARD_ARGMAX.wrong("the highest cell of all channels", "Each channel has its own highest cell.")
def _of_all(heatmaps: Tensor) -> Tensor:
    place, width = heatmaps.argmax() % heatmaps[0].numel(), heatmaps.shape[-1]
    return torch.stack([place % width, place // width]).expand(len(heatmaps), 2)


for name, story, function in (
    (
        "places counted from 1",
        "The first column and the first row are 0.",
        lambda maps: hard_argmax(maps) + 1,
    ),
    (
        "the largest absolute value",
        "A deep hole is not a peak: take the highest value.",
        lambda maps: hard_argmax(maps.abs()),
    ),
    (
        "only values above 0",
        "All cells of a map may be negative.",
        lambda maps: hard_argmax(maps.clamp(min=0)),
    ),
    ("the lowest cell", "argmax, not argmin.", lambda maps: hard_argmax(-maps)),
    (
        "the highest channel of each cell",
        "The maximum is over the cells of a map, not over the maps.",
        lambda maps: maps.argmax(0),
    ),
    ("a row of x and a row of y", "Return (C, 2): stack along axis 1.", lambda maps: hard_argmax(maps).T),
    ("pixels instead of cells", "Return cells; the stride comes later.", lambda maps: 8 * hard_argmax(maps)),
    ("the highest value", "Return the place, not the value.", lambda maps: maps.flatten(1).amax(1)),
    ("floats", "Cell numbers are whole: int64.", lambda maps: hard_argmax(maps).float()),
    ("32 bits", "Cell numbers are whole: int64.", lambda maps: hard_argmax(maps).int()),
    ("half a cell too much", "Return whole cells.", lambda maps: hard_argmax(maps) + 0.5),
    ("the first channel alone", "Return a place for every map.", lambda maps: hard_argmax(maps[:1])),
    ("the first channel alone", "Return a place for every map.", lambda maps: hard_argmax(maps)[0]),
    (
        "the highest cell of each row",
        "One place per map: flatten rows and columns.",
        lambda maps: maps.argmax(-1),
    ),
    ("x twice", "y is place // width.", lambda maps: hard_argmax(maps)[:, :1].expand(-1, 2)),
    ("y twice", "x is place % width.", lambda maps: hard_argmax(maps)[:, 1:].expand(-1, 2)),
    (
        "row first, divided by the height",
        "A flat place is row * width + column, and x comes first.",
        lambda maps: _by_height(maps).flip(1),
    ),
):
    HARD_ARGMAX.wrong(name, story)(function)


EXERCISES = (HARD_ARGMAX,)
