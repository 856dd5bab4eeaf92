"""YOLO: a text file for each picture, on each line a class and a box or a polygon in parts of the picture's sides.

As Ultralytics, Roboflow and CVAT write it: with a `data.yaml`, or with `images` and `labels`, or all in one folder.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from coursekit.data.formats.files import (
    files_in,
    folders_in,
    is_file,
    pictures_in,
    size_of_picture,
    standard_name,
    ways_below,
)
from coursekit.data.formats.split import Content, Fault, Pictures, Split
from coursekit.data.formats.text import LISTS, listed_names, read_text
from coursekit.data.formats.yolo_lines import Line, as_row, is_number, lines_of

NO_LABELS = (
    *LISTS,
    "train.txt",
    "val.txt",
    "test.txt",
    "readme.txt",
    "license.txt",
    "notes.txt",
    "requirements.txt",
)


def yolo_splits(folder: Path) -> list[Split]:
    """Return the splits of a folder of YOLO's text files; none if it has none."""
    for file in yaml_files(folder):
        described = read_yaml(file)
        if described and (parts := parts_of(described, file)):
            names = names_of(described, file)
            return [yolo_split(name, folders, file, names) for name, folders in parts.items()]
    parts = {}
    for place in folders_in(folder, depth=4):
        pictures = pictures_in(place)
        if any(is_label_file(label_file(picture)) for picture in pictures):
            pieces = place.relative_to(folder).parts
            name = next(filter(None, (standard_name(piece) for piece in pieces)), "")
            parts.setdefault(name, []).append(place)
    return [
        yolo_split(name, places, label_file(places[0] / "x").parent, None) for name, places in parts.items()
    ]


def yaml_files(folder: Path) -> list[Path]:
    found = [path for each in folders_in(folder, depth=2) for path in files_in(each)]
    return [path for path in found if path.suffix.lower() in (".yaml", ".yml")]


def read_yaml(path: Path) -> dict:
    """The content of a YAML file that describes a dataset; empty if it does not.

    Raises:
        ValueError: it is damaged.
    """
    import yaml

    try:
        content = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if b"names" not in path.read_bytes():
            return {}
        raise ValueError(f"{path} is damaged, or no YAML ({' '.join(str(error).split())}).") from None
    return content if isinstance(content, dict) and "names" in content else {}


def names_of(described: dict, file: Path) -> list[str]:
    """The names of the classes, from a list or from a dict of numbers.

    Raises:
        ValueError: they are neither.
    """
    names = described["names"]
    if isinstance(names, dict):
        if sorted(names, key=str) != sorted(range(len(names)), key=str):
            raise ValueError(f"{file}: the numbers of `names` are not 0 to {len(names) - 1}.")
        names = [names[k] for k in range(len(names))]
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise ValueError(f"{file}: `names` is not a list of names.")
    return [str(name) for name in names]


def parts_of(described: dict, file: Path) -> dict[str, list[Path]]:
    """The folders of pictures of each split; those that are not there are left out."""
    parts: dict[str, list[Path]] = {}
    for name in ("train", "val", "valid", "test"):
        said = described.get(name)
        entries = said if isinstance(said, list) else [said]
        found = [
            place
            for entry in entries
            if isinstance(entry, str)
            for place in places_of(entry, described, file)
        ]
        if found:
            parts.setdefault(standard_name(name), []).extend(found)
    return parts


def places_of(entry: str, described: dict, file: Path) -> list[Path]:
    """The folder that an entry names: below `path` or the file; without its first parts, which may be Roboflow's dots or another machine's."""
    root = file.parent
    roots = [root / str(described["path"]), root] if described.get("path") else [root]
    ways = (way for each in roots for way in ways_below(each, entry))
    found = [place for way in ways for place in (way, way / "images")]
    existing = [each for each in found if each.is_dir() or each.suffix == ".txt" and each.is_file()]
    with_pictures = [each for each in existing if each.is_file() or pictures_in(each)]
    if (
        existing
        and not with_pictures
        and (deeper := [each for each in folders_in(existing[0]) if pictures_in(each)])
    ):
        return deeper
    return with_pictures[:1]


