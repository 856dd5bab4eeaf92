"""Lab 12, exercise 4: zeros between the cells of a map."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from classroom.exercises.mistakes import overwriting


def spread_out(input: Tensor, stride: int) -> Tensor:
    """The cells with stride - 1 zeros between neighbours: (N, C, h, w) -> (N, C, (h - 1) stride + 1, …)."""
    n, c, h, w = input.shape
    spread = input.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = input
    return spread


_SIX = torch.arange(1.0, 7).reshape(1, 1, 2, 3)

SPREAD_OUT = Exercise(
    spread_out,
    picture=cells_picture,
    hints=(
        "Start with a larger map of zeros. Every stride-th place of it gets a cell.",
        "Three cells with one zero between neighbours make 5 places: (w - 1) · stride + 1. A slice with a step, ::stride, names the places of the cells.",
        "spread = input.new_zeros(n, c, (h - 1) * stride + 1, …)\nspread[:, :, ::stride, …] = input\nreturn spread",
    ),
    cases=(
        Case("one zero between", (_SIX, 2)),
        Case("stride 1: nothing changes", (_SIX, 1)),
        Case("two zeros between", (_SIX, 3)),
        Case("one cell", (torch.full((1, 1, 1, 1), 2.0), 4)),
        Case("two images, three channels", (normal(2, 3, 4, 5), 2)),
        Case("double precision", (_SIX.double() / 10, 2)),
        Case("the gradient", (normal(1, 2, 3, 2), 2), True),
    ),
)
wrong = SPREAD_OUT.wrong

for _name, _story, _function in (
    ("zeros behind the last cell too", "Zeros lie between cells only: (h - 1) · stride + 1 rows.", lambda x, s: F.pad(spread_out(x, s), (0, s - 1, 0, s - 1))),
    ("zeros in front of the first cell too", "Zeros lie between cells only: the first cell stays in the corner.", lambda x, s: F.pad(spread_out(x, s), (s - 1, 0, s - 1, 0))),
    ("a border of zeros", "Zeros lie between cells only.", lambda x, s: F.pad(spread_out(x, s), 4 * [s - 1])),
    ("`stride` zeros between", "Neighbours are `stride` apart, so there are stride - 1 zeros between them.", lambda x, s: spread_out(x, s + 1)),
    ("zeros between the rows alone", "There are zeros between columns as well.", lambda x, s: spread_out(x, s)[..., ::s]),
    ("zeros between the columns alone", "There are zeros between rows as well.", lambda x, s: spread_out(x, s)[:, :, ::s]),
    ("copies instead of zeros", "What lies between the cells is 0.", lambda x, s: x.repeat_interleave(s, 2).repeat_interleave(s, 3)[:, :, : (x.shape[2] - 1) * s + 1, : (x.shape[3] - 1) * s + 1]),
    ("the first channel alone", "Spread every channel of every image.", lambda x, s: spread_out(x[:, :1], s)),
    ("the first image alone", "Spread every channel of every image.", lambda x, s: spread_out(x[:1], s)),
    ("one zero in every case", "There are stride - 1 zeros between neighbours.", lambda x, s: spread_out(x, 2)),
    ("nothing spread", "Put zeros between the cells.", lambda x, s: x * 1),
    ("single precision", "Work in the dtype of the input: input.new_zeros(...) instead of torch.zeros(...).", lambda x, s: spread_out(x.float(), s)),
    ("no gradient", "A network is trained through this function: no .data, .detach() or torch.no_grad().", lambda x, s: spread_out(x.detach(), s)),
    ("the caller's map overwritten", "It is needed again: fill a new map.", overwriting(spread_out, 0)),
):  # fmt: skip
    wrong(_name, _story)(_function)

EXERCISES = (SPREAD_OUT,)
