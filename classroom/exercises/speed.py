"""Whether a right answer is so slow that the training after it suffers."""

import time
from collections.abc import Callable

from classroom.exercises.exercise import Exercise
from classroom.exercises.trial import TookTooLong, in_time

SLOW = 10  # times the reference's time; below, a student need not care
SECONDS = 5


def slowness(function: Callable, exercise: Exercise) -> str:
    """A sentence if `function` takes SLOW times the reference's time on the exercise's large case, else nothing."""
    if exercise.speed is None:
        return ""
    try:
        ratio = in_time(lambda: time_ratio(function, exercise), SECONDS)
    except TookTooLong:
        return (
            f"On a large input it takes more than {SECONDS} seconds. Can one tensor operation replace a loop?"
        )
    except Exception:
        return ""  # the cases decide what is right, not this one
    return (
        f"It takes {ratio:.0f} times as long as the reference. Can one tensor operation replace a loop?"
        * (ratio >= SLOW)
    )


def time_ratio(function: Callable, exercise: Exercise, repeats: int = 3) -> float:
    """The least time of `function` over the least time of the reference, run in turns on the exercise's large case."""
    assert exercise.speed is not None
    arguments = exercise.speed()
    times: dict[Callable, list[float]] = {function: [], exercise.reference: []}
    for _ in range(repeats):
        for candidate in (exercise.reference, function):
            start = time.perf_counter()
            candidate(*arguments)
            times[candidate].append(time.perf_counter() - start)
    return min(times[function]) / min(times[exercise.reference])
