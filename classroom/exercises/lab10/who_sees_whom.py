"""Lab 10, exercise 10: a query must not read the answer from a noisy copy."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import mask_picture
from classroom.exercises.mistakes import overwriting
from coursekit.models.denoising import who_sees_whom


def groups(*numbers: int) -> Tensor:
    """Return the numbers as int64, even if there are none."""
    return torch.tensor(numbers, dtype=torch.int64)


WHO_SEES_WHOM = Exercise(
    who_sees_whom,
    picture=mask_picture,
    hints=(
        "Give the queries their own group number. When may one look at another, in terms of these numbers?",
        "every = as many zeros as queries, then the groups of the copies; mask[i, j] is true where every[i] equals every[j].",
        "every = torch.cat([group.new_zeros(queries), group])  # the group of each query, copies last\n"
        "return …  # (all, all): true where both are of one group",
    ),
    cases=(
        Case("one query, one copy", (1, groups(1))),
        Case("two queries, one group of two", (2, groups(1, 1))),
        Case("one query, two groups of one", (1, groups(1, 2))),
        Case("three queries, two groups of two", (3, groups(1, 1, 2, 2))),
        Case("four queries, three groups", (4, groups(1, 1, 1, 2, 2, 2, 3, 3, 3))),
        Case("two groups of different sizes", (2, groups(1, 1, 1, 2))),
        Case("three groups, in no particular order", (2, groups(2, 1, 3, 2, 1, 2))),
        Case("no copies", (3, groups())),
    ),
)

_wrong = WHO_SEES_WHOM.wrong


def _of_groups(may: Callable[[Tensor, Tensor], Tensor]) -> Callable[[int, Tensor], Tensor]:
    """An answer from the groups of who looks (T, 1) and of who is looked at (T,); the queries are group 0."""

    def answer(queries: int, group: Tensor) -> Tensor:
        every = torch.cat([group.new_zeros(queries), group])
        return may(every[:, None], every)

    return answer


for _name, _story, _may in (
    (
        "everyone sees everyone",
        "A query that sees a copy can read the answer there.",
        lambda i, j: (i == i) & (j == j),
    ),
    (
        "the queries see the copies",
        "Copies hold the true boxes: a query that sees them learns to copy, but at test time there are none.",
        lambda i, j: (i == j) | (i == 0),
    ),
    (
        "the copies see the queries",
        "Different groups must not see each other, in either direction.",
        lambda i, j: (i == j) | (j == 0),
    ),
    (
        "queries and copies see each other",
        "Copies hold the true boxes: no query may look at them.",
        lambda i, j: (i == j) | (i == 0) | (j == 0),
    ),
    (
        "all copies see each other",
        "Several noisy copies of one object give its box away: only copies of the same group see each other.",
        lambda i, j: (i > 0) == (j > 0),
    ),
    (
        "true where it is forbidden",
        "In this course a mask is true where a query may look.",
        lambda i, j: i != j,
    ),
    (
        "the queries see nothing",
        "The queries must see each other, because this is how they avoid duplicates.",
        lambda i, j: (i == j) & (i > 0),
    ),
    (
        "the copies see nothing",
        "The copies of one group see each other, as the queries do.",
        lambda i, j: (i == j) & (i == 0),
    ),
    (
        "all groups up to its own",
        "Only the same group may be seen, not all groups up to it.",
        lambda i, j: i >= j,
    ),
    ("numbers, not truth values", "A mask holds True and False.", lambda i, j: (i == j).float()),
    (
        "0 and minus infinity",
        "Some libraries add such a mask to the scores; this one holds True and False.",
        lambda i, j: torch.zeros(len(i), len(j)).masked_fill(i != j, -torch.inf),
    ),
):
    _wrong(_name, _story)(_of_groups(_may))


@_wrong("each sees only itself", "The members of a group see each other.")
def _itself(queries: int, group: Tensor) -> Tensor:
    return torch.eye(queries + len(group), dtype=torch.bool)


@_wrong("none sees itself", "Each query and each copy is in its own group: the diagonal is true.")
def _not_oneself(queries: int, group: Tensor) -> Tensor:
    return who_sees_whom(queries, group) & ~torch.eye(queries + len(group), dtype=torch.bool)


@_wrong(
    "groups of one size, in their order",
    "The sets may have different sizes and be in any order: compare the numbers in `group`.",
)
def _equal_sizes(queries: int, group: Tensor) -> Tensor:
    size = len(group) // int(group.max()) if len(group) else 1
    return who_sees_whom(queries, 1 + torch.arange(len(group)) // size)


@_wrong(
    "groups of neighbours",
    "The copies of a set need not be next to each other: compare the numbers in `group`.",
)
def _neighbours(queries: int, group: Tensor) -> Tensor:
    new = group.diff(prepend=group[:1]) != 0
    return who_sees_whom(queries, 1 + new.cumsum(0))


@_wrong(
    "the first group shares the number of the queries",
    "Groups are counted from 1 because 0 is the group of the queries.",
)
def _first_group_with_queries(queries: int, group: Tensor) -> Tensor:
    return who_sees_whom(queries, group - 1)


@_wrong("the copies come first", "The queries are the first rows and columns; the copies follow.")
def _copies_first(queries: int, group: Tensor) -> Tensor:
    every = torch.cat([group, group.new_zeros(queries)])
    return every[:, None] == every


@_wrong("the table of the copies alone", "The table has a row and a column for each query and for each copy.")
def _copies_alone(queries: int, group: Tensor) -> Tensor:
    return group[:, None] == group


@_wrong(
    "a table of copies and queries",
    "The table is square: queries and copies are both its rows and its columns.",
)
def _not_square(queries: int, group: Tensor) -> Tensor:
    return who_sees_whom(queries, group)[:queries]


WHO_SEES_WHOM.wrong(
    "the caller's groups overwritten",
    "The mask is right, but the caller's groups have changed: work on a copy.",
)(overwriting(who_sees_whom, 1))

EXERCISES = (WHO_SEES_WHOM,)
