"""Lab 03, section 2: which cell owns an object."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.alike import any_integers
from classroom.exercises.lab03.pictures import owners_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.figures.grid import owner_cells

OWNER_CELLS = Exercise(
    owner_cells,
    picture=owners_picture,
    judge=any_integers,
    hints=(
        "In which cell is a centre at x = 55 when the image is 80 pixels wide and has 4 columns?",
        "row = floor(y * rows / height), column = floor(x * columns / width), at most rows - 1 and columns - 1.",
        "x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1); row = (y * rows / height).long().clamp(max=rows - 1); "
        "the same for the column; torch.stack([row, column], 1)",
    ),
    cases=(
        Case("one box, two by two cells", (boxes((30, 2, 36, 8)), (40, 40), (2, 2))),
        Case("an image wider than high", (boxes((50, 2, 60, 10), (2, 21, 10, 29)), (40, 80), (2, 2))),
        Case("more columns than rows", (boxes((50, 22, 60, 30)), (40, 80), (2, 4))),
        Case("more rows than columns", (boxes((50, 22, 60, 36)), (40, 80), (4, 2))),
        Case("a box larger than its cell", (boxes((4, 4, 70, 36)), (40, 80), (2, 4))),
        Case("a centre on the line between two cells", (boxes((10, 5, 30, 35)), (40, 80), (2, 4))),
        Case("a centre in the lower right corner", (boxes((60, 30, 100, 50)), (40, 80), (2, 4))),
        Case("cells that are not a whole number of pixels", (boxes((18, 20, 22, 23)), (30, 50), (4, 8))),
        Case("a centre between two pixels, on a line", (boxes((5, 5, 16, 10)), (30, 50), (4, 8))),
        Case("no boxes", (boxes(), (40, 80), (2, 4))),
    ),
)


def _centres(boxes: Tensor) -> Tensor:
    """Centres as y, x: (G, 4) -> (G, 2)."""
    return ((boxes[:, :2] + boxes[:, 2:]) / 2).flip(1)


def _places(points: Tensor, image_size, grid) -> Tensor:
    """Where y, x lie, in cells: (G, 2)."""
    return points * torch.tensor(grid) / torch.tensor(image_size)


def _limited(cells: Tensor, grid) -> Tensor:
    return torch.minimum(cells.long(), torch.tensor(grid) - 1)


@OWNER_CELLS.wrong("column before row", "Tensors are indexed (row, column); points are (x, y).")
def _column_first(boxes, image_size, grid):
    return owner_cells(boxes, image_size, grid).flip(1)


for _name, _story, _points in (
    (
        "the upper left corner instead of the centre",
        "The cell that contains the centre of the box owns the object.",
        lambda boxes: boxes[:, [1, 0]],
    ),
    (
        "the lower right corner instead of the centre",
        "The cell that contains the centre of the box owns the object.",
        lambda boxes: boxes[:, [3, 2]],
    ),
    (
        "half the size used as the centre",
        "(x2 - x1) / 2 is half the width; the centre is (x1 + x2) / 2.",
        lambda boxes: (boxes[:, 2:] - boxes[:, :2]).flip(1) / 2,
    ),
    (
        "corners read as width and height",
        "Boxes are xyxy: the third number is x2, not the width. The centre is (x1 + x2) / 2.",
        lambda boxes: (boxes[:, :2] + boxes[:, 2:] / 2).flip(1),
    ),
    (
        "the centre without its half",
        "x1 + x2 is twice the centre.",
        lambda boxes: (boxes[:, :2] + boxes[:, 2:]).flip(1),
    ),
    (
        "centres rounded down to whole pixels",
        "A centre at 7.5 lies on the line between cells of 7.5 pixels: round down only after dividing by the cell.",
        lambda boxes: _centres(boxes).floor(),
    ),
):
    OWNER_CELLS.wrong(_name, _story)(
        lambda boxes, image_size, grid, points=_points: _limited(
            _places(points(boxes), image_size, grid), grid
        )
    )


@OWNER_CELLS.wrong("height and width mixed up", "`image_size` is (height, width): y belongs to the height.")
def _size_transposed(boxes, image_size, grid):
    return owner_cells(boxes, image_size[::-1], grid)


@OWNER_CELLS.wrong("the height used for both sides", "x goes with the width, y with the height.")
def _square_image(boxes, image_size, grid):
    return owner_cells(boxes, (image_size[0], image_size[0]), grid)


@OWNER_CELLS.wrong("a transposed grid", "`grid` is (rows, columns): y belongs to the rows.")
def _grid_transposed(boxes, image_size, grid):
    return owner_cells(boxes, image_size, grid[::-1])


@OWNER_CELLS.wrong("the rows used for both sides", "x goes with the columns, y with the rows.")
def _square_grid(boxes, image_size, grid):
    return owner_cells(boxes, image_size, (grid[0], grid[0]))


@OWNER_CELLS.wrong("the columns used for both sides", "x goes with the columns, y with the rows.")
def _as_many_rows(boxes, image_size, grid):
    return owner_cells(boxes, image_size, (grid[1], grid[1]))


@OWNER_CELLS.wrong(
    "a cell beyond the last", "A centre on the right or lower border of the image belongs to the last cell."
)
def _beyond_the_last(boxes, image_size, grid):
    return _places(_centres(boxes), image_size, grid).long()


@OWNER_CELLS.wrong(
    "the limits of rows and columns swapped", "The last row is rows - 1, the last column is columns - 1."
)
def _limits_exchanged(boxes, image_size, grid):
    return _limited(_places(_centres(boxes), image_size, grid), grid[::-1])


@OWNER_CELLS.wrong(
    "the nearest line instead of the cell",
    "Rounding finds the nearest line; the cell begins at the line before the centre, so round down.",
)
def _nearest_line(boxes, image_size, grid):
    return _limited(_places(_centres(boxes), image_size, grid).round(), grid)


@OWNER_CELLS.wrong(
    "rounded up",
    "The first row and column are 0: a centre belongs to the last line before it, so round down.",
)
def _rounded_up(boxes, image_size, grid):
    return _limited(_places(_centres(boxes), image_size, grid).ceil(), grid)


@OWNER_CELLS.wrong(
    "a centre on a line given to the cell before it", "A centre on a line belongs to the cell after it."
)
def _before_the_line(boxes, image_size, grid):
    return _limited(_places(_centres(boxes), image_size, grid).ceil() - 1, grid).clamp(min=0)


@OWNER_CELLS.wrong("cells counted from 1", "The first row and the first column are 0.")
def _from_one(boxes, image_size, grid):
    return owner_cells(boxes, image_size, grid) + 1


@OWNER_CELLS.wrong(
    "cells of a whole number of pixels",
    "30 pixels in 4 rows are cells of 7.5 pixels: multiply before you round down.",
)
def _whole_pixels(boxes, image_size, grid):
    sides = torch.tensor([image_size[0] // grid[0], image_size[1] // grid[1]])
    return _limited(_centres(boxes) / sides, grid)


@OWNER_CELLS.wrong(
    "one cell too few",
    "Multiply by the number of rows and columns; limit the border afterwards. With rows - 1 the last line is in the wrong place.",
)
def _shrunk_to_fit(boxes, image_size, grid):
    return _places(_centres(boxes), image_size, (grid[0] - 1, grid[1] - 1)).long()


@OWNER_CELLS.wrong("fractions of a cell", "Cells are numbered: round down to whole numbers, int64.")
def _fractions(boxes, image_size, grid):
    return _places(_centres(boxes), image_size, grid)


@OWNER_CELLS.wrong("whole numbers as floats", "Rows and columns are indices: convert them with .long().")
def _floats(boxes, image_size, grid):
    return owner_cells(boxes, image_size, grid).float()


@OWNER_CELLS.wrong("one number per cell", "Return row and column, (G, 2).")
def _flat(boxes, image_size, grid):
    row, column = owner_cells(boxes, image_size, grid).unbind(1)
    return row * grid[1] + column


OWNER_CELLS.wrong("the caller's boxes overwritten", "They are needed again: work on a new tensor.")(
    overwriting(owner_cells)
)
OWNER_CELLS.wrong(
    "an error without boxes", "An image without objects has no owner cells: return a tensor of shape (0, 2)."
)(failing_when(lambda boxes, *_: not len(boxes), owner_cells))

EXERCISES = (OWNER_CELLS,)
