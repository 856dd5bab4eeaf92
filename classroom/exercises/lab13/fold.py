"""Lab 13, fourth part: the fold that makes an hourglass."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import fold_picture
from classroom.exercises.readings import either
from coursekit.nets.hourglass import around_and_through

Layer = Callable[[Tensor], Tensor]


def fold(x: Tensor, around: Layer, through: Layer) -> Tensor:
    """Around at full size, plus through a map of half the size, upsampled again: (N, C, h, w) -> (N, C, h, w)."""
    return around_and_through(x, around, through)


def _tenfold(x: Tensor) -> Tensor:
    return 10 * x


def _same(x: Tensor) -> Tensor:
    return x


def _turned(x: Tensor) -> Tensor:
    """A layer that does not commute with the maximum."""
    return -x


def _inner(x: Tensor) -> Tensor:
    """An hourglass of depth 1."""
    return around_and_through(x, torch.sin, _turned)


def _half(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


def _large(small: Tensor, x: Tensor, **how) -> Tensor:
    return F.interpolate(small, x.shape[-2:], **how)


def _nearest_centre(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(through(_half(x)), x, mode="nearest-exact")


FOLD = Exercise(
    fold,
    judge=either(fold, _nearest_centre),
    picture=fold_picture,
    hints=(
        "Two paths are added: one at full size, one through a smaller map.",
        "around(x) + upsample(through(half of x)): halve by 2 x 2 maxima, upsample to the size of x.",
        "small = through(F.max_pool2d(x, 2, ceil_mode=True))\nreturn around(x) + F.interpolate(small, …)",
    ),
    cases=(
        Case("a row of four cells", (torch.tensor([[[[1.0, 3.0, 2.0, 0.0]]]]), _tenfold, _same)),
        Case("four by four cells", (normal(1, 1, 4, 4), torch.abs, _turned)),
        Case("all below zero, an odd number of cells", (-5 + normal(1, 1, 3, 3, seed=2), torch.sin, _same)),
        Case("an odd number of cells", (normal(1, 1, 3, 5), torch.sin, _turned)),
        Case("two images, three channels", (normal(2, 3, 6, 8), torch.sin, _turned)),
        Case("an hourglass in an hourglass", (normal(1, 2, 8, 12), torch.sin, _inner)),
        Case("the gradient", (normal(1, 1, 4, 6), torch.sin, _turned), (0,)),
    ),
)


@FOLD.wrong(
    "no way around", "Then everything has to pass through the smallest map, and fine positions are lost."
)
def _no_skip(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return _large(through(_half(x)), x)


@FOLD.wrong("around without its layer", "The way around has its own layer: around(x).")
def _bare_skip(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return x + _large(through(_half(x)), x)


@FOLD.wrong(
    "concatenation instead of a sum",
    "U-Net concatenates; the hourglass adds, so the number of channels stays the same.",
)
def _concatenated(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return torch.cat([around(x), _large(through(_half(x)), x)], 1)


@FOLD.wrong("`through` at full size", "The way through works on a map of half the size.")
def _not_halved(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + through(x)


@FOLD.wrong("`around` applied to the sum", "Apply `around` to the input; the sum comes after it.")
def _around_after(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x + _large(through(_half(x)), x))


@FOLD.wrong(
    "an error for odd sizes",
    "Five cells become three, and three times two is six: upsample to the size of x.",
)
def _always_twice(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + F.interpolate(through(_half(x)), scale_factor=2)


@FOLD.wrong("means on the way down", "Pass on the maxima of 2 x 2 cells: F.max_pool2d.")
def _mean(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(through(F.avg_pool2d(x, 2, ceil_mode=True)), x)


@FOLD.wrong("bilinear on the way up", "Each cell takes the value of the nearest cell of the small map.")
def _bilinear(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(through(_half(x)), x, mode="bilinear", align_corners=False)


@FOLD.wrong(
    "halved after `through`", "First halve the map, then apply `through`: that is what makes it cheap."
)
def _pooled_after(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(_half(through(x)), x)


def _sum_of(make: Callable) -> Callable:
    """An answer that combines both ways, at the size of x: make(around, through)."""
    return lambda x, around, through: make(around(x), _large(through(_half(x)), x))


def _through_of(smaller: Callable) -> Callable:
    """An answer that makes x smaller in a different way."""
    return lambda x, around, through: around(x) + _large(through(smaller(x)), x)


@FOLD.wrong("an error for a single row", "Odd sizes are rounded up: ceil_mode=True.")
def _rounded_down(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(through(F.max_pool2d(x, 2)), x)


@FOLD.wrong("tiles of the small map", "Repeat each cell, not the whole map: F.interpolate.")
def _tiles(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + through(_half(x)).repeat(1, 1, 2, 2)[..., : x.shape[2], : x.shape[3]]


UP = "Odd sizes are rounded up: ceil_mode=True takes the maximum of the cells that exist."
for name, story, function in (
    (
        "every second cell",
        "Pass on the maximum of 2 x 2 cells, not the first of them.",
        _through_of(lambda x: x[:, :, ::2, ::2]),
    ),
    (
        "odd sizes padded with zeros",
        UP,
        _through_of(lambda x: F.max_pool2d(F.pad(x, (0, x.shape[3] % 2, 0, x.shape[2] % 2)), 2)),
    ),
    (
        "windows that overlap at odd sizes",
        UP,
        _through_of(lambda x: F.adaptive_max_pool2d(x, [(side + 1) // 2 for side in x.shape[-2:]])),
    ),
    (
        "odd sizes padded at the start",
        UP,
        _through_of(
            lambda x: F.max_pool2d(F.pad(x, (x.shape[3] % 2, 0, x.shape[2] % 2, 0), value=-torch.inf), 2)
        ),
    ),
    (
        "windows of 3 x 3",
        "Pass on the maximum of 2 x 2 cells.",
        _through_of(lambda x: F.max_pool2d(x, 3, 2, 1)),
    ),
    ("minima on the way down", "Pass on the maxima of 2 x 2 cells.", _through_of(lambda x: -_half(-x))),
    (
        "nearest cells on the way down",
        "Pass on the maxima of 2 x 2 cells.",
        _through_of(lambda x: F.interpolate(x, [(side + 1) // 2 for side in x.shape[-2:]], mode="bilinear")),
    ),
    (
        "around after the pooling",
        "`around` sees x at full size.",
        lambda x, around, through: _large(around(_half(x)) + through(_half(x)), x),
    ),
    (
        "upsampled before `through`",
        "`through` works on the small map; upsample its result.",
        lambda x, around, through: around(x) + through(_large(_half(x), x)),
    ),
    (
        "the layers swapped",
        "`around` works at full size, `through` at half of it.",
        lambda x, around, through: through(x) + _large(around(_half(x)), x),
    ),
    (
        "one path after the other",
        "Both paths start at x.",
        lambda x, around, through: around(x) + _large(through(_half(around(x))), x),
    ),
    (
        "`around` of what went through",
        "Both paths start at x.",
        lambda x, around, through: around(_large(through(_half(x)), x)),
    ),
    (
        "x added as well",
        "The result is around(x) plus what went through, nothing else.",
        lambda x, around, through: x + around(x) + _large(through(_half(x)), x),
    ),
    (
        "`through` twice",
        "Call `through` once.",
        lambda x, around, through: around(x) + _large(through(through(_half(x))), x),
    ),
    (
        "`through` left out",
        "The small map must go through a layer.",
        lambda x, around, through: around(x) + _large(_half(x), x),
    ),
    ("only the way around", "Add what went through.", lambda x, around, through: around(x)),
    ("the product of both ways", "Add both ways.", _sum_of(lambda a, t: a * t)),
    ("the mean of both ways", "Add both ways.", _sum_of(lambda a, t: (a + t) / 2)),
    ("the maximum of both ways", "Add both ways.", _sum_of(torch.maximum)),
    ("the difference of both ways", "Add both ways.", _sum_of(lambda a, t: a - t)),
    ("negative sums set to 0", "No ReLU after the sum.", _sum_of(lambda a, t: (a + t).relu())),
    (
        "no gradient through the small map",
        "The layers inside are trained too: no .detach().",
        _sum_of(lambda a, t: a + t.detach()),
    ),
    (
        "no gradient through `around`",
        "The way around is trained too: no .detach().",
        _sum_of(lambda a, t: a.detach() + t),
    ),
    (
        "no gradient",
        "The network is trained through this function: no .detach().",
        _sum_of(lambda a, t: (a + t).detach()),
    ),
):
    FOLD.wrong(name, story)(function)


EXERCISES = (FOLD,)
