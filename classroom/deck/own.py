"""A lecturer's own small deck in another folder, with slides from the course's deck."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

from classroom.deck.folders import Folders
from classroom.deck.page import identities
from classroom.deck.problem import DeckError
from classroom.deck.render import title_of
from classroom.deck.source import Part, Slide, find_parts, read_part

FIRST = "1_my_slides.md"
BEGINNING = """---
title: My slides
accent: "#0b4f8a"
part: 1
---

# My slides

My name, the date, the room

::: notes 1 min
What to say.
:::
"""


def own_deck(folder: Path, rendered_labs: str = "") -> Folders:
    """Return where a lecturer's own deck is and is built; its figures may be the course's."""
    return Folders(folder.resolve(), folder.resolve() / "build", rendered_labs=rendered_labs)


def new_deck(folder: Path, take: Sequence[str] = ()) -> Path:
    """Start a deck in a folder, or add slides of the course to an existing one.

    Args:
        take: the names of the slides in addresses, such as "2b-a-small-shift" in deck.html#/2b-a-small-shift.
    Raises:
        DeckError: the slide does not exist, or a deck is there and nothing to add.
    """
    course = dict(slides_of_the_course())
    for name in take:
        if name not in course:
            near = (
                " or ".join(difflib.get_close_matches(name, course, 3)) or "one in the address of its slide"
            )
            raise DeckError(f"The course has no slide {name!r}: did you mean {near}?")
    path = folder / FIRST
    if path.is_file() and not take:
        raise DeckError(f"{path} is there already: edit it, or add slides of the course with --take.")
    folder.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.is_file() else BEGINNING
    text = "\n---\n\n".join([before.rstrip() + "\n", *(with_footnotes(*course[name]) for name in take)])
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def slides_of_the_course() -> Iterator[tuple[str, tuple[Slide, Part]]]:
    """Yield every slide of the course with its name in addresses."""
    for part in map(read_part, find_parts(Folders().slides)):
        names = identities(part.path.stem, [title_of(slide) for slide in part.slides])
        yield from zip(names, ((slide, part) for slide in part.slides), strict=True)


def with_footnotes(slide: Slide, part: Part) -> str:
    """Return a slide's markdown with the footnotes that it refers to."""
    missing = [
        text for key, text in part.footnotes.items() if f"[^{key}]" in slide.text and text not in slide.text
    ]
    return "\n\n".join([slide.text.strip(), *(text.strip() for text in missing)]) + "\n"
