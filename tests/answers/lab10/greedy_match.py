import torch
from torch import Tensor


def right_cross_out(cost: Tensor) -> Tensor:
    """Take the minimum of a copy, cross out its row and its column."""
    table = cost.detach().clone()
    queries = torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(table.argmin().item(), cost.shape[1])
        queries[g] = q
        table[g, :] = float("inf")
        table[:, q] = float("inf")
    return queries


def right_sorted_pairs(cost: Tensor) -> Tensor:
    """Sort all pairs once and walk through them, skipping what is taken."""
    chosen = {}
    taken = set()
    for place in cost.flatten().argsort(stable=True).tolist():
        g, q = place // cost.shape[1], place % cost.shape[1]
        if g not in chosen and q not in taken:
            chosen[g] = q
            taken.add(q)
    return torch.tensor([chosen[g] for g in range(len(cost))], dtype=torch.int64)


def right_lists(cost: Tensor) -> Tensor:
    """Plain lists: the smallest triple among the objects and queries that are left."""
    rows = cost.tolist()
    objects = set(range(cost.shape[0]))
    queries = set(range(cost.shape[1]))
    answer = [0] * cost.shape[0]
    while objects:
        _, g, q = min((rows[g][q], g, q) for g in objects for q in queries)
        answer[g] = q
        objects.remove(g)
        queries.remove(q)
    return torch.tensor(answer, dtype=torch.int64)


def wrong_row_by_row(cost: Tensor) -> Tensor:
    """Lets the objects choose in their order, instead of taking the cheapest pair of the whole table."""
    table = cost.clone()
    answer = []
    for g in range(len(cost)):
        q = table[g].argmin().item()
        answer.append(q)
        table[:, q] = float("inf")
    return torch.tensor(answer, dtype=torch.int64)


def wrong_shared_query(cost: Tensor) -> Tensor:
    """Gives each object its cheapest query, although another object may have it already."""
    return cost.argmin(1)


def wrong_in_place(cost: Tensor) -> Tensor:
    """Crosses out in the caller's own table."""
    answer = torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(cost.argmin().item(), cost.shape[1])
        answer[g] = q
        cost[g] = float("inf")
        cost[:, q] = float("inf")
    return answer


def wrong_times_thousand(cost: Tensor) -> Tensor:
    """Multiplies what is gone by 1000, which makes a negative cost still more attractive."""
    table = cost.clone()
    answer = torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(table.argmin().item(), cost.shape[1])
        answer[g] = q
        table[g] *= 1000
        table[:, q] *= 1000
    return answer


def wrong_order_of_picking(cost: Tensor) -> Tensor:
    """Returns the queries in the order in which they were picked, not in the order of the objects."""
    table = cost.clone()
    answer = []
    for _ in range(len(cost)):
        g, q = divmod(table.argmin().item(), cost.shape[1])
        answer.append(q)
        table[g] = float("inf")
        table[:, q] = float("inf")
    return torch.tensor(answer, dtype=torch.int64)


def wrong_object_stays(cost: Tensor) -> Tensor:
    """Removes only the query's column, so that one object can be served twice and another never."""
    table = cost.clone()
    answer = torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(table.argmin().item(), cost.shape[1])
        answer[g] = q
        table[:, q] = float("inf")
    return answer


def wrong_dearest(cost: Tensor) -> Tensor:
    """Takes the dearest pair first, as if the table held scores."""
    table = cost.clone()
    answer = torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, q = divmod(table.argmax().item(), cost.shape[1])
        answer[g] = q
        table[g] = -float("inf")
        table[:, q] = -float("inf")
    return answer
