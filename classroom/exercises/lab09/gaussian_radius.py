"""Lab 09, section 3: how far a corner may be off."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab09.pictures import moved_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision


def gaussian_radius(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """How far both corners of a box may move inwards and still leave an IoU of `min_overlap`: (G, 4) -> (G,)."""
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)  # (G,) each
    s, lost = width + height, (1 - min_overlap) * width * height
    return (s - (s**2 - 4 * lost).sqrt()) / 4


_SQUARE = boxes((0, 0, 10, 10))

GAUSSIAN_RADIUS = Exercise(
    gaussian_radius,
    picture=moved_picture,
    judge=any_precision,
    tolerance=1e-4,
    hints=(
        "Multiply out: 4 r² − 2 (w + h) r + (1 − o) w h = 0. A quadratic equation has two roots: which one is the radius?",
        "With s = w + h the roots are (s ± √(s² − 4 (1 − o) w h)) / 4. At the larger root the corners have passed each other.",
        "width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)\n"
        "s = width + height\n"
        "return (s - (…).sqrt()) / 4  # which of the two roots, and what is under it?",
    ),
    cases=(
        Case("a box of 10 x 10 cells", (_SQUARE,)),
        Case("elsewhere, 4 wide and 12 high", (boxes((3, 5, 7, 17)),)),
        Case("an overlap of 0.3", (_SQUARE, 0.3)),
        Case("an overlap of 0.9", (_SQUARE, 0.9)),
        Case("wide and flat, an overlap of 0.5", (boxes((1, 2, 21, 5)), 0.5)),
        Case("a small and a large box", (boxes((0, 0, 2, 1), (4, 4, 24, 20)),)),
        Case("a box without sides", (boxes((5, 5, 5, 5), (0, 0, 3, 6)),)),
        Case("a line, without width", (boxes((5, 5, 5, 9)),)),
        Case("no boxes", (boxes(),)),
        Case("twenty boxes, an overlap of 0.6", (random_boxes(20, seed=4), 0.6)),
    ),
)


def _with(radius: Callable[[Tensor, Tensor, float], Tensor]) -> Callable:
    """An answer that makes radius(w + h, w h, overlap) of each box."""

    def answer(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
        width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
        return radius(width + height, width * height, min_overlap)

    return answer


def _root(a: float, b: Tensor, c: Tensor) -> Tensor:
    """The smallest r >= 0 with a r² - b r + c = 0."""
    return (2 * c / (b + (b**2 - 4 * a * c).clamp(min=0).sqrt())).nan_to_num(0)


def _published(s: Tensor, area: Tensor, o: float) -> Tensor:
    """The first public code: the smallest of (b + √(b² − 4ac)) / 2 of three equations, where 2a should divide."""
    equations = (
        (1, s, area * (1 - o) / (1 + o)),
        (4, 2 * s, area * (1 - o)),
        (4 * o, -2 * o * s, -area * (1 - o)),
    )
    roots = [(b + (b**2 - 4 * a * c).sqrt()) / 2 for a, b, c in equations]
    return torch.stack(roots).amin(0)


INWARDS = "Both corners move inwards by r along both axes: the sides become w − 2r and h − 2r."
SMALLER = "Take the smaller root: at the larger one the corners have passed each other."
for _name, _story, _function in (
    (
        "the published bug",
        "CornerNet's first code solves three equations and divides by 2 instead of 2a in each; its radii are far too large.",
        _with(_published),
    ),
    ("the larger root", SMALLER, _with(lambda s, area, o: (s + (s**2 - 4 * (1 - o) * area).sqrt()) / 4)),
    (
        "one corner alone",
        INWARDS + " If one corner alone moves, it may go twice as far.",
        _with(lambda s, area, o: (s - (s**2 - 4 * (1 - o) * area).sqrt()) / 2),
    ),
    (
        "both corners moved the same way",
        INWARDS + " A shifted box keeps a larger overlap.",
        _with(lambda s, area, o: _root(1, s, area * (1 - o) / (1 + o))),
    ),
    (
        "both corners outwards",
        INWARDS + " A larger box keeps a larger overlap.",
        _with(lambda s, area, o: _root(-4 * o, 2 * o * s, area * (1 - o))),
    ),
    (
        "not divided by a",
        "The root is (b − √…) / (2a), and a is 4 here: divide by 8, or by 4 where the 2 is cancelled.",
        _with(lambda s, area, o: s - (s**2 - 4 * (1 - o) * area).sqrt()),
    ),
    (
        "half the root",
        "The equation is 4 r² − 2 s r + (1 − o) w h = 0; its root is (s − √…) / 4.",
        _with(lambda s, area, o: (s - (s**2 - 4 * (1 - o) * area).sqrt()) / 8),
    ),
    (
        "the root not taken",
        "Take the root of the discriminant: .sqrt().",
        _with(lambda s, area, o: (s - (s**2 - 4 * (1 - o) * area)) / 4),
    ),
    (
        "a negative radius",
        "It is s − √…, not √… − s: a radius is not negative.",
        _with(lambda s, area, o: ((s**2 - 4 * (1 - o) * area).sqrt() - s) / 4),
    ),
    (
        "a share of the sides",
        "The share `min_overlap` applies to the area, not to each side: solve (w − 2r)(h − 2r) = o w h.",
        _with(lambda s, area, o: (1 - o) * s / 4),
    ),
    (
        "the area of a square",
        "The sides differ: (w − 2r)(h − 2r), not (√(w h) − 2r)².",
        _with(lambda s, area, o: area.sqrt() * (1 - o**0.5) / 2),
    ),
    (
        "whole cells",
        "The radius has fractions; rounding comes later.",
        lambda boxes, o=0.7: gaussian_radius(boxes, o).floor(),
    ),
    (
        "one radius for all boxes",
        "Return one radius per box, (G,).",
        lambda boxes, o=0.7: gaussian_radius(boxes, o).min(),
    ),
    (
        "an overlap of 0.7 in every case",
        "Use the argument `min_overlap`.",
        lambda boxes, o=0.7: gaussian_radius(boxes, 0.7),
    ),
    (
        "what may be lost instead of what must be kept",
        "min_overlap is the IoU that must remain; you used 1 − min_overlap.",
        lambda boxes, o=0.7: gaussian_radius(boxes, 1 - o),
    ),
    (
        "the last two numbers used as width and height",
        "A box is (x1, y1, x2, y2): its width is x2 − x1.",
        lambda boxes, o=0.7: gaussian_radius(torch.cat([0 * boxes[:, 2:], boxes[:, 2:]], 1), o),
    ),
    (
        "the sides plus one",
        "Boxes are continuous: the width is x2 − x1.",
        lambda boxes, o=0.7: gaussian_radius(boxes + torch.tensor([0.0, 0, 1, 1]), o),
    ),
    (
        "NaN for a box without sides",
        "0 / 0 is NaN. The corners of a box without sides cannot move at all: its radius is 0.",
        _with(lambda s, area, o: (1 - o) * area / (s + (s**2 - 4 * (1 - o) * area).sqrt())),
    ),
    (
        "the caller's boxes overwritten",
        "They are needed again: work on new tensors.",
        overwriting(gaussian_radius, 0),
    ),
    (
        "an error without boxes",
        "Without boxes there are no radii: return a tensor of shape (0,).",
        failing_when(lambda boxes, *_: not len(boxes), gaussian_radius),
    ),
):
    GAUSSIAN_RADIUS.wrong(_name, _story)(_function)

EXERCISES = (GAUSSIAN_RADIUS,)
