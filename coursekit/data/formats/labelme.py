"""labelme: a JSON file for each picture, with a list of shapes."""

import base64
import binascii
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.data.formats.files import (
    SUFFIXES,
    files_in,
    find_picture,
    folders_in,
    size_of_picture,
    standard_name,
)
from coursekit.data.formats.json_file import read_json
from coursekit.data.formats.rows import left_out, outlined, whole_mask
from coursekit.data.formats.split import Content, Fault, Pictures, Split
from coursekit.data.formats.text import class_names
from coursekit.data.image_files import read_image

ROUND = 36  # points of the polygon that stands for a circle


def labelme_splits(folder: Path) -> list[Split]:
    """Return the splits of a folder of labelme's files, one for each folder in it; none if it has none."""
    parts: dict[str, dict[Path, Any]] = {}
    for place in folders_in(folder):
        files = {path: found for path in files_in(place) if (found := shapes_of(path)) is not None}
        name = next(filter(None, map(standard_name, reversed(place.relative_to(folder).parts))), "")
        if files:
            parts.setdefault(name, {}).update(files)
    everything = [content for files in parts.values() for content in files.values()]
    names = class_names(folder, {name_of(shape) for content in everything for shape in shapes_in(content)})
    return [
        Split(name, "labelme", next(iter(files)).parent, folder, partial(read, folder, files, names))
        for name, files in parts.items()
    ]


def shapes_of(path: Path) -> Any:
    """The content of a file of labelme's kind; None of another one; the error of a damaged one."""
    if path.suffix.lower() != ".json":
        return None
    try:
        content = read_json(path)
    except ValueError as error:
        return error if b'"shapes"' in path.read_bytes() else None
    return content if isinstance(content, dict) and isinstance(content.get("shapes"), list) else None


def shapes_in(content: Any) -> Iterator[dict]:
    if isinstance(content, dict):
        yield from (shape for shape in content["shapes"] if isinstance(shape, dict))


def name_of(shape: dict) -> str:
    return shape["label"].strip() if isinstance(shape.get("label"), str) else ""


def read(folder: Path, files: dict[Path, Any], names: list[str]) -> Content:
    found, skipped = Pictures(names), 0
    for path, content in sorted(files.items()):
        if isinstance(content, ValueError):
            found.faults.append(Fault(str(content)))
            continue
        try:
            picture = picture_of(path, content)
            size = size_of_picture(picture)
        except (ValueError, OSError) as error:
            found.faults.append(Fault(f"{path}: {error}"))
            continue
        objects, lines = grouped(content["shapes"], path, found)
        skipped += lines
        placed = ((f"{path}, shape {shapes[0]['place']}", shapes) for shapes in objects)
        rows = found.good(placed, partial(as_row, names=found.names, size=size))
        found.add(picture.relative_to(folder).as_posix(), size, rows)
    return found.content(left_out(skipped))


def picture_of(path: Path, content: dict) -> Path:
    """The picture that a file belongs to: as it says, or of its name.

    Raises:
        FileNotFoundError: there is none.
    """
    said = content.get("imagePath")
    near = [path.with_suffix(suffix) for suffix in SUFFIXES]
    found = find_picture(path.parent, said) if isinstance(said, str) else None
    found = found or next((each for each in near if each.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"its picture {said!r} is not there.")
    return (
        found
        if ".." not in found.parts
        else path.parent / found.name
        if (path.parent / found.name).is_file()
        else found
    )


def grouped(shapes: list, path: Path, found: Pictures) -> tuple[list[list[dict]], int]:
    """The shapes of each object, those with a common `group_id` together, and the number of points and lines."""
    objects: dict[Any, list[dict]] = {}
    skipped = 0
    for k, shape in enumerate(shapes):
        if not isinstance(shape, dict) or not name_of(shape):
            found.faults.append(Fault(f"{path}, shape {k}: it has no label."))
        elif shape.get("shape_type") in ("point", "points", "line", "linestrip"):
            skipped += 1
        else:
            group = shape.get("group_id")
            key = (name_of(shape), group) if isinstance(group, int) else k
            objects.setdefault(key, []).append(shape | {"place": k})
    return list(objects.values()), skipped


def as_row(shapes: list[dict], names: list[str], size: tuple[int, int]) -> dict:
    """An object of one or more shapes as COCO says it. Raises: ValueError when it has no area."""
    label = names.index(name_of(shapes[0])) + 1
    if shapes[0].get("shape_type") == "mask":
        return masked(label, shapes[0], size)
    return outlined(label, [polygon(shape) for shape in shapes])


def polygon(shape: dict) -> list[float]:
    """A shape as a polygon [x1, y1, x2, y2, ...].

    Raises:
        ValueError: it has other points than its kind needs.
    """
    points, kind = corners(shape), shape.get("shape_type") or "polygon"
    if kind == "rectangle" and len(points) in (2, 4):
        (x1, y1), (x2, y2) = (tuple(f(each) for each in zip(*points, strict=True)) for f in (min, max))
        return [x1, y1, x2, y1, x2, y2, x1, y2]
    if kind == "circle" and len(points) == 2:
        (x, y), radius = points[0], math.dist(*points)
        angles = [2 * math.pi * k / ROUND for k in range(ROUND)]
        return [value for a in angles for value in (x + radius * math.cos(a), y + radius * math.sin(a))]
    if kind not in ("polygon", "rectangle", "oriented_rectangle") or len(points) < 3:
        raise ValueError(f"a {kind} of {len(points)} points has no area.")
    return [value for point in points for value in point]


def corners(shape: dict) -> list[tuple[float, float]]:
    points = shape.get("points")
    try:
        found = [(float(x), float(y)) for x, y in points]  # type: ignore[union-attr]
    except (TypeError, ValueError, OverflowError):
        found = [(math.nan, math.nan)]
    if not all(math.isfinite(value) for point in found for value in point):
        raise ValueError("its points are not pairs of numbers.")
    return found


def masked(label: int, shape: dict, size: tuple[int, int]) -> dict:
    """A mask that is a small picture, in base64, at a box."""
    (x, y), *_ = [(int(x), int(y)) for x, y in corners(shape)] or [(0, 0)]
    try:
        small = read_image(base64.b64decode(shape.get("mask") or "")).amax(0).numpy() > 0  # (h, w)
    except (binascii.Error, TypeError) as error:
        raise ValueError(f"its mask is damaged ({error}).") from None
    mask = np.zeros(size[::-1], bool)
    part = mask[max(y, 0) : max(y, 0) + small.shape[0], max(x, 0) : max(x, 0) + small.shape[1]]
    part[:] = small[: part.shape[0], : part.shape[1]]
    return whole_mask(label, mask)
