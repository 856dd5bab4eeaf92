"""PO files: made from the English texts, brought up to date with them, and looked up."""

from collections.abc import Callable, Iterable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

HEADER = "# Texts of the course, translated. Licence: CC BY 4.0, like the originals."
ABOUT = {
    "project": "coursekit",
    "version": "1",
    "last_translator": "the coursekit authors",
    "language_team": "the coursekit authors",
    "msgid_bugs_address": "the issues of the course",
}
Check = Callable[[str, str], str | None]  # (English, translated) -> what is wrong with the translation


def read(path: Path, language: str) -> Catalog:
    """Return the catalog of a PO file, empty when there is none.

    Raises:
        ValueError: the file is damaged.
    """
    if not path.exists():
        return Catalog(language, header_comment=HEADER, fuzzy=False, **ABOUT)
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a PO file: {error}.") from error


def update(path: Path, language: str, texts: Iterable[tuple[str, str]]) -> str:
    """Write the texts into a PO file and keep its translations; return how many are new, changed and gone.

    A text that has changed keeps its old translation, marked fuzzy, with the text that it was made for.

    Args:
        texts: each with the place where it stands.
    """
    catalog, template = read(path, language), Catalog(fuzzy=False)
    before = {message.id for message in catalog if message.id}
    for text, place in texts:
        template.add(text, auto_comments=[place])
    catalog.update(template, update_creation_date=False)
    after = {message.id for message in catalog if message.id}
    for message in catalog:
        message.flags -= {"python-format", "python-brace-format"}  # "95 % interval" is not a format
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_previous=True)
    fuzzy = sum(message.fuzzy for message in catalog if message.id)
    return f"{len(after - before)} new, {len(before - after)} gone, {fuzzy} to be looked at (fuzzy)"


def translator(catalog: Catalog, check: Check, say: Callable[[str], None]) -> Callable[[str], str]:
    """Return a function from an English text to its translation; where there is none it says so and returns the English."""

    def translate(text: str) -> str:
        message = catalog.get(text)
        if wrong := _unusable(message, check):
            say(f"{wrong}: {_short(text)}")
            return text
        return str(message.string)

    return translate


def _unusable(message: Message | None, check: Check) -> str | None:
    if message is None:
        return "not extracted"
    if not message.string:
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    wrong = check(str(message.id), str(message.string))
    return f"must keep {wrong}" if wrong else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 70 else f"{line[:69]}…")
