"""Lab 01, exercise 1: from a centre and a size to two corners."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from classroom.exercises.pictures import boxes_picture
from classroom.exercises.readings import any_precision
from coursekit import ops


def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    """Corners of boxes given by centre and size: (N, 4) to (N, 4)."""
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], -1)


CXCYWH_TO_XYXY = Exercise(
    cxcywh_to_xyxy,
    picture=boxes_picture,
    judge=any_precision,
    speed=lambda: (random_boxes(10_000),),
    hints=(
        "Draw one box on paper. How far is its left edge from its centre?",
        "x1 = cx - w/2, y1 = cy - h/2, x2 = cx + w/2, y2 = cy + h/2.",
        "cx, cy, w, h = boxes.unbind(-1), then torch.stack([...], -1).",
    ),
    cases=(
        Case("one square box", (boxes((50, 50, 20, 20)),)),
        Case("one box, wider than tall", (boxes((60, 30, 40, 10)),)),
        Case("a box with an odd width", (boxes((10, 20, 5, 3)),)),
        Case("a box that extends beyond the image", (boxes((3, 2, 10, 14)),)),
        Case("a box in fractions of the image", (boxes((0.5, 0.25, 0.3, 0.2)),)),
        Case("four boxes", (boxes((50, 40, 20, 10), (10, 10, 4, 8), (90, 5, 6, 2), (7, 60, 9, 30)),)),
    ),
)

_wrong = CXCYWH_TO_XYXY.wrong


def _columns(boxes: Tensor, *columns: int) -> Tensor:
    """The corners in another order, or some of them twice."""
    return cxcywh_to_xyxy(boxes)[..., list(columns)]


@_wrong("the full size instead of half of it", "The distance from the centre to an edge is w / 2.")
def _no_half(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2] - boxes[..., 2:], boxes[..., :2] + boxes[..., 2:]], -1)


@_wrong("cxcywh read as xywh", "(cx, cy) is the centre, not the top-left corner.")
def _from_corner(boxes: Tensor) -> Tensor:
    return ops.box_convert(boxes, "xywh", "xyxy")


@_wrong("the inverse conversion", "The input has centres and sizes; the output should have corners.")
def _inverse(boxes: Tensor) -> Tensor:
    return ops.box_convert(boxes, "xyxy", "cxcywh")


@_wrong("x and y swapped", "The order is x first: (x1, y1, x2, y2).")
def _transposed(boxes: Tensor) -> Tensor:
    return _columns(boxes, 1, 0, 3, 2)


@_wrong("the coordinates grouped by axis", "The order is (x1, y1, x2, y2), not (x1, x2, y1, y2).")
def _by_axis(boxes: Tensor) -> Tensor:
    return _columns(boxes, 0, 2, 1, 3)


@_wrong("the two corners swapped", "The top-left corner, centre minus half the size, comes first.")
def _corners_exchanged(boxes: Tensor) -> Tensor:
    return _columns(boxes, 2, 3, 0, 1)


@_wrong("y1 and y2 swapped", "y points down, so the top edge has the smaller y: y1 = cy - h / 2.")
def _y_upwards(boxes: Tensor) -> Tensor:
    return _columns(boxes, 0, 3, 2, 1)


@_wrong("x1 and x2 swapped", "The left edge has the smaller x: x1 = cx - w / 2.")
def _x_leftwards(boxes: Tensor) -> Tensor:
    return _columns(boxes, 2, 1, 0, 3)


@_wrong(
    "the bottom-right corner left out", "Four numbers per box: the top-left corner and the bottom-right one."
)
def _top_left_only(boxes: Tensor) -> Tensor:
    return _columns(boxes, 0, 1)


@_wrong("width and height swapped", "The third number is the width, the fourth the height: x goes with w.")
def _sizes_exchanged(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes[..., [0, 1, 3, 2]])


@_wrong("the width used for both axes", "y1 and y2 need the height.")
def _width_twice(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes[..., [0, 1, 2, 2]])


@_wrong("the height used for both axes", "x1 and x2 need the width.")
def _height_twice(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes[..., [0, 1, 3, 3]])


@_wrong("the inclusive convention", "Here x2 is exclusive: width = x2 - x1, so do not subtract 1.")
def _inclusive(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes) - boxes.new_tensor([0, 0, 1, 1])


@_wrong("one pixel added to the far edges", "Coordinates are continuous: width = x2 - x1, so do not add 1.")
def _one_pixel_more(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes) + boxes.new_tensor([0, 0, 1, 1])


@_wrong("half a conversion", "The last two numbers are still a width and a height.")
def _still_a_size(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., 2:]], -1)


_ENDS_AT_CENTRE = (
    "the centre returned as the bottom-right corner",
    "x2 should be w / 2 to the right of the centre. Was the centre overwritten by x1 before x2 was computed?",
)


@_wrong(*_ENDS_AT_CENTRE)
def _ends_at_centre(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2]], -1)


@_wrong("the centre returned as the top-left corner", "x1 is w / 2 to the left of the centre.")
def _starts_at_centre(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2], boxes[..., :2] + boxes[..., 2:] / 2], -1)


@_wrong("a full size added to the centre", "x1 is right, but x2 is w / 2 from the centre, not w.")
def _centre_plus_size(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:]], -1)


@_wrong("half sizes rounded down", "Coordinates are continuous: use /, not //.")
def _whole_halves(boxes: Tensor) -> Tensor:
    centre, half = boxes[..., :2], boxes[..., 2:] // 2
    return torch.cat([centre - half, centre + half], -1)


@_wrong("corners rounded to whole numbers", "Coordinates are continuous: keep the fractions.")
def _rounded(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes).round()


@_wrong("corners rounded down", "Coordinates are continuous: keep the fractions.")
def _rounded_down(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes).floor()


@_wrong(
    "corners clamped at 0", "A box may extend beyond the image; converting its format must not change it."
)
def _clamped(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes).clamp(min=0)


@_wrong("one row per coordinate", "Each box should be a row: give torch.stack the dimension -1.")
def _stacked_rows(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes).T


@_wrong("rows mistaken for columns", "boxes has one row per box: boxes.unbind(-1) gives its four columns.")
def _rows_unpacked(boxes: Tensor) -> Tensor:
    cx, cy, w, h = boxes
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], -1)


CXCYWH_TO_XYXY.wrong(
    "the caller's boxes overwritten",
    "The corners are right, but the caller still needs the centres: build a new tensor.",
)(overwriting(cxcywh_to_xyxy))

CXCYWH_TO_XYXY.wrong(*_ENDS_AT_CENTRE)(overwriting(_ends_at_centre))

EXERCISES = (CXCYWH_TO_XYXY,)
