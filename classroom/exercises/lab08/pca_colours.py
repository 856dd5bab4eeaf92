"""Lab 08, exercise 5: many channels as three colours."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.pictures import colour_maps_picture

Projection = Callable[[Tensor, Tensor], Tensor]


def pca_colours(maps: Tensor) -> Tensor:
    """The three directions in which the cells of all images differ most, each stretched to [0, 1]: (N, C, h, w) -> (N, 3, h, w)."""
    return coloured(maps, lambda x: projected(x, directions(x)))


def coloured(maps: Tensor, project: Callable[[Tensor], Tensor], stretch: Callable | None = None) -> Tensor:
    """Colours from the cells of all images, (N h w, C) -> (N h w, 3)."""
    cells = maps.permute(0, 2, 3, 1).flatten(0, 2)  # (N h w, C)
    colours = (stretch or stretched)(project(cells))
    return colours.view(len(maps), *maps.shape[2:], -1).permute(0, 3, 1, 2)  # (N, 3, h, w)


def directions(cells: Tensor) -> Tensor:
    """The directions of largest variance, the first first: (P, C) -> (C, 3)."""
    return torch.linalg.eigh((cells - cells.mean(0)).T.cov())[1].flip(1)[:, :3]


def projected(cells: Tensor, axes: Tensor) -> Tensor:
    return (cells - cells.mean(0)) @ axes


def stretched(values: Tensor) -> Tensor:
    """Each column from 0 to 1: (P, 3) -> the same."""
    low, high = values.amin(0), values.amax(0)
    return (values - low) / (high - low)


def judge_colours(arguments: tuple, colours: Tensor) -> dict[str, Tensor]:
    """Return the colours with the same sign each time: a direction and its opposite are as good. Double precision, too."""
    colours = colours.float() if colours.dtype == torch.float64 else colours
    if colours.ndim != 4 or colours.shape[1] != 3 or not colours.isfinite().all():
        return {"the colours": colours}
    columns = colours.transpose(0, 1).flatten(1)  # (3, N h w)
    far = ((columns - 0.5).abs() > 0.05).int().argmax(1)  # the first cell that is clearly on one side
    negative = columns.gather(1, far[:, None])[:, 0] < 0.5
    return {"the colours": torch.where(negative[:, None, None], 1 - colours, colours)}


def _maps(count: int, channels: int, height: int, width: int, seed: int) -> Tensor:
    """Maps whose channels vary by different amounts, in turned directions, far from 0 on average."""
    turn = torch.linalg.qr(normal(channels, channels, seed=seed + 50))[0]
    spread = 4 * 0.8 ** torch.arange(float(channels))
    values = normal(count, height, width, channels, seed=seed) * spread
    moved = values + torch.arange(count)[:, None, None, None] * spread.flip(0)
    return (moved @ turn + 3).permute(0, 3, 1, 2).contiguous()


PCA_COLOURS = Exercise(
    pca_colours,
    picture=colour_maps_picture,
    judge=judge_colours,
    tolerance=1e-3,
    hints=(
        "Forget where the cells are: together they are a cloud of N · h · w points in C dimensions. In which three directions is it longest?",
        "cells (N h w, C); subtract their mean; torch.linalg.svd(cells, full_matrices=False) gives the directions as rows of the third result, "
        "the longest first; cells @ directions[:3].T; then stretch each column to [0, 1].",
        "n, c, h, w = maps.shape\n"
        "cells = maps.permute(0, 2, 3, 1).reshape(-1, c)\n"
        "cells = cells - cells.mean(0)\n"
        "values = cells @ torch.linalg.svd(cells, full_matrices=False)[2][:3].T\n"
        "values = (values - values.amin(0)) / (values.amax(0) - values.amin(0))\n"
        "return values.reshape(n, h, w, 3).permute(0, 3, 1, 2)",
    ),
    cases=(
        Case("one image, three channels", (_maps(1, 3, 4, 5, seed=0),)),
        Case("one image, five channels", (_maps(1, 5, 4, 6, seed=1),)),
        Case("two images", (_maps(2, 6, 5, 4, seed=2),)),
        Case("three images, more channels than cells in each", (_maps(3, 20, 3, 5, seed=3),)),
    ),
)

_wrong = PCA_COLOURS.wrong


def _other(name: str, story: str):
    """Add an answer with another projection of the cells."""

    def add(project: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        _wrong(name, story)(lambda maps: coloured(maps, project))
        return project

    return add


@_other(
    "cells whose mean was not subtracted",
    "Without that the first direction is the mean itself: it points to where the cloud is, not along it.",
)
def _not_centred(cells: Tensor) -> Tensor:
    return cells @ torch.linalg.svd(cells, full_matrices=False)[2][:3].T


@_other(
    "the directions in which the cells differ least",
    "eigh sorts from the smallest to the largest: take the last three.",
)
def _least(cells: Tensor) -> Tensor:
    return projected(cells, torch.linalg.eigh((cells - cells.mean(0)).T.cov())[1][:, :3])


@_other(
    "the shortest of the three directions first",
    "The direction in which the cells differ most is the first colour.",
)
def _reversed(cells: Tensor) -> Tensor:
    return projected(cells, directions(cells).flip(1))


@_other(
    "the first three channels",
    "Any three channels say little: look for the three directions of the largest variance.",
)
def _first_channels(cells: Tensor) -> Tensor:
    return cells[:, :3]


@_other(
    "the three channels that vary most", "A direction may be any mixture of channels: that is what PCA finds."
)
def _varying_channels(cells: Tensor) -> Tensor:
    return cells[:, cells.var(0).argsort(descending=True)[:3]]


@_other(
    "each channel divided by its spread",
    "That is another PCA, of correlations. Here loud channels count more.",
)
def _standardised(cells: Tensor) -> Tensor:
    cells = (cells - cells.mean(0)) / cells.std(0)
    return projected(cells, directions(cells))


@_other(
    "colours of equal variance",
    "svd's first result has equal columns: multiply the cells by the directions, and stretch each colour alone.",
)
def _rows_for_columns(cells: Tensor) -> Tensor:
    axes = torch.linalg.svd(cells - cells.mean(0), full_matrices=False)[2]
    return projected(cells, axes[:, :3])


@_wrong(
    "a PCA for each image",
    "Then one colour means something else in each image: put the cells of all images together.",
)
def _each_alone(maps: Tensor) -> Tensor:
    return torch.cat([pca_colours(each[None]) for each in maps])


@_wrong(
    "each image stretched on its own",
    "The same value must have the same colour in every image: stretch over all images.",
)
def _stretched_alone(maps: Tensor) -> Tensor:
    values = coloured(maps, lambda x: projected(x, directions(x)), lambda values: values)
    low, high = values.amin((2, 3), keepdim=True), values.amax((2, 3), keepdim=True)
    return (values - low) / (high - low)


@_wrong(
    "one stretch for all three colours",
    "The second and the third direction are shorter: stretch each to [0, 1].",
)
def _stretched_together(maps: Tensor) -> Tensor:
    def stretch(values: Tensor) -> Tensor:
        return (values - values.amin()) / (values.amax() - values.amin())

    return coloured(maps, lambda x: projected(x, directions(x)), stretch)


@_wrong("values that were not stretched", "A colour is between 0 and 1: stretch each of the three.")
def _not_stretched(maps: Tensor) -> Tensor:
    return coloured(maps, lambda x: projected(x, directions(x)), lambda values: values)


@_wrong("a sigmoid instead of a stretch", "Stretch: the smallest value becomes 0, the largest 1.")
def _squashed(maps: Tensor) -> Tensor:
    return coloured(maps, lambda x: projected(x, directions(x)), torch.sigmoid)


@_wrong(
    "values cut off at 0 and 1",
    "Stretch: the smallest value becomes 0, the largest 1. clamp throws most of it away.",
)
def _cut(maps: Tensor) -> Tensor:
    return coloured(maps, lambda x: projected(x, directions(x)), lambda values: values.clamp(0, 1))


@_wrong("divided by the largest value", "The smallest value becomes 0: subtract it first.")
def _divided(maps: Tensor) -> Tensor:
    return coloured(maps, lambda x: projected(x, directions(x)), lambda values: values / values.abs().amax(0))


@_wrong(
    "channels and cells mixed up",
    "view keeps the order in memory: bring the channels to the end with permute first.",
)
def _viewed(maps: Tensor) -> Tensor:
    cells = maps.reshape(-1, maps.shape[1])
    values = stretched(projected(cells, directions(cells)))
    return values.view(len(maps), *maps.shape[2:], 3).permute(0, 3, 1, 2)


@_wrong("the colours on the last axis", "The result is (N, 3, h, w), like images: permute back.")
def _last_axis(maps: Tensor) -> Tensor:
    return pca_colours(maps).permute(0, 2, 3, 1)


@_wrong("all directions", "Three directions make a colour: keep the first three.")
def _all_directions(maps: Tensor) -> Tensor:
    return coloured(maps, lambda x: projected(x, torch.linalg.eigh((x - x.mean(0)).T.cov())[1].flip(1)))


@_wrong("the caller's maps changed", "`-=` writes into the caller's maps: work on new ones.")
def _spoilt(maps: Tensor) -> Tensor:
    colours = pca_colours(maps)
    maps -= maps.mean((0, 2, 3), keepdim=True)
    return colours


EXERCISES = (PCA_COLOURS,)
