"""Lab 13, third part: between the cells, back to pixels, and how many points are found."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import places_picture
from coursekit import ops
from coursekit.metrics.keypoint import pck as _pck


def soft_argmax(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    """The mean place (x, y) of each map's softmax: (C, h, w) -> (C, 2)."""
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
        "Read softmax(temperature * heat) as the probability of each cell. Where is the point on average?",
        "x = sum over cells of probability * column, y likewise with rows.",
        "p = (temperature * heatmaps).flatten(1).softmax(1).view_as(heatmaps); "
        "x = (p.sum(1) * torch.arange(width)).sum(1); y = ...",
    ),
    cases=(
        Case("two equal cells", (torch.tensor([[[0.0, 1.0, 1.0, 0.0]]]), 50.0)),
        Case("nothing to see", (torch.zeros(1, 3, 5),)),
        Case("a Gaussian between the cells", (_bell(3.4, 1.7, 5, 7),)),
        Case("another temperature", (_bell(1.0, 2.0, 5, 7), 2.0)),
        Case("values below zero, three channels", (_NOISE - 1,)),
        Case("the gradient", (_NOISE,), (0,)),
    ),
)


@SOFT_ARGMAX.wrong("row and column swapped", "A point is (x, y): x is the mean column.")
def _swapped(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return soft_argmax(heatmaps, temperature).flip(-1)


@SOFT_ARGMAX.wrong(
    "no temperature",
    "With factor 1 a flat background outweighs the peak and pulls the point to the middle of the map.",
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
    "a softmax of each row", "The probabilities of all cells of a map sum to 1: flatten first."
)
def _of_rows(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return _mean_place((temperature * heatmaps).softmax(-1)) / heatmaps.shape[-2]


@SOFT_ARGMAX.wrong("not normalised", "exp alone does not sum to 1: take the softmax.")
def _not_normalised(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return _mean_place((temperature * heatmaps).exp())


@SOFT_ARGMAX.wrong("the arg-max", "It knows whole cells only, and no gradient flows through it.")
def _hard(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    place, width = heatmaps.flatten(-2).argmax(-1), heatmaps.shape[-1]
    return torch.stack([place % width, place // width], -1).to(heatmaps.dtype)


@SOFT_ARGMAX.wrong("half a cell too much", "Cells are counted by their centres: the first one is 0.")
def _plus_half(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return soft_argmax(heatmaps, temperature) + 0.5


@SOFT_ARGMAX.wrong("the values as weights", "Heat may be negative: the softmax makes probabilities of it.")
def _values_as_weights(heatmaps: Tensor, temperature: float = 6.0) -> Tensor:
    return _mean_place(heatmaps / heatmaps.sum((-2, -1), keepdim=True))


# ---------------------------------------------------------------- back to pixels


def cells_to_pixels(points: Tensor, stride: float) -> Tensor:
    """Where points in cells of `stride` pixels lie in the picture: (..., 2) -> (..., 2)."""
    return ops.to_pixels(points, stride)


_POINTS = torch.tensor([[0.0, 3.0], [2.25, 11.5]])

CELLS_TO_PIXELS = Exercise(
    cells_to_pixels,
    hints=(
        "Draw two cells of 8 pixels. Where is the centre of the first, and of the second?",
        "The centres are at stride / 2, 3 stride / 2, 5 stride / 2 ...",
        "(points + ...) * stride",
    ),
    cases=(
        Case("the first cell", (torch.zeros(1, 2), 8)),
        Case("cells of one pixel", (_POINTS, 1)),
        Case("between the cells", (_POINTS, 8)),
        Case("no point", (torch.zeros(0, 2), 4)),
        Case("the gradient", (_POINTS, 16), (0,)),
    ),
)


@CELLS_TO_PIXELS.wrong(
    "the corner of the cell", "The centre of cell 0 is half a cell from the border: 4 pixels at stride 8."
)
def _corner(points: Tensor, stride: float) -> Tensor:
    return points * stride


@CELLS_TO_PIXELS.wrong("half a pixel", "Half a CELL is missing, not half a pixel.")
def _half_a_pixel(points: Tensor, stride: float) -> Tensor:
    return points * stride + 0.5


@CELLS_TO_PIXELS.wrong("from pixels to cells", "That is the other direction.")
def _back(points: Tensor, stride: float) -> Tensor:
    return points / stride - 0.5


@CELLS_TO_PIXELS.wrong("the far corner", "That is where the cell ends; its centre is half a cell earlier.")
def _next_cell(points: Tensor, stride: float) -> Tensor:
    return (points + 1) * stride


@CELLS_TO_PIXELS.wrong("half a cell in the wrong direction", "The centre lies to the right of the corner.")
def _before(points: Tensor, stride: float) -> Tensor:
    return (points - 0.5) * stride


# ---------------------------------------------------------------- how many are found?


def pck(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    """The share of the visible points within `threshold` sizes of the truth: (G, P, 2) twice, (G, P), (G,) -> number."""
    return _pck(found, true, visible, sizes, threshold)


_TRUE = torch.tensor([[[10.0, 10.0], [30.0, 12.0], [20.0, 40.0]], [[50.0, 8.0], [60.0, 8.0], [70.0, 30.0]]])
_SHIFT = torch.tensor([[[1.0, 0.0], [3.0, 3.0], [0.0, 9.0]], [[8.0, 0.0], [1.5, 1.5], [9.0, 9.0]]])
_SEEN = torch.tensor([[True, True, True], [False, True, False]])
_SIZES = torch.tensor([40.0, 100.0])

PCK = Exercise(
    pck,
    hints=(
        "One distance for each point, one radius for each object, and then only the visible ones.",
        "right = ||found - true|| <= threshold * size of its object; the mean over the visible points.",
        "distance = (found - true).norm(dim=-1); right = distance <= threshold * sizes[:, None]; "
        "return right[visible].double().mean().item()",
    ),
    cases=(
        Case("one point, near", (_TRUE[:1, :1] + 1, _TRUE[:1, :1], _SEEN[:1, :1], _SIZES[:1])),
        Case("three points, one far away", (_TRUE[:1] + _SHIFT[:1], _TRUE[:1], _SEEN[:1], _SIZES[:1])),
        Case("hidden points", (_TRUE + _SHIFT, _TRUE, _SEEN, _SIZES)),
        Case("all visible, two sizes", (_TRUE + _SHIFT, _TRUE, torch.ones(2, 3, dtype=torch.bool), _SIZES)),
        Case("a stricter threshold", (_TRUE + _SHIFT, _TRUE, _SEEN, _SIZES, 0.02)),
        Case("nothing visible", (_TRUE, _TRUE, torch.zeros(2, 3, dtype=torch.bool), _SIZES)),
    ),
)


def _near(found: Tensor, true: Tensor, sizes: Tensor, threshold: float) -> Tensor:
    return (found - true).norm(dim=-1) <= threshold * sizes[:, None]


@PCK.wrong("hidden points count", "Nobody can see them: only visible points count.")
def _hidden_too(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return _near(found, true, sizes, threshold).double().mean().item()


@PCK.wrong("hidden points count as misses", "Divide by the number of visible points.")
def _of_all(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return (_near(found, true, sizes, threshold) & visible).double().mean().item()


@PCK.wrong(
    "a threshold in pixels", "A pixel is nothing on a book and much on a mushroom: it is a share of the size."
)
def _in_pixels(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return _pck(found, true, visible, torch.full_like(sizes, 10.0), threshold)


@PCK.wrong("squared distances", "Take the root before you compare.")
def _squared(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    near = ((found - true) ** 2).sum(-1) <= threshold * sizes[:, None]
    return near[visible].double().mean().item()


@PCK.wrong("each axis alone", "The distance is Euclidean: a circle, not a square.")
def _each_axis(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    near = ((found - true).abs() <= threshold * sizes[:, None, None]).all(-1)
    return near[visible].double().mean().item()


@PCK.wrong("a mean of means", "Every visible point counts alike, not every object.")
def _of_objects(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    near = _near(found, true, sizes, threshold)
    rows = [row[seen].double().mean() for row, seen in zip(near, visible, strict=True) if seen.any()]
    return torch.stack(rows).mean().item() if rows else float("nan")


@PCK.wrong("the misses", "It is the share that IS found.")
def _the_misses(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    return 1 - _pck(found, true, visible, sizes, threshold)


EXERCISES = (SOFT_ARGMAX, CELLS_TO_PIXELS, PCK)
