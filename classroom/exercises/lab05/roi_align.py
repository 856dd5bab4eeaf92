"""Lab 05, third part: a value between cells, and RoIAlign for one region."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import pooled_picture, samples_picture
from classroom.exercises.lab05.roi_pool import ON_A_RAMP, ramp
from coursekit import ops


def sample_bilinearly(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The map's value at N places in cells, cell (i, j) being the square from (j, i): (C, h, w), (N,) twice -> (C, N)."""
    return _sampled(features, x, y, padding_mode="border")


def _sampled(features: Tensor, x: Tensor, y: Tensor, **how) -> Tensor:
    height, width = features.shape[1:]
    places = torch.stack([2 * x / width - 1, 2 * y / height - 1], -1)[
        None, None
    ]  # (1, 1, N, 2), from -1 to 1
    return F.grid_sample(features[None], places, align_corners=False, **how)[0, :, 0]  # (C, N)


def _places(count: int, height: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    x, y = uniform(2, count, seed=seed)
    return x * width, y * height


SAMPLE_BILINEARLY = Exercise(
    sample_bilinearly,
    picture=samples_picture,
    hints=(
        "As an index, a place x is x - 0.5. Which two columns lie around it, and how far is it from the left one?",
        "left = floor(x - 0.5), right = x - 0.5 - left is the weight of the next column, 1 - right that of this one; "
        "the same down; four products.",
        "x = (x - 0.5).clamp(0, w - 1); left = x.floor().long().clamp(max=w - 2); right = x - left; the same for y; "
        "(1 - below) * ((1 - right) * features[:, top, left] + right * features[:, top, left + 1]) + below * ....",
    ),
    cases=(
        Case("the centre of a cell", (ramp(3, 4), torch.tensor([2.5]), torch.tensor([1.5]))),
        Case(
            "a quarter of the way to the next cell", (ramp(3, 4), torch.tensor([1.75]), torch.tensor([0.5]))
        ),
        Case("between four cells", (ramp(3, 4), torch.tensor([1.75]), torch.tensor([1.25]))),
        Case(
            "at the border of the map",
            (ramp(3, 4) + 7, torch.tensor([0.0, 4.0, 0.2, 3.0]), torch.tensor([0.0, 3.0, 1.5, 2.9])),
        ),
        Case("twenty places, two channels", (normal(2, 5, 9), *_places(20, 5, 9))),
        Case("the gradient", (normal(2, 5, 9), *_places(6, 5, 9, 1)), (0,)),
    ),
)


@SAMPLE_BILINEARLY.wrong(
    "the half cell forgotten", "The centre of cell 0 lies at 0.5: subtract 0.5 from a place to get an index."
)
def _centre_at_corner(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return sample_bilinearly(features, x + 0.5, y + 0.5)


@SAMPLE_BILINEARLY.wrong("the nearest cell", "Blend the four cells around: near ones count more.")
def _nearest(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return sample_bilinearly(features, x.floor() + 0.5, y.floor() + 0.5)


@SAMPLE_BILINEARLY.wrong("x and y exchanged", "x counts columns, y rows: features[:, y, x].")
def _exchanged(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return sample_bilinearly(features, y, x)


def _mirrored(position: Tensor) -> Tensor:
    """The place as far before the next centre as `position` lies behind the last one."""
    index = (position - 0.5).floor()
    return index + 0.5 + 1 - (position - 0.5 - index)


@SAMPLE_BILINEARLY.wrong(
    "the weights exchanged",
    "At a distance of 0.25 behind a centre that cell counts 0.75, and the next one 0.25.",
)
def _weights_exchanged(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return sample_bilinearly(features, _mirrored(x), _mirrored(y))


@SAMPLE_BILINEARLY.wrong(
    "zeros outside of the map",
    "Between the last centre and the border the last cell counts alone: clamp the index.",
)
def _zeros_outside(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return _sampled(features, x, y, padding_mode="zeros")


@SAMPLE_BILINEARLY.wrong("along x only", "Blend along y too: four cells, not two.")
def _along_x_only(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return sample_bilinearly(features, x, y.floor() + 0.5)


# ---------------------------------------------------------------- RoIAlign


def roi_align_one(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """The mean of samples x samples places in each of bins x bins bins: (C, h, w), (4,) -> (C, bins, bins)."""
    return ops.roi_align(features[None], [box[None]], bins, scale, samples, aligned=True)[0]


ROI_ALIGN_ONE = Exercise(
    roi_align_one,
    picture=pooled_picture,
    hints=(
        "Cut each side of the box into bins * samples equal parts. Look at the middle of each part. Then average.",
        "n = bins * samples; x = x1 + (k + 0.5) / n * (x2 - x1) for k = 0 ... n - 1, y the same; every x with every y; "
        "each bin is the mean of samples x samples neighbours.",
        "values = sample_bilinearly(features, x.repeat(n), y.repeat_interleave(n)).unflatten(1, (n, n)); "
        "F.avg_pool2d(values, samples).",
    ),
    cases=(
        *ON_A_RAMP,
        Case("a box narrower than a cell", (normal(1, 6, 8), torch.tensor([11.0, 11, 14, 25]), 2, 1 / 8)),
        Case(
            "two bins a side, one sample",
            (normal(1, 6, 9, seed=1), torch.tensor([10.0, 6, 60, 31]), 2, 1 / 8, 1),
        ),
        Case(
            "two bins a side, four samples",
            (normal(1, 6, 9, seed=2), torch.tensor([10.0, 6, 60, 31]), 2, 1 / 8),
        ),
        Case(
            "seven bins, three channels",
            (normal(3, 12, 17, seed=3), torch.tensor([13.0, 40, 250, 150]), 7, 1 / 16),
        ),
        Case(
            "up to the border of the map",
            (normal(1, 9, 12, seed=4) - 9, torch.tensor([60.0, 30, 96, 72]), 3, 1 / 8),
        ),
        Case("the gradient", (normal(2, 9, 12, seed=5), torch.tensor([10.0, 13, 70, 60]), 3, 1 / 8), (0,)),
    ),
)


@ROI_ALIGN_ONE.wrong(
    "half a cell off",
    "The centre of cell 0 is at 0.5, not at 0. This is the older reading, `aligned=False`, and all of it lies "
    "half a cell to the right and down.",
)
def _half_a_cell_off(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    return ops.roi_align(features[None], [box[None]], bins, scale, samples, aligned=False)[0]


@ROI_ALIGN_ONE.wrong("a box rounded to cells", "RoIAlign rounds nothing: that was RoIPool's loss.")
def _rounded(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    return roi_align_one(features, (box * scale + 0.5).floor(), bins, 1.0, samples)


@ROI_ALIGN_ONE.wrong(
    "spatial_scale forgotten",
    "The box is in pixels of the image, the map in cells: multiply the box by `scale` first.",
)
def _scale_forgotten(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    return roi_align_one(features, box, bins, 1.0, samples)


def _grid(features: Tensor, box: Tensor, scale: float, steps: Tensor) -> Tensor:
    """The map at every pair of `steps`, shares of the region's sides: (C, n, n)."""
    x1, y1, x2, y2 = box * scale
    x, y = x1 + steps * (x2 - x1), y1 + steps * (y2 - y1)
    values = sample_bilinearly(features, x.repeat(len(steps)), y.repeat_interleave(len(steps)))
    return values.unflatten(1, (len(steps), len(steps)))


@ROI_ALIGN_ONE.wrong(
    "samples from border to border",
    "Each sample lies in the middle of its part of the box: (k + 0.5) / n, not linspace(0, 1, n).",
)
def _from_border_to_border(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    count = bins * samples
    steps = torch.linspace(0, 1, count) if count > 1 else torch.zeros(1)
    return F.avg_pool2d(_grid(features, box, scale, steps), samples)


@ROI_ALIGN_ONE.wrong(
    "samples at the start of their parts",
    "Each sample lies in the middle of its part of the box: (k + 0.5) / n, not k / n.",
)
def _at_the_start(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    count = bins * samples
    return F.avg_pool2d(_grid(features, box, scale, torch.arange(count) / count), samples)


@ROI_ALIGN_ONE.wrong("a maximum", "RoIAlign takes the mean of a bin's samples.")
def _maximum(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    count = bins * samples
    return F.max_pool2d(_grid(features, box, scale, (torch.arange(count) + 0.5) / count), samples)


@ROI_ALIGN_ONE.wrong(
    "one sample a bin", "There are samples x samples of them; with one it is crop-and-resize."
)
def _one_sample(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    return roi_align_one(features, box, bins, scale, 1)


@ROI_ALIGN_ONE.wrong("rows and columns of bins exchanged", "The first axis of bins runs down: y.")
def _exchanged_bins(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    return roi_align_one(features, box, bins, scale, samples).mT


@ROI_ALIGN_ONE.wrong("x and y exchanged", "A box is x1, y1, x2, y2.")
def _exchanged_sides(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    return roi_align_one(features, box[[1, 0, 3, 2]], bins, scale, samples)


EXERCISES = (SAMPLE_BILINEARLY, ROI_ALIGN_ONE)
