"""Answers to `roi_align_one` (lab 05), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def sample_bilinearly(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Exercise 6: the value between cells, (C, N)."""
    _, h, w = features.shape
    x, y = (x - 0.5).clamp(0, w - 1), (y - 0.5).clamp(0, h - 1)
    j, i = x.floor().long(), y.floor().long()
    j1, i1 = (j + 1).clamp(max=w - 1), (i + 1).clamp(max=h - 1)
    rx, ry = x - j, y - i
    above = features[:, i, j] * (1 - rx) + features[:, i, j1] * rx
    return above * (1 - ry) + (features[:, i1, j] * (1 - rx) + features[:, i1, j1] * rx) * ry


def right_by_average_pooling(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """One fine grid of samples as a picture, then its mean over squares of samples x samples."""
    x1, y1, x2, y2 = box * scale
    parts = bins * samples
    middles = (torch.arange(parts) + 0.5) / parts
    y, x = torch.meshgrid(y1 + (y2 - y1) * middles, x1 + (x2 - x1) * middles, indexing="ij")
    values = sample_bilinearly(features, x.flatten(), y.flatten()).view(-1, parts, parts)
    return F.avg_pool2d(values, samples)


def right_by_loops(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Bin by bin in plain numbers, samples x samples places each, and their mean."""
    x1, y1, x2, y2 = (value * scale for value in box.tolist())
    high, wide = (y2 - y1) / bins, (x2 - x1) / bins
    inner = [(s + 0.5) / samples for s in range(samples)]
    cells = []
    for i in range(bins):
        for j in range(bins):
            x = torch.tensor([x1 + (j + s) * wide for _ in inner for s in inner])
            y = torch.tensor([y1 + (i + s) * high for s in inner for _ in inner])
            cells.append(sample_bilinearly(features, x, y).mean(1))
    return torch.stack(cells, 1).reshape(-1, bins, bins)


def right_by_weights(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """All is linear: a table of weights down and one across, and two products of matrices."""

    def weights(first: Tensor, last: Tensor, cells: int) -> Tensor:
        middles = (torch.arange(bins * samples) + 0.5) * (last - first) / (bins * samples) + first
        place = (middles - 0.5).clamp(0, cells - 1)
        tents = (1 - (place[:, None] - torch.arange(cells)).abs()).clamp(min=0)
        return tents.reshape(bins, samples, cells).mean(1)

    x1, y1, x2, y2 = box * scale
    return weights(y1, y2, features.shape[1]) @ features @ weights(x1, x2, features.shape[2]).T


def right_by_grid_sample(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """F.grid_sample at all places at once; the four axes of bins and samples are told apart for the mean."""
    _, h, w = features.shape
    box = box * scale / torch.tensor([w, h, w, h])
    parts = bins * samples
    steps = (torch.arange(parts) * 2 + 1) / (2 * parts)
    x, y = torch.lerp(box[0], box[2], steps), torch.lerp(box[1], box[3], steps)
    grid = torch.stack([x.expand(parts, parts), y[:, None].expand(parts, parts)], -1) * 2 - 1
    values = F.grid_sample(features[None], grid[None], padding_mode="border", align_corners=False)[0]
    return values.view(-1, bins, samples, bins, samples).mean((2, 4))


def _grid(features, first, last, places, shift=0.0):
    """The values at the given shares of the way, (C, down, across)."""
    (x1, y1), (x2, y2) = first, last
    y, x = torch.meshgrid(y1 + (y2 - y1) * places, x1 + (x2 - x1) * places, indexing="ij")
    values = sample_bilinearly(features, x.flatten() + shift, y.flatten() + shift)
    return values.view(-1, len(places), len(places))


def _middles(count):
    return (torch.arange(count) + 0.5) / count


def wrong_rounded(features, box, bins, scale, samples=2):
    """Rounds the box to whole cells, as RoIPool does: a shift by 3 pixels makes a jump or nothing."""
    box = (box * scale + 0.5).floor()
    return F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples)


def wrong_ends_included(features, box, bins, scale, samples=2):
    """linspace from corner to corner: samples at the ends and not in the middles of the parts."""
    box = box * scale
    return F.avg_pool2d(_grid(features, box[:2], box[2:], torch.linspace(0, 1, bins * samples)), samples)


def wrong_upper_left_of_each_part(features, box, bins, scale, samples=2):
    """Samples where each part begins and not in its middle."""
    box = box * scale
    starts = torch.arange(bins * samples) / (bins * samples)
    return F.avg_pool2d(_grid(features, box[:2], box[2:], starts), samples)


def wrong_maximum(features, box, bins, scale, samples=2):
    """The largest of the samples and not their mean."""
    box = box * scale
    return F.max_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples)


def wrong_sum(features, box, bins, scale, samples=2):
    """The sum of the samples: four times too much for two by two."""
    box = box * scale
    return F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples) * samples**2


def wrong_samples_ignored(features, box, bins, scale, samples=2):
    """One sample a bin whatever was asked for: crop-and-resize, right for samples = 1 only."""
    box = box * scale
    return _grid(features, box[:2], box[2:], _middles(bins))


def wrong_scale_ignored(features, box, bins, scale, samples=2):
    """Takes pixels for cells: most samples lie beyond the map."""
    return F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples)


def wrong_half_a_cell_off(features, box, bins, scale, samples=2):
    """Forgets that the centre of cell 0 is at 0.5: torchvision's aligned=False."""
    box = box * scale
    return F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples), shift=0.5), samples)


