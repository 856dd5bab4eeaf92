"""Lab 04, section 4: training on the hardest negatives only."""

import math

import torch
from torch import Tensor

from classroom.exercises.cases import match_of, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.pictures import mined_picture
from classroom.exercises.mistakes import overwriting
from coursekit.models.ssd import hard_negatives
from coursekit.ops import Match

_MANY = uniform(200, seed=4)
_TWO_OBJECTS = match_of("npnpnpnnnnnnnnnn")._replace(target=torch.tensor([0, 0, 0, 1, 0, 1] + [0] * 10))

HARD_NEGATIVES = Exercise(
    hard_negatives,
    picture=mined_picture,
    hints=(
        "How many do you want, and how many are there? And how do you keep topk from choosing an anchor that is not negative?",
        "count = min(ratio * number of positives, number of negatives); the count largest losses among the negatives.",
        "hardest = losses.masked_fill(~match.negative, -torch.inf).topk(count).indices; then a mask that is True there: "
        "mask = torch.zeros_like(match.negative); mask[hardest] = True",
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
        Case("five for each positive", (uniform(9, seed=1), match_of("nnpnnnnnn"), 5)),
        Case("three positives of two objects", (uniform(16, seed=2), _TWO_OBJECTS)),
        Case("fewer negatives than wanted", (torch.tensor([1.0, 2.0, 3.0, 4.0]), match_of("ppnn"))),
        Case(
            "more anchors than wanted, but fewer negatives",
            (torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), match_of("pniiin"), 4),
        ),
        Case("no positives", (torch.tensor([3.0, 2.0, 1.0]), match_of("nnn"))),
        Case("two hundred anchors", (_MANY, match_of("pnnninnnnn" * 20))),
    ),
)


def _largest(losses: Tensor, allowed: Tensor, count: int) -> Tensor:
    """The `count` largest losses among the allowed ones, as a mask."""
    chosen = losses.masked_fill(~allowed, -math.inf).topk(min(count, int(allowed.sum()))).indices
    return torch.zeros_like(allowed).index_fill(0, chosen, True)


def _wanted(match: Match, ratio: int) -> int:
    return ratio * int(match.positive.sum())


def _with_count(name: str, story: str, count) -> None:
    """A wrong answer that takes a different number of the hardest negatives: count(match, ratio)."""
    HARD_NEGATIVES.wrong(name, story)(
        lambda losses, match, ratio=3: _largest(losses, match.negative, count(match, ratio))
    )


_with_count(
    "`ratio` negatives in all",
    "`ratio` for each positive: the more positives, the more negatives.",
    lambda match, ratio: ratio,
)
_with_count(
    "always three for each positive", "Use the argument `ratio`.", lambda match, ratio: _wanted(match, 3)
)
_with_count(
    "as many negatives as positives",
    "Multiply the number of positives by `ratio`.",
    lambda match, ratio: _wanted(match, 1),
)
_with_count(
    "`ratio` negatives for each object",
    "An object can have several positive anchors: count the positives.",
    lambda match, ratio: ratio * len(match.target[match.positive].unique()),
)
_with_count(
    "a fixed share of the negatives",
    "The number depends on the positives: `ratio` for each of them.",
    lambda match, ratio: int(match.negative.sum()) // ratio,
)
_with_count(
    "negatives without any positive",
    "`ratio` for each positive means none if there are no positives.",
    lambda match, ratio: ratio * max(int(match.positive.sum()), 1),
)
_with_count(
    "one negative too few",
    "The last of them counts too: compare with >= or take `count` itself.",
    lambda match, ratio: max(min(_wanted(match, ratio), int(match.negative.sum())) - 1, 0),
)
_with_count(
    "one negative too many",
    "Take `ratio` for each positive and no more.",
    lambda match, ratio: _wanted(match, ratio) + 1,
)


@HARD_NEGATIVES.wrong(
    "the easiest negatives", "There is nothing to learn from negatives that are already right."
)
def _easy_negatives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return hard_negatives(-losses, match, ratio)


@HARD_NEGATIVES.wrong("the first negatives", "Sort by loss: the largest ones count.")
def _first_negatives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(-torch.arange(float(len(losses))), match.negative, _wanted(match, ratio))


@HARD_NEGATIVES.wrong("random negatives", "Sort by loss: the largest ones count.")
def _random_negatives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(torch.rand_like(losses), match.negative, _wanted(match, ratio))


@HARD_NEGATIVES.wrong(
    "the hardest anchors of all", "Positive anchors are trained on anyway: choose among the negatives."
)
def _hard_anchors(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(losses, match.positive | match.negative, _wanted(match, ratio))


@HARD_NEGATIVES.wrong(
    "places taken by anchors that are not negative",
    "Exclude the other anchors first: if you drop them afterwards, you get too few negatives.",
)
def _dropped_afterwards(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(losses, torch.ones_like(match.negative), _wanted(match, ratio)) & match.negative


@HARD_NEGATIVES.wrong(
    "ignored anchors mistaken for negatives",
    "Not positive does not mean negative: an ignored anchor partly overlaps an object.",
)
def _ignored_too(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return _largest(losses, ~match.positive, _wanted(match, ratio))


@HARD_NEGATIVES.wrong("all negatives", "Then nearly all of the loss comes from the background again.")
def _all_negatives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return match.negative


@HARD_NEGATIVES.wrong(
    "an error when more are wanted than there are",
    "If there are many positives, there may be fewer negatives than `ratio` for each: take the smaller number.",
)
def _without_a_minimum(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    if _wanted(match, ratio) > int(match.negative.sum()):
        raise Exception("an index out of range")
    return hard_negatives(losses, match, ratio)


@HARD_NEGATIVES.wrong(
    "other anchors when the negatives run out",
    "topk continues with the anchors at minus infinity: take min(wanted, number of negatives).",
)
def _others_too(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    masked = losses.masked_fill(~match.negative, -math.inf)
    if _wanted(match, ratio) > len(losses):
        raise Exception("an index out of range")
    return torch.zeros_like(match.negative).index_fill(0, masked.topk(_wanted(match, ratio)).indices, True)


@HARD_NEGATIVES.wrong(
    "negatives and positives",
    "Return the negatives that are trained on; the positives are added elsewhere.",
)
def _with_positives(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return hard_negatives(losses, match, ratio) | match.positive


@HARD_NEGATIVES.wrong("indices instead of a mask", "Return a mask (A,), True for the chosen negatives.")
def _indices(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    return hard_negatives(losses, match, ratio).nonzero()[:, 0]


@HARD_NEGATIVES.wrong("indices, the hardest first", "Return a mask (A,), True for the chosen negatives.")
def _sorted_indices(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    count = min(_wanted(match, ratio), int(match.negative.sum()))
    return losses.masked_fill(~match.negative, -math.inf).topk(count).indices


@HARD_NEGATIVES.wrong(
    "places among the negatives mistaken for anchors",
    "losses[match.negative] is a shorter list: translate its places back to anchors.",
)
def _places_of_the_short_list(losses: Tensor, match: Match, ratio: int = 3) -> Tensor:
    places = losses[match.negative].argsort(descending=True)[: _wanted(match, ratio)]
    return torch.zeros_like(match.negative).index_fill(0, places, True)


HARD_NEGATIVES.wrong("the caller's losses overwritten", "The losses are needed again: work on a copy.")(
    overwriting(hard_negatives, 0)
)

EXERCISES = (HARD_NEGATIVES,)
