"""Lab 17, exercise 7: how often an object changes its track."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import judge_number
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import identities_picture
from classroom.exercises.mistakes import overwriting


def count_switches(matched: Tensor) -> int:
    """How often the track of an object differs from the last one that it had; 0 is none: (T, G) -> a number."""
    switches = 0
    for tracks in matched.T.tolist():
        seen = [track for track in tracks if track]
        switches += sum(a != b for a, b in zip(seen[:-1], seen[1:], strict=True))
    return switches


def _case(name: str, *objects: list[int]) -> Case:
    """Of each object its track in each frame."""
    return Case(name, (torch.tensor(objects, dtype=torch.int64).T.contiguous(),))


COUNT_SWITCHES = Exercise(
    count_switches,
    picture=identities_picture,
    judge=judge_number,
    hints=(
        "Look at one object alone, a column. What do you compare its track with, if it had none in the frame before?",
        "Leave the zeros out of the column; then count the neighbours that differ. Add up over the objects.",
        "switches = 0\n"
        "for tracks in matched.T.tolist():  # of one object\n"
        "    seen = [track for track in tracks if …]\n"
        "    switches += sum(a != b for a, b in zip(seen[:-1], seen[1:]))\n"
        "return switches",
    ),
    cases=(
        _case("one object, one track", [3, 3, 3]),
        _case("it switches once", [3, 3, 5, 5]),
        _case("and back again", [3, 5, 3]),
        _case("missed in between, the same track", [3, 0, 0, 3]),
        _case("missed in between, another track", [3, 0, 0, 5]),
        _case("it begins late and ends early", [0, 0, 4, 4, 0]),
        _case("two objects exchange their tracks", [1, 1, 2, 2], [2, 2, 1, 1]),
        _case("two objects with the same track, one after the other", [1, 1, 0, 0], [0, 0, 1, 1]),
        _case("never matched", [0, 0, 0], [2, 2, 2]),
        _case("three objects", [1, 2, 0, 2, 3, 3], [4, 4, 4, 4, 0, 4], [0, 5, 6, 0, 0, 5]),
        Case("one frame", (torch.tensor([[1, 2, 0]]),)),
        Case("no objects", (torch.zeros(4, 0, dtype=torch.int64),)),
        Case("no frames", (torch.zeros(0, 2, dtype=torch.int64),)),
    ),
)

_wrong = COUNT_SWITCHES.wrong


def _per_object(count: Callable[[list[int]], int]) -> Callable:
    """An answer that adds up over the objects; count(the tracks of one in each frame)."""
    return lambda matched: sum(count(tracks) for tracks in matched.T.tolist())


def _neighbours(tracks: list[int]) -> list[tuple[int, int]]:
    return list(zip(tracks[:-1], tracks[1:], strict=True))


def _seen(tracks: list[int]) -> list[int]:
    return [track for track in tracks if track]


def _transposed(matched: Tensor) -> int:
    return count_switches(matched.T)


for _name, _story, _function in (
    (
        "only from frame to frame",
        "After a gap, compare with the last track that the object had, however long ago that was.",
        _per_object(lambda tracks: sum(a != b and a > 0 and b > 0 for a, b in _neighbours(tracks))),
    ),
    (
        "a gap is a switch",
        "0 is not a track: a frame without one is a miss, not a switch.",
        _per_object(lambda tracks: sum(a != b for a, b in _neighbours(tracks))),
    ),
    (
        "coming back is a switch",
        "An object that has its old track again after a gap has not switched.",
        _per_object(lambda tracks: sum(b > 0 and a != b for a, b in _neighbours(tracks))),
    ),
    (
        "losing a track is a switch",
        "A frame without a track is a miss, not a switch.",
        _per_object(lambda tracks: sum(a > 0 and a != b for a, b in _neighbours(tracks))),
    ),
    (
        "the number of other tracks",
        "Switching back counts as well: count the changes, not the different tracks.",
        _per_object(lambda tracks: max(len(set(_seen(tracks))) - 1, 0)),
    ),
    (
        "the number of tracks",
        "An object that keeps its track has not switched at all: count the changes.",
        _per_object(lambda tracks: len(set(_seen(tracks)))),
    ),
    (
        "0 is one more track",
        "0 is not a track: leave it out.",
        _per_object(lambda tracks: max(len(set(tracks)) - 1, 0)),
    ),
    (
        "compared with the first track",
        "A switch is a change against the *last* track; against the first one, every later frame would count.",
        _per_object(lambda tracks: sum(track != _seen(tracks)[0] for track in _seen(tracks))),
    ),
    (
        "objects that switch",
        "An object may switch several times: count the switches, not the objects.",
        _per_object(lambda tracks: len(set(_seen(tracks))) > 1),
    ),
    (
        "rows and columns swapped",
        "A row is a frame; follow each object down its column.",
        _transposed,
    ),
    (
        "tracks that change their object",
        "That is a switch seen from the track. Count how often an *object* changes its track.",
        lambda matched: sum(
            sum(
                a != b
                for a, b in _neighbours(
                    [g for row in matched.tolist() for g, t in enumerate(row) if t == name]
                )
            )
            for name in set(matched.flatten().tolist()) - {0}
        ),
    ),
    (
        "a share of the frames",
        "Return the number of switches.",
        lambda matched: count_switches(matched) / max(len(matched), 1),
    ),
    (
        "one number per object",
        "Add up over the objects.",
        lambda matched: [count_switches(matched[:, g : g + 1]) for g in range(matched.shape[1])],
    ),
    (
        "a tensor",
        "Return a Python number: .item() makes one.",
        lambda matched: torch.tensor(count_switches(matched)),
    ),
    (
        "the caller's table overwritten",
        "The count is right, but the caller's table has changed: work on a copy.",
        overwriting(count_switches),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (COUNT_SWITCHES,)
