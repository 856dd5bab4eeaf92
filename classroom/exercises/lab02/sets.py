"""Lab 02, third part: a loss that does not know any order."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.pictures import set_picture
from coursekit.models.slot_localiser import best_assignment, box_distance

_ROW = boxes((0, 0, 20, 20), (30, 0, 50, 20), (60, 0, 80, 30))
_STACK = boxes((4, 0, 24, 20), (0, 40, 20, 60))


def set_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """The mean distance of the targets from their predictions under the best assignment: (S, 4), (G, 4) -> ()."""
    slots = best_assignment(_distances(predicted, target).detach())
    return box_distance(predicted[slots], target).mean()


def _distances(predicted: Tensor, target: Tensor) -> Tensor:
    """The distance of each target from each prediction: (S, 4), (G, 4) -> (G, S)."""
    return torch.stack([box_distance(predicted, row.expand_as(predicted)) for row in target])


SET_LOSS = Exercise(
    set_loss,
    picture=set_picture,
    hints=(
        "First find out who belongs to whom. Then it is a loss of pairs as before.",
        "A (G, S) table of box_distance; slots = best_assignment(table); loss = mean of box_distance(predicted[slots], target).",
        "torch.stack([box_distance(predicted, row.expand_as(predicted)) for row in target]) is the table; .detach() it.",
    ),
    cases=(
        Case("one box", (_ROW[:1], _ROW[:1] + 2)),
        Case("two boxes in the wrong order", (_ROW[:2], _ROW[:2].flip(0))),
        Case("three boxes that went round", (_ROW, _ROW.roll(1, 0) + 3)),
        Case(
            "one above the other", (_STACK, _STACK.flip(0) + torch.tensor([[6.0, 0, 6, 0], [-6, 0, -6, 0]]))
        ),
        Case("two targets near one prediction", (_ROW, boxes((28, 0, 48, 20), (33, 0, 53, 20)))),
        Case("two targets, three predictions", (_ROW, _ROW[[2, 0]] + 4)),
        Case("gradients", (_ROW, _ROW.roll(1, 0) + 3), gradient=True),
    ),
)


@SET_LOSS.wrong(
    "the order of the list", "Exchange two targets and the loss changes, though nothing else did."
)
def _listed(predicted: Tensor, target: Tensor) -> Tensor:
    return box_distance(predicted[: len(target)], target).mean()


@SET_LOSS.wrong(
    "the nearest prediction for each target",
    "One prediction would serve two targets, and the others would never learn.",
)
def _nearest_prediction(predicted: Tensor, target: Tensor) -> Tensor:
    return _distances(predicted, target).amin(1).mean()


@SET_LOSS.wrong("the mean over all pairs", "Every prediction would be pulled to the middle of all targets.")
def _all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return _distances(predicted, target).mean()


@SET_LOSS.wrong(
    "an order from left to right",
    "It depends on the targets alone, but one pixel may change the order of boxes that stand one above the other.",
)
def _left_to_right(predicted: Tensor, target: Tensor) -> Tensor:
    return _listed(predicted[predicted[:, 0].argsort()], target[target[:, 0].argsort()])


@SET_LOSS.wrong("the assignment read backwards", "slots[g] is the prediction of target g: predicted[slots].")
def _inverse(predicted: Tensor, target: Tensor) -> Tensor:
    slots = best_assignment(_distances(predicted, target).detach())
    back = torch.zeros(len(predicted), dtype=torch.int64).scatter(0, slots, torch.arange(len(target)))
    return box_distance(predicted[back[: len(target)]], target).mean()


@SET_LOSS.wrong(
    "a loss without gradient", "Only the table for the assignment is detached; the loss itself is not."
)
def _without_gradient(predicted: Tensor, target: Tensor) -> Tensor:
    return set_loss(predicted.detach(), target.detach())


EXERCISES = (SET_LOSS,)
