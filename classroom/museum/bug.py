"""What an exhibit of the bug museum is, and how many of them a test finds."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classroom.exercises.compare import difference
from classroom.exercises.exercise import WrongAnswer
from classroom.exercises.trial import run

Test = Callable[[Callable], None]  # is given an implementation; an `assert` in it fails when that is wrong


@dataclass(frozen=True)
class Bug:
    """A wrong implementation that was published, and the right one that it was meant to be."""

    name: str
    story: str  # one sentence
    wrong: Callable
    reference: Callable
    demonstration: tuple  # arguments for which the two differ

    def as_wrong_answer(self) -> WrongAnswer:
        """The bug as an exercise of a lab knows it."""
        return WrongAnswer(self.name, self.story, self.wrong)


@dataclass(frozen=True)
class Score:
    """How a test did on some bugs; print it."""

    killed: tuple[Bug, ...]
    survived: tuple[Bug, ...]
    objection: str | None = None  # of the test to the reference, which is right

    def __str__(self) -> str:
        if self.objection:
            return f"❌ The test must pass on the right implementation, but there it says: {self.objection}."
        total = len(self.killed) + len(self.survived)
        lines = [f"Your test kills {len(self.killed)} of {total} bugs."]
        lines += [f"✅ {bug.name}. {bug.story}" for bug in self.killed]
        return "\n".join([*lines, *(f"⏳ still alive: {bug.name}" for bug in self.survived)])


def show_difference(bug: Bug) -> str:
    """Return in words what the bug does to its demonstration.

    >>> from classroom.museum import PLUS_ONE_OUTSIDE
    >>> show_difference(PLUS_ONE_OUTSIDE)
    'the result[0, 0] should be 1, but is 0.6066'
    """
    return difference(run(bug.wrong, bug.demonstration), run(bug.reference, bug.demonstration)) or "nothing"


_in_disguise: list[Callable] = []


@functools.cache
def disguised(implementation: Callable) -> Callable:
    """Return a function that does the same and shows neither its name nor its identity: only its results tell.

    >>> disguised(max)(2, 3), disguised(max) == max, disguised(max).__name__ == disguised(min).__name__
    (3, False, True)
    """
    place = len(_in_disguise)
    _in_disguise.append(implementation)

    def in_disguise(*arguments, **named):
        return _in_disguise[place](*arguments, **named)

    return in_disguise


def objection(test: Test, implementation: Callable) -> str | None:
    """Return what a test has against an implementation, or None when it passes.

    >>> objection(lambda area: area(2, 3) == 6, lambda width, height: width * height)
    'it returned True, and a test asserts: write `assert` before what must be true'
    """
    try:
        answer = test(disguised(implementation))
    except Exception as error:  # whatever a student's code raises is an answer
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    if answer is not None:
        return f"it returned {answer!r}, and a test asserts: write `assert` before what must be true"
    return None


def kills(test: Test, bug: Bug) -> bool:
    """Return whether a test passes on the reference and fails on the bug.

    >>> from classroom.museum import PLUS_ONE_OUTSIDE
    >>> def overlap_with_itself_is_one(box_iou):
    ...     assert box_iou(*PLUS_ONE_OUTSIDE.demonstration) == 1
    >>> kills(overlap_with_itself_is_one, PLUS_ONE_OUTSIDE)
    True
    """
    return objection(test, bug.reference) is None and objection(test, bug.wrong) is not None


def score(test: Test, bugs: Sequence[Bug]) -> Score:
    """Return which bugs a test kills; none when it fails on a reference.

    >>> from classroom.museum import EVALUATOR_BUGS
    >>> len(score(lambda evaluate: None, EVALUATOR_BUGS).killed)
    0
    """
    for reference in dict.fromkeys(bug.reference for bug in bugs):
        if said := objection(test, reference):
            return Score((), tuple(bugs), said)
    dead = [objection(test, bug.wrong) is not None for bug in bugs]
    killed = tuple(bug for bug, is_dead in zip(bugs, dead, strict=True) if is_dead)
    return Score(killed, tuple(bug for bug, is_dead in zip(bugs, dead, strict=True) if not is_dead))
