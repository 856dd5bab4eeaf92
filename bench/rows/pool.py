"""Pooling of regions, against torchvision."""

from collections import OrderedDict
from functools import partial

import torch
import torchvision.ops as peer
from compare import Case, Run, row
from torch import Tensor
from torchvision.ops.poolers import LevelMapper

from coursekit import ops
from rows.inputs import noise, random_boxes

GROUP = "Pooling of regions"
SIZES = ((50, 64, 32), (512, 256, 50), (1000, 256, 50))  # regions, channels, side of the map
BETWEEN = ((150, 256, 50), (4000, 256, 50))
STRIDE, BINS = 16, 7
INPUTS = "regions of 16 to 400 pixels in a square map of stride 16, 7 x 7 bins"


def regions(count: int, side: float, seed: int = 0) -> Tensor:
    """Boxes of 16 to 400 pixels (at most half of the image) with a batch index 0: (count, 5)."""
    share = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed))
    sides = 16 + (min(400, side / 2) - 16) * share[:, 2:]
    corner = share[:, :2] * (side - sides)
    return torch.cat([torch.zeros(count, 1), corner, corner + sides], 1)


def pooling(size: tuple[int, int, int], ours: Run, theirs: Run) -> Case:
    count, channels, side = size
    boxes, leaves = regions(count, side * STRIDE), (noise(1, channels, side, side),)

    def bound(pool: Run) -> Run:
        return lambda map: pool(map, boxes)

    text = f"{count} x {channels} x {side}²"
    return Case(text, count, bound(ours), {"torchvision": bound(theirs)}, leaves)


@row(
    GROUP,
    INPUTS + ", 2 x 2 samples a bin",
    SIZES,
    between=BETWEEN,
    forward=(1, 0.4, 0.5),
    gradient=(0.4, 0.2, 0.25),
)
def roi_align(size: tuple[int, int, int]) -> Case:
    settings = {"output_size": BINS, "spatial_scale": 1 / STRIDE, "sampling_ratio": 2, "aligned": True}
    return pooling(size, partial(ops.roi_align, **settings), partial(peer.roi_align, **settings))


@row(GROUP, INPUTS + ", as many samples as cells", SIZES, name="roi_align, adaptive")
def roi_align_adaptive(size: tuple[int, int, int]) -> Case:
    settings = {"output_size": BINS, "spatial_scale": 1 / STRIDE, "sampling_ratio": 0, "aligned": True}
    return pooling(size, partial(ops.roi_align, **settings), partial(peer.roi_align, **settings))


@row(GROUP, INPUTS, SIZES, forward=(3, 2, 2))
def roi_pool(size: tuple[int, int, int]) -> Case:
    settings = {"output_size": BINS, "spatial_scale": 1 / STRIDE}
    return pooling(size, partial(ops.roi_pool, **settings), partial(peer.roi_pool, **settings))


@row(
    GROUP,
    INPUTS + "; the peer is roi_align with one sample",
    SIZES,
    forward=(1, 1, 1),
    gradient=(0.5, 0.5, 0.5),
)
def crop_and_resize(size: tuple[int, int, int]) -> Case:
    settings = {"output_size": BINS, "spatial_scale": 1 / STRIDE}
    theirs = partial(peer.roi_align, **settings, sampling_ratio=1, aligned=True)
    return pooling(size, partial(ops.crop_and_resize, **settings), theirs)


@row(GROUP, "boxes of 5 to 500 pixels", (100, 1000, 20000))
def pyramid_level(n: int) -> Case:
    boxes = 5 * random_boxes(n, 0)
    mapper = LevelMapper(2, 5)
    return Case(f"{n}", n, partial(ops.pyramid_level, boxes, 2, 5), {"torchvision": lambda: mapper([boxes])})


@row(
    GROUP,
    "maps of strides 4 to 32 with 64 channels, regions as above, 7 x 7 bins, 2 x 2 samples",
    ((50, 256), (200, 512), (1000, 800)),
)
def pyramid_roi_align(size: tuple[int, int]) -> Case:
    count, side = size
    strides = (4, 8, 16, 32)
    leaves = tuple(noise(1, 64, side // stride, side // stride, seed=stride) for stride in strides)
    boxes = [regions(count, side)[:, 1:]]
    pooler = peer.MultiScaleRoIAlign(["0", "1", "2", "3"], BINS, 2)

    def ours(*maps: Tensor) -> Tensor:
        return ops.pyramid_roi_align(maps, boxes, BINS, strides, sampling_ratio=2)

    def theirs(*maps: Tensor) -> Tensor:
        return pooler(OrderedDict(zip("0123", maps, strict=True)), boxes, [(side, side)])

    return Case(f"{count} regions in {side}²", count, ours, {"torchvision": theirs}, leaves)
