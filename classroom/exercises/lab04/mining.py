"""Lab 04, third part: of too many negatives, only the hardest are trained on."""

import math

import torch
from torch import Tensor

from classroom.exercises.cases import match_of, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.pictures import mined_picture
from coursekit.models.ssd import hard_negatives
from coursekit.ops import Match

_MANY = uniform(200, seed=4)

HARD_NEGATIVES = Exercise(
    hard_negatives,
    picture=mined_picture,
    hints=(
        "How many do you want, how many are there? And how do you keep topk from choosing an anchor that is no negative?",
        "count = min(ratio * number of positives, number of negatives); the count largest losses among the negatives.",
        "hardest = losses.masked_fill(~match.negative, -torch.inf).topk(count).indices; then a mask that is True there.",
    ),
    cases=(
        Case(
            "one positive, five negatives", (torch.tensor([9.0, 1.0, 4.0, 3.0, 2.0, 5.0]), match_of("pnnnnn"))
        ),
        Case(
            "an ignored anchor with a large loss",
            (torch.tensor([0.5, 8.0, 4.0, 3.0, 2.0, 1.0]), match_of("pinnnn")),
        ),
        Case(
            "two for each positive",
            (torch.tensor([1.0, 2.0, 6.0, 5.0, 4.0, 3.0, 0.0]), match_of("ppnnnnn"), 2),
        ),
        Case("fewer negatives than wanted", (torch.tensor([1.0, 2.0, 3.0, 4.0]), match_of("ppnn"))),
        Case("no positive", (torch.tensor([3.0, 2.0, 1.0]), match_of("nnn"))),
        Case("two hundred anchors", (_MANY, match_of("pnnninnnnn" * 20))),
    ),
)


@HARD_NEGATIVES.wrong("the easiest negatives", "There is nothing to learn from what is right already.")
def _easy_negatives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return hard_negatives(-losses, match, ratio)


def _largest(losses: Tensor, allowed: Tensor, count: int) -> Tensor:
    """The `count` largest losses among the allowed ones, as a mask."""
    chosen = losses.masked_fill(~allowed, -math.inf).topk(min(count, int(allowed.sum()))).indices
    return torch.zeros_like(allowed).index_fill(0, chosen, True)


def _wanted(match: Match, ratio: int) -> int:
    return ratio * int(match.positive.sum())


@HARD_NEGATIVES.wrong(
    "the hardest anchors of all", "A positive anchor is trained on anyway: choose among the negatives."
)
def _hard_anchors(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(losses, match.positive | match.negative, _wanted(match, ratio))


@HARD_NEGATIVES.wrong(
    "ignored anchors taken for negatives",
    "Not positive is not negative: an ignored anchor half lies on an object.",
)
def _ignored_too(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(losses, ~match.positive, _wanted(match, ratio))


@HARD_NEGATIVES.wrong("all negatives", "Then the background has nearly all of the loss again.")
def _all_negatives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return match.negative


@HARD_NEGATIVES.wrong("three in all", "Three for each positive: the more objects, the more negatives.")
def _three_in_all(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(losses, match.negative, ratio)


@HARD_NEGATIVES.wrong(
    "more than there are",
    "Where positives are many, 3 for each is more than there is: take the smaller number.",
)
def _without_a_minimum(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    chosen = losses[match.negative].topk(_wanted(match, ratio)).indices
    return torch.zeros_like(match.negative).index_fill(0, match.negative.nonzero()[:, 0][chosen], True)


@HARD_NEGATIVES.wrong(
    "negatives with the positives",
    "The answer is the negatives that are trained on; the positives are added elsewhere.",
)
def _with_positives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return hard_negatives(losses, match, ratio) | match.positive


EXERCISES = (HARD_NEGATIVES,)
