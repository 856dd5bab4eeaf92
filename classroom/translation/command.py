"""What `classroom translate` does: extract the texts to PO files, build what is translated, or only check it."""

import sys
from collections.abc import Callable
from pathlib import Path

from classroom.deck.folders import Folders
from classroom.deck.source import find_parts
from classroom.notebooks.build import find_sources
from classroom.translation import labs, slides
from classroom.translation.catalogs import update


def source_of(name: str, labs_folder: Path, slides_folder: Path) -> Path:
    """Return the English source of "labs/01" or "slides/2b".

    Raises:
        ValueError: there is none.
    """
    kind, _, number = name.partition("/")
    if kind == "labs":
        return find_sources(labs_folder, [number])[0]
    for part in find_parts(slides_folder) if kind == "slides" else []:
        if slides.number_of(part) == number:
            return part
    raise ValueError(
        f"There is nothing called {name} to translate: give a name such as labs/01 or slides/2b."
    )


def begun(folder: Path) -> list[str]:
    """Return the names of what has a PO file: labs/01, slides/2b."""
    return [f"{po.parent.name}/{po.stem}" for po in sorted(folder.glob("*/*.po"))]


def extract(language: str, names: list[str], folder: Path, folders: Folders, say: Callable) -> int:
    """Make or update the PO files of the named labs and parts, or of all that have one."""
    for name in names or begun(folder):
        source = source_of(name, folders.labs, folders.slides)
        part = labs if name.startswith("labs/") else slides
        said = update(folder / f"{name}.po", language, part.texts_of(source))
        say(f"{language}/{name}.po: {said}")
    return 0


def build(language: str, names: list[str], folder: Path, folders: Folders, say: Callable) -> int:
    """Build what is translated, and list every text that stays in English.

    The deck is built if a part of the slides is named, or translated when nothing is named.
    """
    from classroom.deck.command import build_all

    names = known(names, language, folder)
    for name in [name for name in names if name.startswith("labs/")]:
        source = source_of(name, folders.labs, folders.slides)
        labs.build(source, folder / f"{name}.po", language, lambda line, name=name: say(f"{name}: {line}"))
    if any(name.startswith("slides/") for name in names):
        build_all(slides.write(folders, folder / "slides", language, say), say)
    return 0


def check(language: str, names: list[str], folder: Path, folders: Folders, _say: Callable) -> int:
    """Say which texts are not translated and which notebooks are not up to date; return 1 if any are."""
    found = problems_of(language, known(names, language, folder), folder, folders)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def problems_of(language: str, names: list[str], folder: Path, folders: Folders) -> list[str]:
    """Return what is wrong with the translation of each name; empty when all is well."""
    found: list[str] = []
    for name in names:
        source, po = source_of(name, folders.labs, folders.slides), folder / f"{name}.po"
        wrong = labs.stale if name.startswith("labs/") else slides.missing
        found += [f"{name}: {line}" for line in wrong(source, po, language)]
    return found


def known(names: list[str], language: str, folder: Path) -> list[str]:
    """Return the names that have a PO file, all of them if none is given.

    Raises:
        ValueError: nothing is translated into this language, or one of the names is not.
    """
    there = begun(folder)
    missing = [name for name in names if name not in there] or ([] if there else ["anything"])
    if missing:
        raise ValueError(
            f"translations/{language} has no PO file for {missing[0]}: make it with "
            f"`classroom translate {language} --extract labs/01`, and the like."
        )
    return names or there
