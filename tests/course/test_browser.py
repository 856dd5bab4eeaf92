"""A real JupyterLab in a real browser: run every cell, drag a box, ask nobody outside, leave nothing running."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from hands import drag
from hands_on_boxes import (
    exercise_the_anchors,
    exercise_the_boxes,
    exercise_the_curve,
    exercise_the_matching,
    exercise_the_proposals,
    exercise_the_regions,
    exercise_the_suppression,
)
from hands_on_maps import exercise_the_mask, exercise_the_scales, exercise_the_stacks, exercise_the_stamps
from jupyter_in_browser import EXECUTED, jupyterlab, opened, run_all_cells

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


LABS = {
    "01_localisation": exercise_the_boxes,
    "02_classification_and_localisation": exercise_the_matching,
    "03_grid_detection": exercise_the_suppression,
    "04_scales_and_imbalance": exercise_the_anchors,
    "05_proposals_and_roi_pooling": exercise_the_regions,
    "06_faster_rcnn": exercise_the_proposals,
    "07_measuring": exercise_the_curve,
    "11_from_class_to_map": exercise_the_scales,
    "12_going_back_up": exercise_the_stamps,
    "13_hourglass": exercise_the_stacks,
    "14_mask_rcnn": exercise_the_mask,
}


@pytest.mark.parametrize("name", LABS)
def test_a_lab_from_top_to_bottom(name, chromium, tmp_path):
    lab = REPOSITORY / "labs" / f"{name}.ipynb"
    if not lab.is_file():
        pytest.fail(f"{lab.name} is not built: run `classroom build`.")
    (tmp_path / "labs").mkdir()
    shutil.copy(lab, tmp_path / "labs")
    with jupyterlab(tmp_path / "labs", tmp_path) as address, opened(chromium, address(lab.name)) as page:
        run_all_cells(page, 600)
        warnings = page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
        assert warnings.all_inner_texts() == []
        LABS[name](page)
