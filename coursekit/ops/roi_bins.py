"""Which cells of the map the bins of a region read: whole cells in RoIPool, taps with weights in RoIAlign.

`whole_cells` and `taps` serve the operators of `pool`, one axis at a time; `roi_pool_bins` and `roi_align_samples` say
the same of one region, to be drawn. There places are continuous: cell (i, j) of the map covers the square from (j, i)
to (j + 1, i + 1).
"""

import torch
from torch import Tensor


def roi_pool_bins(
    box: Tensor, output_size: tuple[int, int], map_size: tuple[int, int], spatial_scale: float = 1.0
) -> Tensor:
    """Return the whole cells that each bin of `roi_pool` takes its maximum of; neighbours may share some.

    Shapes: (4,) -> (h, w, 4) xyxy in cells, exclusive ends.
    Args:
        box: xyxy, pixels of the image.
        output_size: bins (h, w).
        map_size: cells (H, W) of the map; what lies outside of it is cut off.
        spatial_scale: size of the map over size of the image.

    >>> roi_pool_bins(torch.tensor([0.0, 0.0, 3.0, 2.0]), (1, 2), (3, 4))
    tensor([[[0, 0, 2, 3],
             [2, 0, 4, 3]]])
    """
    (h, w), (height, width) = output_size, map_size
    left, top, right, bottom = round_half_away(box * spatial_scale)[:, None]  # four times (1,)
    first_row, last_row = whole_cells(top, bottom, h, height)  # twice (1, h)
    first_column, last_column = whole_cells(left, right, w, width)  # twice (1, w)
    sides = torch.broadcast_tensors(first_column, first_row.T, last_column, last_row.T)
    return torch.stack(sides, -1)  # (h, w, 4)


def roi_align_samples(
    box: Tensor, output_size: tuple[int, int], spatial_scale: float = 1.0, sampling_ratio: int = 2
) -> Tensor:
    """Return the places that `roi_align` samples, with `aligned=True`; with one sample a bin, `crop_and_resize`.

    Shapes: (4,) -> (h, w, samples, 2), x and y in cells.
    Args:
        box: xyxy, pixels of the image.
        output_size: bins (h, w).
        spatial_scale: size of the map over size of the image.
        sampling_ratio: samples along each side of a bin.

    >>> roi_align_samples(torch.tensor([0.0, 0.0, 4.0, 2.0]), (1, 2), sampling_ratio=1)
    tensor([[[[1., 1.]],
    <BLANKLINE>
             [[3., 1.]]]])
    """
    (h, w), n = output_size, sampling_ratio
    left, top, right, bottom = (box * spatial_scale).unbind()
    y = top + (torch.arange(h * n) + 0.5) * (bottom - top) / (h * n)  # (h * n,)
    x = left + (torch.arange(w * n) + 0.5) * (right - left) / (w * n)  # (w * n,)
    places = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)  # (h * n, w * n, 2)
    return places.reshape(h, n, w, n, 2).transpose(1, 2).flatten(2, 3)  # (h, w, n * n, 2)


def whole_cells(start: Tensor, end: Tensor, bins: int, limit: int) -> tuple[Tensor, Tensor]:
    """Return, along one axis, the first cell of each bin of `roi_pool`, and the one after its last.

    Shapes: (K,), (K,) -> twice (K, bins).
    """
    step = (end - start + 1).clamp(min=1)[:, None] / bins  # (K, 1)
    order = torch.arange(bins, device=start.device)
    first = (start[:, None] + (order * step).floor()).clamp(0, limit).long()
    after = (start[:, None] + ((order + 1) * step).ceil()).clamp(0, limit).long()
    return first, torch.maximum(first, after)


def round_half_away(values: Tensor) -> Tensor:
    """Return C's `round`: halves away from 0, where torch's goes to the even neighbour."""
    whole = values.trunc()
    return whole + ((values - whole).abs() >= 0.5) * values.sign()


def taps(
    start: Tensor, end: Tensor, bins: int, ratio: int, aligned: bool, limit: int
) -> tuple[Tensor, Tensor]:
    """Return, along one axis, the cells that each bin of `roi_align` reads, and how much of each.

    Shapes: (K,), (K,) -> twice (K, bins, taps).
    Args:
        start, end: of the regions, in cells; the centre of cell i lies at i.
        ratio: samples of each bin, or 0 for about one per cell.
        limit: cells of the map.
    """
    place, counts, number = samples_along(start, end, bins, ratio, aligned)  # places (K, bins, samples)
    counts = counts & (place >= -1) & (place <= limit)  # (K, bins, samples): those off the map are 0
    place = place.clamp(0, limit - 1)
    cells = cells_around(place)  # (K, bins, taps)
    hat = (1 - (place[:, :, None] - cells[..., None]).abs()).clamp(
        min=0
    )  # (K, bins, taps, samples): bilinear
    weights = (hat * counts[:, :, None]).sum(3) / number  # (K, bins, taps): the mean of the samples
    return cells.clamp(max=limit - 1).long(), weights


def samples_along(
    start: Tensor, end: Tensor, bins: int, ratio: int, aligned: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return, along one axis, where the samples of each bin lie, which of them count, and how many of a bin do.

    A region with fewer samples than another repeats its last one, which does not count.

    Shapes: (K,), (K,) -> (K, bins, samples), (K, 1, samples) bool, (K, 1, 1).
    """
    length = end - start if aligned else (end - start).clamp(min=1)  # (K,)
    step = (length / bins)[:, None, None]  # of a bin
    wanted = torch.full_like(step, ratio) if ratio > 0 else step.ceil().clamp(min=0)
    number = wanted.clamp(min=1)
    order = torch.arange(_largest(number), device=start.device, dtype=start.dtype)  # (samples,)
    bin = torch.arange(bins, device=start.device, dtype=start.dtype)[:, None]
    first = start[:, None, None] + bin * step  # (K, bins, 1): where each bin begins
    place = first + (torch.minimum(order, number - 1) + 0.5) * step / number  # (K, bins, samples)
    return place, order < wanted, number


def cells_around(place: Tensor) -> Tensor:
    """Return the cells next to the samples of each bin, one after another: (K, bins, samples) -> (K, bins, taps)."""
    nearest = place.amin(2, keepdim=True).floor()  # (K, bins, 1)
    reach = _largest(place.amax(2, keepdim=True).floor() - nearest) + 2
    return nearest + torch.arange(reach, device=place.device, dtype=place.dtype)


def _largest(values: Tensor) -> int:
    return int(values.max()) if values.numel() else 1
