"""Anchors: boxes laid over the image before anything is seen, from which a network predicts offsets.

Everything is in pixels of the image, cell after cell, row by row (x runs fastest), and within a cell anchor
after anchor: a head's output (N, A * K, h, w) must be permuted to (N, h, w, A, K) before it is flattened, as
`permute_and_flatten` does.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from coursekit.ops.argument import expect, expect_image_size, single
from coursekit.ops.box import box_convert


def grid_centers(
    feature_size: tuple[int, int], stride: float | tuple[float, float], offset: float = 0.5
) -> Tensor:
    """Return the point (x, y) that each cell of a feature map stands for.

    Shapes: -> (h * w, 2) float32, in pixels of the image.
    Args:
        feature_size: (h, w) of the feature map.
        stride: pixels from one cell to the next; (down, across) where they differ.
        offset: where in its cell the point lies, in cells: 0.5 its centre, 0 its upper left corner.
    Raises:
        ValueError: a size that is not (h, w), or a stride that is not positive.

    >>> grid_centers((1, 3), stride=8)
    tensor([[ 4.,  4.],
            [12.,  4.],
            [20.,  4.]])
    """
    down, across = stride if isinstance(stride, Sequence) else (stride, stride)
    expect_image_size("feature_size", feature_size)
    if not (0 < down < math.inf and 0 < across < math.inf):
        raise ValueError(f"the stride is {stride}: it must be a positive number of pixels.")
    rows, columns = feature_size
    y, x = (torch.arange(rows) + offset) * down, (torch.arange(columns) + offset) * across
    return torch.stack([x.repeat(rows), y.repeat_interleave(columns)], 1)  # (h * w, 2)


def cell_anchors(scales: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Return the anchors of one cell around the point (0, 0): each ratio with each scale, scales fastest.

    An anchor of scale s and ratio r is s / sqrt(r) wide and s * sqrt(r) high: its area is s², whatever r.

    Shapes: -> (len(ratios) * len(scales), 4).
    Args:
        scales: sides of the square with the anchor's area, in pixels.
        ratios: **height / width**, as in torchvision; the papers on SSD and YOLO write width / height.
    Raises:
        ValueError: no scale or no ratio, or one that is not positive.
    Like torchvision's `AnchorGenerator.generate_anchors`, but not rounded to whole pixels, so that areas stay equal;
    `.round()` gives torchvision's.

    >>> cell_anchors(scales=(8,), ratios=(1, 4))
    tensor([[-4., -4.,  4.,  4.],
            [-2., -8.,  2.,  8.]])
    """
    _check_positive("scale", scales)
    _check_positive("ratio", ratios)
    side, factor = torch.tensor(scales, dtype=torch.float32), torch.tensor(ratios, dtype=torch.float32).sqrt()
    width, height = (1 / factor)[:, None] * side, factor[:, None] * side  # (ratios, scales)
    half = torch.stack([width.flatten(), height.flatten()], 1) / 2  # (A, 2)
    return torch.cat([-half, half], 1)  # (A, 4)


def grid_anchors(
    cell_anchors: Tensor,
    feature_size: tuple[int, int],
    stride: float | tuple[float, float],
    offset: float = 0.5,
) -> Tensor:
    """Return the anchors of every cell of a feature map: those of one cell, moved to each grid centre.

    Shapes: (A, 4) -> (h * w * A, 4) in pixels of the image; some reach beyond it.
    Args:
        cell_anchors: anchors around (0, 0), of `cell_anchors` or one's own.
        feature_size, stride, offset: as in `grid_centers`.
    Raises:
        ValueError: cell anchors that are not (A, 4), or a stride that is not positive.
    Like torchvision's `AnchorGenerator.grid_anchors`, but around the middle of a cell; with `offset=0` around its
    upper left corner, as there.

    >>> grid_anchors(cell_anchors(scales=(8,), ratios=(1,)), (1, 2), stride=8)
    tensor([[ 0.,  0.,  8.,  8.],
            [ 8.,  0., 16.,  8.]])
    """
    expect("cell_anchors", cell_anchors, "(...)")
    if cell_anchors.ndim != 2 or cell_anchors.shape[1] != 4:
        raise ValueError(f"the anchors of a cell have shape {tuple(cell_anchors.shape)}: it must be (A, 4).")
    cell_anchors = single(cell_anchors)  # centres are halves
    centers = grid_centers(feature_size, stride, offset).to(cell_anchors)
    return (centers.repeat(1, 2)[:, None] + cell_anchors).flatten(0, 1)  # (h * w, 1, 4) + (A, 4)


