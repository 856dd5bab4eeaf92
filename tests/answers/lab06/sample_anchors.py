"""Answers to `sample_anchors` (lab 06), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def right_by_permutations(match: ops.Match, count: int = 256, fraction: float = 0.5) -> ops.Match:
    """The beginning of a random order of the positives, then of one of the negatives."""
    positives, negatives = match.positive.nonzero()[:, 0], match.negative.nonzero()[:, 0]
    some = positives[torch.randperm(len(positives))[: int(count * fraction)]]
    others = negatives[torch.randperm(len(negatives))[: count - len(some)]]
    positive, negative = torch.zeros_like(match.positive), torch.zeros_like(match.negative)
    positive[some], negative[others] = True, True
    return ops.Match(match.target, positive, negative)


def right_by_counting_through(match: ops.Match, count: int = 256, fraction: float = 0.5) -> ops.Match:
    """Shuffles all anchors once and counts: whoever comes too late is left out. The targets are copied."""
    order = torch.randperm(len(match.positive))
    positive, negative = match.positive[order], match.negative[order]
    positive = positive & (positive.cumsum(0) <= int(count * fraction))
    negative = negative & (negative.cumsum(0) <= count - positive.sum())
    back = order.argsort()
    return ops.Match(match.target.clone(), positive[back], negative[back])


def right_by_loops(match: ops.Match, count: int = 256, fraction: float = 0.5) -> ops.Match:
    """Goes through the anchors in a random order, positives first, while there are places."""
    order = torch.randperm(len(match.positive)).tolist()
    chosen: dict[str, set[int]] = {"positive": set(), "negative": set()}
    for a in order:
        if match.positive[a] and len(chosen["positive"]) + 1 <= count * fraction:
            chosen["positive"].add(a)
    for a in order:
        if match.negative[a] and len(chosen["positive"]) + len(chosen["negative"]) < count:
            chosen["negative"].add(a)
    positive, negative = (torch.tensor([a in some for a in range(len(order))]) for some in chosen.values())
    return ops.Match(match.target, positive.bool(), negative.bool())


def right_by_taking_away(match: ops.Match, count: int = 256, fraction: float = 0.5) -> ops.Match:
    """Copies the masks and switches off a random surplus of each."""

    def without_surplus(mask: Tensor, places: int) -> Tensor:
        mask, members = mask.clone(), torch.where(mask)[0]
        surplus = max(len(members) - places, 0)
        mask[members[torch.randperm(len(members))[:surplus]]] = False
        return mask

    positive = without_surplus(match.positive, int(count * fraction))
    negative = without_surplus(match.negative, count - int(positive.sum()))
    return ops.Match(target=match.target, positive=positive, negative=negative)


def _draw(mask, places):
    """A mask of at most `places` random members, for answers whose mistake is elsewhere."""
    members = mask.nonzero()[:, 0]
    drawn = torch.zeros_like(mask)
    drawn[members[torch.randperm(len(members))[: int(places)]]] = True
    return drawn


def wrong_first_ones(match, count=256, fraction=0.5):
    """Takes the first anchors of each kind: always the same, at the upper border of the image."""
    positive = match.positive & (match.positive.cumsum(0) <= int(count * fraction))
    negative = match.negative & (match.negative.cumsum(0) <= count - positive.sum())
    return ops.Match(match.target, positive, negative)


def wrong_places_left_empty(match, count=256, fraction=0.5):
    """At most count * (1 - fraction) negatives: with two positives the sample is hardly more than half
    full.
    """
    positive = _draw(match.positive, count * fraction)
    return ops.Match(match.target, positive, _draw(match.negative, count - int(count * fraction)))


def wrong_the_others_become_negative(match, count=256, fraction=0.5):
    """What is not drawn as positive becomes negative: dropped anchors on objects learn "background"."""
    positive = _draw(match.positive, count * fraction)
    others = match.negative | (match.positive & ~positive)
    return ops.Match(match.target, positive, _draw(others, count - positive.sum()))


def wrong_ignored_ones_drawn(match, count=256, fraction=0.5):
    """Draws negatives from all that was not positive: ignored anchors get in."""
    positive = _draw(match.positive, count * fraction)
    return ops.Match(match.target, positive, _draw(~match.positive, count - positive.sum()))


def wrong_fraction_ignored(match, count=256, fraction=0.5):
    """Up to `count` positives: with many of them there are no negatives."""
    positive = _draw(match.positive, count)
    return ops.Match(match.target, positive, _draw(match.negative, count - positive.sum()))


def wrong_fraction_of_the_positives(match, count=256, fraction=0.5):
    """Half of the positives, where half of the places was meant: two positives become one."""
    positive = _draw(match.positive, match.positive.sum() * fraction)
    return ops.Match(match.target, positive, _draw(match.negative, count - positive.sum()))


def wrong_one_to_one(match, count=256, fraction=0.5):
    """As many negatives as positives: none in a picture without objects."""
    positive = _draw(match.positive, count * fraction)
    return ops.Match(match.target, positive, _draw(match.negative, positive.sum()))


def wrong_filled_with_positives(match, count=256, fraction=0.5):
    """Fills up with positives when negatives are few: more than the fraction allows."""
    negative = _draw(match.negative, count - min(int(count * fraction), int(match.positive.sum())))
    return ops.Match(match.target, _draw(match.positive, count - negative.sum()), negative)


def wrong_places_for_numbers(match, count=256, fraction=0.5):
    """The random places among the positives are taken for numbers of anchors: any anchor becomes positive."""
    positive, negative = torch.zeros_like(match.positive), torch.zeros_like(match.negative)
    positive[torch.randperm(int(match.positive.sum()))[: int(count * fraction)]] = True
    negative[torch.randperm(int(match.negative.sum()))[: count - int(positive.sum())]] = True
    return ops.Match(match.target, positive, negative & ~positive)


def wrong_drawn_from_all(match, count=256, fraction=0.5):
    """Draws `count` of all anchors and keeps the masks there: nearly never a positive,
    and too few altogether.
    """
    drawn = _draw(torch.ones_like(match.positive), count)
    positive = _draw(match.positive & drawn, count * fraction)
    return ops.Match(match.target, positive, match.negative & drawn)


def wrong_masks_changed(match, count=256, fraction=0.5):
    """Switches the surplus off in the caller's own masks: the full match is lost."""
    positive = _draw(match.positive, count * fraction)
    negative = _draw(match.negative, count - positive.sum())
    match.positive.copy_(positive)
    match.negative.copy_(negative)
    return ops.Match(match.target, match.positive, match.negative)


def wrong_same_sample_each_time(match, count=256, fraction=0.5):
    """Sets the seed inside: the same anchors at each step, and all chance after it is the same too."""
    torch.manual_seed(0)
    return right_by_permutations(match, count, fraction)


def wrong_with_replacement(match, count=256, fraction=0.5):
    """randint may draw an anchor twice: fewer than `count` although there are enough."""
    positive = _draw(match.positive, count * fraction)
    negative, members = torch.zeros_like(match.negative), match.negative.nonzero()[:, 0]
    if len(members):
        negative[members[torch.randint(len(members), (count - int(positive.sum()),))]] = True
    return ops.Match(match.target, positive, negative)


def wrong_fraction_of_the_negatives(match, count=256, fraction=0.5):
    """`fraction` is taken for the share of the negatives: with 0.25 up to three quarters are positive."""
    return right_by_permutations(match, count, 1 - fraction)


def wrong_short_lists(match, count=256, fraction=0.5):
    """Returns the numbers of the anchors and not masks (A,)."""
    positive = _draw(match.positive, count * fraction)
    negative = _draw(match.negative, count - positive.sum())
    return ops.Match(match.target, positive.nonzero()[:, 0], negative.nonzero()[:, 0])
