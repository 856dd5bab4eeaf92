"""Every step of `python course.py test` runs, the first failure is the exit code, and the CPU minutes are said."""

import re
import runpy
import sys
from pathlib import Path

import pytest
from labs_with_widgets import LABS

from classroom.exercises.catalogue import find

ROOT = Path(__file__).parents[2]
EVERYTHING = runpy.run_path(str(ROOT / "tests" / "everything.py"))
STEPS = list(EVERYTHING["every_test"]([]))


def answer_with(monkeypatch, run):
    monkeypatch.setitem(EVERYTHING["main"].__globals__, "run", run)


def test_every_step_runs_and_the_first_failure_is_the_exit_code(monkeypatch, capsys):
    codes = iter([0, 3, 0, 0, 0, 1, 0])
    answer_with(monkeypatch, lambda command, variables: next(codes))
    assert EVERYTHING["main"]([]) == 3
    assert next(codes, "all ran") == "all ran"
    failed = re.findall("FAILED: (.*)", capsys.readouterr().out)
    assert (
        len(failed) == 2 and failed[0] == "Format" and failed[1].startswith("Solutions, outputs as stored: ")
    )


@pytest.mark.parametrize("code", [2, 130, 143])
def test_an_interruption_ends_the_run(monkeypatch, code):
    codes = iter([0, code])
    answer_with(monkeypatch, lambda command, variables: next(codes))
    assert EVERYTHING["main"]([]) == code


def test_the_cpu_minutes_of_each_step_are_said(monkeypatch, capsys):
    clock = iter(range(100))
    monkeypatch.setitem(EVERYTHING["main"].__globals__, "cpu_minutes", lambda: next(clock))
    answer_with(monkeypatch, lambda command, variables: 0)
    EVERYTHING["main"]([])
    said = capsys.readouterr().out
    assert re.findall(r"^ +1\.0  (.*)", said, re.M) == [name for name, _, _ in STEPS]
    assert f"{len(STEPS)}.0  together" in said


def test_a_step_runs_on_one_thread_with_its_variables_and_its_cpu_time_counts():
    burn = "import os, sys; sum(range(10 ** 7)); sys.exit(os.environ['OMP_NUM_THREADS'] != os.environ['ONE'])"
    before = EVERYTHING["cpu_minutes"]()
    assert EVERYTHING["run"]([sys.executable, "-c", burn], {"ONE": "1"}) == 0
    assert EVERYTHING["cpu_minutes"]() - before > 0.05 / 60
    assert EVERYTHING["run"]([sys.executable, "-c", burn], {"ONE": "2"}) == 1
    dies = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
    assert EVERYTHING["run"]([sys.executable, "-c", dies], {}) == 143


def notebook_steps():
    steps = [command for _, command, _ in EVERYTHING["every_test"]([])]
    return [command for command in steps if any("nbval-cell" in word for word in command)]


def test_the_solutions_are_run_strictly():
    (strict,) = notebook_steps()
    assert "--nbval" in strict and strict[-1].startswith("labs/solutions/")
    assert strict[strict.index("-n") + 1] == "2" and "loadscope" in strict


def test_four_days_run_every_solution(monkeypatch):
    of_the_day, days = EVERYTHING["labs_of_the_day"], []
    for day in range(4):
        monkeypatch.setitem(of_the_day.__globals__, "TODAY", str(739000 + day))
        days += of_the_day(every=False)
    assert sorted(days) == of_the_day(every=True) == sorted(set(days))
    assert len(days) == len(list(ROOT.glob("labs/solutions/*.ipynb")))


def test_stored_verdicts_are_those_of_todays_cases():
    """A case more or less changes what a solution prints: on the days when it is not run, too."""
    outdated = []
    for path in sorted(ROOT.glob("labs/solutions/*.ipynb")):
        for name, said in re.findall(
            r"✅ (\w+): (?:all (\d+) cases|the case) pass", path.read_text(encoding="utf-8")
        ):
            if int(said or 1) != len(find(name).cases):
                outdated.append(f"{path.name}: {name} has {len(find(name).cases)} cases")
    assert outdated == [], "run `classroom build` for these labs"


def test_a_student_lab_is_run_once_in_a_browser_or_without(monkeypatch):
    """The browser's list is the list of the labs; a step with no lab in it would fail."""
    labs = sorted(path.stem for path in ROOT.glob("labs/*.ipynb"))
    assert labs == sorted(LABS)
    monkeypatch.setenv("COURSEKIT_NO_BROWSER", "1")
    _, lax = notebook_steps()
    assert "--nbval-lax" in lax and lax[-len(labs) :] == [f"labs/{name}.ipynb" for name in labs]


def test_options_reach_the_last_step_alone():
    changed = list(EVERYTHING["every_test"](["-k", "box"]))
    assert changed[:-1] == STEPS[:-1] and changed[-1][1] == [*STEPS[-1][1], "-k", "box"]
