"""From one's own photographs to a score: annotated in a real JupyterLab by mouse and keys, then trained on."""

import json

import nbformat
import numpy as np
import pytest
from hands import bring_to_sight
from jupyter_in_browser import jupyterlab, opened, run_all_cells
from PIL import Image

from classroom.cli import main as classroom
from classroom.notebooks.execution import PYTHON
from coursekit.cli import main as coursekit

pytestmark = pytest.mark.browser

CELL = "from classroom.widgets import Annotator\nAnnotator('my_photographs', ('mug', 'book', 'pear'))"
SAYS = "(words) => document.querySelector('.ck-annotator .ck-label')?.textContent.includes(words)"


def says(page, words):
    page.wait_for_function(SAYS, arg=words, timeout=60_000)


def place(page, x, y):
    """A place on the photograph, given as shares of its sides, on the page."""
    box = page.locator(".ck-annotator .ck-scene").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag_over(page, start, end):
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    for share in (0.3, 0.7, 1.0):
        page.mouse.move(*place(page, *(a + share * (b - a) for a, b in zip(start, end, strict=True))))
    page.mouse.up()


def write_photographs(folder):
    """A phone's, on its side and larger than the server takes in one message, and a small one."""
    noise = np.random.default_rng(0).integers(0, 256, (2250, 3000, 3), dtype=np.uint8)
    phone, exif = Image.fromarray(noise), Image.Exif()
    exif[0x0112] = 6
    phone.save(folder / "phone.jpg", quality=98, exif=exif)
    assert (folder / "phone.jpg").stat().st_size > 10 * 2**20
    Image.new("RGB", (400, 300), "wheat").save(folder / "small.png")
    return [folder / "phone.jpg", folder / "small.png"]


def annotate(page):
    """A box and an outline on the first photograph, a box by keys alone on the second."""
    page.locator(".ck-previous").click()
    says(page, "phone.jpg, 1 of 2: no objects.")
    drag_over(page, (0.2, 0.1), (0.6, 0.5))
    says(page, "1 object. Saved in my_photographs/annotations.json.")
    page.keyboard.press("2")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    for corner in ((0.3, 0.6), (0.9, 0.65), (0.5, 0.95)):
        page.mouse.click(*place(page, *corner))
    page.keyboard.press("Enter")
    says(page, "2 objects.")
    page.keyboard.press("n")
    says(page, "small.jpg, 2 of 2: no objects.")
    page.keyboard.press("b")
    page.locator(".ck-annotator .ck-scene").focus()
    for key in ("ArrowLeft", "ArrowUp", "Space", *["ArrowRight"] * 5, *["ArrowDown"] * 4, "Space"):
        page.keyboard.press(key)
    says(page, "1 object.")
    page.keyboard.press("Control+z")
    says(page, "no objects.")
    page.keyboard.press("r")
    says(page, "1 object.")


def go_on(page):
    """Delete the outline on the first photograph, give a new box the third class."""
    says(page, "phone.jpg, 1 of 2: 2 objects.")
    page.locator("rect.ck-annotated").nth(1).focus()
    page.keyboard.press("Delete")
    says(page, "1 object.")
    page.locator(".ck-class", has_text="pear").click()
    drag_over(page, (0.1, 0.7), (0.4, 0.9))
    says(page, "2 objects.")


def test_two_photographs_by_mouse_and_keys_then_a_detector(chromium, tmp_path, monkeypatch, capsys):
    labs = tmp_path / "labs"
    labs.mkdir()
    cells = [nbformat.v4.new_code_cell(CELL)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=PYTHON), labs / "mine.ipynb")
    with jupyterlab(labs, tmp_path) as address, opened(chromium, address("mine.ipynb")) as page:
        run_all_cells(page, 120)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Add photographs").click()
        chooser.value.set_files(write_photographs(tmp_path))
        says(page, "small.jpg, 2 of 2: no objects.")
        bring_to_sight(page, ".ck-annotator")
        annotate(page)
        before = json.loads((labs / "my_photographs" / "annotations.json").read_text())
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2000)
        page.reload()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        run_all_cells(page, 120)
        bring_to_sight(page, ".ck-annotator")
        go_on(page)
    after = json.loads((labs / "my_photographs" / "annotations.json").read_text())
    assert [(row["id"], row["image_id"], row["category_id"]) for row in before["annotations"]] == [
        (1, 1, 2), (2, 1, 2), (3, 2, 2)
    ]  # fmt: skip
    assert [row["id"] for row in after["annotations"]] == [1, 3, 4] and after["annotations"][2][
        "category_id"
    ] == 3
    sizes = [(image["file_name"], image["width"], image["height"]) for image in after["images"]]
    assert sizes == [("phone.jpg", 768, 1024), ("small.jpg", 400, 300)]
    train_and_score(labs, monkeypatch)
    assert "it knows mug, book, pear; new: none." in capsys.readouterr().out


def train_and_score(labs, monkeypatch):
    monkeypatch.chdir(labs)
    monkeypatch.setenv("COURSEKIT_CACHE", str(labs / "features"))
    options = [
        "--data",
        "my_photographs",
        "--init",
        "retinanet",
        "--steps",
        "30",
        "--record",
        "retinanet.json",
    ]
    assert coursekit(["train", "retinanet", *options]) == 0
    assert classroom(["score", "retinanet.safetensors", "--data", "my_photographs"]) == 0
    own = ["--weights", "retinanet.safetensors"]
    assert classroom(["league", "my_photographs", "nothing", "--only", "yolo", "yolox_nano", *own]) == 0
    rows = json.loads((labs / "league.json").read_text())["rows"]
    assert rows[0]["detector"] == "retinanet" and rows[0]["AP50"][0] > 0.3 > rows[1]["AP50"][0]
