"""Check the exercises of a notebook without running it: only its imports, constants, functions and classes."""

import ast
import contextlib
import io
import linecache
from collections.abc import Iterator
from pathlib import Path

import nbformat

from classroom.exercises import record
from classroom.exercises.catalogue import find, homes
from classroom.exercises.examine import examine
from classroom.exercises.report import plain

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def mark(notebook: Path) -> Iterator[tuple[str, bool, str]]:
    """Yield each exercise of a notebook, whether it is right, and what `check` says of it.

    Later exercises get an earlier one's function if it is right, otherwise the reference, as in the notebook.

    Raises:
        ValueError: the file is not a notebook.
    """
    namespace: dict = {"__name__": "__main__"}
    for number, source in enumerate(code_cells(notebook), 1):
        file = f"<cell {number} of {notebook.name}>"
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            for name in _named_in(source):
                yield name, False, f"❌ {name}: line {error.lineno} of its cell is not Python: {error.msg}."
                namespace[name] = find(name).reference
            continue
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        for node in tree.body:
            _define(node, file, namespace)
            if isinstance(node, ast.FunctionDef) and node.name in homes() and node.name in namespace:
                yield node.name, *_marked(node.name, namespace)


def code_cells(notebook: Path) -> list[str]:
    """Return the text of the code cells.

    Raises:
        ValueError: the file is not a notebook.
    """
    try:
        cells = nbformat.read(notebook, 4).cells
    except Exception as error:  # nbformat has an error for every kind of damage
        raise ValueError(f"{notebook} is not a notebook that can be read: {error}") from error
    return [cell.source for cell in cells if cell.cell_type == "code"]


def _define(node: ast.stmt, file: str, namespace: dict) -> None:
    """Run one statement if it only gives a name to something; one that fails is left to the function that needs it."""
    if not isinstance(node, DEFINITIONS) and not _is_constant(node):
        return
    with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(ast.Module([node], []), file, "exec"), namespace)


def _is_constant(node: ast.stmt) -> bool:
    """Whether a statement assigns numbers, texts, or tuples, lists and dicts of them."""
    if not isinstance(node, ast.Assign):
        return False
    plain_nodes = (
        ast.Constant,
        ast.Tuple,
        ast.List,
        ast.Dict,
        ast.UnaryOp,
        ast.BinOp,
        ast.operator,
        ast.unaryop,
    )
    return all(isinstance(part, (*plain_nodes, ast.expr_context)) for part in ast.walk(node.value))


def _marked(name: str, namespace: dict) -> tuple[bool, str]:
    exercise, function = find(name), namespace[name]
    verdict = examine(function, exercise)
    record.note_check(name, verdict.attempted, verdict.right)
    if not verdict.right:
        namespace[name] = exercise.reference
    return verdict.right, plain(verdict)


def _named_in(source: str) -> list[str]:
    names = [
        line.removeprefix("def ").partition("(")[0] for line in source.splitlines() if line.startswith("def ")
    ]
    return [name for name in names if name in homes()]
