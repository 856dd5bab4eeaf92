"""Lab 13, first part: a point drawn as a Gaussian, and found again as the highest cell."""

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import heatmaps_picture, places_picture
from coursekit import ops

Size = tuple[int, int, int]


def gaussian_target(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    """Heat maps with a Gaussian around each point, the highest where several meet: (P, 2), (P,) -> (C, h, w)."""
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
        "heatmap[channel] = torch.maximum(heatmap[channel], ...).",
    ),
    cases=(
        Case("one point in a row of cells", (torch.tensor([[1.0, 0.0]]), torch.tensor([0]), (1, 1, 4), 1.0)),
        Case("no point", (*_NONE, (2, 3, 4), 1.0)),
        Case("between two cells", (torch.tensor([[2.5, 1.0]]), torch.tensor([0]), (1, 4, 6), 1.25)),
        Case(
            "wide and low: x is the column", (torch.tensor([[5.0, 1.0]]), torch.tensor([0]), (1, 4, 7), 2.0)
        ),
        Case("two points that meet", (_TWO, torch.tensor([0, 0]), (1, 3, 7), 1.25)),
        Case("two channels, one empty", (_TWO, torch.tensor([2, 0]), (3, 3, 7), 1.25)),
        Case("a point outside of the map", (torch.tensor([[-1.0, 2.0]]), torch.tensor([0]), (1, 4, 5), 1.5)),
    ),
)


@GAUSSIAN_TARGET.wrong("row and column swapped", "A point is (x, y): x counts columns, the last axis.")
def _swapped(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points.flip(-1), channels, size, sigma)


@GAUSSIAN_TARGET.wrong(
    "rounded to a cell",
    "Then the fraction of a cell is lost before the network has seen it: keep the point as it is.",
)
def _rounded(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return gaussian_target(points.round(), channels, size, sigma)


@GAUSSIAN_TARGET.wrong(
    "a mask", "A heat map is no mask: it falls off smoothly, so that near misses are told apart."
)
def _as_mask(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return (gaussian_target(points, channels, size, sigma) > 0.5).float()


def _bells(points: Tensor, size: Size, sigma: float, power: float = 2.0) -> Tensor:
    """exp(-d^2 / power sigma^2) of every point in every cell: (P, h, w)."""
    _, height, width = size
    y, x = torch.arange(height)[:, None], torch.arange(width)
    distance = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
    return torch.exp(-distance / (power * sigma**2))


@GAUSSIAN_TARGET.wrong("added up", "Where two Gaussians meet the higher one counts: a sum exceeds 1.")
def _added(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    return torch.zeros(size).index_add(0, channels, _bells(points, size, sigma))


@GAUSSIAN_TARGET.wrong(
    "the last point wipes out the others", "Take the maximum with what is in the channel already."
)
def _last_wins(points: Tensor, channels: Tensor, size: Size, sigma: float) -> Tensor:
    heatmap = torch.zeros(size)
    for bell, channel in zip(_bells(points, size, sigma), channels.tolist(), strict=True):
        heatmap[channel] = bell
    return heatmap


@GAUSSIAN_TARGET.wrong("sum 1", "It is no density: the height at the point itself is 1.")
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


# ---------------------------------------------------------------- the highest cell


def hard_argmax(heatmaps: Tensor) -> Tensor:
    """The highest cell (x, y) of each map: (C, h, w) -> (C, 2) int64."""
    place = heatmaps.flatten(1).argmax(1)  # (C,)
    width = heatmaps.shape[-1]
    return torch.stack([place % width, place // width], 1)


HARD_ARGMAX = Exercise(
    hard_argmax,
    picture=places_picture,
    hints=(
        "argmax takes one axis: flatten the two axes of a map first.",
        "flat place = row * width + column; column = place % width, row = place // width.",
        "place = heatmaps.flatten(1).argmax(1); torch.stack([place % width, ...], 1).",
    ),
    cases=(
        Case("a row of cells", (torch.tensor([[[0.1, 0.2, 0.9, 0.3]]]),)),
        Case("the last row", (torch.tensor([[[0.1, 0.2, 0.0], [0.3, 0.8, 0.1]]]),)),
        Case(
            "one high cell beside many middling ones", (torch.tensor([[[0.6, 0.6, 0.6], [0.0, 0.0, 0.9]]]),)
        ),
        Case("all below zero", (-1 - uniform(2, 3, 5),)),
        Case("five channels, 4 x 7 cells", (uniform(5, 4, 7, seed=1),)),
        Case("no channel", (torch.zeros(0, 3, 4),)),
    ),
)


@HARD_ARGMAX.wrong("row first", "A point is (x, y): the column comes first.")
def _row_first(heatmaps: Tensor) -> Tensor:
    return hard_argmax(heatmaps).flip(-1)


@HARD_ARGMAX.wrong("divided by the height", "A flat place is row * width + column: divide by the width.")
def _by_height(heatmaps: Tensor) -> Tensor:
    place, height = heatmaps.flatten(1).argmax(1), heatmaps.shape[-2]
    return torch.stack([place % height, place // height], 1)


@HARD_ARGMAX.wrong("the flat place", "Take the flat place apart: row * width + column.")
def _flat(heatmaps: Tensor) -> Tensor:
    return heatmaps.flatten(1).argmax(1)


@HARD_ARGMAX.wrong(
    "the highest column and the highest row",
    "The best column sum and the best row sum need not meet in the highest cell.",
)
def _of_sums(heatmaps: Tensor) -> Tensor:
    return torch.stack([heatmaps.sum(-2).argmax(-1), heatmaps.sum(-1).argmax(-1)], 1)


@HARD_ARGMAX.wrong("one place for all channels", "Each channel has its own highest cell.")
def _one_for_all(heatmaps: Tensor) -> Tensor:
    return hard_argmax(heatmaps.sum(0, keepdim=True)).expand(len(heatmaps), 2)


@HARD_ARGMAX.wrong("a row with a fraction", "Rows are whole: divide with //.")
def _true_division(heatmaps: Tensor) -> Tensor:
    place, width = heatmaps.flatten(1).argmax(1), heatmaps.shape[-1]
    return torch.stack([place % width, place / width], 1)


EXERCISES = (GAUSSIAN_TARGET, HARD_ARGMAX)
