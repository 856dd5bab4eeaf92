"""Lab 03, sections 1 and 2: how many boxes a detector looks at, and which cell owns an object."""

import math
from collections.abc import Sequence

import torch

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import owners_picture
from classroom.figures.grid import owner_cells


def count_candidates(
    size: tuple[int, int], strides: Sequence[int], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """Return how many boxes the first stage looks at, and how many the second; 0 without a second stage."""
    height, width = size
    first = sum(math.ceil(height / s) * math.ceil(width / s) * per_cell for s in strides)
    return first, 0 if keep is None else min(keep, first)


COUNT_CANDIDATES = Exercise(
    count_candidates,
    hints=(
        "How many cells of 16 pixels cover an image of 40 x 65 pixels? Draw it.",
        "cells of one level = ceil(H / stride) * ceil(W / stride); times per_cell; the sum over the levels.",
        "first = sum(math.ceil(height / s) * math.ceil(width / s) * per_cell for s in strides); then min(keep, first) or 0.",
    ),
    cases=(
        Case("four cells of one box", ((32, 32), (16,), 1)),
        Case("two boxes a cell", ((32, 32), (16,), 2)),
        Case("higher than wide", ((64, 32), (16,), 2)),
        Case("three levels", ((64, 64), (8, 16, 32), 1)),
        Case("a size that is no multiple of the stride", ((40, 65), (16,), 3)),
        Case("a second stage", ((64, 64), (16,), 3, 20)),
        Case("a second stage that could take more than there are", ((32, 64), (32,), 3, 20)),
    ),
)


@COUNT_CANDIDATES.wrong("a box for each pixel", "There is a cell for each stride x stride pixels.")
def _pixels(size, strides, per_cell, keep=None):
    return count_candidates(size, [1] * len(strides), per_cell, keep)


@COUNT_CANDIDATES.wrong(
    "only whole cells", "The image is padded: a cell that is partly in it counts, so round up."
)
def _whole_cells_only(size, strides, per_cell, keep=None):
    first = sum((size[0] // s) * (size[1] // s) * per_cell for s in strides)
    return first, 0 if keep is None else min(keep, first)


@COUNT_CANDIDATES.wrong("a square image", "Height and width differ: count rows and columns apart.")
def _square(size, strides, per_cell, keep=None):
    return count_candidates((size[1], size[1]), strides, per_cell, keep)


@COUNT_CANDIDATES.wrong("the finest level only", "Each level has its cells: add them.")
def _finest_level(size, strides, per_cell, keep=None):
    return count_candidates(size, strides[:1], per_cell, keep)


@COUNT_CANDIDATES.wrong("one box a cell", "Each cell says `per_cell` boxes.")
def _one_a_cell(size, strides, per_cell, keep=None):
    return count_candidates(size, strides, 1, keep)


@COUNT_CANDIDATES.wrong(
    "every candidate in both stages",
    "The second stage sees only the best `keep`: that is why it can afford a closer look.",
)
def _all_in_both(size, strides, per_cell, keep=None):
    first, _ = count_candidates(size, strides, per_cell)
    return first, 0 if keep is None else first


@COUNT_CANDIDATES.wrong(
    "more proposals than candidates",
    "Where there are fewer candidates than `keep`, the second stage sees all of them, and no more.",
)
def _keep_without_limit(size, strides, per_cell, keep=None):
    first, _ = count_candidates(size, strides, per_cell)
    return first, keep or 0


@COUNT_CANDIDATES.wrong(
    "a second stage in every detector", "`keep=None` means one stage: nothing is looked at again."
)
def _second_stage_always(size, strides, per_cell, keep=None):
    first, second = count_candidates(size, strides, per_cell, keep)
    return first, first if keep is None else second


# ---------------------------------------------------------------- who owns an object

OWNER_CELLS = Exercise(
    owner_cells,
    picture=owners_picture,
    hints=(
        "In which cell is a centre at x = 55 when the image is 80 pixels wide and has 4 columns?",
        "row = floor(y * rows / height), column = floor(x * columns / width), at most rows - 1 and columns - 1.",
        "x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1); row = (y * rows / height).long().clamp(max=rows - 1); ...",
    ),
    cases=(
        Case("one box, two by two cells", (boxes((30, 2, 36, 8)), (40, 40), (2, 2))),
        Case("an image wider than high", (boxes((50, 2, 60, 10), (2, 21, 10, 29)), (40, 80), (2, 2))),
        Case("more columns than rows", (boxes((50, 22, 60, 30)), (40, 80), (2, 4))),
        Case("a box larger than its cell", (boxes((4, 4, 70, 36)), (40, 80), (2, 4))),
        Case("a centre on the line between two cells", (boxes((10, 5, 30, 35)), (40, 80), (2, 4))),
        Case("a centre in the right lower corner", (boxes((60, 30, 100, 50)), (40, 80), (2, 4))),
        Case("cells of no whole number of pixels", (boxes((18, 20, 22, 23)), (30, 50), (4, 8))),
        Case("no boxes", (boxes(), (40, 80), (2, 4))),
    ),
)


@OWNER_CELLS.wrong("column before row", "Tensors are (row, column), points are (x, y).")
def _column_first(boxes, image_size, grid):
    return owner_cells(boxes, image_size, grid).flip(1)


@OWNER_CELLS.wrong("the corner instead of the centre", "The cell with the box's centre owns the object.")
def _corner(boxes, image_size, grid):
    return owner_cells(boxes[:, [0, 1, 0, 1]], image_size, grid)


@OWNER_CELLS.wrong("height and width mixed up", "`image_size` is (height, width): y belongs to the height.")
def _size_transposed(boxes, image_size, grid):
    return owner_cells(boxes, image_size[::-1], grid)


@OWNER_CELLS.wrong("a transposed grid", "`grid` is (rows, columns): y belongs to the rows.")
def _grid_transposed(boxes, image_size, grid):
    (height, width), (rows, columns) = image_size, grid
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)
    row, column = (y * columns / height).long(), (x * rows / width).long()
    return torch.stack([row.clamp(max=columns - 1), column.clamp(max=rows - 1)], 1)


@OWNER_CELLS.wrong(
    "a cell beyond the last", "A centre on the right or lower border of the image belongs to the last cell."
)
def _beyond_the_last(boxes, image_size, grid):
    (height, width), (rows, columns) = image_size, grid
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)
    return torch.stack([(y * rows / height).long(), (x * columns / width).long()], 1)


@OWNER_CELLS.wrong(
    "the nearest line instead of the cell",
    "Rounding goes to the nearest line; the cell is what lies after a line: cut off the fraction.",
)
def _nearest_line(boxes, image_size, grid):
    (height, width), (rows, columns) = image_size, grid
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)
    row, column = (y * rows / height).round().long(), (x * columns / width).round().long()
    return torch.stack([row.clamp(max=rows - 1), column.clamp(max=columns - 1)], 1)


@OWNER_CELLS.wrong(
    "cells of a whole number of pixels",
    "30 pixels in 4 rows are cells of 7.5 pixels: multiply before you cut off.",
)
def _whole_pixels(boxes, image_size, grid):
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)
    row, column = (y // (image_size[0] // grid[0])).long(), (x // (image_size[1] // grid[1])).long()
    return torch.stack([row.clamp(max=grid[0] - 1), column.clamp(max=grid[1] - 1)], 1)


@OWNER_CELLS.wrong("fractions of a cell", "A cell is numbered: whole numbers, int64.")
def _fractions(boxes, image_size, grid):
    (height, width), (rows, columns) = image_size, grid
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)
    return torch.stack([y * rows / height, x * columns / width], 1)


EXERCISES = (COUNT_CANDIDATES, OWNER_CELLS)
