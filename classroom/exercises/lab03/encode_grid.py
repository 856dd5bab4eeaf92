"""Lab 03, section 3: from objects to what each cell should predict."""

import torch

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import encoded_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision
from classroom.figures.grid import owner_cells
from coursekit import ops
from coursekit.models.yolo import encode_grid

_TWO = boxes((45, 2, 75, 22), (4, 8, 24, 38))
_CROWD = boxes((45, 2, 75, 22), (54, 4, 66, 12), (2, 20, 18, 40))

ENCODE_GRID = Exercise(
    encode_grid,
    picture=encoded_picture,
    judge=any_precision,
    hints=(
        "Two tensors of zeros; then, for each object, fill one place. Which objects must be skipped?",
        "x = centre x * columns / width - column; y = centre y * rows / height - row; w / width; h / height.",
        "for (x1, y1, x2, y2), label, (row, column) in zip(boxes.tolist(), labels, owner_cells(boxes, image_size, grid).tolist()): "
        "if cell_labels[row, column] == 0: cell_boxes[row, column] = torch.tensor([(x1 + x2) / 2 * columns / width - column, ...]); "
        "cell_labels[row, column] = label",
    ),
    cases=(
        Case("one object, two by two cells", (boxes((4, 4, 24, 14)), torch.tensor([1]), (40, 40), (2, 2))),
        Case("an image wider than high", (_TWO, torch.tensor([7, 3]), (40, 80), (2, 2))),
        Case("more columns than rows", (_TWO, torch.tensor([7, 3]), (40, 80), (2, 4))),
        Case(
            "a small object, then a large one in its cell",
            (_CROWD.flip(0), torch.tensor([1, 2, 3]), (40, 80), (2, 4)),
        ),
        Case(
            "a large object, then a small one in its cell",
            (_CROWD, torch.tensor([4, 5, 6]), (40, 80), (2, 4)),
        ),
        Case("more rows than columns", (boxes((50, 22, 60, 36)), torch.tensor([2]), (40, 80), (4, 2))),
        Case(
            "a centre in the lower right corner",
            (boxes((60, 30, 100, 50)), torch.tensor([8]), (40, 80), (2, 4)),
        ),
        Case("an object at the border", (boxes((60, 30, 80, 40)), torch.tensor([9]), (40, 80), (3, 5))),
        Case("no objects", (boxes(), torch.zeros(0, dtype=torch.int64), (40, 80), (2, 4))),
    ),
)


@ENCODE_GRID.wrong("the last object of a cell wins", "The first one keeps the cell; the later ones are lost.")
def _last_wins(boxes, labels, image_size, grid):
    return encode_grid(boxes.flip(0), labels.flip(0), image_size, grid)


def _sorted(boxes, labels, image_size, grid, largest):
    order = ops.box_area(boxes).argsort(descending=largest, stable=True)
    return encode_grid(boxes[order], labels[order], image_size, grid)


@ENCODE_GRID.wrong("the largest object of a cell wins", "The first one keeps the cell, whatever its size.")
def _largest_wins(boxes, labels, image_size, grid):
    return _sorted(boxes, labels, image_size, grid, largest=True)


@ENCODE_GRID.wrong("the smallest object of a cell wins", "The first one keeps the cell, whatever its size.")
def _smallest_wins(boxes, labels, image_size, grid):
    return _sorted(boxes, labels, image_size, grid, largest=False)


