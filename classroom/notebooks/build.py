"""Build the notebooks: one py:percent source becomes the student edition and the executed instructor edition.

`labs/source/NN_name.py` -> `labs/NN_name.ipynb` (holes, no outputs) and `labs/solutions/NN_name.ipynb` (run top to bottom).
In a code cell, the lines from `# BEGIN SOLUTION` to `# END SOLUTION` become one hole in the student edition. A cell tagged
`solution` is in the instructor edition only, one tagged `student` in the student edition only. The code of one tagged `folded`, which
only draws, is collapsed until the reader opens it.
"""

import copy
import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from classroom.notebooks.execution import PYTHON, BuildError, as_text, cell_name, execute, problems
from classroom.notebooks.frame import framed

LABS = Path(__file__).parents[2] / "labs"
HOLE = r"\1...  # your code here"
SOLUTION = re.compile(
    r"^([ \t]*)# BEGIN SOLUTION[ \t]*\n.*?^[ \t]*# END SOLUTION[ \t]*$", re.MULTILINE | re.DOTALL
)
MARKER = re.compile(r"^[ \t]*# (?:BEGIN|END) SOLUTION[ \t]*(?:\n|\Z)", re.MULTILINE)


def find_sources(labs: Path, names: list[str]) -> list[Path]:
    """Return the sources of the named labs ("01", "localisation", "01_localisation"), or of all.

    Raises:
        FileNotFoundError: there is no source, or none of that name.
    """
    sources = sorted((labs / "source").glob("*.py"))
    if not sources:
        raise FileNotFoundError(f"There is no lab in {labs / 'source'}: run this in a clone of the course.")
    for name in names:
        if not any(_named(source, name) for source in sources):
            known = ", ".join(source.stem for source in sources)
            raise FileNotFoundError(f"No lab is called {name!r}; there are {known}.")
    return [source for source in sources if not names or any(_named(source, name) for name in names)]


def build(source: Path) -> Iterator[str]:
    """Write both editions of one lab, the student's first; yield a line of progress after each.

    Raises:
        BuildError: a cell failed, or what the notebook shows must not be published.
    """
    notebook = read_source(source)
    yield write(student_edition(notebook), student_path(source))
    yield run_and_write(instructor_edition(notebook), solution_path(source))


def run_and_write(edition: NotebookNode, path: Path) -> str:
    """Run an instructor edition in the folder above its own, write it, and return a line of progress.

    Raises:
        BuildError: a cell failed, or what the notebook shows must not be published.
    """
    start, name = time.perf_counter(), f"{path.stem}.py"
    try:
        executed = execute(edition, path.parents[1])
    except BuildError as error:
        raise BuildError(f"{name}: {error}") from error
    if found := problems(executed):
        raise BuildError("\n".join(f"{name}: {problem}" for problem in found))
    return write(executed, path, start)


def stale(source: Path) -> list[str]:
    """Return what is wrong with the built notebooks of one lab, without running them; empty when all is well."""
    notebook = read_source(source)
    found = stale_student(student_edition(notebook), student_path(source))
    return found + stale_solution(instructor_edition(notebook), solution_path(source))


def stale_student(edition: NotebookNode, path: Path) -> list[str]:
    """Return what is wrong with the file of a student edition; empty when all is well."""
    if not path.exists() or path.read_text(encoding="utf-8") != as_text(edition):
        return [f"{path.name}: not what {path.stem}.py says"]
    return []


def stale_solution(edition: NotebookNode, path: Path) -> list[str]:
    """Return what is wrong with the file of an instructor edition; empty when all is well."""
    if not path.exists():
        return [f"solutions/{path.name}: missing"]
    built, found = nbformat.read(path, 4), []
    if _sources(built) != _sources(edition):
        found.append(f"solutions/{path.name}: not what {path.stem}.py says")
    return found + [f"solutions/{path.name}: {problem}" for problem in problems(built)]


def read_source(source: Path) -> NotebookNode:
    """Return the source as a notebook whose cell ids and metadata are the same on every machine.

    Raises:
        BuildError: a `# BEGIN SOLUTION` without its `# END SOLUTION`, or the other way round.
    """
    notebook = framed(jupytext.read(source, fmt="py:percent"), source)
    notebook.metadata = nbformat.from_dict(PYTHON)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for i, cell in enumerate(notebook.cells):
        cell.id = hashlib.sha256(f"{source.stem}:{i}".encode()).hexdigest()[:8]
        tags = cell.metadata.get("tags", [])
        folded = {"jupyter": {"source_hidden": True}} if "folded" in tags else {}
        cell.metadata = nbformat.from_dict(folded | ({"tags": tags} if tags else {}))
        if MARKER.search(SOLUTION.sub("", cell.source)):
            raise BuildError(
                f"{source.name}: {cell_name(i, cell)} has a BEGIN SOLUTION or END SOLUTION without its partner"
            )
    return notebook


def student_edition(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with holes, without instructors' cells and without outputs."""
    student = _without(notebook, "solution")
    for cell in student.cells:
        if cell.cell_type == "code":
            cell.source = SOLUTION.sub(HOLE, cell.source)
            cell.outputs, cell.execution_count = [], None
    return student


def instructor_edition(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with its solutions and without the markers around them; not executed yet.

    It is one folder deeper than the students' edition: links to other folders get one step more.
    """
    instructor = _without(notebook, "student")
    for cell in instructor.cells:
        cell.source = MARKER.sub("", cell.source).rstrip("\n").replace("](../", "](../../")
    return instructor


def student_path(source: Path) -> Path:
    """Return where the student edition of a source is: labs/NN_name.ipynb."""
    return source.parents[1] / f"{source.stem}.ipynb"


def solution_path(source: Path) -> Path:
    """Return where the instructor edition of a source is: labs/solutions/NN_name.ipynb."""
    return source.parents[1] / "solutions" / f"{source.stem}.ipynb"


def _named(source: Path, name: str) -> bool:
    return Path(name).stem in (source.stem, *source.stem.split("_", 1))


def _without(notebook: NotebookNode, tag: str) -> NotebookNode:
    edition = copy.deepcopy(notebook)
    edition.cells = [cell for cell in edition.cells if tag not in cell.metadata.get("tags", [])]
    return edition


def _sources(notebook: NotebookNode) -> list[tuple]:
    return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]


def write(notebook: NotebookNode, path: Path, start: float | None = None) -> str:
    """Write a notebook, and return a line with its name, the seconds since `start` and its size."""
    start = time.perf_counter() if start is None else start
    text = as_text(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return f"{path.parent.name}/{path.name}: {time.perf_counter() - start:.1f} s, {len(text.encode()) / 1000:.0f} kB"
