"""Where the files of a folder of annotated pictures are, and what their names say."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from coursekit.data.image_files import in_words, upright_size

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".jfif")
MOST_PIECES = 3  # of a path, from the folder to an annotation file


def size_of_picture(path: Path) -> tuple[int, int]:
    """(width, height) of a picture as it is shown, from its header; the damaged one is found when it is looked at.

    Raises:
        ValueError: it is not an image.
    """
    return in_words(path, upright_size)


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of a folder, by name."""
    return sorted(path for path in files_in(folder) if path.suffix.lower() in SUFFIXES)


def files_in(folder: Path) -> Iterator[Path]:
    """The files of a folder, without hidden ones, such as those that macOS writes beside each file."""
    for path in sorted(folder.iterdir()):
        if not path.name.startswith(".") and path.is_file():
            yield path


def folders_in(folder: Path, depth: int = MOST_PIECES) -> Iterator[Path]:
    """A folder and those in it, from the top."""
    yield folder
    if depth > 1:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.name.startswith((".", "__")):
                yield from folders_in(path, depth - 1)


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def find_picture(folder: Path, name: str) -> Path | None:
    """The file of a picture: as it is named, or as Windows writes it, or by the last part of the name.

    Where there is none, capitals do not count, nor whether an umlaut is one letter or, as macOS writes it, two.
    """
    straight = name.replace("\\", "/")
    ways = [folder / each for each in (name, straight, straight.rsplit("/", 1)[-1]) if each]
    return next(filter(is_file, ways), None) or next(filter(None, map(alike, ways)), None)


def alike(path: Path) -> Path | None:
    """A file of the same name but for capitals and the writing of umlauts."""
    try:
        name = names_alike(path.parent, path.parent.stat().st_mtime_ns).get(comparable(path.name))
    except (OSError, ValueError):
        return None
    return path.with_name(name) if name and path.with_name(name).is_file() else None


@cache
def names_alike(folder: Path, changed: int) -> dict[str, str]:
    return {comparable(path.name): path.name for path in folder.iterdir()}


def comparable(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def ways_below(root: Path, said: str) -> Iterator[Path]:
    """Where a path, perhaps of another machine, may lie: as it says, or in the folder, with fewer and fewer parts.

    >>> [way.as_posix() for way in ways_below(Path("data"), "../images/train")]
    ['data/../images/train', 'data/images/train', 'data/train']
    """
    pieces = [piece for piece in said.replace("\\", "/").split("/") if piece not in ("", ".", "..")]
    yield root / said
    yield from (root.joinpath(*pieces[k:]) for k in range(len(pieces)))


def standard_name(word: str) -> str:
    """The name of a split as this library calls it.

    >>> standard_name("valid"), standard_name("Validation"), standard_name("train2017"), standard_name("default")
    ('val', 'val', 'train', '')
    """
    plain_word = word.lower().strip("_-. 0123456789")
    return {"valid": "val", "validation": "val", "dev": "val", "training": "train", "testing": "test"}.get(
        plain_word, plain_word if plain_word in ("train", "val", "test", "trainval") else ""
    )
