"""Lab 12, fourth part: what pooling forgets and a switch remembers, and what a skip connection hands over."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit.models.deconvnet import pool_with_switches, unpool, unpool_to_corners
from coursekit.models.unet import join_skip

_MAP = torch.tensor([[[[1.0, 7, 2, 3, 5, 1], [5, 2, 8, 1, 0, 4], [3, 1, 0, 2, 9, 6], [2, 4, 6, 1, 3, 2]]]])

POOL_WITH_SWITCHES = Exercise(
    pool_with_switches,
    picture=cells_picture,
    hints=(
        "Bring the four numbers of each window together in a last axis; then max gives the value and which of the four.",
        "windows: reshape to (N, C, h, 2, w, 2), permute to (N, C, h, w, 2, 2), flatten the last two. With `inside` in 0..3: "
        "row = 2 * window row + inside // 2, column = 2 * window column + inside % 2.",
        "values, inside = windows.max(-1); rows = 2 * torch.arange(h)[:, None] + inside // 2; the columns alike; "
        "return values, rows * W + columns.",
    ),
    cases=(
        Case("one window", (_MAP[:, :, :2, :2],)),
        Case("4 x 6", (_MAP,)),
        Case("two images, three channels", (normal(2, 3, 4, 6),)),
        Case("an odd number of rows and columns", (normal(1, 2, 5, 7),)),
    ),
)


@POOL_WITH_SWITCHES.wrong(
    "places inside the window", "0 to 3 says which of four; the switch says which of all H * W."
)
def _inside_the_window(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    width = input.shape[3]
    return values, places // width % 2 * 2 + places % width % 2


@POOL_WITH_SWITCHES.wrong("places down the columns", "Places go along the rows: row * W + column.")
def _down_the_columns(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    height, width = input.shape[2:]
    return values, places % width * height + places // width


@POOL_WITH_SWITCHES.wrong("rows of the pooled width", "The rows of the large map have W places, not W / 2.")
def _pooled_width(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    width = input.shape[3]
    return values, places // width * (width // 2) + places % width


@POOL_WITH_SWITCHES.wrong(
    "the window's first place", "That is where the window begins. Where in it is the maximum?"
)
def _first_place(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    width = input.shape[3]
    return values, places // width // 2 * 2 * width + places % width // 2 * 2


@POOL_WITH_SWITCHES.wrong("averages", "Take the largest of the four; an average has no place.")
def _averages(input: Tensor) -> tuple[Tensor, Tensor]:
    return F.avg_pool2d(input, 2), pool_with_switches(input)[1]


@POOL_WITH_SWITCHES.wrong("places counted through all channels", "Each channel of each image counts from 0.")
def _through_all_channels(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    planes = torch.arange(input.shape[0] * input.shape[1]).reshape(*input.shape[:2], 1, 1)
    return values, places + planes * input.shape[2] * input.shape[3]


# ---------------------------------------------------------------- back to their places

_PLACES = pool_with_switches(normal(2, 3, 4, 6, seed=1))[1]
_ODD, _ODD_PLACES = pool_with_switches(normal(1, 2, 5, 7, seed=2))

UNPOOL = Exercise(
    unpool,
    picture=cells_picture,
    hints=(
        "Flatten the large map: a switch is then simply an index into it.",
        "zeros of (N, C, H * W), scatter the flattened values at the flattened switches along the last axis, unflatten.",
        "flat = input.new_zeros(*input.shape[:2], H * W); flat.scatter(2, switches.flatten(2), input.flatten(2)).",
    ),
    cases=(
        Case("one window", (*pool_with_switches(_MAP[:, :, :2, :2]), (2, 2))),
        Case("4 x 6", (*pool_with_switches(_MAP), (4, 6))),
        Case("two images, three channels", (normal(2, 3, 2, 3), _PLACES, (4, 6))),
        Case("a map of 5 x 7", (_ODD, _ODD_PLACES, (5, 7))),
        Case("the gradient", (normal(2, 3, 2, 3), _PLACES, (4, 6)), True),
    ),
)


@UNPOOL.wrong("nearest upsampling", "One place of the window gets the value; the other three stay 0.")
def _nearest(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(input, size)


@UNPOOL.wrong("the upper left corner", "Then the switches are of no use: ask them for the place.")
def _corners(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool_to_corners(input, switches, size)


@UNPOOL.wrong("rows as long as the height", "row = switch // W, with the width of the large map.")
def _by_height(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    height, width = size
    row, column = switches // height % height, switches % height % width
    return unpool(input, row * width + column, size)


@UNPOOL.wrong("the first channel's switches", "Every channel of every image has switches of its own.")
def _first_switches(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool(input, switches[:1, :1].expand_as(switches).contiguous(), size)


@UNPOOL.wrong("no gradient", "The value must pass its gradient on: no detach, no new tensor of numbers.")
def _detached(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool(input.detach(), switches, size)


@UNPOOL.wrong("the value shared out", "It is not divided: the maximum goes back as it was.")
def _shared_out(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(input, size) / 4


# ---------------------------------------------------------------- a skip connection

JOIN_SKIP = Exercise(
    join_skip,
    picture=cells_picture,
    hints=(
        "Both maps have the same images. Their channels may differ, and the coarse one may be a row or a column larger.",
        "coarse cut to skip.shape[2:] at the end of both axes, then both side by side along axis 1.",
        "torch.cat([coarse[:, :, : skip.shape[2], : skip.shape[3]], skip], 1).",
    ),
    cases=(
        Case("one channel each, 2 x 3", (torch.ones(1, 1, 2, 3), 2 * torch.ones(1, 1, 2, 3))),
        Case("two channels and three", (normal(2, 2, 2, 4), normal(2, 3, 2, 4, seed=1))),
        Case("one row and one column too many", (normal(1, 2, 4, 6), normal(1, 1, 3, 5, seed=1))),
        Case("the gradient", (normal(1, 2, 4, 4), normal(1, 3, 3, 4, seed=1)), True),
    ),
)


@JOIN_SKIP.wrong(
    "a sum",
    "That is the other kind of skip connection: it needs equal channels. Here they stand side by side.",
)
def _sum(coarse: Tensor, skip: Tensor) -> Tensor:
    return coarse[:, :, : skip.shape[2], : skip.shape[3]] + skip


@JOIN_SKIP.wrong("the skip first", "What comes from below first, then the skip.")
def _skip_first(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([skip, coarse[:, :, : skip.shape[2], : skip.shape[3]]], 1)


@JOIN_SKIP.wrong("images side by side", "Axis 1 holds the channels; axis 0 the images.")
def _more_images(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([coarse[:, :, : skip.shape[2], : skip.shape[3]], skip], 0)


@JOIN_SKIP.wrong("nothing cut", "Twice 2 is 4, but the skip may have 3: cut to its size.")
def _not_cut(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([coarse, skip], 1)


@JOIN_SKIP.wrong("the skip enlarged", "The skip has the right size: it is the fine map.")
def _skip_grows(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([coarse, F.interpolate(skip, coarse.shape[2:])], 1)


@JOIN_SKIP.wrong(
    "the coarse map squeezed", "Squeezing shifts it by parts of a pixel: cut the last row or column."
)
def _shrunk(coarse: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([F.interpolate(coarse, skip.shape[2:], mode="bilinear"), skip], 1)


@JOIN_SKIP.wrong("a cut at the start", "Cell 0 lies over cell 0: what is too many is at the end.")
def _cut_at_the_start(coarse: Tensor, skip: Tensor) -> Tensor:
    top, left = (coarse.shape[axis] - skip.shape[axis] for axis in (2, 3))
    return torch.cat([coarse[:, :, top:, left:], skip], 1)


@JOIN_SKIP.wrong("a skip without gradient", "The encoder learns through the skip too.")
def _skip_detached(coarse: Tensor, skip: Tensor) -> Tensor:
    return join_skip(coarse, skip.detach())


EXERCISES = (POOL_WITH_SWITCHES, UNPOOL, JOIN_SKIP)
