"""What a function of a notebook needs of its cells: imports, functions, classes and values; nothing else is run."""

import ast
import contextlib
import dis
import functools
import io
import linecache
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

COMPOUND = (ast.If, ast.Try, ast.With, ast.For, ast.While)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FOR_IPYTHON = re.compile(r"^([ \t]*)(?:[%!?]|[\w ,]+=[ \t]*[%!](?!=)|.*\S\?[ \t]*$).*$", re.MULTILINE)
CELL_MAGIC = re.compile(r"\A\s*%%(\w+).*")
AROUND_PYTHON = ("time", "timeit", "capture", "prun")  # cell magics below which Python stands


@dataclass(frozen=True)
class Cell:
    """A code cell: its statements, or the error that says why it is not Python."""

    file: str
    source: str
    statements: tuple[ast.stmt, ...] = ()
    error: SyntaxError | None = None

    @functools.cached_property
    def functions(self) -> set[str]:
        """The names of the functions that the cell defines, also as `f = g` and where it is not Python."""
        if self.error:
            return set(re.findall(r"^def (\w+)", self.source, re.MULTILINE))
        return {name for statement in self.statements if _is_function(statement) for name in bound(statement)}


def parse(sources: Sequence[str], notebook: str) -> list[Cell]:
    """Return the code cells of a notebook; a traceback finds their lines under `<cell 3 of NOTEBOOK>`."""
    return [_parsed(source, f"<cell {i} of {notebook}>") for i, source in enumerate(sources, 1)]


def _parsed(source: str, file: str) -> Cell:
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    try:
        return Cell(file, source, tuple(ast.parse(source).body))
    except (SyntaxError, ValueError):
        pass
    try:
        return Cell(file, source, tuple(ast.parse(without_magics(source)).body))
    except SyntaxError as error:
        return Cell(file, source, error=error)
    except ValueError as error:  # a null byte
        return Cell(file, source, error=SyntaxError(str(error)))


def without_magics(source: str) -> str:
    """Return a cell with `pass` in the place of each line that only IPython understands.

    >>> without_magics("%matplotlib inline\\nfiles = !ls\\nx = 1")
    'pass\\npass\\nx = 1'
    """
    magic = CELL_MAGIC.match(source)
    if magic and magic[1] not in AROUND_PYTHON:
        return ""
    return FOR_IPYTHON.sub(r"\1pass", source)


def bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement gives to something; `x = check(x)` gives none.

    >>> [sorted(bound(node)) for node in ast.parse("import a.b, c as d\\nx, y.z = 1, 2\\nx = check(x)").body]
    [['a', 'd'], ['x', 'y'], []]
    """
    if isinstance(statement, DEFINITIONS):
        return {statement.name}
    if isinstance(statement, ast.Import):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}
    if isinstance(statement, COMPOUND):
        inner = [node for node in ast.walk(statement) if node is not statement and isinstance(node, ast.stmt)]
        return set().union(*map(bound, inner)) | (
            _targets(statement.target) if isinstance(statement, ast.For) else set()
        )
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and not _is_check(statement.value):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return set().union(*map(_targets, targets))
    return set()


def _targets(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple | ast.List):
        return set().union(*map(_targets, target.elts))
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
    return {target.id} if isinstance(target, ast.Name) else set()


def _is_function(statement: ast.stmt) -> bool:
    """Whether a statement defines a function: `def f`, `f = lambda …` or `f = g`."""
    another_name = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda | ast.Name)
    return another_name or isinstance(statement, DEFINITIONS)


def _is_check(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] == "check"


def used(statement: ast.stmt) -> set[str]:
    """Return the names outside itself that a statement reads, or a function when it is called.

    >>> sorted(used(ast.parse("def f(x, y=ONE):\\n    z = g(x)\\n    return z").body[0]))
    ['ONE', 'g']
    """
    return set(_global_names(compile(ast.Module([statement], []), "", "exec")))


def _global_names(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)


def needed(cells: Sequence[Cell], name: str) -> list[tuple[str, ast.stmt]]:
    """Return the statements, each with its file, that define `name` and all that it needs, in their order.

    They are looked for up to the end of the cell that defines `name` last.
    """
    last = last_definition(cells, name)
    if last is None:
        return []
    above = [(cell.file, node, bound(node)) for cell in cells[: last + 1] for node in cell.statements]
    wanted, chosen = {name}, set()
    while more := {i for i, (_, _, names) in enumerate(above) if names & (wanted | {"*"})} - chosen:
        chosen |= more
        for i in more:
            with contextlib.suppress(SyntaxError, ValueError):  # a `return` outside a function: fails later
                wanted |= used(above[i][1])
    return [above[i][:2] for i in sorted(chosen)]


def last_definition(cells: Sequence[Cell], name: str) -> int | None:
    """Return the index of the cell whose definition of a function was checked last, or is the last one; or None."""
    checked = [i for i, cell in enumerate(cells) if re.search(rf"\bcheck\(\s*{name}\b", cell.source)]
    defining = [i for i, cell in enumerate(cells) if name in cell.functions]
    before = [i for i in defining if checked and i <= checked[-1]]
    return (before or defining or [None])[-1]


def define(statements: Sequence[tuple[str, ast.stmt]], instead: Mapping[str, Callable]) -> dict[str, Any]:
    """Return the names that statements define; one that fails is left to the function that needs it.

    Args:
        instead: functions that take the place of those of these names.
    """
    namespace: dict[str, Any] = {"__name__": "__main__", **instead}
    for file, statement in statements:
        quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        with contextlib.suppress(Exception, SystemExit), quiet[0], quiet[1]:
            exec(compile(ast.Module([statement], []), file, "exec"), namespace)
        namespace.update({name: instead[name] for name in bound(statement) & instead.keys()})
    return namespace
