"""What every lab begins and ends with: where it stands in the course, and where the student stands."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

PARTS = {  # of the slides, by the labs that go with them
    "1_localisation": ("01", "02"),
    "2_detection": ("03", "04", "07"),
    "2b_two_stages": ("05", "06"),
    "2c_without_anchors": ("09",),
    "2d_sets": ("10",),
    "3_segmentation": ("11", "12", "13"),
    "3b_instances": ("14",),
    "4_what_makes_it_better": ("08", "15"),
    "5_prompts_words_and_tracks": ("16", "17"),
}
LAST_WORDS = """## Where you stand

Run this cell to see what you have solved, in all labs. In a terminal, `python course.py progress` says the same,
and `python course.py check {number}` checks the exercises of this lab without training anything."""
LAST_CELL = "from classroom import progress\n\nprogress()"


def framed(notebook: NotebookNode, source: Path) -> NotebookNode:
    """Return the notebook with links below its title, and with `progress()` at the end of the students' edition."""
    first = notebook.cells[0]
    if first.cell_type == "markdown" and first.source.startswith("# "):
        title, _, text = first.source.partition("\n")
        first.source = f"{title}\n\n{links(source)}\n{text}"
        notebook.cells += [
            nbformat.v4.new_markdown_cell(
                LAST_WORDS.format(number=source.stem[:2]), metadata={"tags": ["student"]}
            ),
            nbformat.v4.new_code_cell(LAST_CELL, metadata={"tags": ["student", "nbval-ignore-output"]}),
        ]
    return notebook


def links(source: Path) -> str:
    """Return the line of links of a lab: the labs before and after it, its part of the slides, the glossary."""
    labs = sorted(path.stem for path in source.parent.glob("*.py"))
    place = labs.index(source.stem)
    around = [("←", labs[place - 1])] if place else []
    around += [("→", labs[place + 1])] if place + 1 < len(labs) else []
    line = [f"{arrow} [lab {name[:2]}]({name}.ipynb)" for arrow, name in around]
    part = next((part for part, labs_of_it in PARTS.items() if source.stem[:2] in labs_of_it), None)
    if part:
        line.append(
            f"[slides, part {part.partition('_')[0]}](../build/slides/{part}.html) (once `python course.py slides` has built them)"
        )
    return " · ".join([*line, "[glossary](../labs/glossary.md)"])
