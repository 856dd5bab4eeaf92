"""Lab 04, section 6: the focal loss."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.pictures import losses_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision


def focal_loss(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Return the focal loss of each logit whose target is 1 or 0: (...), (...) -> (...)."""
    p = logits.sigmoid()
    wrong = p * (1 - targets) + (1 - p) * targets
    balance = alpha * targets + (1 - alpha) * (1 - targets)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return balance * wrong**gamma * cross_entropy


_LOGITS = normal(2, 3, 5, seed=5) * 3
_TARGETS = (uniform(2, 3, 5, seed=6) < 0.3).float()
_EXTREME = torch.tensor([60.0, -60.0, 60.0, -60.0])
_PAIR = (torch.tensor([2.0, -1.0]), torch.tensor([1.0, 0.0]))

FOCAL_LOSS = Exercise(
    focal_loss,
    picture=losses_picture,
    judge=any_precision,
    hints=(
        "Three factors: the balance, the probability of the wrong answer to the power of gamma, and the cross-entropy.",
        "p_t = p where the target is 1, else 1 - p; loss = alpha_t * (1 - p_t)^gamma * cross-entropy, "
        "alpha_t = alpha where the target is 1, else 1 - alpha.",
        'F.binary_cross_entropy_with_logits(logits, targets, reduction="none") is the last factor; '
        "p = logits.sigmoid(); wrong = p * (1 - targets) + (1 - p) * targets; "
        "balance = alpha * targets + (1 - alpha) * (1 - targets); balance * wrong**gamma * cross-entropy.",
    ),
    cases=(
        Case("undecided", (torch.zeros(2), torch.tensor([1.0, 0.0]))),
        Case("easy background", (torch.tensor([-6.0, -2.0]), torch.zeros(2))),
        Case("a missed object", (torch.tensor([-3.0]), torch.ones(1))),
        Case("gamma 0, alpha 0.5: half a cross-entropy", (*_PAIR, 0.5, 0.0)),
        Case("another alpha", (*_PAIR, 0.7)),
        Case("another gamma", (*_PAIR, 0.25, 1.0)),
        Case("very confident, right and wrong", (_EXTREME, torch.tensor([1.0, 1.0, 0.0, 0.0]))),
        Case("no anchor", (torch.zeros(0, 4), torch.zeros(0, 4))),
        Case("two images, three anchors, five classes", (_LOGITS, _TARGETS)),
        Case("the gradient", (_LOGITS, _TARGETS), (0,)),
        Case(
            "the gradient of very confident predictions", (_EXTREME, torch.tensor([1.0, 1.0, 0.0, 0.0])), (0,)
        ),
    ),
)


