"""Boxes: areas, formats and overlap.

A box is four numbers. Unless a function says otherwise they are `xyxy` pixels: x to the right, y down, and
the right and lower ends exclusive, so that width = x2 - x1.

**The zero-area policy.** A box without width or height, or with its corners swapped (x2 < x1), is empty: its
area is 0 and its IoU with anything, itself included, is 0. torchvision answers NaN, or a positive area when
both pairs are swapped. Half precision is computed in single precision, as in torchvision.
"""

import math

import torch
from torch import Tensor

FORMATS = ("xyxy", "xywh", "cxcywh")
EMPTY_AREA = 1e-14  # square pixels; below it a quotient of areas, and its gradient, is noise


def box_area(boxes: Tensor) -> Tensor:
    """Return the area of each box in square pixels, 0 for an empty one.

    Shapes: (..., 4) -> (...).
    Like torchvision's `box_area`, but a box with swapped corners has area 0.

    >>> box_area(torch.tensor([[10, 10, 30, 20], [5, 5, 1, 1]]))
    tensor([200,   0])
    """
    x1, y1, x2, y2 = upcast(boxes).unbind(-1)  # four times (...)
    return (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)


def box_convert(boxes: Tensor, in_fmt: str, out_fmt: str) -> Tensor:
    """Return the same boxes in another format.

    Shapes: (..., 4) -> (..., 4).
    Args:
        boxes: boxes written as `in_fmt`, in any unit.
        in_fmt: "xyxy" two corners, "xywh" upper left corner and size, "cxcywh" centre and size.
        out_fmt: one of the same three.
    Raises:
        ValueError: an unknown format.
    Like torchvision's `box_convert`.

    >>> box_convert(torch.tensor([[10.0, 20.0, 30.0, 60.0]]), "xyxy", "cxcywh")
    tensor([[20., 40., 20., 40.]])
    """
    for fmt in (in_fmt, out_fmt):
        if fmt not in FORMATS:
            raise ValueError(f"there is no box format {fmt!r}: use one of {', '.join(FORMATS)}.")
    if in_fmt == out_fmt:
        return boxes.clone()
    corners = to_corners(boxes.unbind(-1), in_fmt)
    return torch.stack(from_corners(corners, out_fmt), -1)  # (..., 4)


def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    r"""Return the intersection over union of every box of the first set with every box of the second.

    $$
    \mathrm{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|} = \frac{|A \cap B|}{|A| + |B| - |A \cap B|}
    $$

    Shapes: (N, 4), (M, 4) -> (N, M) in [0, 1].
    Like torchvision's `box_iou`, but an empty box has IoU 0 with everything: the answer is never NaN.
    Source: Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11, 1912.

    >>> box_iou(torch.tensor([[0, 0, 4, 4]]), torch.tensor([[2, 0, 6, 4], [5, 5, 5, 5]]))
    tensor([[0.3333, 0.0000]])
    """
    intersection = _intersection(boxes1, boxes2)
    area1, area2 = box_area(boxes1), box_area(boxes2)
    area1 = torch.where(area1 > EMPTY_AREA, area1, 1)  # an empty box shares nothing: 0 / any union is 0
    return intersection / (area1[:, None] + area2).sub_(intersection)  # (N, M)


def generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    r"""Return the generalized IoU of every pair: IoU minus the share of the hull that neither box covers.

    $$
    \mathrm{GIoU}(A, B) = \mathrm{IoU}(A, B) - \frac{|H| - |A \cup B|}{|H|}
    $$

    where H is the hull, the smallest box around both.
    Boxes that do not meet have IoU 0 and no gradient; GIoU goes on towards -1 as they move apart, so it can
    be trained. The gradient of finite boxes is finite. A box with swapped corners still spans them in the
    hull, so the gradient draws them together.

    Shapes: (N, 4), (M, 4) -> (N, M) in [-1, 1].
    Like torchvision's `generalized_box_iou`, but 0, not NaN, when the hull itself is empty.
    Source: Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 1, arXiv:1902.09630.

    >>> generalized_box_iou(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([[3.0, 0.0, 4.0, 1.0]]))
    tensor([[-0.5000]])
    """
    intersection = _intersection(boxes1, boxes2)
    union = (box_area(boxes1)[:, None] + box_area(boxes2)).sub_(intersection)  # (N, M)
    width, height = _hull(boxes1, boxes2)
    hull = width * height
    return _quotient(intersection, union) - _quotient(hull - union, hull)


