"""The deck in a real Chromium: a good deck has no problem; the keys, the speaker's window."""

import subprocess
import sys
import time
import urllib.request

import pypdfium2
import pytest
from made_up_deck import go
from PIL import Image

from classroom.deck.browser import READY, opened
from classroom.deck.check import problems
from classroom.deck.printing import COLUMNS, THUMBNAIL, on_paper, write_contact_sheet, write_pdf

pytestmark = pytest.mark.browser


# ---- the check ----


def test_a_good_deck_has_no_problem(browser, good):
    said = []
    assert problems(browser, good, [good.deck], said.append) == []
    assert any(line.startswith("slides.pdf: 7 pages") for line in said), (
        "two pictures are replaced by another"
    )
    assert any(line.startswith("handout.pdf: 5 pages") for line in said)
    write_contact_sheet(good, said.append)
    assert Image.open(good.sheet).width > COLUMNS * THUMBNAIL[0]


def test_printed_pages_show_what_is_replaced_and_what_is_said(browser, good):
    with on_paper(browser, good.deck, "slides") as page:
        shown = """[...document.querySelectorAll('.slide[data-timing]')].map((slide) =>
            [...slide.querySelectorAll('.stack:not([data-fps]) > img')].map((one) => getComputedStyle(one).visibility)
            .indexOf('visible'))"""
        assert page.evaluate(shown) == [-1, 0, 1, 2, -1, -1, -1]
    write_pdf(browser, good, "slides", lambda line: None)
    with pypdfium2.PdfDocument(good.pdf("slides")) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
        sizes = {tuple(map(round, page.get_size())) for page in document}
    assert ["one" in text for text in texts] == [False, True, True, True, False, False, False]
    assert sizes == {(960, 540)} and not any("Say it" in text for text in texts)  # points: 1280 x 720 pixels
    write_pdf(browser, good, "handout", lambda line: None)
    with pypdfium2.PdfDocument(good.pdf("handout")) as document:
        assert all("Say it" in page.get_textpage().get_text_bounded() for page in document)


# ---- presenting ----


def test_a_key_reveals_step_after_step_and_then_the_next_slide(page):
    go(page, 2)
    visible = "[...Reveal.getCurrentSlide().querySelectorAll('.fragment')].map((one) => one.checkVisibility({visibilityProperty: true}))"
    seen = [page.evaluate(visible).count(True)]
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        seen.append(page.evaluate(visible).count(True))
    assert seen == [0, 1, 2, 3, 4]
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 2
    assert page.locator(".slide-number").inner_text().split() == ["3", "/", "5"]


def test_the_theme_follows_the_system_and_a_key(browser, good):
    paper = "getComputedStyle(document.querySelector('.reveal-viewport')).backgroundColor"
    for scheme, other in (("dark", "light"), ("light", "dark")):
        with opened(browser, good.deck.as_uri(), color_scheme=scheme) as (page, _):
            page.wait_for_function(READY)
            before = page.evaluate(paper)
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            page.keyboard.press("t")
            assert page.evaluate("document.documentElement.dataset.theme") == other
            assert page.evaluate(paper) != before
            page.reload()
            page.wait_for_function(READY)
            assert page.evaluate("document.documentElement.dataset.theme") == other  # it is remembered


def test_the_help_names_our_keys(page):
    page.keyboard.press("Shift+?")
    page.get_by_text("Dark or light").wait_for(timeout=5000)
    page.get_by_text("Print view: a handout with the notes").wait_for(timeout=5000)


def test_the_print_views_have_a_page_a_slide(page):
    for key, pages, count in (("x", ".slide", 7), ("w", ".sheet", 5)):
        page.keyboard.press(key)
        page.wait_for_selector(".paper")
        page.wait_for_function(READY)
        assert page.locator(pages).count() == count
        page.go_back()
        page.wait_for_function(READY)


def test_a_slash_leaves_the_screen_as_it_is(page):
    page.keyboard.press("/")
    assert not page.evaluate("Reveal.isPaused()")
    page.keyboard.press("b")
    assert page.evaluate("Reveal.isPaused()")


def test_the_speaker_sees_notes_clock_and_pace(page):
    go(page, 2)
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    speaker.wait_for_selector(".speaker-controls-notes:not(.hidden)", timeout=15_000)
    assert speaker.locator(".speaker-controls-notes .value").inner_text().strip() == "Say it."
    assert speaker.locator(".clock-value").first.inner_text().strip()
    pace = speaker.locator(".pacing")
    pace.wait_for(timeout=5000)
    assert pace.locator(".minutes-value").inner_text().strip(":") in ("01", "02", "03", "04")
    speaker.close()


def test_boxes_are_dragged_and_moved_by_keys(page):
    go(page, 3)
    label, box = page.locator(".ck-label"), page.locator("rect.box_b")
    assert label.inner_text() == "IoU = 0.112"
    place = box.bounding_box()
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1] - 40, steps=5)
    page.mouse.up()
    dragged = label.inner_text()
    box.focus()
    page.keyboard.press("ArrowLeft")
    assert len({"IoU = 0.112", dragged, label.inner_text()}) == 3
    assert page.evaluate("Reveal.getIndices().h") == 2  # the key moved the box, not the deck


def test_a_function_stands_for_python(page):
    go(page, 4)
    button = page.locator(".widget button:not(.ck-reset)")
    assert button.inner_text() == "2 4"
    button.click()
    assert button.inner_text() == "3 6"


def test_an_animation_plays_pauses_and_respects_who_wants_none(browser, good):
    shown = "[...Reveal.getCurrentSlide().querySelectorAll('img')].findIndex((image) => image.classList.contains('shown'))"
    for motion, moves in (("no-preference", True), ("reduce", False)):
        with opened(browser, good.deck.as_uri(), reduced_motion=motion) as (page, _):
            page.wait_for_function(READY)
            go(page, 5)
            frames = set()
            for _ in range(12):
                frames.add(page.evaluate(shown))
                page.wait_for_timeout(60)
            assert (len(frames) > 1) == moves
    with opened(browser, good.deck.as_uri()) as (page, _):
        page.wait_for_function(READY)
        go(page, 5)
        page.get_by_role("button", name="Pause").click()
        still = page.evaluate(shown)
        page.wait_for_timeout(400)
        assert page.evaluate(shown) == still


def test_serving_builds_anew_when_a_source_changes(good):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import sys; from pathlib import Path; from classroom.deck.folders import Folders;"
        "from classroom.deck.command import serve; serve(Folders(*map(Path, sys.argv[2:])), int(sys.argv[1]), browse=False)"
    )
    places = [str(folder) for folder in (good.slides, good.out, good.labs)]
    server = subprocess.Popen([sys.executable, "-c", code, str(port), *places], stderr=subprocess.DEVNULL)
    source = good.slides / "1_made_up.md"
    before = source.read_text(encoding="utf-8")
    try:
        assert "livereload.js" in wait_for_text(port, "To drag")
        source.write_text(before.replace("## To drag", "## To push"), encoding="utf-8")
        wait_for_text(port, "To push")
        source.write_text(before.replace("figure:growing", "figure:gone"), encoding="utf-8")
        time.sleep(3)
        wait_for_text(port, "To push")  # the last deck stays while a source is wrong
    finally:
        source.write_text(before, encoding="utf-8")
        server.terminate()
        server.wait(10)


def wait_for_text(port, words, seconds=60):
    for _ in range(seconds * 2):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
                text = reply.read().decode()
                if words in text:
                    return text
        except OSError:
            pass
        time.sleep(0.5)
    pytest.fail(f"{words!r} did not appear in {seconds} s")
