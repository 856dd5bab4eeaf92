"""What a hand does on a page: find a widget, drag a thing, read the label."""

import os

SEEN = """(widget) => {
  document.querySelector(widget)?.scrollIntoView({ block: "center" });
  return (document.querySelector(`${widget} .ck-label`)?.innerText ?? "") !== "";
}"""


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


def take_picture(page):
    if picture := os.environ.get("COURSEKIT_SCREENSHOT"):
        page.screenshot(path=picture)
