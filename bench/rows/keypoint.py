"""Points between the cells of a heat map, against plain loops and SciPy."""

from functools import partial

import numpy as np
import scipy.ndimage
import torch
from compare import Case, row

from coursekit import ops
from rows.inputs import chance

GROUP = "Key points"
SIDES = (24, 64, 128)
POINTS, CHANNELS, SIGMA = 20, 30, 1.25


def places(side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Points away from the border, and their channels."""
    points = 4 + (side - 9) * torch.rand(POINTS, 2, generator=chance(0))
    return points, torch.randint(0, CHANNELS, (POINTS,), generator=chance(1))


@row(
    GROUP,
    "20 points on 30 maps; the peer is a plain loop over the points",
    SIDES,
    covers=("to_cells", "to_pixels"),
)
def gaussian_heatmap(side: int) -> Case:
    points, channels = places(side)
    grid = np.arange(side)

    def loop() -> np.ndarray:
        heatmap = np.zeros((CHANNELS, side, side), np.float32)
        for (x, y), channel in zip(points.tolist(), channels.tolist(), strict=True):
            bell = np.exp(-((grid - x) ** 2 + (grid[:, None] - y) ** 2) / (2 * SIGMA**2))
            np.maximum(heatmap[channel], bell, out=heatmap[channel])
        return heatmap

    ours = partial(ops.gaussian_heatmap, points, channels, (CHANNELS, side, side), SIGMA)
    return Case(f"{CHANNELS} x {side}²", side**2, ours, {"plain loop": loop})


@row(
    GROUP,
    "30 maps; the peer is SciPy's centre of mass of the softmax, map by map",
    SIDES,
    covers=("refine_peaks",),
)
def soft_argmax(side: int) -> Case:
    heatmap = torch.rand(CHANNELS, side, side, generator=chance(0), dtype=torch.float64)

    def centres() -> np.ndarray:
        weights = (6.0 * heatmap).flatten(1).softmax(1).view_as(heatmap).numpy()
        return np.array([scipy.ndimage.center_of_mass(each)[::-1] for each in weights])

    return Case(f"{CHANNELS} x {side}²", side**2, partial(ops.soft_argmax, heatmap), {"SciPy": centres})
