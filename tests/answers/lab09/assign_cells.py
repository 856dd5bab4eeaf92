import torch
from torch import Tensor

from coursekit import ops


def right_matrix(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """All cells and objects in one table (A, G)."""
    if len(boxes) == 0:
        negative = torch.ones(len(centers), dtype=torch.bool)
        return ops.Match(torch.zeros(len(centers), dtype=torch.long), ~negative, negative)
    distances = torch.cat([centers[:, None] - boxes[None, :, :2], boxes[None, :, 2:] - centers[:, None]], -1)
    inside = distances.amin(-1) > 0
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = ((centers[:, None] - middle).abs() < 1.5 * strides[:, None, None]).all(-1)
    longest = distances.amax(-1)
    suits = (longest >= ranges[:, :1]) & (longest < ranges[:, 1:])
    owns = inside & near & suits
    target = torch.where(owns, ops.box_area(boxes), torch.inf).argmin(1)
    positive = owns.any(1)
    return ops.Match(target, positive, ~positive)


def right_largest_painted_first(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Goes from the largest to the smallest object; the smaller one overwrites."""
    target = torch.zeros(len(centers), dtype=torch.long)
    positive = torch.zeros(len(centers), dtype=torch.bool)
    x, y = centers.unbind(1)
    sizes = boxes[:, 2:] - boxes[:, :2]
    for g in sizes.prod(1).argsort(descending=True).tolist():
        x1, y1, x2, y2 = boxes[g]
        sides = torch.stack([x - x1, y - y1, x2 - x, y2 - y])
        mine = (sides > 0).all(0)
        mine &= ((x - (x1 + x2) / 2).abs() < 1.5 * strides) & ((y - (y1 + y2) / 2).abs() < 1.5 * strides)
        mine &= (sides.amax(0) >= ranges[:, 0]) & (sides.amax(0) < ranges[:, 1])
        target[mine] = g
        positive |= mine
    return ops.Match(target, positive, positive.logical_not())


def right_cell_by_cell(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Plain Python: each cell asks each object."""
    target, positive = [], []
    objects = boxes.tolist()
    for (x, y), stride, (low, high) in zip(centers.tolist(), strides.tolist(), ranges.tolist(), strict=False):
        owner, smallest = None, float("inf")
        for g, (x1, y1, x2, y2) in enumerate(objects):
            sides = (x - x1, y - y1, x2 - x, y2 - y)
            if min(sides) <= 0:
                continue
            if abs(x - (x1 + x2) / 2) >= 1.5 * stride or abs(y - (y1 + y2) / 2) >= 1.5 * stride:
                continue
            if not low <= max(sides) < high:
                continue
            area = (x2 - x1) * (y2 - y1)
            if area < smallest:
                owner, smallest = g, area
        target.append(0 if owner is None else owner)
        positive.append(owner is not None)
    positive = torch.tensor(positive, dtype=torch.bool)
    return ops.Match(torch.tensor(target, dtype=torch.long), positive, ~positive)


def _conditions(boxes, centers, strides, ranges):
    distances = torch.cat([centers[:, None] - boxes[:, :2], boxes[:, 2:] - centers[:, None]], -1)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = ((centers[:, None] - middle).abs() < 1.5 * strides[:, None, None]).all(-1)
    longest = distances.amax(-1)
    suits = (longest >= ranges[:, :1]) & (longest < ranges[:, 1:])
    return distances, distances.amin(-1) > 0, near, suits


def _smallest(owns, boxes):
    positive = owns.any(1)
    if owns.shape[1] == 0:
        return ops.Match(torch.zeros(len(owns), dtype=torch.long), positive, ~positive)
    target = torch.where(owns, ops.box_area(boxes), torch.inf).argmin(1)
    return ops.Match(target, positive, ~positive)


def wrong_not_checked_inside(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Thinks that a cell near the middle is inside anyway, and does not ask for positive distances."""
    _, _, near, suits = _conditions(boxes, centers, strides, ranges)
    return _smallest(near & suits, boxes)


def wrong_first_wins(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Gives a contested cell to the object that comes first in the list."""
    _, inside, near, suits = _conditions(boxes, centers, strides, ranges)
    owns = inside & near & suits
    if len(boxes) == 0:
        return _smallest(owns, boxes)
    return ops.Match(owns.long().argmax(1), owns.any(1), ~owns.any(1))


def wrong_smallest_before_the_range(
    boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor
) -> ops.Match:
    """Chooses the smallest object around the cell first and checks afterwards whether it suits the level."""
    _, inside, near, suits = _conditions(boxes, centers, strides, ranges)
    match = _smallest(inside & near, boxes)
    if len(boxes) == 0:
        return match
    positive = match.positive & suits.gather(1, match.target[:, None])[:, 0]
    return ops.Match(match.target, positive, ~positive)


def wrong_range_of_the_box(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Compares the longer side of the box with the range instead of the longest distance from the cell."""
    _, inside, near, _ = _conditions(boxes, centers, strides, ranges)
    longest = (boxes[:, 2:] - boxes[:, :2]).amax(1)
    suits = (longest >= ranges[:, :1]) & (longest < ranges[:, 1:])
    return _smallest(inside & near & suits, boxes)


def wrong_end_of_range_included(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """A distance of exactly "to" still counts, so that it suits two levels."""
    distances, inside, near, _ = _conditions(boxes, centers, strides, ranges)
    longest = distances.amax(-1)
    suits = (longest >= ranges[:, :1]) & (longest <= ranges[:, 1:])
    return _smallest(inside & near & suits, boxes)


def wrong_near_in_a_circle(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Measures the Euclidean distance to the middle instead of each axis by itself."""
    _, inside, _, suits = _conditions(boxes, centers, strides, ranges)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = (centers[:, None] - middle).norm(dim=-1) < 1.5 * strides[:, None]
    return _smallest(inside & near & suits, boxes)


def wrong_rim_ignored(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Makes negatives only of cells outside all boxes, so that cells at the rim of an object are ignored."""
    _, inside, near, suits = _conditions(boxes, centers, strides, ranges)
    match = _smallest(inside & near & suits, boxes)
    return ops.Match(match.target, match.positive, ~inside.any(1))
