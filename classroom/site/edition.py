"""A lab as it is read on a website: the student's text, with the outputs of the executed edition."""

import html
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.notebooks.build import (
    instructor_edition,
    read_source,
    solution_path,
    stale,
    student_edition,
)
from classroom.notebooks.execution import verdicts

BAR = re.compile(r"^\d+step ")  # what is left of a progress bar
TO_SLIDES = re.compile(r"\]\(\.\./build/slides/([^)]+)\)(?: \(once [^)]*\))?")
NOTE = """```{{note}}
The outputs below come from the solved lab{solved}. To solve it yourself, and to use its interactive figures, get the course and run `python course.py lab {number}`.
```"""
WIDGET = """<aside class="widget" aria-label="Interactive figure: {name}"><p><strong>{name}</strong> is an interactive figure.
To use it, run <code>python course.py lab {number}</code>.</p><p>It begins with: {words}</p></aside>"""


def reading_edition(source: Path, slides: bool, solutions: bool = False) -> NotebookNode:
    """Return one lab with the outputs of its solution, and with holes instead of the solution's code.

    Args:
        source: the lab's file in labs/source.
        slides: whether the site has the slides, so that links can lead to them.
        solutions: keep the solution's code, and the cells that only instructors see.
    Raises:
        ValueError: the built notebooks do not match the source.
    """
    if problems := stale(source):
        raise ValueError(f"{problems[0]}: run `classroom build {source.stem}`, then `classroom site` again.")
    notebook = read_source(source)
    executed = {cell.id: cell for cell in nbformat.read(solution_path(source), 4).cells}
    lab = instructor_edition(notebook) if solutions else student_edition(notebook)
    lab.cells = [cell for cell in lab.cells if cell.id in executed]
    number = source.stem[:2]
    for cell in lab.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                readable(output, number) for output in executed[cell.id].outputs if not is_bar(output)
            ]
        else:
            cell.source = linked(cell.source, slides)
    add_note(lab.cells[0], number, solutions)
    return lab


def is_bar(output: NotebookNode) -> bool:
    return bool(BAR.match(output.get("data", {}).get("text/plain", "")))


def linked(text: str, slides: bool) -> str:
    """Return the text with its links to the deck leading to the site's slides, or to the page that stands for them.

    >>> linked("[part 2](../build/slides/2_detection.html) (once `x` has built them)", slides=True)
    '[part 2](slides:2_detection.html)'
    """
    text = text.replace("](../../", "](../")
    return TO_SLIDES.sub(r"](slides:\1)" if slides else "](../slides/index.md)", text)


def add_note(cell: NotebookNode, number: str, solutions: bool) -> None:
    """Say below the title and the line of links what the reader sees, and how to work in the lab."""
    title, links, text = (cell.source.split("\n\n", 2) + ["", ""])[:3]
    note = NOTE.format(number=number, solved=", shown with its solutions" if solutions else "")
    cell.source = "\n\n".join((title, links, note, text))


def readable(output: NotebookNode, number: str) -> NotebookNode:
    """Return an output for a page: a verdict of `check` as sentences, a widget as its words and the way to it."""
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    if verdicts(output):
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())
        return as_html(f'<div class="verdict">{lines}</div>', text)
    name, _, words = text.partition(": ")
    if output.output_type == "execute_result" and name.isidentifier() and words:
        return as_html(WIDGET.format(name=name, number=number, words=html.escape(words)), text)
    return output


def as_html(markup: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("display_data", {"text/html": markup, "text/plain": text})
