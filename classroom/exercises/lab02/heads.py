"""Lab 02, first part: whose gradient it is, and freezing a part of a network."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from coursekit.models.localiser import freeze

Losses = dict[str, Tensor]
Shares = dict[str, float]


def gradient_share(losses_of: Callable[[Tensor], Losses], features: Tensor) -> Shares:
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


def _two_lines(features: Tensor) -> Losses:
    return {"box": 10 * features[0], "class": features[1] + 5}


def _pixels_and_classes(features: Tensor) -> Losses:
    return {
        "box": (192 * features[0] - 100).square().mean(),
        "class": torch.nn.functional.cross_entropy(features[1:], torch.tensor([2, 0])),
    }


def _up_and_down(features: Tensor) -> Losses:
    return {"box": 3 * features[0] - 4 * features[1], "class": features.sum()}


GRADIENT_SHARE = Exercise(
    gradient_share,
    hints=(
        "Which features must remember what happens to them? And how do you ask for the gradient of one loss alone?",
        "share of a loss = |d loss / d features| / sum of the same over all losses, | | the 2-norm.",
        "features = features.detach().requires_grad_(); torch.autograd.grad(loss, features, retain_graph=True)[0].norm().",
    ),
    cases=(
        Case("two straight lines", (_two_lines, torch.tensor([1.0, 2.0]))),
        Case("slopes of both signs", (_up_and_down, torch.tensor([1.0, 2.0]))),
        Case("squared pixels beside a cross entropy", (_pixels_and_classes, torch.eye(3))),
    ),
)


def _shares(lengths: dict[str, float]) -> Shares:
    return {name: length / sum(lengths.values()) for name, length in lengths.items()}


@GRADIENT_SHARE.wrong(
    "shares of the losses", "A large loss may be flat. Training feels gradients, not values."
)
def _shares_of_the_values(losses_of: Callable[[Tensor], Losses], features: Tensor) -> Shares:
    return _shares({name: loss.item() for name, loss in losses_of(features.detach()).items()})


def _gradients(losses_of: Callable[[Tensor], Losses], features: Tensor) -> dict[str, Tensor]:
    features = features.detach().requires_grad_()
    losses = losses_of(features)
    return {k: torch.autograd.grad(v, features, retain_graph=True)[0] for k, v in losses.items()}


@GRADIENT_SHARE.wrong("sums of slopes", "Slopes of both signs cancel: take the length, .norm().")
def _shares_of_sums(losses_of: Callable[[Tensor], Losses], features: Tensor) -> Shares:
    return _shares({name: g.sum().item() for name, g in _gradients(losses_of, features).items()})


@GRADIENT_SHARE.wrong("squared lengths", "The length is the root of the sum of squares: .norm().")
def _shares_of_squares(losses_of: Callable[[Tensor], Losses], features: Tensor) -> Shares:
    return _shares({name: g.square().sum().item() for name, g in _gradients(losses_of, features).items()})


@GRADIENT_SHARE.wrong(
    "gradients that pile up",
    "backward() adds to .grad: clear it between two losses, or use torch.autograd.grad.",
)
def _shares_that_pile_up(losses_of: Callable[[Tensor], Losses], features: Tensor) -> Shares:
    piled, lengths = 0, {}
    for name, gradient in _gradients(losses_of, features).items():
        piled = piled + gradient
        lengths[name] = piled.norm().item()
    return _shares(lengths)


@GRADIENT_SHARE.wrong("lengths, not shares", "Divide by the sum, so that the shares add up to 1.")
def _lengths(losses_of: Callable[[Tensor], Losses], features: Tensor) -> Shares:
    return {name: g.norm().item() for name, g in _gradients(losses_of, features).items()}


# ---------------------------------------------------------------- freezing


def _judge_frozen(arguments: tuple, module: nn.Module) -> dict[str, bool]:
    if not isinstance(module, nn.Module):
        return {"the module comes back": False}
    before = copy.deepcopy(module.state_dict())
    x = normal(4, 3, 5, 5).requires_grad_()
    y = module(x)
    if y.requires_grad:
        y.square().sum().backward()
    return {
        "the module comes back": True,
        "no weight gets a gradient": all(p.grad is None for p in module.parameters()),
        "the statistics stay": all(torch.equal(before[k], v) for k, v in module.state_dict().items()),
        "an answer does not depend on its batch": torch.allclose(module(x[:1]), y[:1], atol=1e-5),
        "a gradient passes through": x.grad is not None and bool(x.grad.any()),
    }


def _layers(*more: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), *more)


def _networks() -> tuple[nn.Sequential, nn.Sequential, nn.Sequential]:
    """One block, a block inside a block, and two blocks; a lab's own random numbers stay what they were."""
    with torch.random.fork_rng(devices=[]):
        return (
            _layers(),
            nn.Sequential(_layers(), nn.ReLU(), nn.Conv2d(3, 2, 1)),
            _layers(nn.ReLU(), _layers()),
        )


_ONE, _INSIDE, _TWO = _networks()

FREEZE = Exercise(
    freeze,
    judge=_judge_frozen,
    hints=(
        "Two things in a network change during training: what the optimiser changes, and what changes by looking.",
        "No parameter requires a gradient, and the module is in evaluation mode.",
        "module.requires_grad_(False) is one half. Which method of a module is the other? Return the module.",
    ),
    cases=(
        Case("a convolution and its batch normalisation", (_ONE,)),
        Case("a block inside a block", (_INSIDE,)),
        Case("batch normalisation outside and inside", (_TWO,)),
    ),
)


@FREEZE.wrong(
    "weights frozen, statistics not",
    "In training mode a batch normalisation follows every batch, gradient or not: .eval() stops it.",
)
def _freeze_weights_only(module: nn.Module) -> nn.Module:
    return module.requires_grad_(False)


@FREEZE.wrong("statistics frozen, weights not", "Evaluation mode does not stop gradients.")
def _freeze_statistics_only(module: nn.Module) -> nn.Module:
    return module.eval()


@FREEZE.wrong(
    "an attribute that nobody reads",
    "A module has no requires_grad: its parameters have. The method is requires_grad_(False).",
)
def _freeze_by_attribute(module: nn.Module) -> nn.Module:
    module.requires_grad = False
    return module


@FREEZE.wrong(
    "batch normalisation of the inner blocks forgotten",
    "children() sees one level only; .eval() reaches all.",
)
def _freeze_outer_statistics(module: nn.Module) -> nn.Module:
    for child in module.children():
        if isinstance(child, nn.BatchNorm2d):
            child.eval()
    return module.requires_grad_(False)


@FREEZE.wrong(
    "a wall for the gradient", "Frozen layers must let the gradient through to what lies before them."
)
def _freeze_with_a_wall(module: nn.Module) -> nn.Module:
    module.register_forward_hook(lambda _module, _input, output: output.detach())
    return module.eval().requires_grad_(False)


@FREEZE.wrong(
    "the statistics of the batch instead of those that were learnt",
    "Then the answer for a picture depends on the pictures beside it.",
)
def _freeze_with_batch_statistics(module: nn.Module) -> nn.Module:
    for layer in module.modules():
        layer.track_running_stats = False
    return module.requires_grad_(False)


EXERCISES = (GRADIENT_SHARE, FREEZE)
