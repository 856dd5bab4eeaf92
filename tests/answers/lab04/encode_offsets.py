"""Answers to `encode_offsets` (lab 04), written from the student's notebook alone."""

import math

import torch
import torchvision
from torch import Tensor


def right_by_formula(boxes: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """Centres and sides of both, four columns; looks at the boxes only."""
    x1, y1, x2, y2 = boxes.unbind(1)
    ax1, ay1, ax2, ay2 = anchors.unbind(1)
    w, h, aw, ah = x2 - x1, y2 - y1, ax2 - ax1, ay2 - ay1
    if (w <= 0).any() or (h <= 0).any():
        raise ValueError("a box without width or height")
    dx, dy = ((x1 + x2) / 2 - (ax1 + ax2) / 2) / aw, ((y1 + y2) / 2 - (ay1 + ay2) / 2) / ah
    wx, wy, ww, wh = weights
    return torch.stack([wx * dx, wy * dy, ww * (w / aw).log(), wh * (h / ah).log()], 1)


def right_in_pairs(boxes: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """x and y together, the logarithm of a quotient as a difference;
    an anchor without a side is an error too.
    """
    size, anchor_size = boxes[:, 2:] - boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    if not ((size > 0).all() and (anchor_size > 0).all()):
        raise ValueError("boxes and anchors need a width and a height")
    shift = (boxes[:, :2] + boxes[:, 2:] - anchors[:, :2] - anchors[:, 2:]) / (2 * anchor_size)
    return torch.cat([shift, size.log() - anchor_size.log()], 1) * boxes.new_tensor(weights)


def right_by_plain_numbers(boxes: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """Row by row with Python's numbers, so without a gradient: targets need none."""
    rows = []
    for (x1, y1, x2, y2), (ax1, ay1, ax2, ay2) in zip(boxes.tolist(), anchors.tolist(), strict=True):
        if x2 <= x1 or y2 <= y1:
            raise ValueError(f"box {x1, y1, x2, y2} has no logarithm")
        w, h = ax2 - ax1, ay2 - ay1
        row = (
            (x1 + x2 - ax1 - ax2) / 2 / w,
            (y1 + y2 - ay1 - ay2) / 2 / h,
            math.log((x2 - x1) / w),
            math.log((y2 - y1) / h),
        )
        rows.append([value * weight for value, weight in zip(row, weights, strict=True)])
    return torch.tensor(rows, dtype=boxes.dtype).reshape(-1, 4)


def right_by_conversion(boxes: Tensor, anchors: Tensor, weights: tuple = (1.0, 1.0, 1.0, 1.0)) -> Tensor:
    """Both as centre, width and height, in double precision; what is not finite is refused afterwards."""
    b = torchvision.ops.box_convert(boxes.double(), "xyxy", "cxcywh")
    a = torchvision.ops.box_convert(anchors.double(), "xyxy", "cxcywh")
    offsets = torch.cat([(b[:, :2] - a[:, :2]) / a[:, 2:], torch.log(b[:, 2:] / a[:, 2:])], dim=1)
    if not offsets.isfinite().all():
        raise ValueError("no finite offsets")
    return (offsets * torch.tensor(weights).double()).to(boxes.dtype)


def _encode(boxes, anchors, weights, checked=True):
    """The right offsets, for answers whose mistake is elsewhere."""
    size, anchor_size = boxes[:, 2:] - boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    if checked and (size <= 0).any():
        raise ValueError("a box without width or height")
    shift = (boxes[:, :2] + boxes[:, 2:] - anchors[:, :2] - anchors[:, 2:]) / 2
    return torch.cat([shift / anchor_size, (size / anchor_size).log()], 1) * torch.tensor(weights)


def wrong_weights_ignored(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Never looks at the weights: wrong for SSD's (10, 10, 5, 5)."""
    return _encode(boxes, anchors, (1.0, 1.0, 1.0, 1.0))


def wrong_divided_by_the_weights(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Divides by the weights, which is the way back: wrong for all weights but 1."""
    return _encode(boxes, anchors, [1 / weight for weight in weights])


def wrong_sides_of_the_box(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Counts the shift in sides of the box, not of the anchor: wrong when the two differ in size."""
    size = boxes[:, 2:] - boxes[:, :2]
    anchor_size = anchors[:, 2:] - anchors[:, :2]
    offsets = _encode(boxes, anchors, weights)
    return torch.cat([offsets[:, :2] * anchor_size / size, offsets[:, 2:]], 1)


def wrong_upper_left_corners(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Takes the upper left corners for the centres: wrong when box and anchor differ in size."""
    offsets = _encode(boxes, anchors, (1.0, 1.0, 1.0, 1.0))
    shift = (boxes[:, :2] - anchors[:, :2]) / (anchors[:, 2:] - anchors[:, :2])
    return torch.cat([shift, offsets[:, 2:]], 1) * torch.tensor(weights)


def wrong_without_logarithm(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """The quotient of the sides without its logarithm: equal boxes get 1 and not 0."""
    offsets = _encode(boxes, anchors, (1.0, 1.0, 1.0, 1.0))
    return torch.cat([offsets[:, :2], offsets[:, 2:].exp()], 1) * torch.tensor(weights)


def wrong_roles(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """From the box to the anchor: the signs are turned round."""
    _encode(boxes, anchors, weights)  # boxes without area are refused
    return _encode(anchors, boxes, weights, checked=False)


def wrong_infinite(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Raises nothing: a box without width gets minus infinity, which ruins the loss."""
    return _encode(boxes, anchors, weights, checked=False)


def wrong_clamped_sides(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Gives a box without width one of a millionth of a pixel, where an error was asked for."""
    size = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-6)
    return _encode(torch.cat([boxes[:, :2], boxes[:, :2] + size], 1), anchors, weights, checked=False)


def wrong_error_only_if_all_are_flat(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """`all` for `any`: one flat box among good ones passes, and becomes infinite."""
    if (boxes[:, 2:] <= boxes[:, :2]).all():
        raise ValueError("boxes without width or height")
    return _encode(boxes, anchors, weights, checked=False)


def wrong_height_not_checked(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Asks about the width only: a box without height passes."""
    if (boxes[:, 2] <= boxes[:, 0]).any():
        raise ValueError("a box without width")
    return _encode(boxes, anchors, weights, checked=False)


def wrong_pixels(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """The shift stays in pixels and is not divided by the anchor's sides."""
    offsets = _encode(boxes, anchors, weights)
    return torch.cat([offsets[:, :2] * (anchors[:, 2:] - anchors[:, :2]), offsets[:, 2:]], 1)


def wrong_width_for_both(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Divides both shifts by the anchor's width: wrong for anchors that are not square."""
    offsets = _encode(boxes, anchors, weights)
    width, height = (anchors[:, 2:] - anchors[:, :2]).unbind(1)
    return torch.stack([offsets[:, 0], offsets[:, 1] * height / width, offsets[:, 2], offsets[:, 3]], 1)


def wrong_base_of_the_logarithm(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """log2 for the natural logarithm: twice the width becomes 1 and not 0.69, and exp does not lead back."""
    offsets = _encode(boxes, anchors, weights)
    return torch.cat([offsets[:, :2], offsets[:, 2:] / math.log(2)], 1)