def permute_and_flatten(maps: Tensor, numbers: int) -> Tensor:
    """Return what a head predicts as one row of `numbers` for each anchor, in the order of `grid_anchors`.

    Shapes: (N, A * numbers, h, w) for A anchors per cell -> (N, h * w * A, numbers).
    Raises:
        ValueError: channels that are not a multiple of `numbers`.
    Like torchvision's function of this name.

    >>> permute_and_flatten(torch.tensor([[[[1, 2]], [[10, 20]]]]), numbers=2)
    tensor([[[ 1, 10],
             [ 2, 20]]])
    """
    expect("maps", maps, "(...)")
    if maps.ndim != 4 or numbers < 1 or maps.shape[1] % numbers:
        raise ValueError(
            f"maps of shape {tuple(maps.shape)} do not hold rows of {numbers}: (N, A * numbers, h, w)."
        )
    images, channels, height, width = maps.shape
    return maps.permute(0, 2, 3, 1).reshape(images, height * width * channels // numbers, numbers)


def default_box_scales(num_maps: int, min_ratio: float = 0.15, max_ratio: float = 0.9) -> list[float]:
    """Return SSD's scales, one a feature map and one beyond the last, as fractions of the image.

    Args:
        min_ratio: the scale of the first, finest map.
        max_ratio: the scale of the last; the one beyond is 1.
    Raises:
        ValueError: a negative number of maps.
    Source: Liu et al., "SSD", 2016, section 2.2, eq. 4, arXiv:1512.02325.
    Like torchvision's `DefaultBoxGenerator`; one map has the scales (min_ratio, max_ratio).

    >>> default_box_scales(3, 0.25, 0.75)
    [0.25, 0.5, 0.75, 1.0]
    """
    if num_maps < 0:
        raise ValueError(f"there cannot be {num_maps} feature maps.")
    if num_maps == 1:
        return [min_ratio, max_ratio]
    step = (max_ratio - min_ratio) / (num_maps - 1)
    return [min_ratio + step * level for level in range(num_maps)] + [1.0]


def default_boxes(
    feature_sizes: Sequence[tuple[int, int]],
    image_size: tuple[int, int],
    aspect_ratios: Sequence[Sequence[float]],
    scales: Sequence[float] | None = None,
    steps: Sequence[float] | None = None,
    clip: bool = True,
) -> Tensor:
    """Return SSD's default boxes of all feature maps, one map after the other.

    A cell of map k has two squares, of scale s_k and sqrt(s_k * s_(k+1)), and for each ratio r a lying box,
    s_k * sqrt(r) by s_k / sqrt(r), and the same one standing. A "square" has the proportions of the image.

    Shapes: -> (boxes, 4) xyxy in pixels, 2 + 2 * len(ratios) a cell.
    Args:
        feature_sizes: (h, w) of each map.
        image_size: (height, width) of the image.
        aspect_ratios: of each map, the ratios besides 1; each serves both ways round, so 2 stands for 1/2 too.
        scales: one a map and one more, fractions of the image; without it those of `default_box_scales`.
        steps: pixels from cell to cell, one a map; without it the map covers the image exactly.
        clip: no box larger than the image (its centre stays, so that it may still reach beyond).
    Raises:
        ValueError: lists whose lengths do not fit, or a ratio or scale that is not positive.
    Source: Liu et al., "SSD", 2016, section 2.2, arXiv:1512.02325.
    Like torchvision's `DefaultBoxGenerator`.

    >>> default_boxes([(1, 2)], (100, 200), [[]], scales=[0.5, 0.5])[::2]
    tensor([[  0.,  25., 100.,  75.],
            [100.,  25., 200.,  75.]])
    """
    scales = default_box_scales(len(feature_sizes)) if scales is None else scales
    expect_image_size("image_size", image_size)
    _check_default_boxes(feature_sizes, aspect_ratios, scales, steps)
    image = torch.tensor([image_size[1], image_size[0]])  # (2,): width, height
    boxes = []
    for level, feature_size in enumerate(feature_sizes):
        sides = _default_sides(scales[level], scales[level + 1], aspect_ratios[level])
        sides = (sides.clamp(max=1) if clip else sides) * image  # (A, 2) in pixels
        rows, columns = feature_size
        stride = steps[level] if steps else (image_size[0] / rows, image_size[1] / columns)
        around_origin = box_convert(torch.cat([torch.zeros_like(sides), sides], 1), "cxcywh", "xyxy")
        boxes.append(grid_anchors(around_origin, feature_size, stride))
    return torch.cat(boxes) if boxes else torch.zeros(0, 4)


def _default_sides(scale: float, next_scale: float, ratios: Sequence[float]) -> Tensor:
    """(width, height) of the boxes of one cell, as fractions of the image: (A, 2)."""
    between = (scale * next_scale) ** 0.5
    sides = [(scale, scale), (between, between)]
    for ratio in ratios:
        long, short = scale * ratio**0.5, scale / ratio**0.5
        sides += [(long, short), (short, long)]
    return torch.tensor(sides)


def _check_default_boxes(
    feature_sizes: Sequence, aspect_ratios: Sequence, scales: Sequence, steps: Sequence | None
) -> None:
    maps = len(feature_sizes)
    if len(aspect_ratios) != maps or len(scales) != maps + 1 or (steps and len(steps) != maps):
        raise ValueError(
            f"{maps} feature maps need {maps} lists of ratios, {maps + 1} scales and, if any, {maps} steps; "
            f"there are {len(aspect_ratios)}, {len(scales)} and {len(steps or ())}."
        )
    _check_positive("scale", scales)
    for ratios in aspect_ratios:
        if len(ratios):
            _check_positive("ratio", ratios)


def _check_positive(name: str, numbers: Sequence[float]) -> None:
    if not len(numbers) or not all(0 < number < math.inf for number in numbers):
        raise ValueError(f"the {name}s are {tuple(numbers)}: give one or more positive numbers.")
