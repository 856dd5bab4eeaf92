"""Lab 11, third part: one class map from those of several scales."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import planes_picture
from classroom.exercises.readings import any_precision, either
from coursekit.models.class_map import merge_scales


def merge_maps(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """The arithmetic or geometric mean of the class maps of several scales: S times (K, h, w) -> (K, *size)."""
    return merge_scales(maps, size, geometric)


def _class_map(*shape: int, seed: int = 0) -> Tensor:
    return (2 * normal(*shape, seed=seed)).softmax(0)


def _judge(arguments: tuple, value: Any) -> Any:
    return either(merge_maps, _corners_on_corners)(arguments, any_precision(arguments, value))


SURE, UNSURE = (torch.tensor(p)[:, None, None] for p in ([0.9, 0.1], [0.5, 0.5]))
SCALES = [_class_map(3, 2, 3), _class_map(3, 4, 5, seed=1), _class_map(3, 5, 8, seed=2)]


def _resized(maps: Sequence[Tensor], size: tuple[int, int], **how) -> Tensor:
    how = how or {"mode": "bilinear"}
    return torch.stack([F.interpolate(m[None], size, **how)[0] for m in maps])  # (S, K, *size)


def _mean(planes: Tensor, geometric: bool) -> Tensor:
    return planes.log().mean(0).softmax(0) if geometric else planes.mean(0)


def _corners_on_corners(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, size, mode="bilinear", align_corners=True), geometric)


MERGE_MAPS = Exercise(
    merge_maps,
    judge=_judge,
    picture=planes_picture,
    hints=(
        "The maps have different sizes. What must you do before you can add them? And which sums must be 1 in the end?",
        "Arithmetic: mean of p. Geometric: exp(mean of log p), divided by its sum over the classes.",
        'F.interpolate(m[None], size, mode="bilinear")[0] resizes; torch.stack(...).log().mean(0).softmax(0) is the geometric mean.',
    ),
    cases=(
        Case("one cell, arithmetic", ([SURE, UNSURE], (1, 1), False)),
        Case("one cell, geometric", ([SURE, UNSURE], (1, 1), True)),
        Case("a different size", ([_class_map(3, 2, 3)], (4, 6), False)),
        Case("three scales, arithmetic", (SCALES, (5, 8), False)),
        Case("three scales, geometric", (SCALES, (5, 8), True)),
        Case("three scales, geometric, at a different size", (SCALES, (6, 9), True)),
    ),
)


@MERGE_MAPS.wrong(
    "a geometric mean that is not divided by its sum",
    "The geometric means of the probabilities add up to less than 1: divide by the sum over the classes.",
)
def _not_normalised(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    planes = _resized(maps, size)
    return planes.log().mean(0).exp() if geometric else planes.mean(0)


@MERGE_MAPS.wrong(
    "the arithmetic mean in both cases", "With geometric=True, take the mean of the logarithms."
)
def _always_arithmetic(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _resized(maps, size).mean(0)


@MERGE_MAPS.wrong(
    "the product of the scales", "The geometric mean of S numbers is the S-th root of their product."
)
def _product(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    planes = _resized(maps, size)
    return planes.log().sum(0).softmax(0) if geometric else planes.mean(0)


@MERGE_MAPS.wrong("the nearest cell", "Resize the maps bilinearly: the nearest cell makes steps.")
def _nearest(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, size, mode="nearest"), geometric)


@MERGE_MAPS.wrong(
    "a geometric mean divided by its sum over the places",
    "At each place, the sum over the classes must be 1.",
)
def _over_places_too(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    planes = _resized(maps, size)
    mean = planes.log().mean(0).exp()
    return mean / mean.sum((1, 2), keepdim=True) if geometric else planes.mean(0)


@MERGE_MAPS.wrong(
    "the maximum of the scales", "The arithmetic mean is the sum divided by the number of scales."
)
def _maximum(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, size), True) if geometric else _resized(maps, size).amax(0)


@MERGE_MAPS.wrong(
    "logarithms before the upsampling",
    "First resize the probabilities, then take their logarithms.",
)
def _logarithms_first(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return (
        _resized([m.log() for m in maps], size).mean(0).softmax(0)
        if geometric
        else _resized(maps, size).mean(0)
    )


@MERGE_MAPS.wrong("height and width swapped", "size is (height, width), as F.interpolate expects it.")
def _swapped(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, (size[1], size[0])), geometric)


@MERGE_MAPS.wrong(
    "the mean so far and the next, halved",
    "This way the last scale has the weight one half: divide the sum by the number of scales.",
)
def _pairwise(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    first, *others = _resized(maps, size).log() if geometric else _resized(maps, size)
    for other in others:
        first = (first + other) / 2
    return first.softmax(0) if geometric else first


@MERGE_MAPS.wrong("scales weighted by their number of cells", "Each scale has the same weight, 1 / S.")
def _by_cells(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    weights = torch.tensor([float(m[0].numel()) for m in maps])[:, None, None, None]
    planes, weights = _resized(maps, size), weights / weights.sum()
    return (weights * planes.log()).sum(0).softmax(0) if geometric else (weights * planes).sum(0)


@MERGE_MAPS.wrong("the caller's list overwritten", "The caller still needs its maps: make a new list.")
def _overwritten(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    maps[:] = [F.interpolate(m[None], size, mode="bilinear")[0] for m in maps]
    return _mean(torch.stack(maps), geometric)


def _to_size_of(which: int) -> Callable:
    return lambda maps, size, geometric: _mean(_resized(maps, tuple(maps[which].shape[-2:])), geometric)


for which in (0, -1):
    MERGE_MAPS.wrong(
        "the size of one of the maps", "Resize every map to `size`, whatever sizes the maps have."
    )(_to_size_of(which))
    MERGE_MAPS.wrong("one scale alone", "Take the mean over all scales.")(
        lambda maps, size, geometric, which=which: _resized(maps, size)[which]
    )


def _both(arithmetic: Callable, geometrical: Callable) -> Callable:
    """An answer from what it does with the resized maps, (S, K, *size), in the two cases."""
    return lambda maps, size, geometric: (geometrical if geometric else arithmetic)(_resized(maps, size))


ARITHMETIC, GEOMETRIC = (functools.partial(_mean, geometric=geometric) for geometric in (False, True))
DIVIDE = "Divide the geometric mean by its sum over the classes, at each place."
for name, story, arithmetic, geometrical in (
    ("the sum of the scales", "Divide the sum by the number of scales.", lambda p: p.sum(0), GEOMETRIC),
    (
        "the geometric mean in both cases",
        "With geometric=False, take the mean of the probabilities themselves.",
        GEOMETRIC,
        GEOMETRIC,
    ),
    ("the two means swapped", "geometric=True requires the mean of the logarithms.", GEOMETRIC, ARITHMETIC),
    (
        "a geometric mean divided by one sum for the whole map",
        DIVIDE,
        ARITHMETIC,
        lambda p: p.log().mean(0).exp() / p.log().mean(0).exp().sum(),
    ),
    (
        "the product of the scales, not divided by its sum",
        "The geometric mean of S numbers is the S-th root of their product. " + DIVIDE,
        ARITHMETIC,
        lambda p: p.prod(0),
    ),
    (
        "a number added before the logarithm",
        "Most of 1,000 classes have a tiny probability: add nothing, or no more than 1e-30.",
        ARITHMETIC,
        lambda p: (p + 0.01).log().mean(0).softmax(0),
    ),
    (
        "the mean of the logarithms without exp",
        "Turn the logarithms back into probabilities with exp before you divide.",
        ARITHMETIC,
        lambda p: p.log().mean(0) / p.log().mean(0).sum(0),
    ),
    (
        "logarithms of probabilities",
        "Turn the logarithms back into probabilities with exp, and divide by the sum.",
        ARITHMETIC,
        lambda p: p.log().mean(0),
    ),
    (
        "a softmax of the arithmetic mean",
        "The arithmetic means of the probabilities already add up to 1.",
        lambda p: p.mean(0).softmax(0),
        GEOMETRIC,
    ),
    (
        "a softmax of the probabilities",
        "The softmax contains exp, the inverse of the logarithm: take the logarithms first.",
        ARITHMETIC,
        lambda p: p.mean(0).softmax(0),
    ),
    (
        "the square root for any number of scales",
        "With S scales it is the S-th root: the mean of the logarithms.",
        ARITHMETIC,
        lambda p: (p.log().sum(0) / 2).softmax(0),
    ),
    ("the median of the scales", "Take the mean of the scales.", lambda p: p.median(0).values, GEOMETRIC),
    ("the minimum of the scales", "The geometric mean uses every scale.", ARITHMETIC, lambda p: p.amin(0)),
    (
        "the harmonic mean",
        "The geometric mean is the mean of the logarithms, not of the reciprocals.",
        ARITHMETIC,
        lambda p: (1 / (1 / p).mean(0)) / (1 / (1 / p).mean(0)).sum(0),
    ),
):
    MERGE_MAPS.wrong(name, story)(_both(arithmetic, geometrical))


@MERGE_MAPS.wrong("each scale divided by its maximum", "Leave the maps as they are, confident or not.")
def _by_maximum(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized([m / m.max() for m in maps], size), geometric)


EXERCISES = (MERGE_MAPS,)
