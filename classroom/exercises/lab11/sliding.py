"""Lab 11, second part: a dense layer becomes a convolution, and what it must equal."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from coursekit.models.fcn import dense_kernel


def dense_to_kernel(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """The weights of a dense layer as those of a convolution: (K, C * kh * kw) -> (K, C, kh, kw)."""
    return dense_kernel(weight, size)


DENSE_TO_KERNEL = Exercise(
    dense_to_kernel,
    hints=(
        "No number changes, only how the row of C * kh * kw weights is cut. In which order did nn.Flatten write them?",
        "(C, h, w) is flattened with the last axis fastest. So the row is cut into C blocks of kh rows of kw.",
        "weight.view(len(weight), -1, *size)",
    ),
    cases=(
        Case("one answer, one channel", (torch.arange(6.0)[None], (2, 3))),
        Case("three channels", (torch.arange(24.0).reshape(2, 12), (2, 2))),
        Case("four channels of 3 x 2", (normal(5, 24), (3, 2))),
        Case("a later layer", (normal(3, 7), (1, 1))),
        Case("the gradient", (normal(4, 30), (3, 5)), True),
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
    "a 1 x 1 kernel", "Only the layers behind the first become 1 x 1: the first one reads a whole window."
)
def _one_by_one(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight[:, :, None, None]


@DENSE_TO_KERNEL.wrong(
    "a flipped kernel",
    "What is called convolution here does not flip its kernel: weight (y, x) meets pixel (y, x) of the window.",
)
def _flipped(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size)).flip(2, 3)


@DENSE_TO_KERNEL.wrong(
    "channels before answers", "nn.Conv2d wants the answers first; nn.ConvTranspose2d is the other way round."
)
def _transposed(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size)).transpose(0, 1)


@DENSE_TO_KERNEL.wrong("height and width swapped", "size is (height, width).")
def _swapped_sides(weight: Tensor, size: tuple[int, int]) -> Tensor:
    return weight.unflatten(1, (-1, *size[::-1]))


def slide_over(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """What a classifier says of each window of the maps: (C, H, W) -> (K, H - h + 1, W - w + 1)."""
    height, width = size
    rows, columns = maps.shape[1] - height + 1, maps.shape[2] - width + 1
    said = [
        classify(maps[None, :, y : y + height, x : x + width])[0] for y in range(rows) for x in range(columns)
    ]
    return torch.stack(said, -1).unflatten(-1, (rows, columns))


def mean_and_corner(windows: Tensor) -> Tensor:
    """A classifier of two classes: the mean of a window, and its upper left number: (N, C, h, w) -> (N, 2)."""
    return torch.stack([windows.mean((1, 2, 3)), windows[:, 0, 0, 0]], 1)


SLIDE_OVER = Exercise(
    slide_over,
    hints=(
        "Two loops. How many places are there for a window of 3 cells on 5 cells?",
        "Rows: H - h + 1, columns: W - w + 1. Window (y, x) is maps[:, y:y + h, x:x + w]; the classifier wants a batch of one.",
        "torch.stack(answers, -1).view(K, rows, columns), where answers are classify(window[None])[0], row by row.",
    ),
    cases=(
        Case("windows of one cell", (mean_and_corner, torch.arange(6.0).reshape(1, 2, 3), (1, 1))),
        Case("two places", (mean_and_corner, torch.arange(6.0).reshape(1, 2, 3), (2, 2))),
        Case("3 x 2 windows on 5 x 7 cells", (mean_and_corner, normal(4, 5, 7), (3, 2))),
        Case("one place", (mean_and_corner, normal(2, 3, 4), (3, 4))),
    ),
)


def _steps(classify: Callable, maps: Tensor, size: tuple[int, int], ys: range, xs: range) -> Tensor:
    said = [classify(maps[None, :, y : y + size[0], x : x + size[1]])[0] for y in ys for x in xs]
    return torch.stack(said, -1).unflatten(-1, (len(ys), len(xs)))


@SLIDE_OVER.wrong("windows side by side", "The window moves by one cell, not by its own size.")
def _side_by_side(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    (height, width), (rows, columns) = size, maps.shape[1:]
    return _steps(
        classify, maps, size, range(0, rows - height + 1, height), range(0, columns - width + 1, width)
    )


@SLIDE_OVER.wrong("one window too few", "H - h + 1 windows fit: with H = h there is one.")
def _one_too_few(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return _steps(classify, maps, size, range(maps.shape[1] - size[0]), range(maps.shape[2] - size[1]))


@SLIDE_OVER.wrong("columns before rows", "The answer has rows first, as the map: (K, rows, columns).")
def _columns_first(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, size).transpose(1, 2)


@SLIDE_OVER.wrong("windows over the edge", "Every window lies inside the map: nothing is padded.")
def _padded(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    top, left = (side // 2 for side in size)
    margins = (left, size[1] - 1 - left, top, size[0] - 1 - top)
    return slide_over(classify, nn.functional.pad(maps, margins), size)


@SLIDE_OVER.wrong(
    "from the last window to the first", "Entry (0, 0) belongs to the window in the upper left."
)
def _backwards(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, size).flip(1, 2)


EXERCISES = (DENSE_TO_KERNEL, SLIDE_OVER)
