"""Lab 13, fourth part: a loss after each hourglass."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from coursekit.models.hourglass import intermediate_loss


def stack_loss(guesses: Tensor, target: Tensor) -> Tensor:
    """The squared errors of all stacks, summed, for each image: (S, N, C, h, w), (N, C, h, w) -> ()."""
    return intermediate_loss(guesses, target)


_TWO_STACKS = torch.tensor([0.5, 1.0]).reshape(2, 1, 1, 1, 1)

STACK_LOSS = Exercise(
    stack_loss,
    hints=(
        "The target is the same for every stack; (S, N, C, h, w) - (N, C, h, w) subtracts it from all at once.",
        "Sum of (guess - target)^2 over stacks, channels and cells, divided by N.",
        "squares = (guesses - target).square()  # target is shared by all stacks\nreturn squares.sum() / …",
    ),
    cases=(
        Case("two stacks, one cell", (_TWO_STACKS, torch.ones(1, 1, 1, 1))),
        Case(
            "the last one is already right",
            (torch.stack([normal(1, 2, 3, 4), torch.ones(1, 2, 3, 4)]), torch.ones(1, 2, 3, 4)),
        ),
        Case("one stack, two images", (normal(1, 2, 1, 3, 4), normal(2, 1, 3, 4, seed=1))),
        Case("three stacks", (normal(3, 2, 4, 3, 5), normal(2, 4, 3, 5, seed=1))),
        Case("as many stacks as images", (normal(2, 2, 3, 2, 2, seed=3), normal(2, 3, 2, 2, seed=4))),
        Case("the gradient", (normal(3, 2, 2, 3, 4), normal(2, 2, 3, 4, seed=1)), (0,)),
    ),
)


@STACK_LOSS.wrong(
    "the last stack only", "Then the first one learns only through all the others: every stack needs a loss."
)
def _last_only(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses[-1:], target)


@STACK_LOSS.wrong("the first stack only", "Every stack needs a loss, above all the last one.")
def _first_only(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses[:1], target)


@STACK_LOSS.wrong(
    "a mean over the stacks", "Sum them: with a mean, each stack counts less the more there are."
)
def _mean_of_stacks(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses, target) / len(guesses)


@STACK_LOSS.wrong(
    "a mean over the cells",
    "Nearly all cells are empty, so the few of a Gaussian would be drowned out. Sum over cells, take the mean over images.",
)
def _mean_of_cells(guesses: Tensor, target: Tensor) -> Tensor:
    return ((guesses - target) ** 2).mean()


@STACK_LOSS.wrong(
    "a sum over the images", "Divide by the number of images; otherwise the batch size changes the step."
)
def _whole_batch(guesses: Tensor, target: Tensor) -> Tensor:
    return ((guesses - target) ** 2).sum()


@STACK_LOSS.wrong(
    "the error of the mean guess", "Two wrong guesses can have a right mean: take the error of each."
)
def _error_of_the_mean(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses.mean(0, keepdim=True), target)


@STACK_LOSS.wrong("absolute errors", "The errors are squared.")
def _absolute(guesses: Tensor, target: Tensor) -> Tensor:
    return (guesses - target).abs().sum() / len(target)


@STACK_LOSS.wrong(
    "no gradient to the earlier stacks",
    "The number is right, but no gradient reaches the earlier stacks: remove .detach().",
)
def _cut_off(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(torch.cat([guesses[:-1].detach(), guesses[-1:]]), target)


def _of_errors(change: Callable) -> Callable:
    """An answer that uses the squared errors in a different way: change(errors, guesses, target)."""
    return lambda guesses, target: change((guesses - target).square(), guesses, target)


SUM = "Sum over stacks, channels and cells; divide by the number of images only."
for name, story, function in (
    (
        "the sum divided by the number of stacks",
        "Divide by the number of images, len(target).",
        _of_errors(lambda e, g, t: e.sum() / len(g)),
    ),
    (
        "the mean over the cells, the sum of the rest",
        SUM,
        _of_errors(lambda e, g, t: e.mean((3, 4)).sum() / len(t)),
    ),
    ("the mean over the channels", SUM, _of_errors(lambda e, g, t: e.sum() / len(t) / t.shape[1])),
    ("the mean over the maps", SUM, _of_errors(lambda e, g, t: e.sum() / len(t) / t.shape[1] / len(g))),
    ("the sum over the stacks of their means", SUM, _of_errors(lambda e, g, t: e.mean((1, 2, 3, 4)).sum())),
    (
        "the error of the sum of the guesses",
        "Compare each guess with the target.",
        lambda g, t: stack_loss(g.sum(0, keepdim=True), t),
    ),
    ("half the squares", "There is no factor of 1/2.", _of_errors(lambda e, g, t: e.sum() / len(t) / 2)),
    (
        "the root of the sum",
        "Return the squared error itself.",
        _of_errors(lambda e, g, t: (e.sum() / len(t)).sqrt()),
    ),
    (
        "the root of the sum",
        "Return the squared error itself.",
        _of_errors(lambda e, g, t: e.sum().sqrt() / len(t)),
    ),
    (
        "later stacks weighted more",
        "All stacks have the same weight.",
        _of_errors(lambda e, g, t: (e.sum((1, 2, 3, 4)) * torch.arange(1.0, len(g) + 1)).sum() / len(t)),
    ),
    (
        "earlier stacks weighted more",
        "All stacks have the same weight.",
        _of_errors(lambda e, g, t: (e.sum((1, 2, 3, 4)) * torch.arange(float(len(g)), 0, -1)).sum() / len(t)),
    ),
    (
        "no gradient",
        "The network is trained with this loss: no .item(), .detach() or torch.tensor(...).",
        _of_errors(lambda e, g, t: (e.sum() / len(t)).detach()),
    ),
    ("a loss for each image", "Return one number.", _of_errors(lambda e, g, t: e.sum((0, 2, 3, 4)) / len(t))),
    ("a loss for each image", "Return one number.", _of_errors(lambda e, g, t: e.sum((0, 2, 3, 4)))),
    ("a loss for each stack", "Return one number.", _of_errors(lambda e, g, t: e.sum((1, 2, 3, 4)) / len(t))),
    (
        "stacks compared with the targets of the images",
        "The target does not have an axis for the stacks: guesses - target adds it in front.",
        lambda g, t: (g - t[:, None]).square().sum() / len(t),
    ),
    (
        "a cross-entropy",
        "The errors are squared.",
        lambda g, t: F.binary_cross_entropy_with_logits(g, t.expand_as(g), reduction="sum") / len(t),
    ),
    ("the square of the sum", "Square each error, then sum.", lambda g, t: (g - t).sum().square() / len(t)),
    (
        "the errors not squared",
        "Square each error: errors of both signs must not cancel.",
        lambda g, t: (g - t).sum() / len(t),
    ),
    (
        "the smallest error of the stacks",
        "Sum over all stacks.",
        _of_errors(lambda e, g, t: e.sum((1, 2, 3, 4)).min() / len(t)),
    ),
    (
        "a sigmoid of the guesses",
        "Compare the guesses as they are.",
        lambda g, t: stack_loss(g.sigmoid(), t),
    ),
    ("the sign reversed", "A loss is not negative.", lambda g, t: -stack_loss(g, t)),
):
    STACK_LOSS.wrong(name, story)(function)


EXERCISES = (STACK_LOSS,)