def yolo_split(name: str, places: list[Path], source: Path, names: list[str] | None) -> Split:
    first = places[0].parent if places[0].is_file() else places[0]
    return Split(name, "YOLO", source, first, partial(read, places, first, source, names))


def read(places: list[Path], first: Path, source: Path, names: list[str] | None) -> Content:
    """Return the pictures of some folders, or of lists of files; a picture without a text file has no objects."""
    pictures = sorted(path for place in places for path in listed(place))
    notes = []
    parsed = {path: lines_of(label_file(path)) for path in pictures}
    if names is None:
        names = names_near(source, first)
    highest = max((label for rows in parsed.values() for label, _ in rows if label is not None), default=-1)
    if names is None:
        names = [f"class {k}" for k in range(min(highest, 10_000) + 1)]
        notes.append("The names of the classes are in no data.yaml or classes.txt, so they are numbered.")
    found = Pictures(names)
    for path in pictures:
        add(found, path, first, parsed[path])
    unlabelled = sum(not label_file(path).is_file() for path in pictures)
    if unlabelled:
        notes.append(f"{unlabelled} of {len(pictures)} pictures have no text file: they show no object.")
    return found.content(notes)


def listed(place: Path) -> list[Path]:
    if place.is_dir():
        return pictures_in(place)
    lines = [line.strip() for line in read_text(place).splitlines() if line.strip()]
    return [next(filter(is_file, ways_below(place.parent, line)), place.parent / line) for line in lines]


def label_file(picture: Path) -> Path:
    """The text file of a picture: in `labels` instead of the last `images`, or beside it."""
    pieces = list(picture.with_suffix(".txt").parts)
    if "images" in pieces[:-1]:
        last = len(pieces) - 2 - pieces[:-1][::-1].index("images")
        other = Path(*pieces[:last], "labels", *pieces[last + 1 :])
        if other.is_file() or other.parent.is_dir():
            return other
    return picture.with_suffix(".txt")


def is_label_file(path: Path) -> bool:
    """Whether a text file is of YOLO's kind, by its first line; an empty one is."""
    if not path.is_file() or path.name.lower() in NO_LABELS:
        return False
    try:
        lines = read_text(path).split("\n", 1)[0].split()
    except ValueError:
        return False
    return not lines or len(lines) >= 5 and all(is_number(word) for word in lines)


def names_near(source: Path, first: Path) -> list[str] | None:
    """The names in a list beside the text files or the pictures, or up to two folders above."""
    places = [source, *list(first.parents)[:2], first] if source.is_dir() else [source.parent, first]
    for place in dict.fromkeys([*places, source.parent, source.parent.parent]):
        for name in LISTS:
            if (place / name).is_file():
                return listed_names(place / name)
    return None


def add(found: Pictures, path: Path, first: Path, lines: Iterable[Line]) -> None:
    rows: list[dict[str, Any]] = []
    try:
        width, height = size_of_picture(path)
    except (ValueError, OSError) as error:
        found.faults.append(Fault(f"{error}"))
        return
    for label, values in lines:
        if label is None or isinstance(values, str):
            found.faults.append(Fault(str(values)))
        elif label >= len(found.names):
            known = f"there are {len(found.names)} classes, 0 to {len(found.names) - 1}"
            found.faults.append(Fault(f"{label_file(path)}: the class is {label}, but {known}."))
        else:
            rows.append(as_row(label + 1, values, width, height))
    found.add(relative(path, first), (width, height), rows)


def relative(path: Path, first: Path) -> str:
    return path.relative_to(first).as_posix() if path.is_relative_to(first) else path.absolute().as_posix()
