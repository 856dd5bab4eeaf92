"""What every format is read into: splits of pictures with a dict in COCO's format, and the faults found on the way."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from coursekit.data.image_files import in_words, upright_size

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".jfif")
MOST_PIECES = 3  # of a path, from the folder to an annotation file


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: a sentence that names the file and the id, and the entry to leave out, if it is still there."""

    sentence: str
    table: str = ""
    position: int = -1


@dataclass
class Content:
    """The pictures of one split and what is annotated on them.

    Attributes:
        annotations: a dict in COCO's format.
        faults: what could not be read and is not in the dict.
        notes: what was decided while reading, in sentences.
        image_folder: what each `file_name` is relative to, if reading found it out.
    """

    annotations: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    image_folder: Path | None = None


@dataclass
class Split:
    """A part of a folder, such as its validation set, which is read when `content` is asked for.

    Attributes:
        name: "train", "val", "test" or another one; empty where nothing is split.
        format: in words, such as "VOC".
        source: the file or the folder of the annotations.
        folder: of the pictures, unless reading finds another one.
    """

    name: str
    format: str
    source: Path
    folder: Path
    read: Callable[[], Content]

    @cached_property
    def content(self) -> Content:
        return self.read()

    @property
    def image_folder(self) -> Path:
        """The folder that each `file_name` is relative to."""
        return self.content.image_folder or self.folder


class Pictures:
    """The entries of a COCO dict while they are collected, with ids that follow from their order alone."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self.images: list[dict] = []
        self.rows: list[dict] = []
        self.faults: list[Fault] = []

    def add(self, file_name: str, size: tuple[int, int], rows: Iterable[dict]) -> None:
        """Add a picture of (width, height) and its objects: `label` counts from 1, the rest is as in COCO."""
        number, (width, height) = len(self.images) + 1, size
        self.images.append({"id": number, "file_name": file_name, "width": width, "height": height})
        for row in rows:
            row = dict(row)
            head = {"id": len(self.rows) + 1, "image_id": number, "category_id": row.pop("label")}
            x, y, w, h = row["bbox"] = [plain(value) for value in row["bbox"]]
            row["area"] = plain(row.get("area", w * h))
            self.rows.append(head | row | {"iscrowd": row.get("iscrowd", 0)})

    def content(self, notes: Iterable[str] = ()) -> Content:
        categories = [{"id": k, "name": name} for k, name in enumerate(self.names, start=1)]
        whole = {"images": self.images, "annotations": self.rows, "categories": categories}
        return Content(whole, self.faults, list(notes))


def plain(value: float) -> float:
    """A number to a hundredth of a pixel; whole ones as int, so that formats with other decimals give the same dict.

    >>> plain(9.9999996), plain(12.345678)
    (10, 12.35)
    """
    if not math.isfinite(value):
        return value
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def polygon_area(points: Iterable[float]) -> float:
    """The area that a polygon [x1, y1, x2, y2, ...] encloses.

    >>> polygon_area([0, 0, 4, 0, 4, 3, 0, 3])
    12.0
    """
    numbers = list(points)
    x, y = numbers[::2], numbers[1::2]
    return abs(sum(x[i - 1] * y[i] - x[i] * y[i - 1] for i in range(len(x)))) / 2


def outlined(label: int, polygons: list[list[float]], **more: Any) -> dict:
    """An object with one or more polygons: its box goes around them, its area is what they enclose."""
    x = [value for polygon in polygons for value in polygon[::2]]
    y = [value for polygon in polygons for value in polygon[1::2]]
    box = [min(x), min(y), max(x) - min(x), max(y) - min(y)]
    rounded = [[plain(value) for value in polygon] for polygon in polygons]
    area = sum(polygon_area(polygon) for polygon in polygons)
    return {"label": label, "bbox": box, "area": area, "segmentation": rounded} | more


def size_of_picture(path: Path) -> tuple[int, int]:
    """(width, height) of a picture as it is shown, from its header; the damaged one is found when it is looked at.

    Raises:
        ValueError: it is no picture.
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
    """The file of a picture: as it is named, or as Windows writes it, or by the last part of the name."""
    straight = name.replace("\\", "/")
    for candidate in (name, straight, straight.rsplit("/", 1)[-1]):
        if candidate and is_file(folder / candidate):
            return folder / candidate
    return None


def standard_name(word: str) -> str:
    """The name of a split as this library calls it.

    >>> standard_name("valid"), standard_name("Validation"), standard_name("train2017"), standard_name("default")
    ('val', 'val', 'train', '')
    """
    plain_word = word.lower().strip("_-. 0123456789")
    return {"valid": "val", "validation": "val", "dev": "val", "training": "train", "testing": "test"}.get(
        plain_word, plain_word if plain_word in ("train", "val", "test", "trainval") else ""
    )
