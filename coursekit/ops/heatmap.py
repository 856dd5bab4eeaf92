"""Heat maps: objects drawn as Gaussians, found again as peaks, and corners pooled and grouped into boxes.

A heat map is (K, H, W), one channel a class (channel k is class k, so label k + 1 where 0 is background).
A point is (x, y) in cells of the map: cell (3, 0) is the fourth of the first row.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops.argument import FLOATS, WHOLE, expect

# Along which axis, and whether against it, a maximum runs on towards the named side.
DIRECTIONS = {"top": (-2, True), "bottom": (-2, False), "left": (-1, True), "right": (-1, False)}


class Peaks(NamedTuple):
    """Peaks of a heat map, the highest first."""

    points: Tensor  # (P, 2) int64, x and y; float once offsets are added
    labels: Tensor  # (P,) int64 in 0..K-1
    scores: Tensor  # (P,)


def gaussian_radius(boxes: Tensor, min_overlap: float = 0.7) -> Tensor:
    """Return how far both corners of a box may move along each axis and still leave an IoU of `min_overlap`.

    Of every way to move two corners by up to r along each axis, the worst is one of three: both corners go
    inwards, both outwards, or both the same way. Each is a quadratic equation in r; the smallest root counts.
    The root is written 2c / (b + sqrt(b^2 - 4ac)), which stays exact when a is small.

    **The published bug.** CornerNet's first code and CenterNet's take (b + sqrt(b^2 - 4ac)) / 2 in all three
    cases: never divided by a, and in two of them the larger root. A 10 x 10 box at overlap 0.7 then gets 2.73,
    from the case in which both corners go outwards. That leaves an IoU of 0.21; right is 0.82. (princeton-vl/CornerNet, issues 37 and 110.)

    Shapes: (..., 4) -> (...).
    Args:
        boxes: xyxy, in cells of the heat map; an empty box has radius 0.
        min_overlap: the IoU to keep, in (0, 1].
    Raises:
        ValueError: an overlap outside (0, 1], or boxes of another shape.
    Source: Law and Deng, "CornerNet", 2018, section 3.2, arXiv:1808.01244.

    >>> gaussian_radius(torch.tensor([[0.0, 0.0, 10.0, 10.0]]))
    tensor([0.8167])
    """
    if not 0 < min_overlap <= 1:
        raise ValueError(f"the overlap is {min_overlap}: it must be above 0 and at most 1.")
    expect("boxes", boxes, "(..., 4)")
    boxes = boxes if boxes.dtype == torch.float64 else boxes.float()
    width, height = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).unbind(-1)  # twice (...)
    half_girth, area = width + height, width * height
    same_way = _smaller_root(1, half_girth, area * (1 - min_overlap) / (1 + min_overlap))
    inwards = _smaller_root(4, 2 * half_girth, area * (1 - min_overlap))
    outwards = _smaller_root(-4 * min_overlap, 2 * min_overlap * half_girth, area * (1 - min_overlap))
    return torch.minimum(torch.minimum(same_way, inwards), outwards)


def draw_gaussians(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    """Return a heat map with a Gaussian of height 1 at each point; where several meet, the highest counts.

    Sigma is a sixth of the diameter 2r + 1, and beyond r along an axis the Gaussian is cut off.

    Shapes: (N, 2), (N,), (N,) -> (K, H, W) float32.
    Args:
        points: x and y of each object, whole cells inside the map.
        radii: in cells; rounded down to whole cells, as in CornerNet.
        labels: int64 in 0..K-1.
        size: (K, height, width) of the map.
    Raises:
        ValueError: a point outside the map, a label without a channel, a radius that is NaN or negative, or not one
            radius and label a point.
    Source: Law and Deng, "CornerNet", 2018, section 3.2, arXiv:1808.01244; sigma is that of its code.

    >>> draw_gaussians(torch.tensor([[1, 0]]), torch.tensor([1]), torch.tensor([0]), size=(1, 2, 4))
    tensor([[[0.1353, 1.0000, 0.1353, 0.0000],
             [0.0183, 0.1353, 0.0183, 0.0000]]])
    """
    check_map(size)
    classes, height, width = size
    expect("points", points, "(N, 2)")
    expect("radii", radii, "(N,)")
    expect("labels", labels, "(N,)", WHOLE)
    if not len(points) == len(radii) == len(labels):
        raise ValueError(
            f"{len(points)} points, {len(radii)} radii and {len(labels)} labels: give one of each."
        )
    heatmap = torch.zeros(size, device=points.device)
    if len(points) == 0:
        return heatmap
    if not (points.isfinite().all() and radii.isfinite().all() and radii.min() >= 0):
        raise ValueError("a point or a radius is NaN or infinite, or a radius is negative: drop it first.")
    if points.min() < 0 or points[:, 0].max() >= width or points[:, 1].max() >= height:
        raise ValueError(f"a point is outside the heat map of {width} x {height} cells: clip it first.")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"a label is outside 0..{classes - 1}: the heat map has {classes} channels.")
    points, radii = points.detach(), radii.detach()
    across = _bell(width, points[:, 0], radii)  # (N, W)
    down = _bell(height, points[:, 1], radii)  # (N, H)
    for label, row, column in zip(labels.tolist(), across, down, strict=True):
        torch.maximum(heatmap[label], column[:, None] * row, out=heatmap[label])
    return heatmap


def peaks(heatmap: Tensor, count: int = 100, kernel_size: int = 3) -> Peaks:
    """Return the `count` highest cells that no neighbour exceeds, fewer when there are fewer.

    The maximum of a window takes the place of NMS. Equal neighbours are all peaks; equal scores keep the
    order of the cells.

    Shapes: (K, H, W) -> points (P, 2), labels (P,), scores (P,), with P <= count.
    Args:
        heatmap: probabilities or logits.
        count: the most peaks of all classes together.
        kernel_size: odd number of cells per side of the window.
    Raises:
        ValueError: an even window, a negative count, or a heat map that is not (K, H, W) or has NaN in it.
    Source: Zhou et al., "Objects as Points", 2019, section 4, arXiv:1904.07850.

    >>> peaks(torch.tensor([[[0.1, 0.9, 0.2, 0.3]]]))
    Peaks(points=tensor([[1, 0],
            [3, 0]]), labels=tensor([0, 0]), scores=tensor([0.9000, 0.3000]))
    """
    expect("heatmap", heatmap, "(...)")
    if heatmap.ndim != 3:
        raise ValueError(
            f"the heat map has shape {tuple(heatmap.shape)}: it must be (classes, height, width)."
        )
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(
            f"the window has {kernel_size} cells per side: it needs an odd number, to have a centre."
        )
    if count < 0:
        raise ValueError(f"`count` must be 0 or more, but is {count}.")
    if heatmap.isnan().any():
        raise ValueError("the heat map has NaN in it: look at the network's outputs before this step.")
    highest = heatmap
    if heatmap.numel():
        highest = F.max_pool2d(heatmap[None], kernel_size, stride=1, padding=kernel_size // 2)[0]  # (K, H, W)
    label, y, x = (heatmap == highest).nonzero().unbind(1)  # three times (candidates,)
    scores, order = heatmap[label, y, x].sort(descending=True, stable=True)
    order = order[:count]
    return Peaks(torch.stack([x, y], 1)[order], label[order], scores[:count])


def corner_pool(features: Tensor, direction: str) -> Tensor:
    """Return at every cell the maximum of the features from there on to the far side.

    The corner of a box is mostly empty: what tells of it lies to the right of it (the object's top edge) and
    below it (its left edge). Pooling "left" carries the former to the left, "top" the latter to the top; a
    top-left corner needs both, a bottom-right one "right" and "bottom".

    Shapes: (..., H, W) -> (..., H, W).
    Args:
        direction: where the maxima are carried: "top", "bottom", "left" or "right".
    Raises:
        ValueError: an unknown direction, or features without two axes.
    Source: Law and Deng, "CornerNet", 2018, eq. 6 and 7, arXiv:1808.01244.

    >>> corner_pool(torch.tensor([[1, 3, 0, 2]]), "left")
    tensor([[3, 3, 2, 2]])
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"unknown direction {direction!r}: use one of {', '.join(DIRECTIONS)}.")
    expect("features", features, "(..., H, W)")
    axis, backwards = DIRECTIONS[direction]
    if backwards:
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values


