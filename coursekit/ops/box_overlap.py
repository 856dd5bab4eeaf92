"""How much boxes overlap: IoU and its relatives, of every pair of two sets or row by row.

Boxes are xyxy pixels; an empty one has IoU 0 with everything, as `box` explains.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.ops.argument import expect, expect_partners
from coursekit.ops.box import EMPTY_AREA, box_area, upcast

Placing = Callable[[Tensor], Tensor]  # of what belongs to the first set: down a table, or as it is


def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    r"""Return the intersection over union of every box of the first set with every box of the second.

    $$
    \mathrm{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|} = \frac{|A \cap B|}{|A| + |B| - |A \cap B|}
    $$

    Shapes: (N, 4), (M, 4) -> (N, M) in [0, 1].
    Raises:
        ValueError: boxes of another shape; so do its relatives below.
    Like torchvision's `box_iou`, but an empty box has IoU 0 with everything: the answer is never NaN for coordinates
    up to 1e18 pixels.
    Source: Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11, 1912.

    >>> box_iou(torch.tensor([[0, 0, 4, 4]]), torch.tensor([[2, 0, 6, 4], [5, 5, 5, 5]]))
    tensor([[0.3333, 0.0000]])
    """
    _check("(N, 4)", boxes1, boxes2)
    return _iou(boxes1, boxes2, _down)


def paired_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Return the intersection over union of each box of the first set with the box in the same place of the second.

    Shapes: (..., 4), (..., 4), which are broadcast -> (...) in [0, 1].
    To the last bit the diagonal of `box_iou`, without the rest of its table.

    >>> paired_box_iou(torch.tensor([[0, 0, 4, 4], [0, 0, 2, 2]]), torch.tensor([[2, 0, 6, 4], [0, 0, 2, 2]]))
    tensor([0.3333, 1.0000])
    """
    _check("(..., 4)", boxes1, boxes2)
    expect_partners(("boxes1", "boxes2"), boxes1, boxes2)
    return _iou(boxes1, boxes2, _as_they_are)


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
    _check("(N, 4)", boxes1, boxes2)
    return _generalized_iou(boxes1, boxes2, _down)


def paired_generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Return the generalized IoU of each box of the first set with the box in the same place of the second.

    Shapes: (..., 4), (..., 4), which are broadcast -> (...) in [-1, 1].
    To the last bit the diagonal of `generalized_box_iou`, without the rest of its table.

    >>> paired_generalized_box_iou(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([[3.0, 0.0, 4.0, 1.0]]))
    tensor([-0.5000])
    """
    _check("(..., 4)", boxes1, boxes2)
    expect_partners(("boxes1", "boxes2"), boxes1, boxes2)
    return _generalized_iou(boxes1, boxes2, _as_they_are)


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


def _check(form: str, boxes1: Tensor, boxes2: Tensor) -> None:
    expect("boxes1", boxes1, form)
    expect("boxes2", boxes2, form)


def _down(values: Tensor) -> Tensor:
    return values[:, None]  # (N, 1): down a table, with the second set across


def _as_they_are(values: Tensor) -> Tensor:
    return values  # (...): row by row


def _iou(boxes1: Tensor, boxes2: Tensor, place: Placing) -> Tensor:
    intersection = _intersection(boxes1, boxes2, place)
    area1, area2 = box_area(boxes1), box_area(boxes2)
    area1 = torch.where(area1 > EMPTY_AREA, area1, 1)  # an empty box shares nothing: 0 / any union is 0
    return intersection / (place(area1) + area2).sub_(intersection)


def _generalized_iou(boxes1: Tensor, boxes2: Tensor, place: Placing) -> Tensor:
    intersection = _intersection(boxes1, boxes2, place)
    union = (place(box_area(boxes1)) + box_area(boxes2)).sub_(intersection)
    width, height = _hull(boxes1, boxes2, place)
    hull = width * height
    return _quotient(intersection, union) - _quotient(hull - union, hull)


def _intersection(boxes1: Tensor, boxes2: Tensor, place: Placing) -> Tensor:
    """The area that each pair shares: (N, M), or row by row (...)."""
    left1, top1, right1, bottom1 = _coordinates(boxes1)
    left2, top2, right2, bottom2 = _coordinates(boxes2)
    # In place, because a new table for every step would take longer to get than to fill.
    width = torch.minimum(place(right1), right2).sub_(torch.maximum(place(left1), left2))
    height = torch.minimum(place(bottom1), bottom2).sub_(torch.maximum(place(top1), top2))
    return width.clamp_(min=0).mul_(height.clamp_(min=0))  # each axis alone: (-) times (-) would be (+)


def _hull(boxes1: Tensor, boxes2: Tensor, place: Placing) -> tuple[Tensor, Tensor]:
    """Width and height of the smallest box around each pair; swapped corners are put in order first."""
    left1, top1, right1, bottom1 = _ordered(_coordinates(boxes1))
    left2, top2, right2, bottom2 = _ordered(_coordinates(boxes2))
    width = torch.maximum(place(right1), right2).sub_(torch.minimum(place(left1), left2))
    height = torch.maximum(place(bottom1), bottom2).sub_(torch.minimum(place(top1), top2))
    return width, height


def _centre_distance(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """The squared distance of the centres, in squared diagonals of the hull: (N, M) in [0, 1]."""
    left1, top1, right1, bottom1 = _coordinates(boxes1)
    left2, top2, right2, bottom2 = _coordinates(boxes2)
    x = (left1 + right1)[:, None] / 2 - (left2 + right2) / 2  # (N, M)
    y = (top1 + bottom1)[:, None] / 2 - (top2 + bottom2) / 2  # (N, M)
    width, height = _hull(boxes1, boxes2, _down)
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
    return upcast(boxes).movedim(-1, 0).contiguous().unbind(0)  # four times (...)


def _ordered(coordinates: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    x1, y1, x2, y2 = coordinates
    return torch.minimum(x1, x2), torch.minimum(y1, y2), torch.maximum(x1, x2), torch.maximum(y1, y2)
