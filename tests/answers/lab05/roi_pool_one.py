"""Answers to `roi_pool_one` (lab 05), written from the student's notebook alone."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_slices(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """Bin by bin: two ranges, clipped to the map, and the maximum of what is left."""
    _, h, w = features.shape
    x1, y1, x2, y2 = (math.floor(value * scale + 0.5) for value in box.tolist())
    width, height = x2 - x1 + 1, y2 - y1 + 1
    rows = []
    for i in range(bins):
        top, bottom = y1 + math.floor(i * height / bins), y1 + math.ceil((i + 1) * height / bins)
        row = []
        for j in range(bins):
            left, right = x1 + math.floor(j * width / bins), x1 + math.ceil((j + 1) * width / bins)
            part = features[:, max(top, 0) : min(max(bottom, 0), h), max(left, 0) : min(max(right, 0), w)]
            row.append(part.amax((1, 2)) if part.numel() else features.new_zeros(len(features)))
        rows.append(torch.stack(row, 1))
    return torch.stack(rows, 1)


def right_by_masks(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """Which cell belongs to which bin, as two tables; first the largest of the columns, then of the rows."""
    _, h, w = features.shape
    x1, y1, x2, y2 = (box * scale + 0.5).floor().long()

    def belongs(start: Tensor, stop: Tensor, cells: int) -> Tensor:
        j, length = torch.arange(bins)[:, None], stop - start + 1
        cell = torch.arange(cells) - start
        return (cell >= j * length // bins) & (cell < -(-(j + 1) * length // bins))

    inside = features[:, :, None, :].masked_fill(~belongs(x1, x2, w), -torch.inf).amax(-1)  # (C, h, bins)
    pooled = inside[:, None].masked_fill(~belongs(y1, y2, h)[:, :, None], -torch.inf).amax(2)
    return pooled.masked_fill(pooled == -torch.inf, 0.0)


def right_by_adaptive_pooling(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """The rule of the bins is that of F.adaptive_max_pool2d;
    cells beyond the map are minus infinity before it.
    """
    _, h, w = features.shape
    x1, y1, x2, y2 = torch.floor(box.double() * scale + 0.5).int().tolist()
    left, top = max(-x1, 0), max(-y1, 0)
    frame = (left, max(x2 + 1 - w, 0), top, max(y2 + 1 - h, 0))
    large = F.pad(features, frame, value=-torch.inf)
    region = large[:, y1 + top : y2 + 1 + top, x1 + left : x2 + 1 + left]
    pooled = F.adaptive_max_pool2d(region, bins)
    return torch.where(pooled.isinf(), 0, pooled)


def right_by_cells(features: Tensor, box: Tensor, bins: int, scale: float) -> Tensor:
    """Lists the existing cells of each bin, one by one, and picks the maximum from them."""
    channels, h, w = features.shape
    x1, y1, x2, y2 = [int((float(value) * scale + 0.5) // 1) for value in box]

    def cells(first: int, last: int, size: int) -> list[list[int]]:
        length, lists = last - first + 1, []
        for j in range(bins):
            stop = ((j + 1) * length + bins - 1) // bins
            lists.append([first + c for c in range(j * length // bins, stop) if 0 <= first + c < size])
        return lists

    across, flat = cells(x1, x2, w), features.flatten(1)
    pooled = []
    for rows in cells(y1, y2, h):
        for columns in across:
            places = [y * w + x for y in rows for x in columns]
            pooled.append(flat[:, places].max(1).values if places else flat.new_zeros(channels))
    return torch.stack(pooled, 1).view(channels, bins, bins)


def _half_up(value):
    return math.floor(value + 0.5)


def _edges(first, last, bins):
    """First and last cell -> the ranges of the bins, in cells of the map."""
    length = last - first + 1
    return [(first + j * length // bins, first - (-(j + 1) * length // bins)) for j in range(bins)]


def _pool(features, down, across, reduce=None, empty=0.0):
    """The right pooling of given ranges, for answers whose mistake is elsewhere."""
    _, h, w = features.shape
    rows = []
    for top, bottom in down:
        row = []
        for left, right in across:
            part = features[:, max(top, 0) : min(max(bottom, 0), h), max(left, 0) : min(max(right, 0), w)]
            full = (reduce or torch.amax)(part, dim=(1, 2)) if part.numel() else None
            row.append(features.new_full((len(features),), empty) if full is None else full)
        rows.append(torch.stack(row, 1))
    return torch.stack(rows, 1)


def _corners(box, scale, rounding=_half_up):
    return [rounding(value * scale) for value in box.tolist()]


def wrong_mean(features, box, bins, scale):
    """The mean of a bin and not its largest value."""
    x1, y1, x2, y2 = _corners(box, scale)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins), reduce=torch.mean)


def wrong_halves_to_even(features, box, bins, scale):
    """`round` takes halves to the even number: a corner at 2.5 cells becomes 2 and not 3."""
    x1, y1, x2, y2 = _corners(box, scale, round)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins))


def wrong_rounded_down(features, box, bins, scale):
    """Cuts the decimals off: a corner at 1.6 cells becomes 1 and not 2."""
    x1, y1, x2, y2 = _corners(box, scale, math.floor)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins))


def wrong_last_cell_left_out(features, box, bins, scale):
    """x2 - x1 cells, without the cell of the right corner: the region is one cell too narrow,
    and the same down.
    """
    x1, y1, x2, y2 = _corners(box, scale)
    return _pool(features, _edges(y1, y2 - 1, bins), _edges(x1, x2 - 1, bins))


def wrong_no_shared_cells(features, box, bins, scale):
    """Both ends are rounded down, so that no cell is shared: with 3 cells for 7 bins most bins are empty."""
    x1, y1, x2, y2 = _corners(box, scale)
    down = [(y1 + i * (y2 - y1 + 1) // bins, y1 + (i + 1) * (y2 - y1 + 1) // bins) for i in range(bins)]
    across = [(x1 + j * (x2 - x1 + 1) // bins, x1 + (j + 1) * (x2 - x1 + 1) // bins) for j in range(bins)]
    return _pool(features, down, across)


def wrong_bins_of_whole_cells(features, box, bins, scale):
    """Bins of length // bins cells each: the rest at the right and lower end is never looked at."""
    x1, y1, x2, y2 = _corners(box, scale)
    high, wide = max((y2 - y1 + 1) // bins, 1), max((x2 - x1 + 1) // bins, 1)
    down = [(y1 + i * high, y1 + (i + 1) * high) for i in range(bins)]
    return _pool(features, down, [(x1 + j * wide, x1 + (j + 1) * wide) for j in range(bins)])


def wrong_transposed(features, box, bins, scale):
    """The first of the two axes of the result runs to the right and not down."""
    x1, y1, x2, y2 = _corners(box, scale)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins)).transpose(1, 2)


