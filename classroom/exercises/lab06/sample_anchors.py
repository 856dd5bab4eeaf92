"""Lab 06, exercise 2: a balanced sample of the anchors to train on."""

import torch
from torch import Tensor

from classroom.exercises.exercise import SEED, Case, Exercise
from classroom.exercises.lab06.sample_anchors_mistakes import MISTAKES, filled, sample_anchors, some
from classroom.exercises.mistakes import raises
from coursekit.ops import Match

MASKS = "positive and negative are masks, bool, one value per anchor"


def _judge_sample(arguments: tuple, sample: Match) -> dict[str, object]:
    before = arguments[0]
    masks = all(mask.dtype == torch.bool and mask.shape == before.positive.shape for mask in sample[1:])
    if not masks:
        return {
            MASKS: False,
            "kind": f"{sample.positive.dtype}, {sample.positive.shape == before.positive.shape}",
        }
    chosen = sample.positive & before.positive
    return {
        MASKS: True,
        "number of positive anchors": int(sample.positive.sum()),
        "number of negative anchors": int(sample.negative.sum()),
        "every positive anchor of the sample was positive before": not (
            sample.positive & ~before.positive
        ).any(),
        "every negative anchor of the sample was negative before": not (
            sample.negative & ~before.negative
        ).any(),
        "ignored anchors stay ignored": not (
            (sample.positive | sample.negative) & ~(before.positive | before.negative)
        ).any(),
        "the positive anchors keep their objects": torch.equal(sample.target[chosen], before.target[chosen]),
        "the positive anchors are chosen at random": _random(sample.positive, before.positive),
        "the negative anchors are chosen at random": _random(sample.negative, before.negative),
        "each call draws a different sample: nothing in the function sets the seed": torch.initial_seed()
        == SEED,
    }


def _random(chosen: Tensor, among: Tensor) -> bool:
    """Whether a choice is neither the first nor the last ones; with only a handful one cannot tell."""
    places, count = among.nonzero()[:, 0], int(chosen.sum())
    if count < 8 or len(places) - count < 8:
        return True
    picked = chosen.nonzero()[:, 0]
    return not (torch.equal(picked, places[:count]) or torch.equal(picked, places[-count:]))


def _kinds(positive: int, ignored: int, negative: int) -> Match:
    """This many of each kind, mixed."""
    kind = torch.tensor([0] * positive + [1] * ignored + [2] * negative)
    kind = kind[torch.randperm(len(kind), generator=torch.Generator().manual_seed(0))]
    return Match(torch.arange(len(kind)) % 3, kind == 0, kind == 2)


SAMPLE_ANCHORS = Exercise(
    sample_anchors,
    judge=_judge_sample,
    hints=(
        "How many positives may there be, and how many are there? How much room is left for the negatives?",
        "Of the positives a random min(count * fraction, all); of the negatives a random min(count - those, all).",
        "def some(mask, most):\n"
        "    members = mask.nonzero()[:, 0]\n"
        "    thin = torch.zeros_like(mask)\n"
        "    thin[members[torch.randperm(len(members))[:most]]] = True\n"
        "    return thin\n"
        "positive = some(match.positive, int(count * fraction))\n"
        "negative = some(match.negative, …)  # all the places that are left\n"
        "return ops.Match(match.target, positive, negative)",
    ),
    cases=(
        Case("plenty of both, half and half", (_kinds(40, 0, 200), 32, 0.5)),
        Case("three positive anchors", (_kinds(3, 0, 200), 32, 0.5)),
        Case("five negative anchors", (_kinds(40, 0, 5), 32, 0.5)),
        Case("a quarter", (_kinds(40, 0, 200), 32, 0.25)),
        Case("half of seven", (_kinds(20, 0, 20), 7, 0.5)),
        Case("many ignored anchors", (_kinds(20, 300, 40), 32, 0.5)),
        Case("fewer than wanted", (_kinds(2, 1, 3), 32, 0.5)),
        Case("no positive anchors", (_kinds(0, 10, 300),)),
        Case("two thousand anchors", (_kinds(150, 250, 1868),)),
    ),
)
SAMPLE_ANCHORS.wrong_answers.extend(MISTAKES)
wrong = SAMPLE_ANCHORS.wrong
# ---------------------------------------------------------------- which ones


@wrong(
    "always the first ones",
    "They lie in the upper left corner of the finest level: choose with torch.randperm.",
)
def _the_first(match, count=256, fraction=0.5):
    positive = match.positive & (match.positive.cumsum(0) <= int(count * fraction))
    return Match(
        match.target, positive, match.negative & (match.negative.cumsum(0) <= count - int(positive.sum()))
    )


@wrong("the first positives", "Choose the positives with torch.randperm too.")
def _first_positives(match, count=256, fraction=0.5):
    return filled(match, match.positive & (match.positive.cumsum(0) <= int(count * fraction)), count)


