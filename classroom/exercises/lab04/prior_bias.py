"""Lab 04, section 6: the prior of the first prediction."""

import math
import numbers
from typing import Any

import torch

from classroom.exercises.exercise import Case, Exercise
from coursekit.models.retinanet import prior_bias


def a_plain_number(arguments: tuple, value: Any) -> dict[str, Any]:
    """What is compared of a bias: that it is a number, and which: a judge."""
    plain = isinstance(value, numbers.Real) and not isinstance(value, bool)
    said = "the result is a number, not a tensor (.item() turns a tensor into one)"
    return {said: plain} | ({"the bias": float(value)} if plain and -1e30 < value < 1e30 else {})


PRIOR_BIAS = Exercise(
    prior_bias,
    judge=a_plain_number,
    hints=(
        "With weights near 0, the logit is just the bias. Which number has the sigmoid π?",
        "1 / (1 + exp(-b)) = π. Solve for b.",
        "b = -math.log((1 - probability) / probability); math.log is the natural logarithm.",
    ),
    cases=(
        Case("one half", (0.5,)),
        Case("one in a hundred", (0.01,)),
        Case("nine in ten", (0.9,)),
        Case("one in a million", (1e-6,)),
    ),
)

for _name, _story, _bias in (
    (
        "the other sign",
        "Then almost every anchor starts with “an object!”: for a small probability the bias is negative.",
        lambda p: -math.log(p / (1 - p)),
    ),
    (
        "the logarithm of the probability",
        "The sigmoid is undone by the logarithm of the odds, p / (1 - p).",
        math.log,
    ),
    (
        "minus the logarithm of the probability",
        "The sigmoid is undone by the logarithm of the odds, p / (1 - p).",
        lambda p: -math.log(p),
    ),
    (
        "the logarithm of the complement",
        "The sigmoid is undone by the logarithm of the odds, p / (1 - p).",
        lambda p: math.log(1 - p),
    ),
    (
        "minus the logarithm of the complement",
        "The sigmoid is undone by the logarithm of the odds, p / (1 - p).",
        lambda p: -math.log(1 - p),
    ),
    ("the odds without a logarithm", "The bias is the logarithm of the odds.", lambda p: p / (1 - p)),
    ("the inverse odds without a logarithm", "The bias is the logarithm of the odds.", lambda p: (1 - p) / p),
    ("minus the inverse odds", "The bias is the logarithm of the odds.", lambda p: -(1 - p) / p),
    (
        "a logarithm to base 10",
        "The sigmoid is defined with e: use math.log.",
        lambda p: math.log10(p / (1 - p)),
    ),
    (
        "a logarithm to base 2",
        "The sigmoid is defined with e: use math.log.",
        lambda p: math.log2(p / (1 - p)),
    ),
    (
        "the sigmoid of the probability",
        "It is the other way round: which number has this sigmoid?",
        lambda p: 1 / (1 + math.exp(-p)),
    ),
    ("the probability itself", "Which logit has this sigmoid? Solve for the bias.", lambda p: p),
    (
        "the slope of the sigmoid",
        "p(1 - p) is the derivative of the sigmoid: you need its inverse.",
        lambda p: p * (1 - p),
    ),
    (
        "half of the bias",
        "The inverse of tanh is half of that of the sigmoid.",
        lambda p: math.atanh(2 * p - 1),
    ),
    ("twice the bias", "The sigmoid of b itself is the probability.", lambda p: 2 * math.log(p / (1 - p))),
    (
        "the bias of 0.01 for every probability",
        "Use the argument: a different probability needs a different bias.",
        lambda p: -math.log(99),
    ),
    ("no bias at all", "A bias of 0 means a probability of one half.", lambda p: 0.0),
    (
        "a rounded bias",
        "Return the bias as it is: a rounded one has a different sigmoid.",
        lambda p: float(round(math.log(p / (1 - p)))),
    ),
    (
        "a bias rounded to two digits",
        "Return the bias as it is: a rounded one has a different sigmoid.",
        lambda p: round(math.log(p / (1 - p)), 2),
    ),
    (
        "a tensor instead of a number",
        "Return a plain number: `.item()` turns a tensor into one.",
        lambda p: torch.tensor(p).logit(),
    ),
):
    PRIOR_BIAS.wrong(_name, _story)(lambda probability, bias=_bias: bias(probability))

EXERCISES = (PRIOR_BIAS,)
