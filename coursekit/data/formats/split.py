"""What every format is read into: splits of pictures with a dict in COCO's format, and the faults found on the way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from coursekit.data.formats.rows import plain

T = TypeVar("T")


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
        also: what the folder holds in other formats, in sentences.
    """

    name: str
    format: str
    source: Path
    folder: Path
    read: Callable[[], Content]
    also: list[str] = field(default_factory=list)

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

    def good(self, objects: Iterable[tuple[str, T]], as_row: Callable[[T], dict]) -> Iterator[dict]:
        """The rows of objects, each given with the place that a fault names; one that raises ValueError is a fault."""
        for where, each in objects:
            try:
                yield as_row(each)
            except ValueError as error:
                self.faults.append(Fault(f"{where}: {error}"))

    def content(self, notes: Iterable[str] = ()) -> Content:
        categories = [{"id": k, "name": name} for k, name in enumerate(self.names, start=1)]
        whole = {"images": self.images, "annotations": self.rows, "categories": categories}
        return Content(whole, self.faults, list(notes))
