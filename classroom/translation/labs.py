"""A lab in another language: the English source with the translated texts, built like the English one."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.notebooks.build import (
    instructor_edition,
    read_source,
    run_and_write,
    stale_solution,
    stale_student,
    student_edition,
    write,
)
from classroom.translation import code_cells, markdown
from classroom.translation.catalogs import read, translator

NEIGHBOUR = re.compile(r"\]\((\d\d_\w+\.ipynb)\)")
HOLE = "your code here"  # the student edition has it in the place of each solution


def texts_of(source: Path) -> Iterator[tuple[str, str]]:
    """Yield each text of a lab with the place where it stands."""
    for number, cell in enumerate(read_source(source).cells, 1):
        found: list[str] = []
        _rewrite(cell, lambda text, found=found: found.append(text) or text)
        yield from ((text, f"{source.name}, cell {number}") for text in found)
    yield HOLE, f"{source.name}, every exercise"


def editions(
    source: Path, po: Path, language: str, say: Callable[[str], None]
) -> tuple[NotebookNode, NotebookNode]:
    """Return a lab's student and instructor edition with the texts of a PO file; the latter is not executed yet.

    What the PO file lacks stays in English, and `say` is told.

    Raises:
        ValueError: the PO file is damaged.
    """
    notebook, catalog = read_source(source), read(po, language)
    prose = translator(catalog, markdown.lost, say)
    words = translator(catalog, lambda _english, _translated: None, say)
    hole = words(HOLE)
    for number, cell in enumerate(notebook.cells, 1):
        before = cell.source
        cell.source = _rewrite(cell, prose if cell.cell_type == "markdown" else words)
        if cell.cell_type == "markdown":
            cell.source = _links_from_one_folder_deeper(cell.source, source.parents[1] / language)
        elif not code_cells.same_code(before, cell.source):
            say(f"cell {number} stays in English: its translated texts change what the code does")
            cell.source = before
    student = student_edition(notebook)
    for cell in student.cells:
        cell.source = cell.source.replace(f"...  # {HOLE}", f"...  # {hole}")
    return student, instructor_edition(notebook)


def build(source: Path, po: Path, language: str, say: Callable[[str], None]) -> None:
    """Write both editions of a lab in another language; the solved one is run only if its code has changed.

    Raises:
        BuildError: a cell failed, or what the notebook shows must not be published.
        ValueError: the PO file is damaged.
    """
    (student, solution), (at, solution_at) = editions(source, po, language, say), paths(source, language)
    say(write(student, at))
    if stale_solution(solution, solution_at):
        kept = _with_kept_outputs(solution, solution_at)
        say(write(kept, solution_at) if kept else run_and_write(solution, solution_at))


def stale(source: Path, po: Path, language: str) -> list[str]:
    """Return what is wrong with a lab in another language, without running it; empty when all is well."""
    found: list[str] = []
    student, solution = editions(source, po, language, found.append)
    at, solution_at = paths(source, language)
    return found + stale_student(student, at) + stale_solution(solution, solution_at)


def paths(source: Path, language: str) -> tuple[Path, Path]:
    """Return where both editions of a lab in another language are."""
    folder = source.parents[1] / language
    return folder / f"{source.stem}.ipynb", folder / "solutions" / f"{source.stem}.ipynb"


def _with_kept_outputs(edition: NotebookNode, path: Path) -> NotebookNode | None:
    """The edition with the outputs of its file, or None when there is no file with the same code."""
    built = nbformat.read(path, 4).cells if path.exists() else []
    old, new = ([cell for cell in cells if cell.cell_type == "code"] for cells in (built, edition.cells))
    if [cell.source for cell in old] != [cell.source for cell in new]:
        return None
    for before, cell in zip(old, new, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return edition


def _rewrite(cell: NotebookNode, translate: Callable[[str], str]) -> str:
    part = markdown if cell.cell_type == "markdown" else code_cells
    return part.rewrite(cell.source, translate)


def _links_from_one_folder_deeper(text: str, folder: Path) -> str:
    """Links to other folders get one step more, and so do links to labs that are not translated."""
    text = text.replace("](../", "](../../")
    return NEIGHBOUR.sub(
        lambda found: found[0] if (folder / found[1]).exists() else f"](../{found[1]})", text
    )
