"""Answers to `move_anchors` (lab 06), written from the student's notebook alone."""

import math

import torch
from torch import Tensor

from coursekit import ops


def right_by_tools(offsets: Tensor, anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """Two calls of what is there."""
    return ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors), size)


def right_by_hand(offsets: Tensor, anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """The formulas of lab 04 with their bound, then a clamp for x and one for y."""
    height, width = size
    dx, dy, dw, dh = offsets.unbind(1)
    x1, y1, x2, y2 = anchors.unbind(1)
    most = math.log(1000 / 16)
    w, h = x2 - x1, y2 - y1
    x, y = (x1 + x2) / 2 + dx * w, (y1 + y2) / 2 + dy * h
    w, h = w * dw.clamp(max=most).exp() / 2, h * dh.clamp(max=most).exp() / 2
    left, right = ((x + side).clamp(0, width) for side in (-w, w))
    top, bottom = ((y + side).clamp(0, height) for side in (-h, h))
    return torch.stack([left, top, right, bottom], 1)


def right_by_minimum_and_maximum(offsets: Tensor, anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """The tool moves; the four borders are one row of numbers."""
    borders = torch.tensor([size[1], size[0], size[1], size[0]], dtype=anchors.dtype)
    boxes = ops.decode_boxes(offsets, anchors, (1.0, 1.0, 1.0, 1.0))
    return torch.minimum(boxes, borders).relu()


def right_by_loops(offsets: Tensor, anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """Box by box in plain numbers: no gradient, as none goes through proposals."""
    height, width = size
    rows = []
    for (dx, dy, dw, dh), (x1, y1, x2, y2) in zip(offsets.tolist(), anchors.tolist(), strict=True):
        w, h = x2 - x1, y2 - y1
        x, y = x1 + (0.5 + dx) * w, y1 + (0.5 + dy) * h
        w, h = w * min(math.exp(min(dw, 50)), 62.5), h * min(math.exp(min(dh, 50)), 62.5)
        xs = [min(max(value, 0.0), width) for value in (x - w / 2, x + w / 2)]
        ys = [min(max(value, 0.0), height) for value in (y - h / 2, y + h / 2)]
        rows.append([xs[0], ys[0], xs[1], ys[1]])
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)


def wrong_not_clipped(offsets, anchors, size):
    """Moves and forgets to clip: boxes stick out."""
    return ops.decode_boxes(offsets, anchors)


def wrong_width_first(offsets, anchors, size):
    """Takes size for (width, height): wrong for images that are not square."""
    return ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors), (size[1], size[0]))


def wrong_one_length_for_both(offsets, anchors, size):
    """Clips all four numbers at the height: a wide image loses its right part."""
    return ops.decode_boxes(offsets, anchors).clamp(0, size[0])


def wrong_negative_numbers_stay(offsets, anchors, size):
    """Clips at the right and lower border only: corners left of 0 stay there."""
    borders = torch.tensor([size[1], size[0], size[1], size[0]], dtype=anchors.dtype)
    return torch.minimum(ops.decode_boxes(offsets, anchors), borders)


def wrong_far_borders_stay(offsets, anchors, size):
    """Clips at 0 only: corners beyond the right and lower border stay there."""
    return ops.decode_boxes(offsets, anchors).clamp(min=0)


def wrong_last_pixel(offsets, anchors, size):
    """Clips at width - 1 and height - 1: corners are places, and the image ends at its width."""
    return ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors), (size[0] - 1, size[1] - 1))


def wrong_weights_of_the_second_stage(offsets, anchors, size):
    """Divides the offsets by (10, 10, 5, 5): the first stage has no such scale, all boxes hardly move."""
    return ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors, (10.0, 10.0, 5.0, 5.0)), size)


def wrong_clipped_before_moving(offsets, anchors, size):
    """Clips the anchors and then moves them: other anchors, and boxes that stick out."""
    return ops.decode_boxes(offsets, ops.clip_boxes_to_image(anchors, size))


def wrong_centre_clipped(offsets, anchors, size):
    """Holds the centre in the image and not each corner: half of a box may stick out."""
    boxes = ops.decode_boxes(offsets, anchors)
    half, centre = (boxes[:, 2:] - boxes[:, :2]) / 2, (boxes[:, 2:] + boxes[:, :2]) / 2
    centre = torch.minimum(centre.clamp(min=0), torch.tensor([size[1], size[0]]).to(centre))
    return torch.cat([centre - half, centre + half], 1)


def wrong_outside_removed(offsets, anchors, size):
    """Throws away the boxes that stick out, where they should be clipped: fewer than A rows."""
    boxes = ops.decode_boxes(offsets, anchors)
    return boxes[(ops.clip_boxes_to_image(boxes, size) == boxes).all(1)]


def wrong_not_moved(offsets, anchors, size):
    """Clips the anchors and never looks at the offsets."""
    return ops.clip_boxes_to_image(anchors, size)


def wrong_offsets_in_pixels(offsets, anchors, size):
    """Adds the offsets to the corners as they are."""
    return ops.clip_boxes_to_image(anchors + offsets, size)


def wrong_arguments_exchanged(offsets, anchors, size):
    """Gives anchors for offsets and offsets for anchors."""
    return ops.clip_boxes_to_image(ops.decode_boxes(anchors, offsets), size)


def wrong_moved_back_inside(offsets, anchors, size):
    """Shifts a box that sticks out back into the image: it keeps its size, but its other corners move."""
    boxes = ops.decode_boxes(offsets, anchors)
    far = torch.tensor([size[1], size[0]]).to(boxes)
    shift = (-boxes[:, :2]).clamp(min=0) - (boxes[:, 2:] - far).clamp(min=0)
    return ops.clip_boxes_to_image(boxes + shift.repeat(1, 2), size)
