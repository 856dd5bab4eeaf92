"""Lab 06, third part: the two losses of the first stage."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import match_of, normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import numbers_picture
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


def _rpn_case(text: str, seed: int = 0) -> tuple:
    count = len(text)
    return (
        normal(count, seed=seed),
        normal(count, 4, seed=seed + 1),
        normal(count, 4, seed=seed + 2),
        match_of(text),
    )


RPN_LOSSES = Exercise(
    rpn_losses,
    picture=numbers_picture,
    hints=(
        "Which anchors have an objectness loss, which have a box loss, and what are both divided by?",
        "judged = positive or negative; sum of BCE over judged / judged; sum of smooth L1 (beta 1/9) over positive / judged.",
        "judged = match.positive | match.negative; count = max(int(judged.sum()), 1); "
        'F.binary_cross_entropy_with_logits(objectness[judged], match.positive[judged].float(), reduction="sum") / count; '
        "ops.smooth_l1_loss(offsets[match.positive], ..., reduction=..., beta=1 / 9) / count",
    ),
    cases=(
        Case(
            "one positive, one negative",
            (
                torch.tensor([0.0, 2.0]),
                torch.tensor([[0.05, 0, 0, 0.5]] * 2),
                torch.zeros(2, 4),
                match_of("pn"),
            ),
        ),
        Case("one that is ignored", _rpn_case("pin")),
        Case("one positive, three negatives", _rpn_case("npnn", seed=3)),
        Case("background alone", _rpn_case("nnn")),
        Case("nothing to train on", _rpn_case("ii")),
        Case("the gradient", _rpn_case("pniinnpn", seed=6), gradient=(0, 1)),
    ),
)


@RPN_LOSSES.wrong(
    "ignored anchors trained as background",
    "Not positive is not negative: the ignored ones have no loss, and do not count.",
)
def _ignored_too(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    return rpn_losses(objectness, offsets, wanted, Match(match.target, match.positive, ~match.positive))


def _judged(match: Match) -> int:
    return max(int((match.positive | match.negative).sum()), 1)


@RPN_LOSSES.wrong(
    "objectness of objects alone",
    "A network that always says “object” would be perfect: negatives have a loss too.",
)
def _objects_only(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    values = F.binary_cross_entropy_with_logits(
        objectness[match.positive], torch.ones_like(objectness[match.positive]), reduction="sum"
    )
    return values / _judged(match), rpn_losses(objectness, offsets, wanted, match)[1]


@RPN_LOSSES.wrong("a box loss of negatives", "A negative anchor has no box to reach: positive ones alone.")
def _boxes_of_negatives(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    judged = match.positive | match.negative
    box = smooth(offsets[judged], wanted[judged]) / _judged(match)
    return rpn_losses(objectness, offsets, wanted, match)[0], box


@RPN_LOSSES.wrong(
    "the box loss divided by the positives",
    "Both losses have one divisor, the anchors trained on: few positives, small box loss.",
)
def _divided_by_objects(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    is_object, box = rpn_losses(objectness, offsets, wanted, match)
    return is_object, box * _judged(match) / max(int(match.positive.sum()), 1)


@RPN_LOSSES.wrong(
    "a beta of 1", "Offsets are small: with beta 1 all of them lie in the flat part. Take beta 1/9."
)
def _beta_of_one(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    box = smooth(offsets[match.positive], wanted[match.positive], 1.0) / _judged(match)
    return rpn_losses(objectness, offsets, wanted, match)[0], box


@RPN_LOSSES.wrong("the mean over four numbers", "The four offsets of an anchor are added.")
def _mean_of_four(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    is_object, box = rpn_losses(objectness, offsets, wanted, match)
    return is_object, box / 4


@RPN_LOSSES.wrong("sums that are not divided", "Divide by the number of anchors trained on.")
def _sums(objectness: Tensor, offsets: Tensor, wanted: Tensor, match: Match) -> Losses:
    is_object, box = rpn_losses(objectness, offsets, wanted, match)
    return is_object * _judged(match), box * _judged(match)


EXERCISES = (RPN_LOSSES,)
