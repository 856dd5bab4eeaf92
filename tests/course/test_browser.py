"""A real JupyterLab in a real browser: run every cell, drag a box, ask nobody outside, leave nothing running."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from classroom.notebooks.execution import PYTHON
from classroom.widgets import page as page_of

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
FLAGS += [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]  # a camera that always answers
OWN = re.compile(r"^(data|blob|about):|^(https?|wss?)://127\.0\.0\.1[:/]")
TWO_BOXES = "from classroom.widgets import BoxIoU\nbox_widget = BoxIoU(box_a=(60, 60, 200, 180), box_b=(150, 110, 300, 230))"
IDLE = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
WAITING = (
    "[...document.querySelectorAll('.jp-InputPrompt')].some((prompt) => prompt.textContent.includes('*'))"
)
EXECUTED = f"() => !{WAITING} && {IDLE}"


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    if os.environ.get("COURSEKIT_NO_BROWSER") == "1":
        pytest.skip("COURSEKIT_NO_BROWSER=1")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(
            "No Chromium on the PATH: install it (Debian and Ubuntu: apt install chromium; macOS: brew install "
            "chromium), or set COURSEKIT_NO_BROWSER=1 to leave the browser tests out."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


SEEN = """(widget) => {
  document.querySelector(widget)?.scrollIntoView({ block: "center" });
  return (document.querySelector(`${widget} .ck-label`)?.innerText ?? "") !== "";
}"""


@contextmanager
def jupyterlab(folder, home):
    """Serve a folder on loopback; yield a function from a notebook's name to its address; end server and kernels."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, log = secrets.token_hex(16), home / "server.log"
    options = [
        f"--ServerApp.port={port}",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}",
    ]
    options += ["--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--allow-root"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=os.environ | quiet_jupyter(home) | {"COURSEKIT_STEPS": "0.1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for_server(f"http://127.0.0.1:{port}/api/status?token={token}", server, log)
        yield lambda name: f"http://127.0.0.1:{port}/lab/tree/{name}?token={token}&reset"
    finally:
        end(server)


def quiet_jupyter(home):
    """Own settings and state, and no news: the pop-up asks a server outside."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    folders = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        **{f"JUPYTER_{name}": str(home / folder) for name, folder in folders.items()},
    }


def wait_for_server(address, server, log, seconds=90):
    for _ in range(seconds * 4):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


def end(server):
    """SIGTERM twice is a clean shutdown with the kernels; what is left of the group after that is killed."""
    for wait in (15, 5):
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(wait)
            break
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    server.wait(10)


@contextmanager
def opened(chromium, address):
    """A page with a notebook whose kernel is ready; afterwards, fail on console errors and requests off the machine."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
    page.on("request", lambda sent: None if OWN.match(sent.url) else wrong.append(f"request: {sent.url}"))
    page.on("websocket", lambda sent: None if OWN.match(sent.url) else wrong.append(f"websocket: {sent.url}"))
    try:
        page.goto(address)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        yield page
        assert wrong == []
    finally:
        context.close()


def run_all_cells(page, seconds):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).first.click()
    page.wait_for_timeout(1000)
    page.wait_for_function(EXECUTED, timeout=1000 * seconds)


def drag(page, locator, right, down):
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x + right * step / 8, y + down * step / 8)
    page.mouse.up()


def bring_to_sight(page, widget):
    page.wait_for_selector(widget, state="attached", timeout=60_000)
    # JupyterLab hides the cells that are out of sight
    page.wait_for_function(SEEN, arg=widget, timeout=30_000, polling=500)
    return page.locator(f"{widget} .ck-label").first.inner_text()


def label_after(page, before):
    """Wait until no label is what it was before, and return that of the first widget."""
    page.wait_for_function(
        "(before) => [...document.querySelectorAll('.ck-label')].every((label) => label.textContent !== before)",
        arg=before,
    )
    return page.locator(".ck-label").first.inner_text()


def exercise_the_boxes(page):
    label = bring_to_sight(page, ".ck-iou")
    assert re.fullmatch(r"IoU = [01]\.\d{3}", label)
    box = page.locator("rect.box_b").first
    drag(page, box, -40, -30)
    label = label_after(page, label)
    described = box.get_attribute("aria-label")
    box.focus()
    page.keyboard.press("ArrowLeft")
    label = label_after(page, label)
    assert box.get_attribute("aria-label") != described
    page.keyboard.press("Shift+ArrowDown")
    label_after(page, label)
    take_picture(page)


def exercise_the_matching(page):
    label = bring_to_sight(page, ".ck-set")
    assert re.fullmatch(r"Way 1 of 6 costs -?\d\.\d{3}\. The cheapest is way \d: -?\d\.\d{3}\.", label)
    page.locator(".ck-next").click()
    label = label_after(page, label)
    assert label.startswith("Way 2 of 6") and page.locator("td.ck-chosen").count() == 3
    slot = page.locator("rect.ck-slot").last
    drag(page, slot, 15, 25)
    label = label_after(page, label)
    described = slot.get_attribute("aria-label")
    slot.focus()
    page.keyboard.press("ArrowUp")
    label = label_after(page, label)
    assert slot.get_attribute("aria-label") != described
    cheapest = re.search(r"cheapest is way (\d)", label)[1]
    page.locator(".ck-cheapest").click()
    page.get_by_text(f"Way {cheapest} of 6 costs").wait_for()
    take_picture(page)


