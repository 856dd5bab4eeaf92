"""Answers to `prior_bias` (lab 04), written from the student's notebook alone."""

import math

import torch
from scipy.special import expit


def right_by_formula(probability: float) -> float:
    """p = 1 / (1 + e^-b), solved for b."""
    return -math.log((1 - probability) / probability)


def right_by_difference(probability: float) -> float:
    """log p - log(1 - p), the second one without rounding."""
    return math.log(probability) - math.log1p(-probability)


def right_by_library(probability: float) -> float:
    """torch has the inverse of the sigmoid; double precision inside."""
    return torch.logit(torch.tensor(probability, dtype=torch.float64)).item()


def right_by_hyperbolic_tangent(probability: float) -> float:
    """sigmoid(b) = (1 + tanh(b / 2)) / 2, so b is twice an inverse tangent."""
    return 2 * math.atanh(2 * probability - 1)


def right_by_bisection(probability: float) -> float:
    """Searches the bias between -100 and 100 whose sigmoid is the probability."""
    low, high = -100.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(middle) < probability else (low, middle)
    return (low + high) / 2


def wrong_sign(probability):
    """The quotient is turned round: 0.01 gives +4.6, "object" nearly everywhere."""
    return math.log((1 - probability) / probability)


def wrong_logarithm_alone(probability):
    """log p, the bias of a softmax: its sigmoid is p / (1 + p), a little less for 0.01 and 1/3 for 0.5."""
    return math.log(probability)


def wrong_base(probability):
    """log10 for the natural logarithm: -2 for 0.01, whose sigmoid is 0.12."""
    return math.log10(probability / (1 - probability))


def wrong_way_round(probability):
    """The sigmoid of the probability and not its inverse: about a half for 0.01."""
    return 1 / (1 + math.exp(-probability))


def wrong_constant(probability):
    """The paper's number for every probability: wrong for 0.5."""
    return -math.log(99)


def wrong_without_logarithm(probability):
    """The odds themselves: 0.0101 for 0.01, whose sigmoid is a half."""
    return probability / (1 - probability)


def wrong_complement(probability):
    """log(1 - p): nearly 0 for 0.01."""
    return math.log(1 - probability)


def wrong_tensor(probability):
    """The right value, but a tensor and not a number."""
    return torch.logit(torch.tensor(probability))


def wrong_half(probability):
    """The inverse of the hyperbolic tangent as it stands: half of the bias."""
    return math.atanh(2 * probability - 1)


def wrong_rounded(probability):
    """Rounds to a whole number: -5 for 0.01, whose sigmoid is 0.0067."""
    return float(round(math.log(probability / (1 - probability))))
