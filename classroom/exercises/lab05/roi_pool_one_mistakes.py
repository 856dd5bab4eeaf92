"""Lab 05, exercise 5: the reference of RoIPool, and wrong answers about corners and bins."""

import torch
from torch import Tensor

from classroom.exercises.mistakes import Mistakes

Ranges = list[tuple[int, int]]


def roi_pool_one(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """The largest value of every channel in each of bins x bins bins of whole cells: (C, h, w), (4,) -> (C, bins, bins)."""
    x1, y1, x2, y2 = corners_of(box, scale)
    return pooled(features, ranges(y1, y2, bins), ranges(x1, x2, bins))


def corners_of(box: Tensor, scale: float) -> list[int]:
    return (box * scale + 0.5).floor().int().tolist()


def ranges(first: int, last: int, bins: int) -> Ranges:
    """The cells of each bin, as first and one after the last; those off the map too."""
    length = last - first + 1
    return [(first + j * length // bins, first - (j + 1) * -length // bins) for j in range(bins)]


def pooled(features: Tensor, down: Ranges, across: Ranges, reduce=torch.amax, empty: float = 0.0) -> Tensor:
    """The bins, each reduced over those of its cells that exist: (C, bins, bins)."""
    height, width = features.shape[1:]
    nothing = features.new_full((len(features),), empty)
    rows = []
    for top, bottom in down:
        cells = [
            features[:, max(top, 0) : max(min(bottom, height), 0), max(left, 0) : max(min(right, width), 0)]
            for left, right in across
        ]
        rows.append(torch.stack([reduce(c, dim=(1, 2)) if c.numel() else nothing for c in cells], 1))
    return torch.stack(rows, 1)


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def pool_cells(features, corners, bins):
    """RoIPool of a region whose corners are cells already."""
    x1, y1, x2, y2 = map(int, corners)
    return pooled(features, ranges(y1, y2, bins), ranges(x1, x2, bins))


# ---------------------------------------------------------------- the corners


@wrong(
    "the scale forgotten",
    "The box is in pixels of the image, the map in cells: multiply the box by `scale` first.",
)
def _scale_forgotten(features, box, bins, scale):
    return roi_pool_one(features, box, bins, 1.0)


@wrong("corners rounded down", "Round to the nearest cell: (x + 0.5).floor().")
def _cut_off(features, box, bins, scale):
    return pool_cells(features, (box * scale).floor(), bins)


@wrong("corners cut off towards 0", "Round to the nearest cell: (x + 0.5).floor().")
def _truncated(features, box, bins, scale):
    return pool_cells(features, (box * scale).trunc(), bins)


@wrong("corners rounded up", "Round to the nearest cell: (x + 0.5).floor().")
def _rounded_up(features, box, bins, scale):
    return pool_cells(features, (box * scale).ceil(), bins)


@wrong("corners rounded outwards", "Round each corner to the nearest cell: (x + 0.5).floor() for all four.")
def _outwards(features, box, bins, scale):
    start, end = (box * scale).reshape(2, 2)
    return pool_cells(features, [*start.floor(), *end.ceil()], bins)


@wrong(
    "halves rounded to even",
    "`round` turns 2.5 into 2; RoIPool, written in C, turns it into 3: (x + 0.5).floor().",
)
def _half_to_even(features, box, bins, scale):
    return pool_cells(features, (box * scale).round(), bins)


@wrong(
    "rounded before the scale", "Multiply first, then round once: 11.6 pixels are 1.45 cells, which become 1."
)
def _rounded_before(features, box, bins, scale):
    return roi_pool_one(features, (box + 0.5).floor(), bins, scale)


@wrong(
    "the last cell left out",
    "The cell of the right corner belongs to the region: it is x2 - x1 + 1 cells wide.",
)
def _last_cell_left_out(features, box, bins, scale):
    x1, y1, x2, y2 = corners_of(box, scale)
    return pool_cells(features, (x1, y1, x2 - 1, y2 - 1), bins)


@wrong(
    "the last cell left out, but at least one cell kept",
    "The cell of the right corner belongs to the region: it is x2 - x1 + 1 cells wide.",
)
def _last_cell_left_out_of_many(features, box, bins, scale):
    x1, y1, x2, y2 = corners_of(box, scale)
    return pool_cells(features, (x1, y1, max(x2 - 1, x1), max(y2 - 1, y1)), bins)


@wrong("one cell too many", "The region is x2 - x1 + 1 cells wide, the last one included.")
def _one_cell_too_many(features, box, bins, scale):
    x1, y1, x2, y2 = corners_of(box, scale)
    return pool_cells(features, (x1, y1, x2 + 1, y2 + 1), bins)


@wrong(
    "the region cut off at the map first",
    "The bins divide the whole region; only their cells are cut off at the border of the map.",
)
def _clipped_first(features, box, bins, scale):
    limits = torch.tensor(features.shape[:0:-1] * 2) - 1
    return pool_cells(features, torch.tensor(corners_of(box, scale)).clamp(min=0).minimum(limits), bins)


@wrong("x and y swapped", "A box is x1, y1, x2, y2; a map is indexed [:, y, x].")
def _exchanged_sides(features, box, bins, scale):
    return roi_pool_one(features, box[[1, 0, 3, 2]], bins, scale)


# ---------------------------------------------------------------- the bins


def _with_ranges(ranges):
    def function(features, box, bins, scale):
        x1, y1, x2, y2 = corners_of(box, scale)
        return pooled(features, ranges(y1, y2, bins), ranges(x1, x2, bins))

    return function


@wrong(
    "bins that share no cell",
    "A bin ends at ceil((j + 1) * length / bins), rounded up: neighbours may share a cell.",
)
@_with_ranges
def _disjoint(first, last, bins):
    ends = [first + j * (last - first + 1) // bins for j in range(bins + 1)]
    return [(a, max(b, a + 1)) for a, b in zip(ends, ends[1:], strict=False)]


@wrong(
    "bins that share no cell, so that some are empty",
    "A bin ends at ceil((j + 1) * length / bins), rounded up: neighbours may share a cell.",
)
@_with_ranges
def _disjoint_or_empty(first, last, bins):
    ends = [first + j * (last - first + 1) // bins for j in range(bins + 1)]
    return list(zip(ends, ends[1:], strict=False))


@wrong("bins with both ends rounded up", "A bin starts at floor(j * length / bins), rounded down.")
@_with_ranges
def _both_up(first, last, bins):
    ends = [first - j * -(last - first + 1) // bins for j in range(bins + 1)]
    return list(zip(ends, ends[1:], strict=False))


@wrong(
    "bins of length // bins cells",
    "Cells at the right and lower end are never read: bin j starts at floor(j * length / bins).",
)
@_with_ranges
def _whole_steps(first, last, bins):
    step = max((last - first + 1) // bins, 1)
    return [(first + j * step, first + (j + 1) * step) for j in range(bins)]


@wrong("bins one cell too long", "The end of a bin, ceil((j + 1) * length / bins), is exclusive.")
@_with_ranges
def _too_long(first, last, bins):
    return [(a, b + 1) for a, b in ranges(first, last, bins)]


@wrong(
    "bins counted from the border of the map",
    "Cells are counted from x1 and y1: add them to both ends of a bin.",
)
@_with_ranges
def _from_zero(first, last, bins):
    return ranges(0, last - first, bins)


@wrong("rows and columns of bins swapped", "The first axis of bins runs down: y.")
def _exchanged_bins(features, box, bins, scale):
    return roi_pool_one(features, box, bins, scale).mT
