"""Lab 10, exercise 5: a cross-entropy in which “no object” has a small weight."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting


def class_loss(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    """The weighted mean of the cross-entropies of all queries: (Q, K + 1), (Q,) -> ()."""
    weight = torch.ones_like(logits[0])
    weight[0] = no_object_weight
    return F.cross_entropy(logits, classes, weight)


_LOGITS = 2 * normal(6, 4, seed=1)
_MIXED = torch.tensor([0, 2, 0, 0, 3, 1])

CLASS_LOSS = Exercise(
    class_loss,
    hints=(
        "Each query has its own loss: minus the logarithm of the probability of its class. What is its weight?",
        "loss = sum of w[q] * -log p[q, class of q] / sum of w[q], with w = no_object_weight where the class is 0, else 1.",
        "loss = -logits.log_softmax(1)[torch.arange(len(classes)), classes]  # of each query\n"
        "weight = torch.where(classes == 0, no_object_weight, 1.0)\n"
        "return (weight * loss).sum() / …",
    ),
    cases=(
        Case("one query with an object", (torch.tensor([[0.0, 2.0, 1.0]]), torch.tensor([1]))),
        Case("one object, one without", (torch.tensor([[0.0, 2.0], [3.0, 1.0]]), torch.tensor([1, 0]))),
        Case("three objects, three without", (_LOGITS, _MIXED)),
        Case("a different weight", (_LOGITS, _MIXED, 0.5)),
        Case("no weight at all", (_LOGITS, _MIXED, 0.0)),
        Case("no objects in the image", (_LOGITS, torch.zeros(6, dtype=torch.int64), 0.1)),
        Case("every query has an object", (_LOGITS[:3], torch.tensor([2, 1, 3]), 0.1)),
        Case("large logits", (100 * _LOGITS, _MIXED, 0.1)),
        Case("the gradient", (_LOGITS, _MIXED, 0.1), (0,)),
    ),
)

_wrong = CLASS_LOSS.wrong


def _parts(logits: Tensor, classes: Tensor, no_object_weight: float) -> tuple[Tensor, Tensor]:
    """The loss and the weight of each query."""
    weight = torch.where(classes == 0, no_object_weight, 1.0)
    return F.cross_entropy(logits, classes, reduction="none"), weight


def _weighed(reduce: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable:
    """An answer with another way to sum up: reduce(losses, weights, classes)."""

    def answer(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
        return reduce(*_parts(logits, classes, no_object_weight), classes)

    return answer


@_wrong(
    "all queries weighted equally",
    "“No object” outnumbers the objects: its losses must be multiplied by no_object_weight.",
)
def _unweighted(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    return F.cross_entropy(logits, classes)


@_wrong("the small weight given to the objects", "The small weight belongs to class 0, not to the objects.")
def _inverted(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    weight = torch.full_like(logits[0], no_object_weight)
    weight[0] = 1
    return F.cross_entropy(logits, classes, weight)


@_wrong(
    "the small weight given to the last class", "In this course “no object” is class 0, the first column."
)
def _last_class(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    weight = torch.ones_like(logits[0])
    weight[-1] = no_object_weight
    return F.cross_entropy(logits, classes, weight)


@_wrong("always 0.1", "Use the argument `no_object_weight`.")
def _always_a_tenth(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    return class_loss(logits, classes, 0.1)


@_wrong(
    "only queries with an object",
    "The others must learn to predict “no object”: their weight is small, but not 0.",
)
def _objects_only(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    found = classes > 0
    return F.cross_entropy(logits[found], classes[found]) if found.any() else logits.sum() * 0


@_wrong(
    "the weights do not sum to the divisor", "A weighted mean is divided by the sum of the weights, not by Q."
)
def _divided_by_queries(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    return _weighed(lambda loss, weight, classes: (weight * loss).mean())(logits, classes, no_object_weight)


@_wrong("divided by the number of objects", "A weighted mean is divided by the sum of the weights.")
def _divided_by_objects(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    loss, weight = _parts(logits, classes, no_object_weight)
    return (weight * loss).sum() / (classes > 0).sum().clamp(min=1)


@_wrong("a sum", "Divide by the sum of the weights: the loss must not grow with the number of queries.")
def _summed(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    loss, weight = _parts(logits, classes, no_object_weight)
    return (weight * loss).sum()


@_wrong(
    "two means that are added",
    "There is one weighted mean over all queries; two means would weight both kinds equally, however many there are.",
)
def _two_means(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    loss, _ = _parts(logits, classes, no_object_weight)
    means = [(w, loss[kind]) for w, kind in ((1, classes > 0), (no_object_weight, classes == 0))]
    return torch.stack([w * part.mean() for w, part in means if len(part)]).sum()


@_wrong(
    "weighted by the predicted class",
    "The weight depends on the class that a query should predict, not on the one it predicts.",
)
def _predicted(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    loss, _ = _parts(logits, classes, no_object_weight)
    weight = torch.where(logits.argmax(1) == 0, no_object_weight, 1.0)
    return (weight * loss).sum() / weight.sum()


@_wrong("minus the probability", "The cost takes the probability; the loss takes minus its logarithm.")
def _probability(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    _, weight = _parts(logits, classes, no_object_weight)
    right = logits.softmax(1)[torch.arange(len(classes)), classes]
    return -(weight * right).sum() / weight.sum()


@_wrong(
    "the logarithm of a softmax",
    "For large logits the probability is 0 and its logarithm is infinite: use log_softmax or cross_entropy.",
)
def _log_of_softmax(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    _, weight = _parts(logits, classes, no_object_weight)
    right = logits.softmax(1)[torch.arange(len(classes)), classes]
    return -(weight * right.log()).sum() / weight.sum()


@_wrong("the weight applied to the logits", "The weight multiplies the loss of a query, not its logits.")
def _logits_weighed(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    weight = torch.where(classes == 0, no_object_weight, 1.0)
    return F.cross_entropy(logits * weight[:, None], classes)


@_wrong("a softmax before the cross-entropy", "F.cross_entropy takes logits and applies the softmax itself.")
def _softmax_twice(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    return class_loss(logits.softmax(1), classes, no_object_weight)


@_wrong(
    "a softmax over the queries", "The classes of one query compete: apply the softmax along the last axis."
)
def _over_queries(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    _, weight = _parts(logits, classes, no_object_weight)
    right = logits.log_softmax(0)[torch.arange(len(classes)), classes]
    return -(weight * right).sum() / weight.sum()


@_wrong("one loss per query", "Return one number, the weighted mean.")
def _per_query(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    loss, weight = _parts(logits, classes, no_object_weight)
    return weight * loss


@_wrong("no gradient", "The network is trained with this number: no .item(), .detach() or torch.tensor(...).")
def _detached(logits: Tensor, classes: Tensor, no_object_weight: float = 0.1) -> Tensor:
    return class_loss(logits, classes, no_object_weight).detach()


CLASS_LOSS.wrong(
    "the caller's logits overwritten",
    "The loss is right, but the caller's logits have changed: work on a copy.",
)(overwriting(class_loss, 0))

EXERCISES = (CLASS_LOSS,)
