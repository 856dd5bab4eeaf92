"""course.py: what it says when something is missing, and what it runs."""

import ast
import os
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "course.py").read_text(encoding="utf-8")
COURSE = runpy.run_path(str(ROOT / "course.py"))


def test_an_old_python_can_read_it():
    ast.parse(SOURCE, feature_version=(3, 7))  # the oldest that every Python here can imitate


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 99)])
def test_refuses_an_old_python_in_words(version):
    with pytest.raises(
        SystemExit, match=r"Python 3\.\d+ is too old, the course needs 3\.11 or newer: install"
    ):
        COURSE["refuse_old_python"](version)


def test_takes_a_new_python():
    COURSE["refuse_old_python"]((3, 11, 0))
    COURSE["refuse_old_python"]((4, 0, 0))


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), ([], 2), (["slides?"], 2)])
def test_prints_its_use(arguments, code, capsys):
    assert COURSE["main"](arguments) == code
    assert "python course.py lab" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            "disk is full",
        ),
        ("[Errno 13] Permission denied: '.venv'", "No permission to write"),
        ("[Errno 30] Read-only file system: '.venv'", "No permission to write"),
        (
            "WARNING: Retrying after 'NewConnectionError(Temporary failure in name resolution)'\n"
            "ERROR: No matching distribution found for torch>=2.4",
            "No network",
        ),
        ("ERROR: No matching distribution found for torch>=2.4", "A package does not exist for this Python"),
        (
            "SSLError('[SSL: CERTIFICATE_VERIFY_FAILED]')",
            "certificate is not trusted",
        ),
        ("ImportError: DLL load failed while importing _C", "Visual C++"),
        ("ERROR: something new", "could not be made: ERROR: something new"),
        ("", "no message"),
    ],
)
def test_says_in_words_what_failed(output, sentence):
    assert sentence in COURSE["explain"](output)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("Collecting torch>=2.4 (from coursekit==0.1.0)\n", "looking for torch"),
        (
            "  Downloading torch-2.14.1-cp312-cp312-manylinux_2_28_x86_64.whl (888.1 MB)\n",
            "downloading torch (888.1 MB)",
        ),
        ("Collecting a\nInstalling collected packages: a, b\n", "unpacking the packages"),
        ("WARNING: Location is ignored: it is neither a file nor a directory.\n", None),
    ],
)
def test_progress_line(output, text):
    assert COURSE["stage"](output) == text


def test_a_python_without_venv_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    monkeypatch.setattr(sys, "prefix", os.sep)
    with pytest.raises(SystemExit, match="lacks its module ensurepip.*apt install python3-venv"):
        COURSE["create_environment"]()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["tests/everything.py"]),
        (["--all"], ["tests/everything.py", "--all"]),
        (["tests", "-k", "box"], ["-m", "pytest", "tests", "-k", "box"]),
        (
            ["tests/course/test_scores.py", "--all"],
            ["-m", "pytest", "tests/course/test_scores.py", "--all"],
        ),
    ],
)
def test_arguments_go_to_pytest_and_without_any_every_step_runs(monkeypatch, arguments, words):
    monkeypatch.setitem(
        COURSE["test"].__globals__, "run", lambda command: [str(word) for word in command[1:]]
    )
    assert COURSE["test"](arguments) == words


@pytest.mark.parametrize(
    ("options", "code", "passed_on", "opens"),
    [
        ([], 0, [], True),
        (["--no-browser"], 0, [], False),
        ([], 1, [], False),
        (["--check"], 0, ["--check"], False),
    ],
)
def test_the_slides_are_built_and_opened(monkeypatch, options, code, passed_on, opens):
    commands, opened = [], []
    names = COURSE["slides"].__globals__
    monkeypatch.setitem(names, "run", lambda command: commands.append(command) or code)
    monkeypatch.setattr(names["webbrowser"], "open", opened.append)
    assert COURSE["slides"](options) == code
    assert [str(word) for word in commands[0][1:]] == ["-m", "classroom", "slides", *passed_on]
    assert opened == [(ROOT / "build" / "slides" / "deck.html").as_uri()] * opens


def test_ci_runs_the_test_command():
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").rstrip().endswith("python3 course.py test")
    assert os.name == "nt" or os.access(script, os.X_OK)


@pytest.mark.parametrize(("task", "marks"), [("lab", ["--"]), ("progress", []), ("check", [])])
def test_what_students_do_is_the_classrooms_command(task, marks, monkeypatch):
    ran = []
    monkeypatch.setitem(
        COURSE["classroom"].__globals__, "run", lambda words: ran.append([*map(str, words)]) or 0
    )
    assert COURSE["TASKS"][task](["03", "--no-browser"]) == 0
    assert ran == [[str(COURSE["PYTHON"]), "-m", "classroom", task, *marks, "03", "--no-browser"]]
