"""Lab 17, exercise 6: a running mean of what a track looks like."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal, table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import looks_picture
from classroom.exercises.mistakes import overwriting
from coursekit.tracking.appearance import refresh_looks


def _looks(count: int, channels: int, seed: int) -> Tensor:
    return F.normalize(normal(count, channels, seed=seed).double(), dim=1)


REFRESH_LOOKS = Exercise(
    refresh_looks,
    picture=looks_picture,
    hints=(
        "A weighted mean of two vectors of length 1: how long is it?",
        "mean = keep · old + (1 − keep) · new; divide each row by its length, the square root of the sum of its squares.",
        "mean = keep * old + (1 - keep) * new\nreturn mean / mean.norm(dim=…, keepdim=True)",
    ),
    cases=(
        Case("nothing has changed", (table((1.0, 0.0)), table((1.0, 0.0)), 0.9)),
        Case("half and half", (table((1.0, 0.0)), table((0.0, 1.0)), 0.5)),
        Case("mostly the old look", (table((1.0, 0.0)), table((0.6, 0.8)), 0.9)),
        Case("mostly the new look", (table((1.0, 0.0)), table((0.0, -1.0)), 0.25)),
        Case("the new look alone", (table((1.0, 0.0)), table((0.0, 1.0)), 0.0)),
        Case("two tracks", (table((1.0, 0.0), (0.6, 0.8)), table((0.0, 1.0), (0.8, 0.6)), 0.75)),
        Case("five tracks, seven channels", (_looks(5, 7, 1), _looks(5, 7, 2), 0.6)),
        Case("no tracks", (torch.zeros(0, 7).double(), torch.zeros(0, 7).double(), 0.9)),
    ),
)

_wrong = REFRESH_LOOKS.wrong


def _mean(old: Tensor, new: Tensor, keep: float) -> Tensor:
    return keep * old + (1 - keep) * new


def _scaled(length: Callable[[Tensor], Tensor]) -> Callable:
    """An answer that divides the mean by another length."""
    return lambda old, new, keep: _mean(old, new, keep) / length(_mean(old, new, keep))


for _name, _story, _function in (
    (
        "not scaled to length 1",
        "The mean of two unit vectors is shorter than 1, so its cosines would be too small: divide each row by its length.",
        _mean,
    ),
    (
        "the weights swapped",
        "`keep` is the share of the *old* look.",
        lambda old, new, keep: refresh_looks(new, old, keep),
    ),
    (
        "the new look replaces the old one",
        "One frame in which something is in front would spoil it: take the mean.",
        lambda old, new, keep: new.clone(),
    ),
    (
        "the old look is kept for ever",
        "Things turn and the light changes: mix in the new look.",
        lambda old, new, keep: old.clone(),
    ),
    (
        "a plain mean",
        "Use `keep`: the old look stands for many frames, the new one for a single frame.",
        lambda old, new, keep: refresh_looks(old, new, 0.5),
    ),
    ("always 0.9", "Use the argument `keep`.", lambda old, new, keep: refresh_looks(old, new, 0.9)),
    (
        "a sum",
        "Both have weights that add up to 1: keep and 1 − keep.",
        lambda old, new, keep: F.normalize(old + (1 - keep) * new, dim=1),
    ),
    (
        "the old look is not weighted down",
        "keep · old + new gives the new look too much weight: its share is 1 − keep.",
        lambda old, new, keep: F.normalize(keep * old + new, dim=1),
    ),
    (
        "one length for all tracks",
        "Each track has a length of its own: norm(dim=1, keepdim=True).",
        _scaled(lambda m: m.norm().clamp(min=1e-12)),
    ),
    (
        "scaled along the tracks",
        "Scale each row, not each column: dim=1.",
        lambda old, new, keep: F.normalize(_mean(old, new, keep), dim=0),
    ),
    (
        "divided by the sum",
        "The length of a vector is the square root of the sum of its squares.",
        _scaled(lambda m: m.sum(1, keepdim=True)),
    ),
    (
        "divided by the largest number",
        "The length of a vector is the square root of the sum of its squares.",
        _scaled(lambda m: m.amax(1, keepdim=True)),
    ),
    (
        "divided by the squared length",
        "Take the square root.",
        _scaled(lambda m: (m * m).sum(1, keepdim=True)),
    ),
    (
        "a softmax",
        "Looks are directions, not probabilities: divide by the length.",
        lambda old, new, keep: _mean(old, new, keep).softmax(1),
    ),
    (
        "the caller's looks overwritten",
        "The looks are right, but the caller's have changed: old.mul_(keep) changes the track itself.",
        overwriting(refresh_looks, 0, 1),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (REFRESH_LOOKS,)
