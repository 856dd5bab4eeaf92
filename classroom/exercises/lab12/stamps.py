"""Lab 12, first part: a transposed convolution as stamps, and how large it makes a map."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit import ops


def transposed_size(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """The length of a transposed convolution's output along one axis."""
    return ops.conv_transpose_size(size, kernel_size, stride, padding, output_padding)


TRANSPOSED_SIZE = Exercise(
    transposed_size,
    hints=(
        "Where does the stamp of the first cell begin? Where does that of the last one end? What is then cut, what added?",
        "(size - 1) * stride + kernel_size - 2 * padding + output_padding.",
        "last_start = (size - 1) * stride; then + kernel_size, and the two paddings.",
    ),
    cases=(
        Case("one cell, a kernel of 3", (1, 3, 2, 0, 0)),
        Case("four cells, a kernel of 3, stride 2", (4, 3, 2, 0, 0)),
        Case("four cells, a kernel of 4, stride 2, padding 1", (4, 4, 2, 1, 0)),
        Case("six cells back to twelve", (6, 3, 2, 1, 1)),
        Case("FCN-32s: eight cells, a kernel of 64, stride 32, padding 16", (8, 64, 32, 16, 0)),
        Case("stride 1", (7, 5, 1, 2, 0)),
    ),
)


@TRANSPOSED_SIZE.wrong("the size of a convolution", "A convolution makes maps small; this one goes back.")
def _of_convolution(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return (size + 2 * padding - kernel_size) // stride + 1


@TRANSPOSED_SIZE.wrong(
    "stride times the size",
    "That holds only when the kernel is as long as the stride, or padding makes up for it.",
)
def _stride_times(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return size * stride


@TRANSPOSED_SIZE.wrong("a last kernel of one cell", "The last stamp is a whole kernel long.")
def _no_last_kernel(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return (size - 1) * stride + 1 - 2 * padding + output_padding


@TRANSPOSED_SIZE.wrong(
    "a stride too many", "Between the first and the last of n cells there are n - 1 strides."
)
def _one_stride_more(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return size * stride + kernel_size - 2 * padding + output_padding


@TRANSPOSED_SIZE.wrong("padding that adds", "Here padding is cut off the output.")
def _padding_added(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, -padding, output_padding)


@TRANSPOSED_SIZE.wrong("padding at one end", "Padding is cut off at both ends.")
def _cut_once(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, output_padding) + padding


@TRANSPOSED_SIZE.wrong("output_padding at both ends", "It is added at the far end alone.")
def _output_padding_twice(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, output_padding) + output_padding


@TRANSPOSED_SIZE.wrong(
    "output_padding left out", "It chooses among the lengths that the stride rounds to one."
)
def _output_padding_lost(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    return transposed_size(size, kernel_size, stride, padding, 0)


# ---------------------------------------------------------------- stamps


def scatter_kernels(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Transposed convolution: each cell stamps its kernel. (N, C, h, w), (C, D, kh, kw) -> (N, D, H, W)."""
    return ops.conv_transpose2d(input, weight, None, stride, padding)


_ONE, _ROW = torch.full((1, 1, 1, 1), 2.0), torch.tensor([[[[1.0, 2.0, 3.0]]]])
_NUMBERS = torch.arange(1.0, 10).reshape(1, 1, 3, 3)


def _large() -> tuple:
    return normal(4, 32, 24, 24), normal(32, 16, 2, 2, seed=1), 2


SCATTER_KERNELS = Exercise(
    scatter_kernels,
    picture=cells_picture,
    speed=_large,
    hints=(
        "Begin with zeros of the whole size. Each place (i, j) of the kernel adds to every stride-th place of the output.",
        "Place (i, j): whole[:, :, i::stride, j::stride], cut to h x w of them, += the sum over channels c of "
        "input[:, c] * weight[c, :, i, j].",
        'part = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j]); '
        "whole[:, :, i : i + h * stride : stride, j : j + w * stride : stride] += part; at the end cut the padding.",
    ),
    cases=(
        Case("one cell", (_ONE, _NUMBERS)),
        Case("three cells, stride 1", (_ROW, _NUMBERS)),
        Case("two rows, stride 2", (torch.arange(1.0, 7).reshape(1, 1, 2, 3), _NUMBERS, 2)),
        Case("padding 1", (torch.arange(1.0, 7).reshape(1, 1, 2, 3), _NUMBERS, 2, 1)),
        Case("two images, three channels to four", (normal(2, 3, 4, 5), normal(3, 4, 3, 2, seed=1), 3, 1)),
        Case("the gradient", (normal(1, 2, 2, 3), normal(2, 2, 4, 4, seed=1), 2, 1), True),
    ),
)


def _cut(whole: Tensor, padding: int) -> Tensor:
    return whole[:, :, padding : whole.shape[2] - padding, padding : whole.shape[3] - padding]


@SCATTER_KERNELS.wrong("stamps that overwrite", "Where two stamps overlap they add up: +=.")
def _overwriting(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    count, _, rows, columns = input.shape
    high, wide = weight.shape[2:]
    whole = input.new_zeros(count, weight.shape[1], (rows - 1) * stride + high, (columns - 1) * stride + wide)
    for row in range(rows):
        for column in range(columns):
            stamp = torch.einsum("nc,cdij->ndij", input[:, :, row, column], weight)
            top, left = row * stride, column * stride
            whole[:, :, top : top + high, left : left + wide] = stamp
    return _cut(whole, padding)


@SCATTER_KERNELS.wrong(
    "a flipped kernel",
    "The kernel is flipped when you collect (zeros between, then a convolution). A stamp is not flipped.",
)
def _flipped(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight.flip(2, 3), stride, padding)


@SCATTER_KERNELS.wrong("rows taken for columns", "Rows come first, in the kernel and in the map.")
def _turned(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight.transpose(2, 3), stride, padding)


@SCATTER_KERNELS.wrong("a stride of 1", "Neighbouring cells stamp `stride` places apart.")
def _side_by_side(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, 1, padding)


@SCATTER_KERNELS.wrong("nothing cut off", "Cut `padding` rows and columns off each end.")
def _nothing_cut(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride, 0)


@SCATTER_KERNELS.wrong("a cut at the start alone", "Cut the far end too.")
def _cut_at_the_start(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride, 0)[:, :, padding:, padding:]


@SCATTER_KERNELS.wrong(
    "zeros around the output",
    "Padding means the other thing here: the convolution that this one transposes had padded, so this one cuts.",
)
def _zeros_around(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.pad(scatter_kernels(input, weight, stride, 0), 4 * [padding])


@SCATTER_KERNELS.wrong("an ordinary convolution", "It collects and makes the map smaller; this one spreads.")
def _convolution(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.conv2d(input, weight.transpose(0, 1), None, stride, padding)


@SCATTER_KERNELS.wrong("the mean over the channels", "Every input channel adds its own kernel: a sum.")
def _mean_of_channels(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride, padding) / input.shape[1]


EXERCISES = (TRANSPOSED_SIZE, SCATTER_KERNELS)
