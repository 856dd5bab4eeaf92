from functools import cache
from itertools import combinations, permutations

import torch
from torch import Tensor

from coursekit import ops


def right_permutations(cost: Tensor) -> ops.Match:
    """The loop over all ways, with Python sums."""
    number, queries = cost.shape
    rows = cost.tolist()
    best = min(
        permutations(range(queries), number), key=lambda way: sum(rows[g][q] for g, q in enumerate(way))
    )
    target = torch.zeros(queries, dtype=torch.int64)
    positive = torch.zeros(queries, dtype=torch.bool)
    for g, q in enumerate(best):
        target[q] = g
        positive[q] = True
    return ops.Match(target, positive, ~positive)


def right_all_at_once(cost: Tensor) -> ops.Match:
    """All ways in one tensor, their totals by indexing."""
    number, queries = cost.shape
    ways = torch.tensor(list(permutations(range(queries), number)), dtype=torch.int64)  # (ways, G)
    totals = cost[torch.arange(number), ways].sum(1)
    best = ways[totals.argmin()]
    target = torch.zeros(queries, dtype=torch.int64).scatter(0, best, torch.arange(number))
    positive = torch.zeros(queries, dtype=torch.bool).index_fill(0, best, True)
    return ops.Match(target=target, positive=positive, negative=positive.logical_not())


def right_recursive(cost: Tensor) -> ops.Match:
    """Dynamic programming over the set of used queries."""
    number, queries = cost.shape
    rows = cost.tolist()

    @cache
    def cheapest(g: int, used: int) -> tuple[float, tuple[int, ...]]:
        if g == number:
            return 0.0, ()
        options = []
        for q in range(queries):
            if not used >> q & 1:
                rest, way = cheapest(g + 1, used | 1 << q)
                options.append((rows[g][q] + rest, (q, *way)))
        return min(options)

    way = cheapest(0, 0)[1]
    owner = {q: g for g, q in enumerate(way)}
    target = torch.tensor([owner.get(q, 0) for q in range(queries)], dtype=torch.int64)
    positive = torch.tensor([q in owner for q in range(queries)], dtype=torch.bool)
    return ops.Match(target, positive, ~positive)


def _as_match(way, queries: int) -> ops.Match:
    target = torch.zeros(queries, dtype=torch.int64)
    positive = torch.zeros(queries, dtype=torch.bool)
    for g, q in enumerate(way):
        target[q] = g
        positive[q] = True
    return ops.Match(target, positive, ~positive)


def wrong_greedy(cost: Tensor) -> ops.Match:
    """Takes the cheapest pairs one after another instead of the smallest total."""
    table = cost.clone()
    way = [0] * len(cost)
    for _ in range(len(cost)):
        g, q = divmod(table.argmin().item(), cost.shape[1])
        way[g] = q
        table[g] = float("inf")
        table[:, q] = float("inf")
    return _as_match(way, cost.shape[1])


def wrong_others_ignored(cost: Tensor) -> ops.Match:
    """Leaves negative false everywhere, so that the other queries count for nothing as in lab 02."""
    number, queries = cost.shape
    best = min(
        permutations(range(queries), number),
        key=lambda way: sum(cost[g, q].item() for g, q in enumerate(way)),
    )
    match = _as_match(best, queries)
    return ops.Match(match.target, match.positive, torch.zeros(queries, dtype=torch.bool))


def wrong_query_as_target(cost: Tensor) -> ops.Match:
    """Writes into target the number of the query itself, not that of its object."""
    number, queries = cost.shape
    best = min(
        permutations(range(queries), number),
        key=lambda way: sum(cost[g, q].item() for g, q in enumerate(way)),
    )
    match = _as_match(best, queries)
    target = torch.zeros(queries, dtype=torch.int64)
    for q in best:
        target[q] = q
    return ops.Match(target, match.positive, match.negative)


def wrong_start_at_zero(cost: Tensor) -> ops.Match:
    """Starts the search with a best total of 0, so that with positive costs no way is ever taken."""
    number, queries = cost.shape
    least, best = 0.0, ()
    for way in permutations(range(queries), number):
        total = sum(cost[g, q].item() for g, q in enumerate(way))
        if total < least:
            least, best = total, way
    return _as_match(best, queries)


def wrong_combinations(cost: Tensor) -> ops.Match:
    """Tries only the ways in which the queries stand in rising order (combinations, not permutations)."""
    number, queries = cost.shape
    best = min(
        combinations(range(queries), number),
        key=lambda way: sum(cost[g, q].item() for g, q in enumerate(way)),
    )
    return _as_match(best, queries)


def wrong_first_queries_only(cost: Tensor) -> ops.Match:
    """Permutes only the first G queries and never looks at the others."""
    number, queries = cost.shape
    best = min(permutations(range(number)), key=lambda way: sum(cost[g, q].item() for g, q in enumerate(way)))
    return _as_match(best, queries)


def wrong_no_object_is_empty(cost: Tensor) -> ops.Match:
    """Returns empty tensors for an image without objects, although its Q queries are all negative."""
    number, queries = cost.shape
    if number == 0:
        nobody = torch.zeros(0, dtype=torch.bool)
        return ops.Match(torch.zeros(0, dtype=torch.int64), nobody, nobody)
    best = min(
        permutations(range(queries), number),
        key=lambda way: sum(cost[g, q].item() for g, q in enumerate(way)),
    )
    return _as_match(best, queries)
