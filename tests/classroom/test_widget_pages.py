"""The page of each widget in a real Chromium: every control by its keys, boxes by mouse and finger, both themes."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from hands import drag
from widget_pages import THEMES, made, page_of

from classroom import widgets

PAGES = sorted(Path(widgets.__file__).parent.glob("*.js"))
NAMES = "anchors annotations boxes camera photo clicks corners heat mask curve proposals regions slots stacks stamps".split()
NAMES += ["suppression", "threshold", "queries", "attention"]
DRAGGABLE = {"boxes": 2, "regions": 1, "slots": 2, "queries": 2}
TRAITS = "() => JSON.stringify(window.values)"


@pytest.fixture(scope="module")
def every():
    return made()


@contextmanager
def shown(browser, widget, theme="light", **options):
    context = browser.new_context(viewport={"width": 900, "height": 900}, offline=True, **options)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.set_content(page_of(widget, theme))
    try:
        yield page
        assert wrong == []
    finally:
        context.close()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_controls_dragging_and_colours_are_in_the_shared_elements_alone(path):
    source = path.read_text(encoding="utf-8")
    own = re.findall(r"pointerdown|keydown|\"range\"|--jp-ui-font-color1|#0002cf|#e03100|#ffd400", source)
    assert bool(own) == (path.stem == "elements")


def test_each_page_is_that_of_a_widget(every):
    modules = " ".join(str(widget._esm) for widget in every.values())
    assert all(path.read_text(encoding="utf-8") in modules for path in PAGES) and len(PAGES) == 20
    assert list(every) == NAMES


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_an_arrow_key_moves_each_slider_and_goes_no_further(name, browser, every):
    with shown(browser, every[name]) as page:
        sliders = page.locator("input[type=range]")
        for i in range(sliders.count()):
            slider, before = sliders.nth(i), page.evaluate(TRAITS)
            described = slider.get_attribute("aria-valuetext")
            at_its_end = slider.evaluate(
                "(slider) => slider.valueAsNumber + Number(slider.step) > slider.max"
            )
            slider.press("ArrowLeft" if at_its_end else "ArrowRight")
            assert page.evaluate(TRAITS) != before and slider.get_attribute("aria-valuetext") != described
        assert page.evaluate("() => window.escaped ?? []") == []


@pytest.mark.browser
@pytest.mark.parametrize("name", DRAGGABLE)
def test_boxes_move_by_keys_mouse_and_finger(name, browser, every):
    with shown(browser, every[name], has_touch=True) as page:
        boxes = page.locator("rect.ck-box")
        assert boxes.count() == DRAGGABLE[name]
        for i in range(boxes.count()):
            box = boxes.nth(i)
            for act in (press_left, pull_left, push_with_a_finger):
                before = box.get_attribute("aria-label")
                act(page, box)
                assert box.get_attribute("aria-label") != before
        assert page.evaluate("() => window.escaped ?? []") == []
        boxes.first.press("a")
        assert page.evaluate("() => window.escaped") == ["a"]


def press_left(page, box):
    box.press("ArrowLeft")


def pull_left(page, box):
    drag(page, box, -10, -12)


def push_with_a_finger(page, box):
    sides = box.bounding_box()
    x, y = sides["x"] + sides["width"] / 2, sides["y"] + sides["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, by in (("touchStart", 0), ("touchMove", 9), ("touchMove", 18), ("touchEnd", None)):
        points = [] if by is None else [{"x": x + by, "y": y + by}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.mark.browser
def test_the_object_and_the_cell_of_corner_pooling_move_by_whole_cells(browser, every):
    with shown(browser, every["corners"]) as page:
        box, cell = page.locator("rect.ck-object"), page.locator("rect.ck-cell")
        drag(page, box, -45, -45)
        drag(page, cell, 45, 5)
        assert page.evaluate("values.box") == [3, 1, 9, 6] and page.evaluate("values.cell") == [2, 4]
        cell.press("ArrowDown")
        box.press("Shift+ArrowRight")
        assert page.evaluate("values.box") == [3, 1, 10, 6] and page.evaluate("values.cell") == [2, 5]
        page.locator(".ck-which", has_text="bottom-right").click()
        assert page.evaluate("values.corner") == "bottom-right"
        assert page.locator(".ck-evidence").count() > 20 and page.locator(".ck-source").count() == 2


@pytest.mark.browser
def test_clicks_come_by_mouse_and_by_keys(browser, every):
    """With Shift they say "not this"; U takes the last one back, Escape all of them, and an answer is chosen."""
    with shown(browser, every["clicks"]) as page:
        clicks, canvas = "values.clicks", page.locator(".ck-clicks .ck-scene")
        page.locator(".ck-reset").click()
        assert page.evaluate(clicks) == [] and page.locator(".ck-undo").is_disabled()
        where = canvas.bounding_box()
        place = {"x": where["width"] / 4, "y": where["height"] / 2}
        canvas.click(position=place)
        canvas.click(position=place, modifiers=["Shift"])
        assert page.evaluate(clicks) == [[32, 48, 1], [32, 48, 0]]
        canvas.focus()
        for key in ("ArrowRight", "Shift+ArrowDown", "Enter", "Shift+Enter"):
            page.keyboard.press(key)
        assert page.evaluate(clicks)[2:] == [[67, 49, 1], [67, 49, 0]]
        assert page.locator(".ck-this").count() == page.locator(".ck-not-this").count() == 2
        page.keyboard.press("u")
        page.locator(".ck-kind", has_text="not this").click()
        canvas.click(position=place)
        assert page.evaluate(clicks)[2:] == [[67, 49, 1], [32, 48, 0]]
        page.locator(".ck-answer").nth(1).click()
        assert page.evaluate("values.chosen") == 1
        page.keyboard.press("3")
        assert page.evaluate("values.chosen") == 2
        page.keyboard.press("Escape")
        assert page.evaluate(clicks) == [] and set(page.evaluate("() => window.escaped ?? []")) <= {"Shift"}


@pytest.mark.browser
def test_shift_and_an_arrow_key_resize_but_not_past_the_edges(browser, every):
    with shown(browser, every["regions"]) as page:
        box = page.locator("rect.ck-box")
        left = page.evaluate("() => window.values.region.slice(0, 2)")
        for _ in range(12):
            box.press("Shift+ArrowLeft")
        assert page.evaluate("() => window.values.region.slice(0, 3)") == [*left, left[0] + 1]
        for _ in range(20):
            box.press("Shift+ArrowRight")
        assert page.evaluate("() => window.values.region[2]") == 128


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_everything_is_named_and_reached_by_tab_in_both_themes(name, browser, every):
    for theme, (ink, _) in THEMES.items():
        with shown(browser, every[name], theme) as page:
            assert page.locator(".ck").evaluate("(box) => getComputedStyle(box).color") == colour(page, ink)
            for control in page.locator("button:visible, input, select, [tabindex]").all():
                assert name_of(control), control.evaluate("(control) => control.outerHTML")
            for picture in page.locator("svg:not([aria-hidden])").all():
                assert picture.get_attribute("role") in ("img", "group") and picture.get_attribute(
                    "aria-label"
                )
            page.keyboard.press("Tab")
            assert page.evaluate("() => document.activeElement !== document.body")
            page.evaluate("() => window.end()")


def name_of(control):
    return control.evaluate(
        "(control) => control.ariaLabel || control.labels?.[0]?.textContent.trim() || control.textContent.trim()"
    )


def colour(page, css):
    return page.evaluate(
        "(css) => { document.body.style.color = css; return getComputedStyle(document.body).color; }", css
    )
