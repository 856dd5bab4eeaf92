"""What `check` finds out about a student's function: which cases pass, and which wrong answer it behaves like."""

import ast
import dis
import functools
import inspect
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from classroom.exercises.compare import difference
from classroom.exercises.exercise import SEED, Case, Exercise, WrongAnswer
from classroom.exercises.trial import SECONDS, Outcome, TookTooLong, run


@dataclass(frozen=True)
class Diagnosis:
    """The wrong answers that do what a function did: in every case, or only where it fails."""

    wrong_answers: tuple[WrongAnswer, ...] = ()
    everywhere: bool = True


@dataclass(frozen=True)
class Verdict:
    """What `examine` found: right, wrong (the names of all failing cases, and the smallest of them) or not attempted."""

    exercise: Exercise
    attempted: bool = True
    hole: int | None = None
    failed: tuple[str, ...] = ()
    failing: Case | None = None
    got: Outcome = Outcome()
    wanted: Outcome = Outcome()
    sentence: str = ""
    diagnosis: Diagnosis = field(default_factory=Diagnosis)

    @property
    def right(self) -> bool:
        return self.attempted and self.failing is None


def examine(function: Callable, exercise: Exercise, seconds: float = SECONDS) -> Verdict:
    """Run every case, smallest first, until the time is up; compare with the reference, then with the wrong answers."""
    hole = line_of_hole(function)
    if returns_at_once(function):
        return Verdict(exercise, attempted=False, hole=hole)
    return verdict_on(outcomes(function, exercise, seconds), exercise, hole)


def verdict_on(got: list[Outcome], exercise: Exercise, hole: int | None = None) -> Verdict:
    """Compare what a function did with every case, smallest first, with the reference, then with the wrong answers.

    Args:
        hole: the line of the function in which `...` still stands.
    """
    if any(isinstance(outcome.error, NotImplementedError) for outcome in got):
        return Verdict(exercise, attempted=False, hole=hole)
    said = differences(got, expected(exercise), exercise)
    failing = [i for i, sentence in enumerate(said) if sentence]
    if not failing:
        return Verdict(exercise, hole=hole)
    if hole:
        return Verdict(exercise, attempted=False, hole=hole)
    first = failing[0]
    return Verdict(
        exercise,
        failed=tuple(exercise.cases[i].name for i in failing),
        failing=exercise.cases[first],
        got=got[first],
        wanted=expected(exercise)[first],
        sentence=said[first] or "",
        diagnosis=diagnose(got, failing, exercise),
    )


def outcomes(function: Callable, exercise: Exercise, seconds: float = SECONDS) -> list[Outcome]:
    """What `function` does with every case; the cases share the time, and none runs once it is up."""
    end, found = time.monotonic() + seconds, []
    for case in exercise.cases:
        left = end - time.monotonic()
        if left <= 0 or (found and isinstance(found[-1].error, TookTooLong)):
            found.append(Outcome(error=TookTooLong()))
        else:
            found.append(outcome(function, exercise, case, left))
    return found


def outcome(function: Callable, exercise: Exercise, case: Case, seconds: float = SECONDS) -> Outcome:
    """What `function` does with one case, with the same random numbers at every call."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        names = argument_names(exercise, case)
        judge = exercise.judge_whole if exercise.judge else None
        return run(function, case.arguments, case.gradient, names=names, judge=judge, seconds=seconds)


@functools.cache
def expected(exercise: Exercise) -> list[Outcome]:
    """What the reference does with every case."""
    return outcomes(exercise.reference, exercise)


@functools.cache
def mistaken(exercise: Exercise) -> list[tuple[WrongAnswer, list[Outcome]]]:
    """What every wrong answer does with every case."""
    return [(wrong, outcomes(wrong.function, exercise)) for wrong in exercise.wrong_answers]


def differences(got: list[Outcome], wanted: list[Outcome], exercise: Exercise) -> list[str | None]:
    """What two functions did differently, case by case."""
    pairs = zip(got, wanted, strict=True)
    return [difference(g, w, exercise.tolerance, exercise.any_error) for g, w in pairs]


def argument_names(exercise: Exercise, case: Case) -> tuple[str, ...]:
    """The names of a case's arguments in the reference's signature."""
    names = list(inspect.signature(exercise.reference).parameters)
    return tuple(names[: len(case.arguments)])


def diagnose(got: list[Outcome], failing: list[int], exercise: Exercise) -> Diagnosis:
    """The wrong answers that do the same in every case; else the only one that does the same wherever `got` fails.

    Where the function raised an error, nothing can be compared; two failing cases are the least for a name that rests
    on them alone.
    """
    values = [i for i in failing if got[i].error is None]
    everywhere, where_it_fails = [], []
    for wrong, theirs in mistaken(exercise):
        changes = [g.changed == t.changed for g, t in zip(got, theirs, strict=True)]
        said = differences(got, theirs, exercise)
        same = [alike and no_difference is None for alike, no_difference in zip(changes, said, strict=True)]
        if all(same) and (values or len(failing) < len(got)):
            everywhere.append(wrong)
        elif len(values) >= 2 and all(same[i] for i in values):
            where_it_fails.append(wrong)
    if everywhere:
        return Diagnosis(tuple(everywhere))
    return Diagnosis(tuple(where_it_fails) if len(where_it_fails) == 1 else (), everywhere=False)


def returns_at_once(function: Callable) -> bool:
    """Whether there is nothing in the function but perhaps a docstring, a `...`, a `pass` or a `return None`.

    >>> returns_at_once(lambda x: ...), returns_at_once(lambda x: x)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    real = [i for i in dis.get_instructions(code) if i.opname not in ("RESUME", "NOP", "COPY_FREE_VARS")]
    return len(real) <= 2 and real[0].opname.endswith("CONST") and real[0].argval in (None, ...)


def line_of_hole(function: Callable) -> int | None:
    """The line of the function's file in which a statement `...` still stands, or None."""
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    holes = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...
    ]
    return first + holes[0] - 1 if holes else None
