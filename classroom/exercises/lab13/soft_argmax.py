"""Lab 13, third part: between the cells."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import places_picture
from coursekit import ops


def soft_argmax(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """The mean position (x, y) of each map's softmax: (C, h, w) -> (C, 2)."""
    return ops.soft_argmax(heatmaps, temperature)


def _softmax(heatmaps: Tensor, temperature: float) -> Tensor:
    return (temperature * heatmaps).flatten(-2).softmax(-1).view_as(heatmaps)


def _bell(x: float, y: float, height: int, width: int) -> Tensor:
    return ops.gaussian_heatmap(torch.tensor([[x, y]]), torch.tensor([0]), (1, height, width), 1.25)


_NOISE = normal(3, 4, 6) / 3

SOFT_ARGMAX = Exercise(
    soft_argmax,
    picture=places_picture,
    hints=(
        "Interpret softmax(temperature * heat) as the probability of each cell. Where is the point on average?",
        "x = sum over cells of probability * column, y likewise with rows.",
        "p = (temperature * heatmaps).flatten(1).softmax(1).view_as(heatmaps)\n"
        "x = (p.sum(1) * torch.arange(p.shape[2])).sum(1)\n"
        "y = …\n"
        "return torch.stack([x, y], 1)",
    ),
    cases=(
        Case("two equal cells", (torch.tensor([[[0.0, 1.0, 1.0, 0.0]]]), 50.0)),
        Case("nothing to see", (torch.zeros(1, 3, 5),)),
        Case("a Gaussian between the cells", (_bell(3.4, 1.7, 5, 7),)),
        Case("a different temperature", (_bell(1.0, 2.0, 5, 7), 2.0)),
        Case("values below zero, three channels", (_NOISE - 1,)),
        Case("a high temperature", (torch.tensor([[[0.0, 2.0, 1.98], [0.0, 1.0, 2.0]]]), 100.0)),
        Case("the default temperature", (2 * _NOISE,)),
        Case("the gradient", (_NOISE,), (0,)),
    ),
)


