"""What `check` says of answers by people who saw only the students' notebooks: no right one refused, no false name."""

import json
import runpy
from pathlib import Path

import pytest

from classroom.exercises.catalogue import find, homes

FOLDER = Path(__file__).parents[1] / "answers"
MEASURE = runpy.run_path(str(FOLDER / "measure.py"))
FILES = MEASURE["answer_files"]()
MEASURED = json.loads((FOLDER / "measured.json").read_text(encoding="utf-8"))


def title(file):
    return f"{MEASURE['author'](file)}/{file.parent.name}/{file.stem}"


def test_every_exercise_has_answers_and_each_was_measured():
    assert {file.stem for file in FILES} == set(homes())
    written = [(title(file), name) for file in FILES for name, _ in MEASURE["answers"](file)]
    assert [(f"{row['author']}/{row['lab']}/{row['exercise']}", row["answer"]) for row in MEASURED] == written
    for file in FILES:
        kinds = [name.split("_")[0] for name, _ in MEASURE["answers"](file)]
        assert kinds.count("right") >= 3 and kinds.count("wrong") >= 6, title(file)


def test_what_was_measured_keeps_the_promise():
    """All right answers accepted, at least 98 % of the wrong ones rejected, at least 75 % named."""
    right = [row["verdict"] for row in MEASURED if row["kind"] == "right"]
    wrong = [row["verdict"] for row in MEASURED if row["kind"] == "wrong"]
    assert set(right) == {"right"}
    assert wrong.count("named") + wrong.count("rejected") >= 0.98 * len(wrong)
    assert wrong.count("named") >= 0.75 * len(wrong)


@pytest.mark.parametrize("file", FILES, ids=map(title, FILES))
def test_every_right_answer_is_accepted(file):
    for name, function in MEASURE["answers"](file):
        if name.startswith("right_"):
            verdict = MEASURE["verdict_on"](function, find(file.stem))
            assert verdict["verdict"] == "right", (name, verdict["said"])


@pytest.mark.rotated
@pytest.mark.parametrize("file", FILES, ids=map(title, FILES))
def test_each_verdict_is_the_one_that_was_measured(file):
    then = [r for r in MEASURED if title(file) == f"{r['author']}/{r['lab']}/{r['exercise']}"]
    now = [{key: row[key] for key in row if key != "said"} for row in MEASURE["examined"](file)]
    assert now == then