def distance_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Return the distance IoU of every pair: IoU minus the squared distance of the centres over the hull's diagonal.

    The diagonal is squared too. GIoU first grows a box until it meets the other; DIoU moves it there, and still
    tells boxes apart of which one lies inside the other. The gradient of finite boxes is finite.

    Shapes: (N, 4), (M, 4) -> (N, M) in [-1, 1].
    Like torchvision's `distance_box_iou`, but without its `eps`; an empty box has IoU 0, and swapped corners
    span the hull, as in `generalized_box_iou`.
    Source: Zheng et al., "Distance-IoU Loss", 2020, eq. 6 and 7, arXiv:1911.08287.

    >>> distance_box_iou(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[2.0, 0.0, 4.0, 2.0]]))
    tensor([[-0.2000]])
    """
    return box_iou(boxes1, boxes2) - _centre_distance(boxes1, boxes2)


def complete_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Return the complete IoU of every pair: distance IoU minus a penalty on unlike width-to-height ratios.

    The penalty's weight grows with the overlap and is a constant to the gradient. A point counts as a square.

    Shapes: (N, 4), (M, 4) -> (N, M) in [-1.5, 1].
    Like torchvision's `complete_box_iou`, with the differences of `distance_box_iou`.
    Source: Zheng et al., 2020, eq. 8 to 11, arXiv:1911.08287.

    >>> complete_box_iou(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[0.0, 0.0, 4.0, 2.0]])).round(decimals=4)
    tensor([[0.4468]])
    """
    iou = box_iou(boxes1, boxes2)
    turn = _diagonal_angle(boxes1)[:, None] - _diagonal_angle(boxes2)  # (N, M)
    unlike = (2 / math.pi * turn) ** 2  # in [0, 1]
    weight = _quotient(unlike, 1 - iou + unlike).detach()
    return iou - _centre_distance(boxes1, boxes2) - weight * unlike


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the boxes with every corner moved to the nearest point of the image.

    Shapes: (..., 4) -> (..., 4).
    Args:
        size: (height, width) of the image, in that order.
    Like torchvision's `clip_boxes_to_image`.

    >>> clip_boxes_to_image(torch.tensor([[-5, 10, 300, 90]]), size=(80, 200))
    tensor([[  0,  10, 200,  80]])
    """
    height, width = size
    far_corner = torch.tensor((width, height, width, height), dtype=boxes.dtype, device=boxes.device)  # (4,)
    return boxes.clamp(torch.zeros_like(far_corner), far_corner)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """Return the indices of the boxes whose width and height are both at least `min_size` pixels.

    Shapes: (N, 4) -> (kept,).
    Like torchvision's `remove_small_boxes`.

    >>> remove_small_boxes(torch.tensor([[0, 0, 9, 2], [0, 0, 9, 9]]), min_size=3)
    tensor([1])
    """
    sides = boxes[:, 2:] - boxes[:, :2]  # (N, 2)
    return (sides >= min_size).all(1).nonzero()[:, 0]


def _intersection(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """The area that each pair shares: (N, M)."""
    left1, top1, right1, bottom1 = _coordinates(boxes1)
    left2, top2, right2, bottom2 = _coordinates(boxes2)
    # In place, because a new table for every step would take longer to get than to fill.
    width = torch.minimum(right1[:, None], right2).sub_(torch.maximum(left1[:, None], left2))  # (N, M)
    height = torch.minimum(bottom1[:, None], bottom2).sub_(torch.maximum(top1[:, None], top2))  # (N, M)
    return width.clamp_(min=0).mul_(height.clamp_(min=0))  # each axis alone: (-) times (-) would be (+)


def _hull(boxes1: Tensor, boxes2: Tensor) -> tuple[Tensor, Tensor]:
    """Width and height of the smallest box around each pair; swapped corners are put in order first. (N, M)"""
    left1, top1, right1, bottom1 = _ordered(_coordinates(boxes1))
    left2, top2, right2, bottom2 = _ordered(_coordinates(boxes2))
    width = torch.maximum(right1[:, None], right2).sub_(torch.minimum(left1[:, None], left2))  # (N, M)
    height = torch.maximum(bottom1[:, None], bottom2).sub_(torch.minimum(top1[:, None], top2))  # (N, M)
    return width, height


def _centre_distance(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """The squared distance of the centres, in squared diagonals of the hull: (N, M) in [0, 1]."""
    left1, top1, right1, bottom1 = _coordinates(boxes1)
    left2, top2, right2, bottom2 = _coordinates(boxes2)
    x = (left1 + right1)[:, None] / 2 - (left2 + right2) / 2  # (N, M)
    y = (top1 + bottom1)[:, None] / 2 - (top2 + bottom2) / 2  # (N, M)
    width, height = _hull(boxes1, boxes2)
    return _quotient(x * x + y * y, width * width + height * height)


def _diagonal_angle(boxes: Tensor) -> Tensor:
    """The angle between the diagonal of each box and the vertical, in radians: (N,) in [0, pi / 2]."""
    left, top, right, bottom = _ordered(_coordinates(boxes))
    width, height = right - left, bottom - top
    point = width * width + height * height <= EMPTY_AREA
    return torch.atan2(torch.where(point, 1, width), torch.where(point, 1, height))  # (N,)


def _quotient(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, and 0 / 1 where the whole is empty: masking after dividing by 0 leaves NaN gradients."""
    return part / torch.where(whole > EMPTY_AREA, whole, 1)


def _coordinates(boxes: Tensor) -> tuple[Tensor, ...]:
    # Four contiguous vectors: all of the speed. A trailing axis of 2 cannot be vectorised (bench/README.md).
    return upcast(boxes).t().contiguous().unbind(0)  # four times (N,)


def _ordered(coordinates: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    x1, y1, x2, y2 = coordinates
    return torch.minimum(x1, x2), torch.minimum(y1, y2), torch.maximum(x1, x2), torch.maximum(y1, y2)


def to_corners(numbers: tuple[Tensor, ...], fmt: str) -> tuple[Tensor, ...]:
    x, y, third, fourth = numbers
    if fmt == "xywh":
        return x, y, x + third, y + fourth
    if fmt == "cxcywh":
        return x - third / 2, y - fourth / 2, x + third / 2, y + fourth / 2
    return numbers


def from_corners(corners: tuple[Tensor, ...], fmt: str) -> tuple[Tensor, ...]:
    x1, y1, x2, y2 = corners
    if fmt == "xywh":
        return x1, y1, x2 - x1, y2 - y1
    if fmt == "cxcywh":
        return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    return corners


def upcast(boxes: Tensor) -> Tensor:
    """Room for a product of two sides: at least single precision, or 32-bit integers."""
    if boxes.is_floating_point():
        return boxes if boxes.dtype in (torch.float32, torch.float64) else boxes.float()
    return boxes if boxes.dtype in (torch.int32, torch.int64) else boxes.int()
