"""Matching that does not look ahead: the cheapest pair of those that are left, again and again."""

import torch
from torch import Tensor

from coursekit.ops import match_by_cost


def greedy_match(cost: Tensor) -> Tensor:
    """Return the query of each object when the cheapest pair of those left is taken again and again.

    Shapes: (G, Q), G <= Q -> (G,) int64.

    >>> greedy_match(torch.tensor([[1.0, 2.0], [1.5, 10.0]]))  # pays 11; the best match pays 3.5
    tensor([0, 1])
    """
    left, queries = cost.clone(), torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(int(left.argmin()), left.shape[1])
        queries[g] = q
        left[g], left[:, q] = torch.inf, torch.inf
    return queries


def best_queries(cost: Tensor) -> Tensor:
    """Return the query of each object in the match with the smallest total cost: (G, Q), G <= Q -> (G,) int64.

    >>> best_queries(torch.tensor([[1.0, 2.0], [1.5, 10.0]]))
    tensor([1, 0])
    """
    match = match_by_cost(cost)
    queries = match.positive.nonzero()[:, 0]
    return queries[match.target[queries].argsort()]
