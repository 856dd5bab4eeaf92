"""Lab 02, exercise 6: the cheapest way to give each object a slot of its own."""

from collections.abc import Callable, Iterable
from itertools import combinations, permutations

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.alike import any_width
from classroom.exercises.lab02.pictures import assignment_picture
from classroom.exercises.mistakes import overwriting
from coursekit import ops
from coursekit.models.slot_localiser import best_assignment

_CYCLE = torch.tensor([[9.0, 1.0, 8.0], [7.0, 9.0, 2.0], [3.0, 6.0, 9.0]])
_ONE_DEAR_PAIR = torch.tensor([[0.0, 4.0, 9.0], [8.0, 0.5, 4.0], [5.0, 9.0, 8.5]])

BEST_ASSIGNMENT = Exercise(
    best_assignment,
    picture=assignment_picture,
    judge=any_width,
    speed=lambda: (uniform(4, 4),),
    hints=(
        "Write down all ways to give each object a slot of its own. How many are there for 2 objects and 3 slots?",
        "The total of an assignment is the sum of cost[g, slot of g]; take the assignment with the smallest total.",
        "min(permutations(range(S), G), key=lambda way: cost[torch.arange(G), list(way)].sum()) ... as an int64 tensor.",
    ),
    cases=(
        Case("one object, one slot", (torch.tensor([[2.0]]),)),
        Case("one object, three slots", (torch.tensor([[5.0, 7.0, 1.0]]),)),
        Case("the cheapest pair is a trap", (torch.tensor([[1.0, 2.0], [1.5, 10.0]]),)),
        Case("costs below zero", (torch.tensor([[-1.0, -1.2], [-0.2, -1.9]]),)),
        Case("costs of both signs", (torch.tensor([[-3.0, 1.0], [0.5, 4.0]]),)),
        Case("a cycle of three", (_CYCLE,)),
        Case("one expensive pair", (_ONE_DEAR_PAIR,)),
        Case("two objects, four slots", (torch.tensor([[4.0, 3.0, 9.0, 1.0], [5.0, 6.0, 8.0, 0.0]]),)),
        Case("two objects, three slots", (torch.tensor([[9.0, 6.0, 1.0], [1.0, 2.0, 9.0]]),)),
        Case("five objects, six slots", (uniform(5, 6, seed=1),)),
    ),
)

_wrong = BEST_ASSIGNMENT.wrong


def _best_of(cost: Tensor, ways: Iterable, total: Callable[[list[float]], float] = sum) -> Tensor:
    """The best of some ways, by the total or by another measure of its costs."""
    rows = cost.tolist()
    best = min(ways, key=lambda way: total([row[slot] for row, slot in zip(rows, way, strict=False)]))
    return torch.tensor(best, dtype=torch.int64)


def _ways(cost: Tensor) -> Iterable:
    return permutations(range(cost.shape[1]), len(cost))


@_wrong("the cheapest slot of each object", "Two objects may have the same cheapest slot.")
def _cheapest_of_each(cost: Tensor) -> Tensor:
    return cost.argmin(1)


@_wrong("the cheapest object of each slot", "Each object needs a slot, and no slot may be used twice.")
def _cheapest_of_each_slot(cost: Tensor) -> Tensor:
    return cost.argmin(0)


@_wrong(
    "first come, first served",
    "The first object may take the slot that the second needs more, so the order matters again.",
)
def _first_come(cost: Tensor) -> Tensor:
    taken: list[int] = []
    for row in cost.tolist():
        taken.append(min(set(range(len(row))) - set(taken), key=row.__getitem__))
    return torch.tensor(taken, dtype=torch.int64)


@_wrong(
    "last come, first served",
    "The last object may take the slot that another needs more: compare the totals of all assignments.",
)
def _last_come(cost: Tensor) -> Tensor:
    return _first_come(cost.flip(0)).flip(0)


@_wrong(
    "the cheapest pair first",
    "Taking the cheapest pair may leave an expensive one: compare the totals of all assignments.",
)
def _cheapest_pair_first(cost: Tensor) -> Tensor:
    left, slots = cost.clone(), torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, s = divmod(left.argmin().item(), cost.shape[1])
        slots[g] = s
        left[g], left[:, s] = torch.inf, torch.inf
    return slots


@_wrong("the most expensive assignment", "The total cost should be small: take the smallest.")
def _dearest(cost: Tensor) -> Tensor:
    return best_assignment(-cost)


