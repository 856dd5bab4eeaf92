"""Lab 03, section 4: which box of a cell is responsible for an object."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import responsible_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit.models.yolo import overlaps, responsible

_GUESSES = torch.stack(
    [boxes((0, 0, 20, 11), (4, 4, 20, 22)), boxes((52, 0, 80, 30), (46, 2, 62, 12))]
)  # (2, 2, 4)
_OBJECTS = boxes((0, 0, 20, 20), (50, 0, 80, 20))
_FLAT = boxes((0, 0, 20, 4), (30, 0, 50, 20))[None]


def any_of_equals(arguments: tuple, value: Any) -> Any:
    """Where several boxes overlap an object equally well, any one of them may be responsible: a judge."""
    table = overlaps(*arguments)
    mask = isinstance(value, Tensor) and value.dtype == torch.bool and value.shape == table.shape
    if not mask or not value.numel() or not (value.sum(1) == 1).all():
        return value
    return responsible(*arguments) if table[value].equal(table.amax(1)) else value


RESPONSIBLE = Exercise(
    responsible,
    picture=responsible_picture,
    judge=any_of_equals,
    hints=(
        "`overlaps(predicted, targets)` is the (G, B) table of IoUs. What do you need to know about each row?",
        "mask[g, b] is true where b = argmax over b of IoU(predicted[g, b], targets[g]).",
        "F.one_hot(overlaps(predicted, targets).argmax(1), predicted.shape[1]) is the mask, but of int64: add .bool().",
    ),
    cases=(
        Case("one object, two boxes", (_GUESSES[:1], _OBJECTS[:1])),
        Case("two objects", (_GUESSES, _OBJECTS)),
        Case("the best box overlaps little", (_GUESSES[:1] + 14, _OBJECTS[:1])),
        Case("no box overlaps by half", (_FLAT, _OBJECTS[:1])),
        Case(
            "the right centre, the wrong size",
            (boxes((9, 9, 11, 11), (2, 0, 22, 20))[None], _OBJECTS[:1]),
        ),
        Case(
            "a large box and a small one, equally far",
            (boxes((0, 0, 9, 20), (0, 0, 31, 20))[None], _OBJECTS[:1]),
        ),
        Case(
            "a large box around the object and a small one inside",
            (boxes((0, 0, 20, 40), (0, 0, 15, 15))[None], _OBJECTS[:1]),
        ),
        Case("two equal boxes: either of them", (boxes((0, 0, 20, 15), (0, 0, 20, 15))[None], _OBJECTS[:1])),
        Case("no box overlaps the object: any one of them", (_GUESSES[:1] + 50, _OBJECTS[:1])),
        Case("three boxes per cell", (torch.cat([_GUESSES, _GUESSES[:, :1] + 3], 1), _OBJECTS)),
        Case("no object", (_GUESSES[:0], _OBJECTS[:0])),
    ),
)


def _mask_of(places: Tensor, predicted: Tensor) -> Tensor:
    return F.one_hot(places, predicted.shape[1]).bool()


@RESPONSIBLE.wrong(
    "all boxes of the cell",
    "Then they all learn the same thing. If only one is responsible, the boxes specialise.",
)
def _all_of_them(predicted, targets):
    return torch.ones(predicted.shape[:2], dtype=torch.bool)


@RESPONSIBLE.wrong("always the first box", "The box that is already better should go on learning.")
def _the_first(predicted, targets):
    return _mask_of(torch.zeros(len(predicted), dtype=torch.int64), predicted)


@RESPONSIBLE.wrong("always the last box", "The box that is already better should go on learning.")
def _the_last(predicted, targets):
    return _mask_of(torch.full((len(predicted),), predicted.shape[1] - 1), predicted)


@RESPONSIBLE.wrong("the nearest centre", "A box with the right centre may have the wrong size.")
def _nearest_centre(predicted, targets):
    middle = (predicted[..., :2] + predicted[..., 2:] - (targets[:, None, :2] + targets[:, None, 2:])) / 2
    return _mask_of(middle.norm(dim=-1).argmin(1), predicted)


@RESPONSIBLE.wrong(
    "the smallest squared distance", "The IoU decides: the same distance is worse for a small box."
)
def _nearest_sides(predicted, targets):
    return _mask_of((predicted - targets[:, None]).square().sum(-1).argmin(1), predicted)


@RESPONSIBLE.wrong(
    "the smallest absolute distance", "The IoU decides: the same distance is worse for a small box."
)
def _nearest_absolutely(predicted, targets):
    return _mask_of((predicted - targets[:, None]).abs().sum(-1).argmin(1), predicted)


@RESPONSIBLE.wrong("the largest box", "The IoU decides: a box may be too large.")
def _largest(predicted, targets):
    return _mask_of((predicted[..., 2:] - predicted[..., :2]).prod(-1).argmax(1), predicted)


@RESPONSIBLE.wrong("the largest intersection", "A huge box covers everything: IoU also divides by the union.")
def _largest_intersection(predicted, targets):
    low = torch.maximum(predicted[..., :2], targets[:, None, :2])
    high = torch.minimum(predicted[..., 2:], targets[:, None, 2:])
    return _mask_of((high - low).clamp(min=0).prod(-1).argmax(1), predicted)


@RESPONSIBLE.wrong(
    "every box that overlaps by half",
    "One box per object is responsible, the best one: early in training none may be that good, and later several may be.",
)
def _overlapping(predicted, targets):
    return overlaps(predicted, targets) >= 0.5


@RESPONSIBLE.wrong("every box that overlaps at all", "One box per object is responsible: only the best.")
def _meeting(predicted, targets):
    return overlaps(predicted, targets) > 0


@RESPONSIBLE.wrong(
    "all boxes that share the best IoU",
    "If two boxes are equally good, or none overlaps, there is more than one True in a row: choose one of them.",
)
def _all_of_the_best(predicted, targets):
    table = overlaps(predicted, targets)
    return table == table.amax(1, keepdim=True)


@RESPONSIBLE.wrong(
    "no box where none overlaps",
    "One box is always responsible: if the IoU is 0 everywhere, choose any of them.",
)
def _nobody(predicted, targets):
    return responsible(predicted, targets) & (overlaps(predicted, targets) > 0)


@RESPONSIBLE.wrong(
    "one responsible box in the whole table", "Each object has its own best box: one True in each row."
)
def _best_of_all_objects(predicted, targets):
    iou = overlaps(predicted, targets)
    best = F.one_hot(iou.argmax(), iou.numel()) if iou.numel() else iou
    return best.bool().reshape(iou.shape)


@RESPONSIBLE.wrong("the same box for all objects", "Each object has its own best box: look at each row.")
def _one_for_all(predicted, targets):
    best = overlaps(predicted, targets).sum(0).argmax()
    return _mask_of(best, predicted).expand(len(targets), -1).clone()


@RESPONSIBLE.wrong(
    "the best object of each box", "Take the maximum of each row (axis 1): one True in each row, not column."
)
def _best_of_columns(predicted, targets):
    table = overlaps(predicted, targets)
    if not len(table):
        raise Exception("a table of this shape has no maximum")
    return F.one_hot(table.argmax(0), len(table)).bool().T


@RESPONSIBLE.wrong("an index instead of a mask", "Return a mask (G, B), with one True in each row.")
def _an_index(predicted, targets):
    return overlaps(predicted, targets).argmax(1)


@RESPONSIBLE.wrong(
    "a mask of whole numbers",
    "As indices, 0 and 1 select boxes 0 and 1, and `~` turns them into -1 and -2: convert the mask with .bool().",
)
def _whole_numbers(predicted, targets):
    return responsible(predicted, targets).long()


@RESPONSIBLE.wrong("the table of IoUs", "Return a mask: True for the best box of each row.")
def _table(predicted, targets):
    return overlaps(predicted, targets)


@RESPONSIBLE.wrong("the worst box", "`argmax`, not `argmin`.")
def _least(predicted, targets):
    return _mask_of(overlaps(predicted, targets).argmin(1), predicted)


RESPONSIBLE.wrong("the caller's predicted boxes overwritten", "They are needed again: work on new tensors.")(
    overwriting(responsible, 0)
)
RESPONSIBLE.wrong("an error without objects", "For an image without objects the mask has no rows: (0, B).")(
    failing_when(lambda predicted, _: not len(predicted), responsible)
)

EXERCISES = (RESPONSIBLE,)
