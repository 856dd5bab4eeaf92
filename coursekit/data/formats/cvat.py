"""CVAT's own XML: one file of all pictures, with boxes, polygons and masks."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from coursekit.data.formats.files import files_in, find_picture, folders_in
from coursekit.data.formats.rows import left_out, outlined, whole_mask
from coursekit.data.formats.split import Content, Fault, Pictures, Split
from coursekit.data.formats.text import class_names, number, read_xml

SHAPES = ("box", "polygon", "mask")
BOX = ("xtl", "ytl", "xbr", "ybr")
MOST_SIDE = 10**5  # pixels: a mask is unpacked at the size that the file says


def cvat_splits(folder: Path) -> list[Split]:
    """Return a split for each file of CVAT's in a folder; none if it has none."""
    found = [path for place in folders_in(folder, depth=2) for path in files_in(place) if is_cvat(path)]
    return [
        Split(path.stem if len(found) > 1 else "", "CVAT", path, path.parent, partial(read, path))
        for path in found
    ]


def is_cvat(path: Path) -> bool:
    return path.suffix.lower() == ".xml" and b"<annotations" in path.read_bytes()[:2000]


def read(path: Path) -> Content:
    """Return the pictures of a file; their folder is the one that holds most of them.

    Raises:
        ValueError: the file is damaged.
    """
    images = list(read_xml(path).iter("image"))
    objects = (shape for image in images for shape in shapes(image))
    found, skipped = Pictures(class_names(path.parent, {shape.get("label", "") for shape in objects})), 0
    for image in sorted(images, key=lambda image: image.get("name", "")):
        name = image.get("name", "")
        try:
            size = int(number(image.get("width", ""))), int(number(image.get("height", "")))
            if not name or not 0 < min(size) <= max(size) < MOST_SIDE:
                raise ValueError("it has no name or no size.")
        except ValueError as error:
            found.faults.append(Fault(f"{path}, image {image.get('id')}: {error}"))
            continue
        skipped += sum(shape.tag not in SHAPES and shape.tag != "tag" for shape in image)
        placed = (
            (f"{path}, image {image.get('id')}, shape {k}", shape) for k, shape in enumerate(shapes(image))
        )
        rows = found.good(placed, partial(as_row, names=found.names, size=size))
        found.add(below(path.parent, name), size, rows)
    return found.content(left_out(skipped))


def below(folder: Path, name: str) -> str:
    """The name of a picture from the folder of the file: beside it, or in `images`."""
    for way in (name, f"images/{name}", f"data/{name}"):
        if path := find_picture(folder, way):
            return path.relative_to(folder).as_posix()
    return name


def shapes(image: Element) -> Iterator[Element]:
    return (shape for shape in image if shape.tag in SHAPES)


def as_row(shape: Element, names: list[str], size: tuple[int, int]) -> dict:
    """A shape as COCO says it.

    Raises:
        ValueError: it has no label, or no numbers.
    """
    if shape.get("label") not in names:
        raise ValueError("it has no label.")
    label = names.index(shape.get("label", "")) + 1
    if shape.tag == "box":
        left, top, right, bottom = (number(shape.get(side, ""), side) for side in BOX)
        if right < left or bottom < top:
            raise ValueError(f"its box {[left, top, right, bottom]} has a negative side.")
        return {"label": label, "bbox": [left, top, right - left, bottom - top]}
    if shape.tag == "polygon":
        pairs = [pair.split(",") for pair in shape.get("points", "").split(";")]
        if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
            raise ValueError("its polygon has fewer than three points.")
        return outlined(label, [[number(value, "a point") for pair in pairs for value in pair]])
    return whole_mask(label, mask_of(shape, size))


def mask_of(shape: Element, size: tuple[int, int]) -> np.ndarray:
    """The mask (H, W) of lengths of runs, row by row, inside a box."""
    left, top, width, height = (
        int(number(shape.get(key, ""), key)) for key in ("left", "top", "width", "height")
    )
    runs = [int(number(run, "a run")) for run in shape.get("rle", "").split(",")]
    fits = 0 <= left and 0 <= top and left + width <= size[0] and top + height <= size[1]
    if not fits or min(runs) < 0 or sum(runs) != width * height:
        raise ValueError("its mask does not fill its box.")
    mask = np.zeros(size[::-1], bool)
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    mask[top : top + height, left : left + width] = inside.reshape(height, width)
    return mask
