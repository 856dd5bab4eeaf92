"""Any dataset in COCO's format: a JSON file of images, annotations and categories, and a folder of pictures.

Source of the format: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312, and https://cocodataset.org/#format-data.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.data.coco_checks import check_annotations, is_empty
from coursekit.data.formats.files import find_picture
from coursekit.data.formats.json_file import read_json
from coursekit.data.formats.text import distinct
from coursekit.data.image_files import file_hash, read_at_least, read_image, read_unturned
from coursekit.ops import box_convert, clip_boxes_to_image, polygons_to_mask, rle_decode
from coursekit.schema import Target

FAR = 10  # times the longer side of a picture: no point of an outline lies farther off


class CocoDataset(Dataset):
    """The images of a COCO file with their targets: `dataset[i]` is (image (3, H, W) in [0, 1], Target).

    The targets are in the course's representation: boxes xyxy, clipped to the image; labels 1..K, numbered by
    **ascending category id**, so label k is `classes[k - 1]` (COCO's own ids have gaps); the second
    category named cat is the class "cat 2"; masks if every object of
    the file has a segmentation. Annotations whose box has no width or height are left out.
    Pictures are read when asked for; the annotation file is checked at once.

    Args:
        annotation_file: the JSON file.
        image_folder: the folder that each `file_name` is relative to.
        transform: called with (image, target), returns the pair to hand out.
        annotations: the content of the file if it was read already, perhaps from another format.
    Attributes:
        classes: the K names; annotations: the file as a dict;
        fingerprint: changes when the annotations, a file name or a byte of a picture does;
        notes: what to know about the data, in sentences, if it was read from a folder.
    Raises:
        FileNotFoundError: the file, the folder or a picture is missing.
        ValueError: the file is not JSON, cut off, or contradicts itself; names the file and the id.
    """

    def __init__(
        self,
        annotation_file: str | Path,
        image_folder: str | Path,
        transform: Callable | None = None,
        annotations: dict | None = None,
    ) -> None:
        self.annotation_file, self.image_folder = Path(annotation_file), Path(image_folder)
        self.transform, self.notes = transform, tuple[str, ...]()
        self.annotations: dict = read_json(self.annotation_file) if annotations is None else annotations
        check_annotations(self.annotations, self.annotation_file)
        self._images: list[dict] = self.annotations["images"]
        self.paths = picture_paths(self._images, self.image_folder)
        self.fingerprint = _fingerprint(self.annotations, self.paths)
        categories = sorted(self.annotations["categories"], key=lambda category: category["id"])
        self.classes: tuple[str, ...] = distinct(category["name"] for category in categories)
        self._label_of = {category["id"]: k for k, category in enumerate(categories, start=1)}
        images = {image["id"]: image for image in self._images}
        self._rows_of: dict[Any, list[dict]] = {key: [] for key in images}
        for row in self.annotations["annotations"]:
            if not is_empty(row, images[row["image_id"]]):
                self._rows_of[row["image_id"]].append(row)
        objects = (row for row in self.annotations["annotations"] if not row.get("iscrowd"))
        self._has_masks = all(row.get("segmentation") for row in objects)

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        image = self.picture(i)
        target = self.target(i)
        return (image, target) if self.transform is None else self.transform(image, target)

    def without_masks(self) -> "CocoDataset":
        """Return the same dataset with boxes alone, so that no segmentation is decoded."""
        other = copy.copy(self)
        other._has_masks = False
        return other

    def with_classes(self, classes: Sequence[str]) -> "CocoDataset":
        """Return the same dataset with its labels numbered as in `classes`, if these hold all of its own; else itself.

        Files of one folder often list the same categories in another order, or without those that they do not show.
        """
        known = set(self.classes)
        if tuple(classes) == self.classes or len(known) < len(self.classes) or not known <= set(classes):
            return self
        other = copy.copy(self)
        other.classes = tuple(classes)
        new = {k: other.classes.index(name) + 1 for k, name in enumerate(self.classes, start=1)}
        other._label_of = {category: new[k] for category, k in self._label_of.items()}
        return other

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
            "area": torch.tensor([area_of(row) for row in rows], dtype=torch.float64).float(),
            "iscrowd": torch.tensor([int(row.get("iscrowd") or 0) for row in rows], dtype=torch.int64),
        }
        if self._has_masks:
            none = torch.zeros(0, *size, dtype=torch.bool)
            target["masks"] = torch.cat([none, *(self._mask(row, size)[None] for row in rows)])  # (G, H, W)
        return target

    def picture(self, i: int, least: tuple[int, int] | None = None) -> Tensor:
        """Return image i (3, H, W) alone, perhaps smaller, for one that is resized next.

        Args:
            least: (height, width) that it may be made smaller to while it is read, but no smaller than twice that.
        """
        entry, path = self._images[i], self.paths[i]
        expected = entry["height"], entry["width"]
        if least:
            image, found = read_at_least(path, least)
        else:
            image = read_image(path)
            found = image.shape[1], image.shape[2]
        if found == expected:
            return image
        if found == expected[::-1] and (unturned := read_unturned(path)).shape[1:] == expected:
            return unturned  # annotated by a program that does not turn photographs as their EXIF data says
        raise ValueError(
            f"{path} has height and width {found}, but {expected} in {self.annotation_file.name} (image "
            f"{entry['id']}): was it resized without its annotations?"
        )

    def _mask(self, row: dict, size: tuple[int, int]) -> Tensor:
        try:
            return segmentation_to_mask(row.get("segmentation") or [], size)
        except ValueError as error:
            raise ValueError(f"{self.annotation_file.name}, annotation {row['id']}: {error}") from None


def area_of(row: dict) -> float:
    """The area of an annotation in pixels: as it says, or else that of its box."""
    said = row.get("area")
    return float(row["bbox"][2]) * row["bbox"][3] if said is None else float(said)


def read_annotations(annotation_file: str | Path) -> dict:
    """Return the content of an annotation file, checked as by `CocoDataset`, but without looking for its pictures.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON, cut off, or contradicts itself.
    """
    annotations = read_json(Path(annotation_file))
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
        check_polygons(segmentation, size)
        return polygons_to_mask(segmentation, size)
    said = segmentation.get("size") if isinstance(segmentation, dict) else None
    if isinstance(said, list) and len(said) == 2 and said != list(size):
        raise ValueError(f"the mask has size {said}, but its image {list(size)} (height, width).")
    return rle_decode(segmentation)


def check_polygons(polygons: list, size: tuple[int, int]) -> None:
    """Raises: ValueError when a polygon is none, or has a point so far off that drawing its edges takes minutes."""
    for polygon in polygons:
        numbers = polygon if isinstance(polygon, list) else []
        if (
            len(numbers) < 6
            or len(numbers) % 2
            or not all(isinstance(value, int | float) for value in numbers)
        ):
            raise ValueError("malformed polygon: it must be [x1, y1, x2, y2, ...] with three or more points.")
        far = [value for value in numbers if not abs(value) <= FAR * max(size)]  # or NaN
        if far:
            raise ValueError(
                f"malformed polygon: {far[0]!r} lies far outside the image, {list(size)} (height, width)."
            )


def picture_paths(images: list[dict], folder: Path) -> list[Path]:
    """Return the file of each image.

    Raises:
        FileNotFoundError: the folder or a picture is missing.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no image folder {folder}: check the path.")
    found = [find_picture(folder, image["file_name"]) for image in images]
    missing = [image for image, path in zip(images, found, strict=True) if path is None]
    if missing:
        others = f" (and {len(missing) - 1} more are missing)" if len(missing) > 1 else ""
        raise FileNotFoundError(f"{missing_picture(missing[0], folder)}{others}: {FETCH}")
    return [path for path in found if path is not None]


FETCH = "check the image folder, or fetch the pictures again."


def missing_picture(image: dict, folder: Path) -> str:
    return f"image {image['id']} has no file {folder / image['file_name']}"


def _fingerprint(annotations: dict, paths: list[Path]) -> str:
    key = hashlib.sha256(json.dumps(annotations, sort_keys=True).encode())
    for path in paths:
        key.update(bytes.fromhex(file_hash(path)))
    return key.hexdigest()
