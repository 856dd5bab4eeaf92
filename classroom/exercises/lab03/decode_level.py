"""Lab 03, section 5: what each cell of another network predicts, as boxes."""

import math

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision
from coursekit import ops
from coursekit.models.yolox_nano import decode_level


def _offsets(*shape: int) -> Tensor:
    return normal(shape[0], 4, *shape[1:]) / 2


DECODE_LEVEL = Exercise(
    decode_level,
    judge=any_precision,
    hints=(
        "It is exercise 4 with other units: everything in strides, the sides as logarithms.",
        "centre = (dx + column, dy + row) * stride; side = exp(log side) * stride.",
        "dx, dy, log_w, log_h = offsets.unbind(1) are (N, h, w); x = (dx + torch.arange(w)) * stride; "
        "y = (dy + torch.arange(h)[:, None]) * stride; torch.stack([x - half_w, ...], -1).flatten(1, 2)",
    ),
    cases=(
        Case("one cell that predicts 0, 0, 0, 0", (torch.zeros(1, 4, 1, 1), 8)),
        Case("one cell", (torch.tensor([0.5, 0.25, 0.0, 1.0]).view(1, 4, 1, 1), 8)),
        Case("two columns", (_offsets(1, 1, 2), 16)),
        Case("two rows, three columns", (_offsets(1, 2, 3), 8)),
        Case("two images", (_offsets(2, 3, 2), 32)),
    ),
)


def _rows_of(numbers: Tensor) -> Tensor:
    """(N, 4, h, w) -> (N, h * w, 4)."""
    return numbers.flatten(2).transpose(1, 2)


def _cells(offsets: Tensor) -> Tensor:
    """Column and row of each cell: (2, h, w)."""
    rows, columns = (torch.arange(side) for side in offsets.shape[-2:])
    return torch.stack(torch.meshgrid(columns, rows, indexing="xy"))


for _name, _story, _numbers in (
    (
        "logarithms used as sides",
        "The network predicts log w and log h: apply `exp`.",
        lambda d, logs, cell, s: ((d + cell) * s, logs * s),
    ),
    (
        "every cell in the first place",
        "Add the cell's own column and row.",
        lambda d, logs, cell, s: (d * s, logs.exp() * s),
    ),
    (
        "the row added to x",
        "Columns go along x, rows along y.",
        lambda d, logs, cell, s: ((d + cell.flip(0)) * s, logs.exp() * s),
    ),
    (
        "half a cell too far",
        "In this network dx and dy count from the cell's corner.",
        lambda d, logs, cell, s: ((d + cell + 0.5) * s, logs.exp() * s),
    ),
    (
        "sides in pixels",
        "exp(log w) is in strides, like the centre.",
        lambda d, logs, cell, s: ((d + cell) * s, logs.exp()),
    ),
    (
        "centres in strides",
        "Multiply the centre by the stride as well.",
        lambda d, logs, cell, s: (d + cell, logs.exp() * s),
    ),
    (
        "everything in strides",
        "Multiply by the stride: the boxes are in pixels.",
        lambda d, logs, cell, s: (d + cell, logs.exp()),
    ),
    (
        "cells not multiplied by the stride",
        "Add the cell first, then multiply the sum by the stride.",
        lambda d, logs, cell, s: (d * s + cell, logs.exp() * s),
    ),
    (
        "dx and dy in pixels",
        "dx and dy are in strides, like the column and the row: multiply the sum by the stride.",
        lambda d, logs, cell, s: (d + cell * s, logs.exp() * s),
    ),
    (
        "dx and dy through a sigmoid",
        "That is a different YOLO: here the centre is at column + dx, row + dy.",
        lambda d, logs, cell, s: ((d.sigmoid() + cell) * s, logs.exp() * s),
    ),
    (
        "the stride inside the exponential",
        "Take exp first, then multiply by the stride.",
        lambda d, logs, cell, s: ((d + cell) * s, (logs * s).exp()),
    ),
    (
        "powers of two",
        "The logarithms are natural: undo them with exp.",
        lambda d, logs, cell, s: ((d + cell) * s, 2**logs * s),
    ),
    (
        "powers of ten",
        "The logarithms are natural: undo them with exp.",
        lambda d, logs, cell, s: ((d + cell) * s, 10**logs * s),
    ),
    (
        "exp without its 1",
        "The side is exp(log w), which is 1 stride for 0: do not use expm1.",
        lambda d, logs, cell, s: ((d + cell) * s, logs.expm1() * s),
    ),
    (
        "boxes twice as large",
        "Half of the width lies on each side of the centre.",
        lambda d, logs, cell, s: ((d + cell) * s, 2 * logs.exp() * s),
    ),
    (
        "the centre taken for the corner",
        "Half of the width lies on each side of the centre.",
        lambda d, logs, cell, s: ((d + cell + logs.exp() / 2) * s, logs.exp() * s),
    ),
    (
        "width and height swapped",
        "The third number is log w, the fourth log h.",
        lambda d, logs, cell, s: ((d + cell) * s, logs.flip(1).exp() * s),
    ),
    (
        "sides limited",
        "The exercise does not ask for a limit: the side is exp(log w).",
        lambda d, logs, cell, s: ((d + cell) * s, logs.clamp(max=math.log(2)).exp() * s),
    ),
):
    DECODE_LEVEL.wrong(_name, _story)(
        lambda offsets, stride, numbers=_numbers: ops.box_convert(
            _rows_of(torch.cat(numbers(offsets[:, :2], offsets[:, 2:], _cells(offsets), stride), 1)),
            "cxcywh",
            "xyxy",
        )
    )


