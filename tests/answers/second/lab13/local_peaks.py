"""Answers to `local_peaks` (lab 13) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor


def _sorted(heatmap: Tensor, mask: Tensor) -> Tensor:
    """The cells of the mask as x and y, the highest first."""
    rows, columns = mask.nonzero(as_tuple=True)
    order = heatmap[rows, columns].argsort(descending=True)
    return torch.stack([columns, rows], 1)[order]


def right_max_pool(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """A peak equals the maximum of its 3 x 3 window."""
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    places = ((heatmap == highest) & (heatmap > threshold)).nonzero()  # row, column
    values = heatmap[places[:, 0], places[:, 1]]
    return places[values.argsort(descending=True)].flip(1)


def right_shifted_copies(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Compare with eight shifted copies; beyond the edge is minus infinity."""
    h, w = heatmap.shape
    wide = F.pad(heatmap, (1, 1, 1, 1), value=float("-inf"))
    peak = heatmap > threshold
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if (dy, dx) != (1, 1):
                peak = peak & ~(wide[dy : dy + h, dx : dx + w] > heatmap)
    return _sorted(heatmap, peak)


def right_loops(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Cell by cell: the slice around it, cut at the edges."""
    h, w = heatmap.shape
    found = []
    for y in range(h):
        for x in range(w):
            around = heatmap[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            if heatmap[y, x] > threshold and heatmap[y, x] >= around.max():
                found.append((heatmap[y, x].item(), x, y))
    found.sort(key=lambda peak: -peak[0])
    return torch.tensor([[x, y] for _, x, y in found], dtype=torch.int64).reshape(-1, 2)


def right_python_numbers(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """With lists and Python's numbers (a float32 0.3 becomes 0.30000001 here)."""
    values = heatmap.tolist()
    h, w = len(values), len(values[0])
    peaks = []
    for y in range(h):
        for x in range(w):
            neighbours = [
                values[b][a]
                for b in (y - 1, y, y + 1)
                for a in (x - 1, x, x + 1)
                if (a, b) != (x, y) and 0 <= a < w and 0 <= b < h
            ]
            if values[y][x] > threshold and all(value <= values[y][x] for value in neighbours):
                peaks.append([x, y])
    peaks.sort(key=lambda p: values[p[1]][p[0]], reverse=True)
    return torch.tensor(peaks, dtype=torch.int64).view(len(peaks), 2)


def right_scipy(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """SciPy's maximum filter."""
    array = heatmap.detach().numpy()
    highest = torch.from_numpy(ndimage.maximum_filter(array, size=3, mode="constant", cval=float("-inf")))
    return _sorted(heatmap, (heatmap >= highest) & (heatmap > threshold))


def right_sort_first(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """All cells from the highest to the lowest, then keep the peaks among them."""
    h, w = heatmap.shape
    windows = F.pad(heatmap, (1, 1, 1, 1), value=float("-inf")).unfold(0, 3, 1).unfold(1, 3, 1)
    peak = (windows.amax((-2, -1)) == heatmap) & (heatmap > threshold)
    order = heatmap.flatten().argsort(descending=True)
    order = order[peak.flatten()[order]]
    return torch.stack([order % w, torch.div(order, w, rounding_mode="floor")], -1)


def wrong_four_neighbours(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Looks at four neighbours only and forgets the diagonal ones."""
    wide = F.pad(heatmap, (1, 1, 1, 1), value=float("-inf"))
    around = torch.stack([wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]])
    return _sorted(heatmap, (heatmap >= around.amax(0)) & (heatmap > threshold))


def wrong_strictly_higher(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Demands that a peak exceeds all neighbours, so equal neighbours are no peaks."""
    h, w = heatmap.shape
    wide = F.pad(heatmap, (1, 1, 1, 1), value=float("-inf"))
    peak = heatmap > threshold
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if (dy, dx) != (1, 1):
                peak = peak & (heatmap > wide[dy : dy + h, dx : dx + w])
    return _sorted(heatmap, peak)


def wrong_rows_first(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Returns row and column, not x and y."""
    return right_max_pool(heatmap, threshold).flip(1)


def wrong_not_sorted(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Leaves the peaks in the order of the map."""
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    return ((heatmap == highest) & (heatmap > threshold)).nonzero().flip(1)


def wrong_lowest_first(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Sorts ascending, the lowest peak first."""
    return right_max_pool(heatmap, threshold).flip(0)


def wrong_at_the_threshold(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Accepts cells that are exactly at the threshold."""
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    return _sorted(heatmap, (heatmap == highest) & (heatmap >= threshold))


def wrong_threshold_forgotten(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Forgets the threshold."""
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    return _sorted(heatmap, heatmap == highest)


def wrong_threshold_fixed(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Writes 0.3 instead of the argument."""
    return right_max_pool(heatmap, 0.3)


def wrong_threshold_relative(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Takes the threshold as a share of the highest cell."""
    return right_max_pool(heatmap, threshold * heatmap.max().item())


def wrong_edges_left_out(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Never looks at the cells on the edge of the map."""
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]
    peak = (heatmap == highest) & (heatmap > threshold)
    inside = torch.zeros_like(peak)
    inside[1:-1, 1:-1] = True
    return _sorted(heatmap, peak & inside)


def wrong_wraps_around(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Compares with torch.roll, so cells on one edge are neighbours of the opposite edge."""
    peak = heatmap > threshold
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            peak = peak & (heatmap >= heatmap.roll((dy, dx), (0, 1)))
    return _sorted(heatmap, peak)


def wrong_zeros_beyond_the_edge(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Takes cells beyond the edge for zeros, which exceed negative cells at the edge."""
    wide = F.pad(heatmap, (1, 1, 1, 1))
    highest = wide.unfold(0, 3, 1).unfold(1, 3, 1).amax((-2, -1))
    return _sorted(heatmap, (heatmap >= highest) & (heatmap > threshold))


def wrong_no_padding(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Pools without padding, so all places are one cell too far up and left."""
    highest = F.max_pool2d(heatmap[None, None], 3, stride=1)[0, 0]
    middle = heatmap[1:-1, 1:-1]
    return _sorted(middle, (middle == highest) & (middle > threshold))


def wrong_five_by_five(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Compares with a window of 5 x 5 cells."""
    highest = F.max_pool2d(heatmap[None, None], 5, stride=1, padding=2)[0, 0]
    return _sorted(heatmap, (heatmap == highest) & (heatmap > threshold))


def wrong_only_the_highest(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Returns only the cells as high as the highest of the whole map."""
    return _sorted(heatmap, (heatmap == heatmap.max()) & (heatmap > threshold))


def wrong_all_above_threshold(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Returns every cell above the threshold, peak or not."""
    return _sorted(heatmap, heatmap > threshold)


def wrong_float_cells(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Returns floats instead of int64."""
    return right_max_pool(heatmap, threshold).float()


def wrong_shape_without_peaks(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Returns the shape (0,) when there is no peak."""
    return torch.tensor(right_max_pool(heatmap, threshold).tolist(), dtype=torch.int64)


def wrong_equal_neighbours_once(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """Keeps only one of equal neighbours, as a non-maximum suppression does."""
    kept: list[list[int]] = []
    for x, y in right_max_pool(heatmap, threshold).tolist():
        if all(max(abs(x - a), abs(y - b)) > 1 for a, b in kept):
            kept.append([x, y])
    return torch.tensor(kept, dtype=torch.int64).reshape(-1, 2)
