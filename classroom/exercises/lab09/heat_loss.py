"""Lab 09, section 4: the focal loss of a heat map."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.exercise import Exercise
from classroom.exercises.lab09.heat_cases import HEAT
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision


def penalty_reduced_focal_loss(
    logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0
) -> Tensor:
    """The focal loss of a heat map per object: (..., h, w), (..., h, w) -> ()."""
    p, positive = logits.sigmoid(), targets == 1
    found = (1 - p) ** alpha * -F.logsigmoid(logits)
    empty = (1 - targets) ** beta * p**alpha * -F.logsigmoid(-logits)
    return torch.where(positive, found, empty).sum() / positive.sum().clamp(min=1)


PENALTY_REDUCED_FOCAL_LOSS = Exercise(
    penalty_reduced_focal_loss,
    judge=any_precision,
    hints=(
        "There are two kinds of cells: those with target 1 are objects, all others are background whose penalty is reduced by the Gaussian. "
        "F.logsigmoid(z) is log p without rounding, F.logsigmoid(-z) is log(1 - p).",
        "The loss of an object is (1 - p)^alpha * -log p; that of the others is (1 - target)^beta * p^alpha * -log(1 - p). "
        "Add up both and divide by the number of objects, or by 1 if there are none.",
        "p, positive = logits.sigmoid(), targets == 1\n"
        "found = (1 - p) ** alpha * -F.logsigmoid(logits)\n"
        "empty = (1 - targets) ** beta * …  # the focal loss of an empty cell\n"
        "return torch.where(positive, found, empty).sum() / positive.sum().clamp(min=1)",
    ),
    cases=HEAT,
)


def _wrong(name: str, story: str, loss: Callable[..., Tensor]) -> None:
    """A wrong answer: loss(p, costs of an object, costs of background, targets, alpha, beta, logits).

    The costs are the cross-entropies -log p and -log(1 - p).
    """

    def wrong(logits: Tensor, targets: Tensor, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
        return loss(
            logits.sigmoid(), -F.logsigmoid(logits), -F.logsigmoid(-logits), targets, alpha, beta, logits
        )

    PENALTY_REDUCED_FOCAL_LOSS.wrong(name, story)(wrong)


def _cells(p: Tensor, hit: Tensor, empty: Tensor, t: Tensor, alpha: float, beta: float) -> Tensor:
    return torch.where(t == 1, (1 - p) ** alpha * hit, (1 - t) ** beta * p**alpha * empty)


def _per_object(losses: Tensor, t: Tensor) -> Tensor:
    return losses.sum() / (t == 1).sum().clamp(min=1)


COUNT = "Divide by the number of objects, the cells whose target is 1."
EVERY_CELL = "The penalty is reduced by (1 − target)^β: 1 far away, nearly 0 beside the object."
for _name, _story, _loss in (
    (
        "a full penalty near objects",
        EVERY_CELL,
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, h, e, (t == 1).float(), a, b), t),
    ),
    (
        "the target itself as the weight",
        EVERY_CELL,
        lambda p, h, e, t, a, b, z: _per_object(torch.where(t == 1, (1 - p) ** a * h, t**b * p**a * e), t),
    ),
    (
        "1 − target^β",
        "Subtract first, then raise to the power: (1 − target) ** beta.",
        lambda p, h, e, t, a, b, z: _per_object(
            torch.where(t == 1, (1 - p) ** a * h, (1 - t**b) * p**a * e), t
        ),
    ),
    (
        "alpha forgotten",
        "Easy cells must have a small weight: the probability of the wrong answer to the power of alpha.",
        lambda p, h, e, t, a, b, z: _per_object(torch.where(t == 1, h, (1 - t) ** b * e), t),
    ),
    (
        "alpha and beta swapped",
        "alpha is the power of the probability, beta that of 1 − target.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, h, e, t, b, a), t),
    ),
    (
        "alpha 2 fixed",
        "Use the argument alpha.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, h, e, t, 2, b), t),
    ),
    (
        "beta 4 fixed",
        "Use the argument beta.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, h, e, t, a, 4), t),
    ),
    (
        "the wrong probability for background",
        "Background is wrong with probability p: its weight is p^alpha.",
        lambda p, h, e, t, a, b, z: _per_object(
            torch.where(t == 1, (1 - p) ** a * h, (1 - t) ** b * (1 - p) ** a * e), t
        ),
    ),
    (
        "more weight for easy cells",
        "The weight is the probability of the wrong answer: 1 − p for an object, p for background.",
        lambda p, h, e, t, a, b, z: _per_object(
            torch.where(t == 1, p**a * h, (1 - t) ** b * (1 - p) ** a * e), t
        ),
    ),
    (
        "a reduced penalty for objects too",
        "(1 − target)^β is 0 where the target is 1: reduce the penalty of background only.",
        lambda p, h, e, t, a, b, z: _per_object(
            (1 - t) ** b * torch.where(t == 1, (1 - p) ** a * h, p**a * e), t
        ),
    ),
    (
        "objects only",
        "Background has a loss too.",
        lambda p, h, e, t, a, b, z: _per_object(torch.where(t == 1, (1 - p) ** a * h, 0.0 * e), t),
    ),
    (
        "an object at any target of at least 0.5",
        "Only a target of exactly 1 is an object; its neighbours are background.",
        lambda p, h, e, t, a, b, z: (
            torch.where(t >= 0.5, (1 - p) ** a * h, (1 - t) ** b * p**a * e).sum()
            / (t >= 0.5).sum().clamp(min=1)
        ),
    ),
    (
        "every warm cell is an object",
        "Only a target of exactly 1 is an object; its neighbours are background.",
        lambda p, h, e, t, a, b, z: (
            torch.where(t > 0, (1 - p) ** a * h, (1 - t) ** b * p**a * e).sum() / (t > 0).sum().clamp(min=1)
        ),
    ),
    (
        "each map divided by its own objects",
        "One sum over all cells, divided by the number of all objects.",
        lambda p, h, e, t, a, b, z: (
            _cells(p, h, e, t, a, b).sum((-1, -2)) / (t == 1).sum((-1, -2)).clamp(min=1)
        ).mean(),
    ),
    (
        "no gradient through the weight",
        "The probabilities in the weights depend on the logits too: do not detach them.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p.detach(), h, e, t, a, b), t),
    ),
    (
        "a soft target",
        "A neighbour is not half an object: it is background with a smaller loss.",
        lambda p, h, e, t, a, b, z: _per_object(t * (1 - p) ** a * h + (1 - t) * p**a * e, t),
    ),
    ("a mean over the cells", COUNT, lambda p, h, e, t, a, b, z: _cells(p, h, e, t, a, b).mean()),
    ("a sum", COUNT, lambda p, h, e, t, a, b, z: _cells(p, h, e, t, a, b).sum()),
    (
        "divided by the sum of the targets",
        COUNT,
        lambda p, h, e, t, a, b, z: _cells(p, h, e, t, a, b).sum() / t.sum().clamp(min=1),
    ),
    (
        "divided by the number of cells above 0",
        COUNT,
        lambda p, h, e, t, a, b, z: _cells(p, h, e, t, a, b).sum() / (t > 0).sum().clamp(min=1),
    ),
    (
        "each kind divided by its own number",
        "Both sums are divided by the number of objects.",
        lambda p, h, e, t, a, b, z: (
            _cells(p, h, e, t, a, b)[t == 1].sum() / (t == 1).sum().clamp(min=1)
            + _cells(p, h, e, t, a, b)[t < 1].sum() / (t < 1).sum().clamp(min=1)
        ),
    ),
    (
        "divided by nothing",
        "Without objects, divide by 1: dividing by 0 gives infinity or NaN.",
        lambda p, h, e, t, a, b, z: _cells(p, h, e, t, a, b).sum() / (t == 1).sum(),
    ),
    (
        "a loss of 0 without objects",
        "An image without objects still has background, which must be learnt: divide by 1.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, h, e, t, a, b), t) * (t == 1).any(),
    ),
    (
        "a negative loss",
        "A loss is −log: the minus sign is missing.",
        lambda p, h, e, t, a, b, z: -_per_object(_cells(p, h, e, t, a, b), t),
    ),
    (
        "the loss of each cell",
        "Return one number: the sum per object.",
        lambda p, h, e, t, a, b, z: _cells(p, h, e, t, a, b),
    ),
    (
        "no gradient",
        "The network is trained with this loss: no .detach() and no .item() on the way.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, h, e, t, a, b), t).detach(),
    ),
    (
        "one sigmoid too many",
        "F.logsigmoid takes logits and applies the sigmoid itself.",
        lambda p, h, e, t, a, b, z: penalty_reduced_focal_loss(p, t, a, b),
    ),
    (
        "the logarithm of a probability",
        "The sigmoid of 60 is exactly 1 in float32, and log(1 − 1) is infinite: use F.logsigmoid.",
        lambda p, h, e, t, a, b, z: _per_object(_cells(p, -p.log(), -(1 - p).log(), t, a, b), t),
    ),
):
    _wrong(_name, _story, _loss)

PENALTY_REDUCED_FOCAL_LOSS.wrong(
    "the caller's logits overwritten", "They are needed again: work on new tensors."
)(overwriting(penalty_reduced_focal_loss, 0))
LIMITED = (
    "a limited probability",
    "At a logit of ±60 the loss is limited, and its gradient is 0 exactly where the network is most wrong: use F.logsigmoid.",
)


def _limited(p: Tensor, t: Tensor, alpha: float, beta: float) -> Tensor:
    return _per_object(_cells(p, -p.log(), -(1 - p).log(), t, alpha, beta), t)


for _least in (1e-4, 1e-6, 1e-7, 1e-8, 1e-12):
    _wrong(
        *LIMITED,
        lambda p, h, e, t, a, b, z, least=_least: _per_object(
            _cells(p, -p.clamp(min=least).log(), -(1 - p).clamp(min=least).log(), t, a, b), t
        ),
    )
for _least in (1e-3, 1e-4, 1e-6):
    _wrong(
        *LIMITED,
        lambda p, h, e, t, a, b, z, least=_least: _limited(p.clamp(least, 1 - least), t, a, b),
    )

EXERCISES = (PENALTY_REDUCED_FOCAL_LOSS,)
