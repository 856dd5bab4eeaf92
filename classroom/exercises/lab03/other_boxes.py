"""Lab 03, exercise 7: the boxes that should predict that there is nothing."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import others_picture
from classroom.exercises.mistakes import failing_when, overwriting


def other_boxes(owned: Tensor, mine: Tensor) -> Tensor:
    """All boxes of all cells except the responsible ones: (…, h, w), (G, B) -> (…, h, w, B)."""
    others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)
    others[owned] = ~mine
    return others


def _cells(*rows: str) -> Tensor:
    return torch.tensor([[letter == "x" for letter in row] for row in rows])


def _random(*shape: int, per_cell: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(3)
    owned = torch.rand(*shape, generator=random) < 0.4
    chosen = torch.randint(per_cell, (int(owned.sum()),), generator=random)
    return owned, torch.nn.functional.one_hot(chosen, per_cell).bool()


_FIRST, _SECOND = [True, False], [False, True]

OTHER_BOXES = Exercise(
    other_boxes,
    picture=others_picture,
    hints=(
        "Begin with a mask in which every box of every cell is true. Which entries become false?",
        "others[owned] has one row for each cell with an object, (G, B), in the order of the rows of `mine`: a mask on the left of = chooses what is written.",
        "others = torch.ones(*owned.shape, mine.shape[1], dtype=torch.bool)\nothers[owned] = …  # which boxes of these cells are left?\nreturn others",
    ),
    cases=(
        Case("one object, its first box is responsible", (_cells("x."), torch.tensor([_FIRST]))),
        Case("one object, its second box is responsible", (_cells("..", ".x"), torch.tensor([_SECOND]))),
        Case("no objects", (_cells("..", "..", ".."), torch.zeros(0, 2, dtype=torch.bool))),
        Case("an object in every cell", (_cells("xx"), torch.tensor([_SECOND, _FIRST]))),
        Case(
            "three objects, more columns than rows",
            (_cells(".x.", "x.x"), torch.tensor([_SECOND, _FIRST, _SECOND])),
        ),
        Case("one box per cell", (_cells("x..", ".x."), torch.ones(2, 1, dtype=torch.bool))),
        Case("two images, three boxes per cell", _random(2, 3, 4, per_cell=3)),
    ),
)
wrong = OTHER_BOXES.wrong

for _name, _story, _function in (
    ("the boxes of empty cells alone", "A cell with an object has other boxes too: they should predict nothing as well.",
     lambda owned, mine: ~owned[..., None].expand(*owned.shape, mine.shape[1])),
    ("every box", "The responsible boxes are left out: they learn the object.", lambda owned, mine: torch.ones_like(other_boxes(owned, mine))),
    ("the responsible boxes", "You have them already: turn the mask around.", lambda owned, mine: ~other_boxes(owned, mine)),
    ("the other boxes of cells with an object alone", "The boxes of empty cells belong to them as well.", lambda owned, mine: other_boxes(owned, mine) & owned[..., None]),
    ("the responsible boxes instead of the others", "In a cell with an object, the boxes that are *not* responsible are left: ~mine.",
     lambda owned, mine: other_boxes(owned, ~mine)),
    ("the first box of every cell with an object", "Which box is responsible differs from cell to cell: it is in `mine`.",
     lambda owned, mine: other_boxes(owned, torch.arange(mine.shape[1])[None].expand(mine.shape) == 0)),
    ("one value for each cell", "Return a value for each box of each cell: (…, h, w, B).", lambda owned, mine: ~owned),
    ("a list of the boxes left", "Return a mask with the cells' shape: (…, h, w, B).", lambda owned, mine: other_boxes(owned, mine).nonzero()),
    ("numbers", "Return a mask of bools: with numbers, indexing picks rows.", lambda owned, mine: other_boxes(owned, mine).float()),
    ("the rows of `mine` in reverse order", "The rows of `mine` are in the order in which owned finds the cells.", lambda owned, mine: other_boxes(owned, mine.flip(0))),
    ("the first image alone", "There may be several images: keep the axes in front.", lambda owned, mine: other_boxes(owned, mine)[(0,) * (owned.ndim - 2)]),
    ("an error without objects", "Without objects, all boxes are left.", failing_when(lambda owned, mine: not len(mine), other_boxes)),
    ("the caller's mask overwritten", "It is needed again: make a new mask.", overwriting(other_boxes, 1)),
):  # fmt: skip
    wrong(_name, _story)(_function)

EXERCISES = (OTHER_BOXES,)
