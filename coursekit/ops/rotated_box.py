"""Boxes that are rotated about their centre: (cx, cy, w, h, angle), in pixels and degrees.

The angle turns counter-clockwise as seen on the screen, where y points down. So angles 0 and 180 are the same box, and so are
(w, h, angle) and (h, w, angle + 90): a rotated box has no unique description.
"""

import numpy as np
import torch
from torch import Tensor

from coursekit.ops.argument import PIXELS, expect, single


def rotated_box_corners(boxes: Tensor) -> Tensor:
    """Return the corners of each rotated box, clockwise on the screen from the one that is top left at angle 0.

    Shapes: (..., 5) cx, cy, w, h in pixels and the angle in degrees -> (..., 4, 2) x, y.
    Raises:
        ValueError: boxes of another shape.
    Like torchvision's `box_convert` from "cxcywhr" to "xyxyxyxy".

    >>> rotated_box_corners(torch.tensor([2.0, 1.0, 4.0, 2.0, 0.0])).tolist()
    [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]]
    """
    expect("boxes", boxes, "(..., 5)")
    centre, sides, angle = single(boxes).split((2, 2, 1), -1)
    cos, sin = angle.deg2rad().cos(), angle.deg2rad().sin()  # (..., 1)
    right = (
        torch.cat([cos, -sin], -1) * sides[..., :1] / 2
    )  # (..., 2) from the centre to the middle of a side
    down = torch.cat([sin, cos], -1) * sides[..., 1:] / 2
    around = [-right - down, right - down, right + down, -right + down]
    return centre[..., None, :] + torch.stack(around, -2)  # (..., 4, 2)


def rotated_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Return the intersection over union of every rotated box of the first set with every one of the second.

    The first box is cut along each side of the second, and the area of what is left is the intersection. A box without
    area has IoU 0 with everything.

    Shapes: (N, 5), (M, 5) as `rotated_box_corners` -> (N, M) in [0, 1].
    Raises:
        ValueError: boxes of another shape, a number that is not finite, or a negative side.
    Source: Sutherland and Hodgman, "Reentrant polygon clipping", 1974, doi:10.1145/360767.360802.

    >>> square = torch.tensor([[0.0, 0.0, 2.0, 2.0, 0.0], [0.0, 0.0, 2.0, 2.0, 90.0]])
    >>> rotated_box_iou(square, torch.tensor([[1.0, 0.0, 2.0, 2.0, 0.0]]))
    tensor([[0.3333],
            [0.3333]])
    """
    _check("boxes1", boxes1)
    _check("boxes2", boxes2)
    precision = torch.promote_types(single(boxes1).dtype, single(boxes2).dtype)
    boxes1, boxes2 = boxes1.double(), boxes2.double()
    first, second = rotated_box_corners(boxes1), rotated_box_corners(boxes2)  # (N, 4, 2), (M, 4, 2)
    area1, area2 = boxes1[:, 2:4].prod(1), boxes2[:, 2:4].prod(1)  # (N,), (M,)
    low, high = (
        torch.maximum(*_pairs(first.amin(1), second.amin(1))),
        torch.minimum(*_pairs(first.amax(1), second.amax(1))),
    )
    meet = (low < high).all(2) & (area1[:, None] > 0) & (area2 > 0)  # (N, M): only these are cut
    i, j = meet.nonzero().unbind(1)
    origin = boxes1[i, None, :2]  # near the origin a product of coordinates keeps its digits
    both = polygon_area(clip_polygons(first[i] - origin, second[j] - origin))  # (pairs,)
    iou = boxes1.new_zeros(meet.shape).index_put((i, j), both / (area1[i] + area2[j] - both))
    return iou.clamp(0, 1).to(precision)


def rotated_nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Return the indices of the rotated boxes that are kept, by falling score.

    Of equal scores the box that comes first counts as the better one. The table of all IoUs is in memory.

    Shapes: (N, 5), (N,) -> (kept,) int64.
    Args:
        iou_threshold: a box goes when a kept box overlaps it by *more* than this, in [0, 1].
    Raises:
        ValueError: as `rotated_box_iou`, not one score for each box, a score that is NaN, a threshold outside [0, 1].

    >>> across = torch.tensor([[5.0, 5.0, 8.0, 2.0, 0.0], [5.0, 5.0, 8.0, 2.0, 5.0], [5.0, 5.0, 8.0, 2.0, 90.0]])
    >>> rotated_nms(across, torch.tensor([0.9, 0.8, 0.7]), 0.5)
    tensor([0, 2])
    """
    _check("boxes", boxes)
    expect("scores", scores, "(N,)")
    if len(boxes) != len(scores):
        raise ValueError(f"there are {len(boxes)} boxes but {len(scores)} scores: give each box one.")
    if scores.isnan().any() or not 0 <= iou_threshold <= 1:
        raise ValueError(f"a score is NaN, or the threshold, {iou_threshold}, is not in [0, 1]: correct it.")
    order = scores.argsort(descending=True, stable=True)
    rivals = rotated_box_iou(boxes.detach()[order], boxes.detach()[order]) > iou_threshold  # (N, N)
    kept = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    for i in range(len(boxes)):
        if kept[i]:
            kept[i + 1 :] &= ~rivals[i, i + 1 :]
    return order[kept]


