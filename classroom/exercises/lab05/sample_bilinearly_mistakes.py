"""Lab 05, exercise 6: the reference of a value between cells, and wrong answers about centres and weights."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.mistakes import Mistakes


def sample_bilinearly(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The map's value at N places in cells, cell (i, j) being the square from (j, i): (C, h, w), (N,) twice -> (C, N)."""
    height, width = features.shape[1:]
    return blend(features, (x - 0.5).clamp(0, width - 1), (y - 0.5).clamp(0, height - 1))


def blend(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The blend of the four cells around places between the outermost centres; the centre of cell 0 is at 0."""
    right, below = x - x.floor(), y - y.floor()
    upper = (1 - right) * _cells(features, x, y) + right * _cells(features, x + 1, y)
    lower = (1 - right) * _cells(features, x, y + 1) + right * _cells(features, x + 1, y + 1)
    return (1 - below) * upper + below * lower


def _cells(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The cells before the places, (C, N); beyond the last one the last one."""
    height, width = features.shape[1:]
    return features[:, y.long().clamp(max=height - 1), x.long().clamp(max=width - 1)]


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def held(features, x, y):
    """Places, counted as indices, between the outermost centres."""
    height, width = features.shape[1:]
    return x.clamp(0, width - 1), y.clamp(0, height - 1)


# ---------------------------------------------------------------- where the centres are


@wrong(
    "the half cell forgotten", "The centre of cell 0 lies at 0.5: subtract 0.5 from a place to get an index."
)
def _centre_at_corner(features, x, y):
    return sample_bilinearly(features, x + 0.5, y + 0.5)


@wrong("the half cell added", "The centre of cell 0 lies at 0.5: subtract 0.5 from a place to get an index.")
def _half_added(features, x, y):
    return sample_bilinearly(features, x + 1, y + 1)


@wrong("the half cell subtracted from x only", "Cells have a height too: subtract 0.5 from y as well.")
def _half_in_x(features, x, y):
    return sample_bilinearly(features, x, y + 0.5)


@wrong("the half cell subtracted from y only", "Cells have a width too: subtract 0.5 from x as well.")
def _half_in_y(features, x, y):
    return sample_bilinearly(features, x + 0.5, y)


@wrong(
    "corners aligned",
    "With align_corners=True, the first and the last centre lie on the map's border: set it to False.",
)
def _aligned(features, x, y):
    height, width = features.shape[1:]
    places = torch.stack([2 * x / width - 1, 2 * y / height - 1], -1)[None, None]
    return F.grid_sample(features[None], places, align_corners=True, padding_mode="border")[0, :, 0]


@wrong("x and y swapped", "x counts columns, y rows: features[:, y, x].")
def _exchanged(features, x, y):
    return sample_bilinearly(features.mT, x, y)


# ---------------------------------------------------------------- the weights


@wrong("the nearest cell", "Blend the four cells around the place: nearer cells have larger weights.")
def _nearest(features, x, y):
    return sample_bilinearly(features, x.floor() + 0.5, y.floor() + 0.5)


@wrong(
    "the upper left of the four cells alone",
    "Blend the four cells around the place: nearer cells have larger weights.",
)
def _upper_left(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return blend(features, x.floor(), y.floor())


@wrong("the mean of the four cells", "Nearer cells have larger weights: 1 - r and r.")
def _mean_of_four(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    columns, rows = (x.floor(), x.ceil()), (y.floor(), y.ceil())
    return sum(blend(features, column, row) for column in columns for row in rows) / 4


@wrong("the mean of the four cells", "Nearer cells have larger weights: 1 - r and r.")
def _mean_of_next(features, x, y):
    x, y = (place.floor() for place in held(features, x - 0.5, y - 0.5))
    return sum(_cells(features, x + i, y + j) for i in (0, 1) for j in (0, 1)) / 4


def weighted(features, x, y, right, below):
    """The four cells around places counted as indices, with given weights of the next column and the next row."""
    upper = (1 - right) * _cells(features, x, y) + right * _cells(features, x + 1, y)
    lower = (1 - right) * _cells(features, x, y + 1) + right * _cells(features, x + 1, y + 1)
    return (1 - below) * upper + below * lower


@wrong(
    "the weights swapped",
    "At 0.25 to the right of a centre, that cell has the weight 0.75, and the next one 0.25.",
)
def _weights_exchanged(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return weighted(features, x, y, 1 - x % 1, 1 - y % 1)


@wrong(
    "the weights of left and right swapped",
    "At 0.25 to the right of a centre, that cell has the weight 0.75, and the next one 0.25.",
)
def _across_exchanged(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return weighted(features, x, y, 1 - x % 1, y % 1)


@wrong(
    "the weights of upper and lower swapped",
    "At 0.25 below a centre, that cell has the weight 0.75, and the next one 0.25.",
)
def _down_exchanged(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return weighted(features, x, y, x % 1, 1 - y % 1)


@wrong("the weight of x used for y", "Each direction has its own weight: one from x, one from y.")
def _one_share(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return weighted(features, x, y, x % 1, x % 1)


@wrong(
    "the weights of x and y swapped",
    "The weight of x blends left and right, that of y upper and lower.",
)
def _shares_exchanged(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return weighted(features, x, y, y % 1, x % 1)


@wrong("along x only", "Blend along y too: four cells, not two.")
def _along_x_only(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return blend(features, x, y.floor())


@wrong("along x only", "Blend along y too: four cells, not two.")
def _along_x_in_the_nearest_row(features, x, y):
    return sample_bilinearly(features, x, y.floor() + 0.5)


@wrong("along y only", "Blend along x too: four cells, not two.")
def _along_y_only(features, x, y):
    x, y = held(features, x - 0.5, y - 0.5)
    return blend(features, x.floor(), y)
