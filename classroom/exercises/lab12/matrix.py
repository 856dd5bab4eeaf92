"""Lab 12, third part: a convolution is a matrix; and the weights with which its transpose interpolates."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit import ops


def convolution_matrix(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    """The matrix of a convolution on maps of one size (H, W): (kh, kw) -> (outputs, H * W)."""
    return ops.conv_matrix(kernel[None, None], size, stride)


_PAIR, _NUMBERS = torch.tensor([[1.0, 2.0]]), torch.arange(1.0, 5).reshape(2, 2)

CONVOLUTION_MATRIX = Exercise(
    convolution_matrix,
    picture=cells_picture,
    hints=(
        "One row of the matrix makes one number of the output. Which numbers of the picture go into it, with which weights?",
        "Row of the window at (top, left): zeros of size H x W with the kernel at (top, left), then flattened.",
        "for top in range(0, H - kh + 1, stride): for left in ...: image = torch.zeros(H, W); "
        "image[top:top+kh, left:left+kw] = kernel; rows.append(image.flatten()); at the end torch.stack(rows).",
    ),
    cases=(
        Case("a kernel of two on a row of three", (_PAIR, (1, 3))),
        Case("2 x 2 on 3 x 4", (_NUMBERS, (3, 4))),
        Case("2 x 2 on 4 x 6, stride 2", (_NUMBERS, (4, 6), 2)),
        Case("3 x 2 on 5 x 7, stride 2", (torch.arange(1.0, 7).reshape(3, 2), (5, 7), 2)),
    ),
)


@CONVOLUTION_MATRIX.wrong(
    "the transpose",
    "One row for each number that comes out, one column for each that goes in. Its transpose comes next.",
)
def _transposed(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size, stride).T


@CONVOLUTION_MATRIX.wrong("a flipped kernel", "The convolution of deep learning does not flip its kernel.")
def _flipped(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel.flip(0, 1), size, stride)


@CONVOLUTION_MATRIX.wrong(
    "places counted down the columns", "flatten() goes along the rows: place = row * W + column."
)
def _column_by_column(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    rows = convolution_matrix(kernel, size, stride)
    return rows.unflatten(1, size).transpose(1, 2).flatten(1)


@CONVOLUTION_MATRIX.wrong("height taken for width", "size is (H, W).")
def _height_for_width(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size[::-1], stride)


@CONVOLUTION_MATRIX.wrong("a stride of 1", "The window moves `stride` places at a time.")
def _every_place(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size)


@CONVOLUTION_MATRIX.wrong("stride in one direction", "Rows are skipped too, not only columns.")
def _stride_along_rows(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return ops.conv_matrix(kernel[None, None], size, (1, stride))


@CONVOLUTION_MATRIX.wrong(
    "a window that goes around the edge",
    "A row shifted by one wraps into the next line of the picture. Windows stay inside.",
)
def _around_the_edge(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    image = kernel.new_zeros(size)
    image[: kernel.shape[0], : kernel.shape[1]] = kernel
    return torch.stack([image.flatten().roll(place) for place in range(image.numel())])


# ---------------------------------------------------------------- the first weights


def bilinear_weights(channels: int, stride: int) -> Tensor:
    """Weights of a transposed convolution that enlarges each channel bilinearly: (C, C, 2 * stride, 2 * stride)."""
    return torch.eye(channels)[:, :, None, None] * ops.bilinear_kernel(2 * stride)


BILINEAR_WEIGHTS = Exercise(
    bilinear_weights,
    picture=lambda arguments, got, wanted: cells_picture((None,), got, wanted),
    hints=(
        "In one direction: how far is each of the 2 * stride places from the middle? The weight falls linearly to 0 at `stride`.",
        "distance = |arange(2 * stride) - (2 * stride - 1) / 2|; tent = 1 - distance / stride; "
        "in two directions tent[:, None] * tent; on the diagonal of the channels.",
        "torch.eye(channels)[:, :, None, None] * (tent[:, None] * tent).",
    ),
    cases=(
        Case("one channel, stride 1", (1, 1)),
        Case("one channel, stride 2", (1, 2)),
        Case("three channels, stride 2", (3, 2)),
        Case("two channels, stride 4", (2, 4)),
    ),
)


@BILINEAR_WEIGHTS.wrong(
    "every channel into every channel", "Class 3 must not leak into class 5: other channels have weight 0."
)
def _all_channels(channels: int, stride: int) -> Tensor:
    return ops.bilinear_kernel(2 * stride).expand(channels, channels, -1, -1).clone()


def _on_the_diagonal(channels: int, tent: Tensor) -> Tensor:
    return torch.eye(channels)[:, :, None, None] * tent


@BILINEAR_WEIGHTS.wrong("a box", "That repeats the nearest pixel. The weight must fall with the distance.")
def _box(channels: int, stride: int) -> Tensor:
    inside = (torch.arange(2 * stride) - stride + 0.5).abs() < stride / 2
    return _on_the_diagonal(channels, torch.outer(inside.float(), inside.float()))


@BILINEAR_WEIGHTS.wrong(
    "a tent that sums to 1",
    "Each place is covered by only a part of the stamps: all weights of one together sum to stride².",
)
def _sums_to_one(channels: int, stride: int) -> Tensor:
    return bilinear_weights(channels, stride) / stride**2


@BILINEAR_WEIGHTS.wrong(
    "a peak on a place",
    "With an even kernel the middle lies between two places. This one shifts the picture by half a pixel.",
)
def _peak_on_a_place(channels: int, stride: int) -> Tensor:
    side = 1 - (torch.arange(2 * stride) - stride).abs() / stride
    return _on_the_diagonal(channels, torch.outer(side, side))


@BILINEAR_WEIGHTS.wrong("row and column added", "Bilinear is linear in each direction: a product.")
def _added(channels: int, stride: int) -> Tensor:
    side = ops.bilinear_kernel(2 * stride).sum(0) / stride
    return _on_the_diagonal(channels, (side[:, None] + side) / 2)


@BILINEAR_WEIGHTS.wrong(
    "a tent that ends in zeros",
    "It is 0 one step beyond the kernel, not at its last place: the distance is divided by the stride.",
)
def _corners_aligned(channels: int, stride: int) -> Tensor:
    side = 1 - (torch.linspace(-1, 1, 2 * stride)).abs()
    return _on_the_diagonal(channels, torch.outer(side, side))


EXERCISES = (CONVOLUTION_MATRIX, BILINEAR_WEIGHTS)
