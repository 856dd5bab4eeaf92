import math

import torch
from torch import Tensor


def right_closed_form(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """The smaller root of 4r^2 - 2(w + h)r + (1 - o)wh = 0."""
    w, h = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).unbind(1)
    total = w + h
    root = (total**2 - 4 * (1 - min_overlap) * w * h).clamp(min=0).sqrt()
    return torch.where((w > 0) & (h > 0), (total - root) / 4, torch.zeros_like(total))


def right_one_by_one(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Plain Python, box by box, with the formula of the quadratic equation."""
    radii = []
    for x1, y1, x2, y2 in boxes.tolist():
        w, h = x2 - x1, y2 - y1
        if w <= 0 or h <= 0:
            radii.append(0.0)
            continue
        a, b, c = 4.0, -2.0 * (w + h), (1 - min_overlap) * w * h
        radii.append((-b - math.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a))
    return torch.tensor(radii, dtype=boxes.dtype)


def right_bisection(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Halves the interval [0, half the shorter side] until the overlap fits."""
    sizes = (boxes[:, 2:] - boxes[:, :2]).double().clamp(min=0)
    low, high = torch.zeros(len(boxes), dtype=torch.double), sizes.amin(1) / 2
    for _ in range(80):
        middle = (low + high) / 2
        enough = (sizes - 2 * middle[:, None]).prod(1) >= min_overlap * sizes.prod(1)
        low, high = torch.where(enough, middle, low), torch.where(enough, high, middle)
    return low.to(boxes.dtype)


def _sizes(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).unbind(1)


def wrong_other_root(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Takes the larger root of the quadratic equation, at which the box has turned inside out."""
    w, h = _sizes(boxes)
    radius = (w + h + ((w + h) ** 2 - 4 * (1 - min_overlap) * w * h).sqrt()) / 4
    return torch.where((w > 0) & (h > 0), radius, 0.0)


def wrong_not_divided_by_a(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Divides by 2 instead of by 2a, since it forgets the leading coefficient 4."""
    w, h = _sizes(boxes)
    b, c = 2 * (w + h), (1 - min_overlap) * w * h
    return (b - (b**2 - 16 * c).sqrt()) / 2


def wrong_one_side_moves(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Lets only one corner move: solves (w - r)(h - r) = o w h."""
    w, h = _sizes(boxes)
    return (w + h - ((w + h) ** 2 - 4 * (1 - min_overlap) * w * h).sqrt()) / 2


def wrong_overlap_for_loss(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Writes o instead of 1 - o, so that the area lost is min_overlap."""
    w, h = _sizes(boxes)
    return (w + h - ((w + h) ** 2 - 4 * min_overlap * w * h).clamp(min=0).sqrt()) / 4


def wrong_nan_for_empty_box(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Divides 0 by 0 for a box without width and height and returns nan there."""
    w, h = _sizes(boxes)
    missing = (1 - min_overlap) * w * h
    return 2 * missing / (2 * (w + h + ((w + h) ** 2 - 4 * missing).sqrt()))


def wrong_whole_cells(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Rounds the radius down to whole cells, although fractions are asked for."""
    w, h = _sizes(boxes)
    return ((w + h - ((w + h) ** 2 - 4 * (1 - min_overlap) * w * h).sqrt()) / 4).floor()


def wrong_no_boxes_forgotten(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Stacks the radii of a loop, which fails when there is no box."""
    radii = []
    for box in boxes:
        w, h = box[2] - box[0], box[3] - box[1]
        radii.append((w + h - ((w + h) ** 2 - 4 * (1 - min_overlap) * w * h).clamp(min=0).sqrt()) / 4)
    return torch.stack(radii)
