"""Answers to `count_candidates` (lab 03), written from the student's notebook alone."""

import math

import torch


def right_by_ceil(
    size: tuple[int, int], strides: tuple[int, ...], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """Whole cells of each grid; the second stage cannot see more than there is."""
    height, width = size
    first = per_cell * sum(math.ceil(height / s) * math.ceil(width / s) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def right_by_whole_numbers(
    size: tuple[int, int], strides: tuple[int, ...], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """Divides upside down: -(-a // b) rounds up."""
    first = 0
    for stride in strides:
        rows, columns = (-(-side // stride) for side in size)
        first += rows * columns * per_cell
    if keep is None:
        return first, 0
    return first, keep if keep < first else first


def right_by_counting(
    size: tuple[int, int], strides: tuple[int, ...], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """Counts the left and upper edges of the cells that begin inside the image."""
    cells = [len(range(0, size[0], stride)) * len(range(0, size[1], stride)) for stride in strides]
    first = sum(cells) * per_cell
    second = sorted((keep, first))[0] if keep is not None else 0
    return first, second


def right_by_torch(
    size: tuple[int, int], strides: tuple[int, ...], per_cell: int, keep: int | None = None
) -> tuple[int, int]:
    """All grids in one table of whole numbers; back to plain numbers in the end."""
    sides, steps = torch.tensor(size), torch.tensor(strides)
    padded = (sides[None] + steps[:, None] - 1) // steps[:, None]  # (levels, 2)
    first = int(padded.prod(1).sum()) * per_cell
    return first, min(first, keep or 0)


def wrong_rounded_down(size, strides, per_cell, keep=None):
    """Drops the cells at the border: wrong for 720 pixels and a stride of 32, where the image is padded."""
    first = per_cell * sum((size[0] // s) * (size[1] // s) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_one_box_a_cell(size, strides, per_cell, keep=None):
    """Ignores `per_cell`: wrong for all but one box in a cell."""
    first = sum(math.ceil(size[0] / s) * math.ceil(size[1] / s) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_more_kept_than_there_are(size, strides, per_cell, keep=None):
    """Returns `keep` as it is: wrong when the first stage has fewer boxes, such as 4 of 300."""
    first = per_cell * sum(math.ceil(size[0] / s) * math.ceil(size[1] / s) for s in strides)
    return first, keep or 0


def wrong_first_stage_limited(size, strides, per_cell, keep=None):
    """Limits the first stage too, which looks at all boxes: wrong for every `keep` below the total."""
    first = per_cell * sum(math.ceil(size[0] / s) * math.ceil(size[1] / s) for s in strides)
    return (first, 0) if keep is None else (min(keep, first), min(keep, first))


def wrong_everything_seen_twice(size, strides, per_cell, keep=None):
    """Without a second stage it returns all boxes once more, where 0 is asked for."""
    first = per_cell * sum(math.ceil(size[0] / s) * math.ceil(size[1] / s) for s in strides)
    return first, first if keep is None else min(keep, first)


def wrong_padded_as_one_area(size, strides, per_cell, keep=None):
    """Rounds the number of cells up and not each side:
    wrong for 20 × 20 at stride 16, 2 instead of 4 cells.
    """
    first = per_cell * sum(math.ceil(size[0] * size[1] / s**2) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_always_a_cell_more(size, strides, per_cell, keep=None):
    """Adds a cell whether or not one is needed: wrong for sides that the stride divides."""
    first = per_cell * sum((size[0] // s + 1) * (size[1] // s + 1) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_square_image(size, strides, per_cell, keep=None):
    """Uses the height for the width: wrong for 720 × 1280."""
    first = per_cell * sum(math.ceil(size[0] / s) ** 2 for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_nearest_cell(size, strides, per_cell, keep=None):
    """Rounds to the nearest whole: wrong for a rest of less than half a cell."""
    first = per_cell * sum(round(size[0] / s) * round(size[1] / s) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_last_grid_only(size, strides, per_cell, keep=None):
    """Overwrites the count in the loop: wrong for two or more grids."""
    first = 0
    for s in strides:
        first = per_cell * math.ceil(size[0] / s) * math.ceil(size[1] / s)
    return first, 0 if keep is None else min(keep, first)


def wrong_kept_on_every_grid(size, strides, per_cell, keep=None):
    """Keeps that many boxes on each grid: too many for two or more grids, as `keep` is the limit for all."""
    counts = [per_cell * math.ceil(size[0] / s) * math.ceil(size[1] / s) for s in strides]
    return sum(counts), 0 if keep is None else sum(min(keep, count) for count in counts)


def wrong_parts_of_cells(size, strides, per_cell, keep=None):
    """Divides without rounding: a float, and with a fraction for 20 pixels at stride 16."""
    first = per_cell * sum((size[0] / s) * (size[1] / s) for s in strides)
    return first, 0 if keep is None else min(keep, first)


def wrong_none_for_none(size, strides, per_cell, keep=None):
    """Hands None on where 0 is asked for: wrong for every detector of one stage."""
    first = per_cell * sum(math.ceil(size[0] / s) * math.ceil(size[1] / s) for s in strides)
    return first, keep if keep is None else min(keep, first)
