"""Lab 10, exercise 8: how many objects changed their query."""

import torch

from classroom.exercises.cases import judge_number, match_of
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import moves_picture
from classroom.exercises.lab10.query_classes import pairs
from coursekit.ops import Match


def share_moved(before: Match, after: Match) -> float:
    """The share of the objects that have a different query than before: two matches of (Q,) with the same G objects."""
    count = before.positive.sum().item()
    if not count:
        return 0.0
    kept = before.positive & after.positive & (before.target == after.target)
    return 1 - kept.sum().item() / count


SHARE_MOVED = Exercise(
    share_moved,
    picture=moves_picture,
    judge=judge_number,
    hints=(
        "When does a query keep its object? Three things must be true.",
        "kept = number of queries that are positive before and after, with the same target; the share is 1 - kept / G.",
        "kept = before.positive & after.positive & …\n"
        "count = before.positive.sum().item()\n"
        "return 1 - kept.sum().item() / count if count else 0.0",
    ),
    cases=(
        Case("one object stays", (pairs(3, 1), pairs(3, 1))),
        Case("one object moves", (pairs(3, 1), pairs(3, 2))),
        Case("two objects swap their queries", (pairs(4, 1, 2), pairs(4, 2, 1))),
        Case("one of two moves", (pairs(5, 4, 2), pairs(5, 4, 0))),
        Case("one of four takes over the query of another", (pairs(7, 0, 1, 2, 3), pairs(7, 0, 4, 2, 1))),
        Case("object 0 moves", (pairs(6, 5, 1, 2), pairs(6, 0, 1, 2))),
        Case("no objects", (match_of("nnn"), match_of("nnn"))),
    ),
)

_wrong = SHARE_MOVED.wrong


@_wrong("the share of the objects that stay", "Return how many moved: 1 minus that.")
def _stay(before: Match, after: Match) -> float:
    return 1 - share_moved(before, after) if before.positive.any() else 0.0


@_wrong("a share of the queries", "Most queries have no object: divide by the number of objects.")
def _of_queries(before: Match, after: Match) -> float:
    return share_moved(before, after) * before.positive.sum().item() / len(before.target)


@_wrong("a count", "Divide by the number of objects.")
def _count(before: Match, after: Match) -> float:
    return share_moved(before, after) * before.positive.sum().item()


@_wrong(
    "the targets compared for all queries",
    "`target` means nothing where a query is not positive: look at positive queries only.",
)
def _targets_only(before: Match, after: Match) -> float:
    return (before.target != after.target).sum().item() / max(before.positive.sum().item(), 1)


@_wrong(
    "only whether a query has an object",
    "Two objects may swap their queries: compare the targets too.",
)
def _positive_only(before: Match, after: Match) -> float:
    lost = before.positive & ~after.positive
    return lost.sum().item() / max(before.positive.sum().item(), 1)


@_wrong(
    "every query that changes",
    "An object that moves leaves one query and takes another: two queries change for one object.",
)
def _both_ends(before: Match, after: Match) -> float:
    was, now = (torch.where(m.positive, m.target, -1) for m in (before, after))
    return (was != now).sum().item() / max(before.positive.sum().item(), 1)


@_wrong(
    "the mean over all queries",
    "Most queries have no object and never change: divide by the number of objects.",
)
def _mean_of_queries(before: Match, after: Match) -> float:
    was, now = (torch.where(m.positive, m.target, -1) for m in (before, after))
    return (was != now).double().mean().item()


@_wrong(
    "the targets of the positive queries, in their order",
    "The two lists belong to different queries: compare query by query.",
)
def _targets_in_order(before: Match, after: Match) -> float:
    was, now = (m.target[m.positive] for m in (before, after))
    return (was != now).double().mean().item() if len(was) else 0.0


@_wrong(
    "the new target of the old queries",
    "A query that has lost its object still has a number in `target`, which means nothing: check that it is positive afterwards too.",
)
def _targets_of_old_queries(before: Match, after: Match) -> float:
    other = before.positive & (before.target != after.target)
    return other.sum().item() / max(before.positive.sum().item(), 1)


@_wrong(
    "the queries in their own order",
    "The first queries of the two lists may have different objects: sort the queries by object first.",
)
def _queries_in_order(before: Match, after: Match) -> float:
    was, now = (m.positive.nonzero()[:, 0] for m in (before, after))
    return (was != now).double().mean().item() if len(was) else 0.0


@_wrong("yes or no", "Return the share of the objects that moved, not whether any did.")
def _any(before: Match, after: Match) -> float:
    return float(share_moved(before, after) > 0)


@_wrong(
    "only queries that are matched both times",
    "An object that moves to a free query leaves its old one: it counts as moved too.",
)
def _both_positive(before: Match, after: Match) -> float:
    both = before.positive & after.positive
    moved = both & (before.target != after.target)
    return moved.sum().item() / max(before.positive.sum().item(), 1)


@_wrong("a tensor, not a number", "Return a plain number: .item() turns a tensor into one.")
def _tensor(before: Match, after: Match) -> torch.Tensor:
    return torch.tensor(share_moved(before, after))


@_wrong("a percentage", "A share lies between 0 and 1.")
def _percent(before: Match, after: Match) -> float:
    return 100 * share_moved(before, after)


@_wrong("an error without objects", "An image may have no objects: then return 0.")
def _no_objects(before: Match, after: Match) -> float:
    if not before.positive.any():
        raise Exception("division by zero")
    return share_moved(before, after)


@_wrong(
    "NaN without objects", "The mean of nothing is not a number; without objects the exercise asks for 0."
)
def _nan(before: Match, after: Match) -> float:
    return share_moved(before, after) if before.positive.any() else float("nan")


EXERCISES = (SHARE_MOVED,)
