"""Lab 13, third part: from cells back to pixels."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from coursekit import ops


def cells_to_pixels(points: Tensor, stride: float) -> Tensor:
    """Where points in cells of `stride` pixels lie in the image: (..., 2) -> (..., 2)."""
    return ops.to_pixels(points, stride)


_POINTS = torch.tensor([[0.0, 3.0], [2.25, 11.5]])

CELLS_TO_PIXELS = Exercise(
    cells_to_pixels,
    hints=(
        "Draw two cells of 8 pixels. Where is the centre of the first, and of the second?",
        "The centres are at stride / 2, 3 stride / 2, 5 stride / 2 ...",
        "return (points + …) * stride  # a point at 0 is the middle of cell 0",
    ),
    cases=(
        Case("the first cell", (torch.zeros(1, 2), 8)),
        Case("cells of one pixel", (_POINTS, 1)),
        Case("between the cells", (_POINTS, 8)),
        Case("no points", (torch.zeros(0, 2), 4)),
        Case("whole cells", (torch.tensor([[0, 3], [5, 1]]), 8)),
        Case("an odd stride", (_POINTS, 5)),
        Case("a stride with a fraction", (_POINTS, 2.5)),
        Case("points of several objects", (_POINTS.expand(3, 2, 2) + 0.25, 16)),
    ),
)


@CELLS_TO_PIXELS.wrong(
    "the corner of the cell", "The centre of cell 0 is half a cell from the border: 4 pixels at stride 8."
)
def _corner(points: Tensor, stride: float) -> Tensor:
    return points * stride


@CELLS_TO_PIXELS.wrong(
    "half a pixel instead of half a cell", "The centre is half a CELL from the border, not half a pixel."
)
def _half_a_pixel(points: Tensor, stride: float) -> Tensor:
    return points * stride + 0.5


@CELLS_TO_PIXELS.wrong("from pixels to cells", "That is the opposite direction.")
def _back(points: Tensor, stride: float) -> Tensor:
    return points / stride - 0.5


@CELLS_TO_PIXELS.wrong("the far corner", "That is where the cell ends; its centre is half a cell earlier.")
def _next_cell(points: Tensor, stride: float) -> Tensor:
    return (points + 1) * stride


@CELLS_TO_PIXELS.wrong("half a cell in the wrong direction", "The centre lies to the right of the corner.")
def _before(points: Tensor, stride: float) -> Tensor:
    return (points - 0.5) * stride


CENTRE = "The centre of cell 0 is at stride / 2, in both x and y."
for name, story, function in (
    (
        "half a pixel less",
        CENTRE + " Pixel coordinates do not refer to pixel centres here.",
        lambda p, s: (p + 0.5) * s - 0.5,
    ),
    (
        "points rounded down to whole cells",
        "A point may lie between cells: do not round.",
        lambda p, s: (p.floor() + 0.5) * s if p.is_floating_point() else (p + 0.5) * s,
    ),
    (
        "points rounded to whole cells",
        "A point may lie between cells: do not round.",
        lambda p, s: (p.float().round() + 0.5) * s,
    ),
    (
        "whole pixels, rounded down",
        "Do not round: pixel coordinates have fractions too.",
        lambda p, s: ((p + 0.5) * s).floor(),
    ),
    (
        "whole pixels, rounded",
        "Do not round: pixel coordinates have fractions too.",
        lambda p, s: ((p + 0.5) * s).round(),
    ),
    (
        "whole numbers of pixels, int64",
        "Do not round: pixel coordinates have fractions too.",
        lambda p, s: ((p + 0.5) * s).long(),
    ),
    (
        "half the stride rounded down",
        "Divide with /, not with //: half of 5 is 2.5.",
        lambda p, s: p * s + s // 2,
    ),
    ("a stride of 8 in every case", "Use the argument `stride`.", lambda p, s: (p + 0.5) * 8),
    ("x and y swapped", "x stays first.", lambda p, s: ((p + 0.5) * s).flip(-1)),
    (
        "half a cell in x only",
        CENTRE,
        lambda p, s: torch.stack([(p[..., 0] + 0.5) * s, p[..., 1] * float(s)], -1),
    ),
    (
        "half a cell in y only",
        CENTRE,
        lambda p, s: torch.stack([p[..., 0] * float(s), (p[..., 1] + 0.5) * s], -1),
    ),
    (
        "half a cell lost when the points are whole numbers",
        "The points may be int64: convert them to floats before you add 0.5.",
        lambda p, s: (p + 0.5).to(p.dtype) * s,
    ),
    ("0.5 added twice", CENTRE, lambda p, s: (p + 0.5) * s + 0.5),
    ("half a stride less", CENTRE, lambda p, s: (p + 0.5) * (s - 1) + 0.5),
    ("the distance between centres stretched", CENTRE, lambda p, s: p * (s + 0.5)),
    (
        "pixels as int64 if the points are",
        "The points may be int64, but pixel coordinates have fractions.",
        lambda p, s: ((p + 0.5) * s).to(p.dtype),
    ),
    (
        "the corner of the cell",
        "The centre of cell 0 is half a cell from the border: 4 pixels at stride 8.",
        lambda p, s: p * float(s),
    ),
    (
        "the far corner",
        "That is where the cell ends; its centre is half a cell earlier.",
        lambda p, s: (p + 1) * float(s),
    ),
):
    CELLS_TO_PIXELS.wrong(name, story)(function)


@CELLS_TO_PIXELS.wrong(
    "the points overwritten",
    "The caller still needs its points: points + 0.5 makes a new tensor, points += 0.5 does not.",
)
def _overwritten(points: Tensor, stride: float) -> Tensor:
    pixels = (points + 0.5) * stride
    points += 1
    return pixels


EXERCISES = (CELLS_TO_PIXELS,)
