"""Lab 14, third part: the cells of a mask, resized to its box in the image."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import masks_picture
from coursekit import ops


def paste_in_image(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """Each mask resized to its box, bilinearly, in an image of zeros: (D, 1, m, m), (D, 4) -> (D, 1, H, W)."""
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


def judge_paste(arguments: tuple, value: Tensor) -> Tensor:
    """Return the value, with the reference's in every pixel where the exercise allows several.

    In the outer half of the outermost cells a mask may fade into the zeros around the box or keep its value, and it
    may fade on for half a cell beyond the box or end there.
    """
    masks, box, img_shape = arguments
    wanted, level = _pasted(masks, box, img_shape), _pasted(masks, box, img_shape, padding_mode="border")
    if not isinstance(value, Tensor) or value.shape != wanted.shape or value.dtype != wanted.dtype:
        return value
    x1, y1, x2, y2 = box[:, :, None].unbind(1)
    u, v = (
        (torch.arange(n) + 0.5 - a) / (b - a)
        for n, a, b in zip(img_shape[::-1], (x1, y1), (x2, y2), strict=True)
    )
    inside, well_inside = (
        (v > -by)[:, None, :, None]
        & (v < 1 + by)[:, None, :, None]
        & (u > -by)[:, None, None]
        & (u < 1 + by)[:, None, None]
        for by in (1e-5, -1e-5)
    )
    kept = inside & torch.isclose(value, level, atol=1e-5)
    ended = ~well_inside & (value.abs() < 1e-5)
    return torch.where(kept | ended, wanted, value)


_OBLIQUE = torch.tensor([[0.9, 0.8, 0.7], [0.2, 0.9, 0.1], [0.3, 0.6, 0.2]])[None, None]

PASTE_IN_IMAGE = Exercise(
    paste_in_image,
    picture=masks_picture,
    judge=judge_paste,
    hints=(
        "For each pixel of the image, compute where in the box it is. Then read the mask there.",
        "u = (j + 0.5 - x1) / (x2 - x1) runs from 0 to 1 across the box. F.grid_sample counts from -1 to 1: 2 u - 1. "
        "Its grid is (D, H, W, 2), x before y, and everything outside the mask is 0.",
        "height, width = img_shape\n"
        "x1, y1, x2, y2 = boxes[:, :, None].unbind(1)  # (D, 1) each\n"
        "x = (torch.arange(width) + 0.5 - x1) / (x2 - x1) * 2 - 1  # -1 and 1 are the edges of the box\n"
        "y = …\n"
        "grid = torch.stack([x[:, None].expand(-1, height, -1), …], -1)  # (D, H, W, 2)\n"
        "return F.grid_sample(masks, grid, align_corners=False)",
    ),
    cases=(
        Case("one cell of ones, two pixels per side", (torch.ones(1, 1, 1, 1), boxes((2, 1, 4, 3)), (4, 7))),
        Case("3 x 3 cells, one pixel each", (_OBLIQUE, boxes((3, 1, 6, 4)), (6, 9))),
        Case("a box with fractions", (_OBLIQUE, boxes((2.4, 1.7, 11.1, 8.2)), (10, 14))),
        Case(
            "three boxes, one extends beyond the image",
            (_cells(3, 7), boxes((1, 2, 18, 9), (20.5, -4, 40, 11.5), (5, 5, 9, 12)), (13, 30)),
        ),
        Case("no detections", (_cells(0, 28), boxes(), (5, 8))),
    ),
)


@PASTE_IN_IMAGE.wrong(
    "corners of pixels instead of their centres",
    "The centre of pixel j is at j + 0.5: without the 0.5 the mask is half a pixel too far to the right and down.",
)
def _from_the_corner(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, centre=0.0)


@PASTE_IN_IMAGE.wrong(
    "align_corners=True",
    "Then the centres of the outer cells lie on the edges of the box, and the mask grows by most of a cell.",
)
def _aligned_corners(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, align_corners=True)


@PASTE_IN_IMAGE.wrong("x and y swapped", "grid_sample takes x first, then y: the mask lies transposed.")
def _turned(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, swapped=True)


@PASTE_IN_IMAGE.wrong(
    "a threshold before the resizing",
    "Apply the threshold afterwards: from cells of 0 and 1 you get a boundary with steps.",
)
def _cut_before(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return paste_in_image((masks > 0.5).float(), boxes, img_shape)


@PASTE_IN_IMAGE.wrong(
    "a mask without an end",
    "Outside its box a mask is 0: the last cells must not continue to the edge of the image.",
)
def _without_end(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, padding_mode="border")


@PASTE_IN_IMAGE.wrong(
    "the nearest cell instead of those around it",
    "That gives squares as large as cells: bilinear interpolation smooths them.",
)
def _nearest(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape, mode="nearest")


@PASTE_IN_IMAGE.wrong(
    "coursekit's own paste, which rounds",
    "ops.paste_masks works like torchvision: it moves the box to whole pixels. Here the box stays where it is.",
)
def _whole_pixels(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return ops.paste_masks(masks, boxes, img_shape)


def _other_boxes(name: str, story: str, change: Callable[[Tensor, tuple[int, int]], Tensor]) -> None:
    """Add the answer that pastes into other boxes."""
    PASTE_IN_IMAGE.wrong(name, story)(
        lambda masks, boxes, img_shape: _pasted(masks, change(boxes, img_shape), img_shape)
    )


_other_boxes(
    "x2 and y2 used as width and height",
    "The box is xyxy: its width is x2 - x1.",
    lambda boxes, _: torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1),
)
_other_boxes(
    "a mask resized to the whole image",
    "The cells cover the box, not the image.",
    lambda boxes, shape: boxes.new_tensor([0, 0, *shape[::-1]]).expand_as(boxes),
)
_other_boxes(
    "boxes rounded to whole pixels",
    "The box stays where it is, even between pixels.",
    lambda boxes, _: boxes.round(),
)
_other_boxes(
    "the first box for all", "Each mask has its own box.", lambda boxes, _: boxes[:1].expand_as(boxes)
)
_other_boxes(
    "a box one pixel too wide and too tall",
    "x2 and y2 are exclusive: the width is x2 - x1.",
    lambda boxes, _: boxes + torch.tensor([0.0, 0, 1, 1]),
)
_other_boxes(
    "half a pixel too far in the other direction",
    "The centre of pixel j is at j + 0.5, not j - 0.5 or j + 1.",
    lambda boxes, _: boxes - 0.5,
)


@PASTE_IN_IMAGE.wrong("a grid from 0 to 1", "F.grid_sample counts from -1 to 1 over the mask: 2 u - 1.")
def _from_zero_to_one(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    start, extent = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
    return _pasted(masks, torch.cat([start - extent, start + extent], 1), img_shape)


@PASTE_IN_IMAGE.wrong("width before height", "img_shape is (H, W), and the result (D, 1, H, W).")
def _width_first(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape[::-1])


@PASTE_IN_IMAGE.wrong(
    "a mask upsampled to the size of the image", "The cells cover the box: everything outside it is 0."
)
def _enlarged(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return F.interpolate(masks, tuple(img_shape), mode="bilinear", align_corners=False)


@PASTE_IN_IMAGE.wrong(
    "pixels thresholded at 0.5",
    "Return the interpolated values; the notebook cells below apply the threshold.",
)
def _cut_after(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return (_pasted(masks, boxes, img_shape) > 0.5).to(masks)


@PASTE_IN_IMAGE.wrong("a result without its channel axis", "The result is (D, 1, H, W).")
def _without_the_axis(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks, boxes, img_shape)[:, 0]


@PASTE_IN_IMAGE.wrong("masks upside down", "Row 0 of the mask is at the upper edge of the box, at -1.")
def _upside_down(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks.flip(2), boxes, img_shape)


@PASTE_IN_IMAGE.wrong(
    "masks mirrored left to right", "Column 0 of the mask is at the left edge of the box, at -1."
)
def _mirrored(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    return _pasted(masks.flip(3), boxes, img_shape)


@PASTE_IN_IMAGE.wrong(
    "upsampled copies at whole pixels",
    "The box stays where it is, even between pixels: compute where each pixel lies in it.",
)
def _copies(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    height, width = img_shape
    out = masks.new_zeros(len(masks), 1, height, width)
    for mask, canvas, box in zip(masks, out, boxes, strict=True):
        x1, y1, x2, y2 = [*box[:2].floor().long().tolist(), *box[2:].ceil().long().tolist()]
        large = F.interpolate(mask[None], (y2 - y1, x2 - x1), mode="bilinear")[0]
        top, left = max(y1, 0), max(x1, 0)
        part = large[:, top - y1 : height - y1, left - x1 : width - x1]
        canvas[:, top : top + part.shape[1], left : left + part.shape[2]] = part
    return out


@PASTE_IN_IMAGE.wrong("an error without detections", "Without detections the result is (0, 1, H, W).")
def _error_without_detections(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    if not len(masks):
        raise Exception  # whatever the error
    return _pasted(masks, boxes, img_shape)


EXERCISES = (PASTE_IN_IMAGE,)
