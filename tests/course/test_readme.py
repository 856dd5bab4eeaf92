"""What the documents say is true: the six lines run, the table of the labs is complete, every link leads to a file."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [path for path in ROOT.glob("*.md")] + [
    ROOT / folder / "README.md" for folder in ("bench", "data", "data/checkpoints", "labs/project", "slides")
]
ROW = re.compile(r"^\| \[(\d\d) [^]]+\]\(labs/(\S+)\.ipynb\) \| .+ \| (\d+) \| .+ \|$", re.MULTILINE)
MINUTES = re.compile(r"\*\*Time:\*\* (?:for a first reader )?about (\d+) minutes")


@pytest.mark.slow
def test_the_six_lines_draw_a_detection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(code.split("\n")) - code.count("\n\n") - 1 == 6
    names: dict = {}
    exec(code, names)
    plt.close("all")
    classes = [names["models"].COCO_CLASSES[label - 1] for label in names["found"]["labels"]]
    assert "cup" in classes
    assert len(Image.open("coffee.png").convert("RGB").resize((64, 48)).getcolors(maxcolors=64 * 48)) > 500


def test_the_table_has_every_lab_with_its_minutes():
    rows = ROW.findall(README)
    sources = sorted((ROOT / "labs" / "source").glob("*.py"))
    assert [(name[:2], name) for _, name, _ in rows] == [(path.stem[:2], path.stem) for path in sources]
    for number, name, minutes in rows:
        (said,) = MINUTES.findall((ROOT / "labs" / "source" / f"{name}.py").read_text(encoding="utf-8"))
        assert (number, minutes) == (name[:2], said)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_a_document_lead_to_files(document):
    links = re.findall(
        r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"`+[^`]+`+", "", document.read_text(encoding="utf-8"))
    )
    inside = [link for link in links if not link.startswith(("https://", "http://", "my_"))]
    assert [link for link in inside if not (document.parent / link).exists()] == []
