"""Lab 17, exercise 3: which detection belongs to which track."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import table, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import judge_tracks, matched_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit.ops import Match, match_by_cost
from coursekit.tracking.sort import match_tracks

STOLEN = table((0.6, 0.33), (0.34, 0.2))  # without the limit, the best total takes the pair of 0.2

MATCH_TRACKS = Exercise(
    match_tracks,
    picture=matched_picture,
    judge=judge_tracks,
    hints=(
        "`ops.match_by_cost` makes the sum of *costs* small. Which cost has a pair of high IoU, and which has a pair that is not allowed?",
        "cost = −IoU where IoU ≥ least, and 0 elsewhere. A detection is matched if match_by_cost gives it a track *and* the pair is allowed.",
        "allowed = iou >= least\n"
        "match = ops.match_by_cost(-torch.where(allowed, iou, 0.0))\n"
        "positive = match.positive.clone()\n"
        "for d in positive.nonzero()[:, 0].tolist():\n"
        "    positive[d] = …  # is this pair allowed?\n"
        "return ops.Match(match.target, positive, ~positive)",
    ),
    cases=(
        Case("one track, one detection", (table((0.8,)), 0.3)),
        Case("too far away", (table((0.2,)), 0.3)),
        Case("exactly at the limit", (table((0.5, 0.25)), 0.5)),
        Case("one track, two detections", (table((0.4, 0.7)), 0.3)),
        Case("two tracks, one detection", (table((0.4,), (0.7,)), 0.3)),
        Case("crossed", (table((0.1, 0.8), (0.7, 0.2)), 0.3)),
        Case("the best pair is a trap", (table((0.6, 0.55), (0.5, 0.1)), 0.3)),
        Case("a pair below the limit steals none", (STOLEN, 0.3)),
        Case("one good pair is better than two poor ones", (table((0.9, 0.4), (0.4, 0.2)), 0.3)),
        Case("nothing overlaps", (table((0.0, 0.0), (0.0, 0.0)), 0.3)),
        Case("three tracks, five detections", (uniform(3, 5, seed=4).double(), 0.3)),
        Case("five tracks, three detections", (uniform(5, 3, seed=7).double(), 0.5)),
        Case("no tracks", (torch.zeros(0, 3), 0.3)),
        Case("no detections", (torch.zeros(2, 0), 0.3)),
    ),
)

_wrong = MATCH_TRACKS.wrong


def _from_pairs(pairs: list[tuple[int, int]], count: int) -> Match:
    target, positive = torch.zeros(count, dtype=torch.int64), torch.zeros(count, dtype=torch.bool)
    for t, d in pairs:
        target[d], positive[d] = t, True
    return Match(target, positive, ~positive)


def _pairs(match: Match) -> list[tuple[int, int]]:
    places = match.positive.nonzero()[:, 0].tolist()
    return [(int(match.target[d]), d) for d in places]


def _greedy(iou: Tensor, least: float) -> Match:
    left, pairs = iou.clone(), []
    while left.numel() and left.max() >= least:
        t, d = divmod(int(left.argmax()), left.shape[1])
        pairs.append((t, d))
        left[t], left[:, d] = -1, -1
    return _from_pairs(pairs, iou.shape[1])


def _each_detection(iou: Tensor, least: float) -> Match:
    best = [(int(iou[:, d].argmax()), d) for d in range(iou.shape[1]) if len(iou)]
    return _from_pairs([(t, d) for t, d in best if iou[t, d] >= least], iou.shape[1])


def _each_track(iou: Tensor, least: float) -> Match:
    best = [(t, int(row.argmax())) for t, row in enumerate(iou) if len(row)]
    return _from_pairs([(t, d) for t, d in best if iou[t, d] >= least], iou.shape[1])


def _in_turn(iou: Tensor, least: float) -> Match:
    left, pairs = iou.clone(), []
    for t in range(len(iou) if iou.shape[1] else 0):
        d = int(left[t].argmax())
        if left[t, d] >= least:
            pairs.append((t, d))
            left[:, d] = -1
    return _from_pairs(pairs, iou.shape[1])


def _afterwards(iou: Tensor, least: float) -> Match:
    pairs = _pairs(match_by_cost(-iou))
    return _from_pairs([(t, d) for t, d in pairs if iou[t, d] >= least], iou.shape[1])


def _at_any_price(iou: Tensor, least: float) -> Match:
    pairs = _pairs(match_by_cost(torch.where(iou >= least, -iou, 1000.0)))
    return _from_pairs([(t, d) for t, d in pairs if iou[t, d] >= least], iou.shape[1])


def _more_than(iou: Tensor, least: float) -> Match:
    return match_tracks(torch.where(iou > least, iou, 0.0), least)


def _smallest(iou: Tensor, least: float) -> Match:
    pairs = _pairs(match_by_cost(iou))
    return _from_pairs([(t, d) for t, d in pairs if iou[t, d] >= least], iou.shape[1])


def _reversed(iou: Tensor, least: float) -> Match:
    return match_tracks(iou.T, least)


def _of_tracks(iou: Tensor, least: float) -> Match:
    """The detection of each matched detection's track: places of detections instead of tracks."""
    right = match_tracks(iou, least)
    return Match(torch.arange(len(right.target)), right.positive, right.negative)


