"""The exercise machine: `check` a student's function by named cases, recognise named wrong answers, give hints.

`check` never raises unless COURSEKIT_STRICT=1, so that one open exercise never blocks the next one.
"""

import dis
import inspect
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from classroom.exercises.catalogue import find
from classroom.exercises.compare import Outcome, difference, run
from classroom.exercises.exercise import Case, Exercise, WrongAnswer


@dataclass(frozen=True)
class Verdict:
    """What `examine` found: passed, failed (with the smallest failing case) or not attempted."""

    exercise: Exercise
    attempted: bool = True
    passed: int = 0
    failing: Case | None = None
    got: Outcome | None = None
    wanted: Outcome | None = None
    sentence: str = ""
    diagnosis: tuple[WrongAnswer, ...] = field(default=())

    @property
    def right(self) -> bool:
        return self.attempted and self.failing is None


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
    print(report(verdict))
    if verdict.right and exercise.speed:
        print(f"   Speed: {time_ratio(function, exercise):.1f} times the reference's time.")
    if verdict.failing and exercise.picture:
        _show_failing_case(verdict)
    if not verdict.right and os.environ.get("COURSEKIT_STRICT") == "1":
        raise NotSolved(report(verdict))
    return function if verdict.right else exercise.reference


def examine(function: Callable, exercise: Exercise) -> Verdict:
    """Run every case, smallest first; name the wrong answers that behave like `function` wherever it fails."""
    if not attempted(function):
        return Verdict(exercise, attempted=False)
    try:
        got = [outcome(function, exercise, case) for case in exercise.cases]
    except NotImplementedError:
        return Verdict(exercise, attempted=False)
    wanted = [outcome(exercise.reference, exercise, case) for case in exercise.cases]
    said = [difference(g, w, exercise.tolerance) for g, w in zip(got, wanted, strict=True)]
    failing = [i for i, sentence in enumerate(said) if sentence]
    passed = len(said) - len(failing)
    if not failing:
        return Verdict(exercise, passed=passed)
    first = failing[0]
    names = diagnose(got, failing, exercise)
    return Verdict(
        exercise, True, passed, exercise.cases[first], got[first], wanted[first], said[first], names
    )


def outcome(function: Callable, exercise: Exercise, case: Case) -> Outcome:
    """What `function` did with a case; an exercise with many right answers lets its `judge` look at the value."""
    seen = run(function, case.arguments, case.gradient)
    if exercise.judge is None or seen.error:
        return seen
    return run(lambda *arguments: exercise.judge(arguments, seen.value), case.arguments)


def diagnose(got: list[Outcome], failing: list[int], exercise: Exercise) -> tuple[WrongAnswer, ...]:
    """The wrong answers that do what the student's function did: in every case, or else in every failing case."""
    everywhere, where_it_fails = [], []
    for wrong in exercise.wrong_answers:
        theirs = [outcome(wrong.function, exercise, case) for case in exercise.cases]
        same = [difference(g, t, exercise.tolerance) is None for g, t in zip(got, theirs, strict=True)]
        if all(same):
            everywhere.append(wrong)
        elif all(same[i] for i in failing):
            where_it_fails.append(wrong)
    return tuple(everywhere or where_it_fails)


def report(verdict: Verdict) -> str:
    """The verdict as the student reads it."""
    exercise, total = verdict.exercise, len(verdict.exercise.cases)
    if not verdict.attempted:
        return f"⏳ {exercise.name}: not written yet. The cells below use the reference solution."
    if verdict.right:
        cases = "the case passes" if total == 1 else f"all {total} cases pass"
        return f"✅ {exercise.name}: {cases}. Your function is used from here on."
    lines = [
        f"❌ {exercise.name}: {verdict.passed} of {total} cases pass. The cells below use the reference solution.",
        f"   Smallest failing case, “{verdict.failing.name}”: {verdict.sentence}.",
    ]
    lines += [f"   This is {wrong.name}. {wrong.story}" for wrong in verdict.diagnosis]
    return "\n".join([*lines, f'   For a hint, run hint("{exercise.name}").'])


def attempted(function: Callable) -> bool:
    """False while the hole (a line `...`) is still in the function."""
    if getattr(function, "__code__", None) is None:
        return True
    first = next(i for i in dis.get_instructions(function) if i.opname not in ("RESUME", "NOP"))
    if first.opname in ("LOAD_CONST", "RETURN_CONST") and first.argval in (None, ...):
        return False  # it returns nothing at once
    try:
        lines = inspect.getsource(function).splitlines()
    except (OSError, TypeError):
        return True
    return not any(line.split("#")[0].strip() == "..." for line in lines)


def time_ratio(function: Callable, exercise: Exercise, repeats: int = 9) -> float:
    """Median time of `function` over the median time of the reference, run alternately on the exercise's large case."""
    arguments = exercise.speed()
    times: dict[Callable, list[float]] = {function: [], exercise.reference: []}
    for _ in range(repeats):
        for candidate in (function, exercise.reference):
            start = time.perf_counter()
            candidate(*arguments)
            times[candidate].append(time.perf_counter() - start)
    return statistics.median(times[function]) / statistics.median(times[exercise.reference])


_rungs: dict[str, int] = {}


def hint(name: str) -> None:
    """Print the next rung of an exercise's hint ladder: first a nudge, then the formula, then part of the code."""
    ladder = find(name).hints
    rung = min(_rungs.get(name, 0), len(ladder) - 1)
    _rungs[name] = rung + 1
    last = "" if rung + 1 < len(ladder) else " That was the last one."
    print(f"Hint {rung + 1} of {len(ladder)} for {name}: {ladder[rung]}{last}")


def _show_failing_case(verdict: Verdict) -> None:
    from classroom.display import show

    try:
        drawn = verdict.exercise.picture(verdict.failing.arguments, verdict.got.value, verdict.wanted.value)
    except (TypeError, ValueError, RuntimeError, IndexError, AttributeError):
        return  # an answer of another kind than the picture expects; the sentence already says so
    if drawn is not None:
        show(*drawn)
