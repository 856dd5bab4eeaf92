"""Short path-traced clips of moving objects, for multi-object tracking; shipped with the course (CC BY 4.0).

How they were made and counted is in data/README.md.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit.data.formats.json_file import read_json
from coursekit.data.image_files import read_image
from coursekit.folders import RESTORE, data_folder
from coursekit.ops import box_convert, rle_decode
from coursekit.schema import Target

CLIP_SPLITS = ("train", "val", "test")
KEYS = ("name", "frames", "size", "columns", "tracks", "annotations")  # of a record


class TrackedTarget(Target):
    """A Target that also knows which object is which; G objects, those that can be seen in this frame."""

    tracks: Tensor  # (G,) int64, from 1: the same number for the same object in every frame of a clip
    visibility: Tensor  # (G,) float in (0, 1], visible share of the object's silhouette inside the image


class Clip(NamedTuple):
    """Some T images in the order of time, with what they show.

    An object has no row in the targets of the frames in which it is hidden or outside the image.
    """

    name: str  # as in `val_01`
    images: Tensor  # (T, 3, H, W) float in [0, 1]
    targets: list[TrackedTarget]  # T of them; label k is CLASSES[k - 1]


def clips(split: str) -> list[Clip]:
    """Return the clips of one split, in the order of their names.

    The splits share no object: those of `train` also occur in the still lifes `train`, those of `val` in `val`
    and those of `test` in `test_objects`.

    Args:
        split: one of CLIP_SPLITS.
    Raises:
        ValueError: an unknown split, or a file that is damaged.
        FileNotFoundError: the files of the split are not there.
    """
    if split not in CLIP_SPLITS:
        raise ValueError(f"unknown split {split!r} of the clips: use one of {', '.join(CLIP_SPLITS)}.")
    folder = data_folder() / "clips" / split
    records = sorted(folder.glob("*.json"))
    if not records:
        raise FileNotFoundError(f"the clips {split!r} are not in {folder}: {RESTORE}")
    return [read_clip(record) for record in records]


def read_clip(record: Path) -> Clip:
    """Return the clip of a record, NAME.json, whose frames are in NAME.jpg beside it, in rows from the top left.

    Raises:
        ValueError: a file is damaged, or they do not belong together.
        FileNotFoundError: one of the two is missing.
    """
    content, picture = read_json(record), record.with_suffix(".jpg")
    if not picture.is_file():
        raise FileNotFoundError(f"the frames {picture} are missing: {RESTORE}")
    missing = [key for key in KEYS if key not in content]
    if missing:
        raise ValueError(f"{record} has no {missing[0]!r}: {RESTORE}")
    frames, size, columns = content["frames"], content["size"], content["columns"]
    sheet = read_image(picture)
    if sheet.shape != (3, frames // columns * size, columns * size):
        raise ValueError(
            f"{picture.name} has height and width {tuple(sheet.shape[1:])}, but {record.name} describes {frames} "
            f"frames of {size} x {size} in {columns} columns: {RESTORE}"
        )
    tiles = sheet.reshape(3, frames // columns, size, columns, size).permute(1, 3, 0, 2, 4)
    images = tiles.reshape(frames, 3, size, size)  # (T, 3, H, W)
    labels = {entry["track"]: entry["category_id"] for entry in content["tracks"]}
    rows: list[list[dict]] = [[] for _ in range(frames)]
    for row in content["annotations"]:
        rows[row["frame"]].append(row)
    return Clip(content["name"], images, [_target(own, labels, size) for own in rows])


def _target(rows: list[dict], labels: dict[int, int], size: int) -> TrackedTarget:
    boxes = torch.tensor([row["bbox"] for row in rows], dtype=torch.float32).reshape(-1, 4)  # (G, 4) xywh
    none = torch.zeros(0, size, size, dtype=torch.bool)
    return {
        "boxes": box_convert(boxes, "xywh", "xyxy"),
        "labels": torch.tensor([labels[row["track"]] for row in rows], dtype=torch.int64),
        "masks": torch.cat([none, *(rle_decode(row["segmentation"])[None] for row in rows)]),  # (G, H, W)
        "tracks": torch.tensor([row["track"] for row in rows], dtype=torch.int64),
        "visibility": torch.tensor([row["visibility"] for row in rows], dtype=torch.float32),
    }
