"""The lines of YOLO's text files: a class, and the numbers of a box or of a polygon."""

from pathlib import Path

from coursekit.data.formats.rows import outlined
from coursekit.data.formats.text import number, read_text

TOLERANCE = 0.01  # of a side: what rounding and annotating beyond the edge add to [0, 1]
Line = tuple[int | None, list[float] | str]  # a class and its numbers, or what is wrong


def lines_of(path: Path) -> list[Line]:
    if not path.is_file():
        return []
    try:
        lines = read_text(path).splitlines()
    except ValueError as error:
        return [(None, str(error))]
    return [parsed_line(line, k, path) for k, line in enumerate(lines, start=1) if line.strip()]


def parsed_line(line: str, k: int, path: Path) -> Line:
    words = line.split()
    try:
        values = [number(word, f"{path}, line {k}: a number") for word in words]
    except ValueError as error:
        return None, str(error)
    label, rest = values[0], values[1:]
    if label < 0 or label != int(label):
        return None, f"{path}, line {k}: the class is {words[0]}, not 0, 1, 2 …."
    if len(rest) not in (4, 5) and (len(rest) < 6 or len(rest) % 2):
        return (
            None,
            f"{path}, line {k} has {len(words)} numbers: a class and 4 of a box, or 6 and more of a polygon.",
        )
    low, high = min(rest[: len(rest) // 2 * 2]), max(rest[: len(rest) // 2 * 2])
    if low < -TOLERANCE or high > 1 + TOLERANCE:
        return None, f"{path}, line {k}: {low if low < 0 else high:g} is not in [0, 1]: is it in pixels?"
    return int(label), rest


def as_row(label: int, values: list[float], width: int, height: int) -> dict:
    """An object in pixels: of a box (centre and sides, perhaps with a score behind) or of a polygon."""
    if len(values) >= 6:
        return outlined(label, [[v * (height if k % 2 else width) for k, v in enumerate(values)]])
    x, y, w, h = values[:4]
    return {"label": label, "bbox": [(x - w / 2) * width, (y - h / 2) * height, w * width, h * height]}


def is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
