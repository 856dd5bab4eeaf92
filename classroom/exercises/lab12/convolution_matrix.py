"""Lab 12, third part: a convolution is a matrix."""

from collections.abc import Callable, Sequence

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
        "One row of the matrix gives one number of the output. Which numbers of the image go into it, and with which weights?",
        "The row of the window at (top, left) is an image of zeros, H x W, with the kernel at (top, left), flattened.",
        "rows = []\n"
        "for top in range(0, H - kh + 1, stride):\n"
        "    for left in …:\n"
        "        image = torch.zeros(H, W, dtype=kernel.dtype)\n"
        "        …  # where does the kernel lie?\n"
        "        rows.append(image.flatten())\n"
        "return torch.stack(rows)",
    ),
    cases=(
        Case("a kernel of two on a row of three", (_PAIR, (1, 3))),
        Case("2 x 2 on 3 x 4", (_NUMBERS, (3, 4))),
        Case("2 x 2 on 4 x 6, stride 2", (_NUMBERS, (4, 6), 2)),
        Case("double precision", (torch.tensor([[0.1, 0.2]], dtype=torch.float64), (2, 3))),
        Case("3 x 2 on 5 x 7, stride 2", (torch.arange(1.0, 7).reshape(3, 2), (5, 7), 2)),
    ),
)


@CONVOLUTION_MATRIX.wrong(
    "the transpose of the matrix",
    "There is one row for each output number and one column for each input number.",
)
def _transposed(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size, stride).T


@CONVOLUTION_MATRIX.wrong("a flipped kernel", "In deep learning, a convolution does not flip its kernel.")
def _flipped(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel.flip(0, 1), size, stride)


