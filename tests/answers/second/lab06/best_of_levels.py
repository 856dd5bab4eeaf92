"""Lab 06, exercise 6: best_of_levels."""

import torch
from torch import Tensor


def right_topk(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Vectorised per level: topk of the subset, mapped back. Order: level by level, best first. Ties: as topk likes. Without any anchor: empty int64."""
    chosen = [torch.zeros(0, dtype=torch.int64, device=levels.device)]
    for level in levels.unique():
        places = (levels == level).nonzero()[:, 0]
        best = objectness[places].topk(min(candidates, len(places))).indices
        chosen.append(places[best])
    return torch.cat(chosen)


def right_loops(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Plain loop over the anchors by falling objectness, one counter per level. Order: best of all levels first. Ties: the lower index wins."""
    scores, kinds = objectness.tolist(), levels.tolist()
    taken, chosen = {}, []
    for i in sorted(range(len(scores)), key=lambda i: -scores[i]):
        if taken.get(kinds[i], 0) < candidates:
            taken[kinds[i]] = taken.get(kinds[i], 0) + 1
            chosen.append(i)
    return torch.tensor(chosen, dtype=torch.int64, device=objectness.device)


def right_ranks(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """No loop: two stable sorts, the rank within the level, a mask. Order: rising index. Ties: the HIGHER index wins."""
    total = len(levels)
    backwards = torch.arange(total - 1, -1, -1, device=levels.device)
    order = backwards[objectness[backwards].argsort(descending=True, stable=True)]
    order = order[levels[order].argsort(stable=True)]  # by level, inside by falling objectness
    _, counts = levels[order].unique_consecutive(return_counts=True)
    starts = (counts.cumsum(0) - counts).repeat_interleave(counts)
    rank = torch.arange(total, device=levels.device) - starts
    return order[rank < candidates].sort().values


def wrong_local_indices(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Returns the indices within each level instead of those among all anchors."""
    chosen = []
    for level in levels.unique():
        own = objectness[levels == level]
        chosen.append(own.topk(min(candidates, len(own))).indices)
    return torch.cat(chosen)


def wrong_no_minimum(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Calls topk(candidates) also where a level has fewer anchors: an error is raised."""
    chosen = []
    for level in levels.unique():
        places = (levels == level).nonzero()[:, 0]
        chosen.append(places[objectness[places].topk(candidates).indices])
    return torch.cat(chosen)


def wrong_all_together(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Takes the best candidates * number-of-levels of all anchors: the levels compete."""
    count = candidates * len(levels.unique())
    return objectness.topk(min(count, len(objectness))).indices


def wrong_zero_elsewhere(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Hides the other levels with 0 instead of -inf, though logits may be negative: picks anchors of other levels."""
    chosen = []
    for level in levels.unique():
        own = levels == level
        masked = torch.where(own, objectness, torch.zeros_like(objectness))
        chosen.append(masked.topk(min(candidates, int(own.sum()))).indices)
    return torch.cat(chosen)


def wrong_first_of_level(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Takes the first `candidates` anchors of each level and forgets to sort by objectness."""
    return torch.cat([(levels == level).nonzero()[:candidates, 0] for level in levels.unique()])


def wrong_slice_offset(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """Adds the start of the level, but counts it as level * (size of this level): wrong where levels differ in size."""
    chosen = []
    for level in levels.unique():
        own = objectness[levels == level]
        chosen.append(own.topk(min(candidates, len(own))).indices + int(level) * len(own))
    return torch.cat(chosen)
