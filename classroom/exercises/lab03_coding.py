"""Lab 03, section 3: from objects to what each cell should say, and back."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise, WrongAnswer, boxes
from classroom.exercises.grid_pictures import decoded_picture, encoded_picture
from coursekit import ops
from coursekit.models.yolo import decode_grid, encode_grid


def _last_wins(boxes, labels, image_size, grid):
    return encode_grid(boxes.flip(0), labels.flip(0), image_size, grid)


def _largest_wins(boxes, labels, image_size, grid):
    order = ops.box_area(boxes).argsort(descending=True, stable=True)
    return encode_grid(boxes[order], labels[order], image_size, grid)


def _transposed(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells.transpose(0, 1).contiguous(), names.t().contiguous()


def _pixels(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (height, width), (rows, columns) = image_size, grid
    return cells * torch.tensor([width / columns, height / rows, width, height]), names


def _centre_in_the_image(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (rows, columns), owned = grid, (names > 0)[..., None]
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    cells[..., :2] += torch.stack([column, row], -1)
    cells[..., :2] /= torch.tensor([columns, rows])
    return cells * owned, names


def _sides_in_cells(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells * torch.tensor([1, 1, grid[1], grid[0]]), names


def _y_before_x(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells[..., [1, 0, 3, 2]], names


def _label_one_too_small(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    return cells, (names - 1).clamp(min=0)


def _every_cell_it_covers(boxes, labels, image_size, grid):
    cells, names = encode_grid(boxes, labels, image_size, grid)
    (height, width), (rows, columns) = image_size, grid
    edges = torch.tensor([columns / width, rows / height]).repeat(2)
    for box, label in zip((boxes * edges).tolist(), labels, strict=True):
        left, top, right, bottom = int(box[0]), int(box[1]), int(box[2]) + 1, int(box[3]) + 1
        names[top:bottom, left:right] = label
    return cells, names


_TWO = boxes((45, 2, 75, 22), (4, 8, 24, 38))
_CROWD = boxes((45, 2, 75, 22), (54, 4, 66, 12), (2, 20, 18, 40))

ENCODE_GRID = Exercise(
    encode_grid,
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
    wrong_answers=(
        WrongAnswer(
            "the last object of a cell wins",
            "The first one owns the cell; the next ones are lost.",
            _last_wins,
        ),
        WrongAnswer(
            "the largest object of a cell wins",
            "The first one owns the cell, whatever its size.",
            _largest_wins,
        ),
        WrongAnswer(
            "a transposed grid", "The result is (rows, columns): index it [row, column].", _transposed
        ),
        WrongAnswer(
            "pixels instead of cells and parts",
            "x and y are in cells, width and height in parts of the image.",
            _pixels,
        ),
        WrongAnswer(
            "a centre measured from the corner of the image",
            "x and y count from the corner of the cell, so they lie between 0 and 1.",
            _centre_in_the_image,
        ),
        WrongAnswer(
            "sides measured in cells",
            "Width and height are parts of the whole image, for a box may be larger than its cell.",
            _sides_in_cells,
        ),
        WrongAnswer("y before x", "The order is x, y, width, height.", _y_before_x),
        WrongAnswer(
            "labels one too small", "Labels are 1..K; 0 says that no object is there.", _label_one_too_small
        ),
        WrongAnswer(
            "a label in every cell that the object covers",
            "Only the cell with the centre answers for it.",
            _every_cell_it_covers,
        ),
    ),
    hints=(
        "Two tensors of zeros; then, for each object, fill one place. Which objects must be skipped?",
        "x = centre x * columns / width - column; y = centre y * rows / height - row; w / width; h / height.",
        "for box, label, (row, column) in zip(boxes, labels, owner_cells(boxes, image_size, grid).tolist()): if cell_labels[row, column] == 0: ...",
    ),
    picture=encoded_picture,
)

# ---------------------------------------------------------------- and back


def _no_place(boxes, image_size):
    height, width = image_size
    rows, columns = boxes.shape[-4:-2]
    scale = torch.tensor([width / columns, height / rows, width, height])
    return ops.box_convert(boxes * scale, "cxcywh", "xyxy")


def _row_to_x(boxes, image_size):
    rows, columns = boxes.shape[-4:-2]
    row, column = torch.arange(rows)[:, None, None], torch.arange(columns)[:, None]
    moved = boxes.clone()
    moved[..., 0], moved[..., 1] = boxes[..., 0] + row, boxes[..., 1] + column
    return _no_place(moved, image_size)


def _sides_of_cells(boxes, image_size):
    rows, columns = boxes.shape[-4:-2]
    return decode_grid(boxes / torch.tensor([1, 1, columns, rows]), image_size)


def _still_centres(boxes, image_size):
    return ops.box_convert(decode_grid(boxes, image_size), "xyxy", "cxcywh")


def _centre_taken_for_a_corner(boxes, image_size):
    x1, y1, x2, y2 = decode_grid(boxes, image_size).unbind(-1)
    return torch.stack([(x1 + x2) / 2, (y1 + y2) / 2, (3 * x2 - x1) / 2, (3 * y2 - y1) / 2], -1)


def _size_mixed_up(boxes, image_size):
    return decode_grid(boxes, image_size[::-1])


def _middle_added(boxes, image_size):
    return decode_grid(boxes + torch.tensor([0.5, 0.5, 0, 0]), image_size)


def _parts(boxes, image_size):
    return decode_grid(boxes, (1, 1))


def said(*shape: int) -> Tensor:
    """Made-up answers of cells, (…, h, w, B, 4) in [0, 1]."""
    return torch.rand(*shape, 4, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.1


DECODE_GRID = Exercise(
    decode_grid,
    cases=(
        Case("one cell, one box", (torch.tensor([[[[0.5, 0.25, 0.5, 0.5]]]]), (40, 40))),
        Case("two columns", (said(1, 2, 1), (40, 40))),
        Case("three rows, two columns, two boxes a cell", (said(3, 2, 2), (30, 40))),
        Case("an image wider than high", (said(2, 4, 1), (40, 80))),
        Case("a batch", (said(2, 2, 3, 2), (40, 90))),
        Case("gradients", (said(2, 3, 1), (40, 90)), gradient=True),
    ),
    wrong_answers=(
        WrongAnswer(
            "every cell in the first place", "Add the cell's own column and row to x and y.", _no_place
        ),
        WrongAnswer("the row added to x", "Columns go along x, rows along y.", _row_to_x),
        WrongAnswer(
            "sides measured in cells", "Width and height are parts of the whole image.", _sides_of_cells
        ),
        WrongAnswer("centres instead of corners", "The result is xyxy.", _still_centres),
        WrongAnswer(
            "the centre taken for the corner",
            "Half of the width lies on each side.",
            _centre_taken_for_a_corner,
        ),
        WrongAnswer("height and width mixed up", "`image_size` is (height, width).", _size_mixed_up),
        WrongAnswer(
            "half a cell too far", "x and y count from the cell's corner, not from its middle.", _middle_added
        ),
        WrongAnswer("parts of the image instead of pixels", "Multiply by the size of the image.", _parts),
    ),
    hints=(
        "A cell knows its place: `torch.arange(columns)` along one axis, `torch.arange(rows)` along another.",
        "centre x = (x + column) * width / columns; centre y = (y + row) * height / rows; w * width; h * height.",
        "x, y, w, h = boxes.unbind(-1) have shape (…, rows, columns, B): columns are torch.arange(columns)[:, None], rows torch.arange(rows)[:, None, None].",
    ),
    picture=decoded_picture,
)

EXERCISES = (ENCODE_GRID, DECODE_GRID)
