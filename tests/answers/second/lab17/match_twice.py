import torch
from torch import Tensor

from coursekit import ops


def _match_tracks(iou: Tensor, least: float) -> ops.Match:
    """The student's function of exercise 3."""
    allowed = iou >= least
    match = ops.match_by_cost(-torch.where(allowed, iou, torch.zeros_like(iou)))
    if not len(iou):
        return match
    positive = match.positive & allowed.gather(0, match.target[None])[0]
    return ops.Match(match.target, positive, ~positive)


def right_indices(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Smaller tables and index tensors; targets of the others are 0."""
    confident, unsure = scores >= high, (scores >= low) & (scores < high)
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    rows = torch.arange(iou.shape[0])
    for group in (confident, unsure):
        columns = group.nonzero()[:, 0]
        match = _match_tracks(iou[rows][:, columns], least)
        target[columns[match.positive]] = rows[match.target[match.positive]]
        positive[columns[match.positive]] = True
        free = torch.ones(len(rows), dtype=torch.bool)
        free[match.target[match.positive]] = False
        rows = rows[free]
    return ops.Match(target, positive, confident & ~positive)


def right_masks(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """No smaller tables: columns and rows that do not take part get an IoU of -1, which is below `least`; unmatched targets are whatever comes out."""
    confident = scores >= high
    unsure = ~confident & (scores >= low)
    first = _match_tracks(iou.masked_fill(~confident, -1), least)
    taken = torch.zeros(len(iou), dtype=torch.bool)
    taken[first.target[first.positive]] = True
    second = _match_tracks(iou.masked_fill(~unsure, -1).masked_fill(taken[:, None], -1), least)
    target = torch.where(first.positive, first.target, second.target)
    return ops.Match(target, first.positive | second.positive, confident & first.negative)


def right_lists(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Python lists and a dict from detection to track; unmatched targets are -1. Scores as Python doubles: a float32 score of 0.7 is then just below high = 0.7 (the text does not say)."""
    values = scores.tolist()
    confident = [d for d, s in enumerate(values) if s >= high]
    unsure = [d for d, s in enumerate(values) if low <= s < high]
    tracks, found = list(range(len(iou))), {}
    for columns in (confident, unsure):
        if tracks and columns:
            table = torch.stack([torch.stack([iou[t, d] for d in columns]) for t in tracks])
            match = _match_tracks(table, least)
            for d, row, yes in zip(columns, match.target.tolist(), match.positive.tolist(), strict=False):
                if yes:
                    found[d] = tracks[row]
        tracks = [t for t in tracks if t not in found.values()]
    n = len(values)
    return ops.Match(
        torch.tensor([found.get(d, -1) for d in range(n)], dtype=torch.int64),
        torch.tensor([d in found for d in range(n)], dtype=torch.bool),
        torch.tensor([d in confident and d not in found for d in range(n)], dtype=torch.bool),
    )


def wrong_local_rows(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """In the second round `target` is the row in the table of the tracks that are left, not in the whole table."""
    confident, unsure = scores >= high, (scores >= low) & (scores < high)
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    first = _match_tracks(iou[:, confident], least)
    target[confident], positive[confident] = first.target, first.positive
    free = torch.ones(len(iou), dtype=torch.bool)
    free[first.target[first.positive]] = False
    second = _match_tracks(iou[free][:, unsure], least)
    target[unsure], positive[unsure] = second.target, second.positive
    return ops.Match(target, positive, confident & ~positive)


def wrong_unmatched_take_track_0(
    iou: Tensor, scores: Tensor, high: float, low: float, least: float
) -> ops.Match:
    """Crosses out first.target without first.positive, so the targets of unmatched detections (any number) use up tracks too."""
    confident, unsure = scores >= high, (scores >= low) & (scores < high)
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    first = _match_tracks(iou[:, confident], least)
    target[confident], positive[confident] = first.target, first.positive
    free = torch.ones(len(iou), dtype=torch.bool)
    if len(iou):
        free[first.target] = False
    rows = free.nonzero()[:, 0]
    second = _match_tracks(iou[rows][:, unsure], least)
    columns = unsure.nonzero()[:, 0][second.positive]
    target[columns], positive[columns] = rows[second.target[second.positive]], True
    return ops.Match(target, positive, confident & ~positive)


def wrong_one_round(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """One match of all detections from `low` on: an unsure detection can take a track away from a confident one."""
    match = _match_tracks(iou.masked_fill(scores < low, -1), least)
    return ops.Match(match.target, match.positive, match.negative & (scores >= high))


def wrong_negative_is_the_rest(
    iou: Tensor, scores: Tensor, high: float, low: float, least: float
) -> ops.Match:
    """`negative` is everything that is not positive, so unsure detections begin tracks."""
    match = right_masks(iou, scores, high, low, least)
    return ops.Match(match.target, match.positive, ~match.positive)


def wrong_low_ignored(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Everything below `high` takes part in the second round, also what is below `low`."""
    return right_masks(iou, scores, high, float("-inf"), least)


def wrong_high_excluded(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """A score of exactly `high` counts as unsure (> instead of >=)."""
    confident = scores > high
    unsure = ~confident & (scores >= low)
    first = _match_tracks(iou.masked_fill(~confident, -1), least)
    taken = torch.zeros(len(iou), dtype=torch.bool)
    taken[first.target[first.positive]] = True
    second = _match_tracks(iou.masked_fill(~unsure, -1).masked_fill(taken[:, None], -1), least)
    target = torch.where(first.positive, first.target, second.target)
    return ops.Match(target, first.positive | second.positive, confident & first.negative)
