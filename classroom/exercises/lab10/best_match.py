"""Lab 10, exercise 2: the match with the smallest total, and what the other queries are trained on."""

from collections.abc import Callable, Iterable
from itertools import combinations, permutations

import scipy.optimize  # noqa: F401  its import takes long: not in the time of an answer
import torch
from torch import Tensor

from classroom.exercises.cases import judge_match, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.greedy_match import TRAP
from classroom.exercises.lab10.pictures import match_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.step_by_step.matching import best_queries, greedy_match
from coursekit import ops
from coursekit.ops import Match


def best_match(cost: Tensor) -> Match:
    """The one-to-one match with the smallest total cost; the queries left over are negative: (G, Q) -> Match of (Q,)."""
    return ops.match_by_cost(cost)


BEST_MATCH = Exercise(
    best_match,
    picture=match_picture,
    judge=judge_match,
    speed=lambda: (uniform(3, 9),),
    hints=(
        "First find the cheapest assignment, as in lab 02. Then invert it: which object does each query have, if any?",
        "best = the permutation of range(Q), G at a time, with the smallest sum of cost[g, best[g]]; target[best[g]] = g, positive[best[g]] = True.",
        "rows = cost.tolist()\n"
        "best = min(permutations(range(cost.shape[1]), len(cost)), key=lambda way: …)  # the total of one way\n"
        "target = torch.zeros(cost.shape[1], dtype=torch.int64)\n"
        "positive = torch.zeros(cost.shape[1], dtype=torch.bool)\n"
        "for g, q in enumerate(best):\n"
        "    target[q], positive[q] = …\n"
        "return ops.Match(target, positive, ~positive)",
    ),
    cases=(
        Case("one object, one query", (torch.tensor([[2.0]]),)),
        Case("one object, three queries", (torch.tensor([[5.0, 7.0, 1.0]]),)),
        Case("greedy pays 11, the best match 3.5", (TRAP,)),
        Case("costs below zero", (torch.tensor([[-1.0, -1.2], [-0.2, -1.9]]),)),
        Case("costs of both signs", (torch.tensor([[-3.0, 1.0], [0.5, 4.0]]),)),
        Case("a cycle of three", (torch.tensor([[9.0, 1.0, 8.0], [7.0, 9.0, 2.0], [3.0, 6.0, 9.0]]),)),
        Case("one expensive pair", (torch.tensor([[0.0, 4.0, 9.0], [8.0, 0.5, 4.0], [5.0, 9.0, 8.5]]),)),
        Case("two objects, four queries", (torch.tensor([[4.0, 3.0, 9.0, 1.0], [5.0, 6.0, 8.0, 0.0]]),)),
        Case("three objects, six queries", (uniform(3, 6, seed=1),)),
        Case("no objects, four queries", (torch.zeros(0, 4),)),
    ),
)

_wrong = BEST_MATCH.wrong


def _match(queries: Iterable[int], count: int) -> Match:
    """The match in which object g has the g-th of these queries."""
    target, positive = torch.zeros(count, dtype=torch.int64), torch.zeros(count, dtype=torch.bool)
    for g, q in enumerate(queries):
        target[q], positive[q] = g, True
    return Match(target, positive, ~positive)


def _best_of(cost: Tensor, ways: Iterable, total: Callable[[list[float]], float] = sum) -> Match:
    """The match of the best of some ways, by the sum of its costs or by another measure."""
    rows = cost.tolist()
    best = min(ways, key=lambda way: total([row[q] for row, q in zip(rows, way, strict=False)]))
    return _match(best, cost.shape[1])


def _ways(cost: Tensor) -> Iterable:
    return permutations(range(cost.shape[1]), len(cost))


@_wrong(
    "the greedy match",
    "Taking the cheapest pair may leave an expensive one: compare the totals of all assignments.",
)
def _greedy(cost: Tensor) -> Match:
    return _match(greedy_match(cost).tolist(), cost.shape[1])


@_wrong("the cheapest query of each object", "Two objects may have the same cheapest query.")
def _cheapest_of_each(cost: Tensor) -> Match:
    return _match(cost.argmin(1).tolist(), cost.shape[1])


@_wrong("the cheapest object of each query", "Every query would be matched: only G of them may be.")
def _cheapest_of_each_query(cost: Tensor) -> Match:
    if not len(cost):
        return best_match(cost)
    everyone = torch.ones(cost.shape[1], dtype=torch.bool)
    return Match(cost.argmin(0), everyone, ~everyone)


@_wrong("first come, first served", "The first object may take the query that the second needs more.")
def _first_come(cost: Tensor) -> Match:
    taken: list[int] = []
    for row in cost.tolist():
        taken.append(min(set(range(len(row))) - set(taken), key=row.__getitem__))
    return _match(taken, cost.shape[1])


