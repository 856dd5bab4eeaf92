"""Answers to `cxcywh_to_xyxy` (lab 01), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def right_by_columns(boxes: Tensor) -> Tensor:
    """Four columns, put together again."""
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], dim=-1)


def right_by_halves(boxes: Tensor) -> Tensor:
    """Centre minus half a size, centre plus half a size."""
    centre, half = boxes[:, :2], boxes[:, 2:] / 2
    return torch.cat([centre - half, centre + half], dim=1)


def right_by_matrix(boxes: Tensor) -> Tensor:
    """The conversion is linear, so one matrix does it. Whole numbers come back as float32."""
    matrix = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1], [-0.5, 0, 0.5, 0], [0, -0.5, 0, 0.5]])
    boxes = boxes if boxes.is_floating_point() else boxes.float()
    return boxes @ matrix.to(boxes)


def right_by_lists(boxes: Tensor) -> Tensor:
    """Plain numbers, box by box; always float32, and no gradient, which the text does not ask for."""
    corners = []
    for cx, cy, w, h in boxes.tolist():
        left, top = cx - w / 2, cy - h / 2
        corners.append([left, top, left + w, top + h])
    return torch.tensor(corners, dtype=torch.float32).reshape(-1, 4)


def right_by_library(boxes: Tensor) -> Tensor:
    """Torchvision has it."""
    return torchvision.ops.box_convert(boxes, in_fmt="cxcywh", out_fmt="xyxy")


def wrong_centre_taken_for_corner(boxes):
    """Reads the input as xywh: wrong for every box with an area."""
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], dim=1)


def wrong_whole_size_each_way(boxes):
    """Forgets the half, so boxes come out twice as wide and high: wrong for every box with an area."""
    return torch.cat([boxes[:, :2] - boxes[:, 2:], boxes[:, :2] + boxes[:, 2:]], dim=1)


def wrong_width_and_height_swapped(boxes):
    """Takes the height for the width: wrong for every box that is not a square."""
    cx, cy, h, w = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], dim=-1)


def wrong_inclusive_edges(boxes):
    """Takes 1 from the right and the bottom edge, as if they were the last pixels: wrong for every box."""
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cy - h / 2, cx + w / 2 - 1, cy + h / 2 - 1], dim=-1)


def wrong_whole_pixels(boxes):
    """Halves with //, which rounds down: wrong for an odd width or for fractions of a picture."""
    centre, half = boxes[:, :2], boxes[:, 2:] // 2
    return torch.cat([centre - half, centre + half], dim=1)


def wrong_rows_first(boxes):
    """Returns yxyx: wrong for every box whose centre or size differs in x and y."""
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cy - h / 2, cx - w / 2, cy + h / 2, cx + w / 2], dim=-1)


def wrong_overwritten_too_early(boxes):
    """The centre is overwritten by the corner before it is used again, so x2 = cx:
    wrong for every box with an area.
    """
    out = boxes.clone()
    out[:, :2] = out[:, :2] - out[:, 2:] / 2
    out[:, 2:] = out[:, :2] + out[:, 2:] / 2
    return out


def wrong_changes_its_input(boxes):
    """Writes the corners into the caller's own tensor:
    wrong whenever the caller goes on using the centres.
    """
    centre, half = boxes[:, :2].clone(), boxes[:, 2:] / 2
    boxes[:, :2] = centre - half
    boxes[:, 2:] = centre + half
    return boxes


def wrong_clamped_at_zero(boxes):
    """Cuts off what is left of or above the picture:
    wrong for a box that sticks out, such as (0, 0, 10, 10).
    """
    centre, half = boxes[:, :2], boxes[:, 2:] / 2
    return torch.cat([centre - half, centre + half], dim=1).clamp(min=0)


def wrong_grouped_by_axis(boxes):
    """Returns x1, x2, y1, y2: wrong for every box with y1 different from x2."""
    cx, cy, w, h = boxes.unbind(-1)
    return torch.stack([cx - w / 2, cx + w / 2, cy - h / 2, cy + h / 2], dim=-1)
