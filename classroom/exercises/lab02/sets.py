"""Lab 02, exercise 8: a loss that does not depend on the order."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.alike import any_width
from classroom.exercises.lab02.pictures import set_picture
from coursekit.models.localiser import giou_loss
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
    judge=any_width,
    hints=(
        "First find out which prediction belongs to which target. Then it is a loss over pairs, as before.",
        "A (G, S) table of box_distance; slots = best_assignment(table); loss = mean of box_distance(predicted[slots], target).",
        "torch.stack([box_distance(predicted, row.expand_as(predicted)) for row in target]) is the table; .detach() it.",
    ),
    cases=(
        Case("one box", (_ROW[:1], _ROW[:1] + 2)),
        Case("two boxes in the wrong order", (_ROW[:2], _ROW[:2].flip(0))),
        Case("three boxes in a cycle", (_ROW, _ROW.roll(1, 0) + 3)),
        Case(
            "one above the other", (_STACK, _STACK.flip(0) + torch.tensor([[6.0, 0, 6, 0], [-6, 0, -6, 0]]))
        ),
        Case("two targets near one prediction", (_ROW, boxes((28, 0, 48, 20), (33, 0, 53, 20)))),
        Case("the same two in the other order", (_ROW, boxes((33, 0, 53, 20), (28, 0, 48, 20)))),
        Case(
            "a large box around a small one",
            (boxes((0, 0, 90, 90), (50, 50, 60, 60)), boxes((42, 42, 52, 52), (10, 0, 90, 80))),
        ),
        Case("two targets, three predictions", (_ROW, _ROW[[2, 0]] + 4)),
        Case("gradients with respect to the predicted boxes", (_ROW, _ROW.roll(1, 0) + 3), gradient=(0,)),
    ),
)

_wrong = SET_LOSS.wrong


def _slots(predicted: Tensor, target: Tensor) -> Tensor:
    return best_assignment(_distances(predicted, target).detach())


def _values(predicted: Tensor, target: Tensor) -> Tensor:
    """The distance of each target from its prediction under the best assignment: (G,)."""
    return box_distance(predicted[_slots(predicted, target)], target)


@_wrong("the order of the list", "Swap two targets and the loss changes, although nothing else did.")
def _listed(predicted: Tensor, target: Tensor) -> Tensor:
    return box_distance(predicted[: len(target)], target).mean()


@_wrong(
    "the nearest prediction for each target",
    "One prediction could serve two targets, and the others would never learn.",
)
def _nearest_prediction(predicted: Tensor, target: Tensor) -> Tensor:
    return _distances(predicted, target).amin(1).mean()


@_wrong(
    "the nearest target for each prediction",
    "Two predictions may choose the same target, so another target gets none.",
)
def _nearest_target(predicted: Tensor, target: Tensor) -> Tensor:
    return _distances(predicted, target).amin(0).mean()


@_wrong(
    "first come, first served",
    "The first target may take the prediction that the second needs more: use best_assignment.",
)
def _first_come(predicted: Tensor, target: Tensor) -> Tensor:
    table, taken = _distances(predicted, target), []
    for row in table.tolist():
        taken.append(min(set(range(len(row))) - set(taken), key=row.__getitem__))
    return table[torch.arange(len(target)), taken].mean()


@_wrong("the nearest pair first", "That may leave a pair that is far apart: use best_assignment.")
def _nearest_pair_first(predicted: Tensor, target: Tensor) -> Tensor:
    table = _distances(predicted, target)
    left, values = table.detach().clone(), []
    for _ in target:
        g, s = divmod(left.argmin().item(), len(predicted))
        values.append(table[g, s])
        left[g], left[:, s] = torch.inf, torch.inf
    return torch.stack(values).mean()


@_wrong("the mean over all pairs", "Every prediction would be pulled to the middle of all targets.")
def _all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return _distances(predicted, target).mean()


@_wrong(
    "an order from left to right",
    "It depends only on the targets, but a single pixel may change the order of boxes that lie one above the other.",
)
def _left_to_right(predicted: Tensor, target: Tensor) -> Tensor:
    return _listed(predicted[predicted[:, 0].argsort()], target[target[:, 0].argsort()])


@_wrong("the assignment read backwards", "slots[g] is the prediction of target g: predicted[slots].")
def _inverse(predicted: Tensor, target: Tensor) -> Tensor:
    slots = _slots(predicted, target)
    back = torch.zeros(len(predicted), dtype=torch.int64).scatter(0, slots, torch.arange(len(target)))
    return box_distance(predicted[back[: len(target)]], target).mean()


@_wrong(
    "targets picked by their slots",
    "slots[g] is the prediction of target g: predicted[slots], and the targets as they are.",
)
def _targets_picked(predicted: Tensor, target: Tensor) -> Tensor:
    return box_distance(predicted[: len(target)], target[_slots(predicted, target)]).mean()


@_wrong("a table misread", "The list of pairs is ordered by target, so reshape it to (G, S), not to (S, G).")
def _misread(predicted: Tensor, target: Tensor) -> Tensor:
    table = _distances(predicted, target).detach()
    slots = best_assignment(table.reshape(len(predicted), len(target)).T)
    return box_distance(predicted[slots], target).mean()


@_wrong(
    "the worst assignment", "best_assignment takes costs, and the distance is already a cost: no minus sign."
)
def _worst_way(predicted: Tensor, target: Tensor) -> Tensor:
    slots = best_assignment(-_distances(predicted, target).detach())
    return box_distance(predicted[slots], target).mean()


@_wrong("pairs by the distance of their centres", "The table should hold box_distance.")
def _by_centres(predicted: Tensor, target: Tensor) -> Tensor:
    middle, true_middle = ((box[:, :2] + box[:, 2:]) / 2 for box in (predicted, target))
    return box_distance(predicted[best_assignment(torch.cdist(true_middle, middle).detach())], target).mean()


@_wrong("a sum instead of a mean", "The loss would grow with the number of objects.")
def _sum(predicted: Tensor, target: Tensor) -> Tensor:
    return _values(predicted, target).sum()


@_wrong("divided by the number of slots", "There are G pairs: divide by the number of targets.")
def _over_slots(predicted: Tensor, target: Tensor) -> Tensor:
    return _values(predicted, target).sum() / len(predicted)


@_wrong("the best pair only", "Every pair counts: take the mean.")
def _best_pair(predicted: Tensor, target: Tensor) -> Tensor:
    return _values(predicted, target).min()


@_wrong("the worst pair only", "Every pair counts: take the mean.")
def _worst_pair(predicted: Tensor, target: Tensor) -> Tensor:
    return _values(predicted, target).max()


@_wrong("one distance per pair", "The loss is one number, their mean.")
def _per_pair(predicted: Tensor, target: Tensor) -> Tensor:
    return _values(predicted, target)


@_wrong("the mean error in pixels", "The loss is the mean box_distance of the pairs.")
def _pixels(predicted: Tensor, target: Tensor) -> Tensor:
    return (predicted[_slots(predicted, target)] - target).abs().mean()


@_wrong("the mean squared error", "The loss is the mean box_distance of the pairs.")
def _squares(predicted: Tensor, target: Tensor) -> Tensor:
    return (predicted[_slots(predicted, target)] - target).square().mean()


@_wrong("the GIoU loss alone", "box_distance also includes the mean error of the four numbers.")
def _giou_alone(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted[_slots(predicted, target)], target).mean()


@_wrong("a loss without gradient", "Only the table for the assignment is detached; the loss itself is not.")
def _without_gradient(predicted: Tensor, target: Tensor) -> Tensor:
    return set_loss(predicted.detach(), target.detach())


EXERCISES = (SET_LOSS,)
