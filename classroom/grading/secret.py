"""More cases of an exercise, drawn from a secret text: what an answer returns for them cannot be learned by heart."""

import functools
import hashlib
import math
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from classroom.exercises.catalogue import defined_in, find, homes
from classroom.exercises.compare import difference
from classroom.exercises.copies import fresh, same, tensors
from classroom.exercises.examine import outcome
from classroom.exercises.exercise import Case, Exercise
from classroom.grading.remarks import is_plain

MOST = 6  # cases of an exercise
LEAST_FACTOR = 0.8  # of coordinates and other numbers
LARGEST_POWER = 1.3  # of numbers from 0 to 1
SHAKE, CLOSE = (
    1e-4,
    0.01,
)  # a case counts if so small a change of its numbers changes the result by no more than this


@functools.cache
def secret_cases(name: str, secret: str) -> tuple[Case, ...]:
    """Return further cases of an exercise; another secret gives others, the same one the same.

    Where the exercise draws numbers at random, they are drawn again. The numbers of its other cases are changed in a way
    that keeps their order and their range. A case is left out where the reference fails, or where a tiny change
    of the numbers changes the result, because there a right answer may differ.
    """
    exercise = find(name)
    found = [*drawn_again(name, secret), *map(functools.partial(changed, secret=secret), exercise.cases)]
    chosen = [case for case in found if _is_new(case, exercise) and _is_firm(case, exercise)]
    return tuple(chosen[:MOST])


def drawn_again(name: str, secret: str) -> tuple[Case, ...]:
    """Return the cases of an exercise as they are when every seed in its lab is another one."""

    class Generator(torch.Generator):
        def manual_seed(self, seed: int) -> torch.Generator:
            return super().manual_seed(number_of(secret, seed))

    lab = homes()[name].rpartition(".")[0]
    kept = {module: sys.modules.pop(module) for module in list(sys.modules) if module.startswith(lab)}
    try:
        with mock.patch.object(torch, "Generator", Generator), torch.random.fork_rng(devices=[]):
            import_module(homes()[name])
            return next(e for e in defined_in(homes()[name]) if e.name == name).cases
    finally:
        for module in [module for module in sys.modules if module.startswith(lab)]:
            del sys.modules[module]
        sys.modules.update(kept)


def changed(case: Case, secret: str) -> Case:
    """Return a case with other numbers: smaller coordinates, and numbers from 0 to 1 with a power."""
    one, two = _uniform(secret, case.name)
    factor, power = LEAST_FACTOR + (0.98 - LEAST_FACTOR) * one, 1.02 + (LARGEST_POWER - 1.02) * two
    arguments = tuple(map(fresh, case.arguments))
    for tensor in tensors(arguments):
        if tensor.is_floating_point() and not _is_special(tensor):
            inside = bool(((tensor >= 0) & (tensor <= 1)).all())
            tensor.copy_(tensor**power if inside else tensor * factor)
    return Case(case.name, arguments, case.gradient)


def _is_special(tensor: Tensor) -> bool:
    """Whether the numbers are more than numbers: a mask, shares that add up to 1, or not finite."""
    mask = bool(((tensor == 0) | (tensor == 1)).all())
    shares = tensor.ndim > 0 and torch.allclose(tensor.sum(-1), torch.ones(()).to(tensor), atol=1e-4)
    return mask or shares or not bool(tensor.isfinite().all())


def _is_new(case: Case, exercise: Exercise) -> bool:
    return is_plain(case.arguments) and not any(same(case.arguments, c.arguments) for c in exercise.cases)


def _is_firm(case: Case, exercise: Exercise) -> bool:
    """Whether the reference has a result that tiny changes of the numbers do not change."""
    wanted = outcome(exercise.reference, exercise, case)
    if wanted.error is not None or not all(_finite(t) for t in tensors(wanted.value)):
        return False
    return all(
        difference(outcome(exercise.reference, exercise, shaken), wanted, CLOSE) is None
        for shaken in _shaken(case)
    )


def _finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(tensor.isfinite().all())


def _shaken(case: Case) -> Iterator[Case]:
    """The case with each float a little larger or smaller, three times."""
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        arguments = tuple(map(fresh, case.arguments))
        for tensor in tensors(arguments):
            if tensor.is_floating_point():
                noise = torch.rand(tensor.shape, generator=generator, dtype=torch.float64) - 0.5
                tensor.copy_(tensor * (1 + SHAKE * noise))
        yield Case(case.name, arguments, case.gradient)


def number_of(*parts: Any) -> int:
    """Return a seed that cannot be told without the secret among the parts."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6])


def _uniform(*parts: Any) -> tuple[float, float]:
    """Two numbers between 0 and 1."""
    return math.modf(number_of(*parts, 1) / 2**48)[0], math.modf(number_of(*parts, 2) / 2**48)[0]
