"""Lab 10, exercise 9: refine a query's box."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import refined_picture
from classroom.exercises.mistakes import overwriting

EPS = 1e-3


def refine_boxes(boxes: Tensor, corrections: Tensor) -> Tensor:
    """The boxes, moved by corrections that are added before the sigmoid: (..., 4), (..., 4) -> (..., 4) in (0, 1)."""
    boxes = boxes.clamp(EPS, 1 - EPS)
    return ((boxes / (1 - boxes)).log() + corrections).sigmoid()


_BOXES = torch.tensor([[0.5, 0.5, 0.2, 0.3], [0.8, 0.3, 0.1, 0.5], [0.25, 0.75, 0.4, 0.4]])
_EDGE = torch.tensor([[0.0, 1.0, 0.5, 0.0005]])

REFINE_BOXES = Exercise(
    refine_boxes,
    picture=refined_picture,
    hints=(
        "The sum could leave the image. Which function is the inverse of the sigmoid, so that you can add where every number is allowed?",
        "x = clamp(box, 0.001, 0.999); new box = sigmoid(log(x / (1 - x)) + correction).",
        "x = boxes.clamp(0.001, 0.999)\n"
        "logit = …  # the inverse of the sigmoid\n"
        "return (logit + corrections).sigmoid()",
    ),
    cases=(
        Case("no correction", (_BOXES[:1], torch.zeros(1, 4))),
        Case("one box moves right", (_BOXES[:1], torch.tensor([[1.0, 0.0, 0.0, 0.0]]))),
        Case("three boxes", (_BOXES, normal(3, 4))),
        Case("large corrections", (_BOXES, 20 * normal(3, 4, seed=1))),
        Case("a box at the border of the image", (_EDGE, torch.tensor([[0.5, -0.5, 1.0, 2.0]]))),
        Case("two images, five queries", (uniform(2, 5, 4), normal(2, 5, 4, seed=2))),
        Case("no boxes", (torch.zeros(0, 4), torch.zeros(0, 4))),
        Case("the gradient", (_BOXES, normal(3, 4)), (1,)),
    ),
)

_wrong = REFINE_BOXES.wrong


def _inverse(boxes: Tensor) -> Tensor:
    return boxes.clamp(EPS, 1 - EPS).logit()


@_wrong(
    "added to the box itself",
    "The sum may leave the image: add the correction to the inverse sigmoid of the box.",
)
def _plain_sum(boxes: Tensor, corrections: Tensor) -> Tensor:
    return boxes + corrections


@_wrong(
    "added to the box and clamped",
    "A box that is clamped at the border has no gradient: add before the sigmoid.",
)
def _cut_sum(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes + corrections).clamp(0, 1)


@_wrong(
    "added to the box and clamped to [0.001, 0.999]",
    "Clamp the given box to [0.001, 0.999], not the sum; and add before the sigmoid.",
)
def _clamped_sum(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes + corrections).clamp(EPS, 1 - EPS)


@_wrong(
    "a clamp instead of the inverse sigmoid",
    "The clamp alone does not invert the sigmoid, so a box without a correction would move: apply log(x / (1 - x)) after it.",
)
def _clamp_only(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes.clamp(EPS, 1 - EPS) + corrections).sigmoid()


@_wrong(
    "no inverse sigmoid", "Without a correction the box must not move: apply the inverse sigmoid to it first."
)
def _no_inverse(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes + corrections).sigmoid()


@_wrong("a box from nothing", "The correction is relative to the given box: add its inverse sigmoid.")
def _absolute(boxes: Tensor, corrections: Tensor) -> Tensor:
    return corrections.sigmoid()


@_wrong(
    "no clamp",
    "The inverse sigmoid of 0 and of 1 is infinite, and no correction moves such a box: clamp first.",
)
def _no_clamp(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes.logit() + corrections).sigmoid()


@_wrong("the inverse sigmoid with the wrong sign", "It is log(x / (1 - x)), which increases with x.")
def _wrong_sign(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (-_inverse(boxes) + corrections).sigmoid()


@_wrong("minus the correction", "A positive correction moves the box to the right: add it.")
def _minus(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (_inverse(boxes) - corrections).sigmoid()


@_wrong("no sigmoid at the end", "The result is a fraction of the image: apply the sigmoid to the sum.")
def _no_sigmoid(boxes: Tensor, corrections: Tensor) -> Tensor:
    return _inverse(boxes) + corrections


@_wrong(
    "the sigmoid of the correction added",
    "Only the sum goes through the sigmoid; the correction itself does not.",
)
def _sigmoid_added(boxes: Tensor, corrections: Tensor) -> Tensor:
    return boxes + corrections.sigmoid()


@_wrong("the logarithm alone", "The inverse of the sigmoid is log(x / (1 - x)), not log(x).")
def _log_only(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes.clamp(EPS, 1 - EPS).log() + corrections).sigmoid()


@_wrong(
    "offsets as for an anchor",
    "That is lab 04: fractions of the anchor, and exp for the sides. Here all four numbers are corrected before the sigmoid.",
)
def _as_anchor(boxes: Tensor, corrections: Tensor) -> Tensor:
    center, size = boxes[..., :2], boxes[..., 2:]
    return torch.cat([center + corrections[..., :2] * size, size * corrections[..., 2:].exp()], -1)


@_wrong("only the centre corrected", "The width and the height are corrected too: all four numbers.")
def _centre_only(boxes: Tensor, corrections: Tensor) -> Tensor:
    return torch.cat([refine_boxes(boxes, corrections)[..., :2], boxes[..., 2:]], -1)


@_wrong("a different clamp", "The exercise asks for 0.001 to 0.999.")
def _other_clamp(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes.clamp(0.01, 0.99).logit() + corrections).sigmoid()


@_wrong("the result clamped, not the box", "Clamp before the inverse sigmoid, which is infinite at 0 and 1.")
def _clamped_after(boxes: Tensor, corrections: Tensor) -> Tensor:
    return (boxes.logit() + corrections).sigmoid().clamp(EPS, 1 - EPS)


@_wrong("no gradient", "The network learns its corrections through the boxes: no .detach().")
def _detached(boxes: Tensor, corrections: Tensor) -> Tensor:
    return refine_boxes(boxes, corrections).detach()


REFINE_BOXES.wrong(
    "the caller's boxes overwritten",
    "The result is right, but the caller's boxes have changed: do not use methods whose names end in an underscore.",
)(overwriting(refine_boxes, 0))

EXERCISES = (REFINE_BOXES,)
