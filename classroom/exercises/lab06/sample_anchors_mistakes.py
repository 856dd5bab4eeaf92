"""Lab 06, exercise 2: the reference of the sample, and wrong answers about how many anchors stay."""

import torch

from classroom.exercises.mistakes import Mistakes
from coursekit import ops
from coursekit.ops import Match


def sample_anchors(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    """Choose `count` anchors at random, at most this fraction positive, filled up with negatives: Match -> Match."""
    return ops.balanced_sample(match, count, fraction)


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def some(mask, most):
    members = mask.nonzero()[:, 0]
    return torch.zeros_like(mask).index_fill(
        0, members[torch.randperm(len(members))[: max(int(most), 0)]], True
    )


def _slice(mask, most):
    """Like `some`, but for a negative number all members except that many."""
    members = mask.nonzero()[:, 0]
    return torch.zeros_like(mask).index_fill(0, members[torch.randperm(len(members))[:most]], True)


def filled(match, positive, count):
    """The sample with these positive anchors, filled up with negative ones."""
    return Match(match.target, positive, some(match.negative, count - int(positive.sum())))


# ---------------------------------------------------------------- how many


@wrong(
    "negatives that do not fill up",
    "With three positive anchors there is room for more than half: fill the sample with negatives.",
)
def _not_filled_up(match, count=256, fraction=0.5):
    most = int(count * fraction)
    return Match(match.target, some(match.positive, most), some(match.negative, count - most))


@wrong(
    "as many negatives as positives",
    "With three positive anchors it would learn from only six in all. Half is the maximum share of positives.",
)
def _one_to_one(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    return Match(match.target, positive, some(match.negative, positive.sum()))


@wrong(
    "the ratio kept when positives are few",
    "`fraction` is the maximum share of positives: negatives fill all remaining places.",
)
def _ratio_kept(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    return Match(
        match.target, positive, some(match.negative, int(positive.sum() * (1 - fraction) / fraction))
    )


@wrong("no limit for the positives", "At most count * fraction of them are positive.")
def _without_a_half(match, count=256, fraction=0.5):
    return filled(match, some(match.positive, count), count)


@wrong("all positives kept", "At most count * fraction of them are positive.")
def _all_positives(match, count=256, fraction=0.5):
    return Match(match.target, match.positive, some(match.negative, count - int(match.positive.sum())))


@wrong("all negatives kept", "Keep only as many negatives as fill the sample.")
def _all_negatives(match, count=256, fraction=0.5):
    return Match(match.target, some(match.positive, int(count * fraction)), match.negative)


@wrong(
    "negatives for `count` places, not for the remaining ones",
    "The positives take places too: count minus their number remains.",
)
def _too_many(match, count=256, fraction=0.5):
    return Match(match.target, some(match.positive, int(count * fraction)), some(match.negative, count))


@wrong(
    "positives that fill up",
    "If there are few negatives, the sample is small: the limit for positives always holds.",
)
def _positives_fill_up(match, count=256, fraction=0.5):
    negative = some(match.negative, count - min(int(match.positive.sum()), int(count * fraction)))
    return Match(match.target, some(match.positive, count - int(negative.sum())), negative)


@wrong("a fraction of the positives", "`fraction` is a share of `count`, not of the positive anchors.")
def _of_the_positives(match, count=256, fraction=0.5):
    return filled(match, some(match.positive, int(match.positive.sum()) * fraction), count)


@wrong("the fraction used for the negatives", "At most count * fraction are positive.")
def _of_the_negatives(match, count=256, fraction=0.5):
    return filled(match, some(match.positive, int(count * (1 - fraction))), count)


@wrong("half the sample, whatever `fraction` says", "At most count * fraction are positive.")
def _always_half(match, count=256, fraction=0.5):
    return filled(match, some(match.positive, count // 2), count)


@wrong("256 anchors, whatever `count` says", "Use the argument `count`.")
def _always_256(match, count=256, fraction=0.5):
    return sample_anchors(match, 256, fraction)


@wrong(
    "more positives than count * fraction, if that is not a whole number", "It is an upper limit: round down."
)
def _rounded_up(match, count=256, fraction=0.5):
    return filled(match, some(match.positive, -int(-count * fraction // 1)), count)


@wrong("a fraction of the positives", "`fraction` is a share of `count`, not of the positive anchors.")
def _of_the_positives_in_slices(match, count=256, fraction=0.5):
    positive = some(match.positive, int(match.positive.sum()) * fraction)
    return Match(match.target, positive, _slice(match.negative, count - int(positive.sum())))


@wrong("all positives kept", "At most count * fraction of them are positive.")
def _all_positives_and_a_slice(match, count=256, fraction=0.5):
    return Match(match.target, match.positive, _slice(match.negative, count - int(match.positive.sum())))
