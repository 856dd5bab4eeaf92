"""Lab 05, exercise 7: RoIAlign for one region."""

import torch
import torch.nn.functional as F

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import pooled_picture
from classroom.exercises.lab05.roi_align_one_mistakes import MISTAKES, grid, roi_align_one
from classroom.exercises.lab05.roi_pool_one import ON_A_RAMP

ROI_ALIGN_ONE = Exercise(
    roi_align_one,
    picture=pooled_picture,
    hints=(
        "Divide each side of the box into bins * samples equal parts. Sample at the middle of each part. Then average.",
        "n = bins * samples; x = x1 + (k + 0.5) / n * (x2 - x1) for k = 0 ... n - 1, y the same; every x with every y; "
        "each bin is the mean of samples x samples neighbours.",
        "x1, y1, x2, y2 = box * scale\n"
        "n = bins * samples\n"
        "middle = …  # the middles of n equal parts of 0 … 1\n"
        "x, y = x1 + middle * (x2 - x1), y1 + middle * (y2 - y1)\n"
        "values = sample_bilinearly(features, x.repeat(n), y.repeat_interleave(n)).unflatten(1, (n, n))\n"
        "return …  # the mean of each samples x samples block",
    ),
    cases=(
        *ON_A_RAMP,
        Case("a box narrower than a cell", (normal(1, 6, 8), torch.tensor([11.0, 11, 14, 25]), 2, 1 / 8)),
        Case(
            "two bins per side, one sample",
            (normal(1, 6, 9, seed=1), torch.tensor([10.0, 6, 60, 31]), 2, 1 / 8, 1),
        ),
        Case(
            "two bins per side, four samples",
            (normal(1, 6, 9, seed=2), torch.tensor([10.0, 6, 60, 31]), 2, 1 / 8),
        ),
        Case(
            "two bins per side, nine samples",
            (normal(1, 6, 9, seed=6), torch.tensor([10.0, 6, 60, 31]), 2, 1 / 8, 3),
        ),
        Case(
            "seven bins, three channels",
            (normal(3, 12, 17, seed=3), torch.tensor([13.0, 40, 250, 150]), 7, 1 / 16),
        ),
        Case(
            "up to the border of the map",
            (normal(1, 9, 12, seed=4) - 9, torch.tensor([60.0, 30, 96, 72]), 3, 1 / 8),
        ),
        Case(
            "a box that extends beyond the map",
            (normal(1, 5, 6, seed=7), torch.tensor([-20.0, 9.5, 30, 50]), 2, 1 / 8),
        ),
        Case("the gradient", (normal(2, 9, 12, seed=5), torch.tensor([10.0, 13, 70, 60]), 3, 1 / 8), (0,)),
    ),
)
ROI_ALIGN_ONE.wrong_answers.extend(MISTAKES)
wrong = ROI_ALIGN_ONE.wrong
# ---------------------------------------------------------------- what becomes of the samples


@wrong("a maximum", "RoIAlign takes the mean of a bin's samples.")
def _maximum(features, box, bins, scale, samples=2):
    return F.max_pool2d(grid(features, box * scale, bins * samples), samples)


@wrong("a sum", "RoIAlign takes the mean of a bin's samples.")
def _sum(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, samples) * samples**2


@wrong(
    "a sum divided by `samples` once", "There are samples x samples values in a bin: divide by samples**2."
)
def _half_divided(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, samples) * samples


@wrong("one sample per bin", "There are samples x samples per bin; with only one it is crop-and-resize.")
def _one_sample(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, 1)


@wrong("always two samples per side", "Use the argument `samples`: with 1 it is crop-and-resize.")
def _always_two(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, 2)


@wrong(
    "the mean over distant places",
    "A bin is the mean of neighbouring samples: the axes are bins, samples, bins, samples, in this order.",
)
def _mixed(features, box, bins, scale, samples=2):
    values = grid(features, box * scale, bins * samples)
    return values.unflatten(2, (samples, bins)).unflatten(1, (samples, bins)).mean((1, 3))


@wrong("samples that are not averaged", "A bin is one value, the mean of its samples: (C, bins, bins).")
def _not_averaged(features, box, bins, scale, samples=2):
    return grid(features, box * scale, bins * samples)


@wrong("rows and columns of bins swapped", "The first axis of bins runs down: y.")
def _exchanged_bins(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, samples).mT


@wrong("the channels last", "The result is (C, bins, bins).")
def _channels_last(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, samples).permute(1, 2, 0)


@wrong("bins in one row", "The result is (C, bins, bins).")
def _flat(features, box, bins, scale, samples=2):
    return roi_align_one(features, box, bins, scale, samples).flatten(1)


@wrong(
    "no gradient for the map",
    "The layers before the pooling could not be trained: no detach, .item() or .tolist() of the map.",
)
def _no_gradient(features, box, bins, scale, samples=2):
    return roi_align_one(features.detach(), box, bins, scale, samples)


EXERCISES = (ROI_ALIGN_ONE,)
