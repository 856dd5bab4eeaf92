"""A student's own copies of the labs, in my_labs/: made once, never overwritten; a changed lab comes in around the answers."""

import ast
import copy
import datetime
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.exercises.catalogue import homes
from classroom.notebooks.execution import as_text

BASE = ".course"  # the course's edition of each copy, as it was when the copy was made or updated


def update(labs: Path, mine: Path) -> Iterator[str]:
    """Copy what is missing, take in what the course changed; yield a sentence for each lab of which there is news.

    Args:
        labs: the folder of the students' editions.
        mine: the folder of the student's copies; made if need be.
    """
    for lab in sorted(labs.glob("*.ipynb")):
        if said := update_one(lab, mine / lab.name):
            yield said


def update_one(lab: Path, own: Path) -> str | None:
    """Copy a lab, or take what has changed in it into the student's copy; return a sentence if there is news."""
    base, course = own.parent / BASE / own.name, lab.read_text(encoding="utf-8")
    before = base.read_text(encoding="utf-8") if base.exists() else None
    if own.exists() and before == course:
        return None
    said = _take_in(lab, own, base) if own.exists() else None
    if said is None:
        _write(own, course)
    _write(base, course)
    return said


def _take_in(lab: Path, own: Path, base: Path) -> str:
    """Put the course's new edition in the place of the student's copy, with the student's cells in it."""
    kept = _free_name(own)
    try:
        theirs = nbformat.read(own, 4)
    except (ValueError, OSError, nbformat.reader.NotJSONError):
        own.replace(kept)
        _write(own, lab.read_text(encoding="utf-8"))
        return f"{own.name} could not be read. It is now called {kept.name}, and {own.name} is a new copy."
    course = nbformat.read(lab, 4)
    before = nbformat.read(base, 4) if base.exists() else None
    merged, lost = merge(course, theirs, before)
    own.replace(kept)
    _write(own, as_text(merged))
    said = f"{lab.stem} has changed. Your answers are in the new {own.name}; your old file is {kept.name}."
    return said + (f" Look there for {lost} of your cells that the new lab has no place for." if lost else "")


def merge(course: NotebookNode, theirs: NotebookNode, base: NotebookNode | None) -> tuple[NotebookNode, int]:
    """Return the course's notebook with what a student changed, and how many changed cells found no place.

    Args:
        course: the new edition.
        theirs: the student's copy.
        base: the edition that was copied; if it is lost, only the answers to exercises are taken over.
    """
    merged = copy.deepcopy(course)
    originals = {cell.id: cell.source for cell in base.cells} if base else {}
    lost, last = 0, None
    for cell in theirs.cells:
        original = originals.get(cell.get("id"))
        if original == cell.source:
            last = _same_source(merged, original) or last
        elif names := _exercises_in(cell):
            place = next((c for c in merged.cells if names & _exercises_in(c)), None)
            lost += place is None
            if place is not None:
                place.source = cell.source if original == place.source else _answered(place, cell, original)
                last = place
        elif original is not None and (place := _same_source(merged, original)):
            place.source, last = cell.source, place
        elif original is None and base is not None:
            last = _insert_after(merged, last, cell)
        else:
            lost += bool(base) and bool(cell.source.strip())
    return merged, lost


def _same_source(notebook: NotebookNode, source: str | None) -> NotebookNode | None:
    return next((cell for cell in notebook.cells if cell.source == source), None)


def _insert_after(notebook: NotebookNode, last: NotebookNode | None, cell: NotebookNode) -> NotebookNode:
    """Put a cell of the student's own where it stood: after the same cell as before."""
    own = copy.deepcopy(cell)
    place = next((i for i, c in enumerate(notebook.cells) if c is last), -1)
    taken = {c.id for c in notebook.cells}
    own.id = own.id if own.get("id") and own.id not in taken else f"mine-{len(taken)}"
    if own.cell_type == "code":
        own.outputs, own.execution_count = [], None
    notebook.cells.insert(place + 1, own)
    return own


def _exercises_in(cell: NotebookNode) -> set[str]:
    """The exercises whose functions a cell defines, also when it does not parse yet."""
    if cell.cell_type != "code":
        return set()
    starts = [
        line.removeprefix("def ").partition("(")[0]
        for line in cell.source.splitlines()
        if line.startswith("def ")
    ]
    return {name.strip() for name in starts} & homes().keys()


def _answered(place: NotebookNode, cell: NotebookNode, original: str | None) -> str:
    """The new text of a cell, with the student's functions in the place of those of the same names.

    Functions that the student added stand in front. What does not parse is taken as it is.
    """
    try:
        own, new = _functions(cell.source), _functions(place.source)
        known = _functions(original or "")
    except SyntaxError:
        return cell.source
    text = place.source
    for name in own.keys() & new.keys():
        text = text.replace(new[name], own[name])
    helpers = [code for name, code in own.items() if name not in new and name not in known]
    return "\n\n\n".join([*helpers, text])


def _functions(source: str) -> dict[str, str]:
    """The text of each function of a cell, by its name."""
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    lines = source.splitlines()
    return {node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in found}


def _free_name(own: Path) -> Path:
    stem = f"{own.stem} before {datetime.date.today().isoformat()}"
    names = (own.with_name(f"{stem}{suffix}.ipynb") for suffix in ("", *(f" ({n})" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_text(text, encoding="utf-8", newline="\n")
    half.replace(path)
