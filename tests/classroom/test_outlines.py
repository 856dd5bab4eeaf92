"""One click in the annotation widget: the outline of an object, as a COCO polygon."""

import json

import pytest
import torch
from PIL import Image
from widget_pages import annotated, page_of

from classroom.exercises.cases import rectangles
from classroom.widgets import Annotator
from classroom.widgets.outlines import mask_outline, part_at
from coursekit.data import coco_folder
from coursekit.data.still_life import still_life
from coursekit.ops import mask_iou, polygons_to_mask


def saved(folder):
    return json.loads((folder / "annotations.json").read_text())


def disc(height, width):
    y, x = torch.arange(height)[:, None] + 0.5, torch.arange(width) + 0.5
    return ((x - 20) / 16) ** 2 + ((y - 14) / 12) ** 2 < 1


def test_one_click_gives_the_outline_of_an_object(tmp_path):
    """What is drawn is a polygon around the apple, a COCO segmentation that can be moved, undone and deleted."""
    Image.new("RGB", (120, 200), "olive").save(tmp_path / "b.png")
    image, target = still_life("val")[3]
    pixels = (image.permute(1, 2, 0) * 255).round().byte().numpy()
    Image.fromarray(pixels).resize((576, 576)).save(tmp_path / "a.jpg", quality=95)
    canvas = Annotator(tmp_path, ("mug", "book")).canvas
    canvas.chosen = 2
    mask = target["masks"][target["labels"] == 8][0]  # a bottle
    x, y = (3 * mask.nonzero().float().mean(0).flip(0)).tolist()
    canvas.clicked = {"photograph": "a.jpg", "point": [x, y], "number": 1}
    (row,) = saved(tmp_path)["annotations"]
    assert len(row["segmentation"]) == 1 and row["category_id"] == 2 and canvas.next_id == 2
    large = mask.repeat_interleave(3, 0).repeat_interleave(3, 1)
    _, found = coco_folder(tmp_path)[0]
    assert mask_iou(found["masks"], large[None]).item() > 0.6
    (each,) = canvas.sheet["objects"]
    draw_on(canvas, each | {"box": [value + 5 for value in each["box"]]})
    canvas.undos += 2
    assert saved(tmp_path)["annotations"] == []
    canvas.redos += 1
    assert canvas.sheet["objects"] == [each]
    draw_on(canvas)
    canvas.clicked = {"photograph": "b.png", "point": [9, 9], "number": 2}  # not on show any more
    assert saved(tmp_path)["annotations"] == []


def draw_on(canvas, *objects):
    canvas.sheet = {"photograph": canvas.photographs[canvas.shown], "objects": list(objects)}


@pytest.mark.parametrize("mask", [disc(30, 44), rectangles(40, 60, (3, 5, 50, 30))[0]], ids=["disc", "box"])
def test_an_outline_covers_its_mask(mask):
    again = polygons_to_mask([mask_outline(mask)], tuple(mask.shape))
    assert mask_iou(again[None], mask[None]).item() > 0.97
    assert mask_outline(torch.zeros(9, 9, dtype=torch.bool)) == []


def test_of_a_mask_in_parts_the_one_under_the_click_is_taken():
    parts = rectangles(20, 30, (1, 1, 6, 6), (10, 3, 25, 18))
    whole = parts.any(0)
    assert part_at(whole, 2, 2).equal(parts[0]) and part_at(whole, 29, 19).equal(parts[1])


@pytest.mark.browser
def test_a_click_by_mouse_or_by_keys_asks_for_an_outline(browser):
    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.set_content(page_of(annotated()))
    page.locator(".ck-way", has_text="Click").click()
    canvas = page.locator(".ck-annotator .ck-scene")
    where = canvas.bounding_box()
    canvas.click(position={"x": where["width"] / 2, "y": where["height"] / 8})
    asked = page.evaluate("values.clicked")
    assert asked == {"photograph": "one.jpg", "point": [160, 30], "number": 1}
    canvas.focus()
    for key in ("b", "c", "Shift+ArrowRight", "Space"):
        page.keyboard.press(key)
    assert page.evaluate("values.clicked") == {"photograph": "one.jpg", "point": [161, 120], "number": 2}
    page.close()
