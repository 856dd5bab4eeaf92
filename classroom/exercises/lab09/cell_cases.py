"""Lab 09, section 8: objects and the cells of one or several levels."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes as box_rows
from classroom.exercises.cases import random_boxes
from classroom.exercises.exercise import Case
from coursekit import ops


def _level(
    rows: int, columns: int, stride: float, low: float = 0.0, high: float = 1e9
) -> tuple[Tensor, Tensor, Tensor]:
    """Centres, strides and ranges of the cells of one level."""
    centers = ops.grid_centers((rows, columns), stride)
    count = len(centers)
    return centers, torch.full((count,), float(stride)), torch.tensor([low, high]).expand(count, 2).clone()


def _levels(*levels: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    centers, strides, ranges = (torch.cat(parts) for parts in zip(*levels, strict=True))
    return centers, strides, ranges


_GRID = _level(6, 8, 8)
_PYRAMID = _levels(_level(8, 12, 8, 0, 40), _level(4, 6, 16, 40, 80), _level(2, 3, 32, 80, 1e9))
_NARROW = box_rows((19.75, 10, 20.25, 30), (18, 18.5, 22, 21.5), (34, 27.75, 54, 28.25), (42.5, 26, 45.5, 30))
_PAIR = box_rows((0, 0, 60, 44), (20, 12, 40, 36))

SCENES = (
    Case("one object", (box_rows((6, 4, 58, 44)), *_GRID)),
    Case("no objects", (box_rows(), *_GRID)),
    Case("an object smaller than the middle of three cells", (box_rows((21, 13, 33, 26)), *_GRID)),
    Case("a centre on the border of a box", (box_rows((12, 4, 30, 36)), *_GRID)),
    Case("a centre exactly 1.5 strides away", (box_rows((4, 0, 44, 40)), *_GRID)),
    Case("wide and flat: the middle is a square, not a circle", (box_rows((2, 2, 62, 38)), *_GRID)),
    Case("a small object on a large one", (_PAIR, *_GRID)),
    Case("the small object first", (_PAIR.flip(0), *_GRID)),
    Case("two objects side by side that overlap", (box_rows((2, 2, 34, 40), (22, 6, 60, 34)), *_GRID)),
    Case(
        "three levels, three sizes",
        (box_rows((4, 4, 26, 30), (30, 2, 92, 60), (0, 0, 96, 64)), *_PYRAMID),
    ),
    Case(
        "a distance exactly at both ends of a range",
        (
            box_rows((0, 0, 60, 40), (4, 4, 68, 60)),
            *_levels(_level(8, 12, 8, 0, 40), _level(8, 12, 8, 40, 80)),
        ),
    ),
    Case("half a pixel wide, half a pixel high", (_NARROW, *_GRID)),
    Case("an object between the centres of all cells", (box_rows((5, 5, 11, 11)), *_GRID)),
    Case("twelve objects", (random_boxes(12, seed=5), *_PYRAMID)),
)
