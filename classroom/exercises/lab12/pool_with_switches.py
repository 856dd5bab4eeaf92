"""Lab 12, fourth part: what pooling loses and a switch keeps."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab12.pictures import cells_picture
from coursekit.models.deconvnet import pool_with_switches

_MAP = torch.tensor([[[[1.0, 7, 2, 3, 5, 1], [5, 2, 8, 1, 0, 4], [3, 1, 0, 2, 9, 6], [2, 4, 6, 1, 3, 2]]]])

POOL_WITH_SWITCHES = Exercise(
    pool_with_switches,
    picture=cells_picture,
    hints=(
        "Collect the four numbers of each window in a last axis; then max gives the value and which of the four it was.",
        "windows: reshape to (N, C, h, 2, w, 2), permute to (N, C, h, w, 2, 2), flatten the last two. With `inside` in 0..3: "
        "row = 2 * window row + inside // 2, column = 2 * window column + inside % 2.",
        "windows = input[:, :, : 2 * h, : 2 * w].unflatten(3, (w, 2)).unflatten(2, (h, 2)).transpose(3, 4).flatten(4)  # (N, C, h, w, 4)\n"
        "values, inside = windows.max(-1)  # inside: 0 … 3, row by row\n"
        "rows = 2 * torch.arange(h)[:, None] + inside // 2\n"
        "columns = …\n"
        "return values, …  # the place in the flattened H x W map",
    ),
    cases=(
        Case("one window", (_MAP[:, :, :2, :2],)),
        Case("4 x 6", (_MAP,)),
        Case("two images, three channels", (normal(2, 3, 4, 6),)),
        Case("one maximum in two windows", (torch.tensor([[[[1.0, 9, 0, 9], [2, 3, 4, 5]]]]),)),
        Case("no number above 0", (-1 - _MAP,)),
        Case("an odd number of rows and columns", (normal(1, 2, 5, 7),)),
        Case("the gradient", (normal(1, 2, 4, 6, seed=1),), True),
    ),
)


@POOL_WITH_SWITCHES.wrong(
    "places inside the window", "0 to 3 is the place among four; the switch is the place among all H * W."
)
def _inside_the_window(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    width = input.shape[3]
    return values, places // width % 2 * 2 + places % width % 2


@POOL_WITH_SWITCHES.wrong("places down the columns", "Places are counted row by row: row * W + column.")
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
    "the window's first place", "That is where the window starts. Where in it is the maximum?"
)
def _first_place(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    width = input.shape[3]
    return values, places // width // 2 * 2 * width + places % width // 2 * 2


@POOL_WITH_SWITCHES.wrong(
    "averages instead of maxima", "Take the largest of the four; an average does not have a place."
)
def _averages(input: Tensor) -> tuple[Tensor, Tensor]:
    return F.avg_pool2d(input, 2), pool_with_switches(input)[1]


@POOL_WITH_SWITCHES.wrong("places counted through all channels", "Each channel of each image counts from 0.")
def _through_all_channels(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(input)
    planes = torch.arange(input.shape[0] * input.shape[1]).reshape(*input.shape[:2], 1, 1)
    return values, places + planes * input.shape[2] * input.shape[3]


def _at(input: Tensor, places: Tensor) -> Tensor:
    return input.flatten(2).gather(2, places.flatten(2)).view(places.shape)


def _from(change: Callable) -> Callable:
    """An answer that changes the right one: change(input, values, places)."""
    return lambda input: change(input, *pool_with_switches(input))


@POOL_WITH_SWITCHES.wrong(
    "the width of the part that is pooled",
    "W in row * W + column is the width of the whole input, including an odd last column.",
)
def _width_of_the_rest(input: Tensor) -> tuple[Tensor, Tensor]:
    return pool_with_switches(input[:, :, : input.shape[2] // 2 * 2, : input.shape[3] // 2 * 2])


@POOL_WITH_SWITCHES.wrong(
    "an odd last row and column kept", "H // 2 windows fit: leave out what is left over."
)
def _ceil(input: Tensor) -> tuple[Tensor, Tensor]:
    return F.max_pool2d(input, 2, return_indices=True, ceil_mode=True)


@POOL_WITH_SWITCHES.wrong(
    "the largest absolute value", "-9 is less than 5: take the maximum, not the largest absolute value."
)
def _largest_in_size(input: Tensor) -> tuple[Tensor, Tensor]:
    places = pool_with_switches(input.abs())[1]
    return _at(input, places), places


@POOL_WITH_SWITCHES.wrong("the minimum", "Take the largest of the four.")
def _minimum(input: Tensor) -> tuple[Tensor, Tensor]:
    values, places = pool_with_switches(-input)
    return -values, places


@POOL_WITH_SWITCHES.wrong(
    "the first place of the value in the whole map",
    "The same number may appear in another window: search inside the window.",
)
def _first_equal(input: Tensor) -> tuple[Tensor, Tensor]:
    values, _ = pool_with_switches(input)
    equal = input.flatten(2)[:, :, None] == values.flatten(2)[..., None]
    return values, equal.int().argmax(-1).view(values.shape)


@POOL_WITH_SWITCHES.wrong("one place for all channels", "Each channel has its own maxima and switches.")
def _one_for_all(input: Tensor) -> tuple[Tensor, Tensor]:
    places = pool_with_switches(input.sum(1, keepdim=True))[1].expand(-1, input.shape[1], -1, -1)
    return _at(input, places), places


@POOL_WITH_SWITCHES.wrong("overlapping windows", "The windows do not overlap: stride 2.")
def _stride_one(input: Tensor) -> tuple[Tensor, Tensor]:
    return F.max_pool2d(input, 2, stride=1, return_indices=True)


PLACE = "A switch is row * W + column, in the whole map."
for name, story, function in (
    (
        "rows as long as the height",
        PLACE,
        _from(lambda x, v, p: (v, p // x.shape[3] * x.shape[2] + p % x.shape[3])),
    ),
    ("switches first, maxima second", "Return the maxima, then the switches.", _from(lambda x, v, p: (p, v))),
    (
        "maxima of at least 0",
        "All four numbers may be negative: do not start at 0.",
        _from(lambda x, v, p: (v.clamp(min=0), p)),
    ),
    (
        "no gradient",
        "The maxima must pass their gradient on: no .detach(), .data or new tensor of numbers.",
        _from(lambda x, v, p: (v.detach(), p)),
    ),
    ("switches as floats", "A switch is an index: int64.", _from(lambda x, v, p: (v, p.float()))),
    ("switches of 32 bits", "A switch is an index: int64.", _from(lambda x, v, p: (v, p.int()))),
    ("the maxima alone", "Return the maxima and the switches.", _from(lambda x, v, p: v)),
    ("the switches alone", "Return the maxima and the switches.", _from(lambda x, v, p: p)),
    ("places counted from 1", PLACE + " The first place is 0.", _from(lambda x, v, p: (v, p + 1))),
    (
        "rows of the window instead of rows of the map",
        PLACE + " Window row i starts at row 2 * i.",
        _from(
            lambda x, v, p: (v, (p // x.shape[3] // 2 + p // x.shape[3] % 2) * x.shape[3] + p % x.shape[3])
        ),
    ),
    (
        "the number of the window",
        PLACE,
        _from(lambda x, v, p: (v, torch.arange(v[0, 0].numel()).view(v.shape[2:]).expand(v.shape))),
    ),
    (
        "row and column as two numbers",
        PLACE,
        _from(lambda x, v, p: (v, torch.stack([p // x.shape[3], p % x.shape[3]], -1))),
    ),
    (
        "row and column inside the window swapped",
        "Place 1 of a window is to the right of place 0, place 2 is below it.",
        _from(
            lambda x, v, p: (
                v,
                (p // x.shape[3] // 2 * 2 + p % x.shape[3] % 2) * x.shape[3]
                + p % x.shape[3] // 2 * 2
                + p // x.shape[3] % 2,
            )
        ),
    ),
):
    POOL_WITH_SWITCHES.wrong(name, story)(function)


EXERCISES = (POOL_WITH_SWITCHES,)
