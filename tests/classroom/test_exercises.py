"""Every exercise three ways: the solution passes, the hole is "not attempted", each named wrong answer has its name."""

import ast
import functools
import linecache
import time
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import pytest
import torch

from classroom import check, hint
from classroom.exercises.catalogue import all_exercises, find
from classroom.exercises.compare import difference, explain, run
from classroom.exercises.core import attempted, examine, report, time_ratio
from classroom.exercises.exercise import Case, Exercise
from classroom.notebooks.build import instructor_edition, read_source, student_edition

SOURCES = sorted((Path(__file__).parents[2] / "labs" / "source").glob("*.py"))
EXERCISES = all_exercises()
WRONG = [(name, wrong) for name, exercise in EXERCISES.items() for wrong in exercise.wrong_answers]


@functools.cache
def code_cells(edition) -> list[list[ast.stmt]]:
    """The statements of each code cell of every lab, in an edition (solution or student)."""
    cells = [cell for path in SOURCES for cell in edition(read_source(path)).cells]
    return [ast.parse(cell.source).body for cell in cells if cell.cell_type == "code"]


@functools.cache
def what_labs_import() -> dict[str, object]:
    statements = [line for cell in code_cells(instructor_edition) for line in cell]
    imports = [line for line in statements if isinstance(line, ast.Import | ast.ImportFrom)]
    namespace: dict[str, object] = {}
    exec(compile(ast.Module(imports, []), "<imports>", "exec"), namespace)
    return namespace


def written_in_lab(name: str, edition) -> object:
    """The function `name` as an edition of the lab defines it, among the references of the other exercises."""
    functions = [line for cell in code_cells(edition) for line in cell if isinstance(line, ast.FunctionDef)]
    (definition,) = [function for function in functions if function.name == name]
    source, file = ast.unparse(definition), f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    namespace = what_labs_import() | {exercise.name: exercise.reference for exercise in EXERCISES.values()}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


@pytest.mark.parametrize("name", EXERCISES)
def test_solution_of_the_lab_passes(name):
    verdict = examine(written_in_lab(name, instructor_edition), EXERCISES[name])
    assert verdict.right, report(verdict)


@pytest.mark.parametrize("name", EXERCISES)
def test_hole_of_the_student_edition_is_not_attempted(name):
    verdict = examine(written_in_lab(name, student_edition), EXERCISES[name])
    assert not verdict.attempted and not verdict.right
    assert report(verdict).startswith("⏳")


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{n}: {w.name}" for n, w in WRONG])
def test_wrong_answer_is_rejected_by_its_name(name, wrong, capsys):
    exercise = EXERCISES[name]
    verdict = examine(wrong.function, exercise)
    assert [w.name for w in verdict.diagnosis] == [wrong.name], report(verdict)
    assert check(wrong.function, exercise) is exercise.reference
    assert wrong.name in capsys.readouterr().out


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_is_complete(name):
    exercise = EXERCISES[name]
    assert len(exercise.wrong_answers) >= 4 and len(exercise.hints) >= 3 and len(exercise.cases) >= 1
    assert examine(exercise.reference, exercise).right


@pytest.mark.parametrize("name", EXERCISES)
def test_feedback_comes_soon(name):
    exercise = EXERCISES[name]
    check(exercise.wrong_answers[0].function, exercise)  # the first picture imports matplotlib
    start = time.process_time()
    check(exercise.wrong_answers[0].function, exercise)
    check(exercise.reference, exercise)
    assert time.process_time() - start < 5  # seconds of the CPU for two checks, on a machine that may be busy


def double(x):
    return 2 * x


DOUBLE = Exercise(
    double,
    cases=(Case("one", (torch.tensor([1.0]),)), Case("gradient", (torch.tensor([3.0, 4.0]),), gradient=True)),
    hints=("Think.", "2x", "return 2 * x"),
)


