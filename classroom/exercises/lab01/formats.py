"""Lab 01, section 2: box formats."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import boxes_picture
from coursekit import ops


def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    """Corners of boxes given by centre and size: (N, 4) to (N, 4)."""
    return ops.box_convert(boxes, "cxcywh", "xyxy")


CXCYWH_TO_XYXY = Exercise(
    cxcywh_to_xyxy,
    picture=boxes_picture,
    speed=lambda: (random_boxes(10_000),),
    hints=(
        "Draw one box on paper. How far is its left edge from its centre?",
        "x1 = cx - w/2, y1 = cy - h/2, x2 = cx + w/2, y2 = cy + h/2.",
        "cx, cy, w, h = boxes.unbind(-1), then torch.stack([...], -1).",
    ),
    cases=(
        Case("one square box", (boxes((50, 50, 20, 20)),)),
        Case("one box, wider than high", (boxes((60, 30, 40, 10)),)),
        Case("a box with an odd width", (boxes((10, 20, 5, 3)),)),
        Case("three boxes", (boxes((50, 40, 20, 10), (10, 10, 4, 8), (90, 5, 6, 2)),)),
        Case("no box at all", (boxes(),)),
        Case("gradients", (boxes((60, 30, 40, 10), (5, 9, 2, 4)),), gradient=True),
    ),
)


@CXCYWH_TO_XYXY.wrong("the full size instead of half of it", "From the centre to an edge it is w / 2.")
def _no_half(boxes: Tensor) -> Tensor:
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w, cy - h, cx + w, cy + h], -1)


@CXCYWH_TO_XYXY.wrong("xywh taken for cxcywh", "(cx, cy) is the centre, not the top-left corner.")
def _from_corner(boxes: Tensor) -> Tensor:
    return ops.box_convert(boxes, "xywh", "xyxy")


@CXCYWH_TO_XYXY.wrong("x and y exchanged", "The order is x first: (x1, y1, x2, y2).")
def _transposed(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes)[..., [1, 0, 3, 2]]


@CXCYWH_TO_XYXY.wrong(
    "the inclusive convention", "Here x2 is exclusive: width = x2 - x1, with no pixel to spare."
)
def _inclusive(boxes: Tensor) -> Tensor:
    return cxcywh_to_xyxy(boxes) - boxes.new_tensor([0, 0, 1, 1])


@CXCYWH_TO_XYXY.wrong("half a conversion", "The last two numbers are still a width and a height.")
def _still_a_size(boxes: Tensor) -> Tensor:
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., 2:]], -1)


FORMATS = ("xyxy", "cxcywh", "yxyx", "cxcywh, normalised", "xywh", "xyxy, normalised")
ANSWERS = dict(zip("ABCDEF", FORMATS, strict=True))


def spot_formats() -> dict[str, str]:
    """The format of each of the six arrays of lab 01."""
    return dict(ANSWERS)


SPOT_FORMATS = Exercise(
    spot_formats,
    hints=(
        "Draw each array as if it were xyxy. Which rectangle lies on the cup?",
        "Numbers below 1 are normalised. Where the third number is smaller than the first, it cannot be x2.",
        "A is xyxy in pixels. C holds the same four numbers as A. D and F are normalised.",
    ),
    cases=(Case("the six arrays", ()),),
)


@SPOT_FORMATS.wrong("xyxy and xywh exchanged", "In A the third number is an edge, in E it is a width.")
def _edges_and_sizes() -> dict[str, str]:
    return ANSWERS | {"A": "xywh", "E": "xyxy"}


@SPOT_FORMATS.wrong("centre and corner exchanged", "Is (x, y) of B inside the cup or at its corner?")
def _centre_and_corner() -> dict[str, str]:
    return ANSWERS | {"B": "xywh", "E": "cxcywh"}


@SPOT_FORMATS.wrong("yxyx taken for xyxy", "C has the numbers of A in another order: rows come first.")
def _columns_first() -> dict[str, str]:
    return ANSWERS | {"C": "xyxy"}


@SPOT_FORMATS.wrong(
    "the pair of normalised arrays exchanged", "In F the third number is larger than the first."
)
def _normalised_pair() -> dict[str, str]:
    return ANSWERS | {"D": "xyxy, normalised", "F": "cxcywh, normalised"}


EXERCISES = (CXCYWH_TO_XYXY, SPOT_FORMATS)
