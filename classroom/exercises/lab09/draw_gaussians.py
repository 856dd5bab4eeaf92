"""Lab 09, section 3: corners as Gaussians on a heat map."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab09.pictures import map_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision

Size = tuple[int, int, int]


def draw_gaussians(points: Tensor, radii: Tensor, labels: Tensor, size: Size) -> Tensor:
    """A heat map with a Gaussian at each point, cut off at its radius: (G, 2), (G,), (G,) -> (K, h, w)."""
    heat = torch.zeros(size)
    for (x, y), radius, label in zip(points.tolist(), radii.tolist(), labels.tolist(), strict=True):
        r = int(radius)
        dx, dy = torch.arange(size[2]) - x, torch.arange(size[1])[:, None] - y
        bell = torch.exp(-(dx**2 + dy**2) / (2 * ((2 * r + 1) / 6) ** 2))
        bell = bell * ((dx.abs() <= r) & (dy.abs() <= r))
        heat[label] = torch.maximum(heat[label], bell)
    return heat


def _drawn(*rows: tuple[int, int, float, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Points, radii and labels from rows of x, y, radius and label."""
    table = torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)
    return table[:, :2].long(), table[:, 2], table[:, 3].long()


DRAW_GAUSSIANS = Exercise(
    draw_gaussians,
    picture=map_picture,
    judge=any_precision,
    hints=(
        "A Gaussian in two dimensions is a product: one along the row times one along the column.",
        "For each object: r = int(radius); sigma = (2 * r + 1) / 6; dx = torch.arange(w) - x; "
        "across = exp(-dx^2 / (2 sigma^2)) where |dx| <= r, else 0; the same for dy.",
        "heat = torch.zeros(size)\n"
        "for (x, y), radius, label in zip(points.tolist(), radii.tolist(), labels.tolist()):\n"
        "    r = int(radius)\n"
        "    dx, dy = torch.arange(size[2]) - x, torch.arange(size[1])[:, None] - y\n"
        "    bell = torch.exp(…) * ((dx.abs() <= r) & (dy.abs() <= r))\n"
        "    heat[label] = …  # where two bells overlap, the higher one counts\n"
        "return heat",
    ),
    cases=(
        Case("one corner of radius 1 in a row", (*_drawn((1, 0, 1, 0)), (1, 1, 5))),
        Case("radius 0: one cell", (*_drawn((2, 1, 0, 0)), (1, 3, 4))),
        Case("no objects", (*_drawn(), (2, 3, 4))),
        Case("radius 2", (*_drawn((3, 2, 2, 0)), (1, 6, 8))),
        Case("radius 2.9 counts as 2", (*_drawn((3, 2, 2.9, 0)), (1, 6, 8))),
        Case("x is the column", (*_drawn((5, 1, 1, 0)), (1, 3, 7))),
        Case("at the border", (*_drawn((0, 4, 2, 0)), (1, 5, 6))),
        Case("two classes of three", (*_drawn((1, 1, 1, 2), (4, 2, 1, 0)), (3, 4, 6))),
        Case("two overlapping objects of one class", (*_drawn((2, 2, 2, 0), (4, 2, 1, 0)), (1, 5, 7))),
        Case(
            "five objects",
            (*_drawn((1, 1, 3, 0), (3, 1, 1, 0), (8, 5, 4, 1), (7, 4, 2, 1), (0, 6, 0, 1)), (2, 7, 9)),
        ),
    ),
)


def _bells(points: Tensor, radii: Tensor, size: Size, sigma: Callable, inside: Callable) -> Tensor:
    """exp(-d^2 / 2 sigma(r)^2) of each point where inside(|dx|, |dy|, r): (G, h, w)."""
    r = radii[:, None, None]
    dx = torch.arange(size[2]) - points[:, 0, None, None]
    dy = torch.arange(size[1])[:, None] - points[:, 1, None, None]
    bell = torch.exp(-(dx**2 + dy**2) / (2 * sigma(r) ** 2))
    return bell * inside(dx.abs(), dy.abs(), r)


def _collected(bells: Tensor, labels: Tensor, size: Size) -> Tensor:
    heat = torch.zeros(size)
    for bell, label in zip(bells, labels.tolist(), strict=True):
        heat[label] = torch.maximum(heat[label], bell)
    return heat


def _sixth(r: Tensor) -> Tensor:
    return (2 * r.floor() + 1) / 6


def _square(dx: Tensor, dy: Tensor, r: Tensor) -> Tensor:
    return (dx <= r.floor()) & (dy <= r.floor())


def _with(
    sigma: Callable = _sixth, inside: Callable = _square, change: Callable = lambda bells: bells
) -> Callable:
    """An answer with another sigma(r), another inside(|dx|, |dy|, r), or bells that are changed in the end."""
    return lambda points, radii, labels, size: _collected(
        change(_bells(points, radii, size, sigma, inside)), labels, size
    )


@DRAW_GAUSSIANS.wrong("Gaussians added up", "Where two overlap, the higher value counts: a sum can exceed 1.")
def _added(points: Tensor, radii: Tensor, labels: Tensor, size: Size) -> Tensor:
    return torch.zeros(size).index_add(0, labels, _bells(points, radii, size, _sixth, _square))


@DRAW_GAUSSIANS.wrong(
    "the last object overwrites the others", "Take the maximum with what is already in the channel."
)
def _last_wins(points: Tensor, radii: Tensor, labels: Tensor, size: Size) -> Tensor:
    heat = torch.zeros(size)
    for bell, label in zip(_bells(points, radii, size, _sixth, _square), labels.tolist(), strict=True):
        heat[label] = bell
    return heat


