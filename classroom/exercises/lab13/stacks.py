"""Lab 13, last part: the fold that makes an hourglass, and a loss after each of them."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab13.pictures import fold_picture
from coursekit.models.hourglass import intermediate_loss
from coursekit.nets.hourglass import around_and_through

Layer = Callable[[Tensor], Tensor]


def fold(x: Tensor, around: Layer, through: Layer) -> Tensor:
    """Around at full size, plus through a map of half the size made as large again: (N, C, h, w) -> (N, C, h, w)."""
    return around_and_through(x, around, through)


def _tenfold(x: Tensor) -> Tensor:
    return 10 * x


def _same(x: Tensor) -> Tensor:
    return x


def _turned(x: Tensor) -> Tensor:
    """A layer that does not commute with the maximum."""
    return -x


def _inner(x: Tensor) -> Tensor:
    """An hourglass of depth 1."""
    return around_and_through(x, torch.sin, _turned)


FOLD = Exercise(
    fold,
    picture=fold_picture,
    hints=(
        "Two ways, added: one at full size, one through a smaller map.",
        "around(x) + enlarge(through(half of x)); half by 2 x 2 maxima, enlarged to the size of x.",
        "small = through(F.max_pool2d(x, 2, ceil_mode=True)); return around(x) + F.interpolate(small, ...).",
    ),
    cases=(
        Case("a row of four cells", (torch.tensor([[[[1.0, 3.0, 2.0, 0.0]]]]), _tenfold, _same)),
        Case("four by four cells", (normal(1, 1, 4, 4), torch.abs, _turned)),
        Case("an odd number of cells", (normal(1, 1, 3, 5), torch.sin, _turned)),
        Case("two pictures, three channels", (normal(2, 3, 6, 8), torch.sin, _turned)),
        Case("an hourglass in an hourglass", (normal(1, 2, 8, 12), torch.sin, _inner)),
        Case("the gradient", (normal(1, 1, 4, 6), torch.sin, _turned), (0,)),
    ),
)


def _half(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


def _large(small: Tensor, x: Tensor, **how) -> Tensor:
    return F.interpolate(small, x.shape[-2:], **how)


@FOLD.wrong("no way around", "Then everything squeezes through the narrowest map, and fine places are lost.")
def _no_skip(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return _large(through(_half(x)), x)


@FOLD.wrong("around without its layer", "The way around has a layer of its own: around(x).")
def _bare_skip(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return x + _large(through(_half(x)), x)


@FOLD.wrong("concatenated", "U-Net concatenates; the hourglass adds, so the number of channels stays.")
def _concatenated(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return torch.cat([around(x), _large(through(_half(x)), x)], 1)


@FOLD.wrong("never smaller", "The way through works on a map of half the size.")
def _not_halved(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + through(x)


@FOLD.wrong("around at the end", "`around` sees what comes in; the sum comes after it.")
def _around_after(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x + _large(through(_half(x)), x))


@FOLD.wrong(
    "always twice as large", "Five cells become three, and three times two is six: enlarge to the size of x."
)
def _always_twice(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + F.interpolate(through(_half(x)), scale_factor=2)


@FOLD.wrong("means on the way down", "The paper takes maxima: F.max_pool2d.")
def _mean(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(through(F.avg_pool2d(x, 2, ceil_mode=True)), x)


@FOLD.wrong("bilinear on the way up", "The paper takes the nearest cell.")
def _bilinear(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(through(_half(x)), x, mode="bilinear", align_corners=False)


@FOLD.wrong("halved after the work", "First smaller, then `through`: that is what makes it cheap.")
def _pooled_after(x: Tensor, around: Layer, through: Layer) -> Tensor:
    return around(x) + _large(_half(through(x)), x)


# ---------------------------------------------------------------- a loss after each stack


def stack_loss(guesses: Tensor, target: Tensor) -> Tensor:
    """The squared errors of all stacks, summed, for each image: (S, N, C, h, w), (N, C, h, w) -> ()."""
    return intermediate_loss(guesses, target)


_TWO_STACKS = torch.tensor([0.5, 1.0]).reshape(2, 1, 1, 1, 1)

STACK_LOSS = Exercise(
    stack_loss,
    hints=(
        "The target is the same for every stack; (S, N, C, h, w) - (N, C, h, w) does it for all at once.",
        "Sum of (guess - target)^2 over stacks, channels and cells, divided by N.",
        "return (guesses - target).square().sum() / ...",
    ),
    cases=(
        Case("two stacks, one cell", (_TWO_STACKS, torch.ones(1, 1, 1, 1))),
        Case(
            "the last one is right already",
            (torch.stack([normal(1, 2, 3, 4), torch.ones(1, 2, 3, 4)]), torch.ones(1, 2, 3, 4)),
        ),
        Case("one stack, two pictures", (normal(1, 2, 1, 3, 4), normal(2, 1, 3, 4, seed=1))),
        Case("three stacks", (normal(3, 2, 4, 3, 5), normal(2, 4, 3, 5, seed=1))),
        Case("the gradient", (normal(3, 2, 2, 3, 4), normal(2, 2, 3, 4, seed=1)), (0,)),
    ),
)


@STACK_LOSS.wrong(
    "the last stack only", "Then the first one learns only through all the others: ask every stack."
)
def _last_only(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses[-1:], target)


@STACK_LOSS.wrong("the first stack only", "All stacks are asked, the last one above all.")
def _first_only(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses[:1], target)


@STACK_LOSS.wrong(
    "a mean over the stacks", "Sum them: with a mean each stack counts less, the more there are."
)
def _mean_of_stacks(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses, target) / len(guesses)


@STACK_LOSS.wrong(
    "a mean over the cells",
    "Nearly all cells are empty: the few of a Gaussian would drown. Sum over cells, mean over images.",
)
def _mean_of_cells(guesses: Tensor, target: Tensor) -> Tensor:
    return ((guesses - target) ** 2).mean()


@STACK_LOSS.wrong(
    "a sum over the images", "Divide by the number of images, or the batch size changes the step."
)
def _whole_batch(guesses: Tensor, target: Tensor) -> Tensor:
    return ((guesses - target) ** 2).sum()


@STACK_LOSS.wrong(
    "the error of the mean guess", "Two wrong guesses can have a right mean: take each one's error."
)
def _error_of_the_mean(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(guesses.mean(0, keepdim=True), target)


@STACK_LOSS.wrong("absolute errors", "The paper squares them.")
def _absolute(guesses: Tensor, target: Tensor) -> Tensor:
    return (guesses - target).abs().sum() / len(target)


@STACK_LOSS.wrong(
    "detached", "The number is right, but no gradient reaches the earlier stacks: leave out .detach()."
)
def _cut_off(guesses: Tensor, target: Tensor) -> Tensor:
    return stack_loss(torch.cat([guesses[:-1].detach(), guesses[-1:]]), target)


EXERCISES = (FOLD, STACK_LOSS)
