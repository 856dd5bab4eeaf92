"""Lab 01, sections 5 and 6: flipping a picture with its boxes, and decoding what a network says."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import boxes_picture, flip_picture
from classroom.museum.geometry import OLD_BOXES, ONE_SIZE_FOR_ALL
from coursekit import ops
from coursekit.data.transforms import horizontal_flip
from coursekit.models.localiser import decode_box


def _scene(height: int, width: int, *rows: tuple[float, float, float, float]) -> tuple[Tensor, dict]:
    image = torch.arange(3 * height * width, dtype=torch.float32).reshape(3, height, width) / (
        3 * height * width
    )
    return image, {"boxes": boxes(*rows), "labels": torch.arange(1, len(rows) + 1)}


# ---------------------------------------------------------------- flipping

HORIZONTAL_FLIP = Exercise(
    horizontal_flip,
    picture=flip_picture,
    hints=(
        "Draw a box near the left edge and its mirror image. Which number of the old box gives the new x1?",
        "new x1 = W - x2, new x2 = W - x1; y stays; the picture is flipped along its last axis.",
        'x1, y1, x2, y2 = target["boxes"].unbind(-1); return image.flip(-1), target | {"boxes": torch.stack([...], -1)}.',
    ),
    cases=(
        Case("one box in a 4 × 6 picture", _scene(4, 6, (0, 1, 2, 3))),
        Case("a box that touches the right edge", _scene(4, 6, (4, 0, 6, 4))),
        Case("two boxes in a picture that is higher than wide", _scene(8, 5, (0, 0, 1, 2), (1.5, 3, 4, 8))),
        Case("an empty scene", _scene(4, 6)),
    ),
)

HORIZONTAL_FLIP.wrong_answers.append(OLD_BOXES.as_wrong_answer())


@HORIZONTAL_FLIP.wrong("flipped boxes on the old picture", "Flip the picture too: image.flip(-1).")
def _flip_only_the_boxes(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    return image, horizontal_flip(image, target)[1]


def _with_edges(target: dict, *edges: Tensor) -> dict:
    return target | {"boxes": torch.stack(edges, -1)}


@HORIZONTAL_FLIP.wrong(
    "edges that were not exchanged", "The left edge becomes the right one: new x1 = W - old x2."
)
def _flip_without_exchange(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    width = image.shape[-1]
    return image.flip(-1), _with_edges(target, width - x1, y1, width - x2, y2)


@HORIZONTAL_FLIP.wrong("a vertical flip", "Left and right are the last axis of (3, H, W).")
def _flip_upside_down(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    height = image.shape[-2]
    return image.flip(-2), _with_edges(target, x1, height - y2, x2, height - y1)


@HORIZONTAL_FLIP.wrong(
    "the height taken for the width", "Square pictures hide this bug; this one is not square."
)
def _flip_with_the_height(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    return image.flip(-1), horizontal_flip(image.mT, target)[1]


@HORIZONTAL_FLIP.wrong("the inclusive convention", "x2 is exclusive here: mirror it with W, not W - 1.")
def _flip_one_pixel_off(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    flipped, mirrored = horizontal_flip(image, target)
    return flipped, mirrored | {"boxes": mirrored["boxes"] - torch.tensor([1.0, 0.0, 1.0, 0.0])}


# ---------------------------------------------------------------- decoding

_OUTPUTS = torch.tensor([[0.5, 0.5, 0.5, 0.25], [0.25, 0.75, 0.2, 0.1]])

DECODE_BOX = Exercise(
    decode_box,
    picture=boxes_picture,
    speed=lambda: (torch.rand(1000, 4), torch.full((1000, 2), 192)),
    hints=(
        "What does (0.5, 0.5, 1, 1) mean? Which pixels should come out for a 100 × 200 picture?",
        "Scale (cx, cy, w, h) by (W, H, W, H), then convert to corners.",
        "height, width = sizes.unbind(-1); scale = torch.stack([width, height, width, height], -1).",
    ),
    cases=(
        Case("one box, a 100 × 200 picture", (_OUTPUTS[:1], torch.tensor([[100, 200]]))),
        Case("two boxes, two pictures of one size", (_OUTPUTS, torch.tensor([[100, 200], [100, 200]]))),
        Case("two pictures of different sizes", (_OUTPUTS, torch.tensor([[100, 200], [300, 60]]))),
        Case("no picture at all", (_OUTPUTS[:0], torch.zeros(0, 2, dtype=torch.int64))),
        Case("gradients", (_OUTPUTS, torch.tensor([[100, 200], [300, 60]])), gradient=True),
    ),
)


@DECODE_BOX.wrong("height and width exchanged", "A size is (H, W), but a box is (x, y): x goes with W.")
def _decode_exchanged(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes.flip(-1))


DECODE_BOX.wrong_answers.append(ONE_SIZE_FOR_ALL.as_wrong_answer())


@DECODE_BOX.wrong("a box in fractions of the picture", "The answer is in pixels: multiply by the size.")
def _decode_normalised(outputs: Tensor, sizes: Tensor) -> Tensor:
    return ops.box_convert(outputs, "cxcywh", "xyxy")


@DECODE_BOX.wrong("a centre taken for a corner", "The network gives the centre of the box.")
def _decode_corner(outputs: Tensor, sizes: Tensor) -> Tensor:
    height, width = sizes.unbind(-1)
    return ops.box_convert(outputs * torch.stack([width, height, width, height], -1), "xywh", "xyxy")


@DECODE_BOX.wrong("centre and size in pixels, not corners", "Convert to xyxy after scaling.")
def _decode_without_corners(outputs: Tensor, sizes: Tensor) -> Tensor:
    height, width = sizes.unbind(-1)
    return outputs * torch.stack([width, height, width, height], -1)


EXERCISES = (HORIZONTAL_FLIP, DECODE_BOX)
