"""A CSV table with a line for each object, as TensorFlow's tutorials write it: `raccoon_labels.csv`.

The columns are filename, class, xmin, ymin, xmax and ymax, in any order, perhaps with width and height; or, without a
line of names, those of keras-retinanet: path, x1, y1, x2, y2 and class. Corners are in pixels, as they are.
"""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from coursekit.data.formats.coco import name_of_split, picture_folder
from coursekit.data.formats.files import files_in, find_picture, folders_in, size_of_picture
from coursekit.data.formats.split import Content, Fault, Pictures, Split
from coursekit.data.formats.text import class_names, number, read_text
from coursekit.data.formats.yolo_lines import is_number

CORNERS = ("xmin", "ymin", "xmax", "ymax")
COLUMNS = ("filename", "class", *CORNERS)
WITHOUT_NAMES = ("filename", *CORNERS, "class")
MEANT = {  # other names of the columns
    "filename": ("file", "filepath", "path", "image", "imagepath", "imagename", "imageid", "img", "imgpath"),
    "class": ("label", "labelname", "name", "category", "classname", "celltype"),
    "xmin": ("x1", "left"),
    "ymin": ("y1", "top"),
    "xmax": ("x2", "right"),
    "ymax": ("y2", "bottom"),
}
Line = tuple[int, dict[str, str]]  # its number in the file, and its cells by column


def table_splits(folder: Path) -> list[Split]:
    """Return a split for each table of a folder; none if it has none."""
    found = [path for place in folders_in(folder) for path in files_in(place) if is_table(path)]
    return [table_split(path, name_of_split(path, folder)) for path in found]


def table_split(path: Path, name: str = "") -> Split:
    return Split(name, "CSV", path, path.parent, partial(read, path))


def is_table(path: Path) -> bool:
    """Whether the file is a table of objects, by its first line."""
    if path.suffix.lower() != ".csv":
        return False
    try:
        return bool(columns_of(next(rows_of(path), [])))
    except ValueError:
        return False


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows of a table, whose cells are separated by what its first line has most of.

    Raises:
        ValueError: it is not a text file, or not a table.
    """
    lines = read_text(path).splitlines()
    between = max(",;\t", key=(lines or [""])[0].count)
    try:
        yield from ([cell.strip() for cell in row] for row in csv.reader(lines, delimiter=between))
    except csv.Error as error:
        raise ValueError(f"{path} is damaged, or no CSV table ({error}).") from None


def columns_of(first: list[str]) -> list[str]:
    """The columns as this module calls them; none of a table of other things.

    >>> columns_of(["Image_Path", "x_min", "y_min", "x_max", "y_max", "label"])
    ['filename', 'xmin', 'ymin', 'xmax', 'ymax', 'class']
    >>> columns_of(["a.jpg", "1", "2", "30", "40", "cat"]), columns_of(["step", "loss"])
    (['filename', 'xmin', 'ymin', 'xmax', 'ymax', 'class'], [])
    """
    if len(first) == len(WITHOUT_NAMES) and all(map(is_number, first[1:5])):
        return list(WITHOUT_NAMES)
    meant = {other: name for name, others in MEANT.items() for other in others}
    plain = ["".join(filter(str.isalnum, cell.lower())) for cell in first]
    named = [cell if cell in COLUMNS else meant.get(cell, cell) for cell in plain]
    return named if set(COLUMNS) <= set(named) else []


def read(path: Path) -> Content:
    """Return the pictures of a table; their folder is the one that holds most of them.

    Raises:
        ValueError: it is not a table of objects.
        FileNotFoundError: no picture is found.
    """
    lines = lines_of(path)
    of_picture: dict[str, list[Line]] = {}
    for k, cells in lines:
        of_picture.setdefault(cells["filename"], []).append((k, cells))
    folder = picture_folder(path, {"images": [{"file_name": name} for name in of_picture]})
    found = Pictures(class_names(path.parent, {cells["class"] for _, cells in lines}))
    for name, rows in sorted(of_picture.items()):
        try:
            size = size_of(name, rows, folder)
        except (ValueError, OSError) as error:
            found.faults.append(Fault(f"{path}, line {rows[0][0]}: {error}"))
            continue
        objects = [row for row in rows if any(row[1][corner] for corner in CORNERS)]
        placed = ((f"{path}, line {k}", cells) for k, cells in objects)
        found.add(name, size, found.good(placed, partial(as_row, names=found.names)))
    content = found.content()
    content.image_folder = folder
    return content


def lines_of(path: Path) -> list[Line]:
    """The lines of a table that name a picture. Raises: ValueError when a column is missing, or a cell."""
    rows = [(k, row) for k, row in enumerate(rows_of(path), start=1) if any(row)]
    columns = columns_of(rows[0][1]) if rows else []
    if not columns:
        raise ValueError(f"{path} has no columns {', '.join(COLUMNS)}: name them in its first line.")
    if not is_number(rows[0][1][1]):  # the names of the columns
        rows = rows[1:]
    for k, row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{path}, line {k} has {len(row)} cells, but the first line has {len(columns)}.")
    return [(k, dict(zip(columns, row, strict=True))) for k, row in rows]


def size_of(name: str, rows: list[Line], folder: Path) -> tuple[int, int]:
    """(width, height) as the table says, or, where it says nothing, of the picture.

    Raises:
        FileNotFoundError: the image does not exist.
        ValueError: it is damaged.
    """
    width, height = (rows[0][1].get(side, "") for side in ("width", "height"))
    if width.isdecimal() and height.isdecimal() and int(width) and int(height):
        return int(width), int(height)
    picture = find_picture(folder, name)
    if picture is None:
        raise FileNotFoundError(f"its picture {name!r} is not in {folder}.")
    return size_of_picture(picture)


def as_row(cells: dict[str, str], names: list[str]) -> dict:
    """A line as COCO says it. Raises: ValueError when it has no class, or no box."""
    if cells["class"] not in names:
        raise ValueError("it has no class.")
    left, top, right, bottom = (number(cells[corner], corner) for corner in CORNERS)
    if right < left or bottom < top:
        raise ValueError(f"its box {[left, top, right, bottom]} has a negative side.")
    return {"label": names.index(cells["class"]) + 1, "bbox": [left, top, right - left, bottom - top]}
