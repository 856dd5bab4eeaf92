"""Annotated pictures written as a folder in COCO's, VOC's or YOLO's format; reading it again gives the same objects."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np
from PIL import Image

from coursekit.data.coco import segmentation_to_mask
from coursekit.data.formats.files import find_picture
from coursekit.data.formats.rows import plain

MOST_OBJECTS = 254  # in one mask of VOC's: 0 is the background, 255 the edge
LISTED = "classes.txt"


@dataclass
class Part:
    """One split to write: a checked dict in COCO's format, and the folder of its pictures."""

    annotations: dict
    image_folder: Path

    def __post_init__(self) -> None:
        self.rows: dict[int, list[dict]] = {image["id"]: [] for image in self.annotations["images"]}
        for row in self.annotations["annotations"]:
            self.rows[row["image_id"]].append(row)
        categories = sorted(self.annotations["categories"], key=lambda category: category["id"])
        self.names = [str(category["name"]) for category in categories]
        self.label_of = {category["id"]: k for k, category in enumerate(categories)}  # from 0


def write_dataset(parts: Mapping[str, Part], to: Path, form: str) -> None:
    """Write the splits into a new folder, with copies of the pictures.

    Args:
        parts: by the name of the split, such as "train".
        form: "coco", "voc" or "yolo".
    Raises:
        ValueError: the folder is there and not empty, or there is no such format.
    """
    if form not in WRITERS:
        raise ValueError(f"There is no format {form!r} to write: choose {', '.join(WRITERS)}.")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ValueError(f"{to} is there already and not empty: name a new folder.")
    for name, part in parts.items():
        WRITERS[form](name or "train", part, to)
    names = next(iter(parts.values())).names
    if form == "voc":
        write(to / LISTED, "\n".join(names) + "\n")
    if form == "yolo":
        ways = "".join(f"{name or 'train'}: images/{name or 'train'}\n" for name in parts)
        if "val" not in parts:  # Ultralytics asks for one
            ways += f"val: images/{next(iter(parts)) or 'train'}\n"
        listed = "".join(f"  {k}: {json.dumps(name, ensure_ascii=False)}\n" for k, name in enumerate(names))
        write(to / "data.yaml", f"{ways}nc: {len(names)}\nnames:\n{listed}")


def write_coco(name: str, part: Part, to: Path) -> None:
    names = copied(part, to / name)
    images = [image | {"file_name": names[image["id"]]} for image in part.annotations["images"]]
    content = {"images": images} | {key: part.annotations[key] for key in ("annotations", "categories")}
    write(to / "annotations" / f"instances_{name}.json", json.dumps(content, ensure_ascii=False))


def write_voc(name: str, part: Part, to: Path) -> None:
    names = copied(part, to / "JPEGImages", name)
    stems = []
    for image in part.annotations["images"]:
        stem = PurePosixPath(names[image["id"]]).stem
        stems.append(stem)
        (to / "Annotations").mkdir(exist_ok=True)
        tree = voc_tree(image, names[image["id"]], part)
        ElementTree(tree).write(to / "Annotations" / f"{stem}.xml", encoding="utf-8")
        write_voc_mask(image, part.rows[image["id"]], to / "SegmentationObject" / f"{stem}.png")
    write(to / "ImageSets" / "Main" / f"{name}.txt", "".join(f"{stem}\n" for stem in stems))


def voc_tree(image: dict, file_name: str, part: Part) -> Element:
    root = Element("annotation")
    SubElement(root, "filename").text = file_name
    size = SubElement(root, "size")
    for side in ("width", "height"):
        SubElement(size, side).text = str(image[side])
    for row in part.rows[image["id"]]:
        each = SubElement(root, "object")
        SubElement(each, "name").text = part.names[part.label_of[row["category_id"]]]
        SubElement(each, "difficult").text = str(int(row.get("iscrowd") or 0))
        box = SubElement(each, "bndbox")
        x, y, w, h = row["bbox"]  # corners count from 1, and the last pixel belongs to the box
        for side, value in zip(("xmin", "ymin", "xmax", "ymax"), (x + 1, y + 1, x + w, y + h), strict=True):
            SubElement(box, side).text = str(plain(value))
    indent(root)
    return root


def write_voc_mask(image: dict, rows: list[dict], path: Path) -> None:
    """The masks of a picture, if all its objects have one: pixel k belongs to object k."""
    if not rows or len(rows) > MOST_OBJECTS or not all(row.get("segmentation") for row in rows):
        return
    size = image["height"], image["width"]
    pixels = np.zeros(size, np.uint8)
    for k, row in enumerate(rows, start=1):
        pixels[segmentation_to_mask(row["segmentation"], size).numpy()] = k
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_yolo(name: str, part: Part, to: Path) -> None:
    names = copied(part, to / "images" / name)
    for image in part.annotations["images"]:
        rows = [row for row in part.rows[image["id"]] if not row.get("iscrowd")]
        lines = [f"{part.label_of[row['category_id']]} {yolo_numbers(row, image)}\n" for row in rows]
        stem = PurePosixPath(names[image["id"]]).stem
        write(to / "labels" / name / f"{stem}.txt", "".join(lines))


def yolo_numbers(row: dict, image: dict) -> str:
    """A polygon if the object has exactly one, else its box."""
    width, height = image["width"], image["height"]
    outline = row.get("segmentation")
    if isinstance(outline, list) and len(outline) == 1:
        values = [value / (height if k % 2 else width) for k, value in enumerate(outline[0])]
    else:
        x, y, w, h = row["bbox"]
        values = [(x + w / 2) / width, (y + h / 2) / height, w / width, h / height]
    return " ".join(f"{value:.9g}" for value in values)


def copied(part: Part, folder: Path, prefix: str = "") -> dict[int, str]:
    """Copy the pictures into one folder; return the new name of each, which no other has, whatever its ending."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = {path.stem for path in folder.iterdir()}
    names = {}
    for image in part.annotations["images"]:
        path = find_picture(part.image_folder, image["file_name"])
        if path is None:
            raise FileNotFoundError(f"image {image['id']} has no file {image['file_name']}.")
        stem = path.stem if path.stem not in taken else f"{prefix}_{image['id']}_{path.stem}"
        taken.add(stem)
        names[image["id"]] = stem + path.suffix
        shutil.copyfile(path, folder / names[image["id"]])
    return names


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


WRITERS: dict[str, Callable[[str, Part, Path], None]] = {
    "coco": write_coco,
    "voc": write_voc,
    "yolo": write_yolo,
}
