"""Answers to `best_assignment` (lab 02), written from the student's notebook alone."""

import itertools

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def right_by_min(cost: Tensor) -> Tensor:
    """All ways as tuples of plain numbers; among equally cheap ones the first wins."""
    rows = cost.tolist()
    g, s = cost.shape
    ways = itertools.permutations(range(s), g)
    best = min(ways, key=lambda way: sum(row[slot] for row, slot in zip(rows, way, strict=True)))
    return torch.tensor(best, dtype=torch.int64)


def right_by_one_table(cost: Tensor) -> Tensor:
    """All ways in one (ways, G) tensor, their totals at once; torch decides about ties."""
    g, s = cost.shape
    ways = torch.tensor(list(itertools.permutations(range(s), g)), dtype=torch.int64)
    totals = cost[torch.arange(g), ways].sum(1)
    return ways[totals.argmin()]


def right_by_recursion(cost: Tensor) -> Tensor:
    """Object by object, each free slot in turn; among equally cheap ways the last wins."""
    rows = cost.tolist()

    def cheapest(row: int, free: list[int]) -> tuple[float, list[int]]:
        if row == len(rows):
            return 0.0, []
        best = (float("inf"), [])
        for slot in free:
            total, way = cheapest(row + 1, [other for other in free if other != slot])
            if total + rows[row][slot] <= best[0]:
                best = (total + rows[row][slot], [slot, *way])
        return best

    return torch.tensor(cheapest(0, list(range(cost.shape[1])))[1], dtype=torch.int64)


def right_by_library(cost: Tensor) -> Tensor:
    """SciPy's Hungarian method: rows come back in order, so the columns are the answer."""
    _, slots = linear_sum_assignment(cost.detach().double().numpy())
    return torch.from_numpy(slots).long()


def right_by_running_best(cost: Tensor) -> Tensor:
    """A loop that remembers the best way so far, and whole numbers of 32 bits."""
    g, s = cost.shape
    best, lowest = (), None
    for way in itertools.permutations(range(s), g):
        total = float(sum(cost[i, slot] for i, slot in enumerate(way)))
        if lowest is None or total < lowest:
            best, lowest = way, total
    return torch.tensor(best, dtype=torch.int32)


def _total(rows, way):
    return sum(rows[i][slot] for i, slot in enumerate(way))


def wrong_nearest_slot(cost):
    """Each object takes its cheapest slot: the same slot twice for two objects beside one slot."""
    return cost.argmin(1)


def wrong_first_come(cost):
    """The first object takes its best slot, the next the best of the rest: wrong for [[1, 2], [1, 9]]."""
    taken, slots = set(), []
    for row in cost.tolist():
        slots.append(min((s for s in range(len(row)) if s not in taken), key=row.__getitem__))
        taken.add(slots[-1])
    return torch.tensor(slots, dtype=torch.int64)


def wrong_cheapest_pair_first(cost):
    """The cheapest pair of the table first, then the next: wrong for [[1, 2], [3, 9]], where 2 + 3 wins."""
    table = cost.detach().clone()
    slots = torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        row, slot = divmod(int(table.argmin()), cost.shape[1])
        slots[row] = slot
        table[row], table[:, slot] = float("inf"), float("inf")
    return slots


def wrong_dearest(cost):
    """max for min: the most expensive way, wrong for every table with ways of unlike cost."""
    rows, (g, s) = cost.tolist(), cost.shape
    best = max(itertools.permutations(range(s), g), key=lambda way: _total(rows, way))
    return torch.tensor(best, dtype=torch.int64)


def wrong_object_of_each_slot(cost):
    """The right way told from the slots' side:
    for each slot its object, so that cycles of three come out reversed.
    """
    rows, (g, s) = cost.tolist(), cost.shape
    best = min(itertools.permutations(range(s), g), key=lambda way: _total(rows, way))
    return torch.tensor(best, dtype=torch.int64).argsort()


def wrong_first_slots_only(cost):
    """Permutes range(G): the slots from G on are never tried, wrong for fewer objects than slots."""
    rows, g = cost.tolist(), len(cost)
    best = min(itertools.permutations(range(g)), key=lambda way: _total(rows, way))
    return torch.tensor(best, dtype=torch.int64)


def wrong_combinations(cost):
    """combinations() lists each choice of slots in ascending order only: slots can never be swapped."""
    rows, (g, s) = cost.tolist(), cost.shape
    best = min(itertools.combinations(range(s), g), key=lambda way: _total(rows, way))
    return torch.tensor(best, dtype=torch.int64)


def wrong_rows_and_columns_swapped(cost):
    """Reads cost[slot, object]: wrong for tables that are
    not symmetric, an error for fewer objects than slots.
    """
    rows, (g, s) = cost.T.tolist(), cost.shape
    best = min(itertools.permutations(range(s), g), key=lambda way: _total(rows, way))
    return torch.tensor(best, dtype=torch.int64)


def wrong_total(cost):
    """Returns the cost of the cheapest way and not the way."""
    rows, (g, s) = cost.tolist(), cost.shape
    return torch.tensor(min(_total(rows, way) for way in itertools.permutations(range(s), g)))


def wrong_smallest_worst_pair(cost):
    """Judges a way by its dearest pair and not by its total: wrong for [[0, 4, 9], [9, 0, 4], [5, 9, 9]]."""
    rows, (g, s) = cost.tolist(), cost.shape
    ways = itertools.permutations(range(s), g)
    best = min(ways, key=lambda way: max((rows[i][slot] for i, slot in enumerate(way)), default=0))
    return torch.tensor(best, dtype=torch.int64)


def wrong_costs_taken_absolute(cost):
    """Drops the signs, although a good pair has a negative cost: wrong for costs on both sides of 0."""
    rows, (g, s) = cost.abs().tolist(), cost.shape
    best = min(itertools.permutations(range(s), g), key=lambda way: _total(rows, way))
    return torch.tensor(best, dtype=torch.int64)


def wrong_fractions(cost):
    """The slots are floating-point numbers, which cannot index:
    wrong for every table, whole numbers are asked for.
    """
    rows, (g, s) = cost.tolist(), cost.shape
    return torch.tensor(min(itertools.permutations(range(s), g), key=lambda way: _total(rows, way))).float()
