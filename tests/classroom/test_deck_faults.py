"""What the check of the deck finds in a real Chromium: each fault on its slide, and none on others."""

import pytest
from made_up_deck import COUNTER, GOOD, NOTES, make
from PIL import Image

from classroom.deck.check import accessibility, look, paper, printed, strange

pytestmark = pytest.mark.browser

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
NOTES_OF = dict.fromkeys(BAD, NOTES) | {"script": NOTES.replace("Say it.", "Say it again.\n\n" * 40)}
SOURCE = '---\ntitle: Bad\naccent: "#0b4f8a"\npart: 1\n---\n' + "\n---\n".join(
    f"## {name}\n\n{body}\n{NOTES_OF[name]}" for name, body in BAD.items()
)
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
    bad = make(tmp_path_factory.mktemp("bad"), SOURCE, OFFENDER, STYLE)
    (bad.labs / "01_localisation.ipynb").unlink()
    return [
        *look(browser, bad, 1280, 720),
        *look(browser, bad, 1920, 1080),
        *accessibility(browser, bad, "light"),
        *strange(browser, bad.deck),
        *paper(browser, bad, "slides", lambda line: None),
        *paper(browser, bad, "handout", lambda line: None),
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
        ("tall", 'page 1 of slides.pdf: "A paragraph that is one line long'),
        ("script", "page 8 of handout.pdf: the notes are "),
    ],
)
def test_a_fault_is_found_on_its_slide(found, slide, sentence):
    line = 1 + SOURCE[: SOURCE.index(f"## {slide}")].count("\n")
    assert [
        each for each in found if each.startswith(f"slides/1_made_up.md:{line}: ") and sentence in each
    ], found


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


def test_a_printed_page_is_white_at_its_edges_and_not_empty():
    page = Image.new("RGB", (400, 225), "white")
    assert printed(page) == ["is empty"]
    page.paste("black", (40, 40, 300, 200))
    assert printed(page) == []
    page.paste("black", (5, 100, 9, 104))
    assert printed(page) == ["has something in the margin at the left"]
