"""Lab 06, second part: of thousands of anchors, a balanced few are trained on."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from coursekit import ops
from coursekit.ops import Match


def sample_anchors(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    """A random `count` of the anchors stay, at most this fraction positive, filled up with negatives: Match -> Match."""
    return ops.balanced_sample(match, count, fraction)


def _judge_sample(arguments: tuple, sample: Match) -> dict[str, object]:
    before = arguments[0]
    return {
        "number of positive anchors": int(sample.positive.sum()),
        "number of negative anchors": int(sample.negative.sum()),
        "positive ones were positive before": not (sample.positive & ~before.positive).any(),
        "negative ones were negative before": not (sample.negative & ~before.negative).any(),
        "chosen at random": _random(sample.positive, before.positive)
        and _random(sample.negative, before.negative),
        "targets": sample.target,
    }


def _random(chosen: Tensor, among: Tensor) -> bool:
    """Whether a choice is neither the first nor the last ones; of a handful nobody can tell."""
    places, count = among.nonzero()[:, 0], int(chosen.sum())
    if count < 8 or len(places) - count < 8:
        return True
    picked = chosen.nonzero()[:, 0]
    return not (torch.equal(picked, places[:count]) or torch.equal(picked, places[-count:]))


def _kinds(positive: int, ignored: int, negative: int) -> Match:
    """So many of each kind, mixed."""
    kind = torch.tensor([0] * positive + [1] * ignored + [2] * negative)
    kind = kind[torch.randperm(len(kind), generator=torch.Generator().manual_seed(0))]
    return Match(torch.arange(len(kind)) % 3, kind == 0, kind == 2)


SAMPLE_ANCHORS = Exercise(
    sample_anchors,
    judge=_judge_sample,
    hints=(
        "How many positives may there be, how many are there? How much room is left for the negatives?",
        "Of the positives a random min(count * fraction, all); of the negatives a random min(count - those, all).",
        "members = mask.nonzero()[:, 0]; chosen = members[torch.randperm(len(members))[:most]]; "
        "thin = torch.zeros_like(mask); thin[chosen] = True. Twice; then ops.Match(match.target, ..., ...).",
    ),
    cases=(
        Case("plenty of both, half and half", (_kinds(40, 0, 200), 32, 0.5)),
        Case("three positive anchors", (_kinds(3, 0, 200), 32, 0.5)),
        Case("five negative anchors", (_kinds(40, 0, 5), 32, 0.5)),
        Case("a quarter", (_kinds(40, 0, 200), 32, 0.25)),
        Case("many ignored anchors", (_kinds(20, 300, 40), 32, 0.5)),
        Case("fewer than wanted", (_kinds(2, 1, 3), 32, 0.5)),
        Case("no positive anchor", (_kinds(0, 10, 300),)),
        Case("two thousand anchors", (_kinds(150, 250, 1868),)),
    ),
)


def _some(mask: Tensor, most: int) -> Tensor:
    members = mask.nonzero()[:, 0]
    return torch.zeros_like(mask).index_fill(0, members[torch.randperm(len(members))[: max(most, 0)]], True)


@SAMPLE_ANCHORS.wrong(
    "negatives that do not fill up",
    "With three positive anchors there is room for more than half: negatives fill the sample.",
)
def _not_filled_up(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    most = int(count * fraction)
    return Match(match.target, _some(match.positive, most), _some(match.negative, count - most))


@SAMPLE_ANCHORS.wrong(
    "as many negatives as positives",
    "With three positive anchors it would learn from six in all. Half is the most that positives may have.",
)
def _one_to_one(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    positive = _some(match.positive, int(count * fraction))
    return Match(match.target, positive, _some(match.negative, int(positive.sum())))


@SAMPLE_ANCHORS.wrong(
    "always the first ones",
    "They lie in the upper left corner of the finest level: choose by torch.randperm.",
)
def _the_first(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    most = int(count * fraction)
    positive = match.positive & (match.positive.cumsum(0) <= most)
    negative = match.negative & (match.negative.cumsum(0) <= count - int(positive.sum()))
    return Match(match.target, positive, negative)


@SAMPLE_ANCHORS.wrong(
    "all that is not chosen turned negative",
    "What is not chosen is not trained on: neither positive nor negative.",
)
def _rest_is_negative(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    positive = _some(match.positive, int(count * fraction))
    return Match(match.target, positive, ~positive)


@SAMPLE_ANCHORS.wrong("no limit for the positives", "At most count * fraction of them are positive.")
def _without_a_half(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    positive = _some(match.positive, count)
    return Match(match.target, positive, _some(match.negative, count - int(positive.sum())))


@SAMPLE_ANCHORS.wrong(
    "positives that fill up",
    "Where negatives are few the sample is small: the fraction holds for positives, always.",
)
def _positives_fill_up(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    negative = _some(match.negative, count - min(int(match.positive.sum()), int(count * fraction)))
    return Match(match.target, _some(match.positive, count - int(negative.sum())), negative)


@SAMPLE_ANCHORS.wrong(
    "ignored anchors taken for negatives", "Not positive is not negative: choose among match.negative."
)
def _ignored_too(match: Match, count: int = 256, fraction: float = 0.5) -> Match:
    positive = _some(match.positive, int(count * fraction))
    return Match(match.target, positive, _some(~match.positive, count - int(positive.sum())))


EXERCISES = (SAMPLE_ANCHORS,)
