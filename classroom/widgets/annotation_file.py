"""The annotations of one's own photographs: a file in COCO's format beside them, written whole at every change."""

import io
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from coursekit.data.coco import read_annotations
from coursekit.ops import polygons_to_mask

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif")
EMPTY: dict[str, list] = {"images": [], "annotations": [], "categories": []}


class AnnotationFile:
    """The photographs of a folder and what is annotated on them, kept in `annotations.json` beside them.

    An object is a dict: its `id`, its `label` (1..K), its `box` (xyxy, pixels) and its `outline`, a polygon
    [x1, y1, x2, y2, ...], empty for an object with a box alone. What the file says besides stays as it is.

    Args:
        folder: where the photographs are, or will be.
        classes: the names to begin with; those of the file come first.
    Raises:
        ValueError: the file is damaged; it is left as it is.
    """

    def __init__(self, folder: str | Path, classes: Sequence[str]) -> None:
        self.folder = Path(folder)
        self.path = self.folder / "annotations.json"
        self.content: dict[str, Any] = json.loads(json.dumps(EMPTY))
        if self.path.exists():
            self.content = read_annotations(self.path)
        self.on_disk = self._bytes()
        self.image_ids = {image["file_name"]: image["id"] for image in self.content["images"]}
        self.next_id = 1 + max((row["id"] for row in self.content["annotations"]), default=0)
        for name in classes:
            self.add_class(name)

    @property
    def classes(self) -> list[str]:
        """The names: label k is the k-th of them, by ascending id."""
        return [category["name"] for category in self._categories()]

    def _categories(self) -> list[dict]:
        return sorted(self.content["categories"], key=lambda category: category["id"])

    def add_class(self, name: str) -> None:
        """Add a class at the end, unless it is there."""
        if name not in self.classes:
            last = max((category["id"] for category in self.content["categories"]), default=0)
            self.content["categories"].append({"id": last + 1, "name": name})

    def photographs(self) -> list[str]:
        """The file names in the order of their names, those of the file in folders below too."""
        found = self.folder.iterdir() if self.folder.is_dir() else []
        names = {path.name for path in found if path.suffix.lower() in SUFFIXES and path.is_file()}
        names |= {name for name in self.image_ids if (self.folder / name).is_file()}
        return sorted(names, key=lambda name: (name.lower(), name))

    def size_said(self, photograph: str) -> tuple[int, int] | None:
        """(width, height) of a photograph as the file has it, if it does."""
        images = (image for image in self.content["images"] if image["file_name"] == photograph)
        return next(((image["width"], image["height"]) for image in images), None)

    def objects(self, photograph: str) -> list[dict]:
        """What is annotated on a photograph."""
        labels = {category["id"]: k for k, category in enumerate(self._categories(), start=1)}
        return [as_object(row, labels[row["category_id"]]) for row in self._rows(photograph)]

    def _rows(self, photograph: str) -> list[dict]:
        image = self.image_ids.get(photograph)
        return [row for row in self.content["annotations"] if row["image_id"] == image]

    def put(self, photograph: str, size: tuple[int, int], objects: Sequence[dict]) -> None:
        """Replace what is annotated on a photograph of this (width, height), and write the file.

        Raises:
            ValueError: an object is impossible, or another program has changed the file.
            OSError: the file cannot be written.
        """
        rows = {row["id"]: row for row in self._rows(photograph)}
        taken = {row["id"] for row in self.content["annotations"]} - rows.keys()
        for each in objects:
            check_identity(each, len(self.classes), taken)
            if not is_unmoved(
                each, rows.get(each["id"])
            ):  # what others have drawn may reach beyond the image
                check_place(each, size)
            taken.add(each["id"])
        ids = [category["id"] for category in self._categories()]
        image = self.image_ids.setdefault(photograph, 1 + max(self.image_ids.values(), default=0))
        new = [as_row(each, rows.get(each["id"]), image, ids[each["label"] - 1], size) for each in objects]
        others = [row for row in self.content["annotations"] if row["image_id"] != image]
        self.content["annotations"] = sorted(others + new, key=lambda row: row["id"])
        self.next_id = max([self.next_id, *(each["id"] + 1 for each in objects)])
        self._keep_image(photograph, size, image)
        self.save()

    def _keep_image(self, photograph: str, size: tuple[int, int], image: int) -> None:
        """A photograph without objects is not in the file: it may still be waiting for them."""
        images = [entry for entry in self.content["images"] if entry["id"] != image]
        old = [entry for entry in self.content["images"] if entry["id"] == image]
        entry = {"id": image, "file_name": photograph, "width": size[0], "height": size[1]}
        kept = (old or [entry]) if self._rows(photograph) else []
        self.content["images"] = sorted(images + kept, key=lambda entry: entry["id"])

    def save(self) -> None:
        """Write the file atomically: a crash leaves the old one intact.

        Raises:
            ValueError: another program has changed the file, which is left as it is.
            OSError: it cannot be written.
        """
        if self._bytes() != self.on_disk:
            raise ValueError(
                f"{self.path} was changed by another program: run the cell again to go on with it."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.content, indent=1).encode()
        partial = self.path.with_name(f".{self.path.name}.partial")
        partial.write_bytes(text)
        os.replace(partial, self.path)
        self.on_disk = text

    def _bytes(self) -> bytes | None:
        return self.path.read_bytes() if self.path.exists() else None


