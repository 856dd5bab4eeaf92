"""What a student does in a lab, in a real JupyterLab: fails, reads, takes a hint, succeeds; gives a photograph."""

from io import BytesIO

import nbformat
import numpy as np
import pillow_heif
import pytest
from jupyter_in_browser import EXECUTED, jupyterlab, opened, run_all_cells
from PIL import Image

from classroom.notebooks.execution import PYTHON
from classroom.notebooks.working_copy import update

pytestmark = pytest.mark.browser

STUB = "def box_iou(boxes1, boxes2):\n    ...  # your code here\n\n\nbox_iou = check(box_iou)"
WRONG = (
    "def box_iou(boxes1, boxes2):\n    sides = boxes1[:, 4]\n    return sides\n\n\nbox_iou = check(box_iou)"
)
RIGHT = "def box_iou(boxes1, boxes2):\n    return ops.box_iou(boxes1, boxes2)\n\n\nbox_iou = check(box_iou)"


def write(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=PYTHON), path)


def run_cell(page, number, source=None):
    """Run a cell, with other text if given; return what it shows."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    cell.locator(".cm-content").click()
    if source is not None:
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    page.wait_for_function(EXECUTED, timeout=90_000)
    return cell.locator(".jp-OutputArea").inner_text()


def test_from_a_wrong_answer_to_a_solved_exercise_and_a_new_edition(chromium, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "progress.json"))
    labs, mine = tmp_path / "labs", tmp_path / "course" / "my_labs"
    imports = "from classroom import check, hint, last_case, progress\nfrom coursekit import ops"
    write(labs / "01_boxes.ipynb", imports, STUB, 'hint("box_iou")', "progress()")
    list(update(labs, mine))
    with (
        jupyterlab(tmp_path / "course", tmp_path) as address,
        opened(chromium, address("my_labs/01_boxes.ipynb")) as page,
    ):
        run_all_cells(page, 120)
        assert "not written yet" in run_cell(page, 1)
        failed = run_cell(page, 1, WRONG)
        assert "box_iou: 0 of" in failed and "IndexError" in failed
        assert "line 2: sides = boxes1[:, 4]" in failed and "boxes1 = tensor(" in failed
        assert page.get_by_role("group", name="box_iou is not right yet").is_visible()
        assert "Hint 2 of 3" in run_cell(page, 2)
        assert "not right yet: box_iou" in run_cell(page, 3)
        assert "✅ box_iou" in run_cell(page, 1, RIGHT)
        assert "Lab 01: 1 of" in run_cell(page, 3)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2000)
    write(labs / "01_boxes.ipynb", "# new words", imports, STUB, "progress()")
    (said,) = update(labs, mine)
    sources = [cell.source for cell in nbformat.read(mine / "01_boxes.ipynb", 4).cells]
    assert RIGHT in sources and "# new words" in sources and "Your answers are in the new" in said


def photographs():
    """A JPEG of 48 megapixels with noise, a phone's HEIC and a PNG of 108 megapixels, with what is said of each."""
    pillow_heif.register_heif_opener()
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    files = {
        "large.jpg": (Image.fromarray(np.tile(noise, (10, 10, 1))), "JPEG"),
        "phone.heic": (Image.new("RGB", (4032, 3024), "teal"), "HEIF"),
        "huge.png": (Image.new("P", (12_000, 9_000), 3), "PNG"),
    }
    for name, (picture, form) in files.items():
        content = BytesIO()
        picture.save(content, form)
        yield name, content.getvalue()


SAID = {
    "large.jpg": "large.jpg: 8000 x 6000 pixels, made smaller to 640 x 480. Now run the next cell again.",
    "phone.heic": "phone.heic: 4032 x 3024 pixels, made smaller to 640 x 480. Now run the next cell again.",
    "huge.png": "huge.png cannot be used: the image has 12,000 x 9,000 pixels; at most 60 million can be read: "
    "make it smaller first. The photograph before stays.",
}


def test_large_photographs_through_the_button(chromium, tmp_path):
    """The server keeps its own limit of 10 MB on a message."""
    write(tmp_path / "labs" / "photo.ipynb", "from classroom.widgets import PhotoInput\nPhotoInput()")
    with (
        jupyterlab(tmp_path / "labs", tmp_path) as address,
        opened(chromium, address("photo.ipynb")) as page,
    ):
        run_all_cells(page, 120)
        for name, content in photographs():
            (tmp_path / name).write_bytes(content)
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Your photograph").click()
            chooser.value.set_files(tmp_path / name)
            page.get_by_text(SAID[name]).wait_for(timeout=120_000)
            page.wait_for_function("!document.querySelector('.ck-choose').disabled", timeout=10_000)
        assert page.locator("img[alt='phone.heic']").is_visible()
