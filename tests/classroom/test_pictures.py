"""A failing case is drawn whatever kind of value the student's function returns: core.py shows no picture that raises."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from odd_answers import double, inside, not_contiguous, numpy_array, swapped_sequence
from torch import Tensor

from classroom.exercises.catalogue import find, homes
from classroom.exercises.examine import expected, outcome
from classroom.exercises.trial import NotJudged

LABS = ("lab08", "lab15")
DRAWN = [name for name, home in homes().items() if home.split(".")[2] in LABS and find(name).picture]


def of_each_tensor(change):
    return lambda value: change(value) if isinstance(value, Tensor) else value


def with_gradient(value: Tensor) -> Tensor:
    return value.clone().requires_grad_() if value.is_floating_point() else value


ODD = {
    "as it is": lambda value: value,
    "double": double,
    "half": of_each_tensor(torch.Tensor.half),
    "bool": of_each_tensor(torch.Tensor.bool),
    "whole numbers": of_each_tensor(torch.Tensor.int),
    "with a gradient": of_each_tensor(with_gradient),
    "not contiguous": not_contiguous,
    "NaN": of_each_tensor(lambda value: value * torch.nan),
    "infinite": of_each_tensor(lambda value: value + torch.inf),
    "negative": of_each_tensor(lambda value: -value.float()),
    "one row less": of_each_tensor(lambda value: value[1:] if value.ndim else value),
    "one axis more": of_each_tensor(lambda value: value[None]),
    "axes exchanged": of_each_tensor(lambda value: value.transpose(0, -1) if value.ndim else value),
    "flat": of_each_tensor(torch.Tensor.flatten),
    "empty": of_each_tensor(lambda value: value.flatten()[:0]),
    "the first part alone": lambda value: value[0] if isinstance(value, tuple) else value,
    "an array": numpy_array,
    "a list": of_each_tensor(torch.Tensor.tolist),
    "another sequence": swapped_sequence,
    "numbers of NumPy": lambda value: np.float64(value) if isinstance(value, float) else value,
    "tensors for numbers": lambda value: torch.tensor(value) if isinstance(value, int | float) else value,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_a_value_of_any_kind_raises_no_error_in_the_picture(name):
    """Each kind once, with one case after the other. What the judge refuses never reaches a picture."""
    exercise, failed = find(name), []
    cases = itertools.cycle(zip(exercise.cases, expected(exercise), strict=True))
    for (said, change), (case, wanted) in zip(ODD.items(), cases, strict=False):

        def odd(*arguments, change=change):
            return inside(exercise.reference(*arguments), change)

        got = outcome(odd, exercise, case)
        if got.error is None and not isinstance(got.value, NotJudged):
            try:
                exercise.picture(case.arguments, got.value, wanted.value)
            except Exception as error:
                failed.append((said, case.name, repr(error)[:90]))
            plt.close("all")
    assert not failed, failed
