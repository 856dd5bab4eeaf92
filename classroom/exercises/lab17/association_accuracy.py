"""Lab 17, exercise 8: HOTA's association accuracy, for one threshold of IoU."""

from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import judge_number
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting


def association_accuracy(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    """The mean over all hits of TPA / (TPA + FNA + FPA): (P, 2), (M,), (N,) -> a number."""
    together = Counter(map(tuple, pairs.tolist()))
    of_object, of_track = Counter(objects.tolist()), Counter(tracks.tolist())
    shares = [
        count * count / (of_object[g] + of_track[t] - count)  # each of the `count` hits has the same share
        for (g, t), count in together.items()
    ]
    return sum(shares) / len(pairs) if len(pairs) else 0.0


def _case(name: str, pairs: list[tuple[int, int]], objects: list[int], tracks: list[int]) -> Case:
    whole = {"dtype": torch.int64}
    return Case(
        name,
        (
            torch.tensor(pairs, **whole).reshape(-1, 2),
            torch.tensor(objects, **whole),
            torch.tensor(tracks, **whole),
        ),
    )


ASSOCIATION_ACCURACY = Exercise(
    association_accuracy,
    judge=judge_number,
    hints=(
        "Take one hit, a pair of object and track. In how many frames are these two matched? In how many is at least one of them there?",
        "For a hit (g, t): TPA is the number of rows of `pairs` equal to (g, t); FNA = frames of g − TPA; FPA = frames of t − TPA. "
        "Average TPA / (TPA + FNA + FPA) over all rows of `pairs`.",
        "shares = []\n"
        "for pair in pairs:\n"
        "    tpa = (pairs == pair).all(1).sum().item()\n"
        "    fna = (objects == pair[0]).sum().item() - tpa\n"
        "    fpa = …\n"
        "    shares.append(tpa / (tpa + fna + fpa))\n"
        "return sum(shares) / len(shares) if shares else 0.0",
    ),
    cases=(
        _case("one hit", [(1, 7)], [1], [7]),
        _case("always the same track", [(1, 7)] * 3, [1] * 3, [7] * 3),
        _case("half of it with another track", [(1, 7), (1, 7), (1, 8), (1, 8)], [1] * 4, [7, 7, 8, 8]),
        _case("three frames and one", [(1, 7), (1, 7), (1, 7), (1, 8)], [1] * 4, [7, 7, 7, 8]),
        _case("missed in two frames", [(1, 7), (1, 7)], [1] * 4, [7, 7]),
        _case("the track goes on without the object", [(1, 7), (1, 7)], [1, 1], [7] * 5),
        _case("one track for two objects", [(1, 7), (1, 7), (2, 7)], [1, 1, 2, 2], [7] * 4),
        _case("a track that is never matched", [(1, 7)], [1], [7, 8, 8, 8]),
        _case("an object that is never matched", [(1, 7)], [1, 2, 2], [7]),
        _case("object and track of one number", [(1, 2), (2, 1), (2, 1)], [1, 1, 2, 2], [2, 1, 1, 1]),
        _case("exchanged halfway", [(1, 1), (2, 2), (1, 1), (2, 2), (1, 2), (2, 1)], [1, 2] * 3, [1, 2] * 3),
        _case("no hit", [], [1, 2], [7]),
    ),
)

_wrong = ASSOCIATION_ACCURACY.wrong


def _per_hit(share: Callable[[int, int, int], float]) -> Callable:
    """The mean over the hits of share(TPA, frames of the object, frames of the track)."""

    def answer(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
        rows = list(map(tuple, pairs.tolist()))
        together, of_object, of_track = Counter(rows), Counter(objects.tolist()), Counter(tracks.tolist())
        shares = [share(together[row], of_object[row[0]], of_track[row[1]]) for row in rows]
        return sum(shares) / len(shares) if shares else 0.0

    return answer


def _over_different_pairs(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    rows = list(map(tuple, pairs.tolist()))
    together, of_object, of_track = Counter(rows), Counter(objects.tolist()), Counter(tracks.tolist())
    shares = [n / (of_object[g] + of_track[t] - n) for (g, t), n in together.items()]
    return sum(shares) / len(shares) if shares else 0.0


def _over(count: Callable[[Tensor, Tensor, Tensor], int]) -> Callable:
    """The right sum over the hits, divided by another number."""
    return lambda pairs, objects, tracks: (
        association_accuracy(pairs, objects, tracks) * len(pairs) / max(count(pairs, objects, tracks), 1)
    )


def _best_partner(pairs: Tensor, objects: Tensor, tracks: Tensor) -> float:
    rows = Counter(map(tuple, pairs.tolist()))
    best = {g: max(n for (other, _), n in rows.items() if other == g) for g, _ in rows}
    return sum(best.values()) / len(pairs) if len(pairs) else 0.0


for _name, _story, _function in (
    (
        "the mean over the different pairs",
        "Average over all hits: a pair that is matched in ten frames counts ten times.",
        _over_different_pairs,
    ),
    (
        "frames of the object only",
        "That is the association's recall. The frames of the track count as well: FPA.",
        _per_hit(lambda tpa, g, t: tpa / g),
    ),
    (
        "frames of the track only",
        "That is the association's precision. The frames of the object count as well: FNA.",
        _per_hit(lambda tpa, g, t: tpa / t),
    ),
    (
        "the frames they share are counted twice",
        "Frames of the object + frames of the track contain the shared ones twice: subtract TPA once.",
        _per_hit(lambda tpa, g, t: tpa / (g + t)),
    ),
    (
        "an F1 score",
        "2 TPA / (2 TPA + FNA + FPA) is F1; HOTA takes the Jaccard index TPA / (TPA + FNA + FPA).",
        _per_hit(lambda tpa, g, t: 2 * tpa / (g + t)),
    ),
    (
        "the longer of the two",
        "The divisor is the number of frames in which either is there: object + track − both.",
        _per_hit(lambda tpa, g, t: tpa / max(g, t)),
    ),
    (
        "divided by the objects' boxes",
        "Average over the hits; boxes that were missed lower DetA, not the number of terms here.",
        _over(lambda pairs, objects, tracks: len(objects)),
    ),
    (
        "divided by the tracks' boxes",
        "Average over the hits; false detections lower DetA, not the number of terms here.",
        _over(lambda pairs, objects, tracks: len(tracks)),
    ),
    (
        "a sum",
        "Divide by the number of hits.",
        _over(lambda pairs, objects, tracks: 1),
    ),
    (
        "objects and tracks swapped",
        "Column 0 of `pairs` is the object, column 1 the track.",
        lambda pairs, objects, tracks: _per_hit(lambda tpa, g, t: tpa / max(g + t - tpa, 1))(
            pairs, tracks, objects
        ),
    ),
    (
        "the share with the commonest track",
        "That ignores missed frames, and what else the track follows: take the Jaccard index of each hit.",
        _best_partner,
    ),
    (
        "the root",
        "HOTA is the root of DetA times AssA; here only AssA is asked for.",
        lambda pairs, objects, tracks: association_accuracy(pairs, objects, tracks) ** 0.5,
    ),
    (
        "1 without a hit",
        "If nothing was found, nothing was kept together: return 0.",
        lambda pairs, objects, tracks: association_accuracy(pairs, objects, tracks) if len(pairs) else 1.0,
    ),
    (
        "a tensor",
        "Return a Python number: .item() makes one.",
        lambda *arguments: torch.tensor(association_accuracy(*arguments), dtype=torch.float64),
    ),
    (
        "the caller's pairs overwritten",
        "The number is right, but the caller's pairs have changed: work on a copy.",
        overwriting(association_accuracy, 0),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (ASSOCIATION_ACCURACY,)
