import torch
from torch import Tensor


def right_queries_are_group_zero(queries: int, group: Tensor) -> Tensor:
    """The queries are one more group, number 0."""
    everybody = torch.cat([torch.zeros(queries, dtype=torch.int64), group.to(torch.int64)])
    return everybody[:, None] == everybody[None, :]


def right_blocks(queries: int, group: Tensor) -> Tensor:
    """Fills the two blocks on the diagonal."""
    size = queries + len(group)
    mask = torch.zeros(size, size, dtype=torch.bool)
    mask[:queries, :queries] = True
    mask[queries:, queries:] = group.unsqueeze(1).eq(group.unsqueeze(0))
    return mask


def right_loops(queries: int, group: Tensor) -> Tensor:
    """Every pair asked on its own."""
    size = queries + len(group)
    sets = group.tolist()
    mask = torch.full((size, size), False)
    for looks in range(size):
        for seen in range(size):
            if looks < queries and seen < queries:
                mask[looks, seen] = True
            elif looks >= queries and seen >= queries:
                mask[looks, seen] = sets[looks - queries] == sets[seen - queries]
    return mask


def _right(queries: int, group: Tensor) -> Tensor:
    everybody = torch.cat([torch.zeros(queries, dtype=torch.int64), group.to(torch.int64)])
    return everybody[:, None] == everybody


def wrong_true_is_forbidden(queries: int, group: Tensor) -> Tensor:
    """Returns true where looking is forbidden, the other convention."""
    return ~_right(queries, group)


def wrong_copies_see_queries(queries: int, group: Tensor) -> Tensor:
    """Lets the copies look at the queries too."""
    mask = _right(queries, group)
    mask[queries:, :queries] = True
    return mask


def wrong_queries_see_copies(queries: int, group: Tensor) -> Tensor:
    """Rows and columns confused: the queries read the copies, which is the answer."""
    mask = _right(queries, group)
    mask[:queries, queries:] = True
    return mask


def wrong_all_copies_together(queries: int, group: Tensor) -> Tensor:
    """Lets every copy see the copies of all groups."""
    is_copy = torch.arange(queries + len(group)) >= queries
    return is_copy[:, None] == is_copy


def wrong_not_oneself(queries: int, group: Tensor) -> Tensor:
    """Forbids everybody to look at itself."""
    mask = _right(queries, group)
    mask.fill_diagonal_(False)
    return mask


def wrong_equal_sizes(queries: int, group: Tensor) -> Tensor:
    """Assumes that the groups stand in order and are all of the same size."""
    size = queries + len(group)
    mask = torch.zeros(size, size, dtype=torch.bool)
    mask[:queries, :queries] = True
    if len(group):
        length = len(group) // int(group.max())
        for start in range(queries, size, max(length, 1)):
            mask[start : start + length, start : start + length] = True
    return mask


def wrong_copies_first(queries: int, group: Tensor) -> Tensor:
    """Puts the copies in front of the queries."""
    everybody = torch.cat([group.to(torch.int64), torch.zeros(queries, dtype=torch.int64)])
    return everybody[:, None] == everybody