def exercise_the_suppression(page):
    assert re.fullmatch(r"Step 0 of \d+: \d+ boxes wait\.", bring_to_sight(page, ".ck-stepped"))
    page.locator(".ck-stepped .ck-next").click()
    page.get_by_text(re.compile(r"Step 1 of \d+: keep 0\.\d\d, remove \d+")).wait_for()
    take_picture(page)
    page.locator(".ck-stepped .ck-slider").focus()
    page.keyboard.press("End")  # of the slider: nothing overlaps by more than 1
    page.get_by_text(re.compile(r"Step 1 of \d+: keep 0\.\d\d, remove 0\.")).wait_for()
    page.locator(".ck-stepped .ck-end").click()
    page.get_by_text(re.compile(r"Step (\d+) of \1: keep 0\.\d\d, remove 0\.")).wait_for()
    assert " 0 duplicates" not in bring_to_sight(page, ".ck-states:not(.ck-stepped)")
    page.locator(".ck-states:not(.ck-stepped) .ck-slider").focus()
    page.keyboard.press("End")
    page.get_by_text("0 boxes score 1.00 or more: 0 of").wait_for()
    take_a_photograph(page)


def take_a_photograph(page):
    page.wait_for_function(
        "() => { const b = document.querySelector('.ck-start'); b?.scrollIntoView(); return b?.offsetParent; }",
        timeout=30_000,
        polling=500,
    )
    page.locator(".ck-start").click()
    page.locator(".ck-shoot").click()
    page.get_by_text(re.compile(r"camera: \d+ x \d+ pixels\.")).wait_for()


def exercise_the_anchors(page):
    label = bring_to_sight(page, ".ck-anchors")
    assert re.fullmatch(r"all levels: \d+ positive, \d+ ignored, \d+ negative\..*", label)
    page.locator(".ck-level", has_text="P3").click()
    label = label_after(page, label)
    assert label.startswith("P3: ")
    page.locator(".ck-anchors .ck-slider").focus()
    page.keyboard.press("End")  # of the slider: hardly an anchor overlaps an object by 0.9
    label = label_after(page, label)
    assert "P3: 0 positive" in label and label.endswith("objects have no anchor on any level.")
    page.locator(".ck-best").check()
    page.get_by_text(re.compile(r"P3: \d+ positive, .* Every object has an anchor\.")).wait_for()
    take_picture(page)


def exercise_the_regions(page):
    label = bring_to_sight(page, ".ck-roi")
    assert label.endswith("Move the region by a pixel: which numbers change?")
    region = page.locator("rect.ck-region")
    drag(page, region, 20, 15)
    label = label_after(page, label)
    described = region.get_attribute("aria-label")
    region.focus()
    page.keyboard.press("ArrowLeft")
    label = label_after(page, label)
    assert re.search(r"changed \d+ of 49 numbers of RoIPool, 49 of crop and resize, 49 of RoIAlign\.", label)
    assert region.get_attribute("aria-label") != described
    page.locator(".ck-shown", has_text="RoIAlign").click()
    page.wait_for_function("() => document.querySelectorAll('.ck-bins circle').length === 4 * 49")
    page.locator(".ck-channel").focus()
    page.keyboard.press("Home")
    page.get_by_text("channel 0 of 40").wait_for()
    take_picture(page)


def exercise_the_curve(page):
    label = bring_to_sight(page, ".ck-pr")
    assert re.fullmatch(r"Score ≥ 0\.50: precision .*, recall \d+ / 666 = \d\.\d\d", label)
    page.locator(".ck-pr .ck-threshold").focus()
    page.keyboard.press("End")
    label = label_after(page, label)
    assert label == "Score ≥ 1.00: precision nothing is said, so none, recall 0 / 666 = 0.00"
    assert page.locator(".ck-pr rect.ck-right, .ck-pr rect.ck-wrong").count() == 0
    page.locator(".ck-pr .ck-picture").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("Picture 1: 0 right, 0 wrong,").wait_for()
    page.locator(".ck-pr .ck-threshold").focus()
    page.keyboard.press("Home")
    label = label_after(page, label)
    assert label.startswith("Score ≥ 0.00: precision")
    page.locator(".ck-pr rect.ck-wrong").first.wait_for()
    take_picture(page)


