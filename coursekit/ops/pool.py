"""Pooling: from one feature map and N regions of any size to N small maps of one size.

Feature maps are (N, C, H, W). A region is a box in pixels of the image; `spatial_scale`, one over the stride,
leads from there to the map. Regions come as torchvision takes them: one list entry (L, 4) an image, or one
tensor (K, 5) whose column 0 is the **batch index**. torchvision does not look at that index, and reads foreign
memory when a class stands in its place; here it is an error.

Every operator reads a *bag of pixels* for each bin, as rows of the map with its channels last: a mean with
weights for RoIAlign, a maximum for RoIPool. Gradients flow to the map, not to the boxes, as in torchvision.
"""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from coursekit.ops.argument import FLOATS, expect
from coursekit.ops.roi_bins import round_half_away, taps, whole_cells

Size = int | tuple[int, int]
Regions = Tensor | Sequence[Tensor]


def roi_pool(input: Tensor, boxes: Regions, output_size: Size, spatial_scale: float = 1.0) -> Tensor:
    """Return the largest value of every channel in each of h x w bins of each region, 0 for an empty bin.

    The region is rounded to whole cells of the map, and so are its bins, which may share a row or a column of
    cells: a box that moves by less than a cell may change nothing.

    Shapes: (N, C, H, W) and K regions -> (K, C, h, w).
    Args:
        boxes: a list of N tensors (L, 4), or (K, 5) with the batch index in column 0; xyxy, image pixels.
        output_size: bins (h, w), or one number for both.
        spatial_scale: size of the map over size of the image.
    Raises:
        ValueError: a batch index without an image, or regions of another shape.
    Like torchvision's `roi_pool`, to the last bit, but a wrong batch index is an error.
    Source: Girshick, "Fast R-CNN", 2015, section 2.1, arXiv:1504.08083.

    >>> ramp = torch.arange(12.0).reshape(1, 1, 3, 4)
    >>> roi_pool(ramp, [torch.tensor([[0.0, 0.0, 3.0, 2.0]])], output_size=2)
    tensor([[[[ 5.,  7.],
              [ 9., 11.]]]])
    """
    pixels, image, regions = _pixels_and_regions(input, boxes)
    _check_scale(spatial_scale)
    h, w = _pair(output_size)
    left, top, right, bottom = round_half_away(regions * spatial_scale).unbind(1)  # four times (K,)
    first_row, last_row = whole_cells(top, bottom, h, input.shape[2])  # twice (K, h)
    first_column, last_column = whole_cells(left, right, w, input.shape[3])  # twice (K, w)
    widths = last_column - first_column  # (K, w)
    sizes = ((last_row - first_row)[:, :, None] * widths[:, None]).flatten()  # (K * h * w,)
    starts = sizes.cumsum(0) - sizes
    bin = torch.arange(len(sizes), device=sizes.device).repeat_interleave(sizes)  # (entries,)
    rank = torch.arange(len(bin), device=bin.device) - starts[bin]  # row by row through the bin
    region, row, column = bin // (h * w), bin // w % h, bin % w
    width = widths[region, column]
    y = first_row[region, row] + rank // width
    x = first_column[region, column] + rank % width
    index = (image[region] * input.shape[2] + y) * input.shape[3] + x
    return _as_maps(F.embedding_bag(index, pixels, starts, mode="max"), h, w, input)