@ENCODE_GRID.wrong("a transposed grid", "The result is (rows, columns): index it [row, column].")
def _transposed(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells.transpose(0, 1).contiguous(), names.t().contiguous()


@ENCODE_GRID.wrong("the cell [column, row] filled", "The first index is the row: fill [row, column].")
def _column_row(boxes, labels, image_size, grid):
    cells, names = torch.zeros(*grid, 4), torch.zeros(grid, dtype=torch.int64)
    right, _ = encode_grid(boxes, labels, image_size, grid)
    for label, (row, column) in zip(labels, owner_cells(boxes, image_size, grid).tolist(), strict=True):
        if column >= grid[0] or row >= grid[1]:
            raise Exception("a cell beyond the shape of the grid")
        if names[column, row] == 0:
            cells[column, row], names[column, row] = right[row, column], label
    return cells, names


def _scaled(name, story, factors, shift=0.0):
    """An answer whose four numbers are the right ones times factors of (height, width, rows, columns), plus a shift."""

    def scaled(boxes, labels, image_size, grid):
        cells, names = encode_grid(boxes, labels, image_size, grid)
        changed = cells * torch.tensor(factors(*image_size, *grid)) + torch.tensor([shift, shift, 0.0, 0.0])
        return changed * (names > 0)[..., None], names

    ENCODE_GRID.wrong(name, story)(scaled)


_scaled(
    "pixels for all four numbers",
    "x and y are in cells, width and height are fractions of the image.",
    lambda h, w, r, c: [w / c, h / r, w, h],
)
_scaled(
    "x and y in pixels",
    "They are measured in cells, from the upper left corner of the cell: divide by the size of a cell.",
    lambda h, w, r, c: [w / c, h / r, 1.0, 1.0],
)
_scaled(
    "width and height in pixels",
    "They are fractions of the image: divide by its width and height.",
    lambda h, w, r, c: [1.0, 1.0, w, h],
)
_scaled(
    "sides measured in cells",
    "Width and height are fractions of the whole image, because a box may be larger than its cell.",
    lambda h, w, r, c: [1.0, 1.0, c, r],
)
_scaled(
    "the width divided by the height of the image",
    "A width is a fraction of the image's width, and a height of its height.",
    lambda h, w, r, c: [1.0, 1.0, w / h, 1.0],
)
_scaled(
    "height and width of the image swapped for the sides",
    "`image_size` is (height, width): divide widths by the second number.",
    lambda h, w, r, c: [1.0, 1.0, w / h, h / w],
)
_scaled("half the sides", "Width and height are whole sides.", lambda h, w, r, c: [1.0, 1.0, 0.5, 0.5])
_scaled(
    "x and y counted from the middle of the cell",
    "They are measured from the upper left corner of the cell, so they lie between 0 and 1.",
    lambda h, w, r, c: [1.0, 1.0, 1.0, 1.0],
    -0.5,
)


def _moved(name, story, move):
    """An answer whose x and y are other ones: move(x and y, the sides in cells, column and row, columns and rows)."""

    def moved(boxes, labels, image_size, grid):
        cells, names = encode_grid(boxes, labels, image_size, grid)
        row, column = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
        counts = torch.tensor(grid[::-1])
        inside, sides = cells[..., :2], cells[..., 2:]
        middle = move(inside, sides * counts, torch.stack([column, row], -1), counts)
        return torch.cat([middle, sides], -1) * (names > 0)[..., None], names

    ENCODE_GRID.wrong(name, story)(moved)


_moved(
    "a centre as a fraction of the image",
    "x and y are measured in cells, from the upper left corner of the cell.",
    lambda inside, sides, cell, counts: (inside + cell) / counts,
)
_moved(
    "a centre measured from the corner of the image",
    "Subtract the column and the row: x and y are measured from the corner of the cell.",
    lambda inside, sides, cell, counts: inside + cell,
)
_moved(
    "the corner of the box instead of its centre",
    "x and y are the centre of the box.",
    lambda inside, sides, cell, counts: inside - sides / 2,
)


@ENCODE_GRID.wrong("y before x", "The order is x, y, width, height.")
def _y_before_x(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells[..., [1, 0, 3, 2]], names


@ENCODE_GRID.wrong(
    "roots of the sides", "The loss takes the square root; here w and h are the sides themselves."
)
def _roots(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return torch.cat([cells[..., :2], cells[..., 2:].sqrt()], -1), names


@ENCODE_GRID.wrong("labels one too small", "Labels are 1..K; 0 means that there is no object.")
def _label_one_too_small(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells, (names - 1).clamp(min=0)


@ENCODE_GRID.wrong("every label is 1", "Write the label of the object, not only whether there is one.")
def _one(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells, (names > 0).long()


@ENCODE_GRID.wrong("labels of another dtype", "Labels are indices of classes: int64, like `labels`.")
def _float_labels(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells, names.float()


@ENCODE_GRID.wrong(
    "a label in every cell that the object covers", "Only the cell that contains the centre is responsible."
)
def _every_cell_it_covers(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (height, width), (rows, columns) = image_size, grid
    edges = torch.tensor([columns / width, rows / height]).repeat(2)
    for box, label in zip((boxes * edges).tolist(), labels, strict=True):
        left, top, right, bottom = int(box[0]), int(box[1]), int(box[2]) + 1, int(box[3]) + 1
        names[top:bottom, left:right] = label
    return cells, names


ENCODE_GRID.wrong("the caller's boxes overwritten", "They are needed again: work on new tensors.")(
    overwriting(encode_grid, 0)
)
ENCODE_GRID.wrong("an error without objects", "If an image has no objects, all cells are zero.")(
    failing_when(lambda boxes, *_: not len(boxes), encode_grid)
)

EXERCISES = (ENCODE_GRID,)
