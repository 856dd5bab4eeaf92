"""Lab 01, exercise 4: mirror an image and its boxes."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import flip_picture
from classroom.museum.geometry import OLD_BOXES
from coursekit.data.transforms import horizontal_flip

Flipped = tuple[Tensor, dict]


def _judge(arguments: tuple, value: Flipped) -> Flipped:
    """Boxes in double precision are as good."""
    image, target = value
    return image, {name: x.float() if x.dtype == torch.float64 else x for name, x in target.items()}


def _scene(height: int, width: int, *rows: tuple[float, float, float, float]) -> Flipped:
    count = 3 * height * width
    image = torch.arange(count, dtype=torch.float32).reshape(3, height, width) / count
    return image, {"boxes": boxes(*rows), "labels": torch.arange(1, len(rows) + 1)}


HORIZONTAL_FLIP = Exercise(
    horizontal_flip,
    picture=flip_picture,
    judge=_judge,
    hints=(
        "Draw a box near the left edge and its mirror image. Which number of the old box gives the new x1?",
        "new x1 = W - x2, new x2 = W - x1; y stays; the image is flipped along its last axis.",
        'x1, y1, x2, y2 = target["boxes"].unbind(-1); return image.flip(-1), target | {"boxes": torch.stack([...], -1)}.',
    ),
    cases=(
        Case("one box in a 4 × 6 image", _scene(4, 6, (0, 1, 2, 3))),
        Case("a box that touches the right edge", _scene(4, 6, (4, 0, 6, 4))),
        Case("two boxes in an image that is taller than wide", _scene(8, 5, (0, 0, 1, 2), (1.5, 3, 4, 8))),
    ),
)

HORIZONTAL_FLIP.wrong_answers.append(OLD_BOXES.as_wrong_answer())
_wrong = HORIZONTAL_FLIP.wrong


def _with_edges(target: dict, *edges: Tensor) -> dict:
    return target | {"boxes": torch.stack(edges, -1)}


@_wrong("flipped boxes on the old image", "Flip the image too: image.flip(-1).")
def _flip_only_the_boxes(image: Tensor, target: dict) -> Flipped:
    return image, horizontal_flip(image, target)[1]


@_wrong("nothing flipped", "Both the image and its boxes should be mirrored.")
def _flip_nothing(image: Tensor, target: dict) -> Flipped:
    return image, target


@_wrong("edges that were not swapped", "The left edge becomes the right one: new x1 = W - old x2.")
def _flip_without_exchange(image: Tensor, target: dict) -> Flipped:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    width = image.shape[-1]
    return image.flip(-1), _with_edges(target, width - x1, y1, width - x2, y2)


@_wrong("edges swapped, but not mirrored", "new x1 = W - old x2, with the width W of the image.")
def _flip_without_width(image: Tensor, target: dict) -> Flipped:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    return image.flip(-1), _with_edges(target, x2, y1, x1, y2)


@_wrong(
    "boxes mirrored at the left edge of the image", "Negative x lies outside the image: new x1 = W - old x2."
)
def _flip_around_zero(image: Tensor, target: dict) -> Flipped:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    return image.flip(-1), _with_edges(target, -x2, y1, -x1, y2)


@_wrong("boxes mirrored as fractions", "The boxes are in pixels: the width is image.shape[-1], not 1.")
def _flip_fractions(image: Tensor, target: dict) -> Flipped:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    return image.flip(-1), _with_edges(target, 1 - x2, y1, 1 - x1, y2)


@_wrong(
    "the four numbers of a box reversed",
    "Flip the image, but compute the boxes: new x1 = W - old x2, and y stays.",
)
def _flip_columns_of_boxes(image: Tensor, target: dict) -> Flipped:
    return image.flip(-1), target | {"boxes": target["boxes"].flip(-1)}


@_wrong("a left edge that stays where it was", "Both edges move: new x1 = W - old x2, new x2 = W - old x1.")
def _flip_right_edge_only(image: Tensor, target: dict) -> Flipped:
    x1, y1, _, y2 = target["boxes"].unbind(-1)
    return image.flip(-1), _with_edges(target, x1, y1, image.shape[-1] - x1, y2)


@_wrong(
    "a right edge that stays where it was",
    "Both edges move: new x2 = W - old x1. Was x1 overwritten before x2 was computed from it?",
)
def _flip_left_edge_only(image: Tensor, target: dict) -> Flipped:
    _, y1, x2, y2 = target["boxes"].unbind(-1)
    return image.flip(-1), _with_edges(target, image.shape[-1] - x2, y1, x2, y2)


@_wrong("a vertical flip", "Left and right are the last axis of (3, H, W).")
def _flip_upside_down(image: Tensor, target: dict) -> Flipped:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    height = image.shape[-2]
    return image.flip(-2), _with_edges(target, x1, height - y2, x2, height - y1)


@_wrong(
    "an image flipped upside down", "The boxes are right, but left and right are the last axis of (3, H, W)."
)
def _flip_image_upside_down(image: Tensor, target: dict) -> Flipped:
    return image.flip(-2), horizontal_flip(image, target)[1]


@_wrong(
    "boxes flipped upside down", "The image is right, but a mirror does not change y: only x1 and x2 change."
)
def _flip_boxes_upside_down(image: Tensor, target: dict) -> Flipped:
    return image.flip(-1), _flip_upside_down(image, target)[1]


@_wrong("boxes mirrored on both axes", "A mirror does not change y: only x1 and x2 change.")
def _flip_boxes_twice(image: Tensor, target: dict) -> Flipped:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    height, width = image.shape[-2:]
    return image.flip(-1), _with_edges(target, width - x2, height - y2, width - x1, height - y1)


@_wrong("half a turn", "A mirror swaps left and right only: flip the last axis, and leave y as it is.")
def _flip_both_axes(image: Tensor, target: dict) -> Flipped:
    return image.flip(-2, -1), _flip_boxes_twice(image, target)[1]


@_wrong(
    "an image rotated by half a turn",
    "The boxes are right, but the image should be flipped along its last axis only.",
)
def _flip_image_twice(image: Tensor, target: dict) -> Flipped:
    return image.flip(-2, -1), horizontal_flip(image, target)[1]


@_wrong("flipped colours", "The first axis of (3, H, W) is the colour channel: flip the last one.")
def _flip_channels(image: Tensor, target: dict) -> Flipped:
    return image.flip(0), horizontal_flip(image, target)[1]


@_wrong("colours, rows and columns flipped", "Tell flip which axis to use: image.flip(-1).")
def _flip_everything(image: Tensor, target: dict) -> Flipped:
    return image.flip(0, 1, 2), horizontal_flip(image, target)[1]


@_wrong("the height used instead of the width", "Square images hide this bug; this one is not square.")
def _flip_with_the_height(image: Tensor, target: dict) -> Flipped:
    return image.flip(-1), horizontal_flip(image.mT, target)[1]


@_wrong("the inclusive convention", "x2 is exclusive here: mirror it with W, not W - 1.")
def _flip_one_pixel_off(image: Tensor, target: dict) -> Flipped:
    flipped, mirrored = horizontal_flip(image, target)
    return flipped, mirrored | {"boxes": mirrored["boxes"] - torch.tensor([1.0, 0.0, 1.0, 0.0])}


@_wrong("the boxes in reverse order", "Box i still belongs to label i: keep the order of the rows.")
def _flip_order(image: Tensor, target: dict) -> Flipped:
    flipped, mirrored = horizontal_flip(image, target)
    return flipped, mirrored | {"boxes": mirrored["boxes"].flip(0)}


@_wrong("labels missing", "The new dict needs the labels too: target | {...} keeps them.")
def _flip_without_labels(image: Tensor, target: dict) -> Flipped:
    flipped, mirrored = horizontal_flip(image, target)
    return flipped, {"boxes": mirrored["boxes"]}


@_wrong(
    "the caller's target changed",
    "The mirrored boxes are right, but the old dict and its boxes should not change: make new ones.",
)
def _flip_in_place(image: Tensor, target: dict) -> Flipped:
    flipped, mirrored = horizontal_flip(image, target)
    target["boxes"] = mirrored["boxes"]
    return flipped, target


@_wrong(
    "the caller's image changed",
    "The result is right, but the old image should not change: image.flip makes a new one.",
)
def _flip_image_in_place(image: Tensor, target: dict) -> Flipped:
    flipped, mirrored = horizontal_flip(image, target)
    return image.copy_(flipped), mirrored


EXERCISES = (HORIZONTAL_FLIP,)