def _moved(change: Callable) -> Callable:
    """An answer that draws change(points, radii, labels, size) instead."""
    return lambda points, radii, labels, size: draw_gaussians(*change(points, radii, labels, size))


def _upright(points: Tensor, size: Size) -> Tensor:
    """Rows used as columns, as far as the map has them."""
    return points.flip(-1).minimum(torch.tensor([size[2] - 1, size[1] - 1]))


def _later_squares(points: Tensor, radii: Tensor, labels: Tensor, size: Size) -> Tensor:
    heat = torch.zeros(size)
    for bell, label in zip(_bells(points, radii, size, _sixth, _square), labels.tolist(), strict=True):
        heat[label] = torch.where(bell > 0, bell, heat[label])
    return heat


def _wrapped(points: Tensor, radii: Tensor, labels: Tensor, size: Size) -> Tensor:
    """Also painted: the cells at negative places, counted from the far side."""
    bells = _bells(points, radii, size, _sixth, _square)
    for left, up in ((size[2], 0), (0, size[1]), (size[2], size[1])):
        shifted = points + torch.tensor([left, up])
        bells = bells.maximum(_bells(shifted, radii, size, _sixth, _square))
    return _collected(bells, labels, size)


SIGMA = "Sigma is one sixth of the diameter, (2r + 1) / 6, where r is the radius in whole cells."
CUT = "More than r cells away along either axis, the Gaussian is 0."
for _name, _story, _function in (
    ("the radius used as sigma", SIGMA, _with(sigma=lambda r: r.floor().clamp(min=0.1))),
    ("a third of the radius", SIGMA, _with(sigma=lambda r: r.floor().clamp(min=0.1) / 3)),
    ("a sixth of the radius", SIGMA, _with(sigma=lambda r: r.floor().clamp(min=0.1) / 6)),
    ("the whole diameter", SIGMA, _with(sigma=lambda r: 2 * r.floor() + 1)),
    ("a third of the diameter", SIGMA, _with(sigma=lambda r: (2 * r.floor() + 1) / 3)),
    ("sigma not squared", "The exponent is −d² / (2σ²).", _with(sigma=lambda r: _sixth(r).sqrt())),
    ("the 2 forgotten", "The exponent is −d² / (2σ²).", _with(sigma=lambda r: _sixth(r) / 2**0.5)),
    (
        "a radius that keeps its fraction",
        "Round the radius down to whole cells first, for sigma and for the cut.",
        _with(lambda r: (2 * r + 1) / 6, lambda dx, dy, r: (dx <= r) & (dy <= r)),
    ),
    (
        "a radius rounded to the nearest",
        "Round the radius down to whole cells: int(radius).",
        _moved(lambda p, r, k, s: (p, r.round(), k, s)),
    ),
    ("nothing cut off", CUT, _with(inside=lambda dx, dy, r: dx <= 999)),
    (
        "cut off in a circle",
        CUT + " That is a square.",
        _with(inside=lambda dx, dy, r: dx**2 + dy**2 <= r.floor() ** 2),
    ),
    (
        "cut off one cell early",
        CUT,
        _with(inside=lambda dx, dy, r: (dx < r.floor().clamp(min=1)) & (dy < r.floor().clamp(min=1))),
    ),
    (
        "a square of ones",
        "The heat falls off smoothly around the corner.",
        _with(change=lambda b: (b > 0).float()),
    ),
    ("a single cell", "The neighbours of a corner are warm too.", _with(change=lambda b: (b == 1).float())),
    (
        "a density",
        "Do not divide by 2πσ²: the heat at the corner itself is 1.",
        lambda p, r, k, s: _collected(
            _bells(p, r, s, _sixth, _square) / (2 * torch.pi * _sixth(r)[:, None, None] ** 2), k, s
        ),
    ),
    (
        "row and column swapped",
        "A point is (x, y): x counts columns.",
        _moved(lambda p, r, k, s: (_upright(p, s), r, k, s)),
    ),
    (
        "row and column swapped",
        "A point is (x, y): x counts columns.",
        lambda p, r, k, s: _collected(_bells(p.flip(-1), r, s, _sixth, _square), k, s),
    ),
    (
        "a later square over an earlier one",
        "Where two overlap, the higher value counts, cell by cell: torch.maximum.",
        _later_squares,
    ),
    (
        "wrapped around the border",
        "A negative index counts from the far side of the map: leave out what lies beyond the border.",
        _wrapped,
    ),
    (
        "the axes of each map swapped",
        "The result is (K, h, w).",
        lambda *a: draw_gaussians(*a).transpose(1, 2),
    ),
    (
        "everything in one channel",
        "Each object belongs to the channel of its label.",
        _moved(lambda p, r, k, s: (p, r, 0 * k, s)),
    ),
    (
        "labels counted from 1",
        "The labels here are 0..K−1: they are the channels.",
        _moved(lambda p, r, k, s: (p, r, (k - 1) % s[0], s)),
    ),
    (
        "a map per object",
        "There is one channel per class: (K, h, w).",
        lambda p, r, k, s: _bells(p, r, s, _sixth, _square),
    ),
    ("all maps in one", "Return (K, h, w), one channel per class.", lambda *a: draw_gaussians(*a).amax(0)),
    (
        "the caller's points overwritten",
        "They are needed again: work on new tensors.",
        overwriting(draw_gaussians, 0),
    ),
    (
        "an error without objects",
        "Without objects, all maps are zero.",
        failing_when(lambda points, *_: not len(points), draw_gaussians),
    ),
):
    DRAW_GAUSSIANS.wrong(_name, _story)(_function)

EXERCISES = (DRAW_GAUSSIANS,)
