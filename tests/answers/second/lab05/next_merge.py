"""Answers to `next_merge` (lab 05) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor


def right_two_loops(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    best, pair = float("-inf"), None
    for i in range(len(similarity)):
        for j in range(i + 1, len(similarity)):
            if touching[i, j] and (pair is None or similarity[i, j].item() > best):
                best, pair = similarity[i, j].item(), (i, j)
    return pair


def right_masked_argmax(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    allowed = touching.bool().triu(1)
    flat = similarity.masked_fill(~allowed, float("-inf")).argmax().item()
    return flat // similarity.shape[1], flat % similarity.shape[1]


def right_list_of_pairs(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    i, j = torch.where(touching.bool().triu(1))  # row by row
    values = similarity[i, j].tolist()
    n = values.index(max(values))  # the first of equal ones
    return int(i[n]), int(j[n])


def right_key_of_max(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    pairs = [(i, j) for i, j in touching.nonzero().tolist() if i < j]
    return max(pairs, key=lambda pair: similarity[pair[0], pair[1]].item())  # max keeps the first


def right_rows_first(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    table = torch.where(touching.bool(), similarity, torch.full_like(similarity, float("-inf")))
    table = table.clone().fill_diagonal_(float("-inf"))
    of_rows, columns = table.max(1).values, table.argmax(1)
    i = int(of_rows.argmax())
    return tuple(sorted((i, int(columns[i]))))


def wrong_forgets_touching(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The two most alike of all regions, whether or not they touch."""
    table = similarity.masked_fill(~torch.ones_like(touching).bool().triu(1), float("-inf"))
    i, j = divmod(table.argmax().item(), len(table))
    return i, j


def wrong_region_with_itself(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The diagonal takes part, and nothing is more like a region than itself."""
    allowed = touching.bool() | torch.eye(len(touching), dtype=torch.bool)
    i, j = divmod(similarity.masked_fill(~allowed, float("-inf")).argmax().item(), len(similarity))
    return i, j


def wrong_mask_by_multiplying(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Multiplies by the mask, so pairs that do not touch are as good as touching ones of similarity 0."""
    i, j = divmod((similarity * touching).argmax().item(), len(similarity))
    return i, j


def wrong_starts_from_zero(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The best so far starts at 0, so a touching pair with a similarity of 0 is never taken."""
    best, pair = 0.0, (0, 0)
    for i in range(len(similarity)):
        for j in range(i + 1, len(similarity)):
            if touching[i, j] and similarity[i, j].item() > best:
                best, pair = similarity[i, j].item(), (i, j)
    return pair


def wrong_larger_first(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Returns column and row in the wrong order, so that i > j."""
    flat = similarity.masked_fill(~touching.bool().triu(1), float("-inf")).argmax().item()
    return flat % len(similarity), flat // len(similarity)


def wrong_last_of_equals(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Of equal pairs takes the last one instead of the first."""
    best, pair = float("-inf"), None
    for i in range(len(similarity)):
        for j in range(i + 1, len(similarity)):
            if touching[i, j] and similarity[i, j].item() >= best:
                best, pair = similarity[i, j].item(), (i, j)
    return pair


def wrong_column_by_column(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Of equal pairs takes the first column by column, since it walks through the lower triangle."""
    best, pair = float("-inf"), None
    for i in range(len(similarity)):
        for j in range(i):
            if touching[i, j] and similarity[i, j].item() > best:
                best, pair = similarity[i, j].item(), (j, i)
    return pair


def wrong_changes_similarity(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Overwrites the similarity of pairs that do not touch in the caller's table."""
    similarity[~touching.bool()] = -1.0
    i, j = divmod(similarity.argmax().item(), len(similarity))
    return (i, j) if i < j else (j, i)


def wrong_changes_touching(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Takes the pair out of the caller's table of neighbours after choosing it."""
    flat = similarity.masked_fill(~touching.bool().triu(1), float("-inf")).argmax().item()
    i, j = divmod(flat, len(similarity))
    touching[i, j] = touching[j, i] = False
    return i, j


def wrong_least_alike(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Takes the similarity for a distance and merges the least alike pair."""
    flat = similarity.masked_fill(~touching.bool().triu(1), float("inf")).argmin().item()
    return flat // len(similarity), flat % len(similarity)


def wrong_first_region_only(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Looks for the best neighbour of the first region that has one, not for the best of all pairs."""
    allowed = touching.bool().triu(1)
    i = int(allowed.any(1).nonzero()[0])
    return i, int(similarity[i].masked_fill(~allowed[i], float("-inf")).argmax())


def wrong_each_axis_alone(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Takes the best row and the best column separately, which in a symmetric table are the same region."""
    table = similarity.masked_fill(~touching.bool(), float("-inf"))
    return int(table.amax(1).argmax()), int(table.amax(0).argmax())


def wrong_most_neighbours(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """Starts from the region with the most neighbours and merges it with the most alike of them."""
    i = int(touching.long().sum(1).argmax())
    near = touching[i].bool().clone()
    near[i] = False
    j = int(similarity[i].masked_fill(~near, float("-inf")).argmax())
    return min(i, j), max(i, j)
