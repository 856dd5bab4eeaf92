"""Lab 09, section 8: which object owns which cell."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import judge_match
from classroom.exercises.exercise import Exercise
from classroom.exercises.lab09.cell_cases import SCENES
from classroom.exercises.lab09.pictures import cells_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit import ops
from coursekit.ops import Match


def assign_cells(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> Match:
    """The match of each cell with the smallest object that owns it: (G, 4), (A, 2), (A,), (A, 2) -> Match of (A,)."""
    distances = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1)  # (G, A, 4)
    inside, longest = distances.amin(-1) > 0, distances.amax(-1)  # (G, A) each
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2  # (G, 2)
    near = (centers - middle[:, None]).abs().amax(-1) < 1.5 * strides  # (G, A)
    owned = inside & near & (longest >= ranges[:, 0]) & (longest < ranges[:, 1])  # (G, A)
    area = torch.where(owned, ops.box_area(boxes)[:, None], torch.inf)  # (G, A)
    smallest, target = torch.cat([area, torch.full((1, len(centers)), torch.inf)]).min(0)  # (A,) each
    positive = smallest < torch.inf
    return Match(torch.where(positive, target, 0), positive, ~positive)


ASSIGN_CELLS = Exercise(
    assign_cells,
    picture=cells_picture,
    judge=judge_match,
    hints=(
        "Make a table (G, A) for each of the three conditions. You get the four distances of each cell to the sides of each box from boxes[:, None] "
        "and centers.",
        "distances = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1); inside: the smallest > 0; range: the "
        "largest in [from, to). Then put infinity in the place of the areas of objects that do not own a cell, and take the minimum "
        "of each column. With an extra row of infinity an empty table does not fail.",
        "distances = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1)  # (G, cells, 4)\n"
        "longest = distances.amax(-1)\n"
        "middle = (boxes[:, :2] + boxes[:, 2:]) / 2\n"
        "near = (centers - middle[:, None]).abs().amax(-1) < 1.5 * strides\n"
        "owned = (distances.amin(-1) > 0) & near & …  # and the range of the level\n"
        "area = torch.where(owned, ops.box_area(boxes)[:, None], torch.inf)\n"
        "…  # the object of least area owns the cell; infinite: no object does",
    ),
    cases=SCENES,
)


def _inside(d: Tensor, strides: Tensor) -> Tensor:
    return d.amin(-1) > 0


def _offsets(d: Tensor) -> Tensor:
    """How far each cell is from the middle of each box: (G, A, 2)."""
    return (d[..., :2] - d[..., 2:]).abs() / 2


def _near(d: Tensor, strides: Tensor) -> Tensor:
    return _offsets(d).amax(-1) < 1.5 * strides


def _in_range(d: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return (d.amax(-1) >= low) & (d.amax(-1) < high)


def _area(d: Tensor) -> Tensor:
    return (d[..., 0] + d[..., 2]) * (d[..., 1] + d[..., 3])


def _with(
    inside: Callable = _inside, near: Callable = _near, in_range: Callable = _in_range, cost: Callable = _area
) -> Callable:
    """An answer with different conditions, or that takes the object of lowest cost(distances) (G, A)."""

    def assign(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> Match:
        d = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1)  # (G, A, 4)
        owned = inside(d, strides) & near(d, strides) & in_range(d, *ranges.T)
        costs = torch.where(owned, cost(d), torch.inf)
        least, target = torch.cat([costs, torch.full((1, len(centers)), torch.inf)]).min(0)
        positive = least < torch.inf
        return Match(torch.where(positive, target, 0), positive, ~positive)

    return assign


def _then(change: Callable[[Match, Tensor], Match]) -> Callable:
    return lambda boxes, *cells: change(assign_cells(boxes, *cells), boxes)


def _size(d: Tensor) -> Tensor:
    """The longer side of each box: (G, A)."""
    return (d[..., :2] + d[..., 2:]).amax(-1)


def _row(d: Tensor) -> Tensor:
    return torch.arange(float(len(d)))[:, None].expand(d.shape[:2])


def _suited(match: Match, boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> Match:
    """The match without the cells whose object is not in their range."""
    if not len(boxes):
        return match
    own = boxes[match.target]
    longest = torch.cat([centers - own[:, :2], own[:, 2:] - centers], 1).amax(1)
    positive = match.positive & (longest >= ranges[:, 0]) & (longest < ranges[:, 1])
    return Match(match.target, positive, ~positive)


def _only_outside(match: Match, boxes: Tensor, centers: Tensor) -> Match:
    """Negative only outside all boxes."""
    d = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1)
    return Match(match.target, match.positive, ~(d.amin(-1) > 0).any(0))


NEAR = "Along both axes the centre of the cell must be less than 1.5 strides from the middle of the box."
RANGE = "The longest of the four distances must be in the range of the cell, from ≤ distance < to."
SMALLEST = "If several objects could own a cell, the smallest of them does."
for _name, _story, _function in (
    ("inside is enough", NEAR, _with(near=lambda d, s: d.amin(-1) > -1e9)),
    (
        "the middle is enough",
        "The centre of the cell must also be inside the box: each distance is positive.",
        _with(inside=lambda d, s: d.amin(-1) > -1e9),
    ),
    (
        "the border counts as inside",
        "A distance of 0 is not inside.",
        _with(inside=lambda d, s: d.amin(-1) >= 0),
    ),
    (
        "1.5 pixels",
        "The radius is in strides: 1.5 cells, whatever their size.",
        _with(near=lambda d, s: _offsets(d).amax(-1) < 1.5),
    ),
    ("a radius of one stride", NEAR, _with(near=lambda d, s: _offsets(d).amax(-1) < s)),
    ("a radius of half a stride", NEAR, _with(near=lambda d, s: _offsets(d).amax(-1) < s / 2)),
    (
        "a circle around the middle",
        NEAR + " That is a square.",
        _with(near=lambda d, s: _offsets(d).norm(dim=-1) < 1.5 * s),
    ),
    ("1.5 strides included", NEAR, _with(near=lambda d, s: _offsets(d).amax(-1) <= 1.5 * s)),
    ("near along one axis", NEAR, _with(near=lambda d, s: _offsets(d).amin(-1) < 1.5 * s)),
    ("ranges ignored", RANGE, _with(in_range=lambda d, low, high: d.amax(-1) > -1e9)),
    (
        "the start of the range left out",
        RANGE,
        _with(in_range=lambda d, low, high: (d.amax(-1) > low) & (d.amax(-1) < high)),
    ),
    (
        "the end of the range included",
        RANGE,
        _with(in_range=lambda d, low, high: (d.amax(-1) >= low) & (d.amax(-1) <= high)),
    ),
    ("only the end of the range", RANGE, _with(in_range=lambda d, low, high: d.amax(-1) < high)),
    ("only the start of the range", RANGE, _with(in_range=lambda d, low, high: d.amax(-1) >= low)),
    (
        "the shortest distance in the range",
        RANGE,
        _with(in_range=lambda d, low, high: (d.amin(-1) >= low) & (d.amin(-1) < high)),
    ),
    (
        "the side of the box in the range",
        RANGE + " It depends on the cell, not only on the box.",
        _with(in_range=lambda d, low, high: (_size(d) >= low) & (_size(d) < high)),
    ),
    (
        "every distance in the range",
        RANGE,
        _with(in_range=lambda d, low, high: (d.amin(-1) >= low) & (d.amax(-1) < high)),
    ),
    ("the largest object", SMALLEST, _with(cost=lambda d: -_area(d))),
    ("the first object", SMALLEST, _with(cost=_row)),
    ("the last object", SMALLEST, _with(cost=lambda d: -_row(d))),
    ("the nearest object", SMALLEST, _with(cost=lambda d: _offsets(d).norm(dim=-1))),
    ("the object with the shortest reach", SMALLEST, _with(cost=lambda d: d.amax(-1))),
    (
        "the smallest first, the range afterwards",
        "A larger object may own the cell if the smaller one does not suit its level: first check all three conditions, then take the smallest.",
        lambda *a: _suited(_with(in_range=lambda d, low, high: d.amax(-1) > -1e9)(*a), *a),
    ),
    (
        "cells near the edge ignored",
        "Every cell that no object owns is background, even inside a box: negative = ~positive.",
        lambda boxes, centers, *rest: _only_outside(assign_cells(boxes, centers, *rest), boxes, centers),
    ),
    (
        "positive and negative swapped",
        "ops.Match is (target, positive, negative).",
        _then(lambda m, b: Match(m.target, m.negative, m.positive)),
    ),
    (
        "everything negative as well",
        "A cell that an object owns is not trained as background.",
        _then(lambda m, b: Match(m.target, m.positive, m.positive | m.negative)),
    ),
    (
        "no negatives",
        "Every other cell is background: negative = ~positive.",
        _then(lambda m, b: Match(m.target, m.positive, m.negative & m.positive)),
    ),
    (
        "objects counted from 1",
        "Targets are row numbers, counted from 0.",
        _then(lambda m, b: Match(m.target + 1, m.positive, m.negative)),
    ),
    (
        "centres as row and column",
        "centers are x, y.",
        lambda boxes, centers, *rest: assign_cells(boxes, centers.flip(-1), *rest),
    ),
    (
        "the caller's centres overwritten",
        "They are used for the next image: work on new tensors.",
        overwriting(assign_cells, 1),
    ),
    (
        "an error without objects",
        "A scene without objects has only negative cells.",
        failing_when(lambda boxes, *_: not len(boxes), assign_cells),
    ),
):
    ASSIGN_CELLS.wrong(_name, _story)(_function)

EXERCISES = (ASSIGN_CELLS,)