@wrong("the first negatives", "Choose the negatives with torch.randperm too.")
def _first_negatives(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    return Match(
        match.target, positive, match.negative & (match.negative.cumsum(0) <= count - int(positive.sum()))
    )


@wrong(
    "the same sample at each call",
    "The function sets the seed: training would see the same anchors at every step. Leave the seed to the caller.",
)
def _seeded(match, count=256, fraction=0.5):
    torch.manual_seed(1)
    return sample_anchors(match, count, fraction)


@wrong(
    "everything except the sampled positives made negative",
    "Anchors that are not chosen are not trained on: they are neither positive nor negative.",
)
def _rest_is_negative(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    return Match(match.target, positive, ~positive)


@wrong(
    "positives that are not chosen made negative",
    "They lie on objects but would be trained as background: choose among match.negative.",
)
def _left_over(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    others = match.negative | (match.positive & ~positive)
    return Match(match.target, positive, some(others, count - int(positive.sum())))


@wrong(
    "ignored anchors mistaken for negatives",
    "Not positive does not mean negative: choose among match.negative.",
)
def _ignored_too(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    return Match(match.target, positive, some(~match.positive, count - int(positive.sum())))


@wrong(
    "places in a list used as anchor numbers",
    "randperm gives places among the positives: look up which anchors they are, members[...].",
)
def _places(match, count=256, fraction=0.5):
    positive, negative = torch.zeros_like(match.positive), torch.zeros_like(match.negative)
    positive[torch.randperm(int(match.positive.sum()))[: int(count * fraction)]] = True
    negative[torch.randperm(int(match.negative.sum()))[: count - int(positive.sum())]] = True
    return Match(match.target, positive, negative & ~positive)


@wrong(
    "places in a list used as anchor numbers",
    "randperm gives places among the positives: look up which anchors they are, members[...].",
)
def _places_twice(match, count=256, fraction=0.5):
    positive, negative = torch.zeros_like(match.positive), torch.zeros_like(match.negative)
    positive[torch.randperm(int(match.positive.sum()))[: int(count * fraction)]] = True
    negative[torch.randperm(int(match.negative.sum()))[: count - int(positive.sum())]] = True
    return Match(match.target, positive, negative)


@wrong(
    "a draw from all anchors",
    "Most are negative or ignored: draw from the positives and from the negatives separately.",
)
def _from_all(match, count=256, fraction=0.5):
    drawn = some(torch.ones_like(match.positive), count)
    return Match(match.target, some(match.positive & drawn, count * fraction), match.negative & drawn)


@wrong(
    "a draw from all anchors",
    "Most are negative or ignored: draw from the positives and from the negatives separately.",
)
def _from_all_without_fraction(match, count=256, fraction=0.5):
    drawn = some(torch.ones_like(match.positive), count)
    return Match(match.target, match.positive & drawn, match.negative & drawn)


@wrong(
    "an anchor drawn twice",
    "randint can draw an anchor twice, so the sample is too small: take the beginning of a randperm.",
)
def _with_replacement(match, count=256, fraction=0.5):
    positive = some(match.positive, int(count * fraction))
    negative, members = torch.zeros_like(match.negative), match.negative.nonzero()[:, 0]
    negative[members[torch.randint(len(members), (count - int(positive.sum()),))]] = True
    return Match(match.target, positive, negative)


# ---------------------------------------------------------------- the rest


@wrong("positive and negative swapped", "ops.Match takes target, positive, negative.")
def _exchanged(match, count=256, fraction=0.5):
    sample = sample_anchors(match, count, fraction)
    return Match(sample.target, sample.negative, sample.positive)


@wrong(
    "indices instead of masks", "positive and negative are masks (A,): True for each anchor of the sample."
)
def _indices(match, count=256, fraction=0.5):
    sample = sample_anchors(match, count, fraction)
    return Match(sample.target, sample.positive.nonzero()[:, 0], sample.negative.nonzero()[:, 0])


@wrong(
    "the caller's match changed", "Its masks are needed again: write into a new mask, torch.zeros_like(mask)."
)
def _changed(match, count=256, fraction=0.5):
    sample = sample_anchors(match, count, fraction)
    match.positive.copy_(sample.positive)
    match.negative.copy_(sample.negative)
    return match


raises(
    SAMPLE_ANCHORS,
    "an error if there are too few anchors",
    "Take all of a kind if there are not enough, as randperm(len(members))[:most] does.",
    lambda match, count=256, fraction=0.5: (
        match.positive.sum() < int(count * fraction) or match.negative.sum() < count - int(count * fraction)
    ),
    RuntimeError,
    ValueError,
    IndexError,
)

EXERCISES = (SAMPLE_ANCHORS,)
