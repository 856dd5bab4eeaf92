"""Lab 12, first part: a transposed convolution as stamps."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit import ops


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
        "Start with zeros of the full size. Each place (i, j) of the kernel adds to every stride-th place of the output.",
        "For place (i, j): whole[:, :, i::stride, j::stride], limited to h x w places, += the sum over channels c of "
        "input[:, c] * weight[c, :, i, j].",
        "for i in range(kh):\n"
        "    for j in range(kw):\n"
        '        part = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])\n'
        "        whole[:, :, i : i + h * stride : stride, …] += part\n"
        "return …  # without the padding",
    ),
    cases=(
        Case("one cell", (_ONE, _NUMBERS)),
        Case("three cells, stride 1", (_ROW, _NUMBERS)),
        Case("two rows, stride 2", (torch.arange(1.0, 7).reshape(1, 1, 2, 3), _NUMBERS, 2)),
        Case("padding 1", (torch.arange(1.0, 7).reshape(1, 1, 2, 3), _NUMBERS, 2, 1)),
        Case("two images, three channels to four", (normal(2, 3, 4, 5), normal(3, 4, 3, 2, seed=1), 3, 1)),
        Case("double precision", (_ROW.double() / 10, _NUMBERS.double(), 2)),
        Case("as many channels as before", (normal(1, 2, 3, 2, seed=2), normal(2, 2, 2, 3, seed=3), 2)),
        Case("padding 2", (normal(1, 1, 3, 4, seed=4), normal(1, 1, 5, 4, seed=5), 3, 2)),
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
    "The kernel is flipped when you gather (zeros in between, then a convolution). A stamp is not flipped.",
)
def _flipped(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight.flip(2, 3), stride, padding)


@SCATTER_KERNELS.wrong("rows mistaken for columns", "Rows come first, both in the kernel and in the map.")
def _turned(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight.transpose(2, 3), stride, padding)


@SCATTER_KERNELS.wrong("a stride of 1", "The stamps of neighbouring cells are `stride` places apart.")
def _side_by_side(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, 1, padding)


@SCATTER_KERNELS.wrong("nothing cut off", "Cut `padding` rows and columns off each end.")
def _nothing_cut(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride, 0)


@SCATTER_KERNELS.wrong("a cut at the start alone", "Cut `padding` rows and columns off the far end too.")
def _cut_at_the_start(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride, 0)[:, :, padding:, padding:]


@SCATTER_KERNELS.wrong(
    "zeros around the output",
    "Padding means the opposite here: the original convolution padded, so its transpose cuts.",
)
def _zeros_around(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.pad(scatter_kernels(input, weight, stride, 0), 4 * [padding])


@SCATTER_KERNELS.wrong("an ordinary convolution", "It gathers and makes the map smaller; this one scatters.")
def _convolution(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.conv2d(input, weight.transpose(0, 1), None, stride, padding)


@SCATTER_KERNELS.wrong("the mean over the channels", "Every input channel adds its own kernel: a sum.")
def _mean_of_channels(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride, padding) / input.shape[1]


DTYPE = "Work in the dtype of the input: input.new_zeros(...) instead of torch.zeros(...)."


def _uncut(input: Tensor, weight: Tensor, stride: int) -> Tensor:
    return scatter_kernels(input, weight, stride, 0)


def _after(change: Callable) -> Callable:
    """An answer that goes wrong after the stamping: change(uncut output, padding)."""
    return lambda input, weight, stride=1, padding=0: change(_uncut(input, weight, stride), padding)


def _before(change: Callable) -> Callable:
    """An answer that stamps what change(input, weight) makes of them."""
    return lambda input, weight, stride=1, padding=0: scatter_kernels(*change(input, weight), stride, padding)


@SCATTER_KERNELS.wrong(
    "the mean where stamps overlap", "Stamps that overlap add up, even if that makes a checkerboard."
)
def _mean_of_overlaps(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    counts = _uncut(torch.ones_like(input[:1, :1]), torch.ones_like(weight[:1, :1]), stride)
    return _cut(_uncut(input, weight, stride) / counts.clamp(min=1), padding)


@SCATTER_KERNELS.wrong(
    "an output of stride times the size",
    "The last stamp extends further: there are (h - 1) * stride + kh rows before the cut.",
)
def _stride_times(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    rows, columns = (side * stride for side in input.shape[2:])
    extra = (0, max(0, columns), 0, max(0, rows))
    return _cut(F.pad(_uncut(input, weight, stride), extra)[:, :, :rows, :columns], padding)


@SCATTER_KERNELS.wrong("stamps that overwrite", "Where two stamps overlap they add up: +=.")
def _last_place_wins(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    whole = torch.zeros_like(_uncut(input, weight, stride))
    rows, columns = input.shape[2:]
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            part = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])
            whole[:, :, i::stride, j::stride][:, :, :rows, :columns] = part
    return _cut(whole, padding)


CUT = "Cut `padding` rows and columns off each of the four sides."
for name, story, function in (
    (
        "nothing left without padding",
        "[0:-0] is empty: slice with [padding : size - padding].",
        _after(lambda whole, p: whole[:, :, p:-p, p:-p]),
    ),
    (
        "half the padding at each end",
        CUT,
        _after(
            lambda whole, p: whole[
                :, :, p // 2 : whole.shape[2] - p + p // 2, p // 2 : whole.shape[3] - p + p // 2
            ]
        ),
    ),
    (
        "a cut at the end alone",
        CUT,
        _after(lambda whole, p: whole[:, :, : whole.shape[2] - p, : whole.shape[3] - p]),
    ),
    ("a cut of the rows alone", CUT, _after(lambda whole, p: whole[:, :, p : whole.shape[2] - p])),
    ("a cut of the columns alone", CUT, _after(lambda whole, p: whole[:, :, :, p : whole.shape[3] - p])),
    ("a cut twice too wide", CUT, _after(lambda whole, p: _cut(whole, 2 * p))),
    ("zeros instead of the cut", CUT, _after(lambda whole, p: F.pad(_cut(whole, p), 4 * [p]))),
    (
        "the weight read as (D, C, kh, kw)",
        "Here the input channels come first: (C, D, kh, kw).",
        _before(lambda x, w: (x, w.transpose(0, 1))),
    ),
    (
        "the first input channel alone",
        "Every input channel stamps, and the stamps add up.",
        _before(lambda x, w: (x[:, :1], w[:1])),
    ),
    (
        "the kernels of the first input channel for all",
        "Each input channel has its own kernel.",
        _before(lambda x, w: (x, w[:1].expand_as(w))),
    ),
    ("the first output channel alone", "There are D output channels.", _before(lambda x, w: (x, w[:, :1]))),
    ("the first image alone", "Stamp every image in the batch.", _before(lambda x, w: (x[:1], w))),
    ("a kernel mirrored from left to right", "A stamp is not flipped.", _before(lambda x, w: (x, w.flip(3)))),
    ("a kernel upside down", "A stamp is not flipped.", _before(lambda x, w: (x, w.flip(2)))),
    (
        "ones in the kernel",
        "Each stamp is the kernel times the cell.",
        _before(lambda x, w: (x, torch.ones_like(w))),
    ),
    (
        "stamps without the value of the cell",
        "Each stamp is the kernel times the cell.",
        _before(lambda x, w: (torch.ones_like(x), w)),
    ),
    (
        "no gradient",
        "A network is trained through this function: no .data, .detach() or torch.no_grad().",
        _before(lambda x, w: (x.detach(), w.detach())),
    ),
    (
        "no gradient to the weight",
        "The kernel is what a network learns.",
        _before(lambda x, w: (x, w.detach())),
    ),
    (
        "no gradient to the input",
        "The earlier layers are trained through this function.",
        _before(lambda x, w: (x.detach(), w)),
    ),
    ("single precision", DTYPE, _before(lambda x, w: (x.float(), w.float()))),
    (
        "the mean over the places of the kernel",
        "The products are added, not averaged.",
        _before(lambda x, w: (x, w / w[0, 0].numel())),
    ),
):
    SCATTER_KERNELS.wrong(name, story)(function)


@SCATTER_KERNELS.wrong("a stride that is one too large", "The stamps are `stride` places apart.")
def _stride_plus_one(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return scatter_kernels(input, weight, stride + 1, padding)


EXERCISES = (SCATTER_KERNELS,)
