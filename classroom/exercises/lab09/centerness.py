"""Lab 09, section 8: how near to the middle of its object a cell is."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision


def centerness(boxes: Tensor, centers: Tensor) -> Tensor:
    """1 where a cell is the middle of its box, 0 on a side: (P, 4), (P, 2) -> (P,)."""
    before, after = centers - boxes[:, :2], boxes[:, 2:] - centers  # (P, 2) each
    return (torch.minimum(before, after) / torch.maximum(before, after)).prod(1).sqrt()


def _judge(arguments: tuple, value: Any) -> Any:
    """Any float dtype is right, and for an empty tensor any dtype."""
    nothing = isinstance(value, Tensor) and not value.numel()
    return any_precision(arguments, value.float() if nothing else value)


def _at(*rows: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Boxes and points from rows of x1, y1, x2, y2, x and y."""
    table = torch.tensor(rows, dtype=torch.float32).reshape(-1, 6)
    return table[:, :4], table[:, 4:]


_BOXES = torch.tensor([[10.0, 20.0, 50.0, 36.0]]).repeat(9, 1)
_INSIDE = _BOXES[:, :2] + (_BOXES[:, 2:] - _BOXES[:, :2]) * (0.05 + 0.9 * uniform(9, 2, seed=7))

CENTERNESS = Exercise(
    centerness,
    judge=_judge,
    hints=(
        "Left and right are one pair, top and bottom the other. For each pair, divide the smaller distance by the larger one.",
        "before = centers - boxes[:, :2] is left and top, after = boxes[:, 2:] - centers is right and bottom; take the root of the product of "
        "both quotients min / max.",
        "before, after = centers - boxes[:, :2], boxes[:, 2:] - centers  # left, top; right, bottom\n"
        "ratio = …  # the smaller of each pair divided by the larger\n"
        "return ratio.prod(1).sqrt()",
    ),
    cases=(
        Case("in the middle", _at((0, 0, 10, 10, 5, 5))),
        Case("a quarter of the way in", _at((0, 0, 10, 10, 2, 5))),
        Case("on a side", _at((0, 0, 10, 10, 10, 4))),
        Case("wide and flat", _at((10, 20, 50, 36, 20, 32))),
        Case("beyond the middle", _at((0, 0, 20, 10, 15, 9))),
        Case("no cells", (torch.zeros(0, 4), torch.zeros(0, 2))),
        Case("nine cells of one box", (_BOXES, _INSIDE)),
    ),
)


def _with(change: Callable[[Tensor, Tensor], Tensor]) -> Callable:
    """An answer that makes change(before, after) of left, top and right, bottom."""
    return lambda boxes, centers: change(centers - boxes[:, :2], boxes[:, 2:] - centers)


def _quotients(before: Tensor, after: Tensor) -> Tensor:
    return torch.minimum(before, after) / torch.maximum(before, after)


def _crossed(before: Tensor, after: Tensor) -> Tensor:
    pairs = torch.stack([before, after], 1)  # (P, 2, 2): left and top, right and bottom
    return (pairs.amin(2) / pairs.amax(2)).prod(1).sqrt()


ROOT = "The root of the product of both quotients."
SMALLER = "Divide the smaller distance by the larger one: the result is never above 1."
for _name, _story, _function in (
    (
        "the root of the smaller quotient",
        ROOT,
        _with(lambda a, b: _quotients(a, b).amin(1).sqrt()),
    ),
    (
        "every box with every point",
        "Each box belongs to one point: the result is (P,), not (P, P).",
        lambda boxes, centers: (
            torch.stack([centerness(box.expand(len(centers), -1), centers).nan_to_num(0) for box in boxes])
            if len(boxes)
            else boxes.new_zeros(0, 0)
        ),
    ),
    ("no root", ROOT, _with(lambda a, b: _quotients(a, b).prod(1))),
    ("the mean of the quotients", ROOT, _with(lambda a, b: _quotients(a, b).mean(1))),
    ("the smaller quotient", ROOT, _with(lambda a, b: _quotients(a, b).amin(1))),
    ("the root of the sum", ROOT, _with(lambda a, b: _quotients(a, b).sum(1).sqrt())),
    ("the root of the mean", ROOT, _with(lambda a, b: _quotients(a, b).mean(1).sqrt())),
    ("the fourth root", ROOT, _with(lambda a, b: _quotients(a, b).prod(1) ** 0.25)),
    (
        "left and right alone",
        "Top and bottom count as well.",
        _with(lambda a, b: _quotients(a, b)[:, 0].sqrt()),
    ),
    (
        "top and bottom alone",
        "Left and right count as well.",
        _with(lambda a, b: _quotients(a, b)[:, 1].sqrt()),
    ),
    ("the larger over the smaller", SMALLER, _with(lambda a, b: (1 / _quotients(a, b)).prod(1).sqrt())),
    ("left over right, top over bottom", SMALLER, _with(lambda a, b: (a / b).prod(1).sqrt())),
    ("right over left, bottom over top", SMALLER, _with(lambda a, b: (b / a).prod(1).sqrt())),
    ("left paired with top", "The pairs are left and right, top and bottom.", _with(_crossed)),
    (
        "1 minus the centre-ness",
        "It is 1 in the middle of the box and 0 on a side.",
        _with(lambda a, b: 1 - _quotients(a, b).prod(1).sqrt()),
    ),
    (
        "the shortest over the longest of all four",
        "Each axis has its own quotient: an elongated box is not worse in its middle.",
        _with(lambda a, b: (torch.minimum(a, b).amin(1) / torch.maximum(a, b).amax(1)).sqrt()),
    ),
    (
        "the smaller distance over the whole side",
        SMALLER,
        _with(lambda a, b: (torch.minimum(a, b) / (a + b)).prod(1).sqrt()),
    ),
    ("both quotients", "Return one number per cell, (P,).", _with(_quotients)),
    (
        "row and column swapped",
        "A point is (x, y).",
        lambda boxes, centers: centerness(boxes, centers.flip(-1)).nan_to_num(0),
    ),
    (
        "the caller's boxes overwritten",
        "They are needed again: work on new tensors.",
        overwriting(centerness, 0),
    ),
    (
        "an error without cells",
        "Without cells, return a tensor of shape (0,).",
        failing_when(lambda boxes, _: not len(boxes), centerness),
    ),
):
    CENTERNESS.wrong(_name, _story)(_function)

for _least in (1e-2, 1e-3, 1e-4, 1e-6):
    CENTERNESS.wrong("never 0", "On a side the centre-ness is exactly 0: do not keep it away from 0.")(
        _with(lambda a, b, least=_least: _quotients(a.clamp(min=least), b.clamp(min=least)).prod(1).sqrt())
    )

EXERCISES = (CENTERNESS,)
