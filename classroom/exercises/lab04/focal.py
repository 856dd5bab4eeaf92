"""Lab 04, last part: the focal loss, and the prior of the first answer."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.pictures import losses_picture
from coursekit import ops
from coursekit.models.retinanet import prior_bias


def focal_loss(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """The focal loss of each logit whose answer should be 1 or 0: (...), (...) -> (...)."""
    return ops.sigmoid_focal_loss(logits, targets, alpha, gamma)


_LOGITS = normal(2, 3, 5, seed=5) * 3
_TARGETS = (uniform(2, 3, 5, seed=6) < 0.3).float()
_EXTREME = torch.tensor([60.0, -60.0, 60.0, -60.0])

FOCAL_LOSS = Exercise(
    focal_loss,
    picture=losses_picture,
    hints=(
        "Three factors: the balance, the probability of the wrong answer to the gamma, and the cross-entropy.",
        "p_t = p where the target is 1, else 1 - p; loss = alpha_t * (1 - p_t)^gamma * cross-entropy, "
        "alpha_t = alpha where the target is 1, else 1 - alpha.",
        'F.binary_cross_entropy_with_logits(logits, targets, reduction="none") is the last factor; '
        "p = logits.sigmoid(); wrong = p * (1 - targets) + ... * targets.",
    ),
    cases=(
        Case("undecided", (torch.zeros(2), torch.tensor([1.0, 0.0]))),
        Case("easy background", (torch.tensor([-6.0, -2.0]), torch.zeros(2))),
        Case("an object that is missed", (torch.tensor([-3.0]), torch.ones(1))),
        Case(
            "gamma 0, alpha 0.5: half a cross-entropy",
            (torch.tensor([2.0, -1.0]), torch.tensor([1.0, 1.0]), 0.5, 0.0),
        ),
        Case("very sure, right and wrong", (_EXTREME, torch.tensor([1.0, 1.0, 0.0, 0.0]))),
        Case("no anchor", (torch.zeros(0, 4), torch.zeros(0, 4))),
        Case("two pictures, three anchors, five classes", (_LOGITS, _TARGETS)),
        Case(
            "the gradient",
            (torch.cat([_LOGITS.flatten(), _EXTREME]), torch.cat([_TARGETS.flatten(), torch.ones(4)])),
            (0,),
        ),
    ),
)


def _right(logits: Tensor, targets: Tensor) -> Tensor:
    """The probability of the right answer."""
    return torch.where(targets == 1, logits.sigmoid(), 1 - logits.sigmoid())


def _balance(targets: Tensor, alpha: float) -> Tensor:
    return torch.where(targets == 1, alpha, 1 - alpha)


@FOCAL_LOSS.wrong(
    "the logarithm of a probability",
    "The sigmoid of 60 is exactly 1 in float32, and log(1 - 1) is infinite: use a loss that takes logits.",
)
def _from_probabilities(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    right = _right(logits, targets)
    return -_balance(targets, alpha) * (1 - right) ** gamma * right.log()


@FOCAL_LOSS.wrong(
    "squashed twice", "The cross-entropy with logits takes the sigmoid itself: give it the logits."
)
def _squashed_twice(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return focal_loss(logits.sigmoid(), targets, alpha, gamma)


@FOCAL_LOSS.wrong("gamma forgotten", "That is the balanced cross-entropy: nothing is turned down.")
def _no_power(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return focal_loss(logits, targets, alpha, 0.0)


def _focal(logits: Tensor, targets: Tensor, weight: Tensor, balance: Tensor) -> Tensor:
    return balance * weight * F.binary_cross_entropy_with_logits(logits, targets, reduction="none")


@FOCAL_LOSS.wrong(
    "hard examples turned down",
    "The weight is the probability of the WRONG answer: small where the network is right already.",
)
def _hard_ones_small(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return _focal(logits, targets, _right(logits, targets) ** gamma, _balance(targets, alpha))


@FOCAL_LOSS.wrong(
    "p instead of the probability of the right answer",
    "For background the right answer has 1 - p: its weight is p to the gamma.",
)
def _weight_of_positives(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return _focal(logits, targets, (1 - logits.sigmoid()) ** gamma, _balance(targets, alpha))


@FOCAL_LOSS.wrong("alpha for the background", "alpha belongs to the objects, 1 - alpha to the background.")
def _balance_swapped(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return focal_loss(logits, targets, 1 - alpha, gamma)


@FOCAL_LOSS.wrong("alpha for all", "One factor for all balances nothing: the background has 1 - alpha.")
def _alpha_for_all(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return 2 * alpha * focal_loss(logits, targets, 0.5, gamma)


@FOCAL_LOSS.wrong(
    "a mean over all anchors",
    "Return the loss of each; the detector divides the sum by the number of positives.",
)
def _mean(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    return focal_loss(logits, targets, alpha, gamma).mean()


# ---------------------------------------------------------------- the prior

PRIOR_BIAS = Exercise(
    prior_bias,
    hints=(
        "With weights near 0 the logit is the bias alone. Which number has the sigmoid pi?",
        "1 / (1 + exp(-b)) = pi. Solve for b.",
        "b = -log((1 - pi) / pi); math.log is the natural logarithm.",
    ),
    cases=(Case("one half", (0.5,)), Case("one of a hundred", (0.01,)), Case("nine of ten", (0.9,))),
)


@PRIOR_BIAS.wrong(
    "the other sign", "Then almost every anchor begins with 'an object!': the bias is negative."
)
def _positive_bias(probability: float) -> float:
    return -prior_bias(probability)


@PRIOR_BIAS.wrong("the logarithm of the probability", "The sigmoid is undone by the logarithm of the odds.")
def _log_of_probability(probability: float) -> float:
    return math.log(probability)


@PRIOR_BIAS.wrong("odds without a logarithm", "The bias is the logarithm of the odds.")
def _odds(probability: float) -> float:
    return -(1 - probability) / probability


@PRIOR_BIAS.wrong("a logarithm to base 10", "The sigmoid is made of e: take math.log.")
def _base_ten(probability: float) -> float:
    return -math.log10((1 - probability) / probability)


@PRIOR_BIAS.wrong("the sigmoid itself", "The question is the other way round: whose sigmoid is it?")
def _sigmoid(probability: float) -> float:
    return 1 / (1 + math.exp(-probability))


EXERCISES = (FOCAL_LOSS, PRIOR_BIAS)
