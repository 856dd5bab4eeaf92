"""Every lab begins with links that lead somewhere and ends with where the student stands."""

import re
from pathlib import Path

import nbformat
import pytest

from classroom.notebooks.frame import PARTS

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))


def links(notebook):
    (line,) = [line for line in notebook.cells[0].source.splitlines() if "[glossary]" in line]
    return re.findall(r"\[([^\]]*)\]\(([^)]*)\)", line)


@pytest.mark.parametrize("edition", ["", "solutions"])
@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_the_links_lead_to_files(lab, edition):
    path = lab.parent / edition / lab.name
    targets = {text: (path.parent / target).resolve() for text, target in links(nbformat.read(path, 4))}
    slides = next(target for text, target in targets.items() if text.startswith("slides"))
    assert (ROOT / "slides" / f"{slides.stem}.md").is_file() and slides.parent == ROOT / "build" / "slides"
    others = [target for target in targets.values() if target != slides]
    assert all(target.is_file() for target in others) and ROOT / "labs" / "glossary.md" in others
    place = LABS.index(lab)
    around = [*LABS[max(place - 1, 0) : place], *LABS[place + 1 : place + 2]]
    assert [target.name for target in others[:-1]] == [path.name for path in around]


def test_every_lab_has_one_part_of_the_slides():
    assert sorted(lab for labs in PARTS.values() for lab in labs) == [path.stem[:2] for path in LABS]
    assert {f"{part}.md" for part in PARTS} <= {path.name for path in (ROOT / "slides").glob("*.md")}


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_the_students_edition_ends_with_progress(lab):
    words, code = nbformat.read(lab, 4).cells[-2:]
    assert f"python course.py check {lab.stem[:2]}" in words.source and code.source.endswith("progress()")
