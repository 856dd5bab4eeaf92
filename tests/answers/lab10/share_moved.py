import torch
from torch import Tensor

from coursekit import ops


def _queries_of(match: ops.Match) -> Tensor:
    queries = match.positive.nonzero()[:, 0]
    return queries[match.target[queries].argsort()]


def right_queries_of(before: ops.Match, after: ops.Match) -> float:
    """The notebook's queries_of, compared."""
    old, new = _queries_of(before), _queries_of(after)
    if len(old) == 0:
        return 0.0
    return (old != new).double().mean().item()


def right_dictionary(before: ops.Match, after: ops.Match) -> float:
    """A dictionary object -> query for each match."""
    owners = []
    for match in (before, after):
        owners.append({int(match.target[q]): q for q in range(len(match.positive)) if match.positive[q]})
    old, new = owners
    if not old:
        return 0.0
    return sum(new[g] != q for g, q in old.items()) / len(old)


def right_stayed(before: ops.Match, after: ops.Match) -> float:
    """An object stays if a query is positive in both matches and has the same target."""
    number = before.positive.sum().item()
    stayed = (before.positive & after.positive & (before.target == after.target)).sum().item()
    return (number - stayed) / number if number else 0.0


def wrong_targets_of_old_queries(before: ops.Match, after: ops.Match) -> float:
    """Reads the new target of the old queries without asking whether they are still matched."""
    if not before.positive.any():
        return 0.0
    return (before.target != after.target)[before.positive].double().mean().item()


def wrong_share_of_queries(before: ops.Match, after: ops.Match) -> float:
    """Returns the share of the queries that changed, not of the objects."""
    if not before.positive.any():
        return 0.0
    old = torch.where(before.positive, before.target, -1)
    new = torch.where(after.positive, after.target, -1)
    return (old != new).double().mean().item()


def wrong_swap_is_no_move(before: ops.Match, after: ops.Match) -> float:
    """Compares only which queries are used, so that two objects that swap theirs seem to stay."""
    number = before.positive.sum().item()
    if number == 0:
        return 0.0
    return (before.positive & ~after.positive).sum().item() / number


def wrong_order_of_queries(before: ops.Match, after: ops.Match) -> float:
    """Compares the used queries in their own order, without sorting them by object."""
    old, new = before.positive.nonzero()[:, 0], after.positive.nonzero()[:, 0]
    if len(old) == 0:
        return 0.0
    return (old != new).double().mean().item()


def wrong_nothing_is_nan(before: ops.Match, after: ops.Match) -> float:
    """Takes the mean of nothing where there is no object, and returns nan."""
    return (_queries_of(before) != _queries_of(after)).double().mean().item()


def wrong_count(before: ops.Match, after: ops.Match) -> float:
    """Returns how many objects moved, not their share."""
    return float((_queries_of(before) != _queries_of(after)).sum().item())


def wrong_share_that_stayed(before: ops.Match, after: ops.Match) -> float:
    """Returns the share of the objects that kept their query."""
    old, new = _queries_of(before), _queries_of(after)
    if len(old) == 0:
        return 0.0
    return (old == new).double().mean().item()