@_wrong("only the first G slots tried", "Any G of the S slots will do: permutations(range(S), G).")
def _first_slots_only(cost: Tensor) -> Tensor:
    return best_assignment(cost[:, : len(cost)])


@_wrong("only slots in ascending order", "Combinations never swap two slots: use permutations.")
def _combinations(cost: Tensor) -> Tensor:
    return _best_of(cost, combinations(range(cost.shape[1]), len(cost)))


@_wrong("the order of the list", "Object g gets slot g, whatever it costs: compare the totals of all ways.")
def _listed(cost: Tensor) -> Tensor:
    return torch.arange(len(cost))


@_wrong(
    "the assignment with the cheapest worst pair",
    "An assignment is judged by the sum of its costs, not by the largest.",
)
def _cheapest_worst_pair(cost: Tensor) -> Tensor:
    return _best_of(cost, _ways(cost), max)


@_wrong(
    "the assignment with the cheapest single pair",
    "An assignment is judged by the sum of its costs, not by the smallest.",
)
def _cheapest_best_pair(cost: Tensor) -> Tensor:
    return _best_of(cost, _ways(cost), min)


@_wrong("costs without their signs", "A negative cost is a good cost: do not take absolute values.")
def _absolute(cost: Tensor) -> Tensor:
    return best_assignment(cost.abs())


@_wrong(
    "the absolute value of the total", "A negative total is a good total: do not take its absolute value."
)
def _absolute_total(cost: Tensor) -> Tensor:
    return _best_of(cost, _ways(cost), lambda costs: abs(sum(costs)))


@_wrong("squared costs", "The total is the plain sum of the costs.")
def _squares(cost: Tensor) -> Tensor:
    return best_assignment(cost.square())


@_wrong("the product of the costs", "The total is the sum of the costs.")
def _product(cost: Tensor) -> Tensor:
    return _best_of(cost, _ways(cost), lambda costs: torch.tensor(costs).prod().item())


@_wrong("the object of each slot", "Return the slot of each object: the two are inverses of each other.")
def _object_of_each_slot(cost: Tensor) -> Tensor:
    return ops.match_by_cost(cost).target


@_wrong(
    "the objects in the order of their slots",
    "Return the slot of each object, in the order of the objects.",
)
def _objects_by_slot(cost: Tensor) -> Tensor:
    return best_assignment(cost).argsort()


@_wrong(
    "the slots in ascending order",
    "These are the right slots, but each must be at the place of its object.",
)
def _sorted_slots(cost: Tensor) -> Tensor:
    return best_assignment(cost).sort().values


@_wrong("rows and columns swapped", "cost[g, s]: rows are objects, columns are slots.")
def _exchanged(cost: Tensor) -> Tensor:
    rows = cost.T.tolist()
    best = min(_ways(cost), key=lambda way: sum(rows[i][slot] for i, slot in enumerate(way)))
    return torch.tensor(best, dtype=torch.int64)


@_wrong("a slot for each slot", "There are G objects, so return G numbers: permutations(range(S), G).")
def _all_slots(cost: Tensor) -> Tensor:
    return _best_of(cost, permutations(range(cost.shape[1])))


@_wrong("the cost, not the assignment", "Return the slots that have this cost.")
def _total(cost: Tensor) -> Tensor:
    return cost[torch.arange(len(cost)), best_assignment(cost)].sum()


@_wrong("the costs of the pairs", "Return the slots that have these costs.")
def _costs(cost: Tensor) -> Tensor:
    return cost[torch.arange(len(cost)), best_assignment(cost)]


@_wrong("the index of the assignment", "Return the assignment itself: the slot of each object.")
def _number_of_the_way(cost: Tensor) -> Tensor:
    return torch.tensor(list(_ways(cost)).index(tuple(best_assignment(cost).tolist())))


@_wrong("slots counted from 1", "Slots are columns of the table, and the first column is 0.")
def _from_one(cost: Tensor) -> Tensor:
    return best_assignment(cost) + 1


@_wrong(
    "the right slots, but not as a tensor of whole numbers",
    "Indices are whole numbers: torch.tensor(way, dtype=torch.int64).",
)
def _tuple(cost: Tensor) -> tuple:
    return tuple(best_assignment(cost).tolist())


BEST_ASSIGNMENT.wrong(
    "the caller's table overwritten",
    "The slots are right, but the caller's costs have changed: work on a copy.",
)(overwriting(best_assignment))

EXERCISES = (BEST_ASSIGNMENT,)
