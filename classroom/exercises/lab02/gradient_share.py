"""Lab 02, exercise 3: which loss the gradient comes from."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise

Losses = dict[str, Tensor]
Shares = dict[str, float]
LossesOf = Callable[[Tensor], Losses]
PLAIN = "every share is a plain number, as .item() makes one"


def gradient_share(losses_of: LossesOf, features: Tensor) -> Shares:
    """The share of each loss in the gradient that reaches the features: its length (2-norm) over the sum of all lengths.

    Args:
        losses_of: from features to a dict of losses.
    """
    features = features.detach().requires_grad_()
    losses = losses_of(features)
    lengths = {
        name: torch.autograd.grad(loss, features, retain_graph=True)[0].norm().item()
        for name, loss in losses.items()
    }
    return {name: length / sum(lengths.values()) for name, length in lengths.items()}


def _judge(arguments: tuple, value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    plain = not any(isinstance(share, Tensor) for share in value.values())
    return {PLAIN: plain} | {f"the share of {name}": share for name, share in value.items()}


def _two_lines(features: Tensor) -> Losses:
    first, second = features.flatten()
    return {"box": 10 * first, "class": second + 5}


def _pixels_and_classes(features: Tensor) -> Losses:
    rows = features.flatten(1)
    return {
        "box": (192 * rows[0] - 100).square().mean(),
        "class": torch.nn.functional.cross_entropy(rows[1:], torch.tensor([2, 0])),
    }


def _up_and_down(features: Tensor) -> Losses:
    first, second = features.flatten()
    return {"box": 3 * first - 4 * second, "class": features.sum()}


def _three_losses(features: Tensor) -> Losses:
    shared = features.square()  # a layer after the features that all of them need
    first, *others = shared.flatten(1)
    return {"box": 7 * first[1], "class": sum(row[1] for row in others), "mask": shared.square().mean()}


_PAIR = torch.tensor([1.0, 2.0]).reshape(1, 2, 1, 1)

GRADIENT_SHARE = Exercise(
    gradient_share,
    judge=_judge,
    hints=(
        "Which tensor must record what is computed from it? And how do you get the gradient of one loss alone?",
        "share of a loss = |d loss / d features| / the sum of this over all losses, where | | is the 2-norm.",
        "features = features.detach().requires_grad_(); torch.autograd.grad(loss, features, retain_graph=True)[0].norm().item().",
    ),
    cases=(
        Case("two straight lines", (_two_lines, _PAIR)),
        Case("slopes of both signs", (_up_and_down, _PAIR)),
        Case(
            "squared pixels beside a cross-entropy", (_pixels_and_classes, torch.eye(3).reshape(3, 3, 1, 1))
        ),
        Case("three losses", (_three_losses, torch.arange(12.0).reshape(3, 4, 1, 1) / 4)),
    ),
)

_wrong = GRADIENT_SHARE.wrong


def _shares(lengths: dict) -> dict:
    return {name: length / sum(lengths.values()) for name, length in lengths.items()}


def _gradients(losses_of: LossesOf, features: Tensor) -> dict[str, Tensor]:
    features = features.detach().requires_grad_()
    losses = losses_of(features)
    return {k: torch.autograd.grad(v, features, retain_graph=True)[0] for k, v in losses.items()}


def _by(measure: Callable[[Tensor], Tensor]) -> Callable[[LossesOf, Tensor], Shares]:
    """Return the function that takes another measure of a gradient for its length."""

    def answer(losses_of: LossesOf, features: Tensor) -> Shares:
        return _shares({k: measure(g).item() for k, g in _gradients(losses_of, features).items()})

    return answer


_wrong("sums of slopes", "Slopes of opposite sign cancel out: take the length, .norm().")(_by(torch.sum))
_wrong("the size of the sum of slopes", "Slopes of opposite sign cancel out: take the length, .norm().")(
    _by(lambda g: g.sum().abs())
)
_wrong("squared lengths", "The length is the square root of the sum of squares: .norm().")(
    _by(lambda g: g.square().sum())
)
_wrong("the 1-norm instead of the 2-norm", "The length is the square root of the sum of squares: .norm().")(
    _by(lambda g: g.abs().sum())
)
_wrong(
    "the largest entry instead of the length", "The length is the square root of the sum of squares: .norm()."
)(_by(lambda g: g.abs().max()))
_wrong("the largest entry with its sign", "The length is the square root of the sum of squares: .norm().")(
    _by(torch.max)
)
_wrong(
    "the standard deviation instead of the length",
    "A gradient that is the same everywhere still has a length: .norm().",
)(_by(torch.std))
_wrong(
    "one length per image, added up",
    "The gradient is one vector: take the .norm() of all its numbers together.",
)(_by(lambda g: g.flatten(1).norm(dim=1).sum()))
_wrong(
    "one length per channel, added up",
    "The gradient is one vector: take the .norm() of all its numbers together.",
)(_by(lambda g: g.transpose(0, 1).flatten(1).norm(dim=1).sum()))


@_wrong(
    "tensors instead of plain numbers", "The shares are right; use .item() to get each out of its tensor."
)
def _tensors(losses_of: LossesOf, features: Tensor) -> dict[str, Tensor]:
    return _shares({name: g.norm() for name, g in _gradients(losses_of, features).items()})


@_wrong("shares of the losses", "A large loss may be flat: gradients train the features, not values.")
def _shares_of_the_values(losses_of: LossesOf, features: Tensor) -> Shares:
    return _shares({name: loss.item() for name, loss in losses_of(features.detach()).items()})


@_wrong(
    "lengths relative to the losses",
    "A loss that is ten times larger pulls ten times harder: do not divide by its value.",
)
def _relative(losses_of: LossesOf, features: Tensor) -> Shares:
    losses = losses_of(features.detach())
    gradients = _gradients(losses_of, features)
    return _shares({name: g.norm().item() / losses[name].item() for name, g in gradients.items()})


@_wrong("lengths times losses", "The share depends on the gradients alone, not on the values of the losses.")
def _weighted(losses_of: LossesOf, features: Tensor) -> Shares:
    losses = losses_of(features.detach())
    gradients = _gradients(losses_of, features)
    return _shares({name: g.norm().item() * losses[name].item() for name, g in gradients.items()})


@_wrong(
    "gradients times features", "The share depends on the gradients alone, not on the values of the features."
)
def _times_features(losses_of: LossesOf, features: Tensor) -> Shares:
    return _shares({k: (g * features).norm().item() for k, g in _gradients(losses_of, features).items()})


@_wrong(
    "gradients that add up",
    "backward() adds to .grad: clear it between the losses, or use torch.autograd.grad.",
)
def _shares_that_pile_up(losses_of: LossesOf, features: Tensor) -> Shares:
    piled, lengths = 0, {}
    for name, gradient in _gradients(losses_of, features).items():
        piled = piled + gradient
        lengths[name] = piled.norm().item()
    return _shares(lengths)


@_wrong("lengths, not shares", "Divide by the sum, so that the shares add up to 1.")
def _lengths(losses_of: LossesOf, features: Tensor) -> Shares:
    return {name: g.norm().item() for name, g in _gradients(losses_of, features).items()}


@_wrong(
    "divided by the length of the total gradient",
    "Divide by the sum of the lengths, so that the shares add up to 1.",
)
def _over_the_total(losses_of: LossesOf, features: Tensor) -> Shares:
    gradients = _gradients(losses_of, features)
    total = sum(gradients.values()).norm().item()
    return {name: g.norm().item() / total for name, g in gradients.items()}


@_wrong(
    "divided by the root of the sum of squares",
    "Divide by the sum of the lengths, so that the shares add up to 1.",
)
def _over_the_norm_of_lengths(losses_of: LossesOf, features: Tensor) -> Shares:
    lengths = _lengths(losses_of, features)
    return {name: length / sum(x**2 for x in lengths.values()) ** 0.5 for name, length in lengths.items()}


@_wrong(
    "divided by the longest gradient", "Divide by the sum of the lengths, so that the shares add up to 1."
)
def _over_the_longest(losses_of: LossesOf, features: Tensor) -> Shares:
    lengths = _lengths(losses_of, features)
    return {name: length / max(lengths.values()) for name, length in lengths.items()}


@_wrong("divided by the number of losses", "Divide by the sum of the lengths: the shares add up to 1.")
def _over_the_count(losses_of: LossesOf, features: Tensor) -> Shares:
    lengths = _lengths(losses_of, features)
    return {name: length / len(lengths) for name, length in lengths.items()}


@_wrong("divided by the other losses only", "Divide by the sum of all lengths, including its own.")
def _over_the_others(losses_of: LossesOf, features: Tensor) -> Shares:
    lengths = _lengths(losses_of, features)
    return {name: length / (sum(lengths.values()) - length) for name, length in lengths.items()}


@_wrong("a softmax of the lengths", "A share is the length divided by the sum of the lengths.")
def _softmax(losses_of: LossesOf, features: Tensor) -> Shares:
    lengths = _lengths(losses_of, features)
    return dict(zip(lengths, torch.tensor(list(lengths.values())).softmax(0).tolist(), strict=True))


@_wrong("equal shares", "The shares depend on the lengths of the gradients.")
def _equal(losses_of: LossesOf, features: Tensor) -> Shares:
    losses = losses_of(features)
    return {name: 1 / len(losses) for name in losses}


@_wrong("percentages", "The shares should add up to 1.")
def _percentages(losses_of: LossesOf, features: Tensor) -> Shares:
    return {name: 100 * share for name, share in gradient_share(losses_of, features).items()}


@_wrong("1 minus each share", "The loss with the longer gradient has the larger share.")
def _reversed(losses_of: LossesOf, features: Tensor) -> Shares:
    return {name: 1 - share for name, share in gradient_share(losses_of, features).items()}


EXERCISES = (GRADIENT_SHARE,)
