"""Lab 05, exercise 5: RoIPool for one region."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import pooled_picture
from classroom.exercises.lab05.roi_pool_one_mistakes import (
    MISTAKES,
    corners_of,
    pooled,
    ranges,
    roi_pool_one,
)
from classroom.exercises.mistakes import raises


def ramp(height: int, width: int) -> Tensor:
    """(1, height, width): the cells numbered row by row."""
    return torch.arange(float(height * width)).reshape(1, height, width)


ON_A_RAMP = (
    Case("one bin on a ramp", (ramp(6, 8), torch.tensor([11.0, 11, 19, 19]), 1, 1 / 8)),
    Case("one bin, moved by 3 pixels", (ramp(6, 8), torch.tensor([14.0, 14, 22, 22]), 1, 1 / 8)),
)

ROI_POOL_ONE = Exercise(
    roi_pool_one,
    picture=pooled_picture,
    hints=(
        "First round the four corners to cells. Then divide each side into `bins` parts of whole cells. Then take the maxima.",
        "length = x2 - x1 + 1; bin j covers the cells from floor(j * length / bins) to ceil((j + 1) * length / bins), "
        "counted from x1 and cut off at the map's border; a bin without cells is 0.",
        "x1, y1, x2, y2 = (box * scale + 0.5).floor().int().tolist()\n"
        "C, h, w = features.shape\n"
        "out = features.new_zeros(C, bins, bins)\n"
        "for i in range(bins):\n"
        "    for j in range(bins):\n"
        "        top, bottom = y1 + i * (y2 - y1 + 1) // bins, …  # rounded down, rounded up; inside 0 … h\n"
        "        left, right = …\n"
        "        part = features[:, top:bottom, left:right]\n"
        "        if part.numel():\n"
        "            out[:, i, j] = part.amax((1, 2))\n"
        "return out",
    ),
    cases=(
        *ON_A_RAMP,
        Case("two by two bins of four by six cells", (ramp(6, 8), torch.tensor([8.0, 0, 48, 24]), 2, 1 / 8)),
        Case("a box within one column", (normal(1, 4, 5, seed=9), torch.tensor([17.0, 9, 19, 13]), 2, 1 / 8)),
        Case("bins that share cells", (normal(1, 9, 12), torch.tensor([16.0, 16, 64, 32]), 4, 1 / 8)),
        Case("halves of a cell", (normal(1, 9, 12, seed=1), torch.tensor([20.0, 4, 52, 36]), 2, 1 / 8)),
        Case(
            "fractions of a pixel",
            (normal(1, 9, 12, seed=6), torch.tensor([11.6, 3.7, 43.8, 27.6]), 3, 1 / 8),
        ),
        Case(
            "up to the border of the map",
            (normal(1, 9, 12, seed=2) - 9, torch.tensor([60.0, 30, 96, 72]), 3, 1 / 8),
        ),
        Case(
            "a box that extends beyond the map at the lower right",
            (normal(1, 5, 6, seed=7) - 9, torch.tensor([25.0, 18, 66, 58]), 4, 1 / 8),
        ),
        Case(
            "a box that extends beyond the map at the upper left",
            (normal(1, 5, 6, seed=8) - 9, torch.tensor([-38.0, -31, 26, 34]), 4, 1 / 8),
        ),
        Case(
            "seven bins, three channels",
            (normal(3, 12, 17, seed=3), torch.tensor([13.0, 40, 250, 150]), 7, 1 / 16),
        ),
        Case("the gradient", (normal(2, 9, 12, seed=4), torch.tensor([10.0, 13, 70, 60]), 3, 1 / 8), (0,)),
    ),
)
ROI_POOL_ONE.wrong_answers.extend(MISTAKES)
wrong = ROI_POOL_ONE.wrong
# ---------------------------------------------------------------- the values


def _reduced(features, box, bins, scale, reduce=torch.amax, empty=0.0):
    x1, y1, x2, y2 = corners_of(box, scale)
    return pooled(features, ranges(y1, y2, bins), ranges(x1, x2, bins), reduce, empty)


@wrong("a mean", "RoIPool takes the largest value of a bin.")
def _mean(features, box, bins, scale):
    return _reduced(features, box, bins, scale, torch.mean)


@wrong("a minimum", "RoIPool takes the largest value of a bin.")
def _minimum(features, box, bins, scale):
    return _reduced(features, box, bins, scale, torch.amin)


@wrong("minus infinity in a bin without cells", "A bin without cells is 0.")
def _infinite(features, box, bins, scale):
    return _reduced(features, box, bins, scale, empty=-torch.inf)


@wrong("nan in a bin without cells", "A bin without cells is 0.")
def _nan(features, box, bins, scale):
    return _reduced(features, box, bins, scale, empty=torch.nan)


@wrong(
    "values below 0 lost",
    "Only a bin without cells is 0: start the maximum at -inf, or take amax of the cells.",
)
def _at_least_zero(features, box, bins, scale):
    return roi_pool_one(features, box, bins, scale).clamp(min=0)


@wrong(
    "cells beyond the map counted as 0",
    "They do not exist: if all cells are negative, a 0 from outside must not win.",
)
def _zeros_beyond(features, box, bins, scale):
    padded = torch.nn.functional.pad(features, (20, 20, 20, 20))
    return roi_pool_one(padded, box + 20 / scale, bins, scale)


@wrong("negative indices", "features[:, -2:1] counts from the other end: cut both ends of a bin off at 0.")
def _from_the_end(features, box, bins, scale):
    x1, y1, x2, y2 = corners_of(box, scale)
    out = features.new_zeros(len(features), bins, bins)
    for i, (top, bottom) in enumerate(ranges(y1, y2, bins)):
        for j, (left, right) in enumerate(ranges(x1, x2, bins)):
            if (part := features[:, top:bottom, left:right]).numel():
                out[:, i, j] = part.amax((1, 2))
    return out


@wrong("one maximum for all channels", "Each channel has its own maximum: amax over rows and columns only.")
def _all_channels(features, box, bins, scale):
    return roi_pool_one(features.amax(0, keepdim=True), box, bins, scale).expand(len(features), -1, -1)


@wrong(
    "no gradient for the map",
    "The layers before the pooling could not be trained: no detach, .item() or .tolist() of the map.",
)
def _no_gradient(features, box, bins, scale):
    return roi_pool_one(features.detach(), box, bins, scale)


@wrong("the channels last", "The result is (C, bins, bins).")
def _channels_last(features, box, bins, scale):
    return roi_pool_one(features, box, bins, scale).permute(1, 2, 0)


raises(
    ROI_POOL_ONE,
    "an error in a bin without cells",
    "Beyond the map there is no cell to take the maximum of: check part.numel() first, because such a bin is 0.",
    lambda features, box, bins, scale: box.min() < 0 or box[2] > 8 * features.shape[2] and scale == 0.125,
    IndexError,
    RuntimeError,
    ValueError,
)

EXERCISES = (ROI_POOL_ONE,)
