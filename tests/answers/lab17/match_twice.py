import torch
from torch import Tensor

from coursekit import ops
from coursekit.tracking import match_tracks


def right_small_tables(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Two smaller tables, and their places translated back."""
    count = len(scores)
    target = torch.zeros(count, dtype=torch.int64)
    positive, negative = torch.zeros(count, dtype=torch.bool), torch.zeros(count, dtype=torch.bool)
    free = torch.ones(len(iou), dtype=torch.bool)
    for chosen, births in ((scores >= high, True), ((scores >= low) & (scores < high), False)):
        rows, columns = free.nonzero()[:, 0], chosen.nonzero()[:, 0]
        match = match_tracks(iou[rows][:, columns], least)
        found = columns[match.positive]
        target[found] = rows[match.target[match.positive]]
        positive[found] = True
        free[target[found]] = False
        if births:
            negative[columns[match.negative]] = True
    return ops.Match(target, positive, negative)


def right_zeroed(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """The whole table twice, with what may not be matched set to 0."""
    sure, unsure = scores >= high, (scores >= low) & (scores < high)
    first = match_tracks(torch.where(sure, iou, 0.0), least)
    rest = torch.where(unsure, iou, 0.0)
    rest[first.target[first.positive]] = 0
    second = match_tracks(rest, least)
    target = torch.where(first.positive, first.target, second.target)
    return ops.Match(target, first.positive | second.positive, sure & ~first.positive)


def right_lists(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """A dictionary from detection to track."""
    owner: dict[int, int] = {}
    for wanted in (lambda s: s >= high, lambda s: low <= s < high):
        columns = [d for d, s in enumerate(scores.tolist()) if wanted(s)]
        rows = [t for t in range(len(iou)) if t not in owner.values()]
        match = match_tracks(iou[rows][:, columns], least)
        for place, d in enumerate(columns):
            if match.positive[place]:
                owner[d] = rows[match.target[place]]
    target = torch.tensor([owner.get(d, 0) for d in range(len(scores))], dtype=torch.int64)
    positive = torch.tensor([d in owner for d in range(len(scores))], dtype=torch.bool)
    return ops.Match(target, positive, ~positive & (scores >= high))


def wrong_sort(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """The first round alone."""
    sure = scores >= high
    first = match_tracks(torch.where(sure, iou, 0.0), least)
    return ops.Match(first.target, first.positive, sure & ~first.positive)


def wrong_one_round(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Everything from low on in one match."""
    match = match_tracks(torch.where(scores >= low, iou, 0.0), least)
    return ops.Match(match.target, match.positive, ~match.positive & (scores >= high))


def wrong_births(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Every detection without a track is negative."""
    right = right_zeroed(iou, scores, high, low, least)
    return ops.Match(right.target, right.positive, ~right.positive)


def wrong_births_of_unsure(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Unsure ones without a track are negative too."""
    right = right_zeroed(iou, scores, high, low, least)
    return ops.Match(right.target, right.positive, ~right.positive & (scores >= low))


def wrong_tracks_twice(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Does not take the matched tracks out of the second round."""
    sure, unsure = scores >= high, (scores >= low) & (scores < high)
    first = match_tracks(torch.where(sure, iou, 0.0), least)
    second = match_tracks(torch.where(unsure, iou, 0.0), least)
    target = torch.where(first.positive, first.target, second.target)
    return ops.Match(target, first.positive | second.positive, sure & ~first.positive)


def wrong_no_low(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Everything below high is unsure."""
    return right_zeroed(iou, scores, high, 0.0, least)


def wrong_small_places(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> ops.Match:
    """Places in the second, smaller table are returned as they are."""
    sure, unsure = scores >= high, (scores >= low) & (scores < high)
    first = match_tracks(torch.where(sure, iou, 0.0), least)
    free = torch.ones(len(iou), dtype=torch.bool)
    free[first.target[first.positive]] = False
    second = match_tracks(torch.where(unsure, iou, 0.0)[free], least)
    target = torch.where(first.positive, first.target, second.target)
    return ops.Match(target, first.positive | second.positive, sure & ~first.positive)
