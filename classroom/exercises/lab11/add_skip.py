"""Lab 11, fourth part: the skip of an FCN."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import maps_picture
from classroom.exercises.readings import either
from coursekit.models.fcn import fuse

VOID = 255


def add_skip(coarse: Tensor, fine: Tensor) -> Tensor:
    """The coarse scores, upsampled bilinearly, plus the fine ones: (N, K, h, w), (N, K, H, W) -> (N, K, H, W)."""
    return fuse(coarse, fine)


def _corners_on_corners(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bilinear", align_corners=True) + fine


ADD_SKIP = Exercise(
    add_skip,
    judge=either(add_skip, _corners_on_corners),
    picture=lambda arguments, got, wanted: maps_picture(arguments[::-1], got, wanted),
    hints=(
        "The two score maps have the same classes but different sizes. One must be resized before they can be added. Which one, and how?",
        "Upsample the coarse scores bilinearly to the height and width of the fine ones, then add.",
        'larger = F.interpolate(coarse, …, mode="bilinear")\nreturn larger + fine',
    ),
    cases=(
        Case("one coarse cell", (torch.full((1, 1, 1, 1), 3.0), torch.zeros(1, 1, 2, 2))),
        Case("a row of cells", (torch.tensor([[[[1.0, 3.0, 2.0]]]]), torch.ones(1, 1, 2, 6))),
        Case("an odd number of cells", (normal(1, 1, 2, 3), torch.zeros(1, 1, 3, 5))),
        Case("two images, four classes", (normal(2, 4, 3, 5), normal(2, 4, 6, 10, seed=1))),
        Case("the gradient, of one coarse cell", (normal(2, 2, 1, 1), normal(2, 2, 2, 3, seed=1)), True),
    ),
)


def _larger(coarse: Tensor, fine: Tensor, **how) -> Tensor:
    return F.interpolate(coarse, fine.shape[-2:], **how)


@ADD_SKIP.wrong(
    "the nearest coarse score",
    "Scores are amounts, so blend them bilinearly. Only labels must not be blended.",
)
def _nearest(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine) + fine


@ADD_SKIP.wrong("concatenation instead of a sum", "FCN adds the scores; U-Net, in lab 12, concatenates them.")
def _concatenated(coarse: Tensor, fine: Tensor) -> Tensor:
    return torch.cat([_larger(coarse, fine, mode="bilinear"), fine], 1)


@ADD_SKIP.wrong(
    "the fine scores shrunk to the coarse size",
    "The skip adds fine positions: upsample the coarse map instead.",
)
def _fine_shrunk(coarse: Tensor, fine: Tensor) -> Tensor:
    return coarse + F.adaptive_avg_pool2d(fine, coarse.shape[-2:])


@ADD_SKIP.wrong(
    "the fine scores shrunk to the coarse size",
    "The skip adds fine positions: upsample the coarse map instead.",
)
def _fine_interpolated(coarse: Tensor, fine: Tensor) -> Tensor:
    return coarse + F.interpolate(fine, coarse.shape[-2:], mode="bilinear")


@ADD_SKIP.wrong("the coarse scores alone", "Add the fine ones.")
def _coarse_alone(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bilinear")


@ADD_SKIP.wrong(
    "the mean instead of the sum", "The scores are logits, and each level adds its evidence: do not halve it."
)
def _mean(coarse: Tensor, fine: Tensor) -> Tensor:
    return add_skip(coarse, fine) / 2


@ADD_SKIP.wrong(
    "an error for odd sizes",
    "Twice 3 coarse cells are 6, but there may be 5 fine ones: upsample to the size of the fine map.",
)
def _always_twice(coarse: Tensor, fine: Tensor) -> Tensor:
    return F.interpolate(coarse, scale_factor=2, mode="bilinear") + fine


@ADD_SKIP.wrong(
    "twice as large, then cut",
    "Cutting the upsampled map shifts it: interpolate to the size of the fine map, whatever it is.",
)
def _twice_then_cut(coarse: Tensor, fine: Tensor) -> Tensor:
    twice = F.interpolate(coarse, scale_factor=2, mode="bilinear")
    return twice[..., : fine.shape[-2], : fine.shape[-1]] + fine


@ADD_SKIP.wrong(
    "an error for every fine map that is not square",
    "The size is (height, width), in this order: fine.shape[-2:].",
)
def _width_first(coarse: Tensor, fine: Tensor) -> Tensor:
    return F.interpolate(coarse, (fine.shape[-1], fine.shape[-2]), mode="bilinear") + fine


@ADD_SKIP.wrong("bicubic upsampling", 'Bicubic weights overshoot next to an edge: mode="bilinear" does not.')
def _bicubic(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bicubic") + fine


@ADD_SKIP.wrong("no gradient to the coarse scores", "Both maps are trained: do not detach either of them.")
def _coarse_detached(coarse: Tensor, fine: Tensor) -> Tensor:
    return add_skip(coarse.detach(), fine)


@ADD_SKIP.wrong("no gradient to the fine scores", "Both maps are trained: do not detach either of them.")
def _fine_detached(coarse: Tensor, fine: Tensor) -> Tensor:
    return add_skip(coarse, fine.detach())


@ADD_SKIP.wrong(
    "no gradient at all", "The sum must stay in the graph: no .detach(), .data or torch.no_grad()."
)
def _detached(coarse: Tensor, fine: Tensor) -> Tensor:
    return add_skip(coarse.detach(), fine.detach())


@ADD_SKIP.wrong(
    "the fine scores overwritten", "The caller still needs them: a + b makes a new tensor, a += b does not."
)
def _overwritten(coarse: Tensor, fine: Tensor) -> Tensor:
    total = add_skip(coarse, fine)
    fine.data.copy_(total.detach())
    return total


SUM = "Return the upsampled coarse scores plus the fine ones, unchanged."
for name, story, combine in (
    (
        "the product instead of the sum",
        "Two negative scores would become a positive one: add them.",
        torch.mul,
    ),
    ("the coarse scores subtracted", "Both levels are evidence for a class: add them.", lambda c, f: f - c),
    ("the fine scores subtracted", "Both levels are evidence for a class: add them.", lambda c, f: c - f),
    ("the maximum instead of the sum", "Each level adds its evidence: add the scores.", torch.maximum),
    (
        "negative sums set to 0",
        "A negative score is evidence against a class: no ReLU here.",
        lambda c, f: (c + f).relu(),
    ),
    (
        "the coarse scores divided by 4",
        "Scores are not divided among the fine cells: " + SUM,
        lambda c, f: c / 4 + f,
    ),
    ("the coarse scores divided by 2", SUM, lambda c, f: c / 2 + f),
    ("the coarse scores counted twice", SUM, lambda c, f: 2 * c + f),
    ("the fine scores alone", "The upsampled coarse scores are missing from the sum.", lambda c, f: f),
    (
        "the mean of the coarse classes",
        "Each class has its own map of coarse scores: add class by class.",
        lambda c, f: c.mean(1, keepdim=True) + f,
    ),
    (
        "the coarse scores of the first image for the whole batch",
        "Each image of the batch has its own coarse scores.",
        lambda c, f: c[:1] + f,
    ),
    (
        "a softmax over the classes of the sum",
        "Return the scores; the softmax belongs to the loss.",
        lambda c, f: (c + f).softmax(1),
    ),
    (
        "a sigmoid of the sum",
        "Return the scores; probabilities come later.",
        lambda c, f: (c + f).sigmoid(),
    ),
):
    ADD_SKIP.wrong(name, story)(
        lambda coarse, fine, combine=combine: combine(_larger(coarse, fine, mode="bilinear"), fine)
    )


EXERCISES = (ADD_SKIP,)
