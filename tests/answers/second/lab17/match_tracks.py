import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from coursekit import ops


def right_zero_gain(iou: Tensor, least: float) -> ops.Match:
    """Forbidden pairs gain nothing, match by cost, drop the forbidden ones. With least = 0 it also matches pairs with an IoU of 0 (a tie in the total, left open)."""
    allowed = iou >= least
    match = ops.match_by_cost(-torch.where(allowed, iou, torch.zeros_like(iou)))
    if not len(iou):
        return match
    positive = match.positive & allowed.gather(0, match.target[None])[0]
    return ops.Match(match.target, positive, ~positive)


def right_augmenting_paths(iou: Tensor, least: float) -> ops.Match:
    """Loops without any library: best augmenting path until nothing is gained. Unmatched targets are -1; pairs with an IoU of 0 stay unmatched (open)."""
    table = iou.tolist()
    t_count, d_count = iou.shape
    edges = [(t, d, table[t][d]) for t in range(t_count) for d in range(d_count) if iou[t, d] >= least]
    owner = [-1] * d_count
    partner = [-1] * t_count
    while True:
        gain_t = [0.0 if p < 0 else float("-inf") for p in partner]
        gain_d, via = [float("-inf")] * d_count, [-1] * d_count
        changed = True
        while changed:
            changed = False
            for t, d, w in edges:
                if partner[t] != d and gain_t[t] + w > gain_d[d] + 1e-12:
                    gain_d[d], via[d], changed = gain_t[t] + w, t, True
                    if owner[d] >= 0:
                        gain_t[owner[d]] = gain_d[d] - table[owner[d]][d]
        ends = [d for d in range(d_count) if owner[d] < 0]
        end = max(ends, key=lambda d: gain_d[d], default=None)
        if end is None or gain_d[end] <= 1e-12:
            break
        d = end
        while d >= 0:
            t = via[d]
            before = partner[t]
            owner[d], partner[t] = t, d
            d = before
    target = torch.tensor(owner, dtype=torch.int64)
    return ops.Match(target, target >= 0, target < 0)


def right_scipy_with_dummies(iou: Tensor, least: float) -> ops.Match:
    """SciPy with maximize on a table with one dummy column per track ("stay alone" gains 0), forbidden pairs at -1000; among ties, any."""
    t_count, d_count = iou.shape
    gain = torch.cat([iou.masked_fill(iou < least, -1000.0), iou.new_zeros(t_count, t_count)], 1)
    rows, columns = linear_sum_assignment(gain.double().numpy(), maximize=True)
    target = torch.zeros(d_count, dtype=torch.int64)
    positive = torch.zeros(d_count, dtype=torch.bool)
    for t, d in zip(rows, columns, strict=False):
        if d < d_count:
            target[d] = int(t)
            positive[d] = True
    return ops.Match(target, positive, positive.logical_not())


def wrong_threshold_afterwards(iou: Tensor, least: float) -> ops.Match:
    """Matches all pairs and only then throws away those below `least`, so that forbidden pairs influence the match."""
    match = ops.match_by_cost(-iou)
    if not len(iou):
        return match
    positive = match.positive & (iou.gather(0, match.target[None])[0] >= least)
    return ops.Match(match.target, positive, ~positive)


def wrong_forbidden_expensive(iou: Tensor, least: float) -> ops.Match:
    """Gives forbidden pairs a huge cost, so that it makes many pairs rather than a large total."""
    allowed = iou >= least
    match = ops.match_by_cost(torch.where(allowed, 1 - iou, torch.full_like(iou, 1000.0)))
    if not len(iou):
        return match
    positive = match.positive & allowed.gather(0, match.target[None])[0]
    return ops.Match(match.target, positive, ~positive)


def wrong_greedy(iou: Tensor, least: float) -> ops.Match:
    """Takes the best pair, then the best of what is left, and so on."""
    left = iou.clone()
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    while left.numel() and left.max() >= least:
        t, d = divmod(int(left.argmax()), left.shape[1])
        target[d], positive[d] = t, True
        left[t, :] = -1
        left[:, d] = -1
    return ops.Match(target, positive, ~positive)


def wrong_strictly_above(iou: Tensor, least: float) -> ops.Match:
    """Forbids an IoU of exactly `least`."""
    allowed = iou > least
    match = ops.match_by_cost(-torch.where(allowed, iou, torch.zeros_like(iou)))
    if not len(iou):
        return match
    positive = match.positive & allowed.gather(0, match.target[None])[0]
    return ops.Match(match.target, positive, ~positive)


def wrong_negative_forgotten(iou: Tensor, least: float) -> ops.Match:
    """Removes forbidden pairs from `positive` but leaves `negative` as the library returned it."""
    allowed = iou >= least
    match = ops.match_by_cost(-torch.where(allowed, iou, torch.zeros_like(iou)))
    if not len(iou):
        return match
    positive = match.positive & allowed.gather(0, match.target[None])[0]
    return ops.Match(match.target, positive, match.negative)


def wrong_crash_without_tracks(iou: Tensor, least: float) -> ops.Match:
    """Turns IoU into cost with iou.max(), and indexes row 0: raises when T or D is 0."""
    best = iou.max()
    allowed = iou >= least
    match = ops.match_by_cost(torch.where(allowed, best - iou, best))
    positive = match.positive & allowed[match.target, torch.arange(iou.shape[1])]
    return ops.Match(match.target, positive, ~positive)
