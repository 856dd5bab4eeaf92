"""Lab 10, exercise 7: where a cell is, in sines and cosines."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import table_picture
from classroom.exercises.mistakes import overwriting


def encode_positions(positions: Tensor, channels: int) -> Tensor:
    """The sines, then the cosines of each position at channels / 2 frequencies: (T,) -> (T, channels)."""
    count = channels // 2
    frequency = 5 * 0.05 ** (torch.arange(count) / count)
    angles = 2 * math.pi * positions[:, None] * frequency
    return torch.cat([angles.sin(), angles.cos()], 1)


ENCODE_POSITIONS = Exercise(
    encode_positions,
    picture=table_picture,
    hints=(
        "There is one angle for each position and each frequency. Which shapes must the two have so that their product is a table?",
        "angle[t, i] = 2 π * position t * 5 * 0.05 ** (i / n) with n = channels / 2; first all sines, then all cosines.",
        "n = channels // 2\n"
        "frequency = 5 * 0.05 ** (…)\n"
        "angles = 2 * torch.pi * positions[:, None] * frequency\n"
        "return torch.cat([angles.sin(), angles.cos()], 1)",
    ),
    cases=(
        Case("the left edge", (torch.tensor([0.0]), 2)),
        Case("one frequency", (torch.tensor([0.0, 0.03, 0.1]), 2)),
        Case("two frequencies", (torch.tensor([0.25, 0.6]), 4)),
        Case("four positions, three frequencies", (torch.tensor([0.125, 0.375, 0.625, 0.875]), 6)),
        Case("as many positions as frequencies", (uniform(3, seed=2), 6)),
        Case("twelve columns of a map", ((torch.arange(12) + 0.5) / 12, 32)),
    ),
)

_wrong = ENCODE_POSITIONS.wrong


def _angles(positions: Tensor, channels: int, high: float = 5.0, ratio: float = 0.05) -> Tensor:
    count = channels // 2
    return 2 * math.pi * positions[:, None] * high * ratio ** (torch.arange(count) / count)


def _waves(angles: Tensor) -> Tensor:
    return torch.cat([angles.sin(), angles.cos()], 1)


for _name, _story, _function in (
    ("no 2 π", "The period of a sine is 2 π.", lambda x, c: _waves(_angles(x, c) / (2 * math.pi))),
    ("half a wave", "The period of a sine is 2 π, not π.", lambda x, c: _waves(_angles(x, c) / 2)),
    (
        "one frequency for all channels",
        "Channel i has the frequency 5 * 0.05 ** (i / n).",
        lambda x, c: _waves(_angles(x, c, ratio=1.0)),
    ),
    (
        "the slowest wave first",
        "The frequency of channel 0 is 5, and the frequencies decrease from there.",
        lambda x, c: _waves(_angles(x, c).flip(1)),
    ),
    (
        "the 5 left out",
        "The fastest wave fits five times into the image.",
        lambda x, c: _waves(_angles(x, c, high=1.0)),
    ),
    (
        "increasing frequencies",
        "The frequencies decrease: the exponent is i / n, without a minus sign.",
        lambda x, c: _waves(_angles(x, c, ratio=20.0)),
    ),
    (
        "frequencies in equal steps",
        "They decrease by equal factors, 0.05 ** (i / n), not in equal steps.",
        lambda x, c: _waves(2 * math.pi * x[:, None] * (5 - 4.75 * torch.arange(c // 2) / (c // 2))),
    ),
    (
        "the last frequency reached",
        "The exponent is i / n, so the last one is (n - 1) / n: not linspace from 0 to 1.",
        lambda x, c: _waves(2 * math.pi * x[:, None] * 5 * 0.05 ** torch.linspace(0, 1, c // 2)),
    ),
    (
        "the exponent divided by the channels",
        "n is the number of frequencies, channels / 2.",
        lambda x, c: _waves(_angles(x, c, ratio=0.05**0.5)),
    ),
    (
        "frequencies counted from 1",
        "The first exponent is 0 and the last (n - 1) / n: i counts from 0.",
        lambda x, c: _waves(_angles(x, c, high=5 * 0.05 ** (2 / c))),
    ),
    (
        "the 5 inside the power",
        "Only 0.05 is raised to the power i / n, and the 5 is a factor in front of it.",
        lambda x, c: _waves(_angles(x, c, high=1.0, ratio=5 * 0.05)),
    ),
    (
        "an exponent that is not divided",
        "The exponent is i / n, between 0 and 1.",
        lambda x, c: _waves(_angles(x, c, ratio=0.05 ** (c // 2))),
    ),
    (
        "cosines first",
        "First all sines, then all cosines.",
        lambda x, c: torch.cat([_angles(x, c).cos(), _angles(x, c).sin()], 1),
    ),
    (
        "sines and cosines alternating",
        "First all sines, then all cosines: torch.cat along axis 1.",
        lambda x, c: torch.stack([_angles(x, c).sin(), _angles(x, c).cos()], 2).flatten(1),
    ),
    (
        "sines alone",
        "A sine alone cannot tell two positions within one period apart; the cosine can.",
        lambda x, c: _angles(x, c).sin(),
    ),
    ("sines twice", "The second half must be cosines.", lambda x, c: _angles(x, c).sin().repeat(1, 2)),
    (
        "angles without sine and cosine",
        "Take the sine and the cosine of the angles.",
        lambda x, c: _angles(x, c).repeat(1, 2),
    ),
    (
        "a row for each channel",
        "Rows are positions, columns are channels: positions[:, None].",
        lambda x, c: encode_positions(x, c).T,
    ),
    (
        "sines below cosines",
        "Put them side by side, along axis 1: one row per position.",
        lambda x, c: torch.cat([_angles(x, c).sin(), _angles(x, c).cos()], 0),
    ),
):
    _wrong(_name, _story)(_function)

ENCODE_POSITIONS.wrong(
    "the caller's positions overwritten",
    "The code is right, but the caller's positions have changed: work on a copy.",
)(overwriting(encode_positions))


def _type(function: Callable) -> Callable:
    return lambda positions, channels: function(positions, channels).double()


_wrong("double precision", "The features are float32, so their encoding must be too.")(
    _type(encode_positions)
)

EXERCISES = (ENCODE_POSITIONS,)
