"""Lab 01, exercise 6: from the outputs of a network to pixels."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import boxes_picture
from classroom.exercises.readings import any_precision
from classroom.museum.geometry import ONE_SIZE_FOR_ALL
from coursekit import ops
from coursekit.models.localiser import decode_box

_OUTPUTS = torch.tensor([[0.5, 0.5, 0.5, 0.25], [0.25, 0.75, 0.2, 0.1]])
_OVER_THE_EDGE = torch.tensor([[0.125, 0.875, 0.5, 0.75]])

DECODE_BOX = Exercise(
    decode_box,
    picture=boxes_picture,
    judge=any_precision,
    speed=lambda: (torch.rand(1000, 4), torch.full((1000, 2), 192)),
    hints=(
        "What does (0.5, 0.5, 1, 1) mean? Which pixels should come out for a 100 × 200 image?",
        "Scale (cx, cy, w, h) by (W, H, W, H), then convert to corners.",
        "height, width = sizes.unbind(-1); scale = torch.stack([width, height, width, height], -1).",
    ),
    cases=(
        Case("one box, a 100 × 200 image", (_OUTPUTS[:1], torch.tensor([[100, 200]]))),
        Case("a box that extends beyond the image", (_OVER_THE_EDGE, torch.tensor([[80, 40]]))),
        Case("two boxes, two images of one size", (_OUTPUTS, torch.tensor([[100, 200], [100, 200]]))),
        Case("two images of different sizes", (_OUTPUTS, torch.tensor([[100, 200], [300, 60]]))),
        Case(
            "gradients with respect to the outputs",
            (_OUTPUTS, torch.tensor([[100, 200], [300, 60]])),
            gradient=(0,),
        ),
    ),
)

DECODE_BOX.wrong_answers.append(ONE_SIZE_FOR_ALL.as_wrong_answer())
_wrong = DECODE_BOX.wrong


def _scale(sizes: Tensor) -> Tensor:
    """Width, height, width, height of each image: (N, 4)."""
    return sizes[:, [1, 0, 1, 0]]


def _corners(boxes: Tensor) -> Tensor:
    return ops.box_convert(boxes, "cxcywh", "xyxy")


@_wrong("height and width swapped", "A size is (H, W), but a box is (x, y): x goes with W.")
def _decode_exchanged(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes.flip(-1))


@_wrong("the height used for both sides", "x and the width of a box go with the width of the image.")
def _decode_by_height(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs * sizes[:, :1])


@_wrong("the width used for both sides", "y and the height of a box go with the height of the image.")
def _decode_by_width(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs * sizes[:, 1:])


@_wrong("the longer side used for both sides", "x goes with the width of the image, y with its height.")
def _decode_by_longer_side(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs * sizes.amax(1, keepdim=True))


@_wrong("the shorter side used for both sides", "x goes with the width of the image, y with its height.")
def _decode_by_shorter_side(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs * sizes.amin(1, keepdim=True))


@_wrong("the size of the last image used for all images", "Each box belongs to an image of its own size.")
def _decode_with_the_last_size(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes[-1:].expand_as(sizes))


@_wrong("192 pixels for every image", "The sides of each image are in `sizes`.")
def _decode_192(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs * 192)


@_wrong("a box in fractions of the image", "The boxes should be in pixels: multiply by the size.")
def _decode_normalised(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs)


@_wrong("divided by the size", "To go from fractions to pixels, multiply.")
def _decode_divided(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs / _scale(sizes))


@_wrong("a centre mistaken for a corner", "The network predicts the centre of the box.")
def _decode_corner(outputs: Tensor, sizes: Tensor) -> Tensor:
    return ops.box_convert(outputs * _scale(sizes), "xywh", "xyxy")


@_wrong("the outputs mistaken for corners", "The outputs are a centre and a size: convert them to corners.")
def _decode_without_corners(outputs: Tensor, sizes: Tensor) -> Tensor:
    return outputs * _scale(sizes)


@_wrong("half a conversion", "The top-left corner is right; add the width and the height to it.")
def _decode_to_xywh(outputs: Tensor, sizes: Tensor) -> Tensor:
    return ops.box_convert(outputs * _scale(sizes), "cxcywh", "xyxy") - torch.cat(
        [torch.zeros_like(outputs[:, :2]), _corners(outputs * _scale(sizes))[:, :2]], 1
    )


@_wrong("the full size instead of half of it", "The distance from the centre to an edge is half the width.")
def _decode_twice_as_large(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs * _scale(sizes) * outputs.new_tensor([1, 1, 2, 2]))


@_wrong("x and y swapped", "The order is x first: (x1, y1, x2, y2).")
def _decode_rows_first(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes)[:, [1, 0, 3, 2]]


@_wrong("the coordinates grouped by axis", "The order is (x1, y1, x2, y2), not (x1, x2, y1, y2).")
def _decode_by_axis(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes)[:, [0, 2, 1, 3]]


@_wrong("width and height of the box swapped", "The third output is the width, the fourth the height.")
def _decode_sizes_exchanged(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners((outputs * _scale(sizes))[:, [0, 1, 3, 2]])


@_wrong("only the centre in pixels", "The width and height are fractions too: scale all four numbers.")
def _decode_centres(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(torch.cat([outputs[:, :2] * sizes.flip(1), outputs[:, 2:]], 1))


@_wrong("only the size in pixels", "The centre is a fraction too: scale all four numbers.")
def _decode_sizes(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(torch.cat([outputs[:, :2], outputs[:, 2:] * sizes.flip(1)], 1))


@_wrong("a second sigmoid", "The outputs are fractions already: use them as they are.")
def _decode_sigmoid(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs.sigmoid(), sizes)


@_wrong(
    "a box clipped to the image",
    "A predicted box may extend beyond the image, and clipping would remove its gradient.",
)
def _decode_clipped(outputs: Tensor, sizes: Tensor) -> Tensor:
    corners = decode_box(outputs, sizes)
    return torch.minimum(corners.clamp(min=0), _scale(sizes).to(corners))


@_wrong(
    "corners clamped at 0", "A predicted box may extend beyond the image, so negative corners are allowed."
)
def _decode_clamped_low(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes).clamp(min=0)


@_wrong("corners rounded to whole pixels", "Coordinates are continuous, and rounding removes the gradient.")
def _decode_rounded(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes).round()


@_wrong("the inclusive convention", "Here x2 is exclusive: width = x2 - x1, so do not subtract 1.")
def _decode_inclusive(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes) - outputs.new_tensor([0, 0, 1, 1])


@_wrong(
    "sizes of W - 1 and H - 1", "Fractions refer to the whole image, from edge to edge: multiply by W and H."
)
def _decode_last_pixel(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes - 1)


@_wrong(
    "a box without gradient",
    "The network learns through this function: use tensors all the way, no .item(), .tolist() or .detach().",
)
def _decode_without_gradient(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs.detach(), sizes)


@_wrong(
    "the caller's outputs overwritten",
    "The boxes are right, but the caller's outputs have changed: build a new tensor.",
)
def _decode_in_place(outputs: Tensor, sizes: Tensor) -> Tensor:
    return _corners(outputs.mul_(_scale(sizes)))


EXERCISES = (DECODE_BOX,)
