"""Lab 11, third part: probabilities at every place, and one map out of those of several scales."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import planes_picture
from coursekit.models.class_map import merge_scales, softmax_of_classes


def softmax_of_pixels(logits: Tensor) -> Tensor:
    """The probability of each class at each place: (K, h, w) -> (K, h, w), of sum 1 over the classes."""
    return softmax_of_classes(logits)


SOFTMAX_OF_PIXELS = Exercise(
    softmax_of_pixels,
    picture=planes_picture,
    hints=(
        "A test for every softmax: which sums must be 1? Sum your result over each axis and look.",
        "p[k, y, x] = exp(z[k, y, x]) / sum over k of exp(z[k, y, x]).",
        "logits.softmax(dim) with the axis of the classes, the first.",
    ),
    cases=(
        Case("one place, two classes", (torch.tensor([0.0, 1.0])[:, None, None],)),
        Case("a row of places", (torch.tensor([[0.0, 2.0, 0.0], [1.0, 0.0, 4.0]])[:, None],)),
        Case("five classes on 3 x 4 cells", (normal(5, 3, 4),)),
        Case("as many classes as columns", (normal(3, 3, 3, seed=1),)),
        Case("large logits", (100 * normal(3, 2, 4, seed=2),)),
        Case("the gradient", (normal(4, 2, 3, seed=3),), True),
    ),
)


@SOFTMAX_OF_PIXELS.wrong(
    "the softmax over the columns",
    "The last axis is the width. At every place, the sum over the classes must be 1: that is the first axis.",
)
def _over_columns(logits: Tensor) -> Tensor:
    return logits.softmax(-1)


@SOFTMAX_OF_PIXELS.wrong(
    "the softmax over the rows", "The second axis is the height; the classes are the first."
)
def _over_rows(logits: Tensor) -> Tensor:
    return logits.softmax(1)


@SOFTMAX_OF_PIXELS.wrong(
    "the softmax over the places", "This asks where a class is most; the question is which class a place has."
)
def _over_places(logits: Tensor) -> Tensor:
    return logits.flatten(1).softmax(1).view_as(logits)


@SOFTMAX_OF_PIXELS.wrong("one softmax over everything", "Each place has a distribution of its own.")
def _over_all(logits: Tensor) -> Tensor:
    return logits.flatten().softmax(0).view_as(logits)


@SOFTMAX_OF_PIXELS.wrong(
    "a sigmoid", "A place has exactly one class: the probabilities compete, their sum is 1."
)
def _sigmoid(logits: Tensor) -> Tensor:
    return logits.sigmoid()


@SOFTMAX_OF_PIXELS.wrong(
    "exp without a net", "exp(100) is more than a float can hold. softmax takes the largest logit off first."
)
def _overflowing(logits: Tensor) -> Tensor:
    return logits.exp() / logits.exp().sum(0)


@SOFTMAX_OF_PIXELS.wrong("the logarithm", "These are logarithms of probabilities.")
def _logarithm(logits: Tensor) -> Tensor:
    return logits.log_softmax(0)


def merge_maps(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """The arithmetic or geometric mean of the class maps of several scales: S times (K, h, w) -> (K, *size)."""
    return merge_scales(maps, size, geometric)


def _class_map(*shape: int, seed: int = 0) -> Tensor:
    return (2 * normal(*shape, seed=seed)).softmax(0)


SURE, UNSURE = (torch.tensor(p)[:, None, None] for p in ([0.9, 0.1], [0.5, 0.5]))
SCALES = [_class_map(3, 2, 3), _class_map(3, 4, 5, seed=1), _class_map(3, 5, 8, seed=2)]

MERGE_MAPS = Exercise(
    merge_maps,
    picture=planes_picture,
    hints=(
        "Three maps of three sizes. What must happen before you can add them? And which sums must be 1 in the end?",
        "Arithmetic: mean of p. Geometric: exp(mean of log p), divided by its sum over the classes.",
        'F.interpolate(m[None], size, mode="bilinear")[0] resizes; torch.stack(...).log().mean(0).softmax(0) is the geometric mean.',
    ),
    cases=(
        Case("one cell, arithmetic", ([SURE, UNSURE], (1, 1), False)),
        Case("one cell, geometric", ([SURE, UNSURE], (1, 1), True)),
        Case("another size", ([_class_map(3, 2, 3)], (4, 6), False)),
        Case("three scales, arithmetic", (SCALES, (5, 8), False)),
        Case("three scales, geometric", (SCALES, (5, 8), True)),
    ),
)


def _resized(maps: Sequence[Tensor], size: tuple[int, int], **how) -> Tensor:
    how = how or {"mode": "bilinear"}
    return torch.stack([F.interpolate(m[None], size, **how)[0] for m in maps])  # (S, K, *size)


@MERGE_MAPS.wrong(
    "a geometric mean that is not divided by its sum",
    "The geometric mean of probabilities has a sum below 1: divide by the sum over the classes.",
)
def _not_normalised(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    planes = _resized(maps, size)
    return planes.log().mean(0).exp() if geometric else planes.mean(0)


@MERGE_MAPS.wrong("the arithmetic mean both times", "With geometric=True take the mean of the logarithms.")
def _always_arithmetic(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _resized(maps, size).mean(0)


@MERGE_MAPS.wrong("the product", "The geometric mean of S numbers is the S-th root of their product.")
def _product(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    planes = _resized(maps, size)
    return planes.log().sum(0).softmax(0) if geometric else planes.mean(0)


def _mean(planes: Tensor, geometric: bool) -> Tensor:
    return planes.log().mean(0).softmax(0) if geometric else planes.mean(0)


@MERGE_MAPS.wrong("the nearest cell", "Bring the maps to one size bilinearly: cells would be seen as steps.")
def _nearest(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, size, mode="nearest"), geometric)


@MERGE_MAPS.wrong(
    "corners on corners",
    "align_corners=True stretches the maps of different sizes differently: their places do not agree any more.",
)
def _corners(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, size, mode="bilinear", align_corners=True), geometric)


@MERGE_MAPS.wrong("a sum over the places", "At each place the sum over the classes must be 1.")
def _over_places_too(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    planes = _resized(maps, size)
    mean = planes.log().mean(0).exp()
    return mean / mean.sum((1, 2), keepdim=True) if geometric else planes.mean(0)


@MERGE_MAPS.wrong("the maximum", "The arithmetic mean is the sum divided by the number of scales.")
def _maximum(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    return _mean(_resized(maps, size), True) if geometric else _resized(maps, size).amax(0)


EXERCISES = (SOFTMAX_OF_PIXELS, MERGE_MAPS)
