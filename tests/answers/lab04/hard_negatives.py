"""Answers to `hard_negatives` (lab 04), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def right_by_topk(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """All but the negatives get minus infinity; the k largest losses are marked, torch decides about ties."""
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    hardest = losses.masked_fill(~match.negative, -torch.inf).topk(count).indices
    mask = torch.zeros_like(match.negative)
    mask[hardest] = True
    return mask


def right_by_ranks(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Sorts twice for the rank of each anchor; of equal losses the earlier anchor is the harder one."""
    ranked = torch.where(match.negative, losses.detach(), torch.tensor(-float("inf"), dtype=losses.dtype))
    rank = ranked.argsort(descending=True, stable=True).argsort()
    return match.negative & (rank < ratio * match.positive.sum())


def right_by_sorted_list(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """A list of the negatives, the largest loss first; of equal losses the later anchor comes first."""
    values, positive = losses.tolist(), sum(match.positive.tolist())
    negative = [a for a, yes in enumerate(match.negative.tolist()) if yes]
    negative.sort(key=lambda a: (values[a], a), reverse=True)
    chosen = set(negative[: ratio * positive])
    return torch.tensor([a in chosen for a in range(len(values))], dtype=torch.bool)


def right_by_short_list(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Works on the negatives alone and leads their places back to the anchors;
    early return without positives.
    """
    mask = torch.zeros(len(losses), dtype=torch.bool)
    wanted = ratio * int(match.positive.count_nonzero())
    if wanted == 0:
        return mask
    places = match.negative.nonzero()[:, 0]
    order = losses[places].sort(descending=True).indices
    return mask.index_fill(0, places[order[:wanted]], True)


def _hardest(losses, allowed, count):
    """The right choice among those allowed, for answers whose mistake is elsewhere."""
    ranked = losses.detach().masked_fill(~allowed, -torch.inf)
    mask = torch.zeros_like(allowed)
    mask[ranked.argsort(descending=True)[: min(int(count), int(allowed.sum()))]] = True
    return mask


def wrong_positives_take_places(losses, match, ratio=3):
    """Ranks all anchors and drops the positives afterwards: where they cost most, negatives are missing."""
    everyone = torch.ones_like(match.negative)
    return _hardest(losses, everyone, ratio * match.positive.sum()) & match.negative


def wrong_ignored_ones_too(losses, match, ratio=3):
    """Takes everything that is not positive: ignored anchors, which often cost most,
    are trained as background.
    """
    return _hardest(losses, ~match.positive, ratio * match.positive.sum())


def wrong_easiest(losses, match, ratio=3):
    """Sorts in ascending order: the negatives with the smallest losses."""
    return _hardest(-losses, match.negative, ratio * match.positive.sum())


def wrong_ratio_ignored(losses, match, ratio=3):
    """Always three for each positive: wrong for a ratio of 1."""
    return _hardest(losses, match.negative, 3 * match.positive.sum())


def wrong_ratio_in_all(losses, match, ratio=3):
    """`ratio` negatives for the whole picture and not for each positive: wrong with two positives."""
    return _hardest(losses, match.negative, ratio)


def wrong_ratio_for_each_object(losses, match, ratio=3):
    """Counts objects and not positives: wrong when an object has two positive anchors."""
    return _hardest(losses, match.negative, ratio * len(match.target[match.positive].unique()))


def wrong_share_of_the_negatives(losses, match, ratio=3):
    """A third of the negatives, whatever the number of positives."""
    return _hardest(losses, match.negative, int(match.negative.sum()) // ratio)


def wrong_too_few_negatives(losses, match, ratio=3):
    """topk asks for more than there are: with fewer anchors than wanted it raises,
    with fewer negatives it takes others.
    """
    masked = losses.masked_fill(~match.negative, -torch.inf)
    mask = torch.zeros_like(match.negative)
    mask[masked.topk(ratio * int(match.positive.sum())).indices] = True
    return mask


def wrong_positives_in_the_mask(losses, match, ratio=3):
    """Returns all that is trained on, positives included, where the negatives were asked for."""
    return _hardest(losses, match.negative, ratio * match.positive.sum()) | match.positive


def wrong_indices(losses, match, ratio=3):
    """Returns the numbers of the anchors, not a mask (A,)."""
    return _hardest(losses, match.negative, ratio * match.positive.sum()).nonzero()[:, 0]


def wrong_places_in_the_short_list(losses, match, ratio=3):
    """Places among the negatives are taken for numbers of anchors:
    wrong as soon as another anchor stands before them.
    """
    order = losses[match.negative].argsort(descending=True)[: ratio * int(match.positive.sum())]
    mask = torch.zeros_like(match.negative)
    mask[order] = True
    return mask


def wrong_at_least_some(losses, match, ratio=3):
    """Without positives it takes `ratio` negatives all the same: three for each of none is none."""
    return _hardest(losses, match.negative, ratio * max(int(match.positive.sum()), 1))


def wrong_random(losses, match, ratio=3):
    """Draws the negatives by chance and never looks at the losses."""
    return _hardest(torch.rand_like(losses), match.negative, ratio * match.positive.sum())


def wrong_one_short(losses, match, ratio=3):
    """Compares with the k-th loss by >: the k-th itself is lost."""
    ranked = losses.masked_fill(~match.negative, -torch.inf).sort(descending=True).values
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    if count == 0:
        return torch.zeros_like(match.negative)
    return match.negative & (losses > ranked[count - 1])


def wrong_losses_changed(losses, match, ratio=3):
    """Writes minus infinity into the caller's own losses: their sum is ruined."""
    losses[~match.negative] = -torch.inf
    return _hardest(losses, match.negative, ratio * match.positive.sum())
