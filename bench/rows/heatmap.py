"""Heat maps, against SciPy and NumPy, or a plain loop where no library has them."""

import math
from functools import partial

import numpy as np
import scipy.ndimage
import torch
from compare import Case, Run, row
from torch import Tensor

from coursekit import ops
from coursekit.ops import Peaks
from rows.inputs import chance, noise, random_boxes

GROUP = "Heat maps"
SIDES = (32, 128, 256)


@row(GROUP, "boxes of 5 to 100 cells; the peer is a plain loop over the boxes", (10, 100, 1000))
def gaussian_radius(n: int) -> Case:
    boxes = random_boxes(n, 0)

    def smallest(width: float, height: float, overlap: float = 0.7) -> float:
        girth, area = width + height, width * height
        equations = (
            (1, girth, area * (1 - overlap) / (1 + overlap)),
            (4, 2 * girth, area * (1 - overlap)),
            (-4 * overlap, 2 * overlap * girth, area * (1 - overlap)),
        )
        return min(2 * c / (b + math.sqrt(b**2 - 4 * a * c)) for a, b, c in equations)

    loop = lambda: [smallest(x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes.tolist()]  # noqa: E731
    return Case(f"{n}", n, partial(ops.gaussian_radius, boxes), {"plain loop": loop})


@row(GROUP, "20 objects of radius 4 on 10 maps; the peer pastes patches, as CornerNet's code does", SIDES)
def draw_gaussians(side: int) -> Case:
    points = torch.randint(0, side, (20, 2), generator=chance(0))
    labels = torch.randint(0, 10, (20,), generator=chance(1))
    radius = 4
    near = np.arange(-radius, radius + 1)
    bump = np.exp(-(near[:, None] ** 2 + near**2) / (2 * ((2 * radius + 1) / 6) ** 2)).astype(np.float32)

    def patches() -> np.ndarray:
        heatmap = np.zeros((10, side, side), np.float32)
        for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True):
            top, left = max(y - radius, 0), max(x - radius, 0)
            window = heatmap[label, top : y + radius + 1, left : x + radius + 1]
            part = bump[top - y + radius :, left - x + radius :][: window.shape[0], : window.shape[1]]
            np.maximum(window, part, out=window)
        return heatmap

    ours = partial(ops.draw_gaussians, points, torch.full((20,), float(radius)), labels, (10, side, side))
    return Case(f"10 x {side}²", side**2, ours, {"patches": patches})


@row(GROUP, "the 100 highest of 10 random maps", SIDES)
def peaks(side: int) -> Case:
    heatmap = torch.rand(10, side, side, generator=chance(0))

    def filtered() -> np.ndarray:
        values = heatmap.numpy()
        highest = scipy.ndimage.maximum_filter(values, size=(1, 3, 3), mode="constant")
        label, y, x = np.nonzero(values == highest)
        scores = values[label, y, x]
        return scores[np.argsort(-scores, kind="stable")[:100]]

    ours = lambda: ops.peaks(heatmap).scores  # noqa: E731
    return Case(f"10 x {side}²", side**2, ours, {"SciPy": filtered})


@row(GROUP, "64 channels, to the left; the peer is a plain loop over the columns", SIDES)
def corner_pool(side: int) -> Case:
    def loop(features: Tensor) -> Tensor:
        columns = [features[..., -1]]
        for column in reversed(features[..., :-1].unbind(-1)):
            columns.append(torch.maximum(column, columns[-1]))
        return torch.stack(columns[::-1], -1)

    leaves = (noise(1, 64, side, side),)
    ours = partial(ops.corner_pool, direction="left")
    return Case(f"64 x {side}²", side**2, ours, {"plain loop": loop}, leaves)


def corners(count: int, seed: int) -> tuple[Peaks, Tensor]:
    share = torch.rand(4, count, generator=chance(seed))
    found = Peaks((share[:2].T * 128).long(), (share[2] * 10).long(), share[3])
    return found, torch.rand(count, 1, generator=chance(seed + 1))


@row(GROUP, "N x N corners of 10 classes; the peer is a plain loop over the pairs", (10, 50, 200))
def group_corners(n: int) -> Case:
    (first, first_tags), (last, last_tags) = corners(n, 0), corners(n, 2)
    return Case(
        f"{n} x {n}",
        n,
        lambda: ops.group_corners(first, last, first_tags, last_tags)[2],
        {"plain loop": pair_by_pair(first, last, first_tags[:, 0].tolist(), last_tags[:, 0].tolist())},
    )


def pair_by_pair(first: Peaks, last: Peaks, first_tags: list[float], last_tags: list[float]) -> Run:
    def loop() -> list[float]:
        scores = []
        ends = list(zip(*(part.tolist() for part in last), last_tags, strict=True))
        for (x1, y1), label, score, tag in zip(*(part.tolist() for part in first), first_tags, strict=True):
            for (x2, y2), other_label, other_score, other_tag in ends:
                if label == other_label and x1 < x2 and y1 < y2 and abs(tag - other_tag) <= 0.5:
                    scores.append((score + other_score) / 2)
        return sorted(scores, reverse=True)[:100]

    return loop
