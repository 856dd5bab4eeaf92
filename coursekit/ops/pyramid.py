"""Feature pyramids: which level a region is pooled from, and pooling there.

Level k of a pyramid has stride 2^k: a cell of level 4 covers 16 x 16 pixels of the image.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from coursekit.ops.argument import FLOATS, expect
from coursekit.ops.box import box_area
from coursekit.ops.pool import Regions, Size, batched_regions, roi_align


def pyramid_level(
    boxes: Tensor,
    k_min: int,
    k_max: int,
    canonical_scale: float = 224,
    canonical_level: int = 4,
    eps: float = 1e-6,
) -> Tensor:
    """Return for each box the level of the pyramid it is pooled from, counted from 0 at level `k_min`.

    Shapes: (K, 4) -> (K,) int64 in [0, k_max - k_min].
    Args:
        boxes: xyxy, image pixels.
        k_min, k_max: the finest and the coarsest level, log2 of their strides.
        canonical_scale: side, in pixels, of the square that belongs to `canonical_level`.
        eps: keeps a box whose side is just a power of two on its level.
    Raises:
        ValueError: k_min above k_max, or boxes that are not finite.
    Like torchvision's `LevelMapper`.
    Source: Lin et al., "Feature Pyramid Networks", 2017, eq. 1, arXiv:1612.03144.

    >>> sides = torch.tensor([10.0, 112.0, 223.0, 224.0, 5000.0])
    >>> pyramid_level(torch.stack([sides * 0, sides * 0, sides, sides], 1), k_min=2, k_max=5)
    tensor([0, 1, 1, 2, 3])
    """
    if k_min > k_max:
        raise ValueError(f"k_min = {k_min} is above k_max = {k_max}: give the finest level first.")
    expect("boxes", boxes, "(K, 4)")
    scale = box_area(boxes).sqrt()  # (K,)
    if not scale.isfinite().all():
        raise ValueError("a box is not finite or too far out, so it has no level: remove it first.")
    level = (canonical_level + (scale / canonical_scale).log2() + eps).floor()
    return level.clamp(k_min, k_max).long() - k_min


def pyramid_roi_align(
    features: Sequence[Tensor],
    boxes: Regions,
    output_size: Size,
    strides: Sequence[int] = (4, 8, 16, 32),
    sampling_ratio: int = 2,
    aligned: bool = False,
    canonical_scale: float = 224,
    canonical_level: int = 4,
) -> Tensor:
    """Return RoIAlign of each region on the level of the pyramid that suits its size, in the order given.

    Shapes: maps (N, C, H_l, W_l) and K regions -> (K, C, h, w).
    Args:
        features: the maps, finest first.
        boxes, output_size, sampling_ratio, aligned: as for `roi_align`.
        strides: image pixels per cell of each map, each twice the one before.
        canonical_scale, canonical_level: as for `pyramid_level`.
    Raises:
        ValueError: strides that do not fit the maps, and what `roi_align` refuses.
    Like torchvision's `MultiScaleRoIAlign`, but the strides are given, not guessed from the sizes.
    Source: Lin et al., 2017, section 4.2, arXiv:1612.03144.

    >>> maps = [torch.full((1, 2, 64 // stride, 96 // stride), float(stride)) for stride in (4, 8)]
    >>> boxes = [torch.tensor([[0.0, 0.0, 64.0, 64.0], [0.0, 0.0, 8.0, 9.0]])]
    >>> pooled = pyramid_roi_align(maps, boxes, 7, strides=(4, 8), canonical_scale=64, canonical_level=3)
    >>> pooled[:, 0].mean((1, 2)).round()
    tensor([8., 4.])
    """
    k_min = _finest_level(features, strides)
    regions = batched_regions(boxes, features[0])
    level = pyramid_level(regions[:, 1:], k_min, k_min + len(features) - 1, canonical_scale, canonical_level)
    pooled = [
        roi_align(map, regions[level == place], output_size, 1 / stride, sampling_ratio, aligned)
        for place, (map, stride) in enumerate(zip(features, strides, strict=True))
    ]
    by_level = level.argsort(stable=True)
    return torch.cat(pooled)[by_level.argsort()]  # (K, C, h, w)


def _finest_level(features: Sequence[Tensor], strides: Sequence[int]) -> int:
    if not features or len(features) != len(strides):
        raise ValueError(
            f"there are {len(features)} feature maps and {len(strides)} strides: give one for each."
        )
    for place, map in enumerate(features):
        expect(f"features[{place}]", map, "(N, C, H, W)", FLOATS)
    if len({(len(map), map.shape[1]) for map in features}) > 1:
        raise ValueError("the maps of a pyramid must have the same number of images and of channels.")
    if not all(stride > 0 for stride in strides):
        raise ValueError(f"the strides {tuple(strides)} must be positive.")
    k_min = round(math.log2(strides[0]))
    if list(strides) != [2 ** (k_min + place) for place in range(len(strides))]:
        raise ValueError(f"the strides {tuple(strides)} must be powers of 2, each twice the one before.")
    return k_min
