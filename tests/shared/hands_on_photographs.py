"""A person at the widget of lab 15: adds a photograph and draws a box around what is on it."""

import io

from hands import bring_to_sight, take_picture
from PIL import Image

SAYS = "(words) => document.querySelector('.ck-annotator .ck-label')?.textContent.includes(words)"


def exercise_the_annotator(page):
    assert "There are no photographs" in bring_to_sight(page, ".ck-annotator")
    content = io.BytesIO()
    Image.new("RGB", (400, 300), "wheat").save(content, format="png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add photographs").click()
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": content.getvalue()}
    chooser.value.set_files([file])
    page.wait_for_function(SAYS, arg="1 of 1: no objects.", timeout=60_000)
    box = page.locator(".ck-annotator .ck-scene").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for share in (0.4, 0.6):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
    page.mouse.up()
    page.wait_for_function(SAYS, arg="1 object. Saved in", timeout=60_000)
    take_picture(page)
