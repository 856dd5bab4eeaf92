"""Lab 05, exercise 6: a value between cells."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import samples_picture
from classroom.exercises.lab05.roi_pool_one import ramp
from classroom.exercises.lab05.sample_bilinearly_mistakes import (
    MISTAKES,
    blend,
    held,
    sample_bilinearly,
    weighted,
)
from classroom.exercises.mistakes import raises


def _places(count: int, height: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    x, y = uniform(2, count, seed=seed)
    return x * width, y * height


SAMPLE_BILINEARLY = Exercise(
    sample_bilinearly,
    picture=samples_picture,
    hints=(
        "As an index, a place x is x - 0.5. Which two columns lie to its left and right, and how far is it from the left one?",
        "left = floor(x - 0.5), right = x - 0.5 - left is the weight of the next column, 1 - right that of this one; "
        "the same down; four products.",
        "C, h, w = features.shape\n"
        "x = (x - 0.5).clamp(0, w - 1)\n"
        "left = x.floor().long().clamp(max=w - 2)\n"
        "right = x - left  # the weight of the cell on the right\n"
        "…  # the same for y: top and below\n"
        "return (1 - below) * ((1 - right) * features[:, top, left] + right * features[:, top, left + 1]) + …",
    ),
    cases=(
        Case("the centre of a cell", (ramp(3, 4), torch.tensor([2.5]), torch.tensor([1.5]))),
        Case(
            "a quarter of the way to the next cell", (ramp(3, 4), torch.tensor([1.75]), torch.tensor([0.5]))
        ),
        Case("between four cells", (ramp(3, 4), torch.tensor([1.75]), torch.tensor([1.25]))),
        Case(
            "at the border of the map",
            (ramp(3, 4) + 7, torch.tensor([0.0, 4.0, 0.2, 3.1]), torch.tensor([0.0, 3.0, 1.5, 2.9])),
        ),
        Case(
            "beyond the map",
            (ramp(3, 4) + 7, torch.tensor([-2.25, 6.25, 1.75]), torch.tensor([1.75, -1.5, 4.5])),
        ),
        Case("twenty places, two channels", (normal(2, 5, 9), *_places(20, 5, 9))),
        Case("the gradient", (normal(2, 5, 9), *_places(6, 5, 9, 1)), (0,)),
    ),
)
SAMPLE_BILINEARLY.wrong_answers.extend(MISTAKES)
wrong = SAMPLE_BILINEARLY.wrong
# ---------------------------------------------------------------- beyond the outermost centres


def _framed(features, x, y, frame, **how):
    """The blend in a map that has a frame of cells around it."""
    large = F.pad(features[None], (frame,) * 4, **how)[0]
    return sample_bilinearly(large, x + frame, y + frame)


@wrong(
    "zeros outside the map",
    "Between the last centre and the border, only the last cell counts: clamp the index.",
)
def _zeros_outside(features, x, y):
    return _framed(features, x, y, 9)


@wrong(
    "the slope continued beyond the outermost centres",
    "There the value stays constant: clamp the place itself, not only the cells.",
)
def _goes_on(features, x, y):
    height, width = features.shape[1:]
    x, y = x - 0.5, y - 0.5
    left, top = x.floor().clamp(0, width - 2), y.floor().clamp(0, height - 2)
    return weighted(features, left, top, x - left, y - top)


@wrong(
    "weights that are not clamped at the border",
    "Beyond the outermost centres the value stays constant: clamp the place before you compute r.",
)
def _wrong_cells(features, x, y):
    x, y = x - 0.5, y - 0.5
    return weighted(
        features,
        *held(features, x.floor(), y.floor()),
        x - held(features, x.floor(), y)[0],
        y - held(features, x, y.floor())[1],
    )


@wrong(
    "the last row and column never read",
    "The last centre is at index w - 1: clamp the place there, and only the left cell at w - 2.",
)
def _one_cell_less(features, x, y):
    height, width = features.shape[1:]
    return blend(features, (x - 0.5).clamp(0, width - 2), (y - 0.5).clamp(0, height - 2))


@wrong(
    "cells of the opposite border",
    "Index -1 is the last cell: before the first centre, only the first cell counts.",
)
def _around(features, x, y):
    height, width = features.shape[1:]
    x, y = x - 0.5, y - 0.5
    left, top = x.floor(), y.floor()
    return weighted(features, left % width, top % height, x - left, y - top)


# ---------------------------------------------------------------- other results


@wrong("every x with every y", "The N places come in pairs: (C, N), not a table of N x N.")
def _every_pair(features, x, y):
    count = len(x)
    return sample_bilinearly(features, x.repeat(count), y.repeat_interleave(count)).unflatten(
        1, (count, count)
    )


@wrong("the channels last", "The result is (C, N).")
def _channels_last(features, x, y):
    return sample_bilinearly(features, x, y).T


@wrong("the first channel alone", "Each channel has its own value: (C, N).")
def _first_channel(features, x, y):
    return sample_bilinearly(features[:1], x, y)


@wrong("the first channel alone", "Each channel has its own value: (C, N).")
def _channel_dropped(features, x, y):
    return sample_bilinearly(features, x, y)[0]


@wrong("the caller's places changed", "`-=` changes the caller's x and y: x = x - 0.5 makes a new tensor.")
def _places_changed(features, x, y):
    x -= 0.5
    y -= 0.5
    return sample_bilinearly(features, x + 0.5, y + 0.5)


@wrong(
    "no gradient for the map",
    "The layers before the pooling could not be trained: no detach, .item() or .tolist() of the map.",
)
def _no_gradient(features, x, y):
    return sample_bilinearly(features.detach(), x, y)


def _off_the_map(features, x, y, least):
    height, width = features.shape[1:]
    return bool((x - 0.5 >= width - least).any() or (y - 0.5 >= height - least).any())


raises(
    SAMPLE_BILINEARLY,
    "an error at the border",
    "The last cell has no neighbour to the right: clamp the index of the next cell, or limit the left one to w - 2.",
    lambda features, x, y: _off_the_map(features, x, y, 1),
    IndexError,
)

EXERCISES = (SAMPLE_BILINEARLY,)
