"""Pascal VOC: an XML file for each picture, corners that count from 1, masks of some pictures beside them.

Source: Everingham et al., "The Pascal Visual Object Classes Challenge", 2010, doi:10.1007/s11263-009-0275-4.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from coursekit.data.formats.files import (
    files_in,
    find_picture,
    folders_in,
    is_file,
    pictures_in,
    size_of_picture,
    standard_name,
)  # fmt: skip
from coursekit.data.formats.split import Content, Fault, Pictures, Split
from coursekit.data.formats.text import class_names, number, read_text, read_xml
from coursekit.data.image_files import in_words
from coursekit.ops import rle_encode

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def voc_splits(folder: Path, masks: bool = False) -> list[Split]:
    """Return the splits of a folder of VOC's XML files; none if it has none.

    The splits are the lists in `ImageSets/Main` (with `masks`, those of the pictures with masks, in
    `ImageSets/Segmentation`), or else the folders that the files are in.
    An object that is `difficult` becomes a crowd: it is neither learned nor counted, as in VOC's own evaluation.
    """
    splits: list[Split] = []
    for place in folders_in(folder, depth=4):
        files = {path.stem: path for path in files_in(place) if is_voc(path)}
        if files:
            splits += splits_of(folder, place, files, masks)
    return named_once(folder, splits)


def is_voc(path: Path) -> bool:
    """Whether the file is an XML file of VOC's kind; a damaged one may have been meant."""
    if path.suffix.lower() != ".xml":
        return False
    start = path.read_bytes()[:600]
    return b"<annotations" not in start and (b"<annotation" in start or b"<" not in start[:50])


def splits_of(folder: Path, place: Path, files: dict[str, Path], masks: bool) -> list[Split]:
    """The splits of one folder of XML files: its lists, or all of it under the name of a folder above."""
    root = place.parent
    lists = set_lists(root / "ImageSets" / ("Segmentation" if masks else "Main"))
    pieces = place.relative_to(folder).parts
    whole = next(filter(None, (standard_name(piece) for piece in reversed(pieces))), "")
    parts = {name: [stem for stem in stems if stem in files] for name, stems in lists.items()}
    parts = {name: stems for name, stems in parts.items() if stems} or {whole: sorted(files)}
    if not masks and "train" in parts and "val" in parts:
        parts.pop("trainval", None)
    reader = Reader(place, files)
    return [
        Split(name, "VOC", place, reader.pictures, partial(reader.read, stems))
        for name, stems in parts.items()
    ]


def set_lists(folder: Path) -> dict[str, list[str]]:
    """The stems of each split; the files of single classes, such as dog_train.txt, are left out."""
    if not folder.is_dir():
        return {}
    named = {path.stem: path for path in files_in(folder) if path.suffix == ".txt"}
    return {
        standard_name(name) or name: [
            line.split()[0] for line in read_text(path).splitlines() if line.split()
        ]
        for name, path in named.items()
        if standard_name(name)
    }


def named_once(folder: Path, splits: list[Split]) -> list[Split]:
    """Several folders of one name, such as those of VOC2007 and VOC2012, are told apart by their own."""
    names = [split.name for split in splits]
    for split in splits:
        if names.count(split.name) > 1:
            split.name = f"{split.source.parent.relative_to(folder).as_posix()} {split.name}".strip()
    return splits


