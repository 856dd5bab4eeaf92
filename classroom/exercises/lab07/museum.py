"""Lab 07, section 8: a test that the right evaluator passes and the wrong ones of the museum do not.

Each case hands an evaluator to the student's test; what counts is whether the test raises.
"""

from collections.abc import Callable

import torch

from classroom.exercises.exercise import Case, Exercise
from classroom.museum import EVALUATOR_BUGS, average_precision_50, found, truth

A, B, NOWHERE = (10, 20, 50, 50), (100, 20, 140, 50), (60, 200, 90, 230)
HALF = 51 / 101  # half of the objects found, nothing wrong: 51 of the 101 recalls are reached

Evaluate = Callable[[list, list], float]


def kill_the_bugs(evaluate: Evaluate) -> None:
    """A test of evaluators of AP50: scenes so small that a pencil gives the number."""
    _one_picture(evaluate)
    _several_pictures(evaluate)
    _several_classes(evaluate)


def _is(number: float, expected: float) -> None:
    assert abs(number - expected) < 1e-6, f"{number:.4f} instead of {expected:.4f}"


def _one_picture(evaluate: Evaluate) -> None:
    two = [truth((1, A), (1, B))]
    _is(evaluate([found((0.9, 1, A))], two), HALF)
    _is(evaluate([found((0.9, 1, A), (0.1, 1, B))], two), 1)
    _is(evaluate([found((0.9, 1, A), (0.8, 1, A), (0.7, 1, B))], two), (51 + 50 * 2 / 3) / 101)
    _is(evaluate([found((0.9, 1, NOWHERE), (0.8, 1, A), (0.7, 1, B))], two), 2 / 3)
    _is(evaluate([found((0.9, 1, A), (0.8, 1, NOWHERE))], [truth((1, A))]), 1)
    _is(evaluate([found((0.9, 1, (10, 20, 12, 22)))], [truth((1, (11, 20, 13, 22)))]), 0)
    _is(evaluate([found((0.9, 1, (10, 20, 50, 45)), (0.8, 1, A))], [truth((1, A))]), 1)
    side_by_side = [truth((1, A), (1, (20, 20, 60, 50)))]
    _is(evaluate([found((0.9, 1, A), (0.8, 1, (13, 20, 53, 50)))], side_by_side), 1)
    crowd = truth((1, A), (1, (100, 0, 200, 90)), iscrowd=torch.tensor([0, 1]))
    _is(evaluate([found((0.9, 1, A))], [crowd]), 1)


def _several_pictures(evaluate: Evaluate) -> None:
    same = [truth((1, A)), truth((1, A))]
    _is(evaluate([found((0.9, 1, A)), found()], same), HALF)
    _is(evaluate([found((0.3, 1, NOWHERE)), found((0.9, 1, A))], [truth(), truth((1, A))]), 1)
    _is(evaluate([found((0.9, 1, A)), found((0.8, 1, NOWHERE), (0.7, 1, A))], same), (51 + 50 * 2 / 3) / 101)
    sizes = [torch.zeros(1, *size, dtype=torch.bool) for size in ((60, 80), (240, 90))]
    _is(evaluate([found((0.9, 1, A))] * 2, [truth((1, A), masks=masks) for masks in sizes]), 1)


def _several_classes(evaluate: Evaluate) -> None:
    _is(evaluate([found((0.9, 1, A))], [truth((2, A))]), 0)
    _is(evaluate([found((0.9, 1, A), (0.8, 2, A))], [truth((1, A))]), 1)


def _disguised(evaluator: Evaluate) -> Evaluate:
    """The same evaluator under a name that does not tell which one it is."""

    def evaluate(detections: list, targets: list) -> float:
        return evaluator(detections, targets)

    return evaluate


def _kills(failed: tuple[str, ...]) -> str:
    total = len(EVALUATOR_BUGS)
    if RIGHT in failed:
        return f"0 of {total} bugs killed. Your test must pass on the right evaluator first."
    return f"{total - len(failed)} of {total} bugs killed; still alive: {', '.join(failed)}."


RIGHT = "the right evaluator"

KILL_THE_BUGS = Exercise(
    kill_the_bugs,
    any_error=True,
    score=_kills,
    hints=(
        "Take two objects. Find one of them, then one twice, then one and nothing. What is the AP, by pencil?",
        "Then two pictures: one without detections; one with a surer mistake. Then a second class. Then a crowd, and boxes that just miss.",
        "one = evaluate([found((0.9, 1, A)), found()], [truth((1, A)), truth((1, A))]); assert abs(one - 51 / 101) < 1e-6",
    ),
    cases=(
        Case(RIGHT, (_disguised(average_precision_50),)),
        *(Case(bug.name, (_disguised(bug.wrong),)) for bug in EVALUATOR_BUGS),
    ),
)


@KILL_THE_BUGS.wrong(
    "a test of the obvious",
    "One object, found, in the corner of one picture: every wrong evaluator passes that.",
)
def _the_obvious(evaluate: Evaluate) -> None:
    _is(evaluate([found((0.9, 1, (0, 0, 40, 30)))], [truth((1, (0, 0, 40, 30)))]), 1)


@KILL_THE_BUGS.wrong("a test that returns instead of asserting", "Write `assert` before what must be true.")
def _returns_instead_of_asserting(evaluate: Evaluate) -> bool:
    return evaluate([found((0.9, 1, A))], [truth((1, A), (1, B))]) == HALF


@KILL_THE_BUGS.wrong(
    "half is half", "At 101 recalls, half of the objects gives 51/101: the right evaluator must pass."
)
def _half_is_half(evaluate: Evaluate) -> None:
    _is(evaluate([found((0.9, 1, A))], [truth((1, A), (1, B))]), 0.5)


@KILL_THE_BUGS.wrong(
    "a test of single pictures", "Some bugs need two: an empty one, one of another size, a ranking over both."
)
def _no_second_picture(evaluate: Evaluate) -> None:
    _one_picture(evaluate)
    _several_classes(evaluate)


@KILL_THE_BUGS.wrong("a test of one class", "Some bugs need a second class, predicted or true.")
def _no_second_class(evaluate: Evaluate) -> None:
    _one_picture(evaluate)
    _several_pictures(evaluate)


EXERCISES = (KILL_THE_BUGS,)
