"""The deck in another language: the English sources with the translated words; the figures stay as they are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from classroom.deck.folders import Folders
from classroom.deck.source import find_parts
from classroom.translation import markdown
from classroom.translation.catalogs import read, translator

HEAD = re.compile(r"\A(---\n.*?^title: *)([^\n]*)(.*?^---\n)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class TranslatedFolders(Folders):
    """The folders of a translated deck: its own texts and pages, the figures and fonts of the English deck."""

    language: str = "en"

    @property
    def texts(self) -> Path:
        return self.out / "source"

    @property
    def store(self) -> Path:
        return self.out.parent / "kept"

    @property
    def sheet(self) -> Path:
        return self.out / "contact_sheet.png"


def number_of(part: Path) -> str:
    """Return the number of a part: "2b" of 2b_two_stages.md."""
    return part.stem.partition("_")[0]


def texts_of(part: Path) -> Iterator[tuple[str, str]]:
    """Yield each text of a part, notes and text alternatives too, with the slide where it stands."""
    title = [""]

    def note(text: str) -> str:
        found.append((text, f"{part.name}, {title[0]}"))
        return text

    found: list[tuple[str, str]] = []
    for line in re.split(r"(?m)^(?=#)", part.read_text(encoding="utf-8")):
        title[0] = line.partition("\n")[0].lstrip("# ") if line.startswith("#") else "front matter"
        rewrite(line, note)
    yield from found


def rewrite(text: str, translate: Callable[[str], str]) -> str:
    """Return the source of a part with its texts translated, the title of the front matter too."""
    head = HEAD.match(text)
    if not head:
        return markdown.rewrite(text, translate)
    return f"{head[1]}{translate(head[2])}{head[3]}{markdown.rewrite(text[head.end() :], translate)}"


def write(folders: Folders, catalogs: Path, language: str, say: Callable[[str], None]) -> TranslatedFolders:
    """Write the sources of a deck in another language, and return its folders, for `classroom.deck.build_pages`.

    A part without a PO file stays in English.
    """
    whole = TranslatedFolders(folders.slides, folders.out / language, folders.labs, language=language)
    whole.texts.mkdir(parents=True, exist_ok=True)
    for part in find_parts(folders.slides):
        po, text = catalogs / f"{number_of(part)}.po", part.read_text(encoding="utf-8")
        if po.exists():
            text = rewrite(text, translator(read(po, language), markdown.lost, say))
        else:
            say(f"not begun: {part.name} stays in English")
        (whole.texts / part.name).write_text(text, encoding="utf-8", newline="\n")
    return whole


def missing(part: Path, po: Path, language: str) -> list[str]:
    """Return what is wrong with the translation of a part; empty when all is well."""
    found: list[str] = []
    rewrite(part.read_text(encoding="utf-8"), translator(read(po, language), markdown.lost, found.append))
    return found
