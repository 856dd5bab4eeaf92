"""Answers to `responsible` (lab 03), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.models.yolo import overlaps


def right_by_one_hot(predicted: Tensor, targets: Tensor) -> Tensor:
    """The place of the best box as a one-hot row; torch decides about ties."""
    return F.one_hot(overlaps(predicted, targets).argmax(1), predicted.shape[1]).bool()


def right_by_loops(predicted: Tensor, targets: Tensor) -> Tensor:
    """Object by object, box by box; among equals the first box is responsible."""
    mask = torch.zeros(predicted.shape[:2], dtype=torch.bool)
    for g, row in enumerate(overlaps(predicted, targets).tolist()):
        mask[g, row.index(max(row))] = True
    return mask


def right_by_scatter(predicted: Tensor, targets: Tensor) -> Tensor:
    """Writes True at the best place; the table is turned round, so that among equals the last box wins."""
    table = overlaps(predicted, targets)
    best = table.shape[1] - 1 - table.flip(1).max(1).indices
    return torch.zeros_like(table, dtype=torch.bool).scatter_(1, best[:, None], True)


def right_by_comparing_places(predicted: Tensor, targets: Tensor) -> Tensor:
    """The boxes are ranked; the one whose number stands at the head of the row is responsible."""
    ranking = overlaps(predicted, targets).argsort(dim=1, descending=True, stable=True)
    return torch.arange(predicted.shape[1])[None, :] == ranking[:, :1]


def wrong_all_of_the_best(predicted, targets):
    """Compares with the maximum: two boxes with the same IoU, such as 0, are both responsible."""
    table = overlaps(predicted, targets)
    return table == table.amax(1, keepdim=True)


def wrong_good_enough(predicted, targets):
    """Asks for an IoU of at least 0.5: none or two of the boxes may be responsible."""
    return overlaps(predicted, targets) >= 0.5


def wrong_worst(predicted, targets):
    """argmin for argmax: the worse box shall learn."""
    return F.one_hot(overlaps(predicted, targets).argmin(1), predicted.shape[1]).bool()


def wrong_best_object_of_each_box(predicted, targets):
    """argmax along the objects: one True in each column, where each row needs one."""
    return F.one_hot(overlaps(predicted, targets).argmax(0), predicted.shape[0]).bool().T


def wrong_places(predicted, targets):
    """Returns the number of the best box, (G,), and not a mask (G, B)."""
    return overlaps(predicted, targets).argmax(1)


def wrong_whole_numbers(predicted, targets):
    """A mask of 0 and 1 is not one of True and False:
    as an index it picks boxes 0 and 1, and ~ gives -1 and -2.
    """
    return F.one_hot(overlaps(predicted, targets).argmax(1), predicted.shape[1])


def wrong_nobody_without_overlap(predicted, targets):
    """Nobody is responsible where no box overlaps the object: a row without True."""
    table = overlaps(predicted, targets)
    return F.one_hot(table.argmax(1), table.shape[1]).bool() & (table > 0)


def wrong_always_the_first(predicted, targets):
    """Box 0 learns everything: wrong wherever another box is better."""
    mask = torch.zeros(predicted.shape[:2], dtype=torch.bool)
    mask[:, 0] = True
    return mask


def wrong_nearest_numbers(predicted, targets):
    """Takes the least squared distance of the four numbers:
    the box with the better IoU may have the larger one.
    """
    distance = (predicted - targets[:, None]).square().sum(-1)
    return F.one_hot(distance.argmin(1), predicted.shape[1]).bool()


def wrong_nearest_centre(predicted, targets):
    """Takes the nearest centre: a tiny box in the middle beats one that fits nearly."""
    middle, true_middle = (predicted[..., :2] + predicted[..., 2:]) / 2, (targets[:, :2] + targets[:, 2:]) / 2
    distance = (middle - true_middle[:, None]).norm(dim=-1)
    return F.one_hot(distance.argmin(1), predicted.shape[1]).bool()


def wrong_one_for_all(predicted, targets):
    """Finds the box that is best over all objects and gives it to each of them: wrong when they differ."""
    best = overlaps(predicted, targets).mean(0).argmax()
    return F.one_hot(best, predicted.shape[1]).bool().expand(len(targets), -1)


def wrong_one_in_the_table(predicted, targets):
    """argmax without an axis: one True in the whole table, all other rows have none."""
    table = overlaps(predicted, targets)
    return F.one_hot(table.argmax(), table.numel()).bool().reshape(table.shape)
