"""Lab 05, exercise 7: the reference of RoIAlign, and wrong answers about the box and its samples."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.lab05.sample_bilinearly import sample_bilinearly
from classroom.exercises.mistakes import Mistakes


def roi_align_one(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """The mean of samples x samples places in each of bins x bins bins: (C, h, w), (4,) -> (C, bins, bins)."""
    return F.avg_pool2d(grid(features, box * scale, bins * samples), samples)


def _middles(count: int) -> Tensor:
    return (torch.arange(count) + 0.5) / count


def grid(features: Tensor, box: Tensor, count: int) -> Tensor:
    """The map at the middles of count x count equal parts of a box in cells: (C, count, count)."""
    return _at(features, box, _middles(count))


def _at(features: Tensor, box: Tensor, shares: Tensor) -> Tensor:
    """The map at every pair of shares of the way from x1 to x2 and from y1 to y2: (C, n, n)."""
    x1, y1, x2, y2 = box
    x, y = x1 + shares * (x2 - x1), y1 + shares * (y2 - y1)
    values = sample_bilinearly(features, x.repeat(len(shares)), y.repeat_interleave(len(shares)))
    return values.unflatten(1, (len(shares), len(shares)))


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


# ---------------------------------------------------------------- the box


@wrong(
    "half a cell off",
    "The centre of cell 0 is at 0.5, not at 0: everything is read half a cell too far to the right and down.",
)
def _half_a_cell_off(features, box, bins, scale, samples=2):
    return roi_align_one(features, box * scale + 0.5, bins, 1.0, samples)


@wrong(
    "half a cell off, and no region smaller than a cell",
    "This is the older operator, `aligned=False`. The centre of cell 0 is at 0.5, and RoIAlign does not change the size.",
)
def _older(features, box, bins, scale, samples=2):
    start, end = (box * scale + 0.5).reshape(2, 2)
    return roi_align_one(features, torch.cat([start, torch.maximum(end, start + 1)]), bins, 1.0, samples)


@wrong("half a cell subtracted twice", "sample_bilinearly already does that: leave the box as it is.")
def _twice(features, box, bins, scale, samples=2):
    return roi_align_one(features, box * scale - 0.5, bins, 1.0, samples)


@wrong("a box rounded to cells", "RoIAlign does not round: that was the weakness of RoIPool.")
def _rounded(features, box, bins, scale, samples=2):
    return roi_align_one(features, (box * scale + 0.5).floor(), bins, 1.0, samples)


@wrong("a box rounded to cells", "RoIAlign does not round: that was the weakness of RoIPool.")
def _rounded_to_even(features, box, bins, scale, samples=2):
    return roi_align_one(features, (box * scale).round(), bins, 1.0, samples)


@wrong("a box rounded down to cells", "RoIAlign does not round: that was the weakness of RoIPool.")
def _rounded_down(features, box, bins, scale, samples=2):
    return roi_align_one(features, (box * scale).floor(), bins, 1.0, samples)


@wrong(
    "the scale forgotten",
    "The box is in pixels of the image, the map in cells: multiply the box by `scale` first.",
)
def _scale_forgotten(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, 1.0, samples)


@wrong("at least one cell", "A small region stays small: RoIAlign does not change its size.")
def _at_least_one_cell(features, box, bins, scale, samples=2):
    start, end = (box * scale).reshape(2, 2)
    return roi_align_one(features, torch.cat([start, torch.maximum(end, start + 1)]), bins, 1.0, samples)


@wrong("one cell too many", "The region is x2 - x1 cells wide; the + 1 belongs to RoIPool.")
def _last_cell_added(features, box, bins, scale, samples=2):
    return roi_align_one(features, box * scale + torch.tensor([0.0, 0, 1, 1]), bins, 1.0, samples)


@wrong(
    "the box cut off at the map",
    "The parts divide the whole box; sample_bilinearly handles what lies beyond the map.",
)
def _clipped(features, box, bins, scale, samples=2):
    limits = torch.tensor(features.shape[:0:-1] * 2)
    return roi_align_one(features, (box * scale).clamp(min=0).minimum(limits), bins, 1.0, samples)


@wrong("x and y swapped", "A box is x1, y1, x2, y2.")
def _exchanged_sides(features, box, bins, scale, samples=2):
    return roi_align_one(features, box[[1, 0, 3, 2]], bins, scale, samples)


@wrong("x2 and y2 used as width and height", "The box is x1, y1, x2, y2: its width is x2 - x1.")
def _as_width_and_height(features, box, bins, scale, samples=2):
    return roi_align_one(features, torch.cat([box[:2], box[:2] + box[2:]]), bins, scale, samples)


@wrong("the width used for the height", "Each side has its own length: the height is y2 - y1.")
def _square(features, box, bins, scale, samples=2):
    x1, y1, x2, _ = box
    return roi_align_one(features, torch.stack([x1, y1, x2, y1 + x2 - x1]), bins, scale, samples)


# ---------------------------------------------------------------- where the samples are


@wrong(
    "samples from border to border",
    "Each sample lies in the middle of its part of the box: (k + 0.5) / n, not linspace(0, 1, n).",
)
def _from_border_to_border(features, box, bins, scale, samples=2):
    return F.avg_pool2d(_at(features, box * scale, torch.linspace(0, 1, bins * samples)), samples)


@wrong(
    "samples at the start of their parts",
    "Each sample lies in the middle of its part of the box: (k + 0.5) / n, not k / n.",
)
def _at_the_start(features, box, bins, scale, samples=2):
    count = bins * samples
    return F.avg_pool2d(_at(features, box * scale, torch.arange(count) / count), samples)


@wrong(
    "samples at the end of their parts",
    "Each sample lies in the middle of its part of the box: (k + 0.5) / n, not (k + 1) / n.",
)
def _at_the_end(features, box, bins, scale, samples=2):
    count = bins * samples
    return F.avg_pool2d(_at(features, box * scale, (torch.arange(count) + 1) / count), samples)


@wrong(
    "samples on the borders of each bin",
    "Each sample lies in the middle of its part of a bin, not on its border.",
)
def _borders_of_bins(features, box, bins, scale, samples=2):
    inside = torch.linspace(0, 1, samples) if samples > 1 else torch.tensor([0.0])
    shares = (torch.arange(bins)[:, None] + inside).flatten() / bins
    return F.avg_pool2d(_at(features, box * scale, shares), samples)


@wrong("the value of the nearest cell", "Read between the cells: use sample_bilinearly at the exact places.")
def _nearest(features, box, bins, scale, samples=2):
    x1, y1, x2, y2 = box * scale
    middles = _middles(bins * samples)
    x, y = (x1 + middles * (x2 - x1)).floor() + 0.5, (y1 + middles * (y2 - y1)).floor() + 0.5
    values = sample_bilinearly(features, x.repeat(len(x)), y.repeat_interleave(len(y)))
    return F.avg_pool2d(values.unflatten(1, (len(y), len(x))), samples)


@wrong("places on a diagonal", "In a bin every x goes with every y: samples x samples places.")
def _diagonal(features, box, bins, scale, samples=2):
    parts = (
        grid(features, box * scale, bins * samples)
        .unflatten(2, (bins, samples))
        .unflatten(1, (bins, samples))
    )
    return parts.diagonal(dim1=2, dim2=4).mean(-1)