class Reader:
    """The XML files of one folder, read together: all of them decide the classes and where corners count from."""

    def __init__(self, place: Path, files: dict[str, Path]) -> None:
        self.place, self.files, self.root = place, files, place.parent
        self.pictures = picture_folder(place, files)
        self.parsed: dict[str, Element | Fault] = {}

    def read(self, stems: Iterable[str]) -> Content:
        if not self.parsed:
            self.parsed = {stem: parse(path) for stem, path in sorted(self.files.items())}
        trees = [tree for tree in self.parsed.values() if isinstance(tree, Element)]
        names = class_names(self.root, {text(each, "name") for tree in trees for each in tree.iter("object")})
        base = 0 if any(corner(box) == 0 for tree in trees for box in tree.iter("bndbox")) else 1
        found = Pictures(names)
        for stem in sorted(set(stems)):
            self.add(found, stem, base)
        notes = ["A corner of a box is 0, so corners count from 0 and not, as VOC says, from 1."] * (
            base == 0
        )
        difficult = sum(row["iscrowd"] for row in found.rows)
        if difficult:
            notes.append(f"{difficult} objects are `difficult`: as in VOC, neither learned nor counted.")
        return found.content(notes)

    def add(self, found: Pictures, stem: str, base: int) -> None:
        tree, path = self.parsed[stem], self.files[stem]
        if isinstance(tree, Fault):
            found.faults.append(tree)
            return
        name = self.picture_name(stem, text(tree, "filename"))
        try:
            size = self.size(tree, name)
            masks = MaskOf(self.root / "SegmentationObject" / f"{stem}.png", size)
        except (ValueError, OSError) as error:
            found.faults.append(Fault(f"{path}: {error}"))
            return
        objects = enumerate(tree.findall("object"), start=1)
        placed = ((f"{path}, object {k}", (k, each)) for k, each in objects)
        found.add(
            name, size, found.good(placed, lambda one: as_row(one[1], found.names, base) | masks.of(one[0]))
        )

    def picture_name(self, stem: str, said: str) -> str:
        """The name of the picture: as the file says, or with the name of the XML file."""
        if said and (path := find_picture(self.pictures, said)):
            return path.relative_to(self.pictures).as_posix()
        return self.by_stem().get(stem, said or f"{stem}.jpg")

    def by_stem(self) -> dict[str, str]:
        if not hasattr(self, "_by_stem"):
            self._by_stem = {path.stem: path.name for path in pictures_in(self.pictures)}
        return self._by_stem

    def size(self, tree: Element, name: str) -> tuple[int, int]:
        """(width, height) as the file says, or, where it says nothing, of the picture."""
        width, height = (text(tree, f"size/{side}") for side in ("width", "height"))
        if width.isdecimal() and height.isdecimal() and int(width) and int(height):
            return int(width), int(height)
        return size_of_picture(self.pictures / name)


def parse(path: Path) -> Element | Fault:
    try:
        return read_xml(path)
    except ValueError as error:
        return Fault(str(error))


def picture_folder(place: Path, files: dict[str, Path]) -> Path:
    """The folder that has most of the pictures: beside the XML files, or next to their folder."""
    near = [path for path in sorted(place.parent.iterdir()) if path.is_dir() and path != place]
    above = place.parent.parent  # of annotations/train, images/train
    folders = [
        place,
        place.parent,
        *near,
        *(each / place.name for each in sorted(above.iterdir()) if each.is_dir()),
    ]

    def count(folder: Path) -> int:
        return sum(path.stem in files for path in pictures_in(folder)) if folder.is_dir() else 0

    plain_ones = [each for each in folders if not each.name.startswith("Segmentation")]
    return max(plain_ones, key=count)


def text(element: Element, way: str) -> str:
    return (element.findtext(way) or "").strip()


def corner(box: Element) -> float:
    """The smaller of xmin and ymin; 1 where they are no numbers, which is said elsewhere."""
    try:
        return min(number(text(box, side)) for side in CORNERS[:2])
    except ValueError:
        return 1


def as_row(element: Element, names: list[str], base: int) -> dict:
    """An object as COCO says it. With corners that count from 1, the last pixel belongs to the box.

    Raises:
        ValueError: it has no name or no box.
    """
    name, box = text(element, "name"), element.find("bndbox")
    if not name or box is None:
        raise ValueError(f"it has no <{'name' if not name else 'bndbox'}>.")
    left, top, right, bottom = (number(text(box, side), f"<{side}>") for side in CORNERS)
    x, y = left - base, top - base
    if right < x or bottom < y:
        raise ValueError(f"its box {[left, top, right, bottom]} has a negative side.")
    row = {"label": names.index(name) + 1, "bbox": [x, y, right - x, bottom - y]}
    return row | {"iscrowd": int(text(element, "difficult") == "1")}


class MaskOf:
    """The masks of the objects of a picture, in the order of its XML file; none where there is no file."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.pixels = in_words(path, np.array) if is_file(path) else None
        if self.pixels is not None and self.pixels.shape != size[::-1]:
            raise ValueError(f"its mask {path} has the shape {self.pixels.shape}, not {size[::-1]}.")

    def of(self, k: int) -> dict:
        """The segmentation and the area of object k, counted from 1."""
        mask = None if self.pixels is None else self.pixels == k
        if mask is None or not mask.any():
            return {}
        return {"segmentation": rle_encode(mask), "area": int(mask.sum())}
