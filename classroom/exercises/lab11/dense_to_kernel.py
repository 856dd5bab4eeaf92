"""Lab 11, second part: a dense layer becomes a convolution."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from coursekit.models.fcn import dense_kernel


def dense_to_kernel(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """The weights of a dense layer as those of a convolution: (K, C * kh * kw) -> (K, C, kh, kw)."""
    return dense_kernel(weight, size)


DENSE_TO_KERNEL = Exercise(
    dense_to_kernel,
    hints=(
        "No number changes, only how each row of C * kh * kw weights is divided. In which order did nn.Flatten write them?",
        "(C, h, w) is flattened with the last axis fastest, so the row consists of C blocks of kh rows of kw.",
        "return weight.view(len(weight), …)  # (outputs, channels, rows, columns)",
    ),
    cases=(
        Case("one output, one channel", (torch.arange(6.0)[None], (2, 3))),
        Case("three channels", (torch.arange(24.0).reshape(2, 12), (2, 2))),
        Case("four channels of 3 x 2", (normal(5, 24), (3, 2))),
        Case("a later layer", (normal(3, 7), (1, 1))),
        Case("two channels of 3 x 5", (normal(4, 30), (3, 5))),
    ),
)


@DENSE_TO_KERNEL.wrong(
    "channels last", "nn.Flatten writes channel after channel, and inside a channel row after row."
)
def _channels_last(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (*size, -1)).permute(0, 3, 1, 2)


@DENSE_TO_KERNEL.wrong("columns before rows", "Inside a channel, nn.Flatten writes row after row.")
def _width_first(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size[::-1])).transpose(2, 3)


@DENSE_TO_KERNEL.wrong(
    "a 1 x 1 kernel",
    "Only the layers after the first one become 1 x 1. The first one reads a whole window, so reshape its rows into windows.",
)
def _one_by_one(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight[:, :, None, None]


@DENSE_TO_KERNEL.wrong(
    "a flipped kernel",
    "In deep learning a convolution does not flip its kernel: weight (y, x) is multiplied by pixel (y, x) of the window.",
)
def _flipped(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size)).flip(2, 3)


@DENSE_TO_KERNEL.wrong(
    "channels before outputs",
    "nn.Conv2d expects the outputs first; nn.ConvTranspose2d is the other way round.",
)
def _transposed(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size)).transpose(0, 1)


@DENSE_TO_KERNEL.wrong("height and width swapped", "size is (height, width).")
def _swapped_sides(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size[::-1]))


def _cut(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size))


ORDER = "nn.Flatten writes channel after channel, and inside a channel row after row."
for name, story, function in (
    (
        "a square kernel with the height for both sides",
        "size is (h, w): the kernel has h rows and w columns.",
        lambda weight, size: _cut(weight, (size[0], size[0])),
    ),
    (
        "a square kernel with the width for both sides",
        "size is (h, w): the kernel has h rows and w columns.",
        lambda weight, size: _cut(weight, (size[1], size[1])),
    ),
    (
        "the weight transposed first",
        "Row k of the weight already belongs to output k: do not transpose.",
        lambda weight, size: weight.T.reshape(len(weight), -1, *size),
    ),
    (
        "channels as the last axis",
        "The kernel is (K, C, h, w). " + ORDER,
        lambda weight, size: weight.unflatten(1, (*size, -1)),
    ),
    (
        "channels as the last axis",
        "The kernel is (K, C, h, w). " + ORDER,
        lambda weight, size: _cut(weight, size).permute(0, 2, 3, 1),
    ),
    (
        "rows and columns of the kernel swapped",
        "The kernel is (K, C, h, w), rows before columns.",
        lambda weight, size: _cut(weight, size).transpose(2, 3),
    ),
    (
        "the kernel upside down",
        "Weight (y, x) is multiplied by pixel (y, x) of the window: nothing is flipped.",
        lambda weight, size: _cut(weight, size).flip(2),
    ),
    (
        "the kernel mirrored from left to right",
        "Weight (y, x) is multiplied by pixel (y, x) of the window: nothing is flipped.",
        lambda weight, size: _cut(weight, size).flip(3),
    ),
    (
        "weights divided by the size of the window",
        "No number changes: a convolution sums over its window, it does not take a mean.",
        lambda weight, size: _cut(weight, size) / (size[0] * size[1]),
    ),
    (
        "weights divided by their sum",
        "No number changes: the weights need not add up to 1.",
        lambda weight, size: _cut(weight, size) / weight.sum(1)[:, None, None, None],
    ),
    (
        "the sum over the channels",
        "Every channel keeps its own weights: (K, C, h, w).",
        lambda weight, size: _cut(weight, size).sum(1, keepdim=True),
    ),
    (
        "the sum over the channels",
        "Every channel keeps its own weights: (K, C, h, w).",
        lambda weight, size: _cut(weight, size).sum(1),
    ),
    (
        "the mean over the channels",
        "Every channel keeps its own weights: (K, C, h, w).",
        lambda weight, size: _cut(weight, size).mean(1, keepdim=True),
    ),
    (
        "the first channel only",
        "Every channel has weights: (K, C, h, w).",
        lambda weight, size: _cut(weight, size)[:, :1],
    ),
    (
        "the kernel of the first output only",
        "Return the kernels of all K outputs.",
        lambda weight, size: _cut(weight, size)[0],
    ),
    (
        "the kernel of the first output only",
        "Return the kernels of all K outputs.",
        lambda weight, size: _cut(weight, size)[:1],
    ),
    (
        "the outputs in reverse order",
        "Kernel k belongs to row k of the weight.",
        lambda weight, size: _cut(weight, size).flip(0),
    ),
    ("the weight as it came", "Reshape each row into (C, h, w).", lambda weight, size: weight + 0),
    (
        "an additional first axis",
        "The kernel has four axes: (K, C, h, w).",
        lambda weight, size: _cut(weight, size)[None],
    ),
):
    DENSE_TO_KERNEL.wrong(name, story)(function)


@DENSE_TO_KERNEL.wrong(
    "the shape of the caller's weight changed",
    "The dense layer still needs its weight: return a view or a copy.",
)
def _reshaped_in_place(weight: Tensor, size: tuple[int, int]) -> Tensor:
    weight.resize_(len(weight), weight.shape[1] // (size[0] * size[1]), *size)
    return weight


EXERCISES = (DENSE_TO_KERNEL,)
