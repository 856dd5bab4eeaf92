"""Lab 13, last part: the share of correct key points."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from coursekit.metrics.keypoint import pck as _pck


def pck(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    """The share of the visible points within `threshold` sizes of the true ones: (G, P, 2) twice, (G, P), (G,) -> number."""
    return _pck(found, true, visible, sizes, threshold)


_TRUE = torch.tensor([[[10.0, 10.0], [30.0, 12.0], [20.0, 40.0]], [[50.0, 8.0], [60.0, 8.0], [70.0, 30.0]]])
_SHIFT = torch.tensor([[[1.0, 0.0], [3.0, 3.0], [0.0, 9.0]], [[8.0, 0.0], [1.5, 1.5], [9.0, 9.0]]])
_SEEN = torch.tensor([[True, True, True], [False, True, False]])
_SIZES = torch.tensor([40.0, 100.0])

_NEAR = torch.tensor([[[3.0, 2.0], [3.0, 3.0], [6.0, 0.0]], [[6.0, 9.0], [6.0, 6.0], [9.0, 0.0]]])
_LEFT = torch.tensor([[[4.0, 0.0], [-20.0, 0.0], [0.0, 5.5]]])
_AT = torch.tensor([[[4.0, 0.0], [0.0, 5.0], [0.0, -4.0]]])


def _judge(arguments: tuple, value: Any) -> Any:
    """If nothing is visible, 0 is as good as NaN."""
    if isinstance(value, int) and abs(value) > 1e9:
        raise OverflowError
    number = isinstance(value, int | float) or (isinstance(value, Tensor) and value.ndim == 0)
    return float("nan") if number and value == 0 and not arguments[2].any() else value


PCK = Exercise(
    pck,
    judge=_judge,
    hints=(
        "You need one distance per point and one radius per object; then use only the visible points.",
        "right = ||found - true|| <= threshold * size of its object; the mean over the visible points.",
        "distance = (found - true).norm(dim=-1)\n"
        "right = distance <= …  # the threshold is a share of the object's size\n"
        "return right[visible].double().mean().item()",
    ),
    cases=(
        Case("one point, close", (_TRUE[:1, :1] + 1, _TRUE[:1, :1], _SEEN[:1, :1], _SIZES[:1])),
        Case("three points, one far away", (_TRUE[:1] + _SHIFT[:1], _TRUE[:1], _SEEN[:1], _SIZES[:1])),
        Case("hidden points", (_TRUE + _SHIFT, _TRUE, _SEEN, _SIZES)),
        Case("all visible, two sizes", (_TRUE + _SHIFT, _TRUE, torch.ones(2, 3, dtype=torch.bool), _SIZES)),
        Case("a stricter threshold", (_TRUE + _SHIFT, _TRUE, _SEEN, _SIZES, 0.02)),
        Case("a circle, not a square", (_TRUE + _NEAR, _TRUE, torch.ones(2, 3, dtype=torch.bool), _SIZES)),
        Case(
            "to the left is as far as to the right",
            (_TRUE[:1] + _LEFT, _TRUE[:1], _SEEN[:1], torch.tensor([100.0])),
        ),
        Case("exactly at the threshold", (_TRUE[:1] + _AT, _TRUE[:1], _SEEN[:1], torch.tensor([16.0]), 0.25)),
        Case(
            "three objects of three points",
            (
                torch.cat([_TRUE + _NEAR, _TRUE[:1] + 2 * _AT]),
                torch.cat([_TRUE, _TRUE[:1]]),
                torch.cat([_SEEN, ~_SEEN[1:]]),
                torch.tensor([100.0, 40.0, 90.0]),
            ),
        ),
        Case("nothing visible", (_TRUE, _TRUE, torch.zeros(2, 3, dtype=torch.bool), _SIZES)),
    ),
)


def _near(found: Tensor, true: Tensor, sizes: Tensor, threshold: float) -> Tensor:
    return (found - true).norm(dim=-1) <= threshold * sizes[:, None]


@PCK.wrong("hidden points counted", "They cannot be seen: only visible points count.")
def _hidden_too(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return _near(found, true, sizes, threshold).double().mean().item()


@PCK.wrong("hidden points counted as misses", "Divide by the number of visible points.")
def _of_all(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return (_near(found, true, sizes, threshold) & visible).double().mean().item()


@PCK.wrong(
    "a radius of 1 pixel at threshold 0.1", "The radius is the threshold times the size of the object."
)
def _in_pixels(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return _pck(found, true, visible, torch.full_like(sizes, 10.0), threshold)


@PCK.wrong("squared distances", "Take the root before you compare.")
def _squared(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    near = ((found - true) ** 2).sum(-1) <= threshold * sizes[:, None]
    return near[visible].double().mean().item()


@PCK.wrong("a square around each point", "The distance is Euclidean: a circle, not a square.")
def _each_axis(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    near = ((found - true).abs() <= threshold * sizes[:, None, None]).all(-1)
    return near[visible].double().mean().item()


@PCK.wrong("the mean of each object's share", "Every visible point has the same weight, not every object.")
def _of_objects(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    near = _near(found, true, sizes, threshold)
    rows = [row[seen].double().mean() for row, seen in zip(near, visible, strict=True) if seen.any()]
    return torch.stack(rows).mean().item() if rows else float("nan")


@PCK.wrong("the share of the misses", "Return the share of the points that are right.")
def _the_misses(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return 1 - _pck(found, true, visible, sizes, threshold)


def _share(rule: Callable) -> Callable:
    """An answer that considers those points right whose rule(offset, sizes, threshold) is true."""

    def answer(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
        return rule(found - true, sizes[:, None], threshold)[visible].double().mean().item()

    return answer


def _result(change: Callable) -> Callable:
    """An answer that uses the right points in a different way: change(right, visible)."""

    def answer(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
        return change(_near(found, true, sizes, threshold), visible)

    return answer


def _all_right(right: Tensor, visible: Tensor) -> float:
    return (right | ~visible).all(1)[visible.any(1)].double().mean().item()


EUCLIDEAN = "The distance is Euclidean: the root of the sum of the squares."
SIZE = "The radius of each point is the threshold times the size of its own object."
for name, story, function in (
    (
        "points at the threshold left out",
        "“Within” means at most: <=.",
        _share(lambda d, s, t: d.norm(dim=-1) < t * s),
    ),
    ("the city-block distance", EUCLIDEAN, _share(lambda d, s, t: d.abs().sum(-1) <= t * s)),
    ("the mean of both offsets", EUCLIDEAN, _share(lambda d, s, t: d.abs().mean(-1) <= t * s)),
    ("only x compared", EUCLIDEAN, _share(lambda d, s, t: d[..., 0].abs() <= t * s)),
    ("only y compared", EUCLIDEAN, _share(lambda d, s, t: d[..., 1].abs() <= t * s)),
    ("the threshold as a number of pixels", SIZE, _share(lambda d, s, t: d.norm(dim=-1) <= t)),
    ("the mean size for all objects", SIZE, _share(lambda d, s, t: d.norm(dim=-1) <= t * s.mean())),
    ("the largest size for all objects", SIZE, _share(lambda d, s, t: d.norm(dim=-1) <= t * s.max())),
    ("the smallest size for all objects", SIZE, _share(lambda d, s, t: d.norm(dim=-1) <= t * s.min())),
    ("the first size for all objects", SIZE, _share(lambda d, s, t: d.norm(dim=-1) <= t * s[0])),
    (
        "a threshold of 0.1 in every case",
        "Use the argument `threshold`.",
        _share(lambda d, s, t: d.norm(dim=-1) <= 0.1 * s),
    ),
    ("half the radius", SIZE, _share(lambda d, s, t: d.norm(dim=-1) <= t * s / 2)),
    (
        "offsets with their sign",
        "An offset to the left is as bad as one to the right: take the norm.",
        _share(lambda d, s, t: (d <= t * s[..., None]).all(-1)),
    ),
    (
        "sizes along the axis of the points",
        "sizes is (G,): use sizes[:, None], so that its axis is that of the objects.",
        lambda f, t, v, s, threshold=0.1: ((f - t).norm(dim=-1) <= threshold * s)[v].double().mean().item(),
    ),
    (
        "hidden points counted as right",
        "Only visible points count, in the numerator and in the denominator.",
        _result(lambda right, v: (right | ~v).double().mean().item()),
    ),
    (
        "right hidden points over all visible ones",
        "Only visible points count, in the numerator and in the denominator.",
        _result(lambda right, v: right.sum().item() / v.sum().item() if v.any() else 0.0),
    ),
    (
        "the share of objects with every point right",
        "Each visible point counts on its own.",
        _result(_all_right),
    ),
    (
        "per cent",
        "Return a share, from 0 to 1.",
        _result(lambda right, v: 100 * right[v].double().mean().item()),
    ),
    (
        "how many are right",
        "Divide by the number of visible points.",
        _result(lambda right, v: right[v].sum().item()),
    ),
    (
        "a share for each point of the list",
        "Return one number for all objects.",
        _result(lambda right, v: (right & v).double().mean(0)),
    ),
    (
        "whole numbers",
        "/ divides, // rounds down.",
        _result(lambda right, v: right[v].sum().item() // max(int(v.sum()), 1)),
    ),
    (
        "1 if nothing is visible",
        "Without visible points there is no share: return NaN or 0.",
        _result(lambda right, v: right[v].double().mean().item() if v.any() else 1.0),
    ),
):
    PCK.wrong(name, story)(function)


@PCK.wrong("an error if nothing is visible", "Without visible points there is no share: return NaN or 0.")
def _divides_by_zero(
    found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1
) -> float:
    return (_near(found, true, sizes, threshold) & visible).sum().item() / visible.sum().item()


@PCK.wrong("the mean distance in sizes", "Count the points within the threshold.")
def _mean_distance(
    found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1
) -> float:
    return ((found - true).norm(dim=-1) / sizes[:, None])[visible].mean().item()


@PCK.wrong("the mean distance of each object compared", "Each visible point counts on its own.")
def _mean_near(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    mean = ((found - true).norm(dim=-1) * visible).sum(1) / visible.sum(1).clamp(min=1)
    return (mean <= threshold * sizes)[visible.any(1)].double().mean().item()


EXERCISES = (PCK,)
