"""Lab 07, section 8: a test that the right evaluator passes and the wrong ones of the museum do not.

Each case hands an evaluator, in disguise, to the student's test; what counts is whether the test raises.
"""

from collections.abc import Callable

import torch

from classroom.exercises.exercise import Case, Exercise
from classroom.museum import EVALUATOR_BUGS, Bug, average_precision_50, disguised, found, truth

A, B, NOWHERE = (10, 20, 50, 50), (100, 20, 140, 50), (60, 200, 90, 230)
HALF = 51 / 101  # half of the objects found, nothing wrong: 51 of the 101 recalls are reached
ONE, TWO = truth((1, A)), truth((1, A), (1, B))
CROWD = truth((1, A), (1, (100, 0, 200, 90)), iscrowd=torch.tensor([0, 1]))
SIZES = [truth((1, A), masks=torch.zeros(1, h, w, dtype=torch.bool)) for h, w in ((60, 80), (240, 90))]

Evaluate = Callable[[list, list], float]
Scene = tuple[str, list, list, float]

SCENES: tuple[Scene, ...] = (
    ("half of the objects", [found((0.9, 1, A))], [TWO], HALF),
    ("low scores count", [found((0.9, 1, A), (0.1, 1, B))], [TWO], 1),
    ("a duplicate", [found((0.9, 1, A), (0.8, 1, A), (0.7, 1, B))], [TWO], (51 + 50 * 2 / 3) / 101),
    ("the staircase", [found((0.9, 1, NOWHERE), (0.8, 1, A), (0.7, 1, B))], [TWO], 2 / 3),
    ("a wrong detection after all objects are found", [found((0.9, 1, A), (0.8, 1, NOWHERE))], [ONE], 1),
    ("an IoU of 1/3", [found((0.9, 1, (10, 20, 12, 22)))], [truth((1, (11, 20, 13, 22)))], 0),
    ("the more confident one takes it", [found((0.9, 1, (10, 20, 50, 45)), (0.8, 1, A))], [ONE], 1),
    (
        "the second object is still free",
        [found((0.9, 1, A), (0.8, 1, (13, 20, 53, 50)))],
        [truth((1, A), (1, (20, 20, 60, 50)))],
        1,
    ),
    ("a crowd", [found((0.9, 1, A))], [CROWD], 1),
    ("an image without detections", [found((0.9, 1, A)), found()], [ONE, ONE], HALF),
    ("one ranking", [found((0.3, 1, NOWHERE)), found((0.9, 1, A))], [truth(), ONE], 1),
    (
        "one curve",
        [found((0.9, 1, A)), found((0.8, 1, NOWHERE), (0.7, 1, A))],
        [ONE, ONE],
        (51 + 50 * 2 / 3) / 101,
    ),
    ("images of two sizes", [found((0.9, 1, A))] * 2, SIZES, 1),
    ("the wrong class", [found((0.9, 1, A))], [truth((2, A))], 0),
    ("a class that does not occur", [found((0.9, 1, A), (0.8, 2, A))], [ONE], 1),
)


def kill_the_bugs(evaluate: Evaluate) -> None:
    """A test of evaluators of AP50: scenes so small that the number can be worked out with a pencil."""
    for name, predictions, targets, expected in SCENES:
        number = evaluate(predictions, targets)
        assert abs(number - expected) < 1e-6, f"{name}: {number:.4f} instead of {expected:.4f}"


def _always_two(predictions: list, targets: list) -> float:
    return 2.0


RIGHT = "the right evaluator"
NAMES = tuple(bug.name for bug in EVALUATOR_BUGS)


def _kills(failed: tuple[str, ...]) -> str:
    """The first sentence of the verdict: every bug counts, as long as the right evaluator passes."""
    total = len(NAMES)
    if RIGHT in failed:
        return f"0 of {total} bugs killed. Your test must pass on the right evaluator first."
    alive = [name for name in failed if name in NAMES]
    return f"{total - len(alive)} of {total} bugs killed; still alive: {', '.join(alive) or 'none'}."


def judge_test(arguments: tuple, value: object) -> dict[str, bool]:
    """Return whether a test that has come to its end returned nothing."""
    return {"the test asserts what must be true, and returns nothing": value is None}


KILL_THE_BUGS = Exercise(
    kill_the_bugs,
    judge=judge_test,
    any_error=True,
    score=_kills,
    hints=(
        "Take two objects. Find only one of them; then one twice; then one and a box on nothing. Work out the AP with a pencil.",
        "Then two images: one without detections; one with a more confident mistake. Then a second class. Then a crowd, and boxes that only just miss.",
        "one = evaluate([found((0.9, 1, A)), found()], [truth((1, A)), truth((1, A))]); assert abs(one - 51 / 101) < 1e-6",
    ),
    cases=(
        Case(RIGHT, (disguised(average_precision_50),)),
        Case("an evaluator that always returns 2", (disguised(_always_two),)),
        *(Case(bug.name, (disguised(bug.wrong),)) for bug in EVALUATOR_BUGS),
    ),
)


