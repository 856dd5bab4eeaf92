"""Lab 14, third part: the cells of a mask, stretched over its box in the image."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import masks_picture
from coursekit import ops


def paste_in_image(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """Each mask stretched over its box, bilinearly, in an image of zeros: (D, 1, m, m), (D, 4) -> (D, 1, H, W)."""
    return _pasted(masks, boxes, img_shape)


def _pasted(
    masks: Tensor, boxes: Tensor, img_shape: tuple[int, int], centre: float = 0.5, swapped=False, **options
) -> Tensor:
    height, width = img_shape
    x1, y1, x2, y2 = boxes[:, :, None].unbind(1)  # four times (D, 1)
    x = (torch.arange(width) + centre - x1) / (x2 - x1) * 2 - 1  # (D, W), from -1 to 1 across the box
    y = (torch.arange(height) + centre - y1) / (y2 - y1) * 2 - 1  # (D, H)
    places = [x[:, None].expand(-1, height, -1), y[:, :, None].expand(-1, -1, width)]
    grid = torch.stack(places[::-1] if swapped else places, -1)  # (D, H, W, 2)
    return F.grid_sample(masks, grid, **({"align_corners": False} | options))


def _cells(count: int, m: int, seed: int = 0) -> Tensor:
    return uniform(count, 1, m, m, seed=seed)


_OBLIQUE = torch.tensor([[0.9, 0.8, 0.7], [0.2, 0.9, 0.1], [0.3, 0.6, 0.2]])[None, None]

PASTE_IN_IMAGE = Exercise(
    paste_in_image,
    picture=masks_picture,
    hints=(
        "Ask of each pixel of the image: where in the box am I? Then look there into the mask.",
        "u = (j + 0.5 - x1) / (x2 - x1) runs from 0 to 1 across the box. F.grid_sample counts from -1 to 1: 2 u - 1. "
        "Its grid is (D, H, W, 2), x before y, and what lies outside of the mask is 0.",
        "x = (torch.arange(width) + 0.5 - x1) / (x2 - x1) * 2 - 1 with x1 of shape (D, 1); y likewise; "
        "grid = torch.stack([x[:, None, :].expand(...), y[:, :, None].expand(...)], -1); "
        "F.grid_sample(masks, grid, align_corners=False)",
    ),
    cases=(
        Case("one cell of ones, two pixels a side", (torch.ones(1, 1, 1, 1), boxes((2, 1, 4, 3)), (4, 7))),
        Case("3 x 3 cells, a pixel each", (_OBLIQUE, boxes((3, 1, 6, 4)), (6, 9))),
        Case("a box with fractions", (_OBLIQUE, boxes((2.4, 1.7, 11.1, 8.2)), (10, 14))),
        Case(
            "three boxes, one leaves the image",
            (_cells(3, 7), boxes((1, 2, 18, 9), (20.5, -4, 40, 11.5), (5, 5, 9, 12)), (13, 30)),
        ),
        Case("no detection", (_cells(0, 28), boxes(), (5, 8))),
    ),
)


@PASTE_IN_IMAGE.wrong(
    "corners of pixels instead of their centres",
    "The centre of pixel j is at j + 0.5: without it the mask sits half a pixel to the right and below.",
)
def _from_the_corner(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, centre=0.0)


@PASTE_IN_IMAGE.wrong(
    "align_corners=True",
    "Then the centres of the outer cells lie on the edges of the box, and the mask grows by most of a cell.",
)
def _aligned_corners(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, align_corners=True)


@PASTE_IN_IMAGE.wrong("x and y exchanged", "grid_sample takes x first, then y: the mask lies transposed.")
def _turned(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, swapped=True)


@PASTE_IN_IMAGE.wrong("a mask stretched over the whole image", "The cells cover the box, not the image.")
def _over_the_image(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes.new_tensor([0, 0, *img_shape[::-1]]).expand_as(boxes), img_shape)


@PASTE_IN_IMAGE.wrong(
    "a threshold before the stretching",
    "Cut afterwards: of cells of 0 and 1 the boundary comes out in steps.",
)
def _cut_before(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return paste_in_image((masks > 0.5).float(), boxes, img_shape)


@PASTE_IN_IMAGE.wrong(
    "a mask without an end",
    "Outside its box a mask is 0: the last cells must not go on to the edge of the image.",
)
def _without_end(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, padding_mode="border")


@PASTE_IN_IMAGE.wrong(
    "the nearest cell instead of those around it",
    "Squares as large as cells: bilinear interpolation smooths them.",
)
def _nearest(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, mode="nearest")


@PASTE_IN_IMAGE.wrong("x2 and y2 taken for width and height", "The box is xyxy: its width is x2 - x1.")
def _as_sides(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return paste_in_image(masks, torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1), img_shape)


@PASTE_IN_IMAGE.wrong(
    "coursekit's own paste, which rounds",
    "ops.paste_masks does as torchvision: it moves the box to whole pixels. Here the box stays where it is.",
)
def _whole_pixels(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return ops.paste_masks(masks, boxes, img_shape)


EXERCISES = (PASTE_IN_IMAGE,)