def group_corners(
    top_left: Peaks,
    bottom_right: Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the boxes that two corners of one class with near embeddings span, the best score first.

    A pair whose second corner is not below and to the right of the first is not a box and is left out. The
    score is the mean of the two corners'. A corner may belong to several boxes: NMS comes after.

    Shapes: embeddings (P, D) and (Q, D) -> boxes (B, 4), labels (B,), scores (B,), with B <= count.
    Args:
        top_left, bottom_right: P and Q corners, as `peaks` finds them.
        max_distance: Euclidean distance of the embeddings up to which two corners are one object's.
        count: the most boxes.
    Raises:
        ValueError: not one embedding a corner, embeddings of two lengths, or a negative count.
    Source: Law and Deng, "CornerNet", 2018, section 4.1, arXiv:1808.01244.

    >>> first = Peaks(torch.tensor([[0, 0], [7, 7]]), torch.tensor([2, 2]), torch.tensor([0.9, 0.8]))
    >>> last = Peaks(torch.tensor([[5, 4]]), torch.tensor([2]), torch.tensor([0.7]))
    >>> group_corners(first, last, torch.tensor([[1.0], [1.0]]), torch.tensor([[1.2]]))
    (tensor([[0, 0, 5, 4]]), tensor([2]), tensor([0.8000]))
    """
    for corners, embeddings in ((top_left, top_left_embeddings), (bottom_right, bottom_right_embeddings)):
        if embeddings.ndim != 2 or len(embeddings) != len(corners.points):
            raise ValueError(
                f"there are {len(corners.points)} corners, but the embeddings have shape "
                f"{tuple(embeddings.shape)}: it must be (corners, numbers)."
            )
        expect("embeddings", embeddings, "(P, D)", FLOATS)
    if top_left_embeddings.shape[1] != bottom_right_embeddings.shape[1] or count < 0:
        numbers = f"{top_left_embeddings.shape[1]} and {bottom_right_embeddings.shape[1]} numbers"
        raise ValueError(
            f"the embeddings have {numbers} and the count is {count}: as many each, and 0 or more."
        )
    difference = top_left_embeddings[:, None] - bottom_right_embeddings  # (P, Q, D)
    together = torch.linalg.vector_norm(difference, dim=2) <= max_distance  # (P, Q)
    same_class = top_left.labels[:, None] == bottom_right.labels
    is_box = (top_left.points[:, None] < bottom_right.points).all(2)
    first, last = (together & same_class & is_box).nonzero().unbind(1)  # twice (pairs,)
    scores, order = ((top_left.scores[first] + bottom_right.scores[last]) / 2).sort(
        descending=True, stable=True
    )
    first, last = first[order[:count]], last[order[:count]]
    boxes = torch.cat([top_left.points[first], bottom_right.points[last]], 1)  # (B, 4)
    return boxes, top_left.labels[first], scores[:count]


def check_map(size: Sequence[int]) -> None:
    if len(size) != 3 or not all(side >= 0 and side == int(side) for side in size):
        raise ValueError(
            f"`size` must be (channels, height, width), whole numbers from 0 on, but is {tuple(size)}."
        )


def _smaller_root(a: float, b: Tensor, c: Tensor) -> Tensor:
    """The smallest r >= 0 with a r^2 - b r + c = 0, for b, c >= 0; 0 where all vanish."""
    divisor = b + (b**2 - 4 * a * c).clamp(min=0).sqrt()
    return 2 * c / torch.where(divisor > 0, divisor, 1)


def _bell(length: int, centres: Tensor, radii: Tensor) -> Tensor:
    """exp(-d^2 / 2 sigma^2) along one axis, 0 beyond the radius: (N, length)."""
    radii = radii.long()[:, None]
    distance = torch.arange(length, device=centres.device) - centres[:, None]  # (N, length)
    sigma = (2 * radii + 1) / 6
    return torch.exp(-(distance**2) / (2 * sigma**2)) * (distance.abs() <= radii)
