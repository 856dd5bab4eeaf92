"""course.py makes real environments, for a project of stub packages, and leaves alone what is up to date."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parents[2] / "course.py").read_text(encoding="utf-8")
STUBS = {
    "coursekit.py": "",
    "classroom.py": "import sys; print(sys.argv[1:])",
    "torch.py": "",
    "torchvision.py": "",
    "pytest.py": "import os, sys; print(sys.argv[1:], os.environ['OMP_WAIT_POLICY']); sys.exit(7)",
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
def test_the_words_after_lab_reach_the_classroom(made):
    run = course(made, "lab", "03", "--no-browser", "--port", "8899")
    assert run.returncode == 0
    assert run.stdout.rstrip().endswith("['lab', '--', '03', '--no-browser', '--port', '8899']")


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
