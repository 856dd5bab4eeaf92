"""Lab 12, exercise 1: one map, one kernel: stamps that add up."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from classroom.exercises.mistakes import overwriting


def stamp_map(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Every cell's stamp, the kernel times its number, added up: (h, w), (kh, kw) -> (H, W)."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    whole = cells.new_zeros((h - 1) * stride + kh, (w - 1) * stride + kw)
    for row in range(h):
        for column in range(w):
            top, left = row * stride, column * stride
            whole[top : top + kh, left : left + kw] += cells[row, column] * kernel
    return whole


_NUMBERS = torch.arange(1.0, 10).reshape(3, 3)
_ROW = torch.tensor([[1.0, 2.0, 3.0]])

STAMP_MAP = Exercise(
    stamp_map,
    picture=cells_picture,
    hints=(
        "How far down does the last row of cells begin to stamp, and how many rows does its stamp have? That is the size. Then stamp cell by cell.",
        "The output has (h - 1) · stride + kh rows. Cell (row, column) adds cells[row, column] · kernel at the rows from row · stride on, "
        "and at the columns from column · stride on.",
        "whole = cells.new_zeros((h - 1) * stride + kh, …)\n"
        "for row in range(h):\n    for column in range(w):\n        top, left = …\n"
        "        whole[top : top + kh, left : left + kw] += cells[row, column] * kernel\nreturn whole",
    ),
    cases=(
        Case("one cell", (torch.tensor([[2.0]]), _NUMBERS, 1)),
        Case("three cells, stride 1", (_ROW, _NUMBERS, 1)),
        Case("stamps side by side", (_ROW, torch.tensor([[1.0, 2.0], [3.0, 4.0]]), 2)),
        Case("two rows, stride 2", (torch.arange(1.0, 7).reshape(2, 3), _NUMBERS, 2)),
        Case(
            "stamps with gaps between them",
            (torch.arange(1.0, 7).reshape(2, 3), torch.tensor([[1.0, 2.0]]), 3),
        ),
        Case("a kernel that is not square", (normal(3, 4), normal(2, 5, seed=1), 2)),
        Case("double precision", (_ROW.double() / 10, _NUMBERS.double(), 2)),
    ),
)
wrong = STAMP_MAP.wrong


@wrong("stamps that overwrite", "Where two stamps overlap they add up: +=.")
def _overwriting(cells, kernel, stride):
    (h, w), (kh, kw) = cells.shape, kernel.shape
    whole = torch.zeros_like(stamp_map(cells, kernel, stride))
    for row in range(h):
        for column in range(w):
            top, left = row * stride, column * stride
            whole[top : top + kh, left : left + kw] = cells[row, column] * kernel
    return whole


def _right_size(cells, kernel, stride, rows, columns) -> Tensor:
    """The right numbers, cut off or filled up with zeros to another size."""
    whole = stamp_map(cells, kernel, stride)
    return F.pad(whole, (0, columns - whole.shape[1], 0, rows - whole.shape[0]))


for _name, _story, _function in (
    ("a flipped kernel", "A stamp is the kernel as it is: flip nothing.", lambda c, k, s: stamp_map(c, k.flip(0, 1), s)),
    ("a transposed kernel", "Rows come first, both in the kernel and in the map.", lambda c, k, s: stamp_map(c, k.T, s)),
    ("a transposed map", "Rows come first, both in the kernel and in the map.", lambda c, k, s: stamp_map(c.T, k, s)),
    ("a stride of 1", "The stamps of neighbouring cells are `stride` apart.", lambda c, k, s: stamp_map(c, k, 1)),
    ("a stride that is one too large", "The stamps of neighbouring cells are `stride` apart.", lambda c, k, s: stamp_map(c, k, s + 1)),
    ("stamps as far apart as they are large", "The stamps are `stride` apart, and may overlap.", lambda c, k, s: stamp_map(c, k, len(k))),
    ("the kernel without the number of the cell", "Each stamp is the kernel times the number of the cell.", lambda c, k, s: stamp_map(torch.ones_like(c), k, s)),
    ("the kernel plus the number of the cell", "Each stamp is the kernel *times* the number of the cell.",
     lambda c, k, s: stamp_map(torch.ones_like(c), k, s) + stamp_map(c, torch.ones_like(k), s)),
    ("an output of h times stride", "The last stamp reaches further: (h - 1) · stride + kh rows.",
     lambda c, k, s: _right_size(c, k, s, c.shape[0] * s, c.shape[1] * s)),
    ("an output that is one stride too large", "The last stamp begins at (h - 1) · stride: (h - 1) · stride + kh rows.",
     lambda c, k, s: _right_size(c, k, s, c.shape[0] * s + k.shape[0], c.shape[1] * s + k.shape[1])),
    ("an ordinary convolution", "It gathers and makes the map smaller; this one scatters.",
     lambda c, k, s: F.conv2d(F.pad(c, [2, 2, 2, 2])[None, None], k[None, None], stride=s)[0, 0]),
    ("the mean where stamps overlap", "Stamps that overlap add up.",
     lambda c, k, s: stamp_map(c, k, s) / stamp_map(torch.ones_like(c), torch.ones_like(k), s).clamp(min=1)),
    ("single precision", "Work in the dtype of the input: cells.new_zeros(...) instead of torch.zeros(...).", lambda c, k, s: stamp_map(c.float(), k.float(), s)),
    ("the caller's map overwritten", "It is needed again: stamp onto a new map.", overwriting(stamp_map, 0)),
):  # fmt: skip
    wrong(_name, _story)(_function)

EXERCISES = (STAMP_MAP,)
