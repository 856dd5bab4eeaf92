"""A class is graded as `check` would: any layout, damaged files, again after a stop, with secret cases; tables and pages."""

import csv
import json
import shutil
from pathlib import Path, PurePosixPath

import pytest

from classroom.cli import main
from classroom.exercises.catalogue import find
from classroom.exercises.record import by_lab
from classroom.grading import table
from classroom.grading.grade import extra_cases
from classroom.grading.pages import lecturer_page, made_up_names, without_comments
from classroom.grading.submissions import Student, code_cells, lab_of, student_of
from classroom.notebooks.plan import Plan, read_plan

BENCH = Path(__file__).parents[2] / "bench"
needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="there is no bubblewrap on this machine"
)
PLAN = 'title = "Detection"\npartial = true\n[labs.01]\ndeadline = "Friday"\npoints = { box_iou = 4 }\n'
CASES = """
import torch
from classroom.exercises.exercise import Case
CASES = {"mean_iou": (Case("the lecturer's own", (torch.tensor([[0.0, 0, 4, 4]]), torch.tensor([[0.0, 0, 4, 77]]))),)}
"""
SPY = """
from coursekit import ops
def mean_iou(predicted, target):
    print(target)
    assert not (target == 77).any(), target
    return ops.box_iou(predicted, target).diagonal().mean().item() if len(predicted) else 0.0
"""


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        import grading
        import made_up_class

        yield grading, made_up_class


@pytest.fixture(scope="module")
def graded(bench, tmp_path_factory):
    """Twelve notebooks of lab 01, one of each kind, graded; where, and what they hold."""
    folder = tmp_path_factory.mktemp("class")
    made = bench[1].make_class(folder / "in", ("01",), 12)
    (folder / "plan.toml").write_text(PLAN)
    options = [
        "--labs",
        "01",
        "--out",
        str(folder / "out"),
        "--jobs",
        "1",
        "--plan",
        str(folder / "plan.toml"),
    ]
    assert main(["grade", str(folder / "in"), *options, "--format", *table.FORMATS]) == 0
    return folder, options, made


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.slow
@needs_bubblewrap
def test_every_verdict_is_the_one_of_check(bench, graded):
    folder, _, made = graded
    rows = bench[0].read_rows(folder / "out" / "grades.csv")
    assert len(rows) == 12 * len(by_lab()["01"])
    assert bench[0].differences(made, rows) == []
    assert {row["verdict"] for row in rows} >= {
        "right",
        "wrong",
        "open",
        "missing",
        "not Python",
        "unreadable",
    }


@pytest.mark.slow
@needs_bubblewrap
def test_a_run_that_was_stopped_goes_on_and_ends_the_same(graded, capsys):
    folder, options, _ = graded
    before = (folder / "out" / "grades.csv").read_bytes()
    kept = sorted((folder / "out" / "verdicts").glob("student000*.json"))
    kept[0].write_text(kept[0].read_text()[:100])
    (folder / "out" / "grades.csv").unlink()
    assert main(["grade", str(folder / "in"), *options]) == 0
    said = capsys.readouterr().out
    assert "11 of 12 notebooks are judged already." in said and "1 of 1 notebooks judged" in said
    assert (folder / "out" / "grades.csv").read_bytes() == before


@pytest.mark.slow
@needs_bubblewrap
def test_tables_of_other_systems_and_pages(graded):
    folder = graded[0] / "out"
    heads = {name: rows_of(folder / f"{name}_01.csv") for name in table.FORMATS}
    assert heads["nbgrader"][0][3] == "student_id" and len(heads["nbgrader"]) == 13
    assert heads["canvas"][1][0].strip() == "Points Possible" and heads["moodle"][0][0] == "Identifier"
    names = by_lab()["01"]
    assert heads["otter"][0] == ["file", *names, "total", "percent_correct"]
    assert heads["nbgrader"][1][-1] == str(len(names) + 3)
    pages = sorted((folder / "students").glob("*.html"))
    text = (folder / "class.html").read_text(encoding="utf-8")
    assert len(pages) == 12 and all(f"students/{page.name}" in text for page in pages)
    wrong = next(page for page in pages if page.name.startswith("student002")).read_text(encoding="utf-8")
    assert "last_case() returns the arguments of this case" in wrong and "data:image/webp" in wrong


