"""How long the trainings of a lab are: COURSEKIT_STEPS=0.1 takes a tenth of the steps, to try a lab in a hurry."""

import math
import os
from collections.abc import Iterator

from coursekit import training

VARIABLE = "COURSEKIT_STEPS"


def steps(n: int) -> int:
    """The number of training steps: n scaled by the environment variable COURSEKIT_STEPS, at least 1.

    Raises:
        ValueError: the variable is not a positive number.

    >>> steps(400) == max(1, round(400 * scale()))  # 400, or 40 with COURSEKIT_STEPS=0.1
    True
    """
    return max(1, round(n * scale()))


def progress_bar(run: Iterator[training.Step], seconds: float | None = None) -> Iterator[training.Step]:
    """The same steps, under a bar that shows the loss and the time that is left.

    Args:
        seconds: what the whole run takes on one core; said before it starts, scaled like `steps`.
    """
    return training.progress_bar(run, None if seconds is None else seconds * scale())


def scale() -> float:
    text = os.environ.get(VARIABLE, "1")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ValueError(f"{VARIABLE} must be a positive number such as 0.1, not {text!r}.")
    return value
