"""Read a part of the deck: YAML front matter, then slides with `---` between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from classroom.deck.problem import DeckError, Place

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*\n", re.MULTILINE | re.DOTALL)
FIELDS = {"title": str, "accent": str, "part": int}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
DEFINITION = re.compile(r"^\[\^([^\]\s]+)\]:.*(?:\n(?:[ \t]+\S.*|[ \t]*(?=\n[ \t]+\S)))*", re.MULTILINE)


@dataclass(frozen=True)
class Slide:
    """The markdown of one slide and the line of the file on which it begins."""

    text: str
    place: Place


@dataclass(frozen=True)
class Part:
    """One file of the deck. `footnotes` holds each definition's markdown by its key, wherever it stands."""

    path: Path
    title: str
    accent: str
    number: int
    slides: list[Slide] = field(default_factory=list)
    footnotes: dict[str, str] = field(default_factory=dict)


def find_parts(folder: Path) -> list[Path]:
    """Return the sources in the order of the lecture: slides/1_localisation.md, slides/2_….

    Raises:
        DeckError: the folder has no sources.
    """
    paths = sorted(folder.glob("[0-9]*_*.md"))
    if not paths:
        raise DeckError(f"There is no slide source such as 1_localisation.md in {folder}.")
    return paths


def read_part(path: Path) -> Part:
    """Return a source file as slides.

    Raises:
        DeckError: the front matter is missing or wrong.
    """
    text = path.read_text(encoding="utf-8")
    head = FRONT_MATTER.match(text)
    if not head:
        needed = "begin the file with ---, a line each for title, accent and part, and ---"
        raise DeckError(Place(path, 1).problem(f"no front matter: {needed}."))
    values, body = read_front_matter(path, head[1]), text[head.end() :]
    first_line = text[: head.end()].count("\n") + 1
    slides = list(split_slides(path, body, first_line))
    footnotes = {definition[1]: definition[0] for definition in DEFINITION.finditer(body)}
    return Part(path, values["title"], values["accent"], values["part"], slides, footnotes)


def read_front_matter(path: Path, text: str) -> dict:
    """Return the fields, each of its type, or say which one is wrong."""
    try:
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise DeckError(Place(path, 1).problem(f"the front matter is not YAML: {error}")) from None
    for name, kind in FIELDS.items():
        if not isinstance(values.get(name), kind):
            raise DeckError(Place(path, 1).problem(f"the front matter needs `{name}`, a {kind.__name__}."))
    if not COLOUR.fullmatch(values["accent"]):
        raise DeckError(Place(path, 1).problem('`accent` is a colour in quotes, such as "#0b4f8a".'))
    return values


def split_slides(path: Path, body: str, first_line: int) -> Iterator[Slide]:
    """Yield the slides between the thematic breaks `---` that are not inside a block."""
    lines = body.splitlines(keepends=True)
    tokens = MarkdownIt("commonmark").disable("lheading").parse(body)
    breaks = [token.map[0] for token in tokens if token.type == "hr" and token.markup.startswith("--")]
    for start, end in zip([0, *(line + 1 for line in breaks)], [*breaks, len(lines)], strict=True):
        while start < end and not lines[start].strip():
            start += 1
        if start < end:
            yield Slide("".join(lines[start:end]), Place(path, first_line + start))
