"""What can be wrong with a dict in COCO's format: faults, each with its id, and what only looks odd."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from coursekit.data.formats.split import Fault

REQUIRED = {
    "images": ("id", "file_name", "width", "height"),
    "annotations": ("id", "image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}
MOST_SIDE = 10**6  # pixels
LARGEST_ID = 2**63
LEAST_SIDE = 0.01  # pixels: single precision makes a thinner box empty


def check_annotations(annotations: Any, name: object) -> None:
    """Return nothing when a COCO dict holds together; otherwise say which entry does not, and how many do not.

    Raises:
        ValueError: a missing key, an id used twice, a reference to nothing, a box that is none. The sentence
            starts with `name`.
    """
    try:
        check_tables(annotations)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    faults = faults_of(annotations)
    if faults:
        others = f" Also wrong: {number_of(len(faults) - 1, 'other entry')}." if len(faults) > 1 else ""
        raise ValueError(f"{name}: {faults[0].sentence}{others}")


def check_tables(annotations: Any) -> None:
    """Raises: ValueError when a table is missing, or when all boxes are normalised: leaving something out would not help."""
    for table in REQUIRED:
        if not isinstance(annotations, dict) or table not in annotations:
            raise ValueError(f"the key {table!r} is missing: a COCO file has {', '.join(REQUIRED)}.")
        if not isinstance(annotations[table], list):
            raise ValueError(f"{table!r} is not a list.")
    found: list[Any] = [row.get("bbox") for row in annotations["annotations"] if isinstance(row, dict)]
    boxes = [box for box in found if is_box(box) and min(box[2:]) > 0]
    if boxes and max(map(max, boxes)) <= 1:
        which = "the box lies" if len(boxes) == 1 else f"all {len(boxes)} boxes lie"
        raise ValueError(
            f"{which} in [0, 1]: normalised? Multiply x and width by the width of the picture, y and height by "
            "its height."
        )


def faults_of(annotations: dict) -> list[Fault]:
    """Return what is wrong with the entries of a COCO dict, table by table."""
    images = {entry["id"]: entry for entry in annotations["images"] if has_id(entry)}
    categories = {entry["id"] for entry in annotations["categories"] if has_id(entry)}
    checks: dict[str, Callable[[dict], str]] = {
        "images": image_fault,
        "categories": category_fault,
        "annotations": lambda row: row_fault(row, images, categories),
    }
    found = []
    for table, fault in checks.items():
        repeated = repeats(annotations[table])
        for position, entry in enumerate(annotations[table]):
            sentence = entry_fault(table, position, entry, repeated) or fault(entry)
            if sentence:
                found.append(Fault(sentence, table, position))
    return found


def has_id(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), int)


def repeats(entries: list) -> set[int]:
    """The positions of the entries whose id an earlier one has."""
    seen: set[int] = set()
    found = set()
    for position, entry in enumerate(entries):
        if has_id(entry):
            if entry["id"] in seen:
                found.add(position)
            seen.add(entry["id"])
    return found


def entry_fault(table: str, position: int, entry: Any, repeated: set[int]) -> str:
    """What is wrong with the keys or the id of an entry, or nothing."""
    missing = [key for key in REQUIRED[table] if not isinstance(entry, dict) or key not in entry]
    if missing:
        which = f"id {entry['id']}" if isinstance(entry, dict) and "id" in entry else f"number {position}"
        return f"the entry of {table!r} with {which} has no {missing[0]!r}."
    if not isinstance(entry["id"], int):
        return f"an id of {table!r} is {entry['id']!r}, not a whole number."
    if abs(entry["id"]) >= LARGEST_ID:
        return f"the id {entry['id']} of {table!r} is too large: ids must be below 2**63."
    return f"the id {entry['id']} is used more than once in {table!r}." if position in repeated else ""


def image_fault(image: dict) -> str:
    for side in (image["width"], image["height"]):
        if not is_side(side):
            return f"image {image['id']} has a side of {side!r}, not a whole number from 1 to {MOST_SIDE:,}."
    if not isinstance(image["file_name"], str):
        return f"image {image['id']} has the file name {image['file_name']!r}, not a string."
    return ""


def is_side(value: Any) -> bool:
    return isinstance(value, int) and 0 < value <= MOST_SIDE


def category_fault(category: dict) -> str:
    name = category["name"]
    if isinstance(name, str) and name.strip() and name.isprintable():
        return ""
    return f"category {category['id']} has the name {name!r}, not a word: give it one, in quotation marks."


def row_fault(row: dict, images: dict[int, dict], categories: set[int]) -> str:
    """What is wrong with an annotation that has all its keys, or nothing."""
    name, box = f"annotation {row['id']}", row["bbox"]
    if not is_known(row["image_id"], images):
        return f"{name} belongs to image {row['image_id']!r}, which does not exist."
    if not is_known(row["category_id"], categories):
        return f"{name} has category {row['category_id']!r}, which does not exist."
    if not is_box(box):
        return f"{name} has bbox {box!r}, not four numbers [x, y, width, height]."
    if min(box[2:]) < 0:
        return f"{name} has bbox {box} with a negative side: COCO boxes are [x, y, width, height]."
    image = images[row["image_id"]]
    has_size = is_side(image.get("width")) and is_side(image.get("height"))
    if has_size and min(box[2:]) > 0 and is_outside(box, image):
        size = f"{image['width']} x {image['height']}"
        return f"{name} has bbox {box}, which lies outside image {image['id']} ({size} pixels)."
    area, crowd = row.get("area"), row.get("iscrowd")
    if area is not None and not (is_finite_number(area) and area >= 0):
        return f"{name} has area {area!r}, not a number of pixels."
    if crowd is not None and not (isinstance(crowd, int | float) and crowd in (0, 1)):
        return f"{name} has iscrowd {crowd!r}, not 0 or 1."
    return ""


def is_known(value: Any, ids: Any) -> bool:
    return isinstance(value, int) and value in ids


def is_box(box: Any) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(map(is_finite_number, box))


def is_outside(box: list, image: dict) -> bool:
    x, y, width, height = box
    return x >= image["width"] or y >= image["height"] or x + width <= 0 or y + height <= 0


def is_finite_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and math.isfinite(value)
    except OverflowError:
        return False


def without(annotations: dict, faults: Iterable[Fault]) -> dict:
    """Return a COCO dict without the entries of the faults, and without what belonged to them."""
    out = {(fault.table, fault.position) for fault in faults}
    kept = {
        table: [entry for k, entry in enumerate(annotations[table]) if (table, k) not in out]
        for table in REQUIRED
    }
    images, categories = ({entry["id"] for entry in kept[table]} for table in ("images", "categories"))
    rows = [row for row in kept["annotations"] if row["image_id"] in images]
    return annotations | kept | {"annotations": [row for row in rows if row["category_id"] in categories]}


def visible_sides(row: dict, image: dict) -> tuple[float, float]:
    """Width and height of the part of a box that its picture shows."""
    x, y, width, height = row["bbox"]
    across = min(x + width, image["width"]) - max(x, 0)
    return across, min(y + height, image["height"]) - max(y, 0)


def is_empty(row: dict, image: dict) -> bool:
    """Whether a box shows nothing of its object, so that there is nothing to learn and nothing to find."""
    return min(row["bbox"][2:]) <= 0 or min(visible_sides(row, image)) < LEAST_SIDE


def suspicions_of(annotations: dict) -> Iterator[str]:
    """Yield what is odd about a checked COCO dict as a whole, in sentences."""
    images = {image["id"]: image for image in annotations["images"]}
    rows = annotations["annotations"]
    empty = [row["id"] for row in rows if is_empty(row, images[row["image_id"]])]
    if rows and all(row.get("iscrowd") for row in rows):
        yield f"All {len(rows)} objects are crowds (iscrowd 1), so there is nothing to learn or to find."
    elif len(rows) == len(empty):
        yield "There are no objects."
    if empty:
        yield (
            f"{number_of(len(empty), 'box')} without width or height left out, first annotation {empty[0]}; "
            "pycocotools counts such boxes, so its scores are lower."
        )
    yield from leaving(rows, images)
    names = Counter(category["name"] for category in annotations["categories"])
    for name in [name for name, count in names.items() if count > 1]:
        yield f"{names[name]} categories have the name {name!r}: they are learned as different classes, with numbers behind them."
    files = Counter(image["file_name"] for image in annotations["images"])
    for name in [name for name, count in files.items() if count > 1][:3]:
        yield f"The picture {name} is listed {files[name]} times."


def leaving(rows: list[dict], images: dict[int, dict]) -> Iterator[str]:
    out = []
    for row in rows:
        (x, y, width, height), image = row["bbox"], images[row["image_id"]]
        if min(x, y) < -1 or x + width > image["width"] + 1 or y + height > image["height"] + 1:
            out.append(row)
    if not out:
        return
    corners = sum(row["bbox"][2] > row["bbox"][0] and row["bbox"][3] > row["bbox"][1] for row in rows)
    likely = corners >= 0.95 * len(rows) and len(out) >= 0.1 * len(rows)
    question = ": are they x1 y1 x2 y2?" if likely else " and are clipped to it."
    yield f"{len(out)} of {number_of(len(rows), 'box')} leave their picture{question}"


def number_of(count: int, word: str) -> str:
    """A count with its word in the right number.

    >>> number_of(1, "box"), number_of(2, "box"), number_of(1200, "picture"), number_of(3, "category")
    ('1 box', '2 boxes', '1,200 pictures', '3 categories')
    """
    if count == 1:
        return f"1 {word}"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{count:,} {word[:-1]}ies"
    return f"{count:,} {word}{'es' if word.endswith(('x', 's', 'ch', 'sh')) else 's'}"
