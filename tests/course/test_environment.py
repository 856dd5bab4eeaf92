"""environment.yml, pyproject.toml and course.py ask for the same environment."""

import runpy
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
COURSE = runpy.run_path(str(ROOT / "course.py"))


def pip_lines(environment) -> list[str]:
    return [line for entry in environment["dependencies"] if isinstance(entry, dict) for line in entry["pip"]]


def test_conda_installs_what_course_py_installs():
    (line,) = pip_lines(CONDA)
    assert line == "-e .[lab,slides,site,test]"
    assert line.removeprefix("-e ") in COURSE["install_packages"].__code__.co_consts


def test_conda_names_no_package_of_its_own():
    named = [entry for entry in CONDA["dependencies"] if isinstance(entry, str)]
    assert [name.split("=")[0] for name in named] == ["python", "pip"]


def test_the_python_of_conda_is_one_the_project_takes():
    (python,) = (entry for entry in CONDA["dependencies"] if str(entry).startswith("python="))
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{python.removeprefix('python=')}.0")


def test_course_py_refuses_the_pythons_that_the_project_refuses():
    assert PROJECT["requires-python"] == ">={}.{}".format(*COURSE["OLDEST_PYTHON"])


@pytest.mark.parametrize("extra", ["lab", "slides", "site", "test"])
def test_the_extras_that_are_installed_exist(extra):
    assert extra in PROJECT["optional-dependencies"]


def test_every_requirement_is_a_range_that_what_is_installed_satisfies():
    from importlib.metadata import version

    extras = PROJECT["optional-dependencies"]
    for requirement in map(
        Requirement, [*PROJECT["dependencies"], *extras["lab"], *extras["slides"], *extras["test"]]
    ):
        assert requirement.specifier.contains(version(requirement.name)), str(requirement)
