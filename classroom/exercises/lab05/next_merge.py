"""Lab 05, exercise 2: which two regions to merge next."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import pair_picture


def next_merge(similarity: Tensor, touching: Tensor) -> tuple[int, int]:
    """The two touching regions that are most similar, the lower index first; among equals the first pair: (R, R) twice."""
    table = similarity.masked_fill(~touching.triu(1), -torch.inf)
    return divmod(int(table.argmax()), len(table))


def _table(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Similarities and which regions touch, both symmetric; none touches itself, each is most like itself."""
    random = torch.Generator().manual_seed(seed)
    similarity = torch.rand(count, count, generator=random)
    similarity = (similarity + similarity.T).fill_diagonal_(2.0)
    touching = torch.rand(count, count, generator=random) < 0.4
    return similarity, (touching | touching.T).fill_diagonal_(False)


def _all_touch(count: int) -> Tensor:
    return ~torch.eye(count, dtype=torch.bool)


_THREE = torch.tensor([[2.0, 0.5, 1.4], [0.5, 2.0, 0.9], [1.4, 0.9, 2.0]])
_IN_A_ROW = torch.tensor([[False, True, False], [True, False, True], [False, True, False]])


def _equal_pairs() -> tuple[Tensor, Tensor]:
    """Row by row (0, 3) is the first of four equal pairs and (2, 3) the last, column by column (1, 2) and (1, 4)."""
    similarity = torch.full((5, 5), 0.3)
    for i, j in ((0, 3), (1, 2), (1, 4), (2, 3)):
        similarity[i, j] = similarity[j, i] = 0.7
    return similarity.fill_diagonal_(2.0), _all_touch(5)


NEXT_MERGE = Exercise(
    next_merge,
    picture=pair_picture,
    hints=(
        "A table has a largest entry. Which entries must not win?",
        "Make the similarity minus infinity wherever two regions do not touch, and below the diagonal, where each pair "
        "appears a second time. Then use argmax.",
        "table = similarity.masked_fill(…, -torch.inf)  # pairs that do not touch, and each pair once\n"
        "best = int(table.argmax())  # counts through the flat table: how do you get the row and the column?",
    ),
    cases=(
        Case("three regions in a row", (_THREE, _IN_A_ROW)),
        Case("two regions that have nothing in common", (2 * torch.eye(2), _all_touch(2))),
        Case("three regions that all touch", (_THREE, _all_touch(3))),
        Case("equal pairs", _equal_pairs()),
        Case("nine regions", _table(9, 1)),
        Case("thirty regions", _table(30, 2)),
    ),
)
wrong = NEXT_MERGE.wrong


def _upper(similarity, touching):
    """The similarity of each touching pair i < j, minus infinity elsewhere."""
    return similarity.masked_fill(~touching.triu(1), -torch.inf)


@wrong("the least similar", "The most similar pair is merged first.")
def _least(similarity, touching):
    return next_merge(-similarity, touching)


@wrong(
    "regions that do not touch",
    "Two apples at opposite ends of the table are similar, but they are not one object: only regions that touch may merge.",
)
def _anywhere(similarity, touching):
    return next_merge(similarity, torch.ones_like(touching))


@wrong("`touching` inverted", "True means that two regions touch, so those pairs may merge.")
def _apart(similarity, touching):
    return next_merge(similarity, ~touching)


@wrong("a region with itself", "Nothing is as similar to a region as itself: leave out the diagonal.")
def _itself(similarity, touching):
    return divmod(int(similarity.argmax()), len(similarity))


@wrong(
    "a region with itself",
    "In a symmetric table, the best row and the best column are the same region: search for both at once.",
)
def _rows_and_columns_apart(similarity, touching):
    table = similarity.masked_fill(~touching, -torch.inf)
    return int(table.amax(1).argmax()), int(table.amax(0).argmax())


@wrong(
    "a similarity of 0 never chosen",
    "Two regions that touch can have nothing in common: mark the others with -inf, not with 0.",
)
def _zero_for_strangers(similarity, touching):
    return divmod(int((similarity * touching.triu(1)).argmax()), len(similarity))


@wrong(
    "no pair at a similarity of 0",
    "Two regions that touch can have nothing in common: start the search below 0, at -inf.",
)
def _none_at_zero(similarity, touching):
    return next_merge(similarity, touching) if _upper(similarity, touching).max() > 0 else None