def wrong_scale_ignored(features, box, bins, scale):
    """Takes pixels for cells: most boxes lie beyond the map."""
    x1, y1, x2, y2 = _corners(box, 1.0)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins))


def wrong_rounded_before_the_scale(features, box, bins, scale):
    """Rounds to whole pixels first and then to cells: 11.6 pixels are 1.45 cells and become 2, not 1."""
    x1, y1, x2, y2 = (_half_up(_half_up(value) * scale) for value in box.tolist())
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins))


def wrong_clipped_first(features, box, bins, scale):
    """Clips the region to the map before it is cut: the bins of a box that sticks out lie elsewhere,
    and none is empty.
    """
    _, h, w = features.shape
    x1, y1, x2, y2 = _corners(box, scale)
    x1, x2 = min(max(x1, 0), w - 1), min(max(x2, 0), w - 1)
    y1, y2 = min(max(y1, 0), h - 1), min(max(y2, 0), h - 1)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins))


def wrong_empty_is_infinite(features, box, bins, scale):
    """A bin without cells keeps minus infinity, the start of a maximum, where 0 was asked for."""
    x1, y1, x2, y2 = _corners(box, scale)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins), empty=-torch.inf)


def wrong_at_least_zero(features, box, bins, scale):
    """Starts every maximum at 0: bins of negative values become 0."""
    x1, y1, x2, y2 = _corners(box, scale)
    return _pool(features, _edges(y1, y2, bins), _edges(x1, x2, bins)).clamp(min=0)


def wrong_negative_numbers_count_from_the_end(features, box, bins, scale):
    """Slices with negative numbers: a box that sticks out on the left reads the right end, or nothing."""
    x1, y1, x2, y2 = _corners(box, scale)
    pooled = features.new_zeros(len(features), bins, bins)
    for i, (top, bottom) in enumerate(_edges(y1, y2, bins)):
        for j, (left, right) in enumerate(_edges(x1, x2, bins)):
            part = features[:, top:bottom, left:right]
            if part.numel():
                pooled[:, i, j] = part.amax((1, 2))
    return pooled


def wrong_one_value_for_all_channels(features, box, bins, scale):
    """The largest value of all channels: the depth is lost."""
    return right_by_slices(features.amax(0, keepdim=True), box, bins, scale).expand(len(features), -1, -1)


def wrong_no_gradient(features, box, bins, scale):
    """Works on a detached map: the values are right, but the map hears nothing."""
    return right_by_slices(features.detach(), box, bins, scale)
