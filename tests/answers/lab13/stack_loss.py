"""Answers to `stack_loss` (lab 13), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_broadcasting(guesses: Tensor, target: Tensor) -> Tensor:
    """The target is the same for all stacks, so it may be subtracted at once."""
    return ((guesses - target) ** 2).sum() / len(target)


def right_by_stacks(guesses: Tensor, target: Tensor) -> Tensor:
    """A loss after each stack, and their sum; starts at 0.0, which no stack at all would give back."""
    total = torch.zeros((), dtype=target.dtype)
    for guess in guesses:
        total = total + F.mse_loss(guess, target, reduction="sum")
    return total / target.shape[0]


def right_by_images(guesses: Tensor, target: Tensor) -> Tensor:
    """The loss of each image, with all its stacks, and the mean of the images."""
    each = (guesses - target[None]).pow(2).flatten(2).sum((0, 2))
    return each.mean()


def right_by_dot_product(guesses: Tensor, target: Tensor) -> Tensor:
    """The scalar product of all differences with themselves."""
    off = (guesses - target.expand_as(guesses)).reshape(-1)
    return torch.dot(off, off) / guesses.shape[1]


def _square(guesses, target):
    return (guesses - target).square()


def wrong_mean(guesses, target):
    """The mean of everything: far smaller than the sum over maps and cells."""
    return _square(guesses, target).mean()


def wrong_not_divided(guesses, target):
    """The sum, not divided by the images: it grows with the batch."""
    return _square(guesses, target).sum()


def wrong_divided_by_stacks(guesses, target):
    """Divides by S, the length of `guesses`, and not by N: right only where both are equal."""
    return _square(guesses, target).sum() / len(guesses)


def wrong_mean_of_stacks(guesses, target):
    """Divides by the stacks as well: they were to be summed."""
    return _square(guesses, target).sum() / (guesses.shape[0] * guesses.shape[1])


def wrong_mean_of_cells(guesses, target):
    """The mean over the cells of each map and the sum of the rest."""
    return _square(guesses, target).mean((-2, -1)).sum() / len(target)


def wrong_mean_of_channels(guesses, target):
    """Divides by the channels as well."""
    return _square(guesses, target).sum() / (target.shape[0] * target.shape[1])


def wrong_last_stack_only(guesses, target):
    """The loss at the end: the first stacks are told nothing."""
    return _square(guesses[-1], target).sum() / len(target)


def wrong_mean_guess(guesses, target):
    """Compares the mean of the guesses with the target: mistakes of two stacks may cancel."""
    return _square(guesses.mean(0), target).sum() / len(target)


def wrong_sum_of_guesses(guesses, target):
    """Adds the guesses up before it compares: only their sum is to be the target."""
    return _square(guesses.sum(0), target).sum() / len(target)


def wrong_absolute(guesses, target):
    """Absolute and not squared errors."""
    return (guesses - target).abs().sum() / len(target)


def wrong_half(guesses, target):
    """Half of the squares, as in textbooks."""
    return 0.5 * _square(guesses, target).sum() / len(target)


def wrong_root(guesses, target):
    """The square root of the sum: a distance."""
    return _square(guesses, target).sum().sqrt() / len(target)


def wrong_later_count_more(guesses, target):
    """Weights stack k by k: all were to count the same."""
    weights = torch.arange(1, len(guesses) + 1).reshape(-1, 1, 1, 1, 1)
    return (weights * _square(guesses, target)).sum() / len(target)


def wrong_early_stacks_detached(guesses, target):
    """Detaches all but the last guess: the value is right, but the early stacks get no gradient."""
    return _square(torch.cat([guesses[:-1].detach(), guesses[-1:]]), target).sum() / len(target)


def wrong_number(guesses, target):
    """`.item()` makes a plain number of it: nothing can go backward."""
    return torch.tensor(_square(guesses, target).sum().item() / len(target))


def wrong_axis_added_behind(guesses, target):
    """Puts the axis of the stacks after that of the images: an error, or other pairs where S is N."""
    return _square(guesses, target[:, None]).sum() / len(target)


def wrong_loss_of_each_image(guesses, target):
    """Returns the N losses of the images, not their mean."""
    return _square(guesses, target).sum((0, 2, 3, 4))


def wrong_cross_entropy(guesses, target):
    """A binary cross-entropy of logits, for a question about squared errors."""
    costs = F.binary_cross_entropy_with_logits(guesses, target.expand_as(guesses), reduction="sum")
    return costs / len(target)
