"""Lab 06, exercise 4: the reference of both losses, and wrong answers about what is added up."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.mistakes import Mistakes
from coursekit import ops
from coursekit.models.rpn import BETA
from coursekit.ops import Match

Losses = tuple[Tensor, Tensor]


def rpn_losses(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    """The mean cross-entropy of the anchors trained on, and the smooth L1 loss of the positive ones over their number too.

    Shapes: (A,) logits, (A, 4), (A, 4), Match of (A,) -> (), ().
    """
    judged = match.positive | match.negative
    count = max(int(judged.sum()), 1)
    right = match.positive[judged].to(objectness)
    is_object = F.binary_cross_entropy_with_logits(objectness[judged], right, reduction="sum")
    return is_object / count, smooth(offsets[match.positive], wanted[match.positive]) / count


def smooth(offsets: Tensor, wanted: Tensor, beta: float = BETA) -> Tensor:
    """The sum of the smooth L1 loss over all numbers."""
    return ops.smooth_l1_loss(offsets, wanted, reduction="sum", beta=beta)


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def judged_in(match):
    return match.positive | match.negative


def count_of(match):
    return max(int(judged_in(match).sum()), 1)


def _bce(objectness, right):
    return F.binary_cross_entropy_with_logits(objectness, right.float(), reduction="sum")


def _with_objectness(function):
    """The losses with another sum of the objectness loss."""
    return lambda o, b, w, m: (function(o, m) / count_of(m), rpn_losses(o, b, w, m)[1])


def _with_box(function):
    """The losses with another sum of the box loss."""
    return lambda o, b, w, m: (rpn_losses(o, b, w, m)[0], function(b, w, m) / count_of(m))


# ---------------------------------------------------------------- objectness


@wrong(
    "ignored anchors trained as background",
    "Not positive does not mean negative: the ignored ones have no loss and do not count.",
)
def _ignored_counted(objectness, offsets, wanted, match):
    return rpn_losses(objectness, offsets, wanted, Match(match.target, match.positive, ~match.positive))


@wrong(
    "ignored anchors trained as background",
    "Not positive does not mean negative: the ignored ones have no loss.",
)
@_with_objectness
def _ignored_too(objectness, match):
    return _bce(objectness, match.positive)


@wrong(
    "objectness of objects alone",
    "A network that always predicts “object” would be perfect: negatives have a loss too.",
)
@_with_objectness
def _objects_only(objectness, match):
    return F.softplus(-objectness[match.positive]).sum()


@wrong(
    "objectness of background alone",
    "A network that never predicts “object” would be perfect: positives have a loss too.",
)
@_with_objectness
def _background_only(objectness, match):
    return F.softplus(objectness[match.negative]).sum()


@wrong("object and background swapped", "The target is 1 for positive and 0 for negative anchors.")
@_with_objectness
def _exchanged(objectness, match):
    return _bce(objectness[judged_in(match)], match.negative[judged_in(match)])


@wrong(
    "one sigmoid too many", "binary_cross_entropy_with_logits takes logits, and applies the sigmoid itself."
)
@_with_objectness
def _sigmoid_twice(objectness, match):
    return _bce(objectness[judged_in(match)].sigmoid(), match.positive[judged_in(match)])


@wrong("a squared error for the objectness", "The objectness loss is a binary cross-entropy.")
@_with_objectness
def _squared_objectness(objectness, match):
    return (objectness.sigmoid() - match.positive.float())[judged_in(match)].square().sum()


# ---------------------------------------------------------------- boxes


@wrong("a box loss of negatives", "A negative anchor has no target box: use only the positive ones.")
@_with_box
def _boxes_of_negatives(offsets, wanted, match):
    return smooth(offsets[judged_in(match)], wanted[judged_in(match)])


@wrong("a box loss of all anchors", "Only a positive anchor has a target box.")
@_with_box
def _boxes_of_all(offsets, wanted, match):
    return smooth(offsets, wanted)


@wrong("a box loss of all except the positive anchors", "Only a positive anchor has a target box.")
@_with_box
def _boxes_of_the_others(offsets, wanted, match):
    return smooth(offsets[~match.positive], wanted[~match.positive])


@wrong("a beta of 1", "Offsets are small: with beta 1 nearly all of them lie in the flat part. Use beta 1/9.")
@_with_box
def _beta_of_one(offsets, wanted, match):
    return smooth(offsets[match.positive], wanted[match.positive], 1.0)


@wrong("a beta of 9", "beta is 1/9: quadratic below it, linear above.")
@_with_box
def _beta_of_nine(offsets, wanted, match):
    return smooth(offsets[match.positive], wanted[match.positive], 9.0)


@wrong("the absolute error", "Smooth L1 is quadratic below beta, and beta / 2 less above it.")
@_with_box
def _plain_l1(offsets, wanted, match):
    return (offsets - wanted)[match.positive].abs().sum()


@wrong("the squared error", "Smooth L1 is linear above beta, so that large errors do not dominate.")
@_with_box
def _squared(offsets, wanted, match):
    return (offsets - wanted)[match.positive].square().sum()


@wrong("half the squared error", "Smooth L1 is linear above beta, so that large errors do not dominate.")
@_with_box
def _half_squared(offsets, wanted, match):
    return (offsets - wanted)[match.positive].square().sum() / 2


@wrong(
    "a parabola that is not divided by beta",
    "Below beta the loss is d² / (2 beta): only then does the parabola meet the line.",
)
@_with_box
def _steep(offsets, wanted, match):
    d = (offsets - wanted)[match.positive].abs()
    return torch.where(d < BETA, d**2 / 2, d - BETA / 2).sum()