def _wrong_loss(name: str, story: str, loss: Callable[..., Tensor]) -> None:
    """A wrong answer: loss(p_t, alpha_t, cross-entropy, targets, alpha, gamma, logits)."""

    def wrong(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
        p_t = torch.where(targets == 1, logits, -logits).sigmoid()
        alpha_t = torch.where(targets == 1, alpha, 1 - alpha)
        cost = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return loss(p_t, alpha_t, cost, targets, alpha, gamma, logits)

    FOCAL_LOSS.wrong(name, story)(wrong)


def _right(logits: Tensor, targets: Tensor, squash: Callable = torch.sigmoid) -> Tensor:
    """The probability of the right answer, with the rounding of 1 - p."""
    return torch.where(targets == 1, squash(logits), 1 - squash(logits))


for _name, _story, _loss in (
    (
        "the logarithm of a probability",
        "The sigmoid of 60 is exactly 1 in float32, and log(1 - 1) is infinite: use a loss that takes logits.",
        lambda p, a, c, t, alpha, g, z: -a * (1 - _right(z, t)) ** g * _right(z, t).log(),
    ),
    (
        "one sigmoid too many in the cross-entropy",
        "binary_cross_entropy_with_logits applies the sigmoid itself: give it the logits.",
        lambda p, a, c, t, alpha, g, z: (
            a * (1 - p) ** g * F.binary_cross_entropy_with_logits(z.sigmoid(), t, reduction="none")
        ),
    ),
    (
        "one sigmoid too many everywhere",
        "Apply the sigmoid once: the loss that takes logits does it itself.",
        lambda p, a, c, t, alpha, g, z: focal_loss(z.sigmoid(), t, alpha, g),
    ),
    (
        "a softmax instead of a sigmoid",
        "Each logit is a yes-or-no question of its own: the probabilities need not add up to 1.",
        lambda p, a, c, t, alpha, g, z: (
            -a
            * (1 - _right(z, t, lambda x: x.softmax(-1))) ** g
            * _right(z, t, lambda x: x.softmax(-1)).clamp(min=1e-30).log()
        ),
    ),
    (
        "gamma forgotten",
        "That is the balanced cross-entropy: easy examples keep their full weight.",
        lambda p, a, c, t, alpha, g, z: a * c,
    ),
    (
        "gamma 2 fixed",
        "Use the argument gamma.",
        lambda p, a, c, t, alpha, g, z: a * (1 - p) ** 2 * c,
    ),
    (
        "gamma 1 fixed",
        "Raise the probability of the wrong answer to the power of gamma.",
        lambda p, a, c, t, alpha, g, z: a * (1 - p) * c,
    ),
    (
        "gamma as a factor",
        "gamma is an exponent: (1 - p_t) ** gamma.",
        lambda p, a, c, t, alpha, g, z: a * g * (1 - p) * c,
    ),
    (
        "1 - p_t^gamma",
        "Subtract first, then raise to the power: (1 - p_t) ** gamma.",
        lambda p, a, c, t, alpha, g, z: a * (1 - p**g) * c,
    ),
    (
        "less weight for hard examples",
        "The weight is the probability of the WRONG answer, which is small if the network is already right.",
        lambda p, a, c, t, alpha, g, z: a * p**g * c,
    ),
    (
        "1 - p for background too",
        "For background the wrong answer has probability p: its weight is p to the power of gamma.",
        lambda p, a, c, t, alpha, g, z: a * (1 - z.sigmoid()) ** g * c,
    ),
    (
        "p for objects too",
        "For an object the wrong answer has probability 1 - p: its weight is (1 - p) to the power of gamma.",
        lambda p, a, c, t, alpha, g, z: a * z.sigmoid() ** g * c,
    ),
    (
        "alpha swapped",
        "alpha belongs to the objects, 1 - alpha to the background.",
        lambda p, a, c, t, alpha, g, z: (1 - a) * (1 - p) ** g * c,
    ),
    (
        "alpha for all",
        "The same factor for all balances nothing: the background has 1 - alpha.",
        lambda p, a, c, t, alpha, g, z: alpha * (1 - p) ** g * c,
    ),
    (
        "alpha forgotten",
        "Multiply by alpha for objects and 1 - alpha for background.",
        lambda p, a, c, t, alpha, g, z: (1 - p) ** g * c,
    ),
    (
        "alpha for objects, 1 for background",
        "The background has 1 - alpha.",
        lambda p, a, c, t, alpha, g, z: torch.where(t == 1, alpha, 1.0) * (1 - p) ** g * c,
    ),
    (
        "alpha 0.25 fixed",
        "Use the argument alpha.",
        lambda p, a, c, t, alpha, g, z: torch.where(t == 1, 0.25, 0.75) * (1 - p) ** g * c,
    ),
    (
        "alpha inside the power",
        "Only (1 - p_t) is raised to the power of gamma.",
        lambda p, a, c, t, alpha, g, z: (a * (1 - p)) ** g * c,
    ),
    (
        "objects only",
        "Background has a loss too: (1 - alpha) * p^gamma * -log(1 - p).",
        lambda p, a, c, t, alpha, g, z: t * a * (1 - p) ** g * c,
    ),
    (
        "a negative loss",
        "A loss is not negative: either the minus sign is missing, or the cross-entropy already includes it.",
        lambda p, a, c, t, alpha, g, z: -a * (1 - p) ** g * c,
    ),
    (
        "the weight without the cross-entropy",
        "Multiply by the cross-entropy, -log p_t.",
        lambda p, a, c, t, alpha, g, z: a * (1 - p) ** g,
    ),
    (
        "a mean",
        "Return the loss of each; the detector divides the sum by the number of positives.",
        lambda p, a, c, t, alpha, g, z: (a * (1 - p) ** g * c).mean(),
    ),
    (
        "a sum",
        "Return the loss of each; the detector adds them up itself.",
        lambda p, a, c, t, alpha, g, z: (a * (1 - p) ** g * c).sum(),
    ),
    (
        "no gradient",
        "The network is trained with this loss: no .detach(), .item() or .tolist() on the way.",
        lambda p, a, c, t, alpha, g, z: (a * (1 - p) ** g * c).detach(),
    ),
    (
        "no gradient through the weight",
        "(1 - p_t)^gamma depends on the logits too: do not detach it.",
        lambda p, a, c, t, alpha, g, z: a * ((1 - p) ** g).detach() * c,
    ),
):
    _wrong_loss(_name, _story, _loss)

LIMITED = (
    "a limited probability",
    "At a logit of ±60 the loss is limited, and its gradient is 0 exactly where the network is most wrong: use a loss that takes logits.",
)
for _least in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12):
    _wrong_loss(
        *LIMITED,
        lambda p, a, c, t, alpha, g, z, least=_least: -a * (1 - p) ** g * p.clamp(min=least).log(),
    )

FOCAL_LOSS.wrong("the caller's logits overwritten", "They are needed again: work on new tensors.")(
    overwriting(focal_loss, 0)
)
FOCAL_LOSS.wrong(
    "an error without anchors",
    "Without logits there are no losses: return an empty tensor of the same shape.",
)(failing_when(lambda logits, *_: not logits.numel(), focal_loss))

EXERCISES = (FOCAL_LOSS,)