@DECODE_LEVEL.wrong(
    "numbers of several cells in one box",
    "`reshape` does not move the four numbers to the end: `flatten(2).transpose(1, 2)` does.",
)
def _reshaped(offsets, stride):
    boxes = torch.cat([(offsets[:, :2] + _cells(offsets)) * stride, offsets[:, 2:].exp() * stride], 1)
    return ops.box_convert(boxes.reshape(len(boxes), -1, 4), "cxcywh", "xyxy")


@DECODE_LEVEL.wrong(
    "raw numbers of several cells in one row",
    "`reshape` does not move the four numbers to the end: `flatten(2).transpose(1, 2)` does.",
)
def _reshaped_at_once(offsets, stride):
    dx_dy, logs = offsets.reshape(len(offsets), -1, 4).split(2, -1)
    numbers = [dx_dy + _cells(offsets).flatten(1).T, logs.exp()]
    return ops.box_convert(torch.cat(numbers, -1) * stride, "cxcywh", "xyxy")


@DECODE_LEVEL.wrong(
    "columns counted with the height of the map",
    "In a list ordered by rows, cell i is in column i % w and row i // w: divide by the width of the map.",
)
def _square_map(offsets, stride):
    rows = offsets.shape[2]
    i = torch.arange(offsets[0, 0].numel())
    place = torch.stack([i % rows, i // rows], 1)
    centres, logs = _rows_of(offsets).split(2, -1)
    return ops.box_convert(torch.cat([centres + place, logs.exp()], -1) * stride, "cxcywh", "xyxy")


@DECODE_LEVEL.wrong("column by column", "The cells come row by row.")
def _column_by_column(offsets, stride):
    return decode_level(offsets, stride).unflatten(1, offsets.shape[-2:]).transpose(1, 2).flatten(1, 2)


@DECODE_LEVEL.wrong("centres instead of corners", "The result is xyxy.")
def _still_centres(offsets, stride):
    return ops.box_convert(decode_level(offsets, stride), "xyxy", "cxcywh")


@DECODE_LEVEL.wrong("corner, width and height", "The result is xyxy: two corners.")
def _xywh(offsets, stride):
    return ops.box_convert(decode_level(offsets, stride), "xyxy", "xywh")


@DECODE_LEVEL.wrong(
    "coordinates before cells", "The result is (N, h · w, 4): move the four numbers to the end."
)
def _coordinates_first(offsets, stride):
    return decode_level(offsets, stride).transpose(1, 2)


@DECODE_LEVEL.wrong(
    "rows and columns on two axes", "The result is (N, h · w, 4): one list of cells per image."
)
def _two_axes(offsets, stride):
    return decode_level(offsets, stride).unflatten(1, offsets.shape[-2:])


@DECODE_LEVEL.wrong("boxes clipped at 0", "A box may extend beyond the image: clipping it is a later step.")
def _clipped(offsets, stride):
    return decode_level(offsets, stride).clamp(min=0)


DECODE_LEVEL.wrong("the caller's offsets overwritten", "They are needed again: work on a new tensor.")(
    overwriting(decode_level)
)

EXERCISES = (DECODE_LEVEL,)
