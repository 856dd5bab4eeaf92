"""Run a lab whose functions are right but odd, in ways that `check` accepts: `python odd_answers.py labs/01_….ipynb`."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import torch
from torch import Tensor

from classroom.exercises import core
from classroom.exercises.catalogue import find
from classroom.exercises.examine import examine
from classroom.exercises.exercise import Exercise


def number_as_tensor(value: object) -> object:
    return torch.tensor(value) if isinstance(value, int | float) else value


def number_as_numpy(value: object) -> object:
    return np.float64(value) if isinstance(value, float) else value


def swapped_sequence(value: object) -> object:
    """A list for a tuple, a tuple for a list."""
    return {list: tuple, tuple: list}[type(value)](value) if type(value) in (list, tuple) else value


def not_contiguous(value: object) -> object:
    if not isinstance(value, Tensor) or value.ndim == 0:
        return value
    return torch.stack([value, value], -1)[..., 0]


def detached(value: object) -> object:
    return value.detach() if isinstance(value, Tensor) else value


def double(value: object) -> object:
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value


def half_as_wide(value: object) -> object:
    return value.int() if isinstance(value, Tensor) and value.dtype == torch.int64 else value


def numpy_array(value: object) -> object:
    return value.detach().numpy() if isinstance(value, Tensor) else value


ODDITIES = (number_as_tensor, number_as_numpy, swapped_sequence, not_contiguous, detached, double)
ODDITIES += (half_as_wide, numpy_array)


def inside(value: object, change: Callable) -> object:
    """Change a value, or what a tuple, a list or a dict holds, and then itself."""
    if isinstance(value, dict):
        return {key: inside(part, change) for key, part in value.items()}
    if type(value) in (tuple, list):
        value = type(value)(inside(part, change) for part in value)
    return change(value)


def oddest(exercise: Exercise) -> tuple[Callable, list[str]]:
    """Return the reference made as odd as `check` lets it be, and the names of what is odd in it."""
    function, accepted = exercise.reference, []
    for oddity in ODDITIES:

        def odder(*arguments, before=function, oddity=oddity, **named):
            return inside(before(*arguments, **named), oddity)

        if examine(odder, exercise).right:
            function, accepted = odder, [*accepted, oddity.__name__]
    return function, accepted


def main(notebook: Path) -> None:
    """Run the code cells, with the oddest functions where the lab checks one."""
    import matplotlib

    matplotlib.use("Agg")
    torch.set_num_threads(1)

    def check(function: Callable) -> Callable:
        odd, accepted = oddest(find(function.__name__))
        print(f"{function.__name__}: {', '.join(accepted) or 'nothing odd is accepted'}", flush=True)
        return odd

    core.check = check
    os.chdir(notebook.parent)
    namespace: dict = {"__name__": "__main__"}
    for number, cell in enumerate(nbformat.read(notebook, 4).cells, 1):
        if cell.cell_type == "code":
            with contextlib.suppress(AssertionError):  # on how well a network does that was hardly trained
                exec(compile(cell.source, f"<cell {number} of {notebook.name}>", "exec"), namespace)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
