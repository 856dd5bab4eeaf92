"""Every exercise three ways: the solution passes, the hole is "not attempted", each named wrong answer has its name."""

import ast
import functools
import linecache
import time
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from classroom import check
from classroom.exercises.catalogue import all_exercises
from classroom.exercises.examine import examine
from classroom.exercises.report import plain
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
    assert verdict.right, plain(verdict)


@pytest.mark.parametrize("name", EXERCISES)
def test_hole_of_the_student_edition_is_not_attempted(name):
    verdict = examine(written_in_lab(name, student_edition), EXERCISES[name])
    assert not verdict.attempted and not verdict.right
    assert plain(verdict).startswith("⏳")


@pytest.mark.rotated
@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{n}: {w.name}" for n, w in WRONG])
def test_wrong_answer_is_rejected_by_its_name(name, wrong, capsys):
    exercise = EXERCISES[name]
    verdict = examine(wrong.function, exercise)
    assert [w.name for w in verdict.diagnosis.wrong_answers] == [wrong.name], plain(verdict)
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


@pytest.mark.rotated
@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{n}: {w.name}" for n, w in WRONG])
def test_failing_case_is_drawn_where_the_answer_can_be(name, wrong):
    exercise = EXERCISES[name]
    verdict = examine(wrong.function, exercise)
    if exercise.picture is None or "shape" in verdict.sentence or verdict.got.error is not None:
        return  # `check` draws no error
    drawn = exercise.picture(verdict.failing.arguments, verdict.got.value, verdict.wanted.value)
    if drawn is None:
        return
    figure, alt = drawn
    plt.close(figure)
    assert figure.axes[0].patches or figure.axes[0].images
    assert alt.endswith(".")
