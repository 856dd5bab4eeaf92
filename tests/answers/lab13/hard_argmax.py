"""Answers to `hard_argmax` (lab 13), written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_by_flattening(heatmaps: Tensor) -> Tensor:
    """The number of the highest cell in the flat map; the rest of the division by the width is x."""
    w = heatmaps.shape[2]
    best = heatmaps.flatten(1).argmax(1)
    return torch.stack([best % w, best // w], 1)


def right_by_rows_first(heatmaps: Tensor) -> Tensor:
    """The best column of each row, and then the best row: of equal cells the one in the first row."""
    values, columns = heatmaps.max(2)
    rows = values.argmax(1, keepdim=True)
    return torch.cat([columns.gather(1, rows), rows], 1)


def right_by_loops(heatmaps: Tensor) -> Tensor:
    """Cell by cell; of equal cells the last one counts."""
    found = []
    for heat in heatmaps.tolist():
        best = max((value, y, x) for y, row in enumerate(heat) for x, value in enumerate(row))
        found.append([best[2], best[1]])
    return torch.tensor(found, dtype=torch.int64).reshape(-1, 2)


def right_by_unravel(heatmaps: Tensor) -> Tensor:
    """NumPy turns the flat place into row and column."""
    flat = heatmaps.detach().flatten(1).numpy().argmax(1)
    rows, columns = np.unravel_index(flat, heatmaps.shape[1:])
    return torch.from_numpy(np.stack([columns, rows], 1))


def _best(heatmaps):
    return heatmaps.flatten(1).argmax(1)


def wrong_row_first(heatmaps):
    """y before x."""
    best, w = _best(heatmaps), heatmaps.shape[2]
    return torch.stack([best // w, best % w], 1)


def wrong_height_for_width(heatmaps):
    """Divides by the height: right for square maps only."""
    best, h = _best(heatmaps), heatmaps.shape[1]
    return torch.stack([best % h, best // h], 1)


def wrong_axes_apart(heatmaps):
    """The best column and the best row, each by itself: of two equal peaks it may take x of one and y of the
    other.
    """
    return torch.stack([heatmaps.amax(1).argmax(1), heatmaps.amax(2).argmax(1)], 1)


def wrong_sums_of_rows(heatmaps):
    """The column and the row with the largest sum: a broad warm place beats a high narrow peak."""
    return torch.stack([heatmaps.sum(1).argmax(1), heatmaps.sum(2).argmax(1)], 1)


def wrong_one_for_all_maps(heatmaps):
    """The highest cell of all maps together, for every map."""
    c, h, w = heatmaps.shape
    best = heatmaps.argmax() % (h * w)
    return torch.stack([best % w, best // w]).expand(c, 2).clone()


def wrong_flat(heatmaps):
    """The number of the cell, (C,), not x and y."""
    return _best(heatmaps)


def wrong_decimal(heatmaps):
    """Divides with `/`: y has a fraction."""
    best, w = _best(heatmaps), heatmaps.shape[2]
    return torch.stack([best % w, best / w], 1)


def wrong_counted_from_one(heatmaps):
    """Counts columns and rows from 1."""
    best, w = _best(heatmaps), heatmaps.shape[2]
    return torch.stack([best % w, best // w], 1) + 1


def wrong_largest_in_size(heatmaps):
    """The largest absolute value: in a raw heat map a deep hole beats a peak."""
    best, w = _best(heatmaps.abs()), heatmaps.shape[2]
    return torch.stack([best % w, best // w], 1)


def wrong_starts_at_zero(heatmaps):
    """Looks for more than 0 only: in a map that is negative everywhere it finds (0, 0)."""
    best, w = _best(heatmaps.clamp(min=0)), heatmaps.shape[2]
    return torch.stack([best % w, best // w], 1)


def wrong_over_the_channels(heatmaps):
    """argmax over axis 0: which map is the highest in each cell, (h, w)."""
    return heatmaps.argmax(0)


def wrong_transposed(heatmaps):
    """A row of x and a row of y, (2, C)."""
    best, w = _best(heatmaps), heatmaps.shape[2]
    return torch.stack([best % w, best // w])


def wrong_in_pixels(heatmaps):
    """Multiplies by the stride of 8 already: cells were asked for."""
    best, w = _best(heatmaps), heatmaps.shape[2]
    return 8 * torch.stack([best % w, best // w], 1)


def wrong_coldest(heatmaps):
    """argmin: the coldest cell."""
    best, w = heatmaps.flatten(1).argmin(1), heatmaps.shape[2]
    return torch.stack([best % w, best // w], 1)
