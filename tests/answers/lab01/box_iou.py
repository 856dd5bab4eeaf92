"""Answers to `box_iou` (lab 01), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def right_by_broadcasting(a: Tensor, b: Tensor) -> Tensor:
    """One table at once; the division happens only where the union has an area."""
    sides = torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])
    overlap = sides.clamp(min=0).prod(-1)
    area_a, area_b = ((box[:, 2:] - box[:, :2]).prod(1) for box in (a, b))
    union = area_a[:, None] + area_b - overlap
    return torch.where(overlap > 0, overlap / torch.where(union > 0, union, 1), 0.0)


def right_by_loops(a: Tensor, b: Tensor) -> Tensor:
    """Two loops over plain numbers; always float32, without a gradient."""
    table = torch.zeros(len(a), len(b))
    for i, (ax1, ay1, ax2, ay2) in enumerate(a.tolist()):
        for j, (bx1, by1, bx2, by2) in enumerate(b.tolist()):
            width = min(ax2, bx2) - max(ax1, bx1)
            height = min(ay2, by2) - max(ay1, by1)
            if width <= 0 or height <= 0:
                continue
            both = width * height
            table[i, j] = both / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - both)
    return table


def right_by_library(a: Tensor, b: Tensor) -> Tensor:
    """Torchvision's table, with our policy for its NaN."""
    return torchvision.ops.box_iou(a, b).nan_to_num(nan=0.0)


def right_by_lengths_in_double(a: Tensor, b: Tensor) -> Tensor:
    """Overlap on an axis = both lengths minus the length of the hull; in float64, which is also returned."""
    a, b = a.double(), b.double()

    def overlap(first: int, last: int) -> Tensor:
        low, high = a[:, first, None].minimum(b[:, first]), a[:, last, None].maximum(b[:, last])
        lengths = (a[:, last] - a[:, first])[:, None] + b[:, last] - b[:, first]
        return (lengths - (high - low)).clamp(min=0)

    both = overlap(0, 2) * overlap(1, 3)
    area_a, area_b = ((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (a, b))
    iou = both / (area_a[:, None] + area_b[None, :] - both)
    iou[area_a <= 0, :] = 0
    iou[:, area_b <= 0] = 0
    return iou


def _sides(a, b):
    return torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])


def _areas(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _ratio(part, whole):
    return torch.where(whole > 0, part / torch.where(whole > 0, whole, 1), 0.0)


def wrong_without_clamp(a, b):
    """Two negative sides make a positive overlap: wrong for boxes that are apart in x and in y."""
    both = _sides(a, b).prod(-1)
    return _ratio(both, _areas(a)[:, None] + _areas(b) - both)


def wrong_clamp_after_the_product(a, b):
    """Clamps the area and not the sides: (-3) times (-2) is 6, so boxes apart in x and in y overlap."""
    both = _sides(a, b).prod(-1).clamp(min=0)
    return _ratio(both, _areas(a)[:, None] + _areas(b) - both)


def wrong_overlap_counted_twice(a, b):
    """Divides by the sum of the areas: wrong for all boxes that overlap; equal boxes get 0.5."""
    return _ratio(_sides(a, b).clamp(min=0).prod(-1), _areas(a)[:, None] + _areas(b))


def wrong_dice(a, b):
    """Twice the overlap over the sum of the areas: right for equal boxes only, 0.5 where 1/3 is due."""
    return _ratio(2 * _sides(a, b).clamp(min=0).prod(-1), _areas(a)[:, None] + _areas(b))


def wrong_over_the_smaller(a, b):
    """Divides by the smaller area: 1 for a small box inside a large one."""
    smaller = torch.minimum(_areas(a)[:, None], _areas(b))
    return _ratio(_sides(a, b).clamp(min=0).prod(-1), smaller)


def wrong_nan_without_area(a, b):
    """0 / 0: NaN for two boxes without area, where the policy says 0."""
    both = _sides(a, b).clamp(min=0).prod(-1)
    return both / (_areas(a)[:, None] + _areas(b) - both)


def wrong_one_for_equal_points(a, b):
    """Gives the same empty box an IoU of 1 with itself, where the policy says 0."""
    both = _sides(a, b).clamp(min=0).prod(-1)
    union = _areas(a)[:, None] + _areas(b) - both
    return torch.where(union > 0, both / torch.where(union > 0, union, 1), 1.0)


def wrong_transposed(a, b):
    """Rows are the boxes of b: the shape is wrong for N different from M, the numbers for most squares."""
    both = _sides(b, a).clamp(min=0).prod(-1)
    return _ratio(both, _areas(b)[:, None] + _areas(a) - both)


def wrong_row_by_row(a, b):
    """Compares box i with box i only: N numbers instead of an (N, M) table, and an error for N unlike M."""
    both = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(-1)
    return _ratio(both, _areas(a) + _areas(b) - both)


def wrong_inclusive_edges(a, b):
    """Counts a pixel more on each side: boxes that only touch get an IoU above 0."""
    both = (_sides(a, b) + 1).clamp(min=0).prod(-1)
    area_a, area_b = ((box[:, 2:] - box[:, :2] + 1).prod(1) for box in (a, b))
    return _ratio(both, area_a[:, None] + area_b - both)


def wrong_large_epsilon(a, b):
    """Adds 1 to the union against NaN: far too low for boxes in [0, 1] and for small ones in pixels."""
    both = _sides(a, b).clamp(min=0).prod(-1)
    return both / (_areas(a)[:, None] + _areas(b) - both + 1)


def wrong_enclosing_box_for_union(a, b):
    """Divides by the box around both: too low wherever the two are not aligned."""
    hull = torch.maximum(a[:, None, 2:], b[:, 2:]) - torch.minimum(a[:, None, :2], b[:, :2])
    return _ratio(_sides(a, b).clamp(min=0).prod(-1), hull.prod(-1))


def wrong_boxes_read_as_sizes(a, b):
    """Takes the third and fourth number for a width and a height: wrong for boxes away from the origin."""
    a, b = (torch.cat([box[:, :2], box[:, :2] + box[:, 2:]], 1) for box in (a, b))
    both = _sides(a, b).clamp(min=0).prod(-1)
    return _ratio(both, _areas(a)[:, None] + _areas(b) - both)
