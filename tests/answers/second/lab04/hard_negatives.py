"""Answers to `hard_negatives` (lab 04) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops

# ------------------------------------------------------------------ right


def right_topk(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """All but the negatives to minus infinity, then topk."""
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.detach().masked_fill(~match.negative, -torch.inf).topk(count).indices] = True
    return chosen


def right_sorted_negatives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Sort the negatives alone and take the first ones."""
    (negatives,) = torch.where(match.negative)
    order = losses[negatives].argsort(descending=True)
    hardest = negatives[order][: ratio * match.positive.sum()]
    mask = torch.zeros(len(losses), dtype=torch.bool)
    mask[hardest] = True
    return mask


def right_python(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Lists and sorted."""
    costs, positive, negative = losses.tolist(), match.positive.tolist(), match.negative.tolist()
    candidates = sorted((a for a in range(len(costs)) if negative[a]), key=lambda a: costs[a], reverse=True)
    chosen = set(candidates[: ratio * sum(positive)])
    return torch.tensor([a in chosen for a in range(len(costs))], dtype=torch.bool)


def right_ranks(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Rank all anchors with two argsorts; negatives with a small rank are chosen."""
    costs = torch.where(match.negative, losses.detach(), torch.full_like(losses, -torch.inf))
    rank = costs.argsort(descending=True).argsort()
    return match.negative & (rank < ratio * match.positive.sum())


def right_one_after_the_other(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Take the hardest of the rest until there are enough or none is left."""
    rest = match.negative.clone()
    for _ in range(ratio * int(match.positive.sum())):
        if not rest.any():
            break
        (places,) = rest.nonzero(as_tuple=True)
        rest[places[losses[places].argmax()]] = False
    return match.negative & ~rest


# ------------------------------------------------------------------ wrong


def wrong_easiest(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Chooses the negatives with the smallest losses."""
    return right_topk(-losses, match, ratio)


def wrong_ratio_in_all(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Takes ratio negatives in all, however many positives there are."""
    count = min(ratio, int(match.negative.sum()))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.masked_fill(~match.negative, -torch.inf).topk(count).indices] = True
    return chosen


def wrong_as_many_as_positives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Forgets the ratio: one negative for each positive."""
    return right_topk(losses, match, 1)


def wrong_fixed_ratio(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Always takes three for each positive."""
    return right_topk(losses, match, 3)


def wrong_positives_compete(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Ranks all anchors together and then throws those away that are not negative, so too few are left."""
    count = min(ratio * int(match.positive.sum()), len(losses))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.topk(count).indices] = True
    return chosen & match.negative


def wrong_positives_chosen(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Takes the hardest of all anchors, also the positive ones."""
    count = min(ratio * int(match.positive.sum()), len(losses))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.topk(count).indices] = True
    return chosen


def wrong_ignored_chosen(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Takes every anchor that is not positive for a negative, also the ignored ones."""
    negative = ~match.positive
    count = min(ratio * int(match.positive.sum()), int(negative.sum()))
    chosen = torch.zeros_like(negative)
    chosen[losses.masked_fill(~negative, -torch.inf).topk(count).indices] = True
    return chosen


def wrong_more_than_there_are(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Asks for ratio times the positives also when there are fewer negatives."""
    count = ratio * int(match.positive.sum())
    chosen = torch.zeros_like(match.negative)
    chosen[losses.masked_fill(~match.negative, -torch.inf).topk(count).indices] = True
    return chosen


def wrong_others_fill_up(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """When there are too few negatives, fills the number up with other anchors."""
    count = min(ratio * int(match.positive.sum()), len(losses))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.masked_fill(~match.negative, -torch.inf).topk(count).indices] = True
    return chosen


def wrong_nothing_when_fewer(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Returns no negative at all when there are fewer than ratio for each positive."""
    if ratio * int(match.positive.sum()) > int(match.negative.sum()):
        return torch.zeros_like(match.negative)
    return right_topk(losses, match, ratio)


def wrong_with_the_positives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Returns the mask of all anchors to train on, positives and hard negatives."""
    return right_topk(losses, match, ratio) | match.positive


def wrong_indices(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Returns indices, not a mask."""
    return right_topk(losses, match, ratio).nonzero()[:, 0]


def wrong_places_among_the_negatives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Uses places in the list of negatives as if they were places in the list of anchors."""
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    chosen = torch.zeros_like(match.negative)
    chosen[losses[match.negative].topk(count).indices] = True
    return chosen


def wrong_at_least_one(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Takes ratio negatives also in a picture without any positive."""
    count = min(ratio * max(int(match.positive.sum()), 1), int(match.negative.sum()))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.masked_fill(~match.negative, -torch.inf).topk(count).indices] = True
    return chosen


def wrong_ties(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Takes every negative that is as hard as the last chosen one, so equal losses give too many."""
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    if count == 0:
        return torch.zeros_like(match.negative)
    border = losses[match.negative].topk(count).values[-1]
    return match.negative & (losses >= border)


def wrong_losses_in_place(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Writes minus infinity into the given losses."""
    losses[~match.negative] = -torch.inf
    count = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    chosen = torch.zeros_like(match.negative)
    chosen[losses.topk(count).indices] = True
    return chosen


def wrong_all_negatives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Keeps every negative."""
    return match.negative.clone()


def wrong_share_of_the_negatives(losses: Tensor, match: ops.Match, ratio: int = 3) -> Tensor:
    """Takes one of ratio negatives, whatever the positives are."""
    count = int(match.negative.sum()) // ratio
    chosen = torch.zeros_like(match.negative)
    chosen[losses.masked_fill(~match.negative, -torch.inf).topk(count).indices] = True
    return chosen
