"""Whatever a function returns, `check` has an answer."""

import re
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from classroom import check
from classroom.exercises.catalogue import all_exercises, find
from classroom.exercises.compare import difference
from classroom.exercises.examine import examine, outcome
from classroom.exercises.report import markup, plain


@dataclass
class Odd:
    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __repr__(self):
        raise RuntimeError("no text")


class NoText(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def odd_values():
    yield from (None, ..., NotImplemented, True, -1, 10**400, 1.5, float("nan"), float("inf"), 2 + 1j)
    yield from ("", "three", b"bytes", [], (), {}, set(), [None], (1, "a"), {"boxes": None}, {1: [2]}, [[[]]])
    yield from (
        range(3),
        iter([]),
        (i for i in range(3)),
        len,
        int,
        Odd(),
        object(),
        nn.Linear(1, 1),
        NoText(),
    )
    yield from (np.zeros(3), np.float32(1), np.array("text"), np.array([None, "a"], dtype=object))
    yield from (
        torch.tensor(1),
        torch.tensor(True),
        torch.zeros(0),
        torch.zeros(2, 3),
        torch.zeros(1, 1, 1, 1),
    )
    yield from (
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2, dtype=torch.bool),
        torch.ones(2).double(),
    )
    yield from (
        torch.zeros(2, 2).to_sparse(),
        torch.zeros(3, device="meta"),
        torch.full((1, 4), float("nan")),
    )
    yield from (torch.zeros(4, 4).nonzero(as_tuple=True), (torch.zeros(1), [torch.zeros(2)]))
    yield from (
        torch.Size([1, 2]),
        torch.float32,
    )


VALUES = list(odd_values())


@pytest.mark.parametrize("name", all_exercises())
def test_no_value_makes_the_check_raise(name):
    """Every odd value on the first case, and a function that returns another one in each case."""
    assert len(VALUES) >= 40
    exercise = find(name)
    wanted = outcome(exercise.reference, exercise, exercise.cases[0])
    for value in VALUES:
        got = outcome(lambda *_, value=value: value, exercise, exercise.cases[0])
        said = difference(got, wanted, exercise.tolerance)
        assert said is None or not re.search(r"\.$|NotJudged|object at 0x", said), said
    values = iter(VALUES * 5)
    verdict = examine(lambda *_: next(values), exercise)
    assert not verdict.right and plain(verdict) and markup(verdict)
    check(lambda *_: next(values), exercise)
