"""A file is read in one sitting, a function at a glance; no test module leans on another."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("coursekit", "classroom", "tests", "slides", "bench", "data")
SOURCES = [
    ROOT / "course.py",
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "answers" not in path.parts
    ),
]
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 250, 50


def lines_without_docstring(function):
    """The lines from `def` to the end, its docstring not counted."""
    first = function.body[0]
    said = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return function.end_lineno - function.lineno + 1 - said


def functions_of(source):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]


def too_long(name, source):
    """What is too long in a file, in words."""
    count = len(source.splitlines())
    found = [f"{name} has {count} lines, more than {MOST_LINES}"] if count > MOST_LINES else []
    for function in functions_of(source):
        count = lines_without_docstring(function)
        if count > MOST_LINES_OF_A_FUNCTION:
            found.append(f"{function.name} of {name} has {count} lines, more than {MOST_LINES_OF_A_FUNCTION}")
    return found


def leaning(name, source):
    """The test modules that a test module imports, also in the source of a program that it runs."""
    modules = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    lines = [re.split(r"[\s.,]+", line.strip()) for line in source.splitlines()]
    imported = [word for words in lines if words[0] in ("from", "import") for word in words]
    return [f"{name} imports {word}" for word in imported if word in modules]


def read(path):
    return path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_no_file_and_no_function_is_too_long():
    assert [problem for path in SOURCES for problem in too_long(*read(path))] == []


def test_no_test_module_imports_another():
    modules = [path for path in SOURCES if path.name.startswith("test_")]
    assert len(modules) > 100
    assert [problem for path in modules for problem in leaning(*read(path))] == []


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("\n" * 250, []),
        ("\n" * 251, ["made_up.py has 251 lines, more than 250"]),
        ("def f():\n" + "    x = 1\n" * 49, []),
        ("def f():\n" + "    x = 1\n" * 50, ["f of made_up.py has 51 lines, more than 50"]),
        ('def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 49, []),
        (
            "class A:\n    async def f(self):\n" + "        x = 1\n" * 50,
            ["f of made_up.py has 51 lines, more than 50"],
        ),
    ],
)
def test_what_is_too_long_is_found(source, problems):
    assert too_long("made_up.py", source) == problems


@pytest.mark.parametrize(
    "line",
    [
        "from test_size import read",
        "import test_size",
        "    from tests.course.test_size import *",
        "from tests.course import test_size",
    ],
)
def test_an_import_of_a_test_module_is_found(line):
    assert leaning("made_up.py", f"import pytest\n{line}\n")