def wrong_half_a_cell_twice(features, box, bins, scale, samples=2):
    """Subtracts half a cell from the box although the sampling does so too."""
    box = box * scale - 0.5
    return F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples)


def wrong_at_least_one_cell(features, box, bins, scale, samples=2):
    """Makes every region one cell large at least, as the older operator does: wrong for a box of 4 pixels."""
    box = box * scale
    last = torch.maximum(box[2:], box[:2] + 1)
    return F.avg_pool2d(_grid(features, box[:2], last, _middles(bins * samples)), samples)


def wrong_last_cell_added(features, box, bins, scale, samples=2):
    """The region ends one cell later, x2 - x1 + 1: that was RoIPool."""
    box = box * scale
    return F.avg_pool2d(_grid(features, box[:2], box[2:] + 1, _middles(bins * samples)), samples)


def wrong_clipped(features, box, bins, scale, samples=2):
    """Clips the box to the map first: the bins of a box that sticks out lie elsewhere."""
    _, h, w = features.shape
    box = torch.minimum((box * scale).clamp(min=0), torch.tensor([w, h, w, h]))
    return F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples)


def wrong_transposed(features, box, bins, scale, samples=2):
    """The first of the two axes of the result runs to the right and not down."""
    box = box * scale
    values = F.avg_pool2d(_grid(features, box[:2], box[2:], _middles(bins * samples)), samples)
    return values.transpose(1, 2)


def wrong_bins_and_samples_mixed(features, box, bins, scale, samples=2):
    """Takes the axes apart as samples x bins: each mean is over places far from each other."""
    box = box * scale
    values = _grid(features, box[:2], box[2:], _middles(bins * samples))
    return values.view(-1, samples, bins, samples, bins).mean((1, 3))


def wrong_pairs_on_the_diagonal(features, box, bins, scale, samples=2):
    """Within a bin x and y go in pairs: `samples` places on a diagonal, where every x goes with every y."""
    box = box * scale
    values = _grid(features, box[:2], box[2:], _middles(bins * samples))
    return values.view(-1, bins, samples, bins, samples).diagonal(dim1=2, dim2=4).mean(-1)


def wrong_no_gradient(features, box, bins, scale, samples=2):
    """Pools a detached map: nothing in front of the pooling can be trained."""
    return right_by_average_pooling(features.detach(), box, bins, scale, samples)
