"""The deck in a real Chromium: what the check finds and what it does not, the keys, the speaker's window."""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from classroom.deck.browser import READY, NoBrowser, chromium, opened
from classroom.deck.build import build_pages
from classroom.deck.check import accessibility, look, paper, problems, strange
from classroom.deck.folders import ROOT, Folders
from classroom.deck.printing import COLUMNS, THUMBNAIL, print_deck

pytestmark = pytest.mark.browser

NOTES = "\n::: notes 2 min\nSay it.\n:::\n"
FIGURES = """
from pathlib import Path

import matplotlib.pyplot as plt

from classroom.deck import Widget
from classroom.widgets import page

BOXES = {"width": 400, "height": 300, "picture": "", "box_a": [60, 60, 200, 180], "box_b": [150, 110, 300, 230]}


def line(size=21):
    figure, ax = plt.subplots(figsize=(5, 3.6))
    ax.plot([1, 3, 2])
    ax.set_title("A line", fontsize=size)
    return figure


def tiny():
    return line(9)


def growing():
    return [line(size) for size in (21, 24, 27)]


def boxes():
    return Widget(page("box_iou.js"), BOXES)


def script():
    module = Path(__file__).with_name("script.js").read_text()
    return Widget(module, {"count": 2}, "(now) => ({ double: 2 * now.count })")
"""
COUNTER = """
export default { render({ model, el }) {
  const button = el.appendChild(document.createElement("button"));
  button.style.fontSize = "32px";
  const draw = () => { button.textContent = `${model.get("count")} ${model.get("double")}`; };
  button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
  model.on("change:double", draw);
  draw();
} };
"""
GOOD = f"""---
title: Made up
accent: "#0b4f8a"
part: 1
---

# Made up
{NOTES}
---

## Columns, steps, maths

::: columns
::: column
Boxes $A$ and $B$[^who]

$$
\\frac{{|A \\cap B|}}{{|A \\cup B|}}
$$

::: steps
- one
- two
:::

[Try it: lab 01](lab:01)
:::
::: column
![A line that grows](figure:growing)
:::
:::
{NOTES}

[^who]: Somebody, *Something*, 2001.

---

## To drag

![Two boxes to drag](widget:boxes)
{NOTES}
---

## To press

![A number and its double](widget:script)

```python
def double(x):
    return 2 * x  # a comment
```

| a | b |
|---|---|
| 1 | 2 |
{NOTES}
---

## To watch

![A title that grows](figure:growing){{.loop fps=8}}
{NOTES}"""


def make(folder: Path, source: str, script: str, more_style: str = "") -> Folders:
    """A deck in the course's theme, its pages built."""
    made = Folders(folder / "slides", folder / "build" / "slides", folder / "labs")
    (made.slides / "figures").mkdir(parents=True)
    made.labs.mkdir()
    (made.labs / "01_localisation.ipynb").write_text("{}", encoding="utf-8")
    (made.slides / "1_made_up.md").write_text(source, encoding="utf-8")
    (made.slides / "figures" / "made_up.py").write_text(FIGURES, encoding="utf-8")
    (made.slides / "figures" / "script.js").write_text(script, encoding="utf-8")
    theme = (ROOT / "slides" / "theme.css").read_text(encoding="utf-8")
    (made.slides / "theme.css").write_text(theme + more_style, encoding="utf-8")
    build_pages(made, lambda line: None)
    return made


@pytest.fixture(scope="module")
def browser():
    if os.environ.get("COURSEKIT_NO_BROWSER") == "1":
        pytest.skip("COURSEKIT_NO_BROWSER=1")
    try:
        with chromium() as browser:
            yield browser
    except NoBrowser as error:
        pytest.fail(f"{error} Or set COURSEKIT_NO_BROWSER=1 to leave the browser tests out.")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return make(tmp_path_factory.mktemp("good"), GOOD, COUNTER)


@pytest.fixture
def page(browser, good):
    with opened(browser, good.deck.as_uri()) as (page, wrong):
        page.wait_for_function(READY)
        yield page
        assert wrong == []


def go(page, slide):
    page.evaluate("(i) => Reveal.slide(i - 1, 0, -1)", slide)


# ---- the check ----


