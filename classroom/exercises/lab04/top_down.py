"""Lab 04, section 5: pass what the coarse map knows down to the fine one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import failing_when
from classroom.exercises.pictures import maps_picture
from classroom.exercises.readings import either
from coursekit.nets.fpn import add_coarser


def top_down(lateral: Tensor, coarser: Tensor) -> Tensor:
    """Return the map of a level plus the coarser one, upsampled by nearest cell: (N, C, h, w), (N, C, h', w') -> (N, C, h, w)."""
    return add_coarser(lateral, coarser)


def nearest_centre(lateral: Tensor, coarser: Tensor) -> Tensor:
    """The same, but where a size is odd, the cell whose centre is nearest."""
    return lateral + F.interpolate(coarser, lateral.shape[-2:], mode="nearest-exact")


TOP_DOWN = Exercise(
    top_down,
    picture=maps_picture,
    judge=either(top_down, nearest_centre),
    hints=(
        "The two maps have the same number of channels but different sizes. Which of them must change its size before you can add them?",
        "lateral + the coarse map, upsampled to lateral's height and width, with the value of the nearest cell.",
        "F.interpolate(coarser, size=lateral.shape[-2:]) takes the nearest cell by default: add lateral.",
    ),
    cases=(
        Case("one coarse cell", (torch.zeros(1, 1, 2, 2), torch.full((1, 1, 1, 1), 3.0))),
        Case("a row of cells", (torch.ones(1, 1, 2, 6), torch.tensor([[[[1.0, 2.0, 3.0]]]]))),
        Case("an odd number of cells", (torch.zeros(1, 1, 5, 9), normal(1, 1, 3, 5))),
        Case("two images, four channels", (normal(2, 4, 6, 10), normal(2, 4, 3, 5, seed=1))),
        Case("square maps", (normal(1, 2, 4, 4), normal(1, 2, 2, 2, seed=1))),
        Case("the gradient", (normal(1, 2, 4, 6), normal(1, 2, 2, 3, seed=1)), True),
    ),
)


def _larger(coarser: Tensor, lateral: Tensor, **how) -> Tensor:
    return F.interpolate(coarser, lateral.shape[-2:], **how)


for _name, _story, _combine in (
    (
        "concatenation",
        "The pyramid adds: all its levels have the same number of channels, so that one head can serve all of them.",
        lambda fine, coarse: torch.cat([fine, coarse], 1),
    ),
    ("the coarse map alone", "The fine level knows where things are; add it.", lambda fine, coarse: coarse),
    ("the fine map alone", "Add the upsampled coarse map.", lambda fine, coarse: fine * 1),
    ("a mean", "The two maps are added.", lambda fine, coarse: (fine + coarse) / 2),
    ("a product", "The two maps are added.", lambda fine, coarse: fine * coarse),
    ("a maximum", "The two maps are added.", torch.maximum),
    ("a difference", "The two maps are added.", lambda fine, coarse: fine - coarse),
    (
        "a quarter of the coarse value",
        "Each fine cell takes the whole value of its coarse cell.",
        lambda fine, coarse: fine + coarse / 4,
    ),
    (
        "half of the coarse value",
        "Each fine cell takes the whole value of its coarse cell.",
        lambda fine, coarse: fine + coarse / 2,
    ),
    (
        "no gradient to the coarse map",
        "The coarse layers learn through the fine levels too: do not detach them.",
        lambda fine, coarse: fine + coarse.detach(),
    ),
    (
        "no gradient to the fine map",
        "Both maps are trained: do not detach either.",
        lambda fine, coarse: fine.detach() + coarse,
    ),
    (
        "no gradient at all",
        "Both maps are trained: no .detach() and no torch.no_grad().",
        lambda fine, coarse: fine.detach() + coarse.detach(),
    ),
    (
        "an unnecessary ReLU",
        "The sum may be negative: return it as it is.",
        lambda fine, coarse: (fine + coarse).relu(),
    ),
):
    TOP_DOWN.wrong(_name, _story)(
        lambda lateral, coarser, combine=_combine: combine(lateral, _larger(coarser, lateral))
    )


@TOP_DOWN.wrong(
    "always twice as large",
    "A map of 5 cells has a coarser one of 3, not of 2.5: upsample to the size of the fine map.",
)
def _always_twice(lateral: Tensor, coarser: Tensor) -> Tensor:
    return lateral + F.interpolate(coarser, scale_factor=2)


TOP_DOWN.wrong("bilinear upsampling", "Take the value of the nearest coarse cell, without blending.")(
    lambda lateral, coarser: lateral + _larger(coarser, lateral, mode="bilinear", align_corners=False)
)
TOP_DOWN.wrong(
    "bilinear upsampling with aligned corners", "Take the value of the nearest coarse cell, without blending."
)(lambda lateral, coarser: lateral + _larger(coarser, lateral, mode="bilinear", align_corners=True))
TOP_DOWN.wrong("bicubic upsampling", "Take the value of the nearest coarse cell, without blending.")(
    lambda lateral, coarser: lateral + _larger(coarser, lateral, mode="bicubic", align_corners=False)
)


@TOP_DOWN.wrong(
    "the coarse map tiled",
    "Each coarse cell becomes 2 x 2 equal cells; repeat() puts whole copies beside each other.",
)
def _tiled(lateral: Tensor, coarser: Tensor) -> Tensor:
    height, width = lateral.shape[-2:]
    return lateral + coarser.repeat(1, 1, 2, 2)[..., :height, :width]


@TOP_DOWN.wrong(
    "gaps between the coarse values",
    "Every fine cell takes the value of the nearest coarse one, not one of four.",
)
def _gaps(lateral: Tensor, coarser: Tensor) -> Tensor:
    mask = torch.zeros_like(lateral)
    mask[..., ::2, ::2] = 1
    return lateral + mask * _larger(coarser, lateral)


@TOP_DOWN.wrong(
    "every second cell from the next coarse one",
    "Fine cells 0 and 1 lie under coarse cell 0: the number of the coarse cell is i // 2, rounded down.",
)
def _by_one_cell(lateral: Tensor, coarser: Tensor) -> Tensor:
    rows, columns = (
        ((torch.arange(fine) + 1) // 2).clamp(max=coarse - 1)
        for fine, coarse in zip(lateral.shape[-2:], coarser.shape[-2:], strict=True)
    )
    return lateral + coarser[..., rows, :][..., columns]


@TOP_DOWN.wrong(
    "the fine map averaged", "Upsample the coarse map instead: the fine positions are what is needed here."
)
def _shrunk(lateral: Tensor, coarser: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(lateral, coarser.shape[-2:]) + coarser


@TOP_DOWN.wrong(
    "the fine map sampled", "Upsample the coarse map instead: the fine positions are what is needed here."
)
def _sampled(lateral: Tensor, coarser: Tensor) -> Tensor:
    return F.interpolate(lateral, coarser.shape[-2:]) + coarser


TOP_DOWN.wrong(
    "an error for maps that are not square", "The size is (height, width): lateral.shape[-2:], in this order."
)(failing_when(lambda lateral, _: lateral.shape[-1] != lateral.shape[-2], top_down))


@TOP_DOWN.wrong("the caller's fine map overwritten", "It is needed again: add out of place, with +, not +=.")
def _overwritten(lateral: Tensor, coarser: Tensor) -> Tensor:
    with torch.no_grad():
        lateral += _larger(coarser, lateral)
    return lateral


EXERCISES = (TOP_DOWN,)
