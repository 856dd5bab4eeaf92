"""Which exercises there are, and the module of each; a lab is imported when one of its exercises is needed."""

import functools
import re
from importlib import import_module
from pathlib import Path

from classroom.exercises.exercise import Exercise

HERE = Path(__file__).parent
DEFINITION = re.compile(r"^[A-Z_]+ = Exercise\(\s*(?:\w+\.)*(\w+),", re.MULTILINE)


@functools.cache
def homes() -> dict[str, str]:
    """Return the module that defines each exercise, by the exercise's name, read from the sources: no lab is imported.

    >>> homes()["box_iou"]
    'classroom.exercises.lab01.iou'
    """
    return {
        name: f"classroom.exercises.{path.parent.name}.{path.stem}"
        for path in sorted(HERE.glob("lab*/*.py"))
        for name in DEFINITION.findall(path.read_text(encoding="utf-8"))
    }


def find(name: str) -> Exercise:
    """Return the exercise of that name; only the module that defines it is imported.

    Raises:
        ValueError: if no exercise has the name; the sentence lists those that exist.
    """
    if name not in homes():
        raise ValueError(
            f"No exercise is called {name!r}; there are {', '.join(homes())}. Was the function renamed?"
        )
    return next(exercise for exercise in defined_in(homes()[name]) if exercise.name == name)


def all_exercises() -> dict[str, Exercise]:
    """Return every exercise of every lab by its name. This imports all labs."""
    modules = dict.fromkeys(homes().values())
    return {exercise.name: exercise for module in modules for exercise in defined_in(module)}


def defined_in(module: str) -> tuple[Exercise, ...]:
    """Return the exercises of a module, in the order of the lab."""
    return import_module(module).EXERCISES
