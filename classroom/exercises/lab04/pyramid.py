"""Lab 04, fourth part: what the coarse map knows is handed down to the fine one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import maps_picture
from coursekit.nets.fpn import add_coarser


def top_down(lateral: Tensor, coarser: Tensor) -> Tensor:
    """The map of a level plus the coarser one, made as large, nearest cell: (N, C, h, w), (N, C, h', w') -> (N, C, h, w)."""
    return add_coarser(lateral, coarser)


TOP_DOWN = Exercise(
    top_down,
    picture=maps_picture,
    hints=(
        "Two maps of one width and of two sizes. Which of the two must change its size before you can add them?",
        "lateral + the coarse map, enlarged to lateral's height and width, with the value of the nearest cell.",
        "F.interpolate(coarser, size=...) takes the nearest cell by default; lateral.shape[-2:] is the size.",
    ),
    cases=(
        Case("one coarse cell", (torch.zeros(1, 1, 2, 2), torch.full((1, 1, 1, 1), 3.0))),
        Case("a row of cells", (torch.ones(1, 1, 2, 6), torch.tensor([[[[1.0, 2.0, 3.0]]]]))),
        Case("an odd number of cells", (torch.zeros(1, 1, 3, 5), normal(1, 1, 2, 3))),
        Case("two pictures, four channels", (normal(2, 4, 6, 10), normal(2, 4, 3, 5, seed=1))),
        Case("the gradient", (normal(1, 2, 5, 7), normal(1, 2, 3, 4, seed=1)), True),
    ),
)


def _larger(coarser: Tensor, lateral: Tensor, **how) -> Tensor:
    return F.interpolate(coarser, lateral.shape[-2:], **how)


@TOP_DOWN.wrong(
    "concatenation",
    "The pyramid adds: all its levels keep one width, so that one head can look at all of them.",
)
def _concatenated(lateral: Tensor, coarser: Tensor) -> Tensor:
    return torch.cat([lateral, _larger(coarser, lateral)], 1)


@TOP_DOWN.wrong("the coarse map alone", "Its own level knows where; add it.")
def _coarser_alone(lateral: Tensor, coarser: Tensor) -> Tensor:
    return _larger(coarser, lateral)


@TOP_DOWN.wrong("a mean", "The two maps are added.")
def _mean(lateral: Tensor, coarser: Tensor) -> Tensor:
    return top_down(lateral, coarser) / 2


@TOP_DOWN.wrong(
    "always twice as large",
    "A map of 5 cells has a coarser one of 3, not of 2.5: ask the fine map for its size.",
)
def _always_twice(lateral: Tensor, coarser: Tensor) -> Tensor:
    return lateral + F.interpolate(coarser, scale_factor=2)


@TOP_DOWN.wrong("bilinear upsampling", "The paper takes the nearest coarse cell, without blending.")
def _bilinear(lateral: Tensor, coarser: Tensor) -> Tensor:
    return lateral + _larger(coarser, lateral, mode="bilinear", align_corners=False)


@TOP_DOWN.wrong(
    "the coarse map tiled",
    "Each coarse cell becomes 2 x 2 equal cells; repeat() puts whole copies beside each other.",
)
def _tiled(lateral: Tensor, coarser: Tensor) -> Tensor:
    height, width = lateral.shape[-2:]
    return lateral + coarser.repeat(1, 1, 2, 2)[..., :height, :width]


@TOP_DOWN.wrong("the fine map made small", "The coarse map grows: the fine places are what is needed here.")
def _shrunk(lateral: Tensor, coarser: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(lateral, coarser.shape[-2:]) + coarser


EXERCISES = (TOP_DOWN,)
