"""`check` a student's function, `hint`, `last_case`: what a lab offers at each exercise.

`check` never raises unless COURSEKIT_STRICT=1, so that one open exercise never blocks the next one.
"""

import os
from collections.abc import Callable
from typing import Any

from classroom.exercises import record
from classroom.exercises.catalogue import find
from classroom.exercises.copies import fresh
from classroom.exercises.examine import Verdict, examine
from classroom.exercises.exercise import Exercise
from classroom.exercises.report import markup, plain
from classroom.exercises.speed import slowness

_failed: dict[str, tuple] = {}


class NotSolved(AssertionError):
    """Raised by `check` in strict mode when an exercise is open or wrong."""


def check(function: Callable, exercise: Exercise | None = None) -> Callable:
    """Say in words what `function` does right and wrong; return it when it is right, else the reference.

    Args:
        function: the student's function; its name finds the exercise.
        exercise: the exercise, when the name does not say it.

    Raises:
        NotSolved: only with COURSEKIT_STRICT=1 in the environment, when the exercise is open or wrong.
        ValueError: when no exercise has this name.
    """
    exercise = exercise or find(getattr(function, "__name__", str(function)))
    verdict = examine(function, exercise)
    record.note_check(exercise.name, verdict.attempted, verdict.right)
    if verdict.failing:
        from classroom.display import publish  # matplotlib only where something is drawn

        _failed["last"] = verdict.failing.arguments
        publish(markup(verdict, failing_picture(verdict)), plain(verdict))
    else:
        print(plain(verdict))
    if verdict.right and (said := slowness(function, exercise)):
        print(f"   {said}")
    if not verdict.right and os.environ.get("COURSEKIT_STRICT") == "1":
        raise NotSolved(plain(verdict))
    return function if verdict.right else exercise.reference


def last_case() -> tuple:
    """Return copies of the arguments of the case that failed last: `nms(*last_case())` runs it again.

    Raises:
        LookupError: no check has failed yet.
    """
    if not _failed:
        raise LookupError(
            "There is no failing case yet: last_case() returns the one that `check` reported last."
        )
    return tuple(map(fresh, _failed["last"]))


_rungs: dict[str, int] = {}


def hint(name: str) -> None:
    """Print the next rung of an exercise's hint ladder: first a nudge, then the formula, then part of the code."""
    ladder = find(name).hints
    rung = min(_rungs.get(name, 0), len(ladder) - 1)
    _rungs[name] = rung + 1
    record.note_hint(name, rung + 1)
    last = "" if rung + 1 < len(ladder) else " That was the last one."
    print(f"Hint {rung + 1} of {len(ladder)} for {name}: {ladder[rung]}{last}")


def failing_picture(verdict: Verdict) -> str:
    """Return the failing case as an image element, or nothing: an answer may be of another kind than the drawing expects."""
    draw: Any = verdict.exercise.picture
    if draw is None or verdict.got.error is not None or verdict.failing is None:
        return ""
    from classroom.display import image_tag

    try:
        drawn = draw(verdict.failing.arguments, verdict.got.value, verdict.wanted.value)
        return "" if drawn is None else image_tag(*drawn, close=True)
    except Exception:
        return ""