def masks_to_rotated_boxes(masks: Tensor) -> Tensor:
    """Return the smallest rotated box around each mask, with its longer side as the width and an angle in [0, 180).

    One side of the smallest rectangle lies along an edge of the convex hull, so each edge is tried. A mask without
    pixels has the box (0, 0, 0, 0, 0).

    Shapes: (N, H, W) -> (N, 5) float32, as `rotated_box_corners`.
    Raises:
        ValueError: masks of another shape.
    Source: Freeman and Shapira, "Determining the minimum-area encasing rectangle for an arbitrary closed curve",
        1975, doi:10.1145/360881.360919.

    >>> masks_to_rotated_boxes(torch.tensor([[[0, 1, 1, 1], [0, 1, 1, 1]]]))
    tensor([[2.5000, 1.0000, 3.0000, 2.0000, 0.0000]])
    """
    expect("masks", masks, "(N, H, W)", PIXELS)
    rows = [_smallest_box((mask != 0).cpu().numpy()) for mask in masks.detach()]
    return torch.tensor(np.array(rows).reshape(-1, 5), dtype=torch.float32, device=masks.device)


def clip_polygons(polygons: Tensor, windows: Tensor) -> Tensor:
    """Return the part of each polygon that lies in its convex window; spare corners repeat another one.

    Shapes: (P, V, 2), (P, S, 2), both clockwise on the screen -> (P, V + S, 2).
    """
    for start, end in zip(windows.unbind(1), windows.roll(-1, 1).unbind(1), strict=True):
        polygons = _cut(polygons, start[:, None], end[:, None])  # one corner more
    return polygons


def polygon_area(polygons: Tensor) -> Tensor:
    """Return the area of each polygon, positive if clockwise on the screen: (P, V, 2) -> (P,)."""
    return _cross(polygons, polygons.roll(-1, 1)).sum(1) / 2


def _cut(polygons: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Return what lies to the right of the line from start to end, as seen on the screen: (P, V, 2) -> (P, V + 1, 2)."""
    depth = _cross(end - start, polygons - start)  # (P, V), negative outside
    after, depth_after = polygons.roll(-1, 1), depth.roll(-1, 1)
    inside, crosses = depth >= 0, (depth >= 0) != (depth_after >= 0)  # a corner; the side that begins there
    share = depth / torch.where(crosses, depth - depth_after, 1)
    points = torch.stack([polygons, polygons + share[..., None] * (after - polygons)], 2).flatten(1, 2)
    used = torch.stack([inside, crosses], 2).flatten(1)  # (P, 2 V)
    first = used.byte().argsort(dim=1, descending=True, stable=True)[:, : polygons.shape[1] + 1]  # (P, V + 1)
    points = points.gather(1, first[..., None].expand(-1, -1, 2))  # (P, V + 1, 2)
    return torch.where(used.gather(1, first)[..., None], points, points[:, :1])


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _pairs(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Return both as tables of all pairs: (N, 2), (M, 2) -> (N, 1, 2), (1, M, 2)."""
    return first[:, None], second[None]


def _smallest_box(mask: np.ndarray) -> np.ndarray:
    from scipy.spatial import ConvexHull  # half a second to import

    y, x = mask.nonzero()
    if not len(x):
        return np.zeros(5)
    corners = np.concatenate([np.stack([x + dx, y + dy], 1) for dx in (0, 1) for dy in (0, 1)])
    hull = corners[ConvexHull(corners).vertices].astype(float)  # (V, 2)
    along = np.roll(hull, -1, 0) - hull
    along /= np.linalg.norm(along, axis=1, keepdims=True)  # (V, 2) a unit vector for each edge
    axes = np.stack([along, np.stack([-along[:, 1], along[:, 0]], 1)], 1)  # (V, 2, 2) and its normal
    places = axes @ hull.T  # (V, 2, V)
    low, high = places.min(2), places.max(2)  # (V, 2)
    best = (high - low).prod(1).argmin()
    sides, centre = (high - low)[best], (low + high)[best] / 2 @ axes[best]
    longer = axes[best, sides.argmax()]
    angle = np.degrees(np.arctan2(-longer[1], longer[0])) % 180
    return np.array([*centre, sides.max(), sides.min(), angle])


def _check(name: str, boxes: Tensor) -> None:
    expect(name, boxes, "(N, 5)")
    if not boxes.isfinite().all() or (boxes[:, 2:4] < 0).any():
        raise ValueError(
            f"a row of `{name}` is not finite or has a negative side: it must be (cx, cy, w, h, angle)."
        )
