"""Lab 12, third part: a convolution is a matrix; and the weights with which its transpose interpolates."""

import torch
from torch import Tensor

from classroom.exercises.cell_pictures import cells_picture
from classroom.exercises.exercise import Case, Exercise, WrongAnswer
from coursekit import ops


def convolution_matrix(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    """The matrix of a convolution on maps of one size (H, W): (kh, kw) -> (outputs, H * W)."""
    return ops.conv_matrix(kernel[None, None], size, stride)


def _transposed(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size, stride).T


def _flipped(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel.flip(0, 1), size, stride)


def _column_by_column(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    rows = convolution_matrix(kernel, size, stride)
    return rows.unflatten(1, size).transpose(1, 2).flatten(1)


def _height_for_width(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size[::-1], stride)


def _every_place(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size)


def _stride_along_rows(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return ops.conv_matrix(kernel[None, None], size, (1, stride))


def _around_the_edge(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    image = kernel.new_zeros(size)
    image[: kernel.shape[0], : kernel.shape[1]] = kernel
    return torch.stack([image.flatten().roll(place) for place in range(image.numel())])


_PAIR, _NUMBERS = torch.tensor([[1.0, 2.0]]), torch.arange(1.0, 5).reshape(2, 2)

CONVOLUTION_MATRIX = Exercise(
    convolution_matrix,
    cases=(
        Case("a kernel of two on a row of three", (_PAIR, (1, 3))),
        Case("2 x 2 on 3 x 4", (_NUMBERS, (3, 4))),
        Case("2 x 2 on 4 x 6, stride 2", (_NUMBERS, (4, 6), 2)),
        Case("3 x 2 on 5 x 7, stride 2", (torch.arange(1.0, 7).reshape(3, 2), (5, 7), 2)),
    ),
    wrong_answers=(
        WrongAnswer(
            "the transpose",
            "One row for each number that comes out, one column for each that goes in. Its transpose comes next.",
            _transposed,
        ),
        WrongAnswer(
            "a flipped kernel", "The convolution of deep learning does not flip its kernel.", _flipped
        ),
        WrongAnswer(
            "places counted down the columns",
            "flatten() goes along the rows: place = row * W + column.",
            _column_by_column,
        ),
        WrongAnswer("height taken for width", "size is (H, W).", _height_for_width),
        WrongAnswer("a stride of 1", "The window moves `stride` places at a time.", _every_place),
        WrongAnswer("stride in one direction", "Rows are skipped too, not only columns.", _stride_along_rows),
        WrongAnswer(
            "a window that goes around the edge",
            "A row shifted by one wraps into the next line of the picture. Windows stay inside.",
            _around_the_edge,
        ),
    ),
    hints=(
        "One row of the matrix makes one number of the output. Which numbers of the picture go into it, with which weights?",
        "Row of the window at (top, left): zeros of size H x W with the kernel at (top, left), then flattened.",
        "for top in range(0, H - kh + 1, stride): for left in ...: image = torch.zeros(H, W); "
        "image[top:top+kh, left:left+kw] = kernel; rows.append(image.flatten()); at the end torch.stack(rows).",
    ),
    picture=cells_picture,
)

# ---------------------------------------------------------------- the first weights


def bilinear_weights(channels: int, stride: int) -> Tensor:
    """Weights of a transposed convolution that enlarges each channel bilinearly: (C, C, 2 * stride, 2 * stride)."""
    return torch.eye(channels)[:, :, None, None] * ops.bilinear_kernel(2 * stride)


def _all_channels(channels: int, stride: int) -> Tensor:
    return ops.bilinear_kernel(2 * stride).expand(channels, channels, -1, -1).clone()


def _on_the_diagonal(channels: int, tent: Tensor) -> Tensor:
    return torch.eye(channels)[:, :, None, None] * tent


def _box(channels: int, stride: int) -> Tensor:
    inside = (torch.arange(2 * stride) - stride + 0.5).abs() < stride / 2
    return _on_the_diagonal(channels, torch.outer(inside.float(), inside.float()))


def _sums_to_one(channels: int, stride: int) -> Tensor:
    return bilinear_weights(channels, stride) / stride**2


def _peak_on_a_place(channels: int, stride: int) -> Tensor:
    side = 1 - (torch.arange(2 * stride) - stride).abs() / stride
    return _on_the_diagonal(channels, torch.outer(side, side))


def _added(channels: int, stride: int) -> Tensor:
    side = ops.bilinear_kernel(2 * stride).sum(0) / stride
    return _on_the_diagonal(channels, (side[:, None] + side) / 2)


def _corners_aligned(channels: int, stride: int) -> Tensor:
    side = 1 - (torch.linspace(-1, 1, 2 * stride)).abs()
    return _on_the_diagonal(channels, torch.outer(side, side))


BILINEAR_WEIGHTS = Exercise(
    bilinear_weights,
    cases=(
        Case("one channel, stride 1", (1, 1)),
        Case("one channel, stride 2", (1, 2)),
        Case("three channels, stride 2", (3, 2)),
        Case("two channels, stride 4", (2, 4)),
    ),
    wrong_answers=(
        WrongAnswer(
            "every channel into every channel",
            "Class 3 must not leak into class 5: other channels have weight 0.",
            _all_channels,
        ),
        WrongAnswer("a box", "That repeats the nearest pixel. The weight must fall with the distance.", _box),
        WrongAnswer(
            "a tent that sums to 1",
            "Each place is covered by only a part of the stamps: all weights of one together sum to stride².",
            _sums_to_one,
        ),
        WrongAnswer(
            "a peak on a place",
            "With an even kernel the middle lies between two places. This one shifts the picture by half a pixel.",
            _peak_on_a_place,
        ),
        WrongAnswer("row and column added", "Bilinear is linear in each direction: a product.", _added),
        WrongAnswer(
            "a tent that ends in zeros",
            "It is 0 one step beyond the kernel, not at its last place: the distance is divided by the stride.",
            _corners_aligned,
        ),
    ),
    hints=(
        "In one direction: how far is each of the 2 * stride places from the middle? The weight falls linearly to 0 at `stride`.",
        "distance = |arange(2 * stride) - (2 * stride - 1) / 2|; tent = 1 - distance / stride; "
        "in two directions tent[:, None] * tent; on the diagonal of the channels.",
        "torch.eye(channels)[:, :, None, None] * (tent[:, None] * tent).",
    ),
    picture=lambda arguments, got, wanted: cells_picture((None,), got, wanted),
)

EXERCISES = (CONVOLUTION_MATRIX, BILINEAR_WEIGHTS)
