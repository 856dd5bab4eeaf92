"""Lab 12, fourth part: put the maxima back in their places."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit.models.deconvnet import pool_with_switches, unpool, unpool_to_corners

_MAP = torch.tensor([[[[1.0, 7, 2, 3, 5, 1], [5, 2, 8, 1, 0, 4], [3, 1, 0, 2, 9, 6], [2, 4, 6, 1, 3, 2]]]])

_PLACES = pool_with_switches(normal(2, 3, 4, 6, seed=1))[1]
_ODD, _ODD_PLACES = pool_with_switches(normal(1, 2, 5, 7, seed=2))

UNPOOL = Exercise(
    unpool,
    picture=cells_picture,
    hints=(
        "Flatten the large map: then a switch is simply an index into it.",
        "zeros of (N, C, H * W), scatter the flattened values at the flattened switches along the last axis, unflatten.",
        "flat = input.new_zeros(*input.shape[:2], H * W)\n"
        "flat = flat.scatter(2, …, input.flatten(2))  # a switch is a place in the flat map\n"
        "return flat.unflatten(2, size)",
    ),
    cases=(
        Case("one window", (*pool_with_switches(_MAP[:, :, :2, :2]), (2, 2))),
        Case("4 x 6", (*pool_with_switches(_MAP), (4, 6))),
        Case("two images, three channels", (normal(2, 3, 2, 3), _PLACES, (4, 6))),
        Case("a map of 5 x 7", (_ODD, _ODD_PLACES, (5, 7))),
        Case("double precision", (_ODD.double() / 3, _ODD_PLACES, (5, 7))),
        Case("the gradient", (normal(2, 3, 2, 3), _PLACES, (4, 6)), (0,)),
    ),
)


@UNPOOL.wrong("nearest upsampling", "One place of the window gets the value; the other three stay 0.")
def _nearest(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(input, size)


@UNPOOL.wrong(
    "the upper left corner of each window", "The switches tell where in the window the maximum was: use them."
)
def _corners(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool_to_corners(input, switches, size)


@UNPOOL.wrong("rows as long as the height", "row = switch // W, with the width of the large map.")
def _by_height(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    height, width = size
    row, column = switches // height % height, switches % height % width
    return unpool(input, row * width + column, size)


@UNPOOL.wrong(
    "the switches of the first image's first channel for all",
    "Every channel of every image has its own switches.",
)
def _first_switches(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool(input, switches[:1, :1].expand_as(switches).contiguous(), size)


@UNPOOL.wrong("no gradient", "The value must pass its gradient on: no detach, no new tensor of numbers.")
def _detached(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool(input.detach(), switches, size)


@UNPOOL.wrong("the value divided among four places", "Do not divide it: the maximum goes back unchanged.")
def _shared_out(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(input, size) / 4


def _put(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """The right map, of any size: what lies beyond its end is cut off."""
    length = max(size[0] * size[1], int(switches.max()) + 1)
    flat = input.new_zeros(*input.shape[:2], length).scatter(2, switches.flatten(2), input.flatten(2))
    return flat[:, :, : size[0] * size[1]].unflatten(2, size)


def _changed(change: Callable) -> Callable:
    """An answer that puts what change(input, switches, size) makes of the arguments."""
    return lambda input, switches, size: _put(*change(input, switches, size))


def _after(change: Callable) -> Callable:
    """An answer that changes the right map: change(map, input)."""
    return lambda input, switches, size: change(_put(input, switches, size), input)


@UNPOOL.wrong(
    "rows of twice the input's width, then padded",
    "A switch counts in rows of W places, the width of `size`, even if it is odd.",
)
def _even_width(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    rows, columns = (2 * side for side in input.shape[2:])
    return F.pad(_put(input, switches, (rows, columns)), (0, size[1] - columns, 0, size[0] - rows))


@UNPOOL.wrong(
    "a switch read as a place in its window", "A switch counts through the whole map: row * W + column."
)
def _in_the_window(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    rows, columns = 2 * torch.arange(input.shape[2])[:, None], 2 * torch.arange(input.shape[3])
    return _put(input, (rows + switches % 4 // 2) * size[1] + columns + switches % 2, size)


@UNPOOL.wrong(
    "switches into one list for all maps",
    "Each map of each image has its own places: index image and channel as well.",
)
def _one_list(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    flat = input.new_zeros(input.shape[0] * input.shape[1] * size[0] * size[1])
    return flat.scatter(0, switches.flatten(), input.flatten()).view(*input.shape[:2], *size)


PLACE = "The row is switch // W, the column switch % W."
for name, story, function in (
    (
        "twice the input's size instead of `size`",
        "The map may have an extra row or column: use `size`.",
        _changed(lambda x, s, size: (x, s, (2 * x.shape[2], 2 * x.shape[3]))),
    ),
    ("height and width swapped", "size is (H, W).", _changed(lambda x, s, size: (x, s, (size[1], size[0])))),
    (
        "rows as long as the height",
        PLACE,
        _changed(
            lambda x, s, size: (
                x,
                (s // size[0]).clamp(max=size[0] - 1) * size[1] + (s % size[0]).clamp(max=size[1] - 1),
                size,
            )
        ),
    ),
    (
        "places counted down the columns",
        PLACE,
        _changed(lambda x, s, size: (x, s % size[0] * size[1] + s // size[0], size)),
    ),
    (
        "the switches of the first channel for all",
        "Every channel has its own switches.",
        _changed(lambda x, s, size: (x, s[:, :1].expand_as(s), size)),
    ),
    (
        "the switches of the first image for all",
        "Every image has its own switches.",
        _changed(lambda x, s, size: (x, s[:1].expand_as(s), size)),
    ),
    (
        "ones instead of the values",
        "Put the values in these places.",
        _changed(lambda x, s, size: (torch.ones_like(x), s, size)),
    ),
    (
        "the switches instead of the values",
        "Put the values in these places.",
        _changed(lambda x, s, size: (s.to(x.dtype), s, size)),
    ),
    (
        "places one too far",
        "Places are counted from 0.",
        _changed(lambda x, s, size: (x, (s + 1).clamp(max=size[0] * size[1] - 1), size)),
    ),
    (
        "single precision",
        "Work in the dtype of the input: input.new_zeros(...) instead of torch.zeros(...).",
        _changed(lambda x, s, size: (x.float(), s, size)),
    ),
    (
        "the map in one row",
        "Restore the rows of the flat map: (N, C, H, W).",
        _after(lambda y, x: y.flatten(2)),
    ),
    (
        "zeros replaced by the smallest value",
        "Where no maximum was, the map is 0.",
        _after(lambda y, x: y.where(y != 0, x.amin((2, 3), keepdim=True))),
    ),
    (
        "a smoothed map",
        "The values stay alone among zeros; the layers that follow fill the gaps.",
        _after(lambda y, x: F.avg_pool2d(y, 3, 1, 1)),
    ),
    (
        "rows and columns of the map swapped",
        "The map is (N, C, H, W).",
        _after(lambda y, x: y.transpose(2, 3)),
    ),
    (
        "negative values lost",
        "A maximum may be negative: put it back as it is.",
        _after(lambda y, x: y.relu()),
    ),
    ("the first image alone", "Unpool every image in the batch.", _after(lambda y, x: y[:1])),
):
    UNPOOL.wrong(name, story)(function)


EXERCISES = (UNPOOL,)
