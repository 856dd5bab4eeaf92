"""What the wrong answers of several labs share: lists of them, and mistakes that are made from a reference."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.copies import tensors
from classroom.exercises.exercise import Exercise, WrongAnswer


def overwriting(function: Callable, *places: int) -> Callable:
    """Return a function with the same values that writes into its arguments: all tensors, or those at these places.

    >>> numbers = torch.tensor([1.0, 2.0])
    >>> overwriting(torch.sum)(numbers), numbers
    (tensor(3.), tensor([3., 5.]))
    """

    def overwrite(*arguments: Any) -> Any:
        value = function(*map(_cloned, arguments))
        chosen = [arguments[place] for place in places] if places else arguments
        for tensor in tensors(chosen):
            tensor.data.copy_(~tensor.data if tensor.dtype == torch.bool else 2 * tensor.data + 1)
        return value

    return overwrite


def _cloned(argument: Any) -> Any:
    """A copy through which gradients flow; named tuples are copied part by part."""
    if isinstance(argument, Tensor):
        return argument.clone()
    return type(argument)(*map(_cloned, argument)) if hasattr(argument, "_fields") else argument


def failing_when(empty: Callable[..., bool], function: Callable) -> Callable:
    """Return a function that raises an error where `empty(*arguments)` is true.

    It stands for every function that raises one there, for no type of error is more special than `Exception`.
    """

    def fail(*arguments: Any) -> Any:
        if empty(*arguments):
            raise Exception("a tensor of this shape has no elements")
        return function(*arguments)

    return fail


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
