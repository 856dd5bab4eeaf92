"""Which cells of the map the bins of a region read: whole cells in RoIPool, taps with weights in RoIAlign.

They serve the operators of `pool`, one axis at a time.
"""

import torch
from torch import Tensor

MOST_SAMPLES = 4096  # along a bin: more would fill the memory, and most would lie off the map


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
    Raises:
        ValueError: a region with more than 4096 samples along a bin.
    """
    length = end - start if aligned else (end - start).clamp(min=1)  # (K,)
    step = (length / bins)[:, None, None]  # of a bin
    wanted = torch.full_like(step, ratio) if ratio > 0 else step.ceil().clamp(min=0)
    number = wanted.clamp(min=1)
    if not (number <= MOST_SAMPLES).all():
        most = f"{number.max().item():g} samples along a bin"
        raise ValueError(f"a region is so large that it needs {most}: clip it, or give a sampling_ratio.")
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
