"""A regular grid of boxes: what any way of proposing boxes has to beat."""

import math

import torch
from torch import Tensor

ASPECT_RATIOS = (2 / 3, 3 / 2)  # height / width
SHRINK = 0.6  # from one level to the next
OVERLAP = 0.5  # of neighbouring boxes, at least, along each axis


def grid_proposals(size: tuple[int, int], count: int) -> Tensor:
    """Return `count` boxes spread evenly over an image without looking at it, the largest first.

    Each level has boxes of two shapes, 0.6 times as long as those of the level before, and half overlapping their
    neighbours; the last level is thinned out evenly.

    Shapes: -> (count, 4) float32, xyxy pixels, inside the image.
    Args:
        size: (height, width) of the image.
        count: how many boxes, at least 0.
    Raises:
        ValueError: an image without pixels, or a negative count.

    >>> grid_proposals((60, 90), 3)
    tensor([[ 0.,  0., 90., 60.],
            [ 0.,  0., 60., 60.],
            [30.,  0., 90., 60.]])
    """
    height, width = size
    if height <= 0 or width <= 0 or count < 0:
        raise ValueError(f"a grid of {count} boxes does not fit into an image of {height} x {width} pixels.")
    boxes: list[tuple[float, ...]] = []
    side = math.sqrt(height * width)
    while len(boxes) < count:
        level = [box for ratio in ASPECT_RATIOS for box in _tiles(height, width, side, ratio)]
        level = list(dict.fromkeys(level))  # clipped to the image, both shapes may be one
        wanted = min(count - len(boxes), len(level))
        boxes += [level[k * len(level) // wanted] for k in range(wanted)]
        side *= SHRINK
    return torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)


def _tiles(height: int, width: int, side: float, ratio: float) -> list[tuple[float, ...]]:
    """Boxes of side x side pixels, stretched to the ratio, that cover the image row by row."""
    w, h = min(side / math.sqrt(ratio), width), min(side * math.sqrt(ratio), height)
    return [(x, y, x + w, y + h) for y in _starts(height, h) for x in _starts(width, w)]


def _starts(length: int, box: float) -> list[float]:
    """Where boxes along an axis begin, evenly spaced from one end to the other."""
    steps = math.ceil((length - box) / (box * (1 - OVERLAP)) - 1e-9)  # rounding must not add a step
    return [(length - box) * k / max(steps, 1) for k in range(steps + 1)]