def as_object(row: dict, label: int) -> dict:
    """An annotation of the file as an object; a mask that is not a single polygon is left to the file."""
    x, y, width, height = row["bbox"]
    parts = row.get("segmentation")
    single = isinstance(parts, list) and len(parts) == 1
    box = [x, y, round(x + width, 3), round(y + height, 3)]
    return {"id": row["id"], "label": label, "box": box, "outline": parts[0] if single else []}


def is_unmoved(each: dict, row: dict | None) -> bool:
    """Whether an object is where its annotation in the file has it."""
    return row is not None and as_object(row, each["label"]) == each


def as_row(each: dict, old: dict | None, image: int, category: int, size: tuple[int, int]) -> dict:
    """An object as an annotation of the file; where nothing but its class has changed, with its old mask."""
    if old is not None and is_unmoved(each, old):
        return old | {"category_id": category}
    x1, y1, x2, y2 = each["box"]
    row = {"iscrowd": 0} | (old or {}) | {"id": each["id"], "image_id": image, "category_id": category}
    row |= {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)}
    row.pop("segmentation", None)
    if each["outline"]:
        row["segmentation"] = [each["outline"]]
        row["area"] = int(polygons_to_mask(row["segmentation"], (size[1], size[0])).sum())
    return row


def check_identity(each: dict, classes: int, taken: set[int]) -> None:
    """Raises: ValueError when an object has the id of another, or no known class."""
    if each["id"] in taken:
        raise ValueError(f"Object {each['id']} is there already.")
    if each["label"] not in range(1, classes + 1):
        raise ValueError(
            f"Object {each['id']} has the label {each['label']}, but there are {classes} classes."
        )


def check_place(each: dict, size: tuple[int, int]) -> None:
    """Raises: ValueError when an object's box is not inside the photograph, or its outline is none."""
    name, box, outline = f"Object {each['id']}", each["box"], each["outline"]
    if len(box) != 4 or not all(math.isfinite(number) for number in [*box, *outline]):
        raise ValueError(f"{name} has the box {box}, not four numbers.")
    x1, y1, x2, y2 = box
    if not (0 <= x1 < x2 <= size[0] and 0 <= y1 < y2 <= size[1]):
        raise ValueError(f"{name} has the box {box}, which is not inside {size[0]} x {size[1]} pixels.")
    if len(outline) % 2 or 0 < len(outline) < 6:
        raise ValueError(f"{name} has an outline of fewer than three corners.")


def write_photograph(image: Tensor, folder: Path, name: str) -> str:
    """Write an image (3, H, W) as JPEG under a name that is free, made from the given one; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(name.replace("\\", "/")).stem or "photograph"
    names = (f"{stem}{suffix}.jpg" for suffix in ("", *(f"_{n}" for n in range(2, 10_000))))
    taken = {path.name.lower() for path in folder.iterdir()}
    free = next(each for each in names if each.lower() not in taken)
    pixels = (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0)  # (H, W, 3)
    content = io.BytesIO()
    Image.fromarray(pixels.numpy()).save(content, format="jpeg", quality=92)
    partial = folder / f".{free}.partial"
    partial.write_bytes(content.getvalue())
    os.replace(partial, folder / free)
    return free
