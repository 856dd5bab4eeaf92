"""Lab 09, section 5: pull the corners of one object together, push different objects apart."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision

Losses = tuple[Tensor, Tensor]


def associative_embedding_loss(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> Losses:
    """Pull and push of the embeddings at both corners of the objects of an image: (G, D), (G, D) -> (), ()."""
    mean, count = (top_left + bottom_right) / 2, len(top_left)
    pull = ((top_left - mean) ** 2 + (bottom_right - mean) ** 2).sum() / max(count, 1)
    distances = torch.linalg.vector_norm(mean[:, None] - mean, dim=-1)
    others = ~torch.eye(count, dtype=torch.bool)
    push = (margin - distances).clamp(min=0)[others].sum() / max(count * (count - 1), 1)
    return pull, push


def _judge(arguments: tuple, value: Any) -> Any:
    """A list is as good as a tuple, and float64 is as good as float32."""
    return any_precision(arguments, tuple(value) if isinstance(value, list) else value)


def _rows(*numbers: float) -> Tensor:
    return torch.tensor(numbers).reshape(-1, 1)


_PLANE = (torch.tensor([[0.0, 0.0], [0.3, 0.4]]), torch.tensor([[0.2, 0.2], [0.3, 1.0]]))
_FIVE = (normal(5, 1, seed=2), normal(5, 1, seed=3))
_WIDE = (normal(4, 3, seed=6), normal(4, 3, seed=7))

ASSOCIATIVE_EMBEDDING_LOSS = Exercise(
    associative_embedding_loss,
    judge=_judge,
    hints=(
        "First take the mean of both corners of each object. Pull compares each corner with the mean of its object; push compares the "
        "means of two objects with each other.",
        "pull = sum of (top_left - mean)^2 + (bottom_right - mean)^2, divided by G; distances = (mean[:, None] - mean).norm(dim=-1); "
        "push = sum of max(0, margin - distance) over all pairs except those of an object with itself, divided by G (G - 1). "
        "If the divisor is 0, divide by 1.",
        "mean, count = (top_left + bottom_right) / 2, len(top_left)\n"
        "pull = ((top_left - mean) ** 2 + (bottom_right - mean) ** 2).sum() / max(count, 1)\n"
        "distances = torch.linalg.vector_norm(mean[:, None] - mean, dim=-1)\n"
        "others = ~torch.eye(count, dtype=torch.bool)\n"
        "push = …  # of all pairs of different objects, as far as they are closer than the margin\n"
        "return pull, push",
    ),
    cases=(
        Case("one object", (_rows(0.0), _rows(1.0))),
        Case("two objects far apart", (_rows(0.0, 5.0), _rows(0.5, 5.0))),
        Case("two objects too close", (_rows(0.0, 0.5), _rows(0.0, 0.5))),
        Case("no objects", (torch.zeros(0, 1), torch.zeros(0, 1))),
        Case("the published example", (_rows(0.0, 1.0), _rows(2.0, 1.5))),
        Case("a different margin", (_rows(0.0, 0.5), _rows(0.2, 0.9), 2.0)),
        Case("two numbers per corner", _PLANE),
        Case("five objects", _FIVE),
        Case("three numbers per corner", _WIDE),
        Case("the gradient", _FIVE, (0, 1)),
        Case("the gradient, three numbers per corner", (*_WIDE, 3.0), (0, 1)),
    ),
)


def _parts(top_left: Tensor, bottom_right: Tensor, margin: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
    """The means (G, D), their distances and what each pair lacks to the margin, 0 for an object with itself."""
    mean = (top_left + bottom_right) / 2
    distances = torch.linalg.vector_norm(mean[:, None] - mean, dim=-1)
    others = ~torch.eye(len(mean), dtype=torch.bool)
    return mean, distances, torch.where(others, (margin - distances).clamp(min=0), 0.0)


def _pairs(count: int) -> int:
    return max(count * (count - 1), 1)


def _pull(change: Callable[[Tensor, Tensor], Tensor]) -> Callable:
    """An answer with another pull: change(top_left, bottom_right)."""
    return lambda a, b, margin=1.0: (change(a, b), associative_embedding_loss(a, b, margin)[1])


def _push(change: Callable[[Tensor, Tensor, float], Tensor]) -> Callable:
    """An answer with another push: change(top_left, bottom_right, margin)."""
    return lambda a, b, margin=1.0: (associative_embedding_loss(a, b)[0], change(a, b, margin))


def _both(change: Callable[[Tensor, Tensor], Any]) -> Callable:
    return lambda a, b, margin=1.0: change(*associative_embedding_loss(a, b, margin))


def _masked(values: Tensor) -> Tensor:
    return values * (1 - torch.eye(len(values)))


def _roots(a: Tensor, b: Tensor) -> Tensor:
    mean = (a + b) / 2
    return ((mean[:, None] - mean) ** 2).sum(-1).sqrt()


PULL = "Pull is the squared distance of both corners from their mean, averaged over the objects."
AVERAGE = "Average pull over the G objects, and push over the G (G − 1) ordered pairs."
PUSH = "Push is max(0, margin − distance), which is 0 for means that are at least the margin apart."
for _name, _story, _function in (
    (
        "the distance between the corners, not of each from the mean",
        PULL + " That is half of (top_left − bottom_right)².",
        _pull(lambda a, b: ((a - b) ** 2).sum() / max(len(a), 1)),
    ),
    ("one corner only", PULL, _pull(lambda a, b: ((a - (a + b) / 2) ** 2).sum() / max(len(a), 1))),
    ("a pull that is not averaged", AVERAGE, _pull(lambda a, b: ((a - b) ** 2).sum() / 2)),
    (
        "a pull averaged over the numbers too",
        "Add up over the D numbers of an embedding; divide only by the number of objects.",
        _pull(lambda a, b: ((a - b) ** 2).sum() / 2 / max(a.numel(), 1)),
    ),
    ("a distance that is not squared", PULL, _pull(lambda a, b: (a - b).abs().sum() / max(len(a), 1))),
    (
        "an object pushed from itself",
        "An object is always at distance 0 from itself: leave out i = j.",
        _push(lambda a, b, m: (_parts(a, b, m)[2].sum() + m * len(a)) / _pairs(len(a))),
    ),
    (
        "divided by all pairs, including i = j",
        AVERAGE,
        _push(lambda a, b, m: _parts(a, b, m)[2].sum() / max(len(a) ** 2, 1)),
    ),
    (
        "a push averaged over the objects",
        AVERAGE,
        _push(lambda a, b, m: _parts(a, b, m)[2].sum() / max(len(a), 1)),
    ),
    ("a push that is not averaged", AVERAGE, _push(lambda a, b, m: _parts(a, b, m)[2].sum())),
    (
        "each pair once, divided by all",
        "Ordered pairs count both (i, j) and (j, i); if each pair is counted once, divide by G (G − 1) / 2.",
        _push(lambda a, b, m: _parts(a, b, m)[2].triu().sum() / _pairs(len(a))),
    ),
    (
        "distances beyond the margin pushed too",
        PUSH,
        _push(lambda a, b, m: _masked(m - _parts(a, b, m)[1]).sum() / _pairs(len(a))),
    ),
    (
        "distant objects pushed",
        PUSH,
        _push(lambda a, b, m: _masked((_parts(a, b, m)[1] - m).clamp(min=0)).sum() / _pairs(len(a))),
    ),
    ("a push that is squared", PUSH, _push(lambda a, b, m: (_parts(a, b, m)[2] ** 2).sum() / _pairs(len(a)))),
    (
        "a squared distance under the margin",
        PUSH + " The distance is not squared.",
        _push(lambda a, b, m: _masked((m - _parts(a, b, m)[1] ** 2).clamp(min=0)).sum() / _pairs(len(a))),
    ),
    (
        "a difference that keeps its sign",
        "A distance is not negative: take the norm.",
        _push(
            lambda a, b, m: (
                _masked((m - (_parts(a, b)[0][:, None] - _parts(a, b)[0]).sum(-1)).clamp(min=0)).sum()
                / _pairs(len(a))
            )
        ),
    ),
    (
        "the sum of the differences as the distance",
        "The distance of two embeddings is Euclidean: the root of the sum of the squares.",
        _push(
            lambda a, b, m: (
                _masked((m - (_parts(a, b)[0][:, None] - _parts(a, b)[0]).abs().sum(-1)).clamp(min=0)).sum()
                / _pairs(len(a))
            )
        ),
    ),
    (
        "top-left corners pushed, not the means",
        "Push compares the means of two objects.",
        _push(lambda a, b, m: _parts(a, a, m)[2].sum() / _pairs(len(a))),
    ),
    (
        "a margin of 1 in every case",
        "Use the argument `margin`.",
        lambda a, b, margin=1.0: associative_embedding_loss(a, b),
    ),
    (
        "no push",
        "Without a push, equal embeddings everywhere would be the best solution.",
        _push(lambda a, b, m: 0 * a.sum()),
    ),
    (
        "no pull",
        "Without a pull, nothing joins the two corners of an object.",
        _pull(lambda a, b: 0 * a.sum()),
    ),
    ("pull and push swapped", "Return pull first, then push.", _both(lambda pull, push: (push, pull))),
    ("the sum of both", "Return two numbers, pull and push.", _both(lambda pull, push: pull + push)),
    (
        "no gradient",
        "The network is trained with both: no .detach(), no .item() on the way.",
        _both(lambda pull, push: (pull.detach(), push.detach())),
    ),
    (
        "the means detached",
        "The push must move the corners: their means are not constants.",
        lambda a, b, margin=1.0: (
            ((a - b) ** 2).sum() / 2 / max(len(a), 1),
            associative_embedding_loss(a.detach(), b.detach(), margin)[1] + 0 * a.sum() + 0 * b.sum(),
        ),
    ),
    (
        "NaN in the gradient",
        "The root of 0, the distance of an object from itself, has an infinite gradient, and infinity times 0 is NaN: leave out i = j first, or use .norm().",
        _push(lambda a, b, m: _masked((m - _roots(a, b)).clamp(min=0)).sum() / _pairs(len(a))),
    ),
    (
        "divided by nothing",
        "Without objects, or with only one, there is nothing to average: the loss is 0, not NaN.",
        lambda a, b, margin=1.0: (
            ((a - b) ** 2).sum() / 2 / len(a) if len(a) else torch.tensor(torch.nan),
            _parts(a, b, margin)[2].sum() / torch.tensor(len(a) * (len(a) - 1.0)),
        ),
    ),
    (
        "the caller's embeddings overwritten",
        "They belong to the network: work on new tensors.",
        overwriting(associative_embedding_loss),
    ),
):
    ASSOCIATIVE_EMBEDDING_LOSS.wrong(_name, _story)(_function)

EXERCISES = (ASSOCIATIVE_EMBEDDING_LOSS,)
