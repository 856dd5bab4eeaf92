"""Part 2: what RoI pooling makes of regions, of a shift, and where its gradients go."""

from functools import cache

import torch
from matplotlib.figure import Figure
from regression import busiest
from torch import Tensor
from trained import FIVE, features, targets

from classroom.figures import enlarge, pooling
from coursekit.data.still_life import still_life
from coursekit.models.fast_rcnn import BINS
from coursekit.nets.efficientnet import EfficientNetLite0

MUG = 0  # an object of the scene
SHIFTS = torch.arange(0, 16.01, 0.25)  # pixels: two cells
REGION = torch.tensor([24.0, 32.0, 80.0, 72.0])  # xyxy pixels, in whole cells of stride 8


@cache
def _map() -> tuple[Tensor, float]:
    """One channel (h, w) of C3 of the scene, and its size over that of the image."""
    return busiest(features(FIVE)["C3"].float()), 1 / EfficientNetLite0.strides["C3"]


def many_regions_one_size() -> Figure:
    """A scene with its objects' boxes, one channel of its features, and 7 x 7 cells for each box."""
    values, scale = _map()
    boxes = targets("val")[FIVE]["boxes"][:3]
    pooled = pooling.OPERATORS["RoIAlign"](values[None, None], [boxes], BINS, scale)[:, 0]
    image = enlarge(still_life("val")[FIVE][0])
    figure = pooling.regions_in_cells_out(image, values, image.shape[-1] / 192 * boxes, pooled)
    figure.axes[2].set_title(f"{len(boxes)} × {BINS} × {BINS}")
    figure.set_size_inches(11.5, 4.2)
    return figure


def three_ways_to_pool() -> list[Figure]:
    """What RoIPool, crop and resize, and RoIAlign read of one region; then what each of them outputs."""
    return [_three_poolings(row) for row in range(2)]


def _three_poolings(row: int) -> Figure:
    """One of the two rows of the drawing, in all its height."""
    values, scale = _map()
    figure = pooling.three_poolings(values, targets("val")[FIVE]["boxes"][MUG], BINS, scale, margin=1)
    for i, ax in enumerate(figure.axes):
        if i // 3 == row:
            ax.set_subplotspec(ax.get_gridspec()[:, i % 3])
            ax.set_title(list(pooling.OPERATORS)[i % 3] + (f": {BINS} × {BINS}" if row else ""))
        else:
            ax.remove()
    figure.set_size_inches(11.5, 4.3)
    return figure


def a_region_slides() -> Figure:
    """One number pooled from a ramp while the region slides: RoIPool jumps, the others follow."""
    ramp = torch.arange(24.0).expand(24, 24)  # value = column
    return pooling.sliding(ramp, REGION, SHIFTS, 1 / 8, figsize=(11.5, 4.2))


def where_gradients_arrive() -> Figure:
    """The gradient of all that is pooled from two regions, on the feature map, for each operator."""
    maps = features(FIVE)["C3"].float()
    figure = pooling.gradient_maps(
        maps, targets("val")[FIVE]["boxes"][:2], BINS, 1 / EfficientNetLite0.strides["C3"]
    )
    figure.set_size_inches(11.5, 4.2)
    return figure


def centre_of_a_cell() -> Figure:
    """A row of cells, read with their centres at a half and at whole numbers."""
    return pooling.half_a_cell((11.5, 3.9))
