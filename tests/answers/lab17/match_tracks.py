from itertools import permutations

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from coursekit import ops


def right_scipy(iou: Tensor, least: float) -> ops.Match:
    """scipy's assignment on a table in which forbidden pairs are worth nothing."""
    worth = iou * (iou >= least)
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    for t, d in zip(*linear_sum_assignment(worth.numpy(), maximize=True), strict=True):
        if worth[t, d] >= least:
            target[d], positive[d] = int(t), True
    return ops.Match(target, positive, ~positive)


def right_no_cost(iou: Tensor, least: float) -> ops.Match:
    """A forbidden pair costs as much as no pair."""
    cost = torch.where(iou >= least, -iou, 0.0)
    match = ops.match_by_cost(cost)
    positive = match.positive.clone()
    for d in range(iou.shape[1]):
        if positive[d] and iou[match.target[d], d] < least:
            positive[d] = False
    return ops.Match(match.target, positive, ~positive)


def right_brute_force(iou: Tensor, least: float) -> ops.Match:
    """All ways to give the detections tracks of their own, or none."""
    tracks, count = iou.shape
    worth = torch.where(iou >= least, iou, 0.0).tolist()
    slots = list(range(tracks)) + [-1] * count
    best, chosen = -1.0, [-1] * count
    for way in set(permutations(slots, count)):
        total = sum(worth[t][d] for d, t in enumerate(way) if t >= 0)
        if total > best:
            best, chosen = total, list(way)
    chosen = [t if t >= 0 and iou[t, d] >= least else -1 for d, t in enumerate(chosen)]
    positive = torch.tensor([t >= 0 for t in chosen], dtype=torch.bool)
    return ops.Match(torch.tensor(chosen, dtype=torch.int64), positive, ~positive)


def wrong_argmax(iou: Tensor, least: float) -> ops.Match:
    """Each detection takes the track that it overlaps most."""
    if not len(iou):
        none = torch.zeros(iou.shape[1], dtype=torch.bool)
        return ops.Match(none.long(), none, ~none)
    best, target = iou.max(0)
    return ops.Match(target, best >= least, best < least)


def wrong_greedy(iou: Tensor, least: float) -> ops.Match:
    """The highest IoU first."""
    left = iou.clone()
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    while left.numel() and left.max() >= least:
        t, d = divmod(left.argmax().item(), left.shape[1])
        target[d], positive[d] = t, True
        left[t, :] = -1
        left[:, d] = -1
    return ops.Match(target, positive, ~positive)


def wrong_no_limit(iou: Tensor, least: float) -> ops.Match:
    """Ignores the limit."""
    return ops.match_by_cost(1 - iou)


def wrong_limit_after(iou: Tensor, least: float) -> ops.Match:
    """As in the code of SORT: matches first, then removes what is below the limit."""
    match = ops.match_by_cost(-iou)
    positive = match.positive.clone()
    for d in positive.nonzero()[:, 0].tolist():
        positive[d] = iou[match.target[d], d] >= least
    return ops.Match(match.target, positive, ~positive)


def wrong_sign(iou: Tensor, least: float) -> ops.Match:
    """Gives IoU to match_by_cost as if it were a cost."""
    match = ops.match_by_cost(iou)
    positive = match.positive.clone()
    for d in positive.nonzero()[:, 0].tolist():
        positive[d] = iou[match.target[d], d] >= least
    return ops.Match(match.target, positive, ~positive)


def wrong_strict(iou: Tensor, least: float) -> ops.Match:
    """More than the limit."""
    allowed = iou > least
    match = ops.match_by_cost(-torch.where(allowed, iou, 0.0))
    positive = match.positive.clone()
    for d in positive.nonzero()[:, 0].tolist():
        positive[d] = allowed[match.target[d], d]
    return ops.Match(match.target, positive, ~positive)


def wrong_infinite(iou: Tensor, least: float) -> ops.Match:
    """Infinity for forbidden pairs, which match_by_cost refuses."""
    return ops.match_by_cost(torch.where(iou >= least, 1 - iou, torch.inf))