@_wrong(
    "the order of the list",
    "Object g gets query g, whatever it costs: compare the totals of all assignments.",
)
def _listed(cost: Tensor) -> Match:
    return _match(range(len(cost)), cost.shape[1])


@_wrong("the most expensive assignment", "The total cost should be small: take the smallest.")
def _dearest(cost: Tensor) -> Match:
    return best_match(-cost)


@_wrong("only the first G queries tried", "Any G of the Q queries will do: permutations(range(Q), G).")
def _first_queries_only(cost: Tensor) -> Match:
    return _best_of(cost, permutations(range(len(cost))))


@_wrong("only queries in ascending order", "Combinations never swap two queries: use permutations.")
def _combinations(cost: Tensor) -> Match:
    return _best_of(cost, combinations(range(cost.shape[1]), len(cost)))


@_wrong("costs without their signs", "A negative cost is a good cost: do not take absolute values.")
def _absolute(cost: Tensor) -> Match:
    return best_match(cost.abs())


@_wrong(
    "the assignment with the cheapest worst pair",
    "An assignment is judged by the sum of its costs, not by the largest.",
)
def _cheapest_worst_pair(cost: Tensor) -> Match:
    return _best_of(cost, _ways(cost), lambda costs: max(costs, default=0))


@_wrong(
    "the assignment with the cheapest single pair",
    "An assignment is judged by the sum of its costs, not by the smallest.",
)
def _cheapest_best_pair(cost: Tensor) -> Match:
    return _best_of(cost, _ways(cost), lambda costs: min(costs, default=0))


@_wrong(
    "the query of each object",
    "`target` has Q entries, one for each query: the object that it is trained on.",
)
def _query_of_each_object(cost: Tensor) -> Match:
    right = best_match(cost)
    target = torch.zeros_like(right.target)
    target[: len(cost)] = best_queries(cost)
    return Match(target, right.positive, right.negative)


@_wrong(
    "the objects in the order of the list",
    "The right queries are matched, but each needs its own object: target[best[g]] = g.",
)
def _objects_in_order(cost: Tensor) -> Match:
    right = best_match(cost)
    target = torch.zeros_like(right.target)
    target[right.positive] = torch.arange(len(cost))
    return Match(target, right.positive, right.negative)


@_wrong("objects counted from 1", "Objects are rows of the table, and the first row is 0.")
def _from_one(cost: Tensor) -> Match:
    right = best_match(cost)
    return Match(right.target + 1, right.positive, right.negative)


@_wrong(
    "the query instead of the object",
    "`target` holds the number of an object, a row of the table: target[best[g]] = g, not best[g].",
)
def _query_as_target(cost: Tensor) -> Match:
    right = best_match(cost)
    return Match(torch.arange(cost.shape[1]), right.positive, right.negative)


@_wrong(
    "the smallest total starts at 0",
    "No total of positive costs is below 0, so no assignment is ever taken: start with infinity.",
)
def _start_at_zero(cost: Tensor) -> Match:
    right = best_match(cost)
    total = sum(cost[g, q].item() for g, q in enumerate(best_queries(cost).tolist()))
    return right if total < 0 else _match((), cost.shape[1])


@_wrong("positive and negative swapped", "The matched queries are positive; the others learn “no object”.")
def _exchanged(cost: Tensor) -> Match:
    right = best_match(cost)
    return Match(right.target, right.negative, right.positive)


@_wrong("no negative queries", "A query without an object must learn to predict “no object”: it is negative.")
def _no_negative(cost: Tensor) -> Match:
    right = best_match(cost)
    return Match(right.target, right.positive, torch.zeros_like(right.positive))


@_wrong("every query is negative", "A matched query must not learn “no object” too.")
def _all_negative(cost: Tensor) -> Match:
    right = best_match(cost)
    return Match(right.target, right.positive, torch.ones_like(right.positive))


@_wrong(
    "only the matched queries are returned",
    "A Match has Q entries, including those for queries without an object.",
)
def _matched_only(cost: Tensor) -> Match:
    right = best_match(cost)
    return Match(*(part[right.positive] for part in right))


@_wrong(
    "nothing without objects",
    "An image without objects still has Q queries, and every one of them is negative: a Match of Q entries.",
)
def _nothing_without_objects(cost: Tensor) -> Match:
    right = best_match(cost)
    return right if len(cost) else Match(*(part[:0] for part in right))


BEST_MATCH.wrong("an error without objects", "An image may have no objects: then every query is negative.")(
    failing_when(lambda cost: not len(cost), best_match)
)
BEST_MATCH.wrong(
    "the caller's table overwritten",
    "The match is right, but the caller's costs have changed: work on a copy.",
)(overwriting(best_match))

EXERCISES = (BEST_MATCH,)
