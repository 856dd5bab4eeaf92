"""course.py: what it says when something is missing, and real environments for a project of stub packages."""

import ast
import os
import re
import runpy
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "course.py").read_text(encoding="utf-8")
COURSE = runpy.run_path(str(ROOT / "course.py"))


# ---- without an environment ----


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


def test_every_step_runs_and_the_first_failure_is_the_exit_code(monkeypatch, capsys):
    codes = iter([0, 3, 0, 1, 0, 0])
    monkeypatch.setitem(COURSE["test"].__globals__, "run", lambda command, **variables: next(codes))
    assert COURSE["test"]([]) == 3
    assert next(codes, "all ran") == "all ran"
    assert re.findall("FAILED: (.*)", capsys.readouterr().out) == ["Format", "Solutions, outputs as stored"]


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
    assert [str(word) for word in commands[0][1:]] == ["slides", *passed_on]
    assert opened == [(ROOT / "build" / "slides" / "deck.html").as_uri()] * opens


def test_the_notebooks_are_run_strictly_and_laxly():
    commands = [[str(word) for word in command] for _, command, _ in COURSE["every_test"]()]
    notebooks = [command for command in commands if any("nbval-cell" in word for word in command)]
    assert [("--nbval" in command, command[-1]) for command in notebooks] == [
        (True, "labs/solutions"),
        (False, "--ignore=labs/source"),
    ]


def test_ci_runs_the_test_command():
    script = ROOT / ".ci" / "run"
    assert script.read_text(encoding="utf-8").rstrip().endswith("python3 course.py test")
    assert os.name == "nt" or os.access(script, os.X_OK)


# ---- with a real environment, for stubs of the packages ----

STUBS = {
    "coursekit.py": "",
    "classroom.py": "",
    "torch.py": "",
    "torchvision.py": "",
    "pytest.py": "import os, sys; print(sys.argv[1:], os.environ['OMP_WAIT_POLICY']); sys.exit(7)",
    "jupyterlab.py": "import sys; print(sys.argv[1:])",
}
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = '''
"""Builds a wheel of the stubs."""
import zipfile

FILES = {files!r}
RECORDS = {{
    "stubs-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: stubs\\nVersion: 1\\n{requires}",
    "stubs-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "stubs-1.dist-info/RECORD": "",
}}

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/stubs-1-py3-none-any.whl", "w") as wheel:
        for name, text in {{**FILES, **RECORDS}}.items():
            wheel.writestr(name, text)
    return "stubs-1-py3-none-any.whl"
'''


def write_project(folder: Path, requires: str = "", stubs: dict[str, str] = STUBS) -> None:
    (folder / "course.py").write_text(SOURCE, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT + f"# {requires}\n", encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND.format(files=stubs, requires=requires), encoding="utf-8")


def course(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
    }
    environment = {**os.environ, **nowhere, "PIP_FIND_LINKS": ""}
    command = [sys.executable, "course.py", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project, its name with a space, whose environment is made."""
    folder = tmp_path_factory.mktemp("my course")
    write_project(folder)
    first = course(folder, "setup")
    assert first.returncode == 0, first.stderr
    assert "The environment is ready" in first.stdout
    return folder


@pytest.mark.slow
def test_what_is_up_to_date_is_left_alone(made):
    began = time.monotonic()
    again = course(made, "setup")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_arguments_reach_pytest_and_its_exit_code_comes_back(made):
    run = course(made, "test", "-k", "iou")
    assert run.returncode == 7
    assert "['-k', 'iou'] PASSIVE" in run.stdout


@pytest.mark.slow
def test_options_reach_jupyterlab_and_lab_01_is_opened(made):
    run = course(made, "lab", "--no-browser", "--port", "8899")
    assert run.returncode == 0
    assert run.stdout.rstrip().endswith("'labs/01_localisation.ipynb', '--no-browser', '--port', '8899']")
    assert "01_localisation" not in course(made, "lab", "labs/02_other.ipynb").stdout


@pytest.mark.slow
def test_a_new_pyproject_is_installed_into_the_same_environment(made):
    kept = made / ".venv" / "kept"
    kept.touch()
    write_project(made, requires="Summary: changed")
    assert "ready" in course(made, "setup").stdout
    assert kept.exists()


@pytest.mark.slow
def test_an_interrupted_installation_is_made_anew(made):
    debris = made / ".venv" / "debris"
    debris.touch()
    (made / ".venv" / "half-installed").touch()
    (made / ".venv" / "stamp").unlink()
    assert "Creating .venv" in course(made, "setup").stdout
    assert not debris.exists() and not (made / ".venv" / "half-installed").exists()


@pytest.mark.slow
def test_a_broken_environment_is_made_anew(made):
    for interpreter in [*made.glob(".venv/bin/python*"), *made.glob(".venv/Scripts/python*")]:
        interpreter.unlink()
    assert "Creating .venv" in course(made, "setup").stdout
    assert course(made, "setup").stdout == ""


@pytest.mark.slow
def test_no_network_is_said_and_nothing_is_lost(made):
    write_project(made, requires="Requires-Dist: a-package-that-is-elsewhere")
    run = course(made, "lab")
    assert run.returncode == 1 and "No network" in run.stderr and "Traceback" not in run.stderr
    assert "NewConnectionError" in (made / ".venv" / "install.log").read_text(encoding="utf-8")
    write_project(made)
    assert "Creating .venv" not in course(made, "setup").stdout


@pytest.mark.slow
def test_packages_that_cannot_be_imported_are_reported(made):
    write_project(
        made, requires="Summary: broken", stubs={**STUBS, "torchvision.py": "raise ImportError('no nms')"}
    )
    run = course(made, "lab")
    assert run.returncode == 1 and "no nms" in run.stderr and "Traceback" not in run.stderr
