"""Lab 03, section 3: from what each cell predicts to boxes in pixels."""

import torch

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.alike import predicted
from classroom.exercises.lab03.pictures import decoded_picture
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision
from coursekit import ops
from coursekit.models.yolo import decode_grid

DECODE_GRID = Exercise(
    decode_grid,
    picture=decoded_picture,
    judge=any_precision,
    hints=(
        "You know where each cell is: `torch.arange(columns)` along one axis, `torch.arange(rows)` along the other.",
        "centre x = (x + column) * width / columns; centre y = (y + row) * height / rows; w * width; h * height.",
        "x, y, w, h = boxes.unbind(-1) have shape (…, rows, columns, B): columns are torch.arange(columns)[:, None], "
        "rows torch.arange(rows)[:, None, None]; at the end ops.box_convert(torch.stack([...], -1), 'cxcywh', 'xyxy').",
    ),
    cases=(
        Case("one cell, one box", (torch.tensor([[[[0.5, 0.25, 0.5, 0.5]]]]), (40, 40))),
        Case("two columns", (predicted(1, 2, 1), (40, 40))),
        Case("three rows, two columns, two boxes per cell", (predicted(3, 2, 2), (30, 40))),
        Case("an image wider than high", (predicted(2, 4, 1), (40, 80))),
        Case("a batch of images", (predicted(2, 2, 3, 2), (40, 90))),
    ),
)


def _with(name, story, change):
    """An answer whose centres and sides are other ones: change(numbers, cells, counts, size) -> (…, 4), cxcywh.

    All are as x, y, width, height: the cell's numbers, its column and row, columns and rows, width and height.
    """

    def changed(boxes, image_size):
        rows, columns = boxes.shape[-4:-2]
        row, column = torch.arange(rows)[:, None, None], torch.arange(columns)[:, None]
        cells = torch.stack(torch.broadcast_tensors(column, row), -1)  # (rows, columns, 1, 2)
        size = torch.tensor([image_size[1], image_size[0]])
        numbers = change(boxes, cells, torch.tensor([columns, rows]), size)
        return ops.box_convert(torch.cat(numbers, -1), "cxcywh", "xyxy")

    DECODE_GRID.wrong(name, story)(changed)


_with(
    "every cell in the first place",
    "Add the cell's own column and row to x and y.",
    lambda p, cell, counts, size: (p[..., :2] * size / counts, p[..., 2:] * size),
)
_with(
    "the row added to x",
    "Columns go along x, rows along y.",
    lambda p, cell, counts, size: ((p[..., :2] + cell.flip(-1)) * size / counts, p[..., 2:] * size),
)
_with(
    "sides measured in cells",
    "Width and height are fractions of the whole image.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts, p[..., 2:] * size / counts),
)
_with(
    "x and y as fractions of the image",
    "x and y count cells: add the column and the row first, then multiply by the size of a cell.",
    lambda p, cell, counts, size: ((p[..., :2] + cell / counts) * size, p[..., 2:] * size),
)
_with(
    "x and y in pixels",
    "x and y count cells: multiply them by the size of a cell too.",
    lambda p, cell, counts, size: (p[..., :2] + cell * size / counts, p[..., 2:] * size),
)
_with(
    "centres in cells",
    "Multiply the centre by the size of a cell in pixels.",
    lambda p, cell, counts, size: (p[..., :2] + cell, p[..., 2:] * size),
)
_with(
    "sides as fractions of the image",
    "Multiply width and height by those of the image.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts, p[..., 2:]),
)
_with(
    "boxes twice as large",
    "Half of the width lies on each side of the centre.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts, 2 * p[..., 2:] * size),
)
_with(
    "squared sides",
    "The roots are only in the loss: w and h are the sides themselves.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts, p[..., 2:].square() * size),
)
_with(
    "half a cell too far",
    "x and y count from the cell's corner, not from its middle.",
    lambda p, cell, counts, size: ((p[..., :2] + 0.5 + cell) * size / counts, p[..., 2:] * size),
)
_with(
    "the rows used for both axes",
    "x is divided by the number of columns, y by the number of rows.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts[1], p[..., 2:] * size),
)
_with(
    "the columns used for both axes",
    "x is divided by the number of columns, y by the number of rows.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts[0], p[..., 2:] * size),
)
_with(
    "rows and columns swapped",
    "x is divided by the number of columns, y by the number of rows.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size / counts.flip(0), p[..., 2:] * size),
)
_with(
    "the height used for both sides",
    "x and w go with the width of the image.",
    lambda p, cell, counts, size: ((p[..., :2] + cell) * size[1] / counts, p[..., 2:] * size[1]),
)


@DECODE_GRID.wrong("centres instead of corners", "The result is xyxy.")
def _still_centres(boxes, image_size):
    return ops.box_convert(decode_grid(boxes, image_size), "xyxy", "cxcywh")


@DECODE_GRID.wrong("corner, width and height", "The result is xyxy: two corners.")
def _xywh(boxes, image_size):
    return ops.box_convert(decode_grid(boxes, image_size), "xyxy", "xywh")


@DECODE_GRID.wrong("the centre taken for the corner", "Half of the width lies on each side.")
def _centre_taken_for_a_corner(boxes, image_size):
    x1, y1, x2, y2 = decode_grid(boxes, image_size).unbind(-1)
    return torch.stack([(x1 + x2) / 2, (y1 + y2) / 2, (3 * x2 - x1) / 2, (3 * y2 - y1) / 2], -1)


@DECODE_GRID.wrong("height and width mixed up", "`image_size` is (height, width).")
def _size_mixed_up(boxes, image_size):
    return decode_grid(boxes, image_size[::-1])


@DECODE_GRID.wrong("fractions of the image instead of pixels", "Multiply by the size of the image.")
def _parts(boxes, image_size):
    return decode_grid(boxes, (1, 1))


@DECODE_GRID.wrong(
    "boxes clipped to the image", "A box may extend beyond the image: clipping it is a later step."
)
def _clipped(boxes, image_size):
    return ops.clip_boxes_to_image(decode_grid(boxes, image_size), image_size)


@DECODE_GRID.wrong(
    "rows and columns read from the first two axes",
    "There may be an image axis before them: boxes.shape[-4:-2] holds the rows and the columns.",
)
def _first_axes(boxes, image_size):
    scale = torch.tensor([boxes.shape[-3] / boxes.shape[1], boxes.shape[-4] / boxes.shape[0]])
    corners = decode_grid(boxes, image_size)
    middle, half = (corners[..., :2] + corners[..., 2:]) / 2, (corners[..., 2:] - corners[..., :2]) / 2
    return torch.cat([middle * scale - half, middle * scale + half], -1)


DECODE_GRID.wrong(
    "an error with a batch", "There may be an image axis before the rows: count the axes from the end."
)(lambda boxes, image_size: _no_batch(boxes, image_size))


def _no_batch(boxes, image_size):
    if boxes.ndim > 4:
        raise Exception("a shape with too many axes")
    return decode_grid(boxes, image_size)


DECODE_GRID.wrong("the caller's boxes overwritten", "They are needed again: work on a new tensor.")(
    overwriting(decode_grid)
)

EXERCISES = (DECODE_GRID,)
