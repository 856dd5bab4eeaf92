"""Objects as COCO writes them: from polygons, from masks, from numbers."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from coursekit.ops import rle_encode


def plain(value: float) -> float:
    """A number to a hundredth of a pixel; whole ones as int, so that formats with other decimals give the same dict.

    >>> plain(9.9999996), plain(12.345678)
    (10, 12.35)
    """
    if not math.isfinite(value):
        return value
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def polygon_area(points: Iterable[float]) -> float:
    """The area that a polygon [x1, y1, x2, y2, ...] encloses.

    >>> polygon_area([0, 0, 4, 0, 4, 3, 0, 3])
    12.0
    """
    numbers = list(points)
    x, y = numbers[::2], numbers[1::2]
    return abs(sum(x[i - 1] * y[i] - x[i] * y[i - 1] for i in range(len(x)))) / 2


def outlined(label: int, polygons: list[list[float]], **more: Any) -> dict:
    """An object with one or more polygons: its box goes around them, its area is what they enclose."""
    x = [value for polygon in polygons for value in polygon[::2]]
    y = [value for polygon in polygons for value in polygon[1::2]]
    box = [min(x), min(y), max(x) - min(x), max(y) - min(y)]
    rounded = [[plain(value) for value in polygon] for polygon in polygons]
    area = sum(polygon_area(polygon) for polygon in polygons)
    return {"label": label, "bbox": box, "area": area, "segmentation": rounded} | more


def whole_mask(label: int, mask: np.ndarray) -> dict:
    """An object from its mask (H, W).

    Raises:
        ValueError: no pixel is set.
    """
    if not mask.any():
        raise ValueError("its mask has no pixel.")
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x, y = int(columns[0]), int(rows[0])
    box = [x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y]
    return {"label": label, "bbox": box, "area": int(mask.sum()), "segmentation": rle_encode(mask)}


def left_out(count: int) -> list[str]:
    """What is said of points and lines, which have no area; nothing where there are none."""
    return [f"{count} points and lines are left out: they have no area."] if count else []
