"""Lab 03, section 3: from objects to what each cell should say, and back."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import decoded_picture, encoded_picture
from coursekit import ops
from coursekit.models.yolo import decode_grid, encode_grid

_TWO = boxes((45, 2, 75, 22), (4, 8, 24, 38))
_CROWD = boxes((45, 2, 75, 22), (54, 4, 66, 12), (2, 20, 18, 40))

ENCODE_GRID = Exercise(
    encode_grid,
    picture=encoded_picture,
    hints=(
        "Two tensors of zeros; then, for each object, fill one place. Which objects must be skipped?",
        "x = centre x * columns / width - column; y = centre y * rows / height - row; w / width; h / height.",
        "for box, label, (row, column) in zip(boxes, labels, owner_cells(boxes, image_size, grid).tolist()): if cell_labels[row, column] == 0: ...",
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
        Case("an object at the border", (boxes((60, 30, 80, 40)), torch.tensor([9]), (40, 80), (3, 5))),
        Case("no objects", (boxes(), torch.zeros(0, dtype=torch.int64), (40, 80), (2, 4))),
    ),
)


@ENCODE_GRID.wrong("the last object of a cell wins", "The first one owns the cell; the next ones are lost.")
def _last_wins(boxes, labels, image_size, grid):
    return encode_grid(boxes.flip(0), labels.flip(0), image_size, grid)


@ENCODE_GRID.wrong("the largest object of a cell wins", "The first one owns the cell, whatever its size.")
def _largest_wins(boxes, labels, image_size, grid):
    order = ops.box_area(boxes).argsort(descending=True, stable=True)
    return encode_grid(boxes[order], labels[order], image_size, grid)


@ENCODE_GRID.wrong("a transposed grid", "The result is (rows, columns): index it [row, column].")
def _transposed(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells.transpose(0, 1).contiguous(), names.t().contiguous()


@ENCODE_GRID.wrong(
    "pixels instead of cells and parts", "x and y are in cells, width and height in parts of the image."
)
def _pixels(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (height, width), (rows, columns) = image_size, grid
    return cells * torch.tensor([width / columns, height / rows, width, height]), names


@ENCODE_GRID.wrong(
    "a centre measured from the corner of the image",
    "x and y count from the corner of the cell, so they lie between 0 and 1.",
)
def _centre_in_the_image(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (rows, columns), owned = grid, (names > 0)[..., None]
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    cells[..., :2] += torch.stack([column, row], -1)
    cells[..., :2] /= torch.tensor([columns, rows])
    return cells * owned, names


@ENCODE_GRID.wrong(
    "sides measured in cells",
    "Width and height are parts of the whole image, for a box may be larger than its cell.",
)
def _sides_in_cells(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells * torch.tensor([1, 1, grid[1], grid[0]]), names


@ENCODE_GRID.wrong("y before x", "The order is x, y, width, height.")
def _y_before_x(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells[..., [1, 0, 3, 2]], names


@ENCODE_GRID.wrong("labels one too small", "Labels are 1..K; 0 says that no object is there.")
def _label_one_too_small(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells, (names - 1).clamp(min=0)


@ENCODE_GRID.wrong(
    "a label in every cell that the object covers", "Only the cell with the centre answers for it."
)
def _every_cell_it_covers(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (height, width), (rows, columns) = image_size, grid
    edges = torch.tensor([columns / width, rows / height]).repeat(2)
    for box, label in zip((boxes * edges).tolist(), labels, strict=True):
        left, top, right, bottom = int(box[0]), int(box[1]), int(box[2]) + 1, int(box[3]) + 1
        names[top:bottom, left:right] = label
    return cells, names


# ---------------------------------------------------------------- and back


def said(*shape: int) -> Tensor:
    """Made-up answers of cells, (…, h, w, B, 4) in [0, 1]."""
    return uniform(*shape, 4) * 0.5 + 0.1


DECODE_GRID = Exercise(
    decode_grid,
    picture=decoded_picture,
    hints=(
        "A cell knows its place: `torch.arange(columns)` along one axis, `torch.arange(rows)` along another.",
        "centre x = (x + column) * width / columns; centre y = (y + row) * height / rows; w * width; h * height.",
        "x, y, w, h = boxes.unbind(-1) have shape (…, rows, columns, B): columns are torch.arange(columns)[:, None], rows torch.arange(rows)[:, None, None].",
    ),
    cases=(
        Case("one cell, one box", (torch.tensor([[[[0.5, 0.25, 0.5, 0.5]]]]), (40, 40))),
        Case("two columns", (said(1, 2, 1), (40, 40))),
        Case("three rows, two columns, two boxes a cell", (said(3, 2, 2), (30, 40))),
        Case("an image wider than high", (said(2, 4, 1), (40, 80))),
        Case("a batch", (said(2, 2, 3, 2), (40, 90))),
        Case("gradients", (said(2, 3, 1), (40, 90)), gradient=True),
    ),
)


@DECODE_GRID.wrong("every cell in the first place", "Add the cell's own column and row to x and y.")
def _no_place(boxes, image_size):
    height, width = image_size
    rows, columns = boxes.shape[-4:-2]
    scale = torch.tensor([width / columns, height / rows, width, height])
    return ops.box_convert(boxes * scale, "cxcywh", "xyxy")


@DECODE_GRID.wrong("the row added to x", "Columns go along x, rows along y.")
def _row_to_x(boxes, image_size):
    rows, columns = boxes.shape[-4:-2]
    row, column = torch.arange(rows)[:, None, None], torch.arange(columns)[:, None]
    moved = boxes.clone()
    moved[..., 0], moved[..., 1] = boxes[..., 0] + row, boxes[..., 1] + column
    return _no_place(moved, image_size)


@DECODE_GRID.wrong("sides measured in cells", "Width and height are parts of the whole image.")
def _sides_of_cells(boxes, image_size):
    rows, columns = boxes.shape[-4:-2]
    return decode_grid(boxes / torch.tensor([1, 1, columns, rows]), image_size)


@DECODE_GRID.wrong("centres instead of corners", "The result is xyxy.")
def _still_centres(boxes, image_size):
    return ops.box_convert(decode_grid(boxes, image_size), "xyxy", "cxcywh")


@DECODE_GRID.wrong("the centre taken for the corner", "Half of the width lies on each side.")
def _centre_taken_for_a_corner(boxes, image_size):
    x1, y1, x2, y2 = decode_grid(boxes, image_size).unbind(-1)
    return torch.stack([(x1 + x2) / 2, (y1 + y2) / 2, (3 * x2 - x1) / 2, (3 * y2 - y1) / 2], -1)


@DECODE_GRID.wrong("height and width mixed up", "`image_size` is (height, width).")
def _size_mixed_up(boxes, image_size):
    return decode_grid(boxes, image_size[::-1])


@DECODE_GRID.wrong("half a cell too far", "x and y count from the cell's corner, not from its middle.")
def _middle_added(boxes, image_size):
    return decode_grid(boxes + torch.tensor([0.5, 0.5, 0, 0]), image_size)


@DECODE_GRID.wrong("parts of the image instead of pixels", "Multiply by the size of the image.")
def _parts(boxes, image_size):
    return decode_grid(boxes, (1, 1))


EXERCISES = (ENCODE_GRID, DECODE_GRID)
