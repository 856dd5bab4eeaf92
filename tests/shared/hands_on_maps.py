"""A person at the widgets on maps and layers: strides, stamps, masks, stacks."""

import re

from hands import bring_to_sight, label_after, take_picture


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


def exercise_the_corners(page):
    label = bring_to_sight(page, ".ck-corner")
    assert label.startswith("Cell 1, 4 gets 0.33 of the upper side from cell ")
    page.locator(".ck-corner .ck-cell").focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.get_by_text("Together 2.00: the highest of the map, the top-left corner.").wait_for()
    label = page.locator(".ck-corner .ck-label").inner_text()
    page.locator(".ck-corner .ck-object").focus()
    page.keyboard.press("ArrowLeft")
    label = label_after(page, label)
    assert "the highest is 2.00, in cell 3, 2" in label
    page.locator(".ck-corner .ck-which", has_text="bottom-right").click()
    label = label_after(page, label)
    assert "of the lower side" in label and page.locator(".ck-corner .ck-source").count() == 2
    take_picture(page)
