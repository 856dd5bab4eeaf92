"""A person at the widgets on boxes: overlap, matching, suppression, anchors, regions, proposals, curve."""

import re

from hands import bring_to_sight, drag, label_after, take_picture


def exercise_the_boxes(page):
    label = bring_to_sight(page, ".ck-iou")
    assert re.fullmatch(r"IoU = [01]\.\d{3}", label)
    box = page.locator("rect.box_b").first
    drag(page, box, -40, -30)
    label = label_after(page, label)
    page.locator(".ck-iou .ck-reset").first.click()
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
