"""A lecturer's own pictures, videos and decks; links to labs on the web."""

import base64
import io
import re

import pytest
from deck_slides import NOTES, render
from PIL import Image

from classroom.deck import DeckError
from classroom.deck.folders import Folders
from classroom.deck.own import FIRST, new_deck, own_deck
from classroom.deck.source import read_part


def inside(body):
    """The type and the bytes of what a slide carries."""
    kind, data = re.search(r'src="data:([^;]+);base64,([^"]+)"', body).groups()
    return kind, base64.b64decode(data)


def test_a_picture_is_kept_inside_the_slide(folders):
    path = folders.slides / "my dog.png"
    Image.new("RGB", (8, 6), "brown").save(path)
    (slide,) = render(folders, f'## T\n\n![A "dog"](my%20dog.png){{width=60%}}\n{NOTES}')
    assert slide.problems == [] and inside(slide.body) == ("image/png", path.read_bytes())
    assert 'alt="A &quot;dog&quot;"' in slide.body and 'style="width: 60%"' in slide.body


def test_a_photograph_with_too_many_pixels_is_made_smaller(folders):
    Image.effect_noise((3000, 1500), 20).convert("RGB").save(folders.slides / "large.jpg")
    (slide,) = render(folders, f"## T\n\n![Noise](large.jpg)\n{NOTES}")
    kind, data = inside(slide.body)
    assert kind == "image/jpeg" and Image.open(io.BytesIO(data)).size == (2560, 1280)


def test_a_video_has_controls_or_plays_silently(folders):
    (folders.slides / "film.mp4").write_bytes(b"a film")
    once, again = render(folders, *(f"## T\n\n![A film](film.mp4){end}\n{NOTES}" for end in ("", "{.loop}")))
    assert inside(once.body) == ("video/mp4", b"a film")
    assert "<video controls" in once.body and 'aria-label="A film"' in once.body
    assert "<video loop muted data-autoplay" in again.body and "controls" not in again.body


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("https://example.org/labs/", "https://example.org/labs/01_localisation.html"),
        ("https://example.org/{lab}.ipynb?a=b", "https://example.org/01_localisation.ipynb?a=b"),
    ],
)
def test_links_lead_to_labs_on_the_web(folders, address, leads_to):
    there = Folders(folders.slides, folders.out, folders.labs, address)
    (slide,) = render(there, f"## T\n\n[Try it: lab 01](lab:01)\n{NOTES}")
    assert f'class="lab" href="{leads_to}"' in slide.body


def test_a_new_deck_takes_slides_of_the_course_with_their_footnotes(tmp_path):
    path = new_deck(tmp_path / "mine", ["1-drag-the-boxes", "2c-a-corner-shows-nothing-of-its-object"])
    part = read_part(path)
    assert [slide.text.split("\n")[0] for slide in part.slides] == [
        "# My slides",
        "## Drag the boxes",
        "## A corner shows nothing of its object",
    ]
    assert "Law and Deng" in part.footnotes["corner"] or "H. Law" in part.footnotes["corner"]
    assert new_deck(tmp_path / "mine", ["0-the-map-of-the-course"]) == path
    assert len(read_part(path).slides) == 4
    assert own_deck(tmp_path / "mine").deck == tmp_path / "mine" / "build" / "deck.html"


def test_a_new_deck_overwrites_nothing_and_knows_its_slides(tmp_path):
    with pytest.raises(DeckError, match="no slide '1-drag-the-box': did you mean 1-drag-the-boxes"):
        new_deck(tmp_path / "mine", ["1-drag-the-box"])
    assert not (tmp_path / "mine").exists()
    new_deck(tmp_path / "mine")
    with pytest.raises(DeckError, match=f"{FIRST} is there already"):
        new_deck(tmp_path / "mine")
