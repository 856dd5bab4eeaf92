"""Lab 16, exercise 4: the loss of the best answer."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from coursekit import ops


def best_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Five times the cross-entropy plus the Dice loss, of the best answer: (P, A, h, w), (P, h, w) bool -> (P,)."""
    entropy, dice = _terms(logits, truth)
    return (5 * entropy + dice).amin(1)


def _terms(logits: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """The cross-entropy and the Dice loss of every answer: (P, A) each."""
    cells = _cells(logits, truth).mean((2, 3))
    dice = ops.dice_loss(logits.flatten(0, 1), _wanted(logits, truth).flatten(0, 1))
    return cells, dice.view_as(cells)


def _wanted(logits: Tensor, truth: Tensor) -> Tensor:
    return truth[:, None].expand_as(logits).to(logits.dtype)


def _cells(logits: Tensor, truth: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, _wanted(logits, truth), reduction="none")


_TRUTH = torch.tensor(
    [[[True, True, False], [True, False, False]], [[False, True, True], [False, True, True]]]
)
_SIGNS = 2.0 * _TRUTH - 1  # (2, 2, 3): right everywhere
_EXACT = torch.stack(
    [-3 * _SIGNS, 4 * _SIGNS, torch.zeros_like(_SIGNS)], 1
)  # (2, 3, 2, 3): the second is right
_SECOND_BEST = torch.stack([0.2 * _SIGNS, -_SIGNS, 0.1 * _SIGNS + 0.4], 1)
_SPLIT = torch.stack(
    [torch.full((1, 4, 8), -2.2), torch.cat([torch.full((1, 4, 2), 2.5), torch.full((1, 4, 6), 0.2)], 2)], 1
)
_SMALL = torch.zeros(1, 4, 8, dtype=torch.bool)
_SMALL[0, :2, 0] = True

BEST_LOSS = Exercise(
    best_loss,
    hints=(
        "Compute the loss of each answer on its own first. Only then choose: the smallest loss of each prompt.",
        "loss = 5 · mean cross-entropy over the cells + Dice loss, both (P, A); then the minimum over A.",
        "wanted = truth[:, None].expand_as(logits).float()\n"
        'entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean((2, 3))\n'
        "dice = ops.dice_loss(logits.flatten(0, 1), wanted.flatten(0, 1)).view_as(entropy)\n"
        "return …",
    ),
    cases=(
        Case("one prompt, one answer", (_EXACT[:1, 1:2], _TRUTH[:1])),
        Case("one prompt, the second answer is right", (_EXACT[:1], _TRUTH[:1])),
        Case("two prompts", (_EXACT, _TRUTH)),
        Case("none of the answers is good", (_SECOND_BEST, _TRUTH)),
        Case("the best cross-entropy and the best Dice loss are not of one answer", (_SPLIT, _SMALL)),
        Case("large logits", (200 * _EXACT, ~_TRUTH)),
        Case("one answer, large and wrong", (-200 * _SIGNS[:, None], _TRUTH)),
        Case("random answers", (normal(3, 4, 5, 7), normal(3, 5, 7, seed=1) > 0.4)),
        Case("the gradient", (_SECOND_BEST, _TRUTH), True),
        Case("no prompts", (torch.zeros(0, 3, 4, 5), torch.zeros(0, 4, 5, dtype=torch.bool))),
    ),
)

_wrong = BEST_LOSS.wrong


def _of(choose: Callable[[Tensor], Tensor], entropy: float = 5, dice: float = 1) -> Callable:
    """An answer that makes one number of the losses (P, A) in another way, or weighs the two terms differently."""

    def answer(logits: Tensor, truth: Tensor) -> Tensor:
        cells, overlap = _terms(logits, truth)
        return choose(entropy * cells + dice * overlap)

    return answer


_FREE = "Then all answers are drawn to the same mask. Only the best one is trained; the others are free to mean something else."
for _name, _story, _options in (
    ("the mean over all answers", _FREE, {"choose": lambda loss: loss.mean(1)}),
    ("the sum over all answers", _FREE, {"choose": lambda loss: loss.sum(1)}),
    (
        "the worst answer",
        "Train the best answer: the minimum of the losses.",
        {"choose": lambda loss: loss.amax(1)},
    ),
    (
        "the first answer",
        "No answer is the first choice for every prompt.",
        {"choose": lambda loss: loss[:, 0]},
    ),
    (
        "a soft minimum",
        "With a softmin every answer gets a gradient: take the minimum.",
        {"choose": lambda loss: ((-loss).softmax(1) * loss).sum(1)},
    ),
    (
        "the best answer of all prompts",
        "Each prompt has its own best answer: the minimum over the second axis alone.",
        {"choose": lambda loss: loss.amin(1).amin(0).expand(len(loss)) if len(loss) else loss.sum(1)},
    ),
    (
        "one place in the list for all prompts",
        "Each prompt has its own best answer: do not average over the prompts before you choose.",
        {"choose": lambda loss: loss[:, loss.mean(0).argmin()] if len(loss) else loss.sum(1)},
    ),
    ("one number", "Return one loss per prompt, (P,).", {"choose": lambda loss: loss.amin(1).mean()}),
    ("the loss of every answer", "Return one loss per prompt: the smallest.", {"choose": lambda loss: loss}),
    (
        "without the factor 5",
        "The cross-entropy counts five times.",
        {"choose": lambda loss: loss.amin(1), "entropy": 1},
    ),
    (
        "the 5 on the Dice loss",
        "The 5 belongs to the cross-entropy.",
        {"choose": lambda loss: loss.amin(1), "entropy": 1, "dice": 5},
    ),
    (
        "no Dice loss",
        "Add the Dice loss: a small object weighs as much as a large one.",
        {"choose": lambda loss: loss.amin(1), "dice": 0},
    ),
    (
        "no cross-entropy",
        "Add five times the cross-entropy.",
        {"choose": lambda loss: loss.amin(1), "entropy": 0},
    ),
    (
        "a loss without a gradient",
        "The network learns from it: no .detach() and no .item().",
        {"choose": lambda loss: loss.amin(1).detach()},
    ),
):
    _wrong(_name, _story)(_of(**_options))


@_wrong("the best of each term apart", "Add the two terms first: one answer must be good at both.")
def _apart(logits: Tensor, truth: Tensor) -> Tensor:
    entropy, dice = _terms(logits, truth)
    return 5 * entropy.amin(1) + dice.amin(1)


@_wrong("the best answer in each cell", "Choose an answer, a whole mask: not another one in each cell.")
def _cell_by_cell(logits: Tensor, truth: Tensor) -> Tensor:
    _, dice = _terms(logits, truth)
    return 5 * _cells(logits, truth).amin(1).mean((1, 2)) + dice.amin(1)


@_wrong(
    "the sum over the cells",
    "Take the mean of the cross-entropy over the cells, otherwise large images weigh more.",
)
def _summed(logits: Tensor, truth: Tensor) -> Tensor:
    _, dice = _terms(logits, truth)
    return (5 * _cells(logits, truth).sum((2, 3)) + dice).amin(1)


@_wrong(
    "the logarithm of a rounded probability",
    "sigmoid(-200) is 0, and its logarithm is infinite: use …_with_logits.",
)
def _rounded(logits: Tensor, truth: Tensor) -> Tensor:
    _, dice = _terms(logits, truth)
    p, wanted = logits.sigmoid(), _wanted(logits, truth)
    entropy = -(wanted * p.log() + (1 - wanted) * (1 - p).log()).mean((2, 3))
    return (5 * entropy + dice).amin(1)


@_wrong(
    "the cross-entropy of probabilities",
    "F.binary_cross_entropy cuts every loss off at 100, because sigmoid(-200) is 0: use …_with_logits.",
)
def _cut_off(logits: Tensor, truth: Tensor) -> Tensor:
    _, dice = _terms(logits, truth)
    cells = F.binary_cross_entropy(logits.sigmoid(), _wanted(logits, truth), reduction="none").mean((2, 3))
    return (5 * cells + dice).amin(1)


@_wrong("one Dice loss for all answers together", "Each answer has a Dice loss of its own.")
def _joint(logits: Tensor, truth: Tensor) -> Tensor:
    entropy, _ = _terms(logits, truth)
    return (5 * entropy + ops.dice_loss(logits, _wanted(logits, truth))[:, None]).amin(1)


@_wrong("a second sigmoid", "ops.dice_loss takes logits and applies the sigmoid itself.")
def _twice(logits: Tensor, truth: Tensor) -> Tensor:
    entropy, _ = _terms(logits, truth)
    return (5 * entropy + _terms(logits.sigmoid(), truth)[1]).amin(1)


@_wrong("the answer with the largest mask", "Choose by the loss, not by the area.")
def _largest(logits: Tensor, truth: Tensor) -> Tensor:
    entropy, dice = _terms(logits, truth)
    place = logits.detach().sigmoid().sum((2, 3)).argmax(1, keepdim=True)
    return (5 * entropy + dice).gather(1, place)[:, 0]


_wrong("the caller's logits overwritten", "The loss is right, but the caller's logits have changed.")(
    overwriting(best_loss, 0)
)

EXERCISES = (BEST_LOSS,)
