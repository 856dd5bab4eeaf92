"""Answers to `best_of_levels` (lab 06), written by the author of its check as a student might."""

import torch
from torch import Tensor


def right_level_by_level(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """A loop over the levels, topk in each."""
    chosen = []
    for level in levels.unique():
        members = torch.where(levels == level)[0]
        chosen.append(members[objectness[members].topk(min(candidates, len(members))).indices])
    return torch.cat(chosen)


def right_in_one_order(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Goes through all anchors, the best first, and counts for each level."""
    seen: dict[int, int] = {}
    kept = []
    for a in objectness.argsort(descending=True).tolist():
        level = int(levels[a])
        seen[level] = seen.get(level, 0) + 1
        if seen[level] <= candidates:
            kept.append(a)
    return torch.tensor(kept, dtype=torch.int64)


def right_by_masking(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Everything outside the level becomes -inf; the indices come out in ascending order."""
    mask = torch.zeros(len(levels), dtype=torch.bool)
    for level in set(levels.tolist()):
        alone = torch.where(levels == level, objectness, -torch.inf)
        count = min(candidates, int((levels == level).sum()))
        mask[alone.sort(descending=True).indices[:count]] = True
    return mask.nonzero()[:, 0]


def wrong_all_levels(objectness, levels, candidates):
    """Ignores the levels."""
    return objectness.topk(min(candidates, len(objectness))).indices


def wrong_local_indices(objectness, levels, candidates):
    """The indices count within the level."""
    tops = []
    for level in levels.unique():
        scores = objectness[levels == level]
        tops.append(scores.topk(min(candidates, len(scores))).indices)
    return torch.cat(tops)


def wrong_crash_on_small_levels(objectness, levels, candidates):
    """topk with more than there are."""
    chosen = []
    for level in levels.unique():
        members = torch.where(levels == level)[0]
        chosen.append(members[objectness[members].topk(candidates).indices])
    return torch.cat(chosen)


def wrong_ascending(objectness, levels, candidates):
    """argsort without descending=True."""
    chosen = []
    for level in levels.unique():
        members = torch.where(levels == level)[0]
        chosen.append(members[objectness[members].argsort()[:candidates]])
    return torch.cat(chosen)


def wrong_not_sorted(objectness, levels, candidates):
    """The first ones of each level."""
    return torch.cat([torch.where(levels == level)[0][:candidates] for level in levels.unique()])


def wrong_scores_returned(objectness, levels, candidates):
    """values instead of indices."""
    found = [objectness[levels == level] for level in levels.unique()]
    return torch.cat([scores.topk(min(candidates, len(scores))).values for scores in found])


def wrong_range_of_levels(objectness, levels, candidates):
    """The levels 0, 1, 2, whatever there is."""
    chosen = []
    for level in range(3):
        members = torch.where(levels == level)[0]
        chosen.append(members[objectness[members].topk(min(candidates, len(members))).indices])
    return torch.cat(chosen)
