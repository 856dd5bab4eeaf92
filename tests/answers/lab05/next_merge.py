"""Answers to `next_merge` (lab 05), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_flat_argmax(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Minus infinity wherever i < j or the touch is missing; the first maximum of the flat table."""
    allowed = torch.triu(touching.bool(), diagonal=1)
    place = int(similarity.masked_fill(~allowed, -torch.inf).argmax())
    return place // len(similarity), place % len(similarity)


def right_by_loops(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Row by row above the diagonal; only a larger similarity takes the lead."""
    best, pair = -float("inf"), (-1, -1)
    values, near = similarity.tolist(), touching.tolist()
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if near[i][j] and values[i][j] > best:
                best, pair = values[i][j], (i, j)
    return pair


def right_by_list_of_pairs(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """All touching pairs come row by row; max takes the first of the equal ones."""
    pairs = [(i, j) for i, j in touching.nonzero().tolist() if i < j]
    return max(pairs, key=lambda pair: similarity[pair].item())


def right_by_indices(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The pairs above the diagonal as two rows of indices, then a stable sort of those that touch."""
    size = len(similarity)
    rows, columns = torch.triu_indices(size, size, offset=1)
    near = touching[rows, columns].bool()
    rows, columns = rows[near], columns[near]
    first = similarity[rows, columns].sort(descending=True, stable=True).indices[0]
    return rows[first].item(), columns[first].item()


def right_by_rows(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The best value of each row first, then the first row and the first column that have the best of all."""
    later = torch.ones_like(touching, dtype=torch.bool).triu(1) & touching.bool()
    table = torch.where(later, similarity, -torch.inf)
    best = table.amax(1)
    i = (best == best.max()).nonzero()[0].item()
    j = (table[i] == best[i]).nonzero()[0].item()
    return i, j


def _table(similarity, touching):
    """Similarities of touching pairs i < j, minus infinity elsewhere."""
    return similarity.masked_fill(~touching.triu(1), -torch.inf)


def wrong_touch_ignored(similarity, touching):
    """The two most alike of all regions: a red pear may merge with a red book at the other end."""
    return divmod(int(_table(similarity, torch.ones_like(touching)).argmax()), len(similarity))


def wrong_order(similarity, touching):
    """Searches below the diagonal: (j, i) with the larger number first."""
    table = similarity.masked_fill(~touching.tril(-1), -torch.inf)
    return divmod(int(table.argmax()), len(similarity))


def wrong_last_of_equals(similarity, touching):
    """>= in the loop: the last of equal pairs and not the first."""
    best, pair = -float("inf"), (-1, -1)
    table = _table(similarity, touching).tolist()
    for i in range(len(table)):
        for j in range(i + 1, len(table)):
            if touching[i, j] and table[i][j] >= best:
                best, pair = table[i][j], (i, j)
    return pair


def wrong_column_by_column(similarity, touching):
    """Goes down the columns: of the equal pairs (0, 3) and (1, 2) it takes (1, 2)."""
    j, i = divmod(int(_table(similarity, touching).T.argmax()), len(similarity))
    return i, j


def wrong_least_alike(similarity, touching):
    """argmin: the two neighbours that differ most."""
    table = similarity.masked_fill(~touching.triu(1), torch.inf)
    return divmod(int(table.argmin()), len(similarity))


def wrong_zero_for_strangers(similarity, touching):
    """Multiplies by the mask: the last two regions, with nothing in common, have similarity 0, and (0,
    0) is as good.
    """
    return divmod(int((similarity * touching.triu(1)).argmax()), len(similarity))


def wrong_first_region_only(similarity, touching):
    """The best neighbour of the first region that has one, where the best pair of all was asked for."""
    table = _table(similarity, touching)
    i = int(touching.triu(1).any(1).int().argmax())
    return i, int(table[i].argmax())


def wrong_place_in_the_short_list(similarity, touching):
    """The place among the touching pairs is taken for a place in the table."""
    place = int(similarity[touching.triu(1)].argmax())
    return divmod(place, len(similarity))


def wrong_rows_and_columns_apart(similarity, touching):
    """Best row and best column one by one in a symmetric table: that is the same region twice."""
    table = similarity.masked_fill(~touching, -torch.inf).fill_diagonal_(-torch.inf)
    return int(table.amax(1).argmax()), int(table.amax(0).argmax())


def wrong_table_changed(similarity, touching):
    """Writes minus infinity into the caller's own table: later merges find nothing there."""
    similarity[~touching.triu(1)] = -torch.inf
    return divmod(int(similarity.argmax()), len(similarity))


def wrong_next_numbers_only(similarity, touching):
    """Looks at neighbours in number, j = i + 1: regions that touch may have any numbers."""
    values = [
        similarity[i, i + 1].item() if touching[i, i + 1] else -float("inf") for i in range(len(touching) - 1)
    ]
    i = values.index(max(values))
    return i, i + 1


def wrong_most_neighbours(similarity, touching):
    """Begins with the region that touches most others: the most alike pair may be elsewhere."""
    i = int(touching.sum(1).argmax())
    j = int(similarity[i].masked_fill(~touching[i] | (torch.arange(len(touching)) == i), -torch.inf).argmax())
    return min(i, j), max(i, j)
