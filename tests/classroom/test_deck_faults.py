"""What the check of the deck finds in a real Chromium: each fault on its slide, and none on others."""

import pytest
from made_up_deck import COUNTER, GOOD, NOTES, make

from classroom.deck.check import accessibility, look, strange

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
