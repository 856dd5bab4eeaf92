import math

import torch
from torch import Tensor


def right_vectors(scores: Tensor, n: int) -> float:
    """Differences of the powers."""
    ordered = torch.sort(scores.double()).values
    powers = (torch.arange(len(scores) + 1).double() / len(scores)) ** n
    return float((ordered * powers.diff()).sum())


def right_loop(scores: Tensor, n: int) -> float:
    """Plain Python."""
    ordered, count = sorted(scores.tolist()), len(scores)
    return sum(x * ((i / count) ** n - ((i - 1) / count) ** n) for i, x in enumerate(ordered, 1))


def right_tail(scores: Tensor, n: int) -> float:
    """The smallest score, and each step up times the chance that the best lies above it."""
    ordered, count = sorted(scores.tolist()), len(scores)
    steps = zip(ordered, ordered[1:], strict=False)
    return ordered[0] + sum((b - a) * (1 - (i / count) ** n) for i, (a, b) in enumerate(steps, 1))


def wrong_max(scores: Tensor, n: int) -> float:
    """The best of all."""
    return scores.max().item()


def wrong_mean(scores: Tensor, n: int) -> float:
    """The mean."""
    return scores.mean().item()


def wrong_unsorted(scores: Tensor, n: int) -> float:
    """Forgets to sort."""
    powers = (torch.arange(len(scores) + 1).double() / len(scores)) ** n
    return (scores.double() * powers.diff()).sum().item()


def wrong_cumulative(scores: Tensor, n: int) -> float:
    """The probabilities of "at most", not of "exactly"."""
    share = torch.arange(1, len(scores) + 1).double() / len(scores)
    return (scores.double().sort().values * share**n).sum().item()


def wrong_descending(scores: Tensor, n: int) -> float:
    """Sorted downwards."""
    powers = (torch.arange(len(scores) + 1).double() / len(scores)) ** n
    return (scores.double().sort(descending=True).values * powers.diff()).sum().item()


def wrong_without_replacement(scores: Tensor, n: int) -> float:
    """Each training at most once."""
    ordered, count, n = sorted(scores.tolist()), len(scores), min(n, len(scores))
    return sum(x * math.comb(i, n - 1) / math.comb(count, n) for i, x in enumerate(ordered))


def wrong_top_mean(scores: Tensor, n: int) -> float:
    """The mean of the n best."""
    return scores.sort(descending=True).values[:n].mean().item()
