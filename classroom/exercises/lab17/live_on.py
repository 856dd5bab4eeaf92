"""Lab 17, exercise 4: birth and death of tracks."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import lives_picture
from classroom.exercises.mistakes import overwriting
from coursekit.tracking.tracks import Lives, live_on


def _case(
    name: str, hits: list[int], missed: list[int], matched: str, min_hits: int, max_missed: int
) -> Case:
    """Of `matched`, a letter y is a track with a detection in this frame."""
    numbers = torch.tensor(hits, dtype=torch.int64), torch.tensor(missed, dtype=torch.int64)
    return Case(
        name, (*numbers, torch.tensor([c == "y" for c in matched], dtype=torch.bool), min_hits, max_missed)
    )


LIVE_ON = Exercise(
    live_on,
    picture=lives_picture,
    hints=(
        "Begin with the two counts. Which tracks are alive for certain? Which of the others may wait?",
        "hits + 1 where matched; missed is 0 where matched, else missed + 1. Alive: matched, or confirmed (hits ≥ min_hits) and missed ≤ max_missed.",
        "hits = hits + matched.long()\n"
        "missed = torch.where(matched, 0, missed + 1)\n"
        "return Lives(hits, missed, matched | (… & (missed <= max_missed)))",
    ),
    cases=(
        _case("a match", [3], [0], "y", 2, 5),
        _case("a confirmed track is missed", [3], [0], "n", 2, 5),
        _case("a new track is missed", [1], [0], "n", 2, 5),
        _case("the match that confirms it", [1], [0], "y", 2, 5),
        _case("confirmed with exactly min_hits", [2], [0], "n", 2, 5),
        _case("one hit too few", [2], [0], "n", 3, 5),
        _case("missed for the last time that is allowed", [4], [4], "n", 2, 5),
        _case("missed once too often", [4], [5], "n", 2, 5),
        _case("missed far too often", [4], [8], "n", 2, 5),
        _case("found again", [4], [5], "y", 2, 5),
        _case("no patience at all", [4, 4], [0, 0], "yn", 2, 0),
        _case("many tracks", [1, 1, 2, 9, 9, 2, 3], [0, 0, 1, 3, 4, 4, 0], "ynnynyn", 3, 4),
        _case("no tracks", [], [], "", 2, 5),
    ),
)

_wrong = LIVE_ON.wrong


def _alive(rule: Callable) -> Callable:
    """The right counts, and alive by another rule: rule(hits, missed, matched, min_hits, max_missed), after the frame."""

    def answer(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
        right = live_on(hits, missed, matched, min_hits, max_missed)
        return right._replace(alive=rule(right.hits, right.missed, matched, min_hits, max_missed))

    return answer


def _counted(hits_of: Callable, missed_of: Callable) -> Callable:
    """Other counts, and alive by the right rule on them."""

    def answer(hits: Tensor, missed: Tensor, matched: Tensor, min_hits: int, max_missed: int) -> Lives:
        h, m = hits_of(hits, matched), missed_of(missed, matched)
        return Lives(h, m, matched | ((h >= min_hits) & (m <= max_missed)))

    return answer


def _hits(hits: Tensor, matched: Tensor) -> Tensor:
    return hits + matched.long()


def _missed(missed: Tensor, matched: Tensor) -> Tensor:
    return torch.where(matched, 0, missed + 1)


for _name, _story, _function in (
    (
        "dead at the first miss",
        "A confirmed track may be hidden for a while: it lives until it has been missed more than max_missed times.",
        _alive(lambda h, m, y, least, most: y.clone()),
    ),
    (
        "tracks never die",
        "A track that has been missed more than max_missed times must go, or it will take over another object.",
        _alive(lambda h, m, y, least, most: y | (h >= least)),
    ),
    (
        "new tracks are patient too",
        "A track that is not confirmed is often a false detection: it dies at its first miss.",
        _alive(lambda h, m, y, least, most: m <= most),
    ),
    (
        "unconfirmed tracks always die",
        "A matched track lives, however few hits it has; otherwise none would ever be confirmed.",
        _alive(lambda h, m, y, least, most: (h >= least) & (m <= most)),
    ),
    (
        "one frame less patience",
        "A track dies when it is missed in *more than* max_missed frames: missed <= max_missed lives.",
        _alive(lambda h, m, y, least, most: y | ((h >= least) & (m < most))),
    ),
    (
        "patience with the count of before",
        "Compare max_missed with the count that includes this frame.",
        _alive(lambda h, m, y, least, most: y | ((h >= least) & (m - 1 <= most))),
    ),
    (
        "one hit more to be confirmed",
        "A track is confirmed from min_hits on: >=.",
        _alive(lambda h, m, y, least, most: y | ((h > least) & (m <= most))),
    ),
    (
        "the dead and the living swapped",
        "`alive` is true for the tracks that stay.",
        _alive(lambda h, m, y, least, most: ~(y | ((h >= least) & (m <= most)))),
    ),
    (
        "min_hits and max_missed swapped",
        "Hits are compared with min_hits, missed frames with max_missed.",
        _alive(lambda h, m, y, least, most: y | ((h >= most) & (m <= least))),
    ),
    (
        "hits start again after a miss",
        "A track that was confirmed stays confirmed: a miss does not change its hits.",
        _counted(lambda hits, y: torch.where(y, hits + 1, 0), _missed),
    ),
    (
        "every frame is a hit",
        "Only a match is a hit.",
        _counted(lambda hits, y: hits + 1, _missed),
    ),
    (
        "hits are not counted",
        "A match is one hit more.",
        _counted(lambda hits, y: hits + 0, _missed),
    ),
    (
        "missed frames add up for ever",
        "`missed` counts the frames since the last match: a match sets it to 0.",
        _counted(_hits, lambda missed, y: missed + (~y).long()),
    ),
    (
        "missed frames are not counted",
        "A frame without a match is one missed frame more.",
        _counted(_hits, lambda missed, y: torch.where(y, 0, missed)),
    ),
    (
        "alive alone",
        "Return all three: the counts are needed in the next frame.",
        lambda *arguments: live_on(*arguments).alive,
    ),
    (
        "numbers, not truth values",
        "`alive` is a mask of True and False.",
        lambda *arguments: live_on(*arguments)._replace(alive=live_on(*arguments).alive.long()),
    ),
    (
        "the caller's counts overwritten",
        "The counts are right, but the caller's have changed: hits = hits + matched, not hits += matched.",
        overwriting(live_on, 0, 1),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (LIVE_ON,)
