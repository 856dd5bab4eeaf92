import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_max_pool(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """A peak equals the maximum of its 3 x 3 cells."""
    peak = heatmap == F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]
    labels, y, x = peak.nonzero(as_tuple=True)
    scores, order = heatmap[peak].sort(descending=True)
    order = order[:count]
    return ops.Peaks(torch.stack([x, y], 1)[order], labels[order], scores[:count])


def right_eight_shifts(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Compares with eight shifted copies; beyond the border there is minus infinity."""
    _, h, w = heatmap.shape
    padded = F.pad(heatmap, (1, 1, 1, 1), value=-torch.inf)
    peak = torch.ones_like(heatmap, dtype=torch.bool)
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                peak &= padded[:, dy : dy + h, dx : dx + w] <= heatmap
    flat = heatmap.masked_fill(~peak, -torch.inf).flatten()
    scores, where = flat.topk(min(count, int(peak.sum())))
    labels, cell = where // (h * w), where % (h * w)
    return ops.Peaks(torch.stack((cell % w, cell // w), -1), labels, scores)


def right_cell_by_cell(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Looks at the neighbourhood of every cell, in plain Python."""
    channels, h, w = heatmap.shape
    found = []
    for k in range(channels):
        for y in range(h):
            for x in range(w):
                around = heatmap[k, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
                if not (around > heatmap[k, y, x]).any():
                    found.append((heatmap[k, y, x].item(), k, y, x))
    found.sort(reverse=True)
    found = found[:count]
    k, y, x = (torch.tensor([one[n] for one in found], dtype=torch.long) for n in (1, 2, 3))
    return ops.Peaks(torch.stack([x, y], 1), k, heatmap[k, y, x])


def _sorted(heatmap, peak, count):
    labels, y, x = peak.nonzero(as_tuple=True)
    scores, order = heatmap[peak].sort(descending=True)
    order = order[:count]
    return ops.Peaks(torch.stack([x, y], 1)[order], labels[order], scores[:count])


def wrong_zeros_beyond_the_border(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Pads with zeros, so peaks with negative logits at the border are lost."""
    padded = F.pad(heatmap, (1, 1, 1, 1))
    peak = heatmap == F.max_pool2d(padded[None], 3, stride=1)[0]
    return _sorted(heatmap, peak, count)


def wrong_plateaus_lost(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Asks a peak to be higher than all neighbours, so equal neighbours are both lost."""
    _, h, w = heatmap.shape
    padded = F.pad(heatmap, (1, 1, 1, 1), value=-torch.inf)
    peak = torch.ones_like(heatmap, dtype=torch.bool)
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                peak &= padded[:, dy : dy + h, dx : dx + w] < heatmap
    return _sorted(heatmap, peak, count)


def wrong_row_before_column(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Returns the points as y, x."""
    peak = heatmap == F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]
    points, labels, scores = _sorted(heatmap, peak, count)
    return ops.Peaks(points.flip(1), labels, scores)


def wrong_channels_compete(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Also compares with the cells of the other channels, so that classes suppress each other."""
    highest = F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0].amax(0, keepdim=True)
    return _sorted(heatmap, heatmap == highest, count)


def wrong_count_per_class(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Keeps up to count peaks of each class instead of count altogether."""
    peak = heatmap == F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]
    parts = [_sorted(heatmap[k : k + 1], peak[k : k + 1], count) for k in range(len(heatmap))]
    points = torch.cat([part.points for part in parts])
    labels = torch.cat([part.labels + k for k, part in enumerate(parts)])
    scores, order = torch.cat([part.scores for part in parts]).sort(descending=True)
    return ops.Peaks(points[order], labels[order], scores)


def wrong_others_set_to_zero(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Multiplies by the mask and takes the largest: cells that are no peaks come along with heat 0."""
    _, h, w = heatmap.shape
    peak = heatmap == F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]
    scores, where = (heatmap * peak).flatten().topk(min(count, heatmap.numel()))
    cell = where % (h * w)
    return ops.Peaks(torch.stack([cell % w, cell // w], 1), where // (h * w), scores)


def wrong_best_cells_first(heatmap: Tensor, count: int = 100) -> ops.Peaks:
    """Takes the count highest cells first and looks for peaks among them, so too few are left."""
    _, h, w = heatmap.shape
    peak = (heatmap == F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]).flatten()
    scores, where = heatmap.flatten().topk(min(count, heatmap.numel()))
    scores, where = scores[peak[where]], where[peak[where]]
    cell = where % (h * w)
    return ops.Peaks(torch.stack([cell % w, cell // w], 1), where // (h * w), scores)
