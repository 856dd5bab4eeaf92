"""Answers to `set_loss` (lab 02), written from the student's notebook alone."""

import itertools

import torch
from torch import Tensor

from coursekit.models.slot_localiser import box_distance


def best_assignment(cost: Tensor) -> Tensor:
    """Exercise 6."""
    rows, (g, s) = cost.tolist(), cost.shape
    ways = itertools.permutations(range(s), g)
    best = min(ways, key=lambda way: sum(row[slot] for row, slot in zip(rows, way, strict=True)))
    return torch.tensor(best, dtype=torch.int64)


def _table(predicted: Tensor, target: Tensor) -> Tensor:
    """The distance of every target (rows) from every prediction (columns)."""
    g, s = len(target), len(predicted)
    ours = predicted[None].expand(g, s, 4).reshape(-1, 4)
    theirs = target[:, None].expand(g, s, 4).reshape(-1, 4)
    return box_distance(ours, theirs).reshape(g, s)


def right_by_repeating(predicted: Tensor, target: Tensor) -> Tensor:
    """All pairs as two long lists; then only the chosen pairs,
    with a gradient. No targets give NaN, as a mean does.
    """
    g, s = len(target), len(predicted)
    cost = box_distance(predicted.repeat(g, 1), target.repeat_interleave(s, 0)).reshape(g, s)
    slots = best_assignment(cost.detach())
    return box_distance(predicted[slots], target).mean()


def right_by_picking_from_the_table(predicted: Tensor, target: Tensor) -> Tensor:
    """The table keeps its gradient, and the pairs are read from it. No targets give a new 0."""
    if len(target) == 0:
        return torch.tensor(0.0)
    cost = torch.stack([box_distance(predicted, one.expand_as(predicted)) for one in target])  # (G, S)
    slots = best_assignment(cost.detach())
    return cost.gather(1, slots[:, None]).mean()


def right_by_smallest_total(predicted: Tensor, target: Tensor) -> Tensor:
    """No indices at all: the smallest mean over all ways is the loss.
    No targets give a 0 tied to the predictions.
    """
    g, s = len(target), len(predicted)
    if g == 0:
        return predicted.sum() * 0
    ways = itertools.permutations(range(s), g)
    return torch.stack([box_distance(predicted[list(way)], target).mean() for way in ways]).min()


def right_by_loops(predicted: Tensor, target: Tensor) -> Tensor:
    """A table of plain numbers for the pairing, then pair by pair."""
    cost = torch.zeros(len(target), len(predicted))
    for i, t in enumerate(target):
        for j, p in enumerate(predicted.detach()):
            cost[i, j] = box_distance(p[None], t[None])[0]
    total = predicted.new_zeros(())
    for i, slot in enumerate(best_assignment(cost).tolist()):
        total = total + box_distance(predicted[slot : slot + 1], target[i : i + 1]).sum()
    return total / max(len(target), 1)


def wrong_order_of_the_list(predicted, target):
    """Pairs target i with prediction i: another loss for the same objects in another order."""
    return box_distance(predicted[: len(target)], target).mean()


def wrong_nearest_prediction(predicted, target):
    """Each target takes its nearest prediction:
    two targets beside one prediction share it, and the loss is too low.
    """
    return _table(predicted, target).amin(1).mean()


def wrong_nearest_target(predicted, target):
    """Each prediction is pulled to its nearest target,
    the spare ones too: wrong for fewer targets than slots.
    """
    return _table(predicted, target).amin(0).mean()


def wrong_greedy(predicted, target):
    """The first target takes the nearest prediction, the next has the rest:
    the loss depends on the order of the list.
    """
    table, slots = _table(predicted, target), []
    for row in table.tolist():
        slots.append(min((s for s in range(len(row)) if s not in slots), key=row.__getitem__))
    return table[torch.arange(len(target)), slots].mean()


def wrong_divided_by_slots(predicted, target):
    """Divides by S and not by the number of pairs: too small for fewer targets than slots."""
    slots = best_assignment(_table(predicted, target).detach())
    return box_distance(predicted[slots], target).sum() / len(predicted)


def wrong_sum(predicted, target):
    """Adds up and does not divide: wrong for two or more targets."""
    slots = best_assignment(_table(predicted, target).detach())
    return box_distance(predicted[slots], target).sum()


def wrong_without_gradient(predicted, target):
    """Reads the loss from the detached table: the right number, but the predictions never learn."""
    cost = _table(predicted, target).detach()
    return cost[torch.arange(len(target)), best_assignment(cost)].mean()


def wrong_all_pairs(predicted, target):
    """Averages the whole table: every prediction is pulled to every target, the very thing to be avoided."""
    return _table(predicted, target).mean()


def wrong_targets_reordered(predicted, target):
    """The slots are used as indices of targets:
    wrong for cycles of three, an error for fewer targets than slots.
    """
    slots = best_assignment(_table(predicted, target).detach())
    return box_distance(predicted[: len(target)], target[slots]).mean()


def wrong_table_misread(predicted, target):
    """The list of pairs is target by target, but reshaped as if slot by slot:
    the pairing uses the wrong costs.
    """
    g, s = len(target), len(predicted)
    cost = box_distance(predicted.repeat(g, 1), target.repeat_interleave(s, 0)).reshape(s, g).T
    slots = best_assignment(cost.detach())
    return box_distance(predicted[slots], target).mean()


def wrong_worst_way(predicted, target):
    """Hands in the negative table, as if scores were asked for: the dearest way instead of the cheapest."""
    slots = best_assignment(-_table(predicted, target).detach())
    return box_distance(predicted[slots], target).mean()


def wrong_pairs_by_centres(predicted, target):
    """Pairs by the distance of the centres and not by `box_distance`:
    wrong for boxes of unlike size with near centres.
    """
    middle, true_middle = ((box[:, :2] + box[:, 2:]) / 2 for box in (predicted, target))
    slots = best_assignment(torch.cdist(true_middle, middle).detach())
    return box_distance(predicted[slots], target).mean()


def wrong_plain_distance(predicted, target):
    """The mean absolute error of the pairs, in pixels, where `box_distance` is asked for."""
    slots = best_assignment(_table(predicted, target).detach())
    return (predicted[slots] - target).abs().mean()


def wrong_smallest_pair(predicted, target):
    """Only the best of the pairs counts: 0 as soon as one box is perfect."""
    slots = best_assignment(_table(predicted, target).detach())
    return box_distance(predicted[slots], target).min()
