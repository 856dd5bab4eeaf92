"""Lab 03, section 1: how many boxes a detector looks at."""

import math
from collections.abc import Sequence

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.readings import either


def count_candidates(
    size: tuple[int, int], strides: Sequence[int], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """Return how many boxes the first stage looks at, and how many the second; 0 without a second stage."""
    height, width = size
    first = sum(math.ceil(height / s) * math.ceil(width / s) * per_cell for s in strides)
    return first, 0 if keep is None else min(keep, first)


def _padded_once(
    size: tuple[int, int], strides: Sequence[int], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """The same for an image that is padded once, to whole cells of the coarsest grid."""
    height, width = (math.ceil(side / max(strides)) * max(strides) for side in size)
    return count_candidates((height, width), strides, per_cell, keep)


COUNT_CANDIDATES = Exercise(
    count_candidates,
    judge=either(count_candidates, _padded_once),
    hints=(
        "How many cells of 16 pixels cover an image of 40 x 65 pixels? Draw it.",
        "cells of one level = ceil(H / stride) * ceil(W / stride); times per_cell; the sum over the levels.",
        "height, width = size; first = sum(math.ceil(height / s) * math.ceil(width / s) * per_cell for s in strides); "
        "return first, 0 if keep is None else min(keep, first)",
    ),
    cases=(
        Case("four cells of one box", ((32, 32), (16,), 1)),
        Case("two boxes per cell", ((32, 32), (16,), 2)),
        Case("taller than wide", ((64, 32), (16,), 2)),
        Case("three levels", ((64, 64), (8, 16, 32), 1)),
        Case("a size that is not a multiple of the stride", ((40, 65), (16,), 3)),
        Case("a last cell that is mostly inside the image", ((45, 76), (16,), 1)),
        Case("three levels, a size that is not a multiple of every stride", ((40, 72), (8, 16, 32), 1)),
        Case("a second stage", ((64, 64), (16,), 3, 20)),
        Case("a second stage that could take more than there are", ((32, 64), (32,), 3, 20)),
        Case("a second stage after two levels", ((64, 64), (16, 32), 3, 20)),
    ),
)


def _second(first, keep):
    return first, 0 if keep is None else min(keep, first)


def _by_cells(cells):
    """An answer that counts the cells of one grid in its own way: cells(height, width, stride)."""

    def count(size, strides, per_cell, keep=None):
        return _second(per_cell * sum(cells(*size, s) for s in strides), keep)

    return count


for _name, _story, _cells in (
    ("one box per pixel", "There is one cell for each stride × stride pixels.", lambda h, w, s: h * w),
    (
        "only whole cells",
        "The image is padded, so a cell that is only partly inside it counts too: round up.",
        lambda h, w, s: (h // s) * (w // s),
    ),
    (
        "sides rounded to the nearest cell",
        "The image is padded, so one more cell covers what is left over, however little it is: round up.",
        lambda h, w, s: round(h / s) * round(w / s),
    ),
    (
        "the width used for both sides",
        "Height and width differ: count rows and columns separately.",
        lambda h, w, s: math.ceil(w / s) ** 2,
    ),
    (
        "the height used for both sides",
        "Height and width differ: count rows and columns separately.",
        lambda h, w, s: math.ceil(h / s) ** 2,
    ),
    (
        "the number of cells rounded, not each side",
        "Whole rows and whole columns are needed: round each side up, then multiply.",
        lambda h, w, s: math.ceil(h * w / s**2),
    ),
    (
        "always one more row and column",
        "If the stride divides a side, nothing is padded: 32 pixels are 2 cells of 16, not 3.",
        lambda h, w, s: (h // s + 1) * (w // s + 1),
    ),
    (
        "parts of cells counted",
        "A cell that is partly inside the image is a whole cell: round each side up.",
        lambda h, w, s: (h / s) * (w / s),
    ),
    (
        "the area divided by the stride once",
        "A cell is stride pixels wide and stride pixels high, so both sides are divided.",
        lambda h, w, s: math.ceil(h * w / s),
    ),
    (
        "rows and columns added",
        "A grid has rows × columns cells.",
        lambda h, w, s: math.ceil(h / s) + math.ceil(w / s),
    ),
):
    COUNT_CANDIDATES.wrong(_name, _story)(_by_cells(_cells))


@COUNT_CANDIDATES.wrong("the first grid only", "Each grid has its own cells: add them up.")
def _first_grid(size, strides, per_cell, keep=None):
    return count_candidates(size, strides[:1], per_cell, keep)


@COUNT_CANDIDATES.wrong("the last grid only", "Each grid has its own cells: add them up.")
def _last_grid(size, strides, per_cell, keep=None):
    return count_candidates(size, strides[-1:], per_cell, keep)


@COUNT_CANDIDATES.wrong("one box per cell", "Each cell predicts `per_cell` boxes.")
def _one_per_cell(size, strides, per_cell, keep=None):
    return count_candidates(size, strides, 1, keep)


@COUNT_CANDIDATES.wrong("`per_cell` added once", "Every cell has `per_cell` boxes: multiply.")
def _added(size, strides, per_cell, keep=None):
    return _second(count_candidates(size, strides, 1)[0] + per_cell, keep)


@COUNT_CANDIDATES.wrong(
    "every candidate in both stages",
    "The second stage sees only the best `keep`, which is why it can afford a closer look.",
)
def _all_in_both(size, strides, per_cell, keep=None):
    first, _ = count_candidates(size, strides, per_cell)
    return first, 0 if keep is None else first


@COUNT_CANDIDATES.wrong(
    "more proposals than candidates",
    "If there are fewer candidates than `keep`, the second stage sees all of them and no more.",
)
def _keep_without_limit(size, strides, per_cell, keep=None):
    return count_candidates(size, strides, per_cell)[0], keep or 0


@COUNT_CANDIDATES.wrong(
    "the larger of `keep` and the candidates", "`keep` is an upper limit: take the smaller of the two."
)
def _larger(size, strides, per_cell, keep=None):
    first, _ = count_candidates(size, strides, per_cell)
    return first, 0 if keep is None else max(keep, first)


@COUNT_CANDIDATES.wrong(
    "a second stage in every detector",
    "`keep=None` means that there is only one stage: nothing gets a second look.",
)
def _second_stage_always(size, strides, per_cell, keep=None):
    first, second = count_candidates(size, strides, per_cell, keep)
    return first, first if keep is None else second


@COUNT_CANDIDATES.wrong("None instead of 0", "Without a second stage the second number is 0.")
def _none_for_none(size, strides, per_cell, keep=None):
    first, second = count_candidates(size, strides, per_cell, keep)
    return first, None if keep is None else second


@COUNT_CANDIDATES.wrong(
    "the first stage limited too", "The first stage looks at every candidate; `keep` limits the second."
)
def _both_limited(size, strides, per_cell, keep=None):
    first, second = count_candidates(size, strides, per_cell, keep)
    return (first if keep is None else second), second


@COUNT_CANDIDATES.wrong(
    "`keep` boxes of each grid", "`keep` limits the boxes of all grids together, not those of each."
)
def _keep_of_each_grid(size, strides, per_cell, keep=None):
    counts = [count_candidates(size, (s,), per_cell, keep) for s in strides]
    return sum(first for first, _ in counts), sum(second for _, second in counts)


EXERCISES = (COUNT_CANDIDATES,)