@KILL_THE_BUGS.wrong(
    "a test that nothing fails",
    "Even an evaluator that always returns 2 passes: call `evaluate`, `assert` what its number must be, "
    "and do not catch the AssertionError.",
)
def _asks_nothing(evaluate: Evaluate) -> None:
    evaluate([found((0.9, 1, A))], [ONE])


@KILL_THE_BUGS.wrong(
    "a test that all 17 bugs pass",
    "They are right about easy scenes, such as one object found in one image. What would a wrong evaluator get wrong?",
)
def _the_obvious(evaluate: Evaluate) -> None:
    assert evaluate([found((0.9, 1, (0, 0, 40, 30)))], [truth((1, (0, 0, 40, 30)))]) == 1


@KILL_THE_BUGS.wrong("a test that returns instead of asserting", "Write `assert` before what must be true.")
def _returns_instead_of_asserting(evaluate: Evaluate) -> bool:
    return evaluate([found((0.9, 1, A))], [TWO]) == HALF


@KILL_THE_BUGS.wrong(
    "a test that every evaluator fails",
    "The right one fails as well. Work out the numbers by hand again: half of the objects gives 51/101, an IoU of exactly 0.5 "
    "is enough, a duplicate is a wrong detection.",
)
def _half_is_half(evaluate: Evaluate) -> None:
    assert evaluate([found((0.9, 1, A))], [TWO]) == 0.5


def _passed_by(*names: str, right: bool = True) -> Callable[[Evaluate], None]:
    """A test that only the bugs of these names pass, and perhaps the right evaluator; it knows them by sight."""
    passing = [disguised(bug.wrong) for bug in EVALUATOR_BUGS if bug.name in names]
    passing += [disguised(average_precision_50)] * right

    def test(evaluate: Evaluate) -> None:
        assert evaluate in passing

    return test


def _add_tests_about(bug: Bug) -> None:
    """Add the tests that every bug but this one fails, that this one alone fails, and that it alone passes."""
    name, others = bug.name, [name for name in NAMES if name != bug.name]
    KILL_THE_BUGS.wrong(f"a test that does not notice “{name}”", bug.story)(_passed_by(name))
    KILL_THE_BUGS.wrong(
        f"a test that only the bug “{name}” fails", "The others pass. What would each of them get wrong?"
    )(_passed_by(*others))
    KILL_THE_BUGS.wrong(
        f"a test that only the bug “{name}” passes",
        f"The right evaluator fails, so your numbers are those of the bug. {bug.story}",
    )(_passed_by(name, right=False))


for _bug in EVALUATOR_BUGS:
    _add_tests_about(_bug)

_SIZES, _CROWDS, _ABSENT = (
    "the size of another image",
    "crowds taken for objects",
    "absent classes are averaged in",
)
_RANKING = ("sorted in each image only", "the mean over images")
KILL_THE_BUGS.wrong(
    "a test that only “duplicates count as right” and “the worst score first” pass",
    "The right evaluator fails: is a duplicate free of charge in your numbers? It is a wrong detection.",
)(_passed_by("duplicates count as right", "the worst score first", right=False))
KILL_THE_BUGS.wrong(
    "a test that does not notice what takes two images to see",
    "Some bugs need an image without detections, one of another size, or a ranking over both.",
)(_passed_by("images without detections are skipped", _SIZES, *_RANKING))
KILL_THE_BUGS.wrong(
    "a test that does not notice what takes two classes to see",
    "Some bugs need a second class, predicted or true.",
)(_passed_by("classes do not matter", _ABSENT))
KILL_THE_BUGS.wrong(
    "a test that does not notice a ranking image by image",
    "A more confident mistake in another image ranks above a right detection: all images share one ranking.",
)(_passed_by(*_RANKING))
for _names in ((_SIZES, _CROWDS), (_CROWDS, _ABSENT), (_SIZES, _ABSENT), (_SIZES, _CROWDS, _ABSENT)):
    _quoted = [f"“{name}”" for name in _names]
    KILL_THE_BUGS.wrong(
        f"a test that does not notice {', '.join(_quoted[:-1])} and {_quoted[-1]}",
        "`truth` can make crowds and images of different sizes; a class may be predicted that does not occur.",
    )(_passed_by(*_names))

EXERCISES = (KILL_THE_BUGS,)
