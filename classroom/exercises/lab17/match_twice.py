"""Lab 17, exercise 5: a second round for detections with low scores."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import table, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import judge_tracks, matched_picture
from classroom.exercises.mistakes import overwriting
from coursekit.ops import Match
from coursekit.tracking.byte_track import match_twice
from coursekit.tracking.sort import match_some


def _case(
    name: str, iou: Tensor, *scores: float, high: float = 0.5, low: float = 0.1, least: float = 0.3
) -> Case:
    return Case(name, (iou, torch.tensor(scores, dtype=torch.float64), high, low, least))


MATCH_TWICE = Exercise(
    match_twice,
    picture=matched_picture,
    judge=judge_tracks,
    hints=(
        "Call match_tracks twice: with the columns of the confident detections, then with the rows of the tracks that are left and the columns of the unsure ones.",
        "first = match_tracks(iou[:, confident], least); second = match_tracks(iou[tracks left][:, unsure], least). Translate the places in these smaller tables back: "
        "`confident.nonzero()[:, 0]` are the columns of the first one.",
        "columns = (scores >= high).nonzero()[:, 0]\n"
        "first = match_tracks(iou[:, columns], least)\n"
        "target[columns], positive[columns], negative[columns] = first\n"
        "free = torch.ones(len(iou), dtype=torch.bool)\n"
        "free[target[positive]] = False\n"
        "rows, columns = free.nonzero()[:, 0], …  # the tracks that are left, the unsure detections\n"
        "second = match_tracks(iou[rows][:, columns], least)\n"
        "found = second.positive\n"
        "target[columns[found]], positive[columns[found]] = rows[second.target[found]], True",
    ),
    cases=(
        _case("one confident detection", table((0.8,)), 0.9),
        _case("one unsure detection continues a track", table((0.8,)), 0.3),
        _case("an unsure detection begins no track", table((0.1,)), 0.3),
        _case("a confident one without a track begins one", table((0.1,)), 0.9),
        _case("just confident enough to begin one", table((0.1,)), 0.5),
        _case("too unsure to be looked at", table((0.8,)), 0.05),
        _case("exactly at the two scores", table((0.8, 0.0), (0.0, 0.7)), 0.5, 0.1),
        _case("the confident one comes first, although the other fits better", table((0.4, 0.9)), 0.6, 0.3),
        _case("a confident one that fits no track leaves it to an unsure one", table((0.1, 0.8)), 0.9, 0.3),
        _case("the track that is left", table((0.9, 0.8), (0.5, 0.6)), 0.8, 0.2),
        _case("the second round has a limit too", table((0.9, 0.0), (0.0, 0.25)), 0.8, 0.2),
        _case(
            "other scores",
            table((0.9, 0.0, 0.0, 0.0), (0.0, 0.7, 0.5, 0.0), (0.0, 0.0, 0.0, 0.9)),
            *(0.8, 0.6, 0.75, 0.3),
            high=0.7,
            low=0.4,
        ),
        _case("a higher limit", table((0.9, 0.0), (0.0, 0.5)), 0.8, 0.3, least=0.6),
        Case(
            "four tracks, seven detections",
            (uniform(4, 7, seed=1).double(), uniform(7, seed=5).double(), 0.6, 0.2, 0.3),
        ),
        _case(
            "two of each kind",
            table((0.2, 0.5, 0.7, 0.0), (0.6, 0.4, 0.0, 0.5), (0.0, 0.0, 0.6, 0.8)),
            0.3,
            0.9,
            0.2,
            0.7,
        ),
        Case("no tracks", (torch.zeros(0, 3), torch.tensor([0.9, 0.3, 0.01]), 0.5, 0.1, 0.3)),
        Case("no detections", (torch.zeros(2, 0), torch.zeros(0), 0.5, 0.1, 0.3)),
    ),
)

_wrong = MATCH_TWICE.wrong


def _one_round(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    return match_some(iou, scores >= high, least)


def _all_at_once(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    match = match_some(iou, scores >= low, least)
    return match._replace(negative=match.negative & (scores >= high))


def _unsure_first(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    unsure = match_some(iou, (scores >= low) & (scores < high), least)
    left = torch.ones(len(iou), dtype=torch.bool)
    left[unsure.target[unsure.positive]] = False
    sure = match_some(iou[left], scores >= high, least)
    return _both(unsure, sure, left, sure.negative)


def _both(first: Match, second: Match, left: Tensor, negative: Tensor) -> Match:
    here = second.positive.nonzero()[:, 0]
    target = first.target.clone()
    target[here] = left.nonzero()[:, 0][second.target[here]]
    return Match(target, first.positive | second.positive, negative)


def _all_tracks_again(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    first = match_some(iou, scores >= high, least)
    second = match_some(iou, (scores >= low) & (scores < high), least)
    return _both(first, second, torch.ones(len(iou), dtype=torch.bool), first.negative)


def _places_in_the_small_table(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    first = match_some(iou, scores >= high, least)
    left = torch.ones(len(iou), dtype=torch.bool)
    left[first.target[first.positive]] = False
    second = match_some(iou[left], (scores >= low) & (scores < high), least)
    target = torch.where(second.positive, second.target, first.target)
    return Match(target, first.positive | second.positive, first.negative)


def _no_limit_in_the_second(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    first = match_some(iou, scores >= high, least)
    left = torch.ones(len(iou), dtype=torch.bool)
    left[first.target[first.positive]] = False
    second = match_some(iou[left], (scores >= low) & (scores < high), 0.0)
    return _both(first, second, left, first.negative)


def _right(change: Callable[[Match, Tensor, float, float], Match]) -> Callable:
    def answer(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
        return change(match_twice(iou, scores, high, low, least), scores, high, low)

    return answer


def _matched_or_not(iou: Tensor, scores: Tensor, high: float, low: float, least: float) -> Match:
    confident, unsure = scores >= high, (scores >= low) & (scores < high)
    first = match_some(iou, confident, least)
    left = torch.ones(len(iou), dtype=torch.bool)
    if len(iou):
        left[first.target[confident]] = False
    second = match_some(iou[left], unsure, least)
    target, positive = first.target.clone(), first.positive | second.positive
    target[second.positive] = left.nonzero()[:, 0][second.target[second.positive]]
    return Match(target, positive, first.negative)


for _name, _story, _function in (
    (
        "detections without a track use one up",
        "The target of a detection that is not positive means nothing: cross out only the tracks of positive ones.",
        _matched_or_not,
    ),
    (
        "one round, confident detections only",
        "That is SORT. Unsure detections get a second round, with the tracks that are left.",
        _one_round,
    ),
    (
        "all in one round",
        "A confident detection comes first even if an unsure one fits better: two rounds, not one.",
        _all_at_once,
    ),
    (
        "the unsure ones first",
        "The first round is for the confident detections.",
        _unsure_first,
    ),
    (
        "every track in both rounds",
        "A track that has a detection must not get a second one: the second round is for the tracks that are left.",
        _all_tracks_again,
    ),
    (
        "places in the smaller table",
        "The second round's rows are the tracks that are left: translate them back to rows of the whole table.",
        _places_in_the_small_table,
    ),
    (
        "no limit in the second round",
        "`least` holds in both rounds: a weak detection that hardly overlaps a track does not belong to it.",
        _no_limit_in_the_second,
    ),
    (
        "unsure detections begin tracks",
        "An unsure detection without a track is probably false: it is neither positive nor negative.",
        _right(lambda m, s, high, low: m._replace(negative=~m.positive & (s >= low))),
    ),
    (
        "whatever has no track begins one",
        "Only confident detections begin tracks: `negative` is false for all others.",
        _right(lambda m, s, high, low: m._replace(negative=~m.positive)),
    ),
    (
        "no detection begins a track",
        "A confident detection without a track is negative: it begins a new one.",
        _right(lambda m, s, high, low: m._replace(negative=torch.zeros_like(m.negative))),
    ),
    (
        "unsure without a lower end",
        "Below `low` a detection is noise: leave it out of the second round as well.",
        lambda iou, scores, high, low, least: match_twice(iou, scores, high, 0.0, least),
    ),
    (
        "above high, not from high on",
        "From `high` on a detection is confident: >=. From `low` on it is unsure.",
        lambda iou, scores, high, low, least: match_twice(iou, scores, high + 1e-9, low + 1e-9, least),
    ),
    (
        "always 0.5 and 0.1",
        "Use the arguments `high` and `low`.",
        lambda iou, scores, high, low, least: match_twice(iou, scores, 0.5, 0.1, least),
    ),
    (
        "always 0.3",
        "Use the argument `least`.",
        lambda iou, scores, high, low, least: match_twice(iou, scores, high, low, 0.3),
    ),
    (
        "high and low swapped",
        "`high` is the score of confident detections, `low` that of unsure ones.",
        lambda iou, scores, high, low, least: match_twice(iou, scores, low, high, least),
    ),
    (
        "positive and negative swapped",
        "A detection with a track is positive.",
        _right(lambda m, s, high, low: Match(m.target, m.negative, m.positive)),
    ),
    (
        "the caller's table overwritten",
        "The match is right, but the caller's table has changed: work on a copy.",
        overwriting(match_twice, 0),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (MATCH_TWICE,)
