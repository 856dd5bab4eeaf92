"""Check the exercises of a notebook without running it: only their functions, and what these need of the cells above."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nbformat

from classroom.exercises import record
from classroom.exercises.catalogue import find, homes
from classroom.exercises.examine import examine
from classroom.exercises.report import plain
from classroom.notebooks.definitions import Cell, define, last_definition, needed, parse


def mark(notebook: Path) -> Iterator[tuple[str, bool, str]]:
    """Yield each exercise of a notebook, whether it is right, and what `check` says of it.

    Later exercises get an earlier one's function if it is right, otherwise the reference, as in the notebook.

    Raises:
        ValueError: the file is not a notebook.
    """
    cells = parse(code_cells(notebook), notebook.name)
    names = exercises_of(cells)
    references = {name: find(name).reference for name in names}
    for name in names:
        is_right, said = _marked(cells, name, {n: f for n, f in references.items() if n != name})
        if is_right:
            del references[name]
        yield name, is_right, said


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


def exercises_of(cells: Sequence[Cell]) -> list[str]:
    """Return the exercises whose functions the cells define, in the order of their last definitions."""
    places = {name: last_definition(cells, name) for name in homes()}
    found = [name for name, place in places.items() if place is not None]
    return sorted(found, key=lambda name: (places[name], cells[places[name]].source.find(f"def {name}(")))


def _marked(cells: Sequence[Cell], name: str, references: dict[str, Callable]) -> tuple[bool, str]:
    if error := cells[last_definition(cells, name)].error:
        return False, not_python(name, error)
    function, exercise = define(needed(cells, name), references).get(name), find(name)
    verdict = examine(function, exercise)
    record.note_check(name, verdict.attempted, verdict.right)
    return verdict.right, plain(verdict)


def not_python(name: str, error: SyntaxError) -> str:
    """Return the sentence about an exercise in a cell that is not Python."""
    return f"❌ {name}: line {error.lineno} of its cell is not Python: {error.msg}."
