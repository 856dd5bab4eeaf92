"""Lab 09, section 7: a box from the distances to its four sides."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.pictures import boxes_picture
from classroom.exercises.readings import any_precision


def sides_to_boxes(sides: Tensor, centers: Tensor) -> Tensor:
    """The boxes whose left, top, right and bottom sides are this far from a point: (..., 4), (..., 2) -> (..., 4) xyxy."""
    return torch.cat([centers - sides[..., :2], centers + sides[..., 2:]], -1)


_ONE = (torch.tensor([[2.0, 1.0, 6.0, 3.0]]), torch.tensor([[20.0, 12.0]]))
_MANY = (20 * uniform(7, 4, seed=1), 100 * uniform(7, 2, seed=2))
_BATCH = (20 * uniform(2, 5, 4, seed=3), 100 * uniform(5, 2, seed=4))


def _picture(arguments: tuple, got: Tensor, wanted: Tensor):
    return boxes_picture(arguments, got, wanted) if wanted.ndim == 2 else None


SIDES_TO_BOXES = Exercise(
    sides_to_boxes,
    picture=_picture,
    judge=any_precision,
    hints=(
        "The left side lies to the left of the point: x1 = x − left. What about the right one?",
        "x1 = x − left, y1 = y − top, x2 = x + right, y2 = y + bottom. [..., :2] takes the first two numbers, whatever axes come before.",
        "first = centers - sides[..., :2]\nlast = …\nreturn torch.cat([first, last], -1)",
    ),
    cases=(
        Case("one box", _ONE),
        Case(
            "a point outside the box",
            (torch.tensor([[-2.0, 1.0, 6.0, 3.0]]), torch.tensor([[20.0, 12.0]])),
        ),
        Case("beyond the image", (torch.tensor([[9.0, 8.0, 1.0, 2.0]]), torch.tensor([[4.0, 4.0]]))),
        Case("no boxes", (torch.zeros(0, 4), torch.zeros(0, 2))),
        Case("seven boxes", _MANY),
        Case("two images, five cells", _BATCH),
        Case("the gradient", _MANY, (0,)),
    ),
)


def _then(change: Callable[[Tensor], Tensor]) -> Callable:
    return lambda sides, centers: change(sides_to_boxes(sides, centers))


def _of(order: list[int]) -> Callable:
    return lambda sides, centers: sides_to_boxes(sides[..., order], centers)


def _widened(sides: Tensor) -> Tensor:
    """Each distance replaced by the mean of both sides: the point is the centre of the box."""
    half = (sides[..., :2] + sides[..., 2:]) / 2
    return torch.cat([half, half], -1)


MINUS = "The left and upper sides are to the left of the point and above it: subtract their distances."
FOUR = "The four numbers are left, top, right, bottom."
for _name, _story, _function in (
    ("all four distances added", MINUS, lambda s, c: torch.cat([c + s[..., :2], c + s[..., 2:]], -1)),
    (
        "all four distances subtracted",
        "The right and lower sides are to the right of the point and below it: add their distances.",
        lambda s, c: torch.cat([c - s[..., :2], c - s[..., 2:]], -1),
    ),
    ("the signs swapped", MINUS, lambda s, c: torch.cat([c + s[..., :2], c - s[..., 2:]], -1)),
    ("left, right, top, bottom", FOUR, _of([0, 2, 1, 3])),
    ("top, left, bottom, right", FOUR, _of([1, 0, 3, 2])),
    ("right and bottom first", FOUR, _of([2, 3, 0, 1])),
    (
        "right and bottom used as width and height",
        "The last two numbers are distances from the point, not from the other side.",
        lambda s, c: torch.cat([c - s[..., :2], c - s[..., :2] + s[..., 2:]], -1),
    ),
    (
        "width and height about the centre",
        "The point need not be the middle of the box: each side has its own distance.",
        lambda s, c: sides_to_boxes(_widened(s), c),
    ),
    (
        "half the distances",
        "The numbers are distances to the sides, not widths.",
        lambda s, c: sides_to_boxes(s / 2, c),
    ),
    ("row and column swapped", "A point is (x, y).", lambda s, c: sides_to_boxes(s, c.flip(-1))),
    ("distances from the origin", "Add the point.", lambda s, c: sides_to_boxes(s, 0 * c)),
    (
        "distances made positive",
        "A negative distance means that the side is on the other side of the point: keep it.",
        lambda s, c: sides_to_boxes(s.abs(), c),
    ),
    (
        "distances limited to 0",
        "A negative distance means that the side is on the other side of the point: keep it.",
        lambda s, c: sides_to_boxes(s.clamp(min=0), c),
    ),
    (
        "clipped to the image",
        "What extends beyond the image is clipped later.",
        _then(lambda b: b.clamp(min=0)),
    ),
    ("whole pixels", "Box coordinates need not be whole pixels.", _then(torch.round)),
    (
        "centre and size",
        "Return xyxy, the two corners.",
        lambda s, c: torch.cat([c + (s[..., 2:] - s[..., :2]) / 2, s[..., :2] + s[..., 2:]], -1),
    ),
    (
        "corner and size",
        "Return xyxy, the two corners.",
        lambda s, c: torch.cat([c - s[..., :2], s[..., :2] + s[..., 2:]], -1),
    ),
    ("x1, x2, y1, y2", "Return xyxy, the two corners.", _then(lambda b: b[..., [0, 2, 1, 3]])),
    (
        "no gradient",
        "The network learns through the boxes: no .detach() and no new tensor on the way.",
        _then(lambda b: b.detach()),
    ),
    (
        "the four numbers read from the second axis",
        "The four numbers are in the last axis, however many come before: [..., :2].",
        lambda s, c: torch.cat([c - s[:, :2], c + s[:, 2:]], 1),
    ),
    (
        "the caller's distances overwritten",
        "They belong to the network: work on a new tensor.",
        overwriting(sides_to_boxes, 0),
    ),
    (
        "an error without boxes",
        "Without points there are no boxes: return a tensor of shape (0, 4).",
        failing_when(lambda s, c: not len(s), sides_to_boxes),
    ),
):
    SIDES_TO_BOXES.wrong(_name, _story)(_function)

EXERCISES = (SIDES_TO_BOXES,)
