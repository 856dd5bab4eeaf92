import math

import torch
from torch import Tensor


def right_formula(boxes: Tensor, centers: Tensor) -> Tensor:
    """The formula with names for the four distances."""
    left, top = (centers - boxes[:, :2]).unbind(1)
    right, bottom = (boxes[:, 2:] - centers).unbind(1)
    across = torch.minimum(left, right) / torch.maximum(left, right)
    down = torch.minimum(top, bottom) / torch.maximum(top, bottom)
    return (across * down).sqrt()


def right_both_axes(boxes: Tensor, centers: Tensor) -> Tensor:
    """Both axes at once: the smaller over the larger, the product, the root."""
    sides = torch.stack([centers - boxes[:, :2], boxes[:, 2:] - centers])  # (2, P, 2)
    return (sides.amin(0) / sides.amax(0)).prod(-1).sqrt()


def right_one_by_one(boxes: Tensor, centers: Tensor) -> Tensor:
    """Plain Python, pair by pair."""
    values = []
    for (x1, y1, x2, y2), (x, y) in zip(boxes.tolist(), centers.tolist(), strict=False):
        left, top, right, bottom = x - x1, y - y1, x2 - x, y2 - y
        values.append(math.sqrt(min(left, right) / max(left, right) * min(top, bottom) / max(top, bottom)))
    return torch.tensor(values, dtype=boxes.dtype)


def _sides(boxes, centers):
    return torch.cat([centers - boxes[:, :2], boxes[:, 2:] - centers], 1).unbind(1)


def wrong_no_root(boxes: Tensor, centers: Tensor) -> Tensor:
    """Forgets the square root."""
    left, top, right, bottom = _sides(boxes, centers)
    across = torch.minimum(left, right) / torch.maximum(left, right)
    return across * torch.minimum(top, bottom) / torch.maximum(top, bottom)


def wrong_axes_mixed(boxes: Tensor, centers: Tensor) -> Tensor:
    """Compares left with top and right with bottom instead of opposite sides."""
    left, top, right, bottom = _sides(boxes, centers)
    first = torch.minimum(left, top) / torch.maximum(left, top)
    return (first * torch.minimum(right, bottom) / torch.maximum(right, bottom)).sqrt()


def wrong_mean_of_ratios(boxes: Tensor, centers: Tensor) -> Tensor:
    """Takes the mean of the two ratios, which is not 0 on a side."""
    left, top, right, bottom = _sides(boxes, centers)
    across = torch.minimum(left, right) / torch.maximum(left, right)
    return (across + torch.minimum(top, bottom) / torch.maximum(top, bottom)) / 2


def wrong_worse_axis_only(boxes: Tensor, centers: Tensor) -> Tensor:
    """Takes the smaller of the two ratios instead of their product."""
    left, top, right, bottom = _sides(boxes, centers)
    across = torch.minimum(left, right) / torch.maximum(left, right)
    return torch.minimum(across, torch.minimum(top, bottom) / torch.maximum(top, bottom)).sqrt()


def wrong_every_box_with_every_point(boxes: Tensor, centers: Tensor) -> Tensor:
    """Compares every box with every point and returns (P, P) instead of going pair by pair."""
    first = centers[None] - boxes[:, None, :2]
    last = boxes[:, None, 2:] - centers[None]
    return (torch.minimum(first, last) / torch.maximum(first, last)).prod(-1).clamp(min=0).sqrt()


def wrong_kept_above_zero(boxes: Tensor, centers: Tensor) -> Tensor:
    """Keeps every distance at 0.01 or more to be safe, so that it is not 0 on a side."""
    left, top, right, bottom = (side.clamp(min=1e-2) for side in _sides(boxes, centers))
    across = torch.minimum(left, right) / torch.maximum(left, right)
    return (across * torch.minimum(top, bottom) / torch.maximum(top, bottom)).sqrt()


def wrong_fails_without_boxes(boxes: Tensor, centers: Tensor) -> Tensor:
    """Stacks the values of a loop, which fails when there are no boxes."""
    values = []
    for box, point in zip(boxes, centers, strict=False):
        first, last = point - box[:2], box[2:] - point
        values.append((torch.minimum(first, last) / torch.maximum(first, last)).prod().sqrt())
    return torch.stack(values)
