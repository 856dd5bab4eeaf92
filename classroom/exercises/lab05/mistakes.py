"""What several exercises of the lab share: lists of wrong answers, answers that raise an error, and what dtype an answer may have."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from classroom.exercises.exercise import Exercise, WrongAnswer


class Mistakes(list[WrongAnswer]):
    """Wrong answers for an exercise that is defined in another module."""

    def wrong(self, name: str, story: str) -> Callable[[Callable], Callable]:
        """Return a decorator that adds a function to the list, and leaves it as it is."""

        def add(function: Callable) -> Callable:
            self.append(WrongAnswer(name, story, function))
            return function

        return add


def raises(exercise: Exercise, name: str, story: str, when: Callable, *errors: type[Exception]) -> None:
    """Add a wrong answer for each type of error: right, but for the arguments of which `when` is true."""
    for error in errors:

        def function(*arguments: Any, error: type[Exception] = error) -> Any:
            if when(*arguments):
                raise error
            return exercise.reference(*arguments)

        exercise.wrong(name, story)(function)


def of_any_precision(arguments: tuple, value: Any) -> Any:
    """Return a float tensor in double precision, any other value as it is: a judge to which every float dtype is right."""
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value
