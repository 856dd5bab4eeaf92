"""Lab 12, first part: the output size of a transposed convolution."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from coursekit import ops


def transposed_size(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """The length of a transposed convolution's output along one axis."""
    return ops.conv_transpose_size(size, kernel_size, stride, padding, output_padding)


def _judge(arguments: tuple, value: Any) -> dict[str, Any]:
    whole = _is_whole(value)
    return {
        "the size is a whole number, an int": whole,
        "the size": torch.tensor(int(value)).item() if whole else value,
    }


def _is_whole(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.ndim == 0 and not value.is_floating_point() and value.dtype != torch.bool
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


TRANSPOSED_SIZE = Exercise(
    transposed_size,
    judge=_judge,
    hints=(
        "Where does the stamp of the first cell start? Where does that of the last one end? What is then cut off, and what is added?",
        "(size - 1) * stride + kernel_size - 2 * padding + output_padding.",
        "last = (size - 1) * stride  # where the last stamp begins\nreturn last + … - 2 * padding + …",
    ),
    cases=(
        Case("one cell, a kernel of 3", (1, 3, 2, 0, 0)),
        Case("four cells, a kernel of 3, stride 2", (4, 3, 2, 0, 0)),
        Case("four cells, a kernel of 4, stride 2, padding 1", (4, 4, 2, 1, 0)),
        Case("six cells back to twelve", (6, 3, 2, 1, 1)),
        Case("FCN-32s: eight cells, a kernel of 64, stride 32, padding 16", (8, 64, 32, 16, 0)),
        Case("stride 1", (7, 5, 1, 2, 0)),
        Case("seven cells, a kernel of 5, stride 4", (7, 5, 4, 1, 3)),
    ),
)


@TRANSPOSED_SIZE.wrong("the size of a convolution", "A convolution makes maps smaller; this is the reverse.")
def _of_convolution(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return (size + 2 * padding - kernel_size) // stride + 1


@TRANSPOSED_SIZE.wrong(
    "stride times the size",
    "That only holds if the kernel is as long as the stride, or if padding makes up for the difference.",
)
def _stride_times(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return size * stride


@TRANSPOSED_SIZE.wrong("a last kernel of one cell", "The last stamp has the length of a whole kernel.")
def _no_last_kernel(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return (size - 1) * stride + 1 - 2 * padding + output_padding


@TRANSPOSED_SIZE.wrong(
    "one stride too many", "Between the first and the last of n cells there are n - 1 strides."
)
def _one_stride_more(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return size * stride + kernel_size - 2 * padding + output_padding


@TRANSPOSED_SIZE.wrong("padding added instead of cut off", "Here padding is cut off the output.")
def _padding_added(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, output_padding) + 4 * padding


@TRANSPOSED_SIZE.wrong("padding at one end", "Padding is cut off at both ends.")
def _cut_once(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, output_padding) + padding


@TRANSPOSED_SIZE.wrong("output_padding at both ends", "It is added at the far end only.")
def _output_padding_twice(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, output_padding) + output_padding


@TRANSPOSED_SIZE.wrong(
    "output_padding left out", "It selects one of the lengths that the stride rounds to the same number."
)
def _output_padding_lost(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, 0)


SIZE = "The last stamp starts at (size - 1) * stride and is kernel_size long; both ends lose `padding`."
for name, story, function in (
    ("stride times the size, plus output_padding", SIZE, lambda n, k, s, p, o: n * s + o),
    (
        "output_padding subtracted",
        "output_padding adds places at the far end.",
        lambda n, k, s, p, o: (n - 1) * s + k - 2 * p - o,
    ),
    ("one place too few", SIZE, lambda n, k, s, p, o: (n - 1) * s + k - 1 - 2 * p + o),
    ("one place too many", SIZE, lambda n, k, s, p, o: (n - 1) * s + k + 1 - 2 * p + o),
    (
        "the size of a convolution, plus output_padding",
        "A convolution makes maps smaller; this is the reverse.",
        lambda n, k, s, p, o: (n + 2 * p - k) // s + 1 + o,
    ),
    (
        "the longest input of a convolution",
        "Several lengths become the same on the way down. output_padding selects one of them; the longest is only one possibility.",
        lambda n, k, s, p, o: n * s - 1 + k - 2 * p,
    ),
    (
        "kernel and stride swapped",
        "The stamps are `stride` apart and kernel_size long.",
        lambda n, k, s, p, o: (n - 1) * k + s - 2 * p + o,
    ),
    (
        "a float",
        "Divide with //, or not at all: a size is an int.",
        lambda n, k, s, p, o: float((n - 1) * s + k - 2 * p + o),
    ),
    ("padding ignored", "Both ends lose `padding` places.", lambda n, k, s, p, o: (n - 1) * s + k + o),
    (
        "both paddings ignored",
        "Both ends lose `padding` places; output_padding is added.",
        lambda n, k, s, p, o: (n - 1) * s + k,
    ),
    (
        "padding multiplied by the stride",
        "Padding is cut off the output: it is not multiplied by the stride.",
        lambda n, k, s, p, o: (n - 1 - 2 * p) * s + k + o,
    ),
    (
        "output_padding in steps of the stride",
        "output_padding counts places of the output.",
        lambda n, k, s, p, o: (n - 1 + o) * s + k - 2 * p,
    ),
    (
        "the stamps side by side",
        "Stamps overlap if the kernel is longer than the stride.",
        lambda n, k, s, p, o: n * k - 2 * p + o,
    ),
    (
        "a stride of 1",
        "Neighbouring stamps start `stride` places apart.",
        lambda n, k, s, p, o: n - 1 + k - 2 * p + o,
    ),
    (
        "one stride too few",
        SIZE,
        lambda n, k, s, p, o: (n - 2) * s + k - 2 * p + o,
    ),
    (
        "padding on the input",
        "Padding is cut off the output.",
        lambda n, k, s, p, o: (n + 2 * p - 1) * s + k + o,
    ),
    (
        "output_padding cut off with the padding",
        "output_padding is added, at the far end only.",
        lambda n, k, s, p, o: (n - 1) * s + k - 2 * (p + o),
    ),
    (
        "the padding of one end, minus output_padding",
        SIZE + " output_padding is added.",
        lambda n, k, s, p, o: (n - 1) * s + k - p - o,
    ),
):
    TRANSPOSED_SIZE.wrong(name, story)(function)


EXERCISES = (TRANSPOSED_SIZE,)
