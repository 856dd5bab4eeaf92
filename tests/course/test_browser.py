"""A real JupyterLab in a real browser: run every cell, drag a box, ask nobody outside, leave nothing running."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from hands import drag
from hands_on_boxes import exercise_the_boxes
from jupyter_in_browser import EXECUTED, complaints, jupyterlab, opened, run_all_cells
from labs_with_widgets import LABS

from classroom.notebooks.execution import PYTHON
from classroom.widgets import page as page_of

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).parents[2]
TWO_BOXES = "from classroom.widgets import BoxIoU\nbox_widget = BoxIoU(box_a=(60, 60, 200, 180), box_b=(150, 110, 300, 230))"


def test_the_box_widget_in_a_notebook(chromium, tmp_path):
    cells = [
        nbformat.v4.new_code_cell(source) for source in (TWO_BOXES, "box_widget", "print(box_widget.box_b)")
    ]
    (tmp_path / "labs").mkdir()
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=PYTHON)
    nbformat.write(notebook, tmp_path / "labs" / "boxes.ipynb")
    with jupyterlab(tmp_path / "labs", tmp_path) as address, opened(chromium, address("boxes.ipynb")) as page:
        run_all_cells(page, 120)
        exercise_the_boxes(page)
        page.locator(".jp-Notebook .jp-CodeCell").last.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_function(EXECUTED, timeout=30_000)
        printed = page.locator(".jp-Notebook .jp-CodeCell").last.locator(".jp-OutputArea-output").inner_text()
        assert printed.strip() != "[150.0, 110.0, 300.0, 230.0]" and len(json.loads(printed)) == 4


def test_errors_and_warnings_of_a_cell_are_seen(chromium, tmp_path):
    """Also far out of sight; a student lab that runs here runs nowhere else."""
    pages = ["print('down\\n' * 40)"] * 30
    cells = ["import warnings\nwarnings.warn('mind the step')", *pages, "1 / 0", *pages]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata=PYTHON)
    (tmp_path / "labs").mkdir()
    nbformat.write(notebook, tmp_path / "labs" / "broken.ipynb")
    with (
        jupyterlab(tmp_path / "labs", tmp_path) as address,
        opened(chromium, address("broken.ipynb")) as page,
    ):
        run_all_cells(page, 120)
        warning, error, skipped = complaints(page, tmp_path / "labs" / "broken.ipynb")
    assert "mind the step" in warning and error == "ZeroDivisionError: division by zero"
    assert skipped == f"not run: {pages[0]}"


def test_a_slide_needs_no_server(chromium):
    """The widget's module runs with a model of four functions."""
    script = (
        page_of("box_iou.js").replace("export default { render };", "")
        + """
      const values = { width: 400, height: 300, picture: "", box_a: [60, 60, 200, 180], box_b: [150, 110, 300, 230] };
      const heard = [];
      const model = { get: (name) => values[name], set: (name, value) => { values[name] = value; },
        on: (_, run) => heard.push(run), save_changes: () => heard.forEach((run) => run()) };
      render({ model, el: document.body });"""
    )
    page = chromium.new_page()
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.set_content(
        f"<!doctype html><html lang=en><body><script type=module>{script}</script></body></html>"
    )
    assert page.locator(".ck-label").inner_text() == "IoU = 0.112"
    drag(page, page.locator("rect.box_b"), -60, -40)
    assert page.locator(".ck-label").inner_text() != "IoU = 0.112"
    page.close()
    assert failures == []


@pytest.mark.rotated
@pytest.mark.parametrize("name", LABS)
def test_a_lab_from_top_to_bottom(name, chromium, tmp_path):
    lab = REPOSITORY / "labs" / f"{name}.ipynb"
    if not lab.is_file():
        pytest.fail(f"{lab.name} is not built: run `classroom build`.")
    (tmp_path / "labs").mkdir()
    shutil.copy(lab, tmp_path / "labs")
    with jupyterlab(tmp_path / "labs", tmp_path) as address, opened(chromium, address(lab.name)) as page:
        run_all_cells(page, 600)
        assert complaints(page, tmp_path / "labs" / lab.name) == []
        LABS[name](page)