def test_a_good_deck_has_no_problem(browser, good):
    from PIL import Image

    print_deck(browser, good, lambda line: None)
    assert problems(browser, good, [good.deck], lambda line: None) == []
    assert Image.open(good.sheet).width > COLUMNS * THUMBNAIL[0]
    good.pdf.write_bytes(good.pdf.read_bytes() + b"<< /Type /Page >>")
    assert paper(good) == ["deck.pdf has 6 pages for 5 slides"]


LONG = "\n\n".join(["A paragraph that is one line long, and there are too many of them."] * 12)
BAD = {
    "tall": LONG,
    "wide": "```text\n" + "0123456789" * 12 + "\n```",
    "tiny": "![Words that nobody can read](figure:tiny)",
    "shrunk": "![A line](figure:line){width=20%}",
    "overlap": "[first]{.first}\n\nsecond words",
    "faint": "[faint]{.faint}",
    "small": "[small]{.small}",
    "script": "![A script](widget:script)",
}
STYLE = """
.first { position: relative; top: 50px; }
.reveal .faint { color: #d9dee3; }
.small { font-size: 20px; }
"""
OFFENDER = """
export default { render({ el }) {
  console.error("something broke");
  const image = el.appendChild(new Image());
  image.src = "https://example.org/cat.png";
  fetch("https://example.org/data.json").catch(() => {});
} };
"""


@pytest.fixture(scope="module")
def found(browser, tmp_path_factory):
    """What the check says of a deck with one fault a slide."""
    head = '---\ntitle: Bad\naccent: "#0b4f8a"\npart: 1\n---\n'
    slides = [f"## {name}\n\n{body}\n{NOTES}" for name, body in BAD.items()]
    bad = make(tmp_path_factory.mktemp("bad"), head + "\n---\n".join(slides), OFFENDER, STYLE)
    (bad.labs / "01_localisation.ipynb").unlink()
    return [
        *look(browser, bad, 1280, 720),
        *look(browser, bad, 1920, 1080),
        *accessibility(browser, bad, "light"),
        *strange(browser, bad.deck),
    ]


@pytest.mark.parametrize(
    ("slide", "sentence"),
    [
        ("tall", "overflows at the bottom by"),
        ("wide", "is cut off: it overflows its box"),
        ("tiny", 'text in the figure "Words that nobody can read" has 12.5 pixels, less than 24'),
        ("shrunk", 'text in the figure "A line" has'),
        ("overlap", '"first" overlaps "second words"'),
        ("faint", "axe: color-contrast"),
        ("small", 'the text "small" has 20.0 pixels'),
        ("script", 'the picture "" is not loaded'),
        ("script", "a picture has no alternative text"),
    ],
)
def test_a_fault_is_found_on_its_slide(found, slide, sentence):
    assert [line for line in found if f"({slide})" in line and sentence in line], found


def test_the_larger_screen_finds_the_same_faults(found):
    small, large = (
        {line.replace(size, "") for line in found if size in line}
        for size in (" at 1280 x 720", " at 1920 x 1080")
    )
    assert small == large and len(small) >= 7


def test_an_error_and_requests_off_the_machine_are_found(found):
    assert "console: something broke" in found
    assert "asks the network for https://example.org/cat.png" in found
    assert "asks the network for https://example.org/data.json" in found


def test_a_fault_does_not_stain_other_slides(found):
    for name, alone in (("faint", "color-contrast"), ("small", "20.0 pixels"), ("overlap", "overlaps")):
        lines = [line for line in found if f"({name})" in line]
        assert lines and all(alone in line for line in lines)


def test_a_link_to_a_lab_that_is_gone_is_found(browser, tmp_path):
    deck = make(tmp_path, GOOD, COUNTER)
    (deck.labs / "01_localisation.ipynb").unlink()
    assert any("no file behind the link" in line for line in look(browser, deck, 1280, 720))


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
    page.get_by_text("Print view, for paper or PDF").wait_for(timeout=5000)


def test_the_print_view_has_a_page_a_slide(page):
    page.keyboard.press("x")
    page.wait_for_selector(".pdf-page")
    page.wait_for_function(READY)
    assert page.locator(".pdf-page").count() == 5


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
    button = page.locator(".widget button")
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
