"""Any dataset in COCO's format: a JSON file of images, annotations and categories, and a folder of pictures.

Source of the format: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312, and https://cocodataset.org/#format-data.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.data.image_files import read_image
from coursekit.ops import box_convert, clip_boxes_to_image, polygons_to_mask, rle_decode
from coursekit.schema import Target

REQUIRED = {
    "images": ("id", "file_name", "width", "height"),
    "annotations": ("id", "image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}


class CocoDataset(Dataset):
    """The images of a COCO file with their targets: `dataset[i]` is (image (3, H, W) in [0, 1], Target).

    The targets are in the course's representation: boxes xyxy, clipped to the image; labels 1..K, numbered by
    **ascending category id**, so label k is `classes[k - 1]` (COCO's own ids have gaps); masks if every
    annotation of the file has a segmentation. Annotations whose box has no width or height are left out.
    Pictures are read when asked for; the annotation file is checked at once.

    Args:
        annotation_file: the JSON file.
        image_folder: the folder that each `file_name` is relative to.
        transform: called with (image, target), returns the pair to hand out.
    Attributes:
        classes: the K names; annotations: the file as a dict;
        fingerprint: changes when the annotations, a file name or a file size does.
    Raises:
        FileNotFoundError: the file, the folder or a picture is missing.
        ValueError: the file is not JSON, cut off, or contradicts itself; names the file and the id.
    """

    def __init__(
        self, annotation_file: str | Path, image_folder: str | Path, transform: Callable | None = None
    ) -> None:
        self.annotation_file, self.image_folder = Path(annotation_file), Path(image_folder)
        self.transform = transform
        content = _read(self.annotation_file)
        self.annotations = _parse(content, self.annotation_file)
        check_annotations(self.annotations, self.annotation_file)
        self._images: list[dict] = self.annotations["images"]
        self.fingerprint = _fingerprint(content, self._images, self.image_folder)
        categories = sorted(self.annotations["categories"], key=lambda category: category["id"])
        self.classes = tuple(category["name"] for category in categories)
        self._label_of = {category["id"]: k for k, category in enumerate(categories, start=1)}
        self._rows_of: dict[Any, list[dict]] = {image["id"]: [] for image in self._images}
        for row in self.annotations["annotations"]:
            if min(row["bbox"][2:]) > 0:
                self._rows_of[row["image_id"]].append(row)
        self._has_masks = all("segmentation" in row for row in self.annotations["annotations"])

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        image = self._picture(i)
        target = self.target(i)
        return (image, target) if self.transform is None else self.transform(image, target)

    def annotations_of(self, i: int) -> list[dict]:
        """Return the COCO annotations of image i as dicts, one a row of its target, with all extra fields."""
        return self._rows_of[self._images[i]["id"]]

    def target(self, i: int) -> Target:
        """Return the target of image i without reading its picture (and without the transform)."""
        entry, rows = self._images[i], self.annotations_of(i)
        size = entry["height"], entry["width"]
        boxes = torch.tensor([row["bbox"] for row in rows], dtype=torch.float64).reshape(-1, 4)  # (G, 4) xywh
        boxes = clip_boxes_to_image(box_convert(boxes, "xywh", "xyxy"), size)
        target: Target = {
            "boxes": boxes.float(),
            "labels": torch.tensor([self._label_of[row["category_id"]] for row in rows], dtype=torch.int64),
            "image_id": torch.tensor(entry["id"]),
            "area": torch.tensor([row.get("area", row["bbox"][2] * row["bbox"][3]) for row in rows]).float(),
            "iscrowd": torch.tensor([row.get("iscrowd", 0) for row in rows], dtype=torch.int64),
        }
        if self._has_masks:
            none = torch.zeros(0, *size, dtype=torch.bool)
            target["masks"] = torch.cat([none, *(self._mask(row, size)[None] for row in rows)])  # (G, H, W)
        return target

    def _picture(self, i: int) -> Tensor:
        entry = self._images[i]
        image = read_image(self.image_folder / entry["file_name"])
        found, expected = tuple(image.shape[1:]), (entry["height"], entry["width"])
        if found != expected:
            raise ValueError(
                f"{self.image_folder / entry['file_name']} has height and width {found}, but {expected} in "
                f"{self.annotation_file.name} (image {entry['id']}): was it resized without its annotations?"
            )
        return image

    def _mask(self, row: dict, size: tuple[int, int]) -> Tensor:
        try:
            return segmentation_to_mask(row["segmentation"], size)
        except ValueError as error:
            raise ValueError(f"{self.annotation_file.name}, annotation {row['id']}: {error}") from None


def read_annotations(annotation_file: str | Path) -> dict:
    """Return the content of an annotation file, checked as by `CocoDataset`, but without looking for its pictures.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON, cut off, or contradicts itself.
    """
    annotations = _parse(_read(Path(annotation_file)), Path(annotation_file))
    check_annotations(annotations, annotation_file)
    return annotations


def segmentation_to_mask(segmentation: Any, size: tuple[int, int]) -> Tensor:
    """Return the mask (H, W), bool, of a COCO segmentation: polygons, or a run-length code of either kind.

    Raises:
        ValueError: a malformed segmentation, or one of another size.

    >>> segmentation_to_mask({"size": [1, 3], "counts": [1, 2]}, size=(1, 3))
    tensor([[False,  True,  True]])
    """
    if isinstance(segmentation, list):
        return polygons_to_mask(segmentation, size)
    mask = rle_decode(segmentation)
    if tuple(mask.shape) != tuple(size):
        raise ValueError(f"the mask has size {list(mask.shape)}, but its image {list(size)} (height, width).")
    return mask


def check_annotations(annotations: Any, name: str | Path) -> None:
    """Return nothing when a COCO dict holds together; otherwise say which entry does not.

    Raises:
        ValueError: a missing key, an id used twice, a reference to nothing, a box that is none. The sentence
            starts with `name`.
    """
    try:
        for table, keys in REQUIRED.items():
            _check_table(annotations, table, keys)
        images = {image["id"]: image for image in annotations["images"]}
        categories = {category["id"] for category in annotations["categories"]}
        for image in images.values():
            _check_image(image)
        for row in annotations["annotations"]:
            _check_row(row, images, categories)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_table(annotations: Any, table: str, keys: tuple[str, ...]) -> None:
    if not isinstance(annotations, dict) or table not in annotations:
        raise ValueError(f"the key {table!r} is missing: a COCO file has {', '.join(REQUIRED)}.")
    if not isinstance(annotations[table], list):
        raise ValueError(f"{table!r} is not a list.")
    for position, entry in enumerate(annotations[table]):
        missing = [key for key in keys if not isinstance(entry, dict) or key not in entry]
        if missing:
            which = f"id {entry['id']}" if isinstance(entry, dict) and "id" in entry else f"number {position}"
            raise ValueError(f"the entry of {table!r} with {which} has no {missing[0]!r}.")
        if not isinstance(entry["id"], int):
            raise ValueError(f"an id of {table!r} is {entry['id']!r}, not a whole number.")
    uses = Counter(entry["id"] for entry in annotations[table])
    repeated = [key for key, count in uses.items() if count > 1]
    if repeated:
        raise ValueError(f"the id {repeated[0]} is used more than once in {table!r}.")


def _check_image(image: dict) -> None:
    for side in (image["width"], image["height"]):
        if not isinstance(side, int) or side <= 0:
            raise ValueError(f"image {image['id']} has a side of {side!r}, not a whole number above 0.")
    if not isinstance(image["file_name"], str):
        raise ValueError(f"image {image['id']} has the file name {image['file_name']!r}, not a string.")


def _check_row(row: dict, images: dict[int, dict], categories: set[int]) -> None:
    name, box = f"annotation {row['id']}", row["bbox"]
    if row["image_id"] not in images:
        raise ValueError(f"{name} belongs to image {row['image_id']}, which does not exist.")
    if row["category_id"] not in categories:
        raise ValueError(f"{name} has category {row['category_id']}, which does not exist.")
    if not isinstance(box, list) or len(box) != 4 or not all(_is_finite_number(number) for number in box):
        raise ValueError(f"{name} has bbox {box!r}, not four numbers [x, y, width, height].")
    x, y, width, height = box
    if width < 0 or height < 0:
        raise ValueError(f"{name} has bbox {box} with a negative side: COCO boxes are [x, y, width, height].")
    image = images[row["image_id"]]
    outside = x >= image["width"] or y >= image["height"] or x + width <= 0 or y + height <= 0
    if outside and width > 0 and height > 0:
        size = f"{image['width']} x {image['height']}"
        raise ValueError(f"{name} has bbox {box}, which lies outside image {image['id']} ({size} pixels).")


def _is_finite_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"there is no annotation file {path}: check the path.")
    return path.read_bytes()


def _parse(content: bytes, path: Path) -> Any:
    try:
        text = content.decode("utf-8")
        return json.loads(text)
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not JSON but binary data: pass COCO's .json file.") from None
    except json.JSONDecodeError as error:
        cut_off = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        if cut_off and text.lstrip()[:1] in ("{", "["):
            raise ValueError(f"{path} is cut off after {len(content)} bytes: fetch it again.") from None
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{path} is not JSON ({where}: {error.msg}).") from None


def _fingerprint(content: bytes, images: list[dict], folder: Path) -> str:
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no image folder {folder}: check the path.")
    missing = [image for image in images if not (folder / image["file_name"]).is_file()]
    if missing:
        first = f"image {missing[0]['id']} has no file {folder / missing[0]['file_name']}"
        others = f" (and {len(missing) - 1} more are missing)" if len(missing) > 1 else ""
        raise FileNotFoundError(f"{first}{others}: check the image folder, or fetch the pictures again.")
    key = hashlib.sha256(content)
    for image in images:
        key.update(f"{image['file_name']} {(folder / image['file_name']).stat().st_size}\n".encode())
    return key.hexdigest()
