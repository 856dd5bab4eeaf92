"""Small text files: XML without its traps, lists of classes, numbers."""

import math
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path
from xml.etree.ElementTree import Element

LISTS = ("classes.txt", "obj.names", "labels.txt", "labelmap.txt", "class_names.txt")  # a class on each line


def read_text(path: Path) -> str:
    """Return the text of a file, with or without the byte-order mark of Windows.

    Raises:
        ValueError: it is not a text file.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text: it is damaged, or another kind of file.") from None


def read_xml(path: Path) -> Element:
    """Return the root of an XML file. One that declares entities is refused: they can fill the memory.

    Raises:
        ValueError: it is no XML, or declares entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    content = path.read_bytes()
    if not content.strip():
        raise ValueError(f"{path} is empty.")
    try:
        return fromstring(content)
    except ParseError as error:
        raise ValueError(f"{path} is damaged, or no XML ({error}).") from None
    except DefusedXmlException:
        raise ValueError(f"{path} declares entities, which no annotation needs: it is not read.") from None
    except (ValueError, LookupError) as error:  # an unknown encoding
        raise ValueError(f"{path} cannot be read ({error}).") from None


def class_names(folder: Path, found: Iterable[str]) -> list[str]:
    """The classes in the order of a list in the folder if it names them all, else by name.

    Args:
        found: the names that objects have.
    """
    names = {name for name in found if name}
    for file in LISTS:
        if (folder / file).is_file():
            listed = listed_names(folder / file)
            if names <= set(listed):
                return listed
    return sorted(names)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names, with a number behind those that an earlier class has.

    >>> distinct(["cat", "dog", "cat", "cat"])
    ('cat', 'dog', 'cat 2', 'cat 3')
    """
    found: list[str] = []
    for name in names:
        ways = chain([name], (f"{name} {k}" for k in count(2)))
        found.append(next(way for way in ways if way not in found))
    return tuple(found)


def listed_names(path: Path) -> list[str]:
    """The names in a file, one on each line; CVAT's have colours behind a colon, and a background."""
    lines = [line.strip() for line in read_text(path).splitlines()]
    names = [line.split(":")[0].strip() for line in lines if line and not line.startswith("#")]
    return [
        name for name in dict.fromkeys(names) if name and name.lower() not in ("background", "__ignore__")
    ]


def number(text: str, what: str = "it") -> float:
    """The number that a text is.

    Raises:
        ValueError: it is none, or not finite.

    >>> number("45.7")
    45.7
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{what} is {text!r}, not a number.")
    return value