@wrong(
    "no pair at a similarity of 0",
    "Two regions that touch can have nothing in common: start the search below 0, at -inf.",
)
def _minus_one_at_zero(similarity, touching):
    return next_merge(similarity, touching) if _upper(similarity, touching).max() > 0 else (-1, -1)


# ---------------------------------------------------------------- order, and equal pairs


@wrong("the higher number first", "The pair is (i, j) with i < j.")
def _other_way_round(similarity, touching):
    return next_merge(similarity, touching)[::-1]


@wrong(
    "pairs below the diagonal",
    "There each pair appears as (j, i), and equal pairs come in a different order: search where i < j.",
)
def _below(similarity, touching):
    return divmod(int(similarity.masked_fill(~touching.tril(-1), -torch.inf).argmax()), len(similarity))


@wrong(
    "the last of equals",
    "Of equally similar pairs, take the first, row by row, so that every run gives the same boxes.",
)
def _last_of_equals(similarity, touching):
    table = _upper(similarity, touching)
    return divmod(table.numel() - 1 - int(table.flatten().flip(0).argmax()), len(table))


@wrong("column by column", "Of equal pairs, take the first, row by row: (0, 3) comes before (1, 2).")
def _column_by_column(similarity, touching):
    return divmod(int(_upper(similarity, touching).T.argmax()), len(similarity))[::-1]


@wrong("the last of equals, column by column", "Of equal pairs, take the first, row by row.")
def _last_column(similarity, touching):
    table = _upper(similarity, touching)
    place = table.numel() - 1 - int(table.T.flatten().flip(0).argmax())
    return divmod(place, len(table))[::-1]


# ---------------------------------------------------------------- a search that looks at too little


@wrong(
    "the best partner of the first region",
    "Look at all pairs: the best one need not contain the first region that touches another.",
)
def _first_region_only(similarity, touching):
    i = int(touching.triu(1).any(1).int().argmax())
    return i, int(_upper(similarity, touching)[i].argmax())


@wrong("the first two that touch", "Of all pairs that touch, take the one with the largest similarity.")
def _first_two(similarity, touching):
    return tuple(touching.triu(1).nonzero()[0].tolist())


@wrong(
    "only regions with consecutive numbers",
    "Touching regions need not have consecutive numbers: look at the whole table.",
)
def _consecutive(similarity, touching):
    steps = torch.ones_like(touching).triu(1) & ~torch.ones_like(touching).triu(2)
    return next_merge(similarity, touching & steps)


@wrong(
    "the region with the most neighbours first",
    "Only the similarity of a pair counts, not how many others a region touches.",
)
def _most_neighbours(similarity, touching):
    i = int(touching.sum(1).argmax())
    j = int(similarity[i].masked_fill(~touching[i], -torch.inf).argmax())
    return min(i, j), max(i, j)


# ---------------------------------------------------------------- what is returned


@wrong(
    "the place among the touching pairs used as a place in the table",
    "similarity[mask] is a shorter list: look up the pair in mask.nonzero(), or fill the table with -inf.",
)
def _place_in_the_short_list(similarity, touching):
    return divmod(int(similarity[touching.triu(1)].argmax()), len(similarity))


@wrong(
    "the place among the touching pairs used as a place in the table",
    "similarity[mask] is a shorter list: look up the pair in mask.nonzero(), or fill the table with -inf.",
)
def _place_in_the_double_list(similarity, touching):
    return divmod(int(similarity[touching].argmax()), len(similarity))


@wrong(
    "one number for the pair", "argmax counts through the whole table: divmod(place, R) gives row and column."
)
def _flat(similarity, touching):
    return int(_upper(similarity, touching).argmax())


@wrong("the similarity itself", "Return which two regions they are, (i, j).")
def _value(similarity, touching):
    return float(_upper(similarity, touching).max())


@wrong(
    "the caller's table changed",
    "The similarities are needed again after the merge: masked_fill makes a new table.",
)
def _table_changed(similarity, touching):
    similarity[~touching.triu(1)] = -torch.inf
    return divmod(int(similarity.argmax()), len(similarity))


@wrong(
    "the caller's table of touching regions changed",
    "It is needed again after the merge: triu makes a new table.",
)
def _touching_changed(similarity, touching):
    touching &= torch.ones_like(touching).triu(1)
    return next_merge(similarity, touching)


EXERCISES = (NEXT_MERGE,)
