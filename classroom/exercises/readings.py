"""Where a text leaves something open, `check` accepts every reading of it: judges that take one for the reference's."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from classroom.exercises.compare import explain


def either(*readings: Callable) -> Callable[[tuple, Any], Any]:
    """Return a judge that accepts what any of the readings returns; the first is the reference's.

    >>> judge = either(lambda x: x / 2, lambda x: x // 2)
    >>> judge((3,), 1), judge((3,), 2)
    (1.5, 2)
    """

    def judge(arguments: tuple, value: Any) -> Any:
        wanted = [reading(*arguments) for reading in readings]
        return wanted[0] if any(explain(value, one) is None for one in wanted) else value

    return judge


def any_precision(arguments: tuple, value: Any) -> Any:
    """Return the value with every float tensor in it as float32: a judge to which float64 is as good.

    >>> import torch
    >>> any_precision((), torch.tensor([1.0], dtype=torch.float64))
    tensor([1.])
    """
    if isinstance(value, tuple | list):
        return type(value)(any_precision(arguments, part) for part in value)
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


def of_any_precision(arguments: tuple, value: Any) -> Any:
    """Return a float tensor in double precision, any other value as it is: a judge to which every float dtype is right."""
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value
