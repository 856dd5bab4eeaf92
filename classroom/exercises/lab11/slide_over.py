"""Lab 11, second part: what a sliding kernel must equal."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise


def slide_over(classify: Callable[[Tensor], Tensor], maps: Tensor, size: tuple[int, int]) -> Tensor:
    """What a classifier outputs for each window of the maps: (C, H, W) -> (K, H - h + 1, W - w + 1)."""
    height, width = size
    rows, columns = maps.shape[1] - height + 1, maps.shape[2] - width + 1
    said = [
        classify(maps[None, :, y : y + height, x : x + width])[0] for y in range(rows) for x in range(columns)
    ]
    return torch.stack(said, -1).unflatten(-1, (rows, columns))


def mean_and_corner(windows: Tensor) -> Tensor:
    """A classifier of two classes: the mean of a window, and its upper left number: (N, C, h, w) -> (N, 2)."""
    return torch.stack([windows.flatten(1).mean(1), windows.flatten(1)[:, 0]], 1)


def for_one_window(window: Tensor) -> Tensor:
    """`mean_and_corner` and a third class, the last number; it takes one window at a time: (1, C, h, w) -> (1, 3)."""
    if window.ndim != 4 or len(window) != 1:
        raise ValueError(f"classify takes one window, (1, C, h, w), but is called with {tuple(window.shape)}")
    return torch.cat([mean_and_corner(window), window[:, -1:, -1, -1]], 1)


SLIDE_OVER = Exercise(
    slide_over,
    hints=(
        "You need two loops. How many positions are there for a window of 3 cells on 5 cells?",
        "Rows: H - h + 1, columns: W - w + 1. Window (y, x) is maps[:, y:y + h, x:x + w]; the classifier expects a batch of one.",
        "With answers = [classify(maps[None, :, y:y + h, x:x + w])[0] for y in range(rows) for x in range(columns)]: torch.stack(answers, -1).unflatten(-1, (rows, columns))",
    ),
    cases=(
        Case("windows of one cell", (mean_and_corner, torch.arange(6.0).reshape(1, 2, 3), (1, 1))),
        Case("two places", (for_one_window, torch.arange(6.0).reshape(1, 2, 3), (2, 2))),
        Case("3 x 2 windows on 5 x 7 cells", (for_one_window, normal(4, 5, 7), (3, 2))),
        Case("one place", (for_one_window, normal(2, 3, 4), (3, 4))),
        Case("windows of a whole row", (for_one_window, normal(3, 6, 4, seed=1), (2, 4))),
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


@SLIDE_OVER.wrong("columns before rows", "The result has rows first, like the map: (K, rows, columns).")
def _columns_first(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, size).transpose(1, 2)


@SLIDE_OVER.wrong("windows across the edge", "Every window lies inside the map: nothing is padded.")
def _padded(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    top, left = (side // 2 for side in size)
    margins = (left, size[1] - 1 - left, top, size[0] - 1 - top)
    return slide_over(classify, nn.functional.pad(maps, margins), size)


@SLIDE_OVER.wrong("windows across the edge", "Every window lies inside the map: nothing is padded.")
def _padded_behind(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    top, left = ((side - 1) // 2 for side in size)
    margins = (left, size[1] - 1 - left, top, size[0] - 1 - top)
    return slide_over(classify, nn.functional.pad(maps, margins), size)


@SLIDE_OVER.wrong("windows across the edge", "Every window lies inside the map: nothing is padded.")
def _padded_at_the_end(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, nn.functional.pad(maps, (0, size[1] - 1, 0, size[0] - 1)), size)


@SLIDE_OVER.wrong(
    "windows across the edge", "Every window lies inside the map: there are no smaller windows."
)
def _cut_at_the_end(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return _steps(classify, maps, size, range(maps.shape[1]), range(maps.shape[2]))


@SLIDE_OVER.wrong(
    "from the last window to the first", "Entry (0, 0) belongs to the window in the upper left."
)
def _backwards(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, size).flip(1, 2)


@SLIDE_OVER.wrong(
    "a shape other than (1, C, h, w) for the classifier",
    "Call classify with one window at a time, and with a batch axis: window[None].",
)
def _no_batch_axis(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(lambda window: classify(window[0])[None].flatten(1), maps, size)


@SLIDE_OVER.wrong(
    "a shape other than (1, C, h, w) for the classifier",
    "Call classify with one window at a time, and with a batch axis: window[None].",
)
def _one_batch(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    windows = maps.unfold(1, size[0], 1).unfold(2, size[1], 1).permute(1, 2, 0, 3, 4)
    return classify(windows.flatten(0, 1)).T.unflatten(1, windows.shape[:2])


@SLIDE_OVER.wrong("one row of windows too few", "H - h + 1 rows of windows fit: with H = h there is one.")
def _one_row_too_few(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return _steps(classify, maps, size, range(maps.shape[1] - size[0]), range(maps.shape[2] - size[1] + 1))


@SLIDE_OVER.wrong(
    "one column of windows too few", "W - w + 1 columns of windows fit: with W = w there is one."
)
def _one_column_too_few(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return _steps(classify, maps, size, range(maps.shape[1] - size[0] + 1), range(maps.shape[2] - size[1]))


@SLIDE_OVER.wrong("height and width of the window swapped", "size is (height, width).")
def _swapped(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, size[::-1])


@SLIDE_OVER.wrong("square windows", "size is (height, width), and they may differ.")
def _square(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, (size[0], size[0]))


@SLIDE_OVER.wrong("square windows", "size is (height, width), and they may differ.")
def _square_of_width(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, (size[1], size[1]))


@SLIDE_OVER.wrong(
    "numbers of rows and columns swapped", "y goes over H - h + 1 rows, x over W - w + 1 columns."
)
def _ranges_swapped(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    rows, columns = maps.shape[1] - size[0] + 1, maps.shape[2] - size[1] + 1
    return _steps(classify, maps, size, range(columns), range(rows))


@SLIDE_OVER.wrong("every second window", "The windows are one cell apart.")
def _every_second(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(classify, maps, size)[:, ::2, ::2]


@SLIDE_OVER.wrong("one output for the whole map", "Every window has its own output.")
def _once(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    answer = classify(nn.functional.adaptive_avg_pool2d(maps[None], size))[0]
    return answer[:, None, None].expand(-1, maps.shape[1] - size[0] + 1, maps.shape[2] - size[1] + 1)


@SLIDE_OVER.wrong("normalised windows", "Pass each window as it is.")
def _normalised(classify: Callable, maps: Tensor, size: tuple[int, int]) -> Tensor:
    return slide_over(lambda window: classify(window - window.mean()), maps, size)


for name, story, change in (
    (
        "outputs reshaped instead of permuted",
        "view(K, rows, columns) scrambles outputs of shape (places, K): move K to the front first.",
        lambda said: said.flatten(1).T.reshape(said.shape),
    ),
    ("the classes as the last axis", "The result is (K, rows, columns).", lambda said: said.permute(1, 2, 0)),
    ("one axis for all places", "The result is (K, rows, columns).", lambda said: said.flatten(1)),
    ("one axis for all places", "The result is (K, rows, columns).", lambda said: said.flatten(1).T),
    ("an additional axis", "The result is (K, rows, columns).", lambda said: said[None]),
    ("an additional axis", "The result is (K, rows, columns).", lambda said: said[:, None]),
    ("the best class only", "Return all K outputs of each window.", lambda said: said.argmax(0)),
    ("the largest output only", "Return all K outputs of each window.", lambda said: said.amax(0)),
    ("the first output only", "Return all K outputs of each window.", lambda said: said[0]),
    ("the first output only", "Return all K outputs of each window.", lambda said: said[:1]),
    ("a softmax of the outputs", "Return what classify returns, unchanged.", lambda said: said.softmax(0)),
    ("a sigmoid of the outputs", "Return what classify returns, unchanged.", lambda said: said.sigmoid()),
    ("the rows upside down", "Row 0 belongs to the windows at the top.", lambda said: said.flip(1)),
    (
        "the columns from right to left",
        "Column 0 belongs to the windows at the left.",
        lambda said: said.flip(2),
    ),
):
    SLIDE_OVER.wrong(name, story)(
        lambda classify, maps, size, change=change: change(slide_over(classify, maps, size))
    )


EXERCISES = (SLIDE_OVER,)
