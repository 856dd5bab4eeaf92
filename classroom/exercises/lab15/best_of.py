"""Lab 15, section 7: what the best of n trainings scores, although none of them is better."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import judge_number, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import scores_picture
from classroom.exercises.mistakes import overwriting


def expected_best(scores: Tensor, n: int) -> float:
    """The expected maximum of n scores that are drawn with replacement from these."""
    ordered = scores.double().sort().values
    share = torch.arange(len(scores) + 1, dtype=torch.float64) / len(scores)
    return (ordered * (share[1:] ** n - share[:-1] ** n)).sum().item()


def _case(name: str, scores: list[float], n: int) -> Case:
    return Case(name, (torch.tensor(scores, dtype=torch.float64), n))


EXPECTED_BEST = Exercise(
    expected_best,
    picture=scores_picture,
    judge=judge_number,
    hints=(
        "How likely is it that all n draws are at most the i-th smallest of the K scores? And that the largest draw is exactly that one?",
        "All n draws are among the i smallest with probability (i/K)ⁿ. So the i-th smallest is the maximum with probability "
        "(i/K)ⁿ − ((i−1)/K)ⁿ; multiply by the scores, sorted, and add up.",
        "ordered = scores.double().sort().values\n"
        "share = torch.arange(len(scores) + 1, dtype=torch.float64) / len(scores)\n"
        "return (ordered * (share[1:] ** n - share[:-1] ** n)).sum().item()",
    ),
    cases=(
        _case("one training, one score", [0.5], 1),
        _case("the best of one is the mean", [0.4, 0.6], 1),
        _case("the best of two, drawn from two", [0.4, 0.6], 2),
        _case("not sorted", [0.7, 0.1, 0.4], 2),
        _case("equal scores", [0.5, 0.5, 0.2, 0.5], 3),
        _case("more draws than scores", [0.3, 0.2, 0.6], 8),
        Case("twenty scores, ten draws", (uniform(20, seed=2).double(), 10)),
    ),
)

_wrong = EXPECTED_BEST.wrong


def _weighted(weight: Callable[[float, float, int, int], float], descending: bool = False) -> Callable:
    """An answer from the weight of the i-th score: weight(i/K, (i-1)/K, n, K)."""

    def answer(scores: Tensor, n: int) -> float:
        count, ordered = len(scores), scores.sort(descending=descending).values.tolist()
        return sum(x * weight((i + 1) / count, i / count, n, count) for i, x in enumerate(ordered))

    return answer


def _without_replacement(scores: Tensor, n: int) -> float:
    count, n = len(scores), min(n, len(scores))
    ordered = enumerate(scores.sort().values.tolist())
    return sum(x * math.comb(i, n - 1) / math.comb(count, n) for i, x in ordered)


def _unsorted(scores: Tensor, n: int) -> float:
    count = len(scores)
    return sum(x * (((i + 1) / count) ** n - (i / count) ** n) for i, x in enumerate(scores.tolist()))


for _name, _story, _function in (
    (
        "the best score of all",
        "n draws need not contain the best score: the expected maximum is lower, unless n is very large.",
        lambda scores, n: scores.max().item(),
    ),
    (
        "the mean",
        "The mean is what one draw is expected to score. The best of several is expected to be higher.",
        lambda scores, n: scores.mean().item(),
    ),
    (
        "without replacement",
        "Here each draw is a new training, which may come out as another one did: draw with replacement.",
        _without_replacement,
    ),
    (
        "sorted from best to worst",
        "(i/K)ⁿ is the chance that all draws are among the i *smallest*: sort upwards.",
        _weighted(lambda high, low, n, count: high**n - low**n, descending=True),
    ),
    (
        "not sorted",
        "(i/K)ⁿ is the chance that all draws are among the i smallest: sort the scores first.",
        _unsorted,
    ),
    (
        "the chance of at most this score",
        "(i/K)ⁿ is the chance that the maximum is *at most* the i-th; take away the chance that it is at most the one before.",
        _weighted(lambda high, low, n, count: high**n),
    ),
    (
        "counted from 0",
        "The i-th smallest, counted from 1, has i scores that are at most as large: itself is one of them.",
        _weighted(lambda high, low, n, count: low**n - max(low - 1 / count, 0) ** n),
    ),
    (
        "the chance that it is drawn at all",
        "The i-th score may be drawn and still not be the best: this is the chance that it is among the n, not that it is the largest.",
        _weighted(lambda high, low, n, count: 1 - (1 - 1 / count) ** n),
    ),
    (
        "n times the power",
        "The chance is a difference of two powers; n·(i/K)ⁿ⁻¹/K is its density, right only for very many scores.",
        _weighted(lambda high, low, n, count: n * high ** (n - 1) / count),
    ),
    (
        "the best of the first n",
        "That is one draw of n. The expectation is over all of them.",
        lambda scores, n: scores[:n].max().item(),
    ),
    (
        "the mean of the n best",
        "The n best scores were not chosen: n are drawn, and the best of *them* is reported.",
        lambda scores, n: scores.sort(descending=True).values[:n].mean().item(),
    ),
    (
        "a quantile",
        "A quantile is a good guess, but not the expected maximum.",
        lambda scores, n: scores.quantile(n / (n + 1)).item(),
    ),
    (
        "one tensor more",
        "Return a Python number: .item() makes one.",
        lambda scores, n: torch.tensor([expected_best(scores, n)]),
    ),
    (
        "the caller's scores overwritten",
        "Sorting in place changes the caller's own scores: use scores.sort().values.",
        overwriting(expected_best, 0),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (EXPECTED_BEST,)
