"""Lab 12, second part: a transposed convolution as zeros between the pixels, and then an ordinary convolution."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit import ops


def convolve_with_zeros(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """The same with zeros between the pixels and an ordinary convolution; for the shapes, see `scatter_kernels`."""
    return ops.conv_transpose2d_by_zeros(input, weight, stride, padding)


_ONE, _ROW = torch.full((1, 1, 1, 1), 2.0), torch.tensor([[[[1.0, 2.0, 3.0]]]])
_NUMBERS = torch.arange(1.0, 10).reshape(1, 1, 3, 3)

CONVOLVE_WITH_ZEROS = Exercise(
    convolve_with_zeros,
    picture=cells_picture,
    hints=(
        "A window of the kernel's size moves over a map that is mostly zeros. Where must it start so that its last place is on the first pixel?",
        "spread_out puts zeros between the cells; then pad by kernel - 1 - padding; flip the kernel "
        "in both directions; swap its two channel axes, because conv2d expects (out, in).",
        "rows, columns = kh - 1 - padding, …\nspread = F.pad(spread_out(input, stride), (columns, columns, rows, rows))\n"
        "return F.conv2d(spread, …)  # the weight, flipped, outputs first",
    ),
    cases=(
        Case("one cell", (_ONE, _NUMBERS)),
        Case("three cells, stride 2", (_ROW, _NUMBERS, 2)),
        Case("two rows, stride 2, padding 1", (torch.arange(1.0, 7).reshape(1, 1, 2, 3), _NUMBERS, 2, 1)),
        Case("a kernel of 4, padding 1", (normal(1, 1, 3, 2), normal(1, 1, 4, 4, seed=1), 2, 1)),
        Case("two images, three channels to four", (normal(2, 3, 4, 5), normal(3, 4, 3, 3, seed=1), 3, 1)),
        Case("a kernel of 3 x 2", (normal(1, 1, 2, 3, seed=2), normal(1, 1, 3, 2, seed=3), 2, 1)),
        Case("double precision", (_ROW.double() / 10, _NUMBERS.double(), 2)),
        Case("as many channels as before", (normal(1, 2, 3, 2, seed=2), normal(2, 2, 2, 3, seed=3), 2)),
        Case("the gradient", (normal(1, 2, 2, 3), normal(2, 2, 4, 4, seed=1), 2, 1), True),
    ),
)


@CONVOLVE_WITH_ZEROS.wrong(
    "a kernel that is not flipped",
    "The place to the right of a cell needs the right part of the kernel, but the cell is on the left of the window.",
)
def _not_flipped(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return convolve_with_zeros(input, weight.flip(2, 3), stride, padding)


def _spread(input: Tensor, stride: int, last: int = 0) -> Tensor:
    rows, columns = ((side - 1) * stride + 1 + last for side in input.shape[2:])
    spread = input.new_zeros(*input.shape[:2], rows, columns)
    spread[:, :, ::stride, ::stride] = input
    return spread


def _collect(spread: Tensor, weight: Tensor, padding: int) -> Tensor:
    margins = [side - 1 - padding for side in weight.shape[:1:-1] for _ in range(2)]
    return F.conv2d(F.pad(spread, margins), weight.flip(2, 3).transpose(0, 1))


@CONVOLVE_WITH_ZEROS.wrong(
    "zeros after the last pixel", "There are zeros between the pixels, but not after the last one."
)
def _zeros_after_the_last(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return _collect(_spread(input, stride, stride - 1), weight, padding)


@CONVOLVE_WITH_ZEROS.wrong(
    "stride zeros in between", "With stride 2 there is one zero between two pixels, that is, stride - 1."
)
def _stride_zeros(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return convolve_with_zeros(input, weight, stride + 1, padding)


@CONVOLVE_WITH_ZEROS.wrong(
    "padding used as it is",
    "Without padding the window starts kernel - 1 places outside, so this convolution pads by kernel - 1 - padding.",
)
def _padding_as_it_is(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.conv2d(_spread(input, stride), weight.flip(2, 3).transpose(0, 1), padding=padding)


@CONVOLVE_WITH_ZEROS.wrong("padding that adds", "Padding is subtracted from kernel - 1.")
def _no_margin(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return _collect(_spread(input, stride), weight, -padding)


@CONVOLVE_WITH_ZEROS.wrong(
    "repeated pixels", "That is blurred nearest upsampling. There must be zeros between the pixels."
)
def _repeated(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    larger = input.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
    return _collect(
        larger[:, :, : larger.shape[2] - stride + 1, : larger.shape[3] - stride + 1], weight, padding
    )


@CONVOLVE_WITH_ZEROS.wrong(
    "a convolution with stride", "The zeros already account for the stride: the convolution has stride 1."
)
def _strided_again(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return convolve_with_zeros(input, weight, stride, padding)[:, :, ::stride, ::stride]


def _changed(change: Callable) -> Callable:
    """An answer that uses what change(input, weight) makes of them."""
    return lambda input, weight, stride=1, padding=0: convolve_with_zeros(
        *change(input, weight), stride, padding
    )


def _with_weight(change: Callable[[Tensor], Tensor]) -> Callable:
    """An answer that rearranges the weight in a different way, change(weight), before the convolution."""

    def answer(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
        margins = [side - 1 - padding for side in weight.shape[:1:-1] for _ in range(2)]
        return F.conv2d(F.pad(_spread(input, stride), margins), change(weight))

    return answer


def _with_frame(frame: Callable[[int, int, int], tuple[int, int]]) -> Callable:
    """An answer with a different frame of zeros, frame(kh, kw, padding) rows and columns."""

    def answer(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
        rows, columns = frame(*weight.shape[2:], padding)
        spread = F.pad(_spread(input, stride), (columns, columns, rows, rows))
        return F.conv2d(spread, weight.flip(2, 3).transpose(0, 1))

    return answer


FLIP = "The kernel is flipped along both of its axes: flip(2, 3)."
FRAME = "The frame has kh - 1 - padding rows above and below, and kw - 1 - padding columns on each side."
for name, story, function in (
    ("only the columns of the kernel flipped", FLIP, _with_weight(lambda w: w.flip(3).transpose(0, 1))),
    ("only the rows of the kernel flipped", FLIP, _with_weight(lambda w: w.flip(2).transpose(0, 1))),
    ("a transposed kernel instead of a flipped one", FLIP, _with_weight(lambda w: w.permute(1, 0, 3, 2))),
    (
        "a kernel that is transposed and flipped",
        FLIP,
        _with_weight(lambda w: w.permute(1, 0, 3, 2).flip(2, 3)),
    ),
    (
        "the channels flipped too",
        FLIP + " The channels keep their order.",
        _with_weight(lambda w: w.flip(0, 1, 2, 3).transpose(0, 1)),
    ),
    (
        "the channels not swapped",
        "conv2d expects (D, C, kh, kw): transpose(0, 1).",
        _with_weight(lambda w: w.flip(2, 3)),
    ),
    (
        "the channels not swapped, the kernel not flipped",
        "conv2d expects (D, C, kh, kw), and the kernel must be flipped.",
        _with_weight(lambda w: w),
    ),
    ("padding ignored", FRAME, _with_frame(lambda kh, kw, p: (kh - 1, kw - 1))),
    (
        "the kernel's width for both sides of the frame",
        FRAME,
        _with_frame(lambda kh, kw, p: (kw - 1 - p, kw - 1 - p)),
    ),
    (
        "the kernel's height for both sides of the frame",
        FRAME,
        _with_frame(lambda kh, kw, p: (kh - 1 - p, kh - 1 - p)),
    ),
    ("height and width of the frame swapped", FRAME, _with_frame(lambda kh, kw, p: (kw - 1 - p, kh - 1 - p))),
    ("a frame one too wide", FRAME, _with_frame(lambda kh, kw, p: (kh - p, kw - p))),
    ("a frame of half the kernel", FRAME, _with_frame(lambda kh, kw, p: (kh // 2, kw // 2))),
    ("no frame", FRAME, _with_frame(lambda kh, kw, p: (0, 0))),
    (
        "twice the padding subtracted from the frame",
        FRAME,
        _with_frame(lambda kh, kw, p: (kh - 1 - 2 * p, kw - 1 - 2 * p)),
    ),
    (
        "single precision",
        "Work in the dtype of the input: input.new_zeros(...) instead of torch.zeros(...).",
        _changed(lambda x, w: (x.float(), w.float())),
    ),
    (
        "no gradient",
        "A network may be trained through this function: no .data or .detach().",
        _changed(lambda x, w: (x.detach(), w.detach())),
    ),
    (
        "no gradient to the input",
        "The earlier layers are trained through this function: no .data or .detach().",
        _changed(lambda x, w: (x.detach(), w)),
    ),
    (
        "no gradient to the weight",
        "The kernel is what a network learns: no .data or .detach().",
        _changed(lambda x, w: (x, w.detach())),
    ),
    (
        "the first input channel alone",
        "Every input channel has a kernel, and the results add up.",
        _changed(lambda x, w: (x[:, :1], w[:1])),
    ),
):
    CONVOLVE_WITH_ZEROS.wrong(name, story)(function)


@CONVOLVE_WITH_ZEROS.wrong(
    "no zeros between the pixels", "With stride 2 there is one zero between two pixels."
)
def _no_zeros(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return convolve_with_zeros(input, weight, 1, padding)


@CONVOLVE_WITH_ZEROS.wrong(
    "the stride in the convolution alone",
    "The stride puts zeros between the pixels; the convolution has stride 1.",
)
def _stride_down(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.conv2d(input, weight.flip(2, 3).transpose(0, 1), None, stride, padding)


EXERCISES = (CONVOLVE_WITH_ZEROS,)
