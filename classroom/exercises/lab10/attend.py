"""Lab 10, exercise 6: attention."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import attention_picture
from classroom.exercises.mistakes import overwriting


def attend(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """What each query gathers, and its weights: (..., Q, d), (..., T, d), (..., T, c) -> (..., Q, c), (..., Q, T)."""
    scores = queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5
    weights = scores.softmax(-1)
    return weights @ values, weights


_UNIT = torch.tensor([[2.0, 0.0], [0.0, 2.0]])

ATTEND = Exercise(
    attend,
    picture=attention_picture,
    hints=(
        "How well does a query fit each key? Turn these numbers into weights that add up to 1.",
        "weights = softmax over the keys of q · k / sqrt(d); what a query gathers is the weighted sum of the values.",
        "weights = (queries @ keys.transpose(-2, -1) / …).softmax(…)\nreturn weights @ values, weights",
    ),
    cases=(
        Case("one query, one key", (torch.ones(1, 1), torch.ones(1, 1), torch.tensor([[5.0]]))),
        Case("one query, two keys", (_UNIT[:1], _UNIT, torch.tensor([[1.0], [3.0]]))),
        Case("a query that fits no key better", (torch.zeros(1, 4), normal(3, 4), normal(3, 2, seed=1))),
        Case("two queries, three keys", (normal(2, 4), normal(3, 4, seed=1), normal(3, 5, seed=2))),
        Case("as many queries as keys", (normal(3, 4, seed=3), normal(3, 4, seed=4), normal(3, 4, seed=5))),
        Case("large numbers", (40 * normal(2, 8), 40 * normal(4, 8, seed=1), normal(4, 3, seed=2))),
        Case(
            "two images and three heads",
            (normal(2, 3, 4, 6), normal(2, 3, 5, 6, seed=1), normal(2, 3, 5, 2, seed=2)),
        ),
        Case("the gradient", (normal(2, 4), normal(3, 4, seed=1), normal(3, 5, seed=2)), True),
    ),
)

_wrong = ATTEND.wrong


def _scores(queries: Tensor, keys: Tensor) -> Tensor:
    return queries @ keys.transpose(-2, -1)


def _scaled(scale: Callable[[Tensor, Tensor, Tensor], float]) -> Callable:
    """An answer whose scores are multiplied by another number."""

    def answer(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        weights = (_scores(queries, keys) * scale(queries, keys, values)).softmax(-1)
        return weights @ values, weights

    return answer


for _name, _story, _scale in (
    (
        "no scale",
        "Products of long vectors are large, and the softmax of large numbers is nearly one-hot: divide by sqrt(d).",
        lambda q, k, v: 1.0,
    ),
    ("divided by d", "Divide by the square root of d.", lambda q, k, v: 1 / q.shape[-1]),
    (
        "multiplied by the square root of d",
        "Divide by it, because long vectors have large products.",
        lambda q, k, v: q.shape[-1] ** 0.5,
    ),
    (
        "scaled by the number of keys",
        "The scale depends on the length of the vectors, d, not on the number of keys.",
        lambda q, k, v: k.shape[-2] ** -0.5,
    ),
    (
        "scaled by the length of the values",
        "The scale depends on the queries and keys: d is their last axis.",
        lambda q, k, v: v.shape[-1] ** -0.5,
    ),
    (
        "the keys that fit worst",
        "A high product means a good fit: no minus sign.",
        lambda q, k, v: -(q.shape[-1] ** -0.5),
    ),
):
    _wrong(_name, _story)(_scaled(_scale))


def _weighed(weigh: Callable[[Tensor], Tensor]) -> Callable:
    """An answer with other weights from the scaled scores."""

    def answer(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        weights = weigh(_scores(queries, keys) / queries.shape[-1] ** 0.5)
        return weights @ values, weights

    return answer


for _name, _story, _weigh in (
    (
        "a softmax over the queries",
        "The weights of one query add up to 1: apply the softmax over the keys, the last axis.",
        lambda s: s.softmax(-2),
    ),
    ("scores without a softmax", "Weights are positive and add up to 1: take the softmax.", lambda s: s),
    ("sigmoids", "The keys compete for a query: the weights add up to 1.", lambda s: s.sigmoid()),
    (
        "one softmax over the whole table",
        "Each query has weights of its own: softmax over the last axis.",
        lambda s: s.flatten(-2).softmax(-1).view_as(s),
    ),
    (
        "exp of large numbers",
        "exp of a large number is infinite: softmax subtracts the maximum first.",
        lambda s: s.exp() / s.exp().sum(-1, keepdim=True),
    ),
    (
        "the best key only",
        "The argmax has no gradient; attention is a soft choice among all keys.",
        lambda s: torch.zeros_like(s).scatter(-1, s.argmax(-1, keepdim=True), 1.0),
    ),
    (
        "the same weight for every key",
        "The weights depend on how well query and key fit.",
        lambda s: torch.zeros_like(s).softmax(-1),
    ),
):
    _wrong(_name, _story)(_weighed(_weigh))


@_wrong("scaled after the softmax", "Divide the scores, not the weights: otherwise they do not add up to 1.")
def _scaled_after(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    weights = _scores(queries, keys).softmax(-1) / queries.shape[-1] ** 0.5
    return weights @ values, weights


@_wrong(
    "all axes reversed",
    "keys.T reverses every axis; with leading axes for images and heads, only the last two must be swapped: transpose(-2, -1).",
)
def _reversed_axes(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    if queries.ndim > 2:
        raise RuntimeError("the shapes do not fit")
    return attend(queries, keys, values)


@_wrong(
    "the keys of all images and heads in one list",
    "A query may only look at the keys of its own image and head: keep the leading axes, do not flatten them.",
)
def _one_list(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    return attend(queries, keys.flatten(0, -2), values.flatten(0, -2))


@_wrong(
    "the keys gathered, not the values", "Keys decide where to look; what is gathered there is the values."
)
def _keys_gathered(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    weights = attend(queries, keys, values)[1]
    return weights @ keys, weights


@_wrong("what is gathered alone", "Return two things: what each query gathers, and its weights.")
def _output_alone(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return attend(queries, keys, values)[0]


@_wrong("the weights first", "First what is gathered, then the weights.")
def _exchanged(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    return attend(queries, keys, values)[::-1]


@_wrong("the scores, not the weights", "The second value is the softmax of the scores.")
def _scores_returned(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    return attend(queries, keys, values)[0], _scores(queries, keys) / queries.shape[-1] ** 0.5


@_wrong("weights without a gradient", "The network learns where to look through the weights: no .detach().")
def _weights_detached(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    weights = attend(queries, keys, values)[1].detach()
    return weights @ values, weights


ATTEND.wrong(
    "the caller's queries overwritten",
    "The answer is right, but the caller's queries have changed: do not use in-place operations.",
)(overwriting(attend, 0))

EXERCISES = (ATTEND,)
