"""Lab 13, first part: a point drawn as a Gaussian."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import heatmaps_picture
from coursekit import ops

Size = tuple[int, int, int]


def gaussian_target(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    """Heat maps with a Gaussian around each point, the highest where several overlap: (P, 2), (P,) -> (C, h, w)."""
    return ops.gaussian_heatmap(points, channels, size, sigma)


_NONE = torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64)
_TWO = torch.tensor([[2.0, 1.0], [4.0, 1.0]])

GAUSSIAN_TARGET = Exercise(
    gaussian_target,
    picture=heatmaps_picture,
    hints=(
        "How far is each cell from the point? torch.arange gives the columns and the rows.",
        "exp(-((column - x)^2 + (row - y)^2) / (2 sigma^2)); several points of a channel: torch.maximum.",
        "For each point: bell = torch.exp(-((columns - x) ** 2 + (rows[:, None] - y) ** 2) / (2 * sigma**2)); "
        "heatmap[channel] = torch.maximum(heatmap[channel], bell).",
    ),
    cases=(
        Case("one point in a row of cells", (torch.tensor([[1.0, 0.0]]), torch.tensor([0]), (1, 1, 4), 1.0)),
        Case("no points", (*_NONE, (2, 3, 4), 1.0)),
        Case("between two cells", (torch.tensor([[2.5, 1.0]]), torch.tensor([0]), (1, 4, 6), 1.25)),
        Case(
            "wide and flat: x is the column", (torch.tensor([[5.0, 1.0]]), torch.tensor([0]), (1, 4, 7), 2.0)
        ),
        Case("two overlapping points", (_TWO, torch.tensor([0, 0]), (1, 3, 7), 1.25)),
        Case("two channels, one empty", (_TWO, torch.tensor([2, 0]), (3, 3, 7), 1.25)),
        Case(
            "three points of two channels",
            (torch.tensor([[1.7, 0.5], [6.2, 2.0], [2.0, 1.0]]), torch.tensor([1, 0, 1]), (2, 3, 8), 0.8),
        ),
        Case("a point outside the map", (torch.tensor([[-1.0, 2.0]]), torch.tensor([0]), (1, 4, 5), 1.5)),
    ),
)


@GAUSSIAN_TARGET.wrong("row and column swapped", "A point is (x, y): x counts columns, the last axis.")
def _swapped(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points.flip(-1), channels, size, sigma)


@GAUSSIAN_TARGET.wrong(
    "points rounded to whole cells",
    "Then the fraction of a cell is lost before the network sees it: keep the point as it is.",
)
def _rounded(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points.round(), channels, size, sigma)


@GAUSSIAN_TARGET.wrong(
    "ones where the Gaussian exceeds 1/2, zeros elsewhere",
    "A heat map falls off smoothly, so that near misses can be distinguished.",
)
def _as_mask(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return (gaussian_target(points, channels, size, sigma) > 0.5).float()


def _bells(points: Tensor, size: Size, sigma: float, power: float = 2.0) -> Tensor:
    """exp(-d^2 / power sigma^2) of every point in every cell: (P, h, w)."""
    _, height, width = size
    y, x = torch.arange(height)[:, None], torch.arange(width)
    distance = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
    return torch.exp(-distance / (power * sigma**2))


@GAUSSIAN_TARGET.wrong(
    "Gaussians added up", "Where two Gaussians overlap, the higher value counts: a sum can exceed 1."
)
def _added(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return torch.zeros(size).index_add(0, channels, _bells(points, size, sigma))


@GAUSSIAN_TARGET.wrong(
    "the last point overwrites the others", "Take the maximum with what is already in the channel."
)
def _last_wins(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    heatmap = torch.zeros(size)
    for bell, channel in zip(_bells(points, size, sigma), channels.tolist(), strict=True):
        heatmap[channel] = bell
    return heatmap


@GAUSSIAN_TARGET.wrong("a density", "Do not divide by 2 pi sigma^2: the height at the point itself is 1.")
def _sums_to_one(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points, channels, size, sigma) / (2 * torch.pi * sigma**2)


def _highest(bells: Tensor, channels: Tensor, size: Size) -> Tensor:
    heatmap = torch.zeros(size)
    for bell, channel in zip(bells, channels.tolist(), strict=True):
        heatmap[channel] = heatmap[channel].maximum(bell)
    return heatmap


@GAUSSIAN_TARGET.wrong("the 2 forgotten", "The exponent is -d^2 / (2 sigma^2).")
def _no_two(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return _highest(_bells(points, size, sigma, power=1.0), channels, size)


@GAUSSIAN_TARGET.wrong("sigma not squared", "The exponent is -d^2 / (2 sigma^2).")
def _sigma_not_squared(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return _highest(_bells(points, size, sigma**0.5), channels, size)


@GAUSSIAN_TARGET.wrong("everything in one channel", "Each point belongs to its own channel.")
def _one_channel(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points, torch.zeros_like(channels), size, sigma)


def _from_bells(change: Callable) -> Callable:
    """An answer that changes the Gaussian of each point: change(bells, points, sigma)."""
    return lambda points, channels, size, sigma: _highest(
        change(_bells(points, size, sigma), points, sigma), channels, size
    )


def _from_points(change: Callable[[Tensor], Tensor]) -> Callable:
    return lambda points, channels, size, sigma: gaussian_target(change(points), channels, size, sigma)


@GAUSSIAN_TARGET.wrong("height and width swapped", "size is (C, h, w).")
def _swapped_size(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points, channels, (size[0], size[2], size[1]), sigma)


@GAUSSIAN_TARGET.wrong("the axes of each map swapped", "The result is (C, h, w).")
def _transposed(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points, channels, size, sigma).transpose(1, 2)


@GAUSSIAN_TARGET.wrong(
    "a map for each point", "`channels` tells which map a point belongs to; there are size[0] maps."
)
def _one_map_each(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points, torch.arange(len(points)) % size[0], size, sigma)


@GAUSSIAN_TARGET.wrong(
    "a map for each point", "`channels` tells which map a point belongs to; there are size[0] maps."
)
def _stacked(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return _bells(points, size, sigma)


@GAUSSIAN_TARGET.wrong("an error without points", "Without points, all maps are zero.")
def _needs_points(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return _bells(points, size, sigma).amax(0) * 0 + gaussian_target(points, channels, size, sigma)


@GAUSSIAN_TARGET.wrong(
    "1 in the cell of the point, 0 elsewhere",
    "Draw a Gaussian around the point: its neighbours are warm too.",
)
def _single_cell(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    heatmap = torch.zeros(size)
    for (x, y), channel in zip(points.round().long().tolist(), channels.tolist(), strict=True):
        if 0 <= x < size[2] and 0 <= y < size[1]:
            heatmap[channel, y, x] = 1
    return heatmap


HEIGHT = "The height is exp(-d^2 / (2 sigma^2)) everywhere, 1 at the point itself."
for name, story, function in (
    (
        "a distance that is not squared",
        "The exponent is -d^2 / (2 sigma^2).",
        _from_bells(lambda b, p, s: (-(-2 * b.log()).sqrt() * s / (2 * s**2)).exp()),
    ),
    (
        "a distance that is not squared",
        "The exponent is -d^2 / (2 sigma^2).",
        _from_bells(lambda b, p, s: (-(-2 * b.log()).sqrt()).exp()),
    ),
    (
        "the sign of the exponent missing",
        "The exponent is negative: the heat falls with the distance.",
        _from_bells(lambda b, p, s: 1 / b),
    ),
    (
        "the highest cell raised to 1",
        "The point may lie between cells, so no cell needs to be 1.",
        _from_bells(lambda b, p, s: b / b.amax((1, 2), keepdim=True).clamp(min=1e-9)),
    ),
    (
        "each Gaussian divided by its sum",
        HEIGHT,
        _from_bells(lambda b, p, s: b / b.sum((1, 2), keepdim=True)),
    ),
    (
        "zeros beyond 2 sigma",
        HEIGHT + " Do not cut anything off.",
        _from_bells(lambda b, p, s: b.where(b > torch.tensor(-2.0).exp(), 0.0)),
    ),
    (
        "half a cell too far to the left and above",
        "Points are measured in cells, and the centres of cells are whole numbers: do not add anything.",
        _from_points(lambda p: p - 0.5),
    ),
    (
        "half a cell too far to the right and below",
        "Points are measured in cells, and the centres of cells are whole numbers: do not add anything.",
        _from_points(lambda p: p + 0.5),
    ),
    (
        "points truncated to whole cells",
        "The fraction of a cell is lost before the network sees it.",
        _from_points(torch.floor),
    ),
    (
        "Gaussians added up, no more than 1",
        "Where two Gaussians overlap, the higher value counts.",
        lambda p, c, size, s: _added(p, c, size, s).clamp(max=1),
    ),
    (
        "a sigma of 1",
        "Use the argument `sigma`.",
        lambda p, c, size, s: gaussian_target(p, c, size, 1.0),
    ),
    (
        "all maps in one",
        "Return (C, h, w), one map per channel.",
        lambda p, c, size, s: gaussian_target(p, c, size, s).amax(0),
    ),
):
    GAUSSIAN_TARGET.wrong(name, story)(function)


EXERCISES = (GAUSSIAN_TARGET,)
