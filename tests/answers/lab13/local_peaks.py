"""Answers to `local_peaks` (lab 13), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_pooling(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """A peak equals the maximum of the 3 x 3 cells around it; equal peaks come in the order of the rows."""
    around = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    rows, columns = ((heatmap >= around) & (heatmap > threshold)).nonzero(as_tuple=True)
    order = heatmap[rows, columns].argsort(descending=True, stable=True)
    return torch.stack([columns, rows], 1)[order]


def right_by_shifts(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """A frame of minus infinity, and eight comparisons with the shifted map; an ordinary sort,
    which leaves the order of equal peaks to the library.
    """
    h, w = heatmap.shape
    framed = F.pad(heatmap, (1, 1, 1, 1), value=float("-inf"))
    peak = heatmap > threshold
    for a in range(3):
        for b in range(3):
            if (a, b) != (1, 1):
                peak = peak & ~(framed[a : a + h, b : b + w] > heatmap)
    yx = peak.nonzero()
    return yx[heatmap[peak].sort(descending=True).indices].flip(1)


def right_by_loops(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Cell by cell, in plain numbers; of equal peaks the last one in the order of rows comes first."""
    heat = heatmap.tolist()
    h, w = heatmap.shape
    found = []
    for y in range(h):
        for x in range(w):
            block = [row[max(x - 1, 0) : x + 2] for row in heat[max(y - 1, 0) : y + 2]]
            if heatmap[y, x] > threshold and heat[y][x] == max(max(row) for row in block):
                found.append((heat[y][x], y, x))
    return torch.tensor([[x, y] for _, y, x in sorted(found, reverse=True)], dtype=torch.int64).reshape(-1, 2)


def right_from_the_top(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Goes through all cells from the highest on, stops at the threshold, keeps those that no neighbour
    exceeds.
    """
    w = heatmap.shape[1]
    found = []
    for place in heatmap.flatten().argsort(descending=True).tolist():
        y, x = divmod(place, w)
        if not heatmap[y, x] > threshold:
            break
        if not (heatmap[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] > heatmap[y, x]).any():
            found.append(torch.tensor([x, y]))
    return torch.stack(found) if found else torch.zeros(0, 2, dtype=torch.int64)


def _list(heatmap, peak, descending=True):
    yx = peak.nonzero()
    order = heatmap[peak].argsort(descending=descending, stable=True)
    return yx[order].flip(1)


def _around(heatmap, size=3):
    return F.max_pool2d(heatmap[None, None], size, stride=1, padding=size // 2)[0, 0]


def wrong_at_the_threshold(heatmap, threshold=0.3):
    """>= threshold: a peak of exactly the threshold is not above it."""
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap >= threshold))


def wrong_strictly_above(heatmap, threshold=0.3):
    """Must exceed all its neighbours: when the two highest cells are equal neighbours neither is a peak."""
    framed = F.pad(heatmap, (1, 1, 1, 1), value=float("-inf"))
    windows = framed.unfold(0, 3, 1).unfold(1, 3, 1).flatten(-2)
    others = torch.cat([windows[..., :4], windows[..., 5:]], -1).amax(-1)
    return _list(heatmap, (heatmap > others) & (heatmap > threshold))


def wrong_four_neighbours(heatmap, threshold=0.3):
    """Looks at four neighbours: a cell that a diagonal neighbour exceeds counts as a peak."""
    down = F.max_pool2d(heatmap[None, None], (3, 1), stride=1, padding=(1, 0))[0, 0]
    across = F.max_pool2d(heatmap[None, None], (1, 3), stride=1, padding=(0, 1))[0, 0]
    return _list(heatmap, (heatmap >= torch.maximum(down, across)) & (heatmap > threshold))


def wrong_row_first(heatmap, threshold=0.3):
    """y before x."""
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap > threshold)).flip(1)


def wrong_lowest_first(heatmap, threshold=0.3):
    """Sorted upwards: the highest peak is the last."""
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap > threshold), descending=False)


def wrong_not_sorted(heatmap, threshold=0.3):
    """In the order of the rows, not of the heights."""
    return ((heatmap == _around(heatmap)) & (heatmap > threshold)).nonzero().flip(1)


def wrong_edge_left_out(heatmap, threshold=0.3):
    """Looks at inner cells only: a peak at the edge of the map is missed."""
    inside = torch.zeros_like(heatmap, dtype=torch.bool)
    inside[1:-1, 1:-1] = True
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap > threshold) & inside)


def wrong_all_around(heatmap, threshold=0.3):
    """Shifts with roll: the neighbour of the first column is the last one, which hides peaks at the edge."""
    peak = heatmap > threshold
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            peak &= heatmap >= heatmap.roll((a, b), (0, 1))
    return _list(heatmap, peak)


def wrong_threshold_ignored(heatmap, threshold=0.3):
    """All local maxima, also those below the threshold."""
    return _list(heatmap, heatmap == _around(heatmap))


def wrong_threshold_fixed(heatmap, threshold=0.3):
    """0.3 whatever was asked for."""
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap > 0.3))


def wrong_share_of_the_highest(heatmap, threshold=0.3):
    """The threshold as a share of the highest cell: right only where that is 1."""
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap > threshold * heatmap.max()))


def wrong_only_one(heatmap, threshold=0.3):
    """The highest cell alone: the second pear is not found."""
    return _list(heatmap, (heatmap == _around(heatmap)) & (heatmap > threshold))[:1]


def wrong_all_warm_cells(heatmap, threshold=0.3):
    """Every cell above the threshold, whatever its neighbours."""
    return _list(heatmap, heatmap > threshold)


def wrong_wide_window(heatmap, threshold=0.3):
    """Looks two cells far: of two peaks two cells apart the lower one is lost."""
    return _list(heatmap, (heatmap == _around(heatmap, 5)) & (heatmap > threshold))


def wrong_frame_of_zeros(heatmap, threshold=0.3):
    """A frame of zeros around the map: for a threshold below 0 negative peaks at the edge are lost."""
    framed = F.pad(heatmap, (1, 1, 1, 1))
    around = F.max_pool2d(framed[None, None], 3, stride=1)[0, 0]
    return _list(heatmap, (heatmap == around) & (heatmap > threshold))


def wrong_nothing_found(heatmap, threshold=0.3):
    """Stacks a list of peaks: an error on a map that is cold everywhere."""
    return torch.stack(list(_list(heatmap, (heatmap == _around(heatmap)) & (heatmap > threshold))))