@pytest.mark.slow
@needs_bubblewrap
def test_secret_cases_count_and_are_not_told(graded):
    """The answer is right for every case but the secret one, and tries to tell its arguments."""
    folder, cases = graded[0], len(find("mean_iou").cases)
    (folder / "secret.py").write_text(CASES)
    one = folder / "one" / "ada" / "01.ipynb"
    one.parent.mkdir(parents=True)
    one.write_text(json.dumps({"cells": [{"cell_type": "code", "source": SPY}]}))
    command = [
        "grade",
        str(folder / "one"),
        "--labs",
        "01",
        "--jobs",
        "1",
        "--cases",
        str(folder / "secret.py"),
    ]
    assert main([*command, "--out", str(folder / "secret out")]) == 0
    rows = {row[3]: row for row in rows_of(folder / "secret out" / "grades.csv")}
    assert rows["mean_iou"][6:9] == [str(cases), str(cases + 1), "wrong"]
    page = next((folder / "secret out" / "students").iterdir()).read_text(encoding="utf-8")
    assert "0 of 1 further cases of your instructor pass." in page
    assert "the lecturer" not in page and "77" not in page


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("Ada Lovelace_1815_assignsubmission_file_/deep/01.ipynb", Student("Ada Lovelace", "1815")),
        ("lovelaceada_LATE_77_9001_lab.ipynb", Student("lovelaceada", "77")),
        ("ada/01.ipynb", Student("ada")),
        ("ada.zip/x/01.ipynb", Student("ada")),
        ("01_localisation_ada.ipynb", Student("ada")),
        ("ada lab01.ipynb", Student("ada")),
    ],
)
def test_the_student_is_found_in_the_path(path, student):
    assert student_of(PurePosixPath(path), ["01"]) == student


def test_the_lab_is_found_by_its_exercises_then_by_the_name():
    assert lab_of(PurePosixPath("a.ipynb"), ["def nms(a):\n    ..."], ["01", "03"]) == "03"
    assert lab_of(PurePosixPath("lab03.ipynb"), [], ["01", "03"]) == "03"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 3}', '{"cells": [{"cell_type": "code", "source": 3}]}', "\x00"]
)
def test_what_is_no_notebook_is_said(text):
    with pytest.raises(ValueError, match="This is not a notebook that can be read"):
        code_cells(text.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "is not a TOML file"),
        ("course = 1", "unknown entry 'course'"),
        ("[labs.99]", r"\[labs.99\] must name a lab"),
        ("[labs.01]\npoints = { nms = 1 }", "nms = 1 must be an exercise of lab 01"),
        ("[labs.01]\npoints = { box_iou = -1 }", "at least 0 points"),
    ],
)
def test_a_wrong_plan_is_one_sentence(tmp_path, text, said):
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_plan(tmp_path / "plan.toml")


def test_a_wrong_file_of_cases_is_one_sentence(tmp_path):
    (tmp_path / "a.py").write_text("CASES = {'no_such': ()}")
    with pytest.raises(ValueError, match="must define CASES, a dict whose keys are names of exercises"):
        extra_cases(str(tmp_path / "a.py"))


def made_up_row(name, verdict, student, code="", human=()):
    row = {
        "exercise": name,
        "verdict": verdict,
        "passed": 1,
        "cases": 2,
        "code": code,
        "human": list(human),
        "said": "",
    }
    row |= {"misconceptions": ["the +1"] if verdict == "wrong" else [], "stories": ["A story."], "html": ""}
    about = {"name": student, "number": ""}
    return {
        "student": about,
        "lab": "01",
        "path": f"{student}.ipynb",
        "note": "",
        "rows": [row],
        "seconds": 1.0,
    }


def test_an_anonymous_page_names_nobody():
    graded = [
        made_up_row("box_iou", "wrong", "Ada", "x = 1  # by Ada", ["odd"]),
        made_up_row("box_iou", "right", "Grace"),
    ]
    page = lecturer_page(graded, Plan(), made_up_names(graded), {})
    assert (
        "Ada" not in page and "Grace" not in page and "the +1 (1 student)" in page and "student 001" in page
    )
    named = lecturer_page(
        graded, Plan(), {id(g): g["student"]["name"] for g in graded}, {id(graded[0]): "a.html"}
    )
    assert "Ada" in named and "Grace" in named


def test_docstrings_and_comments_go():
    assert (
        without_comments('def f():\n    """By Ada."""\n    return "x"  # Ada\n') == 'def f():\n    return "x"'
    )
    assert without_comments("def (") == "" or "def" in without_comments("def (")
