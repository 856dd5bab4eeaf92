"""The widget of lab 16: what it computes, and a person with mouse and keys at its page, which Python answers."""

import pytest
import torch
from widget_pages import page_of

from classroom.widgets import ClickSegmenter
from coursekit import ops, shipped
from coursekit.data.still_life import still_life

TRAITS = ("clicks", "masks", "ious", "chosen", "shown", "label")
CONNECT = """() => {
  const { model } = window, tell = model.save_changes, set = model.set;
  let changed = {};
  model.set = (name, value) => ((changed[name] = value), set(name, value));
  model.save_changes = async () => {
    const news = changed;
    changed = {};
    tell();
    for (const [name, value] of Object.entries(await window.python(news))) set(name, value);
    tell();
  };
}"""
SAYS = "(words) => document.querySelector('.ck-label').textContent.startsWith(words)"


@pytest.fixture(scope="module")
def scene():
    torch.set_num_threads(1)
    return still_life("val")[3]


@pytest.fixture
def widget(scene):
    return ClickSegmenter(shipped("promptable"), scene[0])


def bottle(target):
    """The mask of a bottle, and a click on it."""
    mask = target["masks"][target["labels"] == 8][0]
    x, y = mask.nonzero().float().mean(0).flip(0).round().tolist()
    return mask, [x, y, 1.0]


def test_a_click_gives_three_masks_and_the_best_is_shown(widget, scene):
    truth, click = bottle(scene[1])
    assert widget.label == "Click on an object." and not widget.mask.any()
    widget.clicks = [click]
    assert len(widget.masks) == len(widget.ious) == 3 and widget.ious[widget.shown] == max(widget.ious)
    assert ops.mask_iou(widget.mask[None], truth[None]).item() > 0.5
    assert widget.label.startswith(
        f"1 click: answer {widget.shown + 1}, predicted IoU {max(widget.ious):.2f}"
    )


def test_undo_brings_back_what_was_and_clicks_at_once_are_clicks_one_by_one(widget, scene):
    _, click = bottle(scene[1])
    away = [5.0, 5.0, 0.0]
    widget.clicks = [click]
    first = widget.mask
    widget.clicks = [click, away]
    second = widget.mask
    widget.clicks = [click]
    assert widget.mask.equal(first)
    together = ClickSegmenter(widget.model, scene[0], clicks=[click, away])
    assert together.mask.equal(second)
    widget.clicks = []
    assert widget.masks == [] and not widget.mask.any()


def test_the_next_click_goes_on_from_the_answer_that_was_chosen(widget, scene):
    _, click = bottle(scene[1])
    after = []
    for answer in range(3):
        widget.clicks = [click]
        widget.chosen = answer
        assert widget.shown == answer
        widget.clicks = [click, [5.0, 5.0, 0.0]]
        after.append(widget.clicked.masks(widget.steps[-1][1]).sum().item())
        widget.clicks = []
    assert len(set(after)) > 1


def test_another_picture_begins_without_clicks(widget, scene):
    widget.clicks = [bottle(scene[1])[1]]
    widget.show(torch.rand(3, 50, 80))
    assert widget.clicks == [] and (widget.width, widget.height) == (80, 50) and widget.mask.shape == (50, 80)


@pytest.mark.browser
def test_a_person_clicks_chooses_and_undoes_with_mouse_and_keys(browser, widget, scene):
    truth, (x, y, _) = bottle(scene[1])

    def python(news):
        for name, value in news.items():
            setattr(widget, name, value)
        return {name: getattr(widget, name) for name in TRAITS}

    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.expose_function("python", python)
    page.set_content(page_of(widget))
    page.evaluate(CONNECT)
    canvas = page.locator(".ck-clicks .ck-scene")
    side = canvas.bounding_box()["width"] / widget.width
    canvas.click(position={"x": (x + 0.5) * side, "y": (y + 0.5) * side})
    page.wait_for_function(SAYS, arg="1 click: answer")
    assert ops.mask_iou(widget.mask[None], truth[None]).item() > 0.5
    assert page.locator(".ck-mask").get_attribute("href") == widget.masks[widget.shown]
    canvas.click(position={"x": 4, "y": 4}, modifiers=["Shift"])
    page.wait_for_function(SAYS, arg="2 clicks: answer")
    assert [click[2] for click in widget.clicks] == [1, 0]
    canvas.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function(SAYS, arg="3 clicks: answer")
    page.keyboard.press("2")
    page.wait_for_function(SAYS, arg="3 clicks: answer 2")
    assert page.locator(".ck-answer").nth(1).get_attribute("aria-pressed") == "true"
    page.locator(".ck-undo").click()
    page.wait_for_function(SAYS, arg="2 clicks")
    page.locator(".ck-reset").click()
    page.wait_for_function(SAYS, arg="Click on an object.")
    assert widget.clicks == [] and not page.locator(".ck-mask").get_attribute("href")
    page.close()
