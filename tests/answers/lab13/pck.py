"""Answers to `pck` (lab 13), written from the student's notebook alone."""

import math

import torch
from torch import Tensor


def right_by_norm(
    found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1
) -> float:
    """Distances in sizes, and the mean of the visible ones; not a number without any visible point."""
    distance = (found - true).norm(dim=-1) / sizes[:, None]
    return (distance <= threshold)[visible].float().mean().item()


def right_by_counting(
    found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1
) -> float:
    """Counts both; 0 without any visible point."""
    allowed = threshold * sizes.unsqueeze(1)
    right = torch.linalg.vector_norm(found - true, dim=2) <= allowed
    return int((right & visible).sum()) / max(int(visible.sum()), 1)


def right_by_loops(
    found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1
) -> float:
    """Point by point in plain numbers; 0.0 without any visible point."""
    right = []
    for g in range(len(found)):
        for p in range(found.shape[1]):
            if visible[g, p]:
                off = math.dist(found[g, p].tolist(), true[g, p].tolist())
                right.append(off / sizes[g].item() <= threshold + 1e-7)
    return sum(right) / len(right) if right else 0.0


def right_by_selection(
    found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1
) -> float:
    """Picks the visible points first, and the size of the object of each; hypot for the distance."""
    objects, _ = visible.nonzero(as_tuple=True)
    off = found[visible] - true[visible]
    if not len(off):
        return float("nan")
    right = torch.hypot(off[:, 0], off[:, 1]) <= sizes[objects] * threshold
    return float(right.double().mean())


def _distance(found, true):
    return (found - true).norm(dim=-1)


def _share(right, visible):
    return right[visible].float().mean().item()


def wrong_strictly_within(found, true, visible, sizes, threshold=0.1):
    """< for <=: a point at exactly the threshold is within it."""
    return _share(_distance(found, true) / sizes[:, None] < threshold, visible)


def wrong_in_pixels(found, true, visible, sizes, threshold=0.1):
    """Compares pixels with the threshold: the size of the object is ignored."""
    return _share(_distance(found, true) <= threshold, visible)


def wrong_hidden_points_count(found, true, visible, sizes, threshold=0.1):
    """The share of all points: hidden ones count too."""
    return (_distance(found, true) <= threshold * sizes[:, None]).float().mean().item()


def wrong_divided_by_all(found, true, visible, sizes, threshold=0.1):
    """Right and visible points, as a share of all points: hidden ones count as wrong."""
    return ((_distance(found, true) <= threshold * sizes[:, None]) & visible).float().mean().item()


def wrong_hidden_are_right(found, true, visible, sizes, threshold=0.1):
    """Sets the distances of hidden points to 0 and takes the mean of all: they count as right."""
    return (_distance(found, true) * visible <= threshold * sizes[:, None]).float().mean().item()


def wrong_square_around_the_point(found, true, visible, sizes, threshold=0.1):
    """The larger of the distances in x and y: a square is larger than the circle."""
    return _share((found - true).abs().amax(-1) <= threshold * sizes[:, None], visible)


def wrong_city_blocks(found, true, visible, sizes, threshold=0.1):
    """The sum of the distances in x and y: too strict off the axes."""
    return _share((found - true).abs().sum(-1) <= threshold * sizes[:, None], visible)


def wrong_squared_distance(found, true, visible, sizes, threshold=0.1):
    """Forgets the root: squared pixels against pixels."""
    return _share((found - true).square().sum(-1) <= threshold * sizes[:, None], visible)


def wrong_mean_of_objects(found, true, visible, sizes, threshold=0.1):
    """The share for each object, and their mean: an object with one visible point weighs as much as one with
    three.
    """
    right = (_distance(found, true) <= threshold * sizes[:, None]) & visible
    seen = visible.sum(1)
    return (right.sum(1)[seen > 0] / seen[seen > 0]).mean().item()


def wrong_whole_objects(found, true, visible, sizes, threshold=0.1):
    """The share of objects all of whose visible points are right."""
    right = (_distance(found, true) <= threshold * sizes[:, None]) | ~visible
    return right.all(1)[visible.any(1)].float().mean().item()


def wrong_threshold_fixed(found, true, visible, sizes, threshold=0.1):
    """0.1 whatever was asked for."""
    return _share(_distance(found, true) <= 0.1 * sizes[:, None], visible)


def wrong_percent(found, true, visible, sizes, threshold=0.1):
    """In percent, 0 to 100: a share was asked for."""
    return 100 * _share(_distance(found, true) <= threshold * sizes[:, None], visible)


def wrong_number_of_points(found, true, visible, sizes, threshold=0.1):
    """How many are right, not their share."""
    return float(((_distance(found, true) <= threshold * sizes[:, None]) & visible).sum())


def wrong_mean_size(found, true, visible, sizes, threshold=0.1):
    """The mean size for all objects: too mild on small ones."""
    return _share(_distance(found, true) <= threshold * sizes.float().mean(), visible)


def wrong_sizes_along_the_points(found, true, visible, sizes, threshold=0.1):
    """Sizes along the axis of the points: an error, or the sizes of other objects where G is P."""
    return _share(_distance(found, true) <= threshold * sizes, visible)


def wrong_mean_distance(found, true, visible, sizes, threshold=0.1):
    """The mean distance in sizes: that is the other score, and the threshold is ignored."""
    return (_distance(found, true) / sizes[:, None])[visible].mean().item()


def wrong_share_of_the_wrong(found, true, visible, sizes, threshold=0.1):
    """The share of the points that are beyond the threshold."""
    return _share(_distance(found, true) > threshold * sizes[:, None], visible)


def wrong_on_average_near(found, true, visible, sizes, threshold=0.1):
    """1 where the mean distance of an object is small enough: a good point hides a bad one."""
    seen = visible.any(1)
    mean = (_distance(found, true) * visible).sum(1) / visible.sum(1).clamp(min=1)
    return (mean <= threshold * sizes)[seen].float().mean().item()