@CONVOLUTION_MATRIX.wrong(
    "places counted down the columns", "flatten() goes row by row: place = row * W + column."
)
def _column_by_column(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    rows = convolution_matrix(kernel, size, stride)
    return rows.unflatten(1, size).transpose(1, 2).flatten(1)


@CONVOLUTION_MATRIX.wrong("height and width of the image swapped", "size is (H, W).")
def _height_for_width(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size[::-1], stride)


@CONVOLUTION_MATRIX.wrong("a stride of 1", "The window moves `stride` places at a time.")
def _every_place(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return convolution_matrix(kernel, size)


@CONVOLUTION_MATRIX.wrong(
    "the stride from left to right only", "Rows of windows are skipped too, not only columns."
)
def _stride_along_rows(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return ops.conv_matrix(kernel[None, None], size, (1, stride))


@CONVOLUTION_MATRIX.wrong(
    "a row for every pixel",
    "A window that starts near the edge would wrap around into the next row of the image. Windows must stay inside.",
)
def _around_the_edge(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    image = kernel.new_zeros(size)
    image[: kernel.shape[0], : kernel.shape[1]] = kernel
    return torch.stack([image.flatten().roll(place) for place in range(image.numel())])


def _matrix(kernel: Tensor, size: tuple[int, int], tops: Sequence[int], lefts: Sequence[int]) -> Tensor:
    """A row for each window; what extends beyond the image is cut off."""
    rows = []
    for top in tops:
        for left in lefts:
            picture = kernel.new_zeros(size[0] + kernel.shape[0], size[1] + kernel.shape[1])
            picture[top : top + kernel.shape[0], left : left + kernel.shape[1]] = kernel
            rows.append(picture[: size[0], : size[1]].flatten())
    return torch.stack(rows)


def _counts(kernel: Tensor, size: tuple[int, int], stride: int) -> tuple[int, int]:
    return (size[0] - kernel.shape[0]) // stride + 1, (size[1] - kernel.shape[1]) // stride + 1


@CONVOLUTION_MATRIX.wrong(
    "windows that wrap around the edge",
    "A row of the matrix is the previous one, shifted, only within one row of windows: the next row of windows starts at the left edge.",
)
def _shifted(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    first, (rows, columns) = convolution_matrix(kernel, size, stride)[0], _counts(kernel, size, stride)
    return torch.stack([first.roll(stride * place) for place in range(rows * columns)])


@CONVOLUTION_MATRIX.wrong(
    "the last windows missing", "H - kh + 1 places fit along an axis: range(0, H - kh + 1, stride)."
)
def _last_missing(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    tops, lefts = (range(0, max(s - k, 1), stride) for s, k in zip(size, kernel.shape, strict=True))
    return _matrix(kernel, size, tops, lefts)


@CONVOLUTION_MATRIX.wrong(
    "the last windows missing", "H - kh + 1 places fit along an axis: range(0, H - kh + 1, stride)."
)
def _last_missing_or_error(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    return _matrix(
        kernel, size, range(0, size[0] - kernel.shape[0], stride), range(0, size[1] - kernel.shape[1], stride)
    )


@CONVOLUTION_MATRIX.wrong(
    "windows from top to bottom, then to the right", "The windows go from left to right, then down."
)
def _down_first(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    counts = _counts(kernel, size, stride)
    return convolution_matrix(kernel, size, stride).unflatten(0, counts).transpose(0, 1).flatten(0, 1)


@CONVOLUTION_MATRIX.wrong(
    "the kernel in one run",
    "The rows of the kernel are below each other in the image, so they are W places apart when it is flattened.",
)
def _one_run(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    rows, columns = _counts(kernel, size, stride)
    matrix = kernel.new_zeros(rows * columns, size[0] * size[1])
    for place, row in enumerate(matrix):
        start = place // columns * stride * size[1] + place % columns * stride
        row[start : start + kernel.numel()] = kernel.flatten()[: len(row) - start]
    return matrix


def _padded(padding: Callable[[int], int]) -> Callable:
    return lambda kernel, size, stride=1: ops.conv_matrix(
        kernel[None, None], size, stride, (padding(kernel.shape[0]), padding(kernel.shape[1]))
    )


def _changed(change: Callable) -> Callable:
    """An answer that changes the right matrix: change(matrix, kernel, size)."""
    return lambda kernel, size, stride=1: change(convolution_matrix(kernel, size, stride), kernel, size)


for name, story, function in (
    (
        "windows across the edge",
        "Every window lies inside the image: there is no padding.",
        _padded(lambda side: side // 2),
    ),
    (
        "windows across the edge",
        "Every window lies inside the image: there is no padding.",
        _padded(lambda side: side - 1),
    ),
    (
        "windows across the edge",
        "Every window lies inside the image: there are H - kh + 1 places along an axis.",
        lambda kernel, size, stride=1: _matrix(
            kernel, size, range(0, size[0], stride), range(0, size[1], stride)
        ),
    ),
    (
        "single precision",
        "The matrix has the dtype of the kernel: torch.zeros(..., dtype=kernel.dtype) or kernel.new_zeros(...).",
        _changed(lambda matrix, kernel, size: matrix.float()),
    ),
    (
        "ones instead of the weights",
        "A row holds the weights of the kernel.",
        _changed(lambda matrix, kernel, size: (matrix != 0).to(matrix.dtype)),
    ),
    (
        "axes of the images kept",
        "Flatten each image: (outputs, H * W).",
        _changed(lambda matrix, kernel, size: matrix.unflatten(1, size)),
    ),
    (
        "the windows from the last to the first",
        "The first row belongs to the window at the upper left.",
        _changed(lambda matrix, kernel, size: matrix.flip(0)),
    ),
    (
        "the kernel mirrored from left to right",
        "Nothing is flipped.",
        lambda kernel, size, stride=1: convolution_matrix(kernel.flip(1), size, stride),
    ),
    (
        "the kernel transposed",
        "kernel[i, j] is i rows down and j columns to the right.",
        lambda kernel, size, stride=1: convolution_matrix(kernel.T.contiguous(), size, stride),
    ),
    (
        "the stride from top to bottom only",
        "Windows are skipped in both directions.",
        lambda kernel, size, stride=1: ops.conv_matrix(kernel[None, None], size, (stride, 1)),
    ),
    (
        "a kernel's size as the stride",
        "The windows are `stride` places apart, and may overlap.",
        lambda kernel, size, stride=1: ops.conv_matrix(kernel[None, None], size, tuple(kernel.shape)),
    ),
):
    CONVOLUTION_MATRIX.wrong(name, story)(function)


EXERCISES = (CONVOLUTION_MATRIX,)
