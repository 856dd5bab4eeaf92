"""Lab 16, exercise 3: the mask so far as a prompt."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab16.pictures import maps_picture
from classroom.exercises.mistakes import overwriting


def so_far_map(logits: Tensor, factor: int) -> Tensor:
    """The mean probability in each block of factor x factor cells: (P, H, W) -> (P, 1, H / factor, W / factor)."""
    return F.avg_pool2d(logits.sigmoid()[:, None], factor)


_HALF = torch.tensor([[[4.0, 4.0, -4.0, -4.0, -4.0, -4.0], [4.0, 4.0, -4.0, -4.0, 9.0, -1.0]]])

SO_FAR_MAP = Exercise(
    so_far_map,
    picture=maps_picture,
    hints=(
        "A cell of the small map covers factor x factor cells of the mask. What is the mean of their probabilities?",
        "First the sigmoid, then the mean over blocks: F.avg_pool2d(x, factor) takes (N, C, H, W).",
        "probability = logits.sigmoid()\nreturn F.avg_pool2d(probability[:, …], factor)",
    ),
    cases=(
        Case("one block", (torch.tensor([[[6.0, -6.0], [6.0, -6.0]]]), 2)),
        Case("three blocks, one of them mixed", (_HALF, 2)),
        Case("sure and unsure logits", (3 * normal(1, 4, 8), 4)),
        Case("two prompts", (2 * normal(2, 4, 6, seed=1), 2)),
        Case("nothing to shrink", (normal(1, 2, 3, seed=2), 1)),
        Case("another factor", (2 * normal(2, 6, 9, seed=3), 3)),
        Case("no prompts", (torch.zeros(0, 4, 8), 2)),
    ),
)

_wrong = SO_FAR_MAP.wrong
Change = Callable[[Tensor, int], Tensor]


def _add(name: str, story: str, change: Change) -> None:
    """Add a wrong answer that is given the logits as (P, 1, H, W)."""
    _wrong(name, story)(lambda logits, factor: change(logits[:, None], factor))


_ORDER = "The mean of logits is not the logit of the mean: one very sure cell would outvote the others. First the sigmoid, then the mean."
_add("the mean of the logits, then a sigmoid", _ORDER, lambda x, f: F.avg_pool2d(x, f).sigmoid())
_add("logits instead of probabilities", "The map holds probabilities, from 0 to 1.", F.avg_pool2d)
_add(
    "the share of cells above 0",
    "Keep how sure the network is: average the probabilities, not a mask of zeros and ones.",
    lambda x, f: F.avg_pool2d((x > 0).float(), f),
)
_add(
    "one cell of each block",
    "Every n-th cell alone misses thin parts: average all cells of the block.",
    lambda x, f: x.sigmoid()[..., ::f, ::f],
)
_add(
    "the largest of each block",
    "The maximum makes every object thicker: take the mean.",
    lambda x, f: F.max_pool2d(x.sigmoid(), f) if len(x) else F.avg_pool2d(x, f),
)
_add(
    "the sum of each block",
    "The sum of probabilities is above 1: divide by the number of cells.",
    lambda x, f: F.avg_pool2d(x.sigmoid(), f) * f * f,
)
_add(
    "rounded to 0 and 1",
    "Keep the probability: a mixed cell is neither 0 nor 1.",
    lambda x, f: F.avg_pool2d(x.sigmoid(), f).round(),
)
_add(
    "enlarged instead of shrunk",
    "The prompts are coarser than the mask: each block becomes one cell.",
    lambda x, f: x.sigmoid().repeat_interleave(f, 2).repeat_interleave(f, 3),
)
_add(
    "the channel left out",
    "The map is one channel: (P, 1, H / factor, W / factor).",
    lambda x, f: F.avg_pool2d(x.sigmoid(), f)[:, 0],
)
_add(
    "a softmax over the cells",
    "Each cell has a probability of its own: a sigmoid.",
    lambda x, f: F.avg_pool2d(x.flatten(1).softmax(1).view_as(x), f),
)
_add(
    "interpolated between four cells",
    "Bilinear interpolation reads only four cells of a block: average all of them.",
    lambda x, f: (
        F.interpolate(x.sigmoid(), (x.shape[2] // f, x.shape[3] // f), mode="bilinear")
        if len(x)
        else F.avg_pool2d(x, f)
    ),
)
_add(
    "windows that overlap",
    "The blocks do not overlap: the stride is the size of a block, which is the default of F.avg_pool2d.",
    lambda x, f: F.avg_pool2d(x.sigmoid(), f, 1),
)


@_wrong("factor as the size of the map", "`factor` is the side of a block, not of the map.")
def _factor_as_size(logits: Tensor, factor: int) -> Tensor:
    return F.adaptive_avg_pool2d(logits.sigmoid()[:, None], (factor, factor))


@_wrong(
    "the prompts as channels", "Prompts must not mix: they stay the first axis, and the channel comes second."
)
def _prompts_as_channels(logits: Tensor, factor: int) -> Tensor:
    return F.avg_pool2d(logits.sigmoid()[None], factor)


_wrong(
    "the caller's logits overwritten",
    "The map is right, but the caller's logits have changed: not .sigmoid_().",
)(overwriting(so_far_map, 0))

EXERCISES = (SO_FAR_MAP,)
