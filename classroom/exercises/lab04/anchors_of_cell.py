"""Lab 04, section 1: the anchors of one cell."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import boxes_picture
from classroom.exercises.readings import any_precision


def anchors_of_cell(side: float, ratios: Sequence[float]) -> Tensor:
    """Return one box around (0, 0) per ratio height / width, all with the area of a square of this side: (R, 4)."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    half = torch.stack([side / root, side * root], 1) / 2  # (R, 2): width, height
    return torch.cat([-half, half], 1)


ANCHORS_OF_CELL = Exercise(
    anchors_of_cell,
    picture=boxes_picture,
    judge=any_precision,
    hints=(
        "Width times height must be side². Height divided by width must be the ratio. Two equations, two unknowns.",
        "width = side / sqrt(ratio), height = side * sqrt(ratio).",
        "root = torch.tensor(ratios).sqrt(); width, height = side / root, side * root; "
        "torch.stack([-width / 2, -height / 2, width / 2, height / 2], 1).",
    ),
    cases=(
        Case("a square", (8.0, (1.0,))),
        Case("one four times as tall as wide", (8.0, (4.0,))),
        Case("one four times as wide as tall", (8.0, (0.25,))),
        Case("three anchors of one area", (40.0, (0.5, 1.0, 2.0))),
        Case("four anchors", (10.0, (1.0, 0.2, 3.0, 5.0))),
    ),
)


def _wrong_sides(name: str, story: str, sides: Callable[[float, Tensor], tuple]) -> None:
    """A wrong answer with different sides around (0, 0): sides(side, ratios) -> width, height."""

    def wrong(side: float, ratios: Sequence[float]) -> Tensor:
        half = torch.stack(sides(side, torch.tensor(ratios, dtype=torch.float32)), 1) / 2
        return torch.cat([-half, half], 1)

    ANCHORS_OF_CELL.wrong(name, story)(wrong)


_wrong_sides(
    "all anchors square",
    "Multiply the height by the root of the ratio, but divide the width by it.",
    lambda side, r: (side * r.sqrt(), side * r.sqrt()),
)
_wrong_sides(
    "the same square for every ratio",
    "The ratio changes the shape: height / width must be the ratio.",
    lambda side, r: (side * r / r, side * r / r),
)
_wrong_sides(
    "width / height",
    "Here the ratio is height / width, so an anchor with ratio 4 is tall.",
    lambda side, r: (side * r.sqrt(), side / r.sqrt()),
)
_wrong_sides(
    "an area that grows with the ratio",
    "A taller anchor must be narrower too: the area is side², whatever the ratio.",
    lambda side, r: (side * r / r, side * r),
)
_wrong_sides(
    "an area that shrinks with the ratio",
    "A narrower anchor must be taller too: the area is side², whatever the ratio.",
    lambda side, r: (side / r, side * r / r),
)
_wrong_sides(
    "only the height changed, by the root of the ratio",
    "Divide the width by the root as well: then the area is side² and height / width is the ratio.",
    lambda side, r: (side * r / r, side * r.sqrt()),
)
_wrong_sides(
    "only the width changed, by the root of the ratio",
    "Multiply the height by the root as well: then the area is side² and height / width is the ratio.",
    lambda side, r: (side / r.sqrt(), side * r / r),
)
_wrong_sides(
    "the ratio without its root",
    "Height / width is then the square of the ratio: take its root for each side.",
    lambda side, r: (side / r, side * r),
)
_wrong_sides(
    "`side` as the longer side",
    "All anchors have the same area, side²: neither of the two sides is `side` itself.",
    lambda side, r: (side / r.clamp(min=1), side * r.clamp(max=1)),
)
_wrong_sides(
    "`side` as the shorter side",
    "All anchors have the same area, side²: neither of the two sides is `side` itself.",
    lambda side, r: (side / r.clamp(max=1), side * r.clamp(min=1)),
)
_wrong_sides(
    "whole sides from the centre",
    "From the centre, go half a side each way.",
    lambda side, r: (2 * side / r.sqrt(), 2 * side * r.sqrt()),
)
_wrong_sides(
    "half the sides",
    "From the centre, go half a side each way, not a quarter.",
    lambda side, r: (side / r.sqrt() / 2, side * r.sqrt() / 2),
)
_wrong_sides(
    "the side used as the area",
    "The area is side², not side.",
    lambda side, r: ((side / r).sqrt(), (side * r).sqrt()),
)
_wrong_sides(
    "sides rounded to whole pixels",
    "Rounded sides have a different area: leave them as they are.",
    lambda side, r: ((side / r.sqrt()).round(), (side * r.sqrt()).round()),
)


@ANCHORS_OF_CELL.wrong(
    "corners rounded to whole pixels", "Rounded corners give a different area: leave them as they are."
)
def _rounded(side: float, ratios: Sequence[float]) -> Tensor:
    return anchors_of_cell(side, ratios).round()


@ANCHORS_OF_CELL.wrong(
    "0, 0, width and height",
    "As xyxy, that is a box with its corner at the origin. Its centre must be there: half the width to the left, half to the right.",
)
def _corner_at_zero(side: float, ratios: Sequence[float]) -> Tensor:
    anchors = anchors_of_cell(side, ratios)
    return anchors - anchors[:, :2].repeat(1, 2)


@ANCHORS_OF_CELL.wrong("corner, width and height", "The result is xyxy: the last two numbers are x2 and y2.")
def _xywh(side: float, ratios: Sequence[float]) -> Tensor:
    anchors = anchors_of_cell(side, ratios)
    return torch.cat([anchors[:, :2], 2 * anchors[:, 2:]], 1)


@ANCHORS_OF_CELL.wrong("anchors in columns", "One row per ratio, (R, 4): stack along axis 1.")
def _columns(side: float, ratios: Sequence[float]) -> Tensor:
    return anchors_of_cell(side, ratios).T


EXERCISES = (ANCHORS_OF_CELL,)
