"""Lab 06, exercise 6: the most promising anchors of each level."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import numbers_picture
from classroom.exercises.mistakes import failing_when


def best_of_levels(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """The indices of the `candidates` anchors with the highest objectness on each level: (A,), (A,) -> (B,)."""
    best = []
    for level in levels.unique():
        mine = (levels == level).nonzero()[:, 0]
        best.append(mine[objectness[mine].topk(min(candidates, len(mine))).indices])
    return torch.cat(best) if best else torch.zeros_like(levels)


def in_any_order(arguments: tuple, value: Tensor) -> Tensor:
    """The indices, sorted: a judge."""
    return (
        value.long().sort().values if value.dtype in (torch.int32, torch.int64) and value.ndim == 1 else value
    )


_THREE = torch.tensor([0, 0, 0, 0, 1, 1, 2])
_LOGITS = torch.tensor([-1.0, 2.0, 0.5, 3.0, -4.0, -3.0, -5.0])

BEST_OF_LEVELS = Exercise(
    best_of_levels,
    picture=numbers_picture,
    judge=in_any_order,
    hints=(
        "Take one level at a time. Where are its anchors, and which of them have the highest objectness?",
        "mine = (levels == level).nonzero()[:, 0] are the indices of a level's anchors. topk on objectness[mine] gives places in `mine`, "
        "not indices of anchors: look them up in `mine`.",
        "best = []\nfor level in levels.unique():\n    mine = (levels == level).nonzero()[:, 0]\n"
        "    places = objectness[mine].topk(…).indices  # how many, when the level has fewer than `candidates`?\n"
        "    best.append(mine[places])\nreturn torch.cat(best)",
    ),
    cases=(
        Case("one level, all of its anchors", (torch.tensor([0.5, 2.0]), torch.tensor([0, 0]), 2)),
        Case("the best one of one level", (torch.tensor([0.5, 2.0, 1.0]), torch.tensor([0, 0, 0]), 1)),
        Case("one of each level", (_LOGITS, _THREE, 1)),
        Case("two of each level, one of which has fewer", (_LOGITS, _THREE, 2)),
        Case("all of every level", (_LOGITS, _THREE, 9)),
        Case("no level called 0", (_LOGITS, _THREE + 3, 2)),
        Case("the levels mixed", (_LOGITS.flip(0), torch.tensor([1, 0, 2, 0, 1, 0, 1]), 2)),
        Case("sixty anchors", (normal(60, seed=2), torch.tensor([0] * 40 + [1] * 15 + [2] * 5), 8)),
    ),
)
wrong = BEST_OF_LEVELS.wrong


def _of_each(objectness: Tensor, levels: Tensor, chosen) -> Tensor:
    """What `chosen(logits, indices)` takes of each level."""
    members = [(levels == level).nonzero()[:, 0] for level in levels.unique()]
    return torch.cat([chosen(objectness[mine], mine) for mine in members])


def _top(logits: Tensor, count: int) -> Tensor:
    return logits.topk(min(count, len(logits))).indices


@wrong(
    "places in a level", "topk returns places within objectness[mine]: look up mine[…] to get the anchors."
)
def _places(objectness, levels, candidates):
    return _of_each(objectness, levels, lambda logits, mine: _top(logits, candidates))


@wrong(
    "the best of all levels together",
    "Each level has its own `candidates`: otherwise one level takes them all.",
)
def _together(objectness, levels, candidates):
    return _top(objectness, candidates)


@wrong(
    "as many as all levels have, from all levels",
    "Each level has its own `candidates`: otherwise one level takes them all.",
)
def _together_as_many(objectness, levels, candidates):
    return _top(objectness, len(best_of_levels(objectness, levels, candidates)))


@wrong("the least likely anchors", "The highest objectness first: sort in descending order.")
def _lowest(objectness, levels, candidates):
    return best_of_levels(-objectness, levels, candidates)


@wrong("the first of each level", "Sort by objectness: the first anchors lie in the corner of the image.")
def _first(objectness, levels, candidates):
    return _of_each(objectness, levels, lambda logits, mine: mine[:candidates])


@wrong("all anchors of each level", "Take only `candidates` of each level.")
def _all(objectness, levels, candidates):
    return torch.arange(len(levels))


wrong("an error on a small level", "A level may have fewer anchors than `candidates`: take all of them.")(
    failing_when(
        lambda objectness, levels, count: (levels.unique(return_counts=True)[1] < count).any(), best_of_levels
    )
)


@wrong("levels counted from 0", "Use the levels that occur: levels.unique().")
def _counted(objectness, levels, candidates):
    return best_of_levels(objectness[levels < 3], levels[levels < 3], candidates)


@wrong("the first level only", "Every level has candidates.")
def _first_level(objectness, levels, candidates):
    mine = (levels == levels.min()).nonzero()[:, 0]
    return mine[_top(objectness[mine], candidates)]


@wrong("a mask", "Return the indices of the anchors, not a mask.")
def _mask(objectness, levels, candidates):
    mask = torch.zeros_like(levels, dtype=torch.bool)
    mask[best_of_levels(objectness, levels, candidates)] = True
    return mask


@wrong("the logits", "Return the indices of the anchors, not their objectness.")
def _logits(objectness, levels, candidates):
    return objectness[best_of_levels(objectness, levels, candidates)]


@wrong("one anchor too many on each level", "Take `candidates` of each level, no more.")
def _one_more(objectness, levels, candidates):
    return best_of_levels(objectness, levels, candidates + 1)


EXERCISES = (BEST_OF_LEVELS,)