def roi_align(
    input: Tensor,
    boxes: Regions,
    output_size: Size,
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    """Return the mean of bilinear samples in each of h x w bins of each region; nothing is rounded.

    Shapes: (N, C, H, W) and K regions -> (K, C, h, w).
    Args:
        boxes: a list of N tensors (L, 4), or (K, 5) with the batch index in column 0; xyxy, image pixels.
        output_size: bins (h, w), or one number for both.
        spatial_scale: size of the map over size of the image.
        sampling_ratio: samples along each side of a bin; 0 or less: about one a cell, ceil(bin's length).
        aligned: True: the centre of cell 0 lies at 0.5, as for boxes of pixels; False, the older reading: at
            0, half a cell off, and regions are at least one cell wide.
    Raises:
        ValueError: a batch index without an image, or regions of another shape.
    Like torchvision's `roi_align`, but a wrong batch index is an error.
    Source: He et al., "Mask R-CNN", 2017, section 3, arXiv:1703.06870; `aligned` is Detectron2's.

    >>> ramp = torch.arange(12.0).reshape(1, 1, 3, 4)
    >>> roi_align(ramp, [torch.tensor([[1.0, 0.0, 3.0, 2.0]])], output_size=1, sampling_ratio=2, aligned=True)
    tensor([[[[3.5000]]]])
    """
    pixels, image, regions = _pixels_and_regions(input, boxes)
    _check_scale(spatial_scale)
    (h, w), (height, width) = _pair(output_size), input.shape[2:]
    left, top, right, bottom = (regions * spatial_scale - 0.5 * aligned).unbind(1)  # four times (K,)
    rows, row_weights = taps(top, bottom, h, sampling_ratio, aligned, height)  # twice (K, h, taps)
    columns, column_weights = taps(left, right, w, sampling_ratio, aligned, width)  # twice (K, w, taps)
    rows = rows + image[:, None, None] * height
    index = _every_pair(rows * width, columns, torch.add)  # (K * h * w, taps * taps)
    weights = _every_pair(row_weights, column_weights, torch.mul)
    return _as_maps(_WeightedBags.apply(pixels, index, weights), h, w, input)


def crop_and_resize(input: Tensor, boxes: Regions, output_size: Size, spatial_scale: float = 1.0) -> Tensor:
    """Return each region cut out and resized bilinearly: one sample at the centre of each of h x w bins.

    A region that is the whole map comes out as `F.interpolate(..., mode="bilinear", align_corners=False)`
    makes it. It is RoIAlign with one sample a bin, so it may step over cells when it makes things smaller.

    Shapes: (N, C, H, W) and K regions -> (K, C, h, w).
    Args:
        boxes: a list of N tensors (L, 4), or (K, 5) with the batch index in column 0; xyxy, image pixels.
        output_size: samples (h, w), or one number for both.
        spatial_scale: size of the map over size of the image.
    Raises:
        ValueError: a batch index without an image, or regions of another shape.
    Like TensorFlow's `crop_and_resize`, but boxes are pixels with exclusive ends, and the samples lie at the
    centres of the bins, not from border to border.

    >>> ramp = torch.arange(12.0).reshape(1, 1, 3, 4)
    >>> crop_and_resize(ramp, [torch.tensor([[1.0, 0.0, 3.0, 2.0]])], output_size=(1, 2))
    tensor([[[[3., 4.]]]])
    """
    return roi_align(input, boxes, output_size, spatial_scale, sampling_ratio=1, aligned=True)


class _WeightedBags(torch.autograd.Function):
    """Sums of weighted rows. Its transpose, the gradient, is made of bags too: the same entries, grouped by row."""

    @staticmethod
    def forward(ctx, rows: Tensor, index: Tensor, weights: Tensor) -> Tensor:
        ctx.save_for_backward(index, weights)
        ctx.count = len(rows)
        return F.embedding_bag(index, rows, per_sample_weights=weights, mode="sum")

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        index, weights = ctx.saved_tensors
        row, order = index.flatten().sort()
        starts = torch.searchsorted(row, torch.arange(ctx.count, device=row.device))
        bag, weights = order // index.shape[1], weights.flatten()[order]
        gradient = gradient.contiguous()
        return F.embedding_bag(bag, gradient, starts, per_sample_weights=weights, mode="sum"), None, None


def _every_pair(rows: Tensor, columns: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Each tap of a bin's rows with each of its columns: (K, h, t), (K, w, u) -> (K * h * w, t * u)."""
    # All pairs of taps lie on one axis, written out: two axes of 2 or 3 would be loops too short to be fast.
    down = rows.repeat_interleave(columns.shape[2], 2)[:, :, None]  # (K, h, 1, t * u)
    across = columns.repeat(1, 1, rows.shape[2])[:, None]  # (K, 1, w, t * u)
    return join(down, across).flatten(0, 2)


def _pixels_and_regions(input: Tensor, boxes: Regions) -> tuple[Tensor, Tensor, Tensor]:
    """The map as rows (N * H * W, C) of its pixels, the image of each region (K,), and its corners (K, 4)."""
    regions = batched_regions(boxes, input)
    maps = [map.flatten(1).t().contiguous() for map in input]  # contiguous rows (H * W, C): all of the speed
    rows = torch.cat([input.new_zeros(0, input.shape[1]), *maps])
    return rows.to(regions.dtype), regions[:, 0].long(), regions[:, 1:]


def batched_regions(boxes: Regions, input: Tensor) -> Tensor:
    """The regions as (K, 5) in the precision of the computation, after every question is asked."""
    expect("input", input, "(...)", FLOATS)
    if input.ndim != 4 or 0 in input.shape[1:]:
        raise ValueError(f"a feature map is (N, C, H, W) with C, H, W > 0, not {tuple(input.shape)}.")
    images = len(input)
    if not isinstance(boxes, Tensor):
        if len(boxes) != images:
            raise ValueError(f"there are boxes of {len(boxes)} images and feature maps of {images}.")
        boxes = _with_index(boxes, input)
    expect("boxes", boxes, "(...)")
    if boxes.ndim != 2 or boxes.shape[1] != 5:
        raise ValueError(
            "regions are a list of (L, 4), one an image, or one (K, 5) with the batch index first."
        )
    index = boxes[:, 0]
    wrong = index[(index < 0) | (index >= images) | (index != index.floor())]
    if len(wrong):
        raise ValueError(
            f"column 0 of the regions is the batch index, 0 to {images - 1}, but {wrong[0]:g} stands there: "
            "put the number of the image there, not the class."
        )
    if not boxes.isfinite().all():
        raise ValueError("a region has a coordinate that is NaN or infinite: remove it first.")
    return boxes.detach().to(torch.float64 if input.dtype == torch.float64 else torch.float32)


def _with_index(boxes: Sequence[Tensor], input: Tensor) -> Tensor:
    """The regions of all images, the batch index first: (K, 5)."""
    regions = []
    for at, of_image in enumerate(boxes):
        if isinstance(of_image, list) and not of_image:  # an image without regions may say []
            of_image = input.new_zeros(0, 4)
        expect(f"boxes[{at}]", of_image, "(L, 4)")
        regions.append(F.pad(of_image, (1, 0), value=at))
    return torch.cat(regions) if regions else input.new_zeros(0, 5)


def _check_scale(spatial_scale: float) -> None:
    if not 0 < spatial_scale < math.inf:
        raise ValueError(f"the spatial scale is {spatial_scale}: it must be positive, one over the stride.")


def _as_maps(bags: Tensor, h: int, w: int, input: Tensor) -> Tensor:
    return bags.view(-1, h, w, input.shape[1]).permute(0, 3, 1, 2).to(input.dtype)  # (K, C, h, w)


def _pair(size: Size) -> tuple[int, int]:
    h, w = (size, size) if isinstance(size, int) else size
    if not (h >= 1 and w >= 1):
        raise ValueError(f"the output size {size} has no bins: give at least 1 x 1.")
    return h, w
