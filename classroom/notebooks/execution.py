"""Run a notebook without a browser, remove what only a live kernel can show, and say what must not be published."""

import math
import os
import re
import time
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.output_widget import OutputWidget
from nbformat import NotebookNode

SECONDS_A_CELL = 600
LARGEST_NOTEBOOK = 1_000_000  # bytes
BAR = re.compile(r"\d+%\||^\d+\w+ \[\d")  # tqdm, with and without a known end
PYTHON = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}


class BuildError(Exception):
    """A lab that must not be published; the message says which cell and why."""


def execute(
    notebook: NotebookNode,
    folder: Path,
    environment: dict[str, str] | None = None,
    allow_errors: bool = False,
    until: float = math.inf,
) -> NotebookNode:
    """Return the notebook with the outputs of one run in a folder, without COURSEKIT_STEPS and COURSEKIT_STRICT.

    `environment` sets them again for this run; `allow_errors` goes on after a cell that failed; at the moment `until`
    of `time.monotonic` a cell that is still running is stopped.

    Raises:
        BuildError: names the first cell that raised an error, took too long, or ended Python.
    """
    at = {"index": 0}
    client = NotebookClient(
        notebook,
        timeout_func=lambda cell: int(min(SECONDS_A_CELL, max(1, until - time.monotonic()))),
        allow_errors=allow_errors,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: at.update(index=cell_index),
    )
    # An @interact cell whose Output widget asks the front end for its state waits for ever: there is no front end.
    without_front_end = mock.patch.object(OutputWidget, "sync_state", lambda self: None)
    try:
        with without_front_end:
            client.execute(env=_clean_environment() | (environment or {}))
    except CellExecutionError as error:
        raise BuildError(_at(notebook, at["index"], f"raised {error.ename}: {error.evalue}")) from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise BuildError(_at(notebook, at["index"], f"did not finish: {error}")) from error
    return tidy(notebook)


def of_code(sources: Sequence[str]) -> NotebookNode:
    """Return a notebook with these code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Remove in place what differs between two runs or cannot be shown without a kernel: progress bars, widget views."""
    notebook.metadata = nbformat.from_dict(PYTHON)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(_without_views, cell.outputs) if not _is_bar(output)]
    return notebook


def problems(notebook: NotebookNode) -> list[str]:
    """Return why an executed notebook must not be published, one sentence a finding."""
    found = [
        f"{cell_name(i, cell)} {problem}"
        for i, cell in enumerate(notebook.cells)
        for problem in cell_problems(cell)
    ]
    size = len(as_text(notebook).encode())
    if size > LARGEST_NOTEBOOK:
        found.append(
            f"has {size / 1e6:.1f} MB; the limit is {LARGEST_NOTEBOOK / 1e6:.0f} MB: use smaller or fewer figures"
        )
    return found


def cell_problems(cell: NotebookNode) -> Iterator[str]:
    """Say what is wrong with one executed cell: not run, an error, a failed check, a figure without words."""
    if cell.cell_type == "markdown" and (
        images_without_alt(cell.source) or re.search(r"!\[\s*\]\(", cell.source)
    ):
        yield "has a picture without a text alternative"
    if cell.cell_type != "code":
        return
    if cell.source.strip() and cell.execution_count is None:
        yield "was not executed"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"raised {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"shows a warning: {output.text.strip().splitlines()[-1]}"
        yield from (f"shows a failed or open check: {line}" for line in verdicts(output) if line[0] in "❌⏳")
        data = output.get("data", {})
        if images_without_alt(data.get("text/html", "")) or ("text/html" not in data and _has_picture(data)):
            yield "has a figure without a text alternative: use classroom.show(fig, alt=…)"


def verdicts(output: NotebookNode) -> list[str]:
    """Return the lines of an output that start with ✅, ❌ or ⏳: what `check` said."""
    text = output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
    return [line for line in text.splitlines() if line.startswith(("✅", "❌", "⏳"))]


def images_without_alt(markup: str) -> int:
    """Return how many <img> elements have no text alternative.

    >>> images_without_alt('<img src="a.png"><img src="b.png" alt="a cat"><img alt="">')
    2
    """
    finder = _ImageFinder()
    finder.feed(markup)
    return finder.without_alt


class _ImageFinder(HTMLParser):
    without_alt = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.without_alt += tag == "img" and not (dict(attrs).get("alt") or "").strip()


def as_text(notebook: NotebookNode) -> str:
    """Return the notebook as the text of its file."""
    return nbformat.writes(notebook, indent=1) + "\n"


def _without_views(output: NotebookNode) -> NotebookNode:
    """Keep the text of a widget: its view needs the state of a kernel that has ended."""
    output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return output


def _is_bar(output: NotebookNode) -> bool:
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return bool(BAR.search(text)) and output.get("name") != "stdout"


def _has_picture(data: dict) -> bool:
    return any(kind.startswith("image/") for kind in data)


def _clean_environment() -> dict[str, str]:
    """Leave out what would shorten the training or stop at an open exercise, and touch no student's record of exercises."""
    left_out = ("COURSEKIT_STEPS", "COURSEKIT_STRICT")
    kept = {key: value for key, value in os.environ.items() if key not in left_out}
    return kept | {"COURSEKIT_PROGRESS": os.devnull}


def _at(notebook: NotebookNode, index: int, problem: str) -> str:
    return f"{cell_name(index, notebook.cells[index])} {problem}"


def cell_name(index: int, cell: NotebookNode) -> str:
    """Return how a reader finds a cell: its number and its first line."""
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"cell {index + 1} ({first.strip()[:60]!r})"