@SOFT_ARGMAX.wrong("row and column swapped", "A point is (x, y): x is the mean column.")
def _swapped(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return soft_argmax(heatmaps, temperature).flip(-1)


@SOFT_ARGMAX.wrong(
    "no temperature",
    "With a factor of 1, a flat background outweighs the peak and pulls the point to the middle of the map.",
)
def _no_temperature(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return soft_argmax(heatmaps, 1.0)


@SOFT_ARGMAX.wrong("divided by the temperature", "Here it is a factor: large means sharp.")
def _divided(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return soft_argmax(heatmaps, 1 / temperature)


def _mean_place(weights: Tensor) -> Tensor:
    height, width = weights.shape[-2:]
    across, down = torch.arange(width, dtype=weights.dtype), torch.arange(height, dtype=weights.dtype)
    return torch.stack([weights.sum(-2) @ across, weights.sum(-1) @ down], -1)


@SOFT_ARGMAX.wrong(
    "a softmax of each row", "The probabilities of all cells of a map must add up to 1: flatten first."
)
def _of_rows(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return _mean_place((temperature * heatmaps).softmax(-1)) / heatmaps.shape[-2]


@SOFT_ARGMAX.wrong("not normalised", "exp alone does not add up to 1: take the softmax.")
def _not_normalised(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return _mean_place((temperature * heatmaps).exp())


@SOFT_ARGMAX.wrong("the arg-max", "It only gives whole cells, and no gradient flows through it.")
def _hard(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    place, width = heatmaps.flatten(-2).argmax(-1), heatmaps.shape[-1]
    return torch.stack([place % width, place // width], -1).to(heatmaps.dtype)


@SOFT_ARGMAX.wrong("half a cell too much", "Coordinates refer to the centres of cells: the first one is 0.")
def _plus_half(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return soft_argmax(heatmaps, temperature) + 0.5


@SOFT_ARGMAX.wrong(
    "the heat itself as weights", "Heat may be negative: the softmax turns it into probabilities."
)
def _values_as_weights(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return _mean_place(heatmaps / heatmaps.sum((-2, -1), keepdim=True))


def _swapped_sides(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    p, height = _softmax(heatmaps, temperature).flatten(1), heatmaps.shape[-2]
    place = torch.arange(p.shape[1])
    return torch.stack([p @ (place % height).to(p.dtype), p @ (place // height).to(p.dtype)], 1)


def _flat_mean(heatmaps: Tensor, temperature: float) -> Tensor:
    p, width = _softmax(heatmaps, temperature).flatten(1), heatmaps.shape[-1]
    place = p @ torch.arange(p.shape[1], dtype=p.dtype)
    return torch.stack([place % width, place // width], 1)


def _after(change: Callable) -> Callable:
    """An answer that changes the right one: change(points, heatmaps)."""
    return lambda heatmaps, temperature=6.0: change(soft_argmax(heatmaps, temperature), heatmaps)


def _weighted(weigh: Callable) -> Callable:
    """An answer with different weights: weigh(temperature * heatmaps)."""
    return lambda heatmaps, temperature=6.0: _mean_place(weigh(temperature * heatmaps))


SUM = "The probabilities of all cells of one map must add up to 1: flatten(1).softmax(1)."
for name, story, function in (
    (
        "a softmax over the maps",
        SUM,
        _weighted(lambda z: z.softmax(0) / z.softmax(0).sum((1, 2), keepdim=True)),
    ),
    ("a softmax over the maps", SUM, _weighted(lambda z: z.softmax(0))),
    ("a softmax of each row, summed over the rows", SUM, _weighted(lambda z: z.softmax(-1))),
    ("a softmax of each column", SUM, _weighted(lambda z: z.softmax(-2) / z.shape[-1])),
    ("a softmax of each column, summed over the columns", SUM, _weighted(lambda z: z.softmax(-2))),
    ("one softmax over all maps", SUM, _weighted(lambda z: z.flatten().softmax(0).view_as(z))),
    (
        "exp of large numbers",
        "exp of a large number is infinite: softmax subtracts the maximum first.",
        _weighted(lambda z: z.exp() / z.exp().sum((1, 2), keepdim=True)),
    ),
    (
        "probabilities divided by the largest",
        SUM,
        _weighted(lambda z: (z - z.amax((1, 2), keepdim=True)).exp()),
    ),
    ("a sigmoid instead of the softmax", SUM, _weighted(lambda z: z.sigmoid())),
    (
        "sigmoids divided by their sum",
        SUM,
        _weighted(lambda z: z.sigmoid() / z.sigmoid().sum((1, 2), keepdim=True)),
    ),
    ("places counted from 1", "The first column and the first row are 0.", _after(lambda p, h: p + 1)),
    (
        "half a cell too little",
        "Coordinates refer to the centres of cells: the first one is 0.",
        _after(lambda p, h: p - 0.5),
    ),
    (
        "rounded to whole cells",
        "The neighbours contribute the fraction: do not round.",
        _after(lambda p, h: p.round()),
    ),
    (
        "truncated to whole cells",
        "The neighbours contribute the fraction: do not round.",
        _after(lambda p, h: p.floor()),
    ),
    (
        "a fraction of the map",
        "Return cells, not numbers from 0 to 1.",
        _after(lambda p, h: p / torch.tensor([h.shape[2] - 1, h.shape[1] - 1]).clamp(min=1)),
    ),
    (
        "a fraction of the map",
        "Return cells, not numbers from 0 to 1.",
        _after(lambda p, h: p / torch.tensor([h.shape[2], h.shape[1]])),
    ),
    (
        "numbers from -1 to 1",
        "Return cells.",
        _after(lambda p, h: 2 * p / torch.tensor([h.shape[2] - 1, h.shape[1] - 1]).clamp(min=1) - 1),
    ),
    (
        "no gradient",
        "A loss may train through the position: no .item(), .detach() or torch.tensor(...).",
        _after(lambda p, h: p.detach()),
    ),
    ("the flat place divided by the height", "A flat place is row * width + column.", _swapped_sides),
    (
        "the mean flat place split into row and column",
        "Take the mean of x and of y, not of the flat place.",
        lambda h, t=6.0: _flat_mean(h, t),
    ),
    (
        "a temperature of 6 in every case",
        "Use the argument `temperature`.",
        lambda h, t=6.0: soft_argmax(h, 6.0),
    ),
    ("a row of x and a row of y", "Return (C, 2): stack along axis 1.", _after(lambda p, h: p.T)),
    (
        "the temperature applied twice",
        "Multiply by the temperature once.",
        lambda h, t=6.0: soft_argmax(h, t * t),
    ),
    (
        "the heat multiplied after the softmax",
        "softmax(temperature * heat), not temperature * softmax(heat).",
        lambda h, t=6.0: _mean_place(t * _softmax(h, 1.0)),
    ),
    ("the coldest place", "Warm cells must have a high probability.", lambda h, t=6.0: soft_argmax(-h, t)),
):
    SOFT_ARGMAX.wrong(name, story)(function)


EXERCISES = (SOFT_ARGMAX,)
