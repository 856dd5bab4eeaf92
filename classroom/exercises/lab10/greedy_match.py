"""Lab 10, exercise 1: the cheapest pair first."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import assignment_picture
from classroom.exercises.mistakes import overwriting
from classroom.step_by_step.matching import best_queries, greedy_match

TRAP = torch.tensor([[1.0, 2.0], [1.5, 10.0]])  # greedy pays 11, the best match 3.5


GREEDY_MATCH = Exercise(
    greedy_match,
    picture=assignment_picture,
    hints=(
        "Which pair is the cheapest in the whole table? Which pairs can no longer be taken after it?",
        "Take the smallest entry (g, q), then set its row and its column to infinity, in a copy; G times.",
        "left, queries = cost.clone(), torch.zeros(len(cost), dtype=torch.int64)\n"
        "for _ in range(len(cost)):\n"
        "    g, q = divmod(left.argmin().item(), cost.shape[1])\n"
        "    queries[g] = q\n"
        "    …  # neither this object nor this query may be chosen again\n"
        "return queries",
    ),
    cases=(
        Case("one object, three queries", (torch.tensor([[5.0, 1.0, 7.0]]),)),
        Case("the cheapest pair is a trap", (TRAP,)),
        Case("the second object has the cheapest pair", (torch.tensor([[3.0, 4.0, 9.0], [1.0, 5.0, 6.0]]),)),
        Case("costs below zero", (torch.tensor([[-1.0, -3.0], [-2.0, -3.5]]),)),
        Case("costs of both signs", (torch.tensor([[-3.0, 1.0, 2.0], [-2.5, 4.0, -1.0]]),)),
        Case(
            "three objects want the first query",
            (torch.tensor([[1.2, 2.0, 5.0, 4.0], [1.1, 2.5, 6.0, 9.0], [1.0, 2.2, 3.0, 8.0]]),),
        ),
        Case("four objects, seven queries", (uniform(4, 7, seed=1),)),
        Case("no objects", (torch.zeros(0, 5),)),
    ),
)

_wrong = GREEDY_MATCH.wrong


def _pairs(left: Tensor, take: Callable[[Tensor, int, int], None], pick: Callable = torch.argmin) -> list:
    """The pairs that are picked one after the other; take(left, g, q) removes what can no longer be taken."""
    left, pairs = left.clone(), []
    for _ in range(len(left)):
        g, q = divmod(pick(left).item(), left.shape[1])
        pairs.append((g, q))
        take(left, g, q)
    return pairs


def _queries(pairs: list, count: int) -> Tensor:
    queries = torch.zeros(count, dtype=torch.int64)
    for g, q in pairs:
        queries[g] = q
    return queries


def _remove(
    left: Tensor, g: int, q: int, value: float = torch.inf, row: bool = True, column: bool = True
) -> None:
    if row:
        left[g] = value
    if column:
        left[:, q] = value


@_wrong(
    "the cheapest query of each object",
    "Two objects may get the same query: remove its column once it is taken.",
)
def _cheapest_of_each(cost: Tensor) -> Tensor:
    return cost.argmin(1)


@_wrong(
    "first come, first served",
    "The objects do not choose in the order of the list: the cheapest pair in the whole table comes first.",
)
def _first_come(cost: Tensor) -> Tensor:
    taken: list[int] = []
    for row in cost.tolist():
        taken.append(min(set(range(len(row))) - set(taken), key=row.__getitem__))
    return torch.tensor(taken, dtype=torch.int64)


@_wrong(
    "the best match",
    "Its total is the smallest, but it is not greedy: take the cheapest pair first, whatever that leads to.",
)
def _best(cost: Tensor) -> Tensor:
    return best_queries(cost)


@_wrong(
    "an object that is served twice", "After a pair is taken, its row must be removed too: left[g] = inf."
)
def _row_stays(cost: Tensor) -> Tensor:
    return _queries(_pairs(cost, lambda left, g, q: _remove(left, g, q, row=False)), len(cost))


@_wrong("only the pair is removed", "The row and the column of the pair must be removed, not only its entry.")
def _only_the_entry(cost: Tensor) -> Tensor:
    return _queries(_pairs(cost, lambda left, g, q: left[g].__setitem__(q, torch.inf)), len(cost))


@_wrong(
    "taken pairs set to zero",
    "Zero may be the smallest number left, so the pair is taken again: use infinity.",
)
def _zeroed(cost: Tensor) -> Tensor:
    return _queries(_pairs(cost, lambda left, g, q: _remove(left, g, q, 0.0)), len(cost))


@_wrong(
    "taken pairs multiplied by 1000",
    "A negative cost becomes even smaller, so the pair is taken again: use infinity.",
)
def _multiplied(cost: Tensor) -> Tensor:
    def multiply(left: Tensor, g: int, q: int) -> None:
        left[g] *= 1000
        left[:, q] *= 1000

    return _queries(_pairs(cost, multiply), len(cost))


@_wrong("the most expensive pair first", "The cost should be small: take the smallest entry.")
def _dearest(cost: Tensor) -> Tensor:
    pairs = _pairs(cost, lambda left, g, q: _remove(left, g, q, -torch.inf), torch.argmax)
    return _queries(pairs, len(cost))


@_wrong(
    "the queries in the order in which they are taken",
    "Entry g of the result is the query of object g: write to queries[g].",
)
def _in_order_of_taking(cost: Tensor) -> Tensor:
    pairs = _pairs(cost, _remove)
    return torch.tensor([q for _, q in pairs], dtype=torch.int64)


@_wrong("the objects, not the queries", "Return the query of each object.")
def _objects(cost: Tensor) -> Tensor:
    return torch.tensor([g for g, _ in _pairs(cost, _remove)], dtype=torch.int64)


@_wrong("costs without their signs", "A negative cost is a good cost: do not take absolute values.")
def _absolute(cost: Tensor) -> Tensor:
    return greedy_match(cost.abs())


@_wrong(
    "the place divided by the rows", "A flat place is row * Q + column: divide by the number of columns, Q."
)
def _divided_by_rows(cost: Tensor) -> Tensor:
    left, queries = cost.clone(), torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(left.argmin().item(), len(left))
        g = min(g, len(left) - 1)
        queries[g] = q
        left[g], left[:, q] = torch.inf, torch.inf
    return queries


@_wrong("queries counted from 1", "Queries are columns of the table, and the first column is 0.")
def _from_one(cost: Tensor) -> Tensor:
    return greedy_match(cost) + 1


@_wrong("the query of the first pair only", "There are G objects: repeat, and return G numbers.")
def _first_only(cost: Tensor) -> Tensor:
    return greedy_match(cost)[:1]


@_wrong("the right queries, but not as int64", "Indices are whole numbers: dtype=torch.int64.")
def _as_float(cost: Tensor) -> Tensor:
    return greedy_match(cost).float()


GREEDY_MATCH.wrong(
    "the caller's table overwritten",
    "The queries are right, but the caller's costs have changed: work on a copy, cost.clone().",
)(overwriting(greedy_match))

EXERCISES = (GREEDY_MATCH,)