def _with(change: Callable[[Match], Match]) -> Callable:
    return lambda iou, least: change(match_tracks(iou, least))


for _name, _story, _function in (
    (
        "the best pair first",
        "A greedy match can leave a track with nothing: take the total of all pairs, with ops.match_by_cost.",
        _greedy,
    ),
    (
        "each detection takes its best track",
        "Two detections may take the same track: the match must be one to one.",
        _each_detection,
    ),
    (
        "each track takes its best detection",
        "Two tracks may take the same detection: the match must be one to one.",
        _each_track,
    ),
    (
        "the tracks choose in turn",
        "The order of the tracks has no meaning: take the largest total, with ops.match_by_cost.",
        _in_turn,
    ),
    (
        "every pair is allowed",
        "A pair below `least` is not the same object: leave it out.",
        lambda iou, least: match_by_cost(-iou),
    ),
    (
        "the limit only after the match",
        "A pair that is not allowed may take a track from one that is: forbid it before you match, then check again.",
        _afterwards,
    ),
    (
        "the limit only before the match",
        "match_by_cost matches as many as it can: a forbidden pair may still come out, so check the pairs afterwards too.",
        lambda iou, least: match_by_cost(-torch.where(iou >= least, iou, 0.0)),
    ),
    (
        "a forbidden pair avoided at any price",
        "With a huge cost for forbidden pairs, the match gives up one pair of 0.9 for two of 0.4: it makes many pairs, not a large total. Let a forbidden pair cost as much as none, 0.",
        _at_any_price,
    ),
    ("a pair exactly at the limit is left out", "`least` is the lowest IoU that is allowed: >=.", _more_than),
    ("the smallest total", "match_by_cost makes a sum small, but IoU should be large: take −IoU.", _smallest),
    (
        "rows and columns swapped",
        "Rows are tracks, columns are detections; the match has one entry per detection.",
        _reversed,
    ),
    ("places of detections", "`target` is the row of the table: the track of each detection.", _of_tracks),
    (
        "positive and negative swapped",
        "A detection with a track is positive; one without is negative and begins a new track.",
        _with(lambda m: Match(m.target, m.negative, m.positive)),
    ),
    (
        "no detection begins a track",
        "A detection without a track is negative: it will begin a new one.",
        _with(lambda m: Match(m.target, m.positive, torch.zeros_like(m.positive))),
    ),
    (
        "every detection begins a track",
        "A detection that has a track must not begin another one.",
        _with(lambda m: Match(m.target, m.positive, torch.ones_like(m.positive))),
    ),
    (
        "tracks counted from 1",
        "Tracks are rows of the table, and the first row is 0.",
        _with(lambda m: m._replace(target=m.target + 1)),
    ),
    (
        "an infinite cost",
        "match_by_cost refuses infinity, because a total of infinities says nothing: use a finite cost, such as 0 beside −IoU.",
        failing_when(lambda iou, least: bool((iou < least).any()), match_tracks),
    ),
    (
        "the caller's table overwritten",
        "The match is right, but the caller's table has changed: work on a copy.",
        overwriting(match_tracks, 0),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (MATCH_TRACKS,)
