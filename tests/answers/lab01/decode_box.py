"""Answers to `decode_box` (lab 01), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def right_by_scaling_first(outputs: Tensor, sizes: Tensor) -> Tensor:
    """Fractions to pixels (width, height, width, height), then centres to corners."""
    cx, cy, w, h = (outputs * sizes[:, [1, 0, 1, 0]]).unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], dim=-1)


def right_by_scaling_last(outputs: Tensor, sizes: Tensor) -> Tensor:
    """Corners as fractions of the picture first, then pixels."""
    corners = torch.cat([outputs[:, :2] - outputs[:, 2:] / 2, outputs[:, :2] + outputs[:, 2:] / 2], dim=1)
    return corners * sizes.flip(1).repeat(1, 2)


def right_by_loops(outputs: Tensor, sizes: Tensor) -> Tensor:
    """Picture by picture; the gradient survives, and no picture gives an empty (0, 4)."""
    boxes = torch.empty_like(outputs)
    for i in range(len(outputs)):
        high, wide = sizes[i]
        cx, cy, w, h = outputs[i]
        boxes[i, 0], boxes[i, 2] = wide * (cx - w / 2), wide * (cx + w / 2)
        boxes[i, 1], boxes[i, 3] = high * (cy - h / 2), high * (cy + h / 2)
    return boxes


def right_by_library(outputs: Tensor, sizes: Tensor) -> Tensor:
    """Torchvision converts; the sizes become float64 and so do the boxes."""
    high, wide = sizes.double().unbind(-1)
    return torchvision.ops.box_convert(outputs, "cxcywh", "xyxy") * torch.stack([wide, high, wide, high], 1)


def _corners(boxes):
    half = boxes[:, 2:] / 2
    return torch.cat([boxes[:, :2] - half, boxes[:, :2] + half], dim=1)


def wrong_height_for_x(outputs, sizes):
    """Multiplies x by the height and y by the width: wrong for every picture that is not a square."""
    return _corners(outputs * sizes.repeat(1, 2))


def wrong_size_of_the_first_picture(outputs, sizes):
    """Scales all boxes by the size of picture 0: wrong for a batch with pictures of different sizes."""
    high, wide = sizes[0]
    return _corners(outputs * torch.stack([wide, high, wide, high]))


def wrong_longer_side(outputs, sizes):
    """Scales both axes by the longer side: wrong for every picture that is not a square."""
    return _corners(outputs * sizes.amax(1, keepdim=True))


def wrong_still_centres(outputs, sizes):
    """Pixels, but still centre and size: wrong for every box."""
    return outputs * sizes[:, [1, 0, 1, 0]]


def wrong_outputs_read_as_corners_and_sizes(outputs, sizes):
    """Takes the centre for the upper left corner: half a box off for every box with an area."""
    pixels = outputs * sizes[:, [1, 0, 1, 0]]
    return torch.cat([pixels[:, :2], pixels[:, :2] + pixels[:, 2:]], dim=1)


def wrong_clamped_to_the_picture(outputs, sizes):
    """Cuts the box at the border: wrong for (0.1, 0.5, 0.4,
    0.4), whose left edge is outside, and no gradient there.
    """
    pixels = _corners(outputs * sizes[:, [1, 0, 1, 0]])
    return torch.minimum(pixels.clamp(min=0), sizes[:, [1, 0, 1, 0]].to(pixels))


def wrong_second_sigmoid(outputs, sizes):
    """Squeezes numbers that already are fractions:
    0.5 becomes 0.62, and no centre comes left of the middle.
    """
    return _corners(outputs.sigmoid() * sizes[:, [1, 0, 1, 0]])


def wrong_without_gradient(outputs, sizes):
    """Right numbers, computed from plain lists: a network that is trained through them gets no gradient."""
    rows = zip(outputs.tolist(), sizes.tolist(), strict=True)
    boxes = [
        [wide * (cx - w / 2), high * (cy - h / 2), wide * (cx + w / 2), high * (cy + h / 2)]
        for (cx, cy, w, h), (high, wide) in rows
    ]
    return torch.tensor(boxes).reshape(-1, 4)


def wrong_whole_pixels(outputs, sizes):
    """Rounds to whole pixels: wrong for most fractions, as coordinates are continuous."""
    return _corners(outputs * sizes[:, [1, 0, 1, 0]]).round()


def wrong_changes_its_input(outputs, sizes):
    """Scales the caller's own fractions in place: decoding the same outputs twice gives another answer."""
    outputs.mul_(sizes[:, [1, 0, 1, 0]])
    return _corners(outputs)


def wrong_sizes_not_scaled(outputs, sizes):
    """Scales the centre only, so that every box is less than a pixel large:
    wrong for every box with an area.
    """
    return _corners(torch.cat([outputs[:, :2] * sizes.flip(1), outputs[:, 2:]], dim=1))


def wrong_square_picture(outputs, sizes):
    """Takes 192 pixels for granted and ignores `sizes`: wrong for every other size."""
    return _corners(outputs * 192)