def exercise_the_stamps(page):
    assert bring_to_sight(page, ".ck-stamp") == "Cell 0 of 6: nothing is stamped yet."
    page.locator(".ck-stamp .ck-next").click()
    page.get_by_text("Cell 1 of 6, row 0, column 0: 1 times the kernel is added at rows 0 to 2").wait_for()
    page.locator(".ck-stamp svg").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("Cell 2 of 6, row 0, column 1: 2 times the kernel is added at rows 0 to 2").wait_for()
    page.locator(".ck-stamp .ck-end").click()
    page.get_by_text("Output: 5 x 7. Its places are covered 1, 2, 4 times.").wait_for()
    page.locator(".ck-stamp .ck-kernel_size").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("Output: 6 x 8. Its places are covered 1, 2, 4 times.").wait_for()
    page.locator(".ck-stamp .ck-padding").focus()
    page.keyboard.press("End")
    page.get_by_text("Output: 2 x 4. Its places are covered 4 times.").wait_for()
    assert page.locator(".ck-stamp .ck-place").count() == 6 * 8
    take_picture(page)


def exercise_the_proposals(page):
    label = bring_to_sight(page, ".ck-rpn")
    assert label.startswith("Step 1 of 8, anchors of a cell: 9 boxes. Objectness ")
    page.locator(".ck-rpn svg").click(position={"x": 30, "y": 30})
    label = label_after(page, label)
    page.locator(".ck-rpn .ck-row").focus()
    page.keyboard.press("End")
    label_after(page, label)
    page.locator(".ck-rpn .ck-next").click()
    page.get_by_text("Step 2 of 8, objectness of all anchors: 2,268 boxes.").wait_for()
    page.locator(".ck-rpn .ck-stage").nth(2).click()
    page.get_by_text("Step 3 of 8, top k of each level: 300 boxes.").wait_for()
    page.locator(".ck-rpn .ck-stage").nth(7).click()
    page.get_by_text(
        re.compile(r"Step 8 of 8, proposals: \d+ boxes\. \d+ removed\. \d of 3 objects")
    ).wait_for()
    take_picture(page)
    page.locator(".ck-rpn .ck-candidates").focus()
    page.keyboard.press("Home")
    page.get_by_text(re.compile(r"Step 8 of 8, proposals: [123] box")).wait_for()
    page.locator(".ck-rpn .ck-limit").focus()
    page.keyboard.press("Home")
    page.get_by_text("Step 8 of 8, proposals: 1 box.").wait_for()


def exercise_the_scales(page):
    label = bring_to_sight(page, ".ck-heat")
    assert re.fullmatch(r"96 px: 0\.\d\d of the heat lies in the box, .* is (not )?in the box\.", label)
    page.locator(".ck-heat .ck-slider").focus()
    page.keyboard.press("End")
    label = label_after(page, label)
    assert label.startswith("480 px: ")
    page.locator(".ck-mean", has_text="geometric mean").click()
    label = label_after(page, label)
    assert label.startswith("geometric mean up to 480 px: ")
    assert page.locator(".ck-heat svg line").count() > 20  # the cells of the finest map
    take_picture(page)


def exercise_the_mask(page):
    label = bring_to_sight(page, ".ck-mask")
    assert re.fullmatch(r"14 x 14 cells, threshold 0\.50: IoU 0\.\d{3}, boundary F 0\.\d{3}\.", label)
    outline = page.locator(".ck-mask figure svg path").last
    before = outline.get_attribute("d")
    page.locator(".ck-mask .ck-cells").focus()
    page.keyboard.press("End")
    label = label_after(page, label)
    assert label.startswith("64 x 64 cells") and outline.get_attribute("d") != before
    page.keyboard.press("ArrowLeft")
    label = label_after(page, label)
    assert label.startswith("63 x 63 cells")
    page.locator(".ck-mask .ck-shift").focus()
    page.keyboard.press("ArrowRight")
    label = label_after(page, label)
    assert "shifted by 0.5 pixels" in label
    page.locator(".ck-mask .ck-threshold").focus()
    page.keyboard.press("Home")
    label = label_after(page, label)
    assert "threshold 0.05" in label
    view = page.locator(".ck-mask figure svg").last.get_attribute("viewBox")
    page.locator(".ck-mask .ck-object").select_option("1")
    label_after(page, label)
    assert page.locator(".ck-mask figure svg").last.get_attribute("viewBox") != view
    take_picture(page)


def exercise_the_stacks(page):
    label = bring_to_sight(page, ".ck-peel")
    assert re.fullmatch(r"After stack 1 of 3: center, \d points?, mean error \d\.\d{3} of .*", label)
    page.locator(".ck-peel .ck-stack").focus()
    page.keyboard.press("End")
    label = label_after(page, label)
    assert label.startswith("After stack 3 of 3: center")
    page.locator(".ck-peel .ck-point").select_option("top")
    label = label_after(page, label)
    assert label.startswith("After stack 3 of 3: top")
    page.locator(".ck-peel .ck-picture").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    label_after(page, label)
    assert page.locator(".ck-peel .ck-found").count() >= 1
    page.locator(".ck-peel").scroll_into_view_if_needed()
    take_picture(page)


def take_picture(page):
    if picture := os.environ.get("COURSEKIT_SCREENSHOT"):
        page.screenshot(path=picture)


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