@DOUBLE.wrong("a square", "2x is not x squared.")
def square(x):
    return x * x


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: print(end=""), "is there a `return`?"),
        (lambda x: [2.0], "should be a tensor of shape (1,)"),
        (lambda x: 2 * x[None], "should have shape (1,), but has (1, 1)"),
        (lambda x: (2 * x).double(), "should be torch.float32, but is torch.float64"),
        (lambda x: 3 * x, "the result[0] should be 2, but is 3"),
        (lambda x: x / 0 * 0, "should be 2, but is nan"),
        (lambda x: 2 * x.detach(), "no gradient flows through it"),
        (lambda x: x.detach().mul_(2), "it changed its input"),
        (lambda x: 1 / 0, "it raised ZeroDivisionError"),
    ],
)
def test_failures_are_told_in_words(answer, sentence):
    assert sentence in report(examine(answer, DOUBLE))


def test_unknown_mistake_gets_no_name():
    assert examine(lambda x: 3 * x, DOUBLE).diagnosis == ()
    assert [w.name for w in examine(square, DOUBLE).diagnosis] == ["a square"]


def test_a_hole_below_other_lines_is_seen():
    def halfway(x):
        y = 2 * x
        ...  # your code here
        return y

    assert not attempted(halfway) and attempted(double)


def test_not_implemented_counts_as_not_attempted():
    def later(x):
        raise NotImplementedError

    assert not examine(later, DOUBLE).attempted


def test_strict_mode_raises_what_check_says(monkeypatch):
    monkeypatch.setenv("COURSEKIT_STRICT", "1")
    assert check(double, DOUBLE) is double
    with pytest.raises(AssertionError, match="This is a square"):
        check(square, DOUBLE)
    with pytest.raises(AssertionError, match="not written yet"):
        check(lambda x: ..., DOUBLE)


def test_hints_climb_a_ladder_and_stop_at_the_top(capsys):
    for _ in range(len(find("box_iou").hints) + 1):
        hint("box_iou")
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Hint 1 of 3") and said[2].endswith("last one.") and said[2] == said[3]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="no exercise called 'box_uio'.*box_iou"):
        hint("box_uio")


def test_speed_is_a_ratio_against_the_reference():
    def slow(x):
        for _ in range(50):
            y = 2 * x
        return y

    exercise = Exercise(double, DOUBLE.cases, ("",), speed=lambda: (torch.rand(10_000),))
    assert time_ratio(slow, exercise) > 5 > time_ratio(double, exercise)


class Pair(NamedTuple):
    left: torch.Tensor
    right: torch.Tensor


def test_gradients_go_into_named_tuples_and_out_of_dicts():
    pair = Pair(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    right = run(lambda x: {"b": (x.left * x.right).sum(), "a": x.left.sum()}, (pair,), gradient=True)
    assert [g.tolist() for g in right.gradients] == [[1 + 2 * 3, 1 + 2 * 4], [2 * 1, 2 * 2]]
    other = run(lambda x: {"a": x.left.sum(), "b": (x.left.detach() * x.right).sum()}, (pair,), gradient=True)
    assert difference(other, right).startswith("the gradient[0] should be 7")
    assert not pair.left.requires_grad
    assert run(lambda x: x.left.mul_(2), (pair,)).changed_input


def test_nan_equals_only_nan():
    nan = torch.tensor([float("nan")])
    assert explain(nan, nan) is None
    assert "nan" in explain(nan, torch.tensor([1.0]))
    assert difference(run(lambda: 1 / 0, ()), run(lambda: [][1], ())) is None


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{n}: {w.name}" for n, w in WRONG])
def test_failing_case_is_drawn_where_the_answer_can_be(name, wrong):
    exercise = EXERCISES[name]
    verdict = examine(wrong.function, exercise)
    if exercise.picture is None or "shape" in verdict.sentence:
        return
    figure, alt = exercise.picture(verdict.failing.arguments, verdict.got.value, verdict.wanted.value)
    plt.close(figure)
    assert figure.axes[0].patches or figure.axes[0].images
    assert alt.endswith(".")
