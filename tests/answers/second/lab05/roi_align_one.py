"""Answers to `roi_align_one` (lab 05) by somebody else, written from the student's notebook alone."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def _sample_bilinearly(features: Tensor, x: Tensor, y: Tensor, half: float = 0.5) -> Tensor:
    """Exercise 6: (C, h, w) at N places -> (C, N)."""
    height, width = features.shape[1:]
    x = (x.double() - half).clamp(0, width - 1)
    y = (y.double() - half).clamp(0, height - 1)
    left, top = x.floor().long(), y.floor().long()
    right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
    rx, ry = (x - left).to(features.dtype), (y - top).to(features.dtype)
    upper = features[:, top, left] * (1 - rx) + features[:, top, right] * rx
    lower = features[:, bottom, left] * (1 - rx) + features[:, bottom, right] * rx
    return upper * (1 - ry) + lower * ry


def _middles(low, high, count: int) -> Tensor:
    """The middles of `count` equal parts of a side."""
    return low + (torch.arange(count).double() + 0.5) * (high - low) / count


def _table(features: Tensor, xs: Tensor, ys: Tensor, half: float = 0.5) -> Tensor:
    """Every x with every y: (C, Y, X)."""
    yy, xx = torch.meshgrid(ys, xs, indexing="ij")
    return _sample_bilinearly(features, xx.flatten(), yy.flatten(), half).reshape(
        len(features), len(ys), len(xs)
    )


def right_meshgrid_and_mean(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    x1, y1, x2, y2 = box.double() * scale
    count = bins * samples
    values = _table(features, _middles(x1, x2, count), _middles(y1, y2, count))
    return values.reshape(len(features), bins, samples, bins, samples).mean((2, 4))


def right_avg_pool(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    corners = box.double() * scale
    edges = torch.linspace(0, 1, bins * samples + 1, dtype=torch.float64)
    share = (edges[:-1] + edges[1:]) / 2
    xs = corners[0] * (1 - share) + corners[2] * share
    ys = corners[1] * (1 - share) + corners[3] * share
    n = len(share)
    values = _sample_bilinearly(features, xs.repeat(n), ys.repeat_interleave(n))
    return F.avg_pool2d(values.reshape(-1, n, n), samples)


def right_loops(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    height, width = features.shape[1:]
    x1, y1, x2, y2 = (value * scale for value in box.tolist())
    part_x, part_y = (x2 - x1) / (bins * samples), (y2 - y1) / (bins * samples)
    cells = []
    for row in range(bins):
        for column in range(bins):
            total = 0
            for down in range(samples):
                for across in range(samples):
                    x = x1 + (column * samples + across + 0.5) * part_x - 0.5
                    y = y1 + (row * samples + down + 0.5) * part_y - 0.5
                    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
                    x0, y0 = math.floor(x), math.floor(y)
                    for yi, wy in ((y0, 1 - (y - y0)), (y0 + 1, y - y0)):
                        for xi, wx in ((x0, 1 - (x - x0)), (x0 + 1, x - x0)):
                            cell = features[:, min(yi, height - 1), min(xi, width - 1)]
                            total = total + cell * (wx * wy)
            cells.append(total / samples**2)
    return torch.stack(cells, 1).reshape(-1, bins, bins)


def right_two_matrices(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Blending is a product from both sides: (bins, h) x (C, h, w) x (w, bins)."""

    def weights(low: float, high: float, cells: int) -> Tensor:
        centre = (_middles(low, high, bins * samples) - 0.5).clamp(0, cells - 1)
        hat = (1 - (centre[:, None] - torch.arange(cells).double()).abs()).clamp(min=0)
        return hat.reshape(bins, samples, cells).mean(1).to(features.dtype)

    x1, y1, x2, y2 = (value * scale for value in box.tolist())
    down, across = weights(y1, y2, features.shape[1]), weights(x1, x2, features.shape[2])
    return down @ features @ across.T


def right_grid_sample(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    height, width = features.shape[1:]
    x1, y1, x2, y2 = (box.double() * scale).tolist()
    n = bins * samples
    xs, ys = _middles(x1, x2, n) * 2 / width - 1, _middles(y1, y2, n) * 2 / height - 1
    grid = torch.stack([xs.expand(n, n), ys[:, None].expand(n, n)], -1)
    values = F.grid_sample(
        features.double()[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False
    )[0]
    return values.unflatten(1, (bins, samples)).unflatten(3, (bins, samples)).mean((2, 4)).to(features.dtype)


def _mean(values: Tensor, bins: int, samples: int) -> Tensor:
    return values.reshape(len(values), bins, samples, bins, samples).mean((2, 4))


def wrong_rounds_the_box(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Rounds the corners to whole cells, as RoIPool does."""
    x1, y1, x2, y2 = (box.double() * scale).round()
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), bins, samples)


def wrong_half_a_cell_off(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Takes 0 for the centre of cell 0 and reads everything half a cell off."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n), half=0.0), bins, samples)


def wrong_half_a_cell_twice(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Subtracts the half cell from the box, and the sampling does it once more."""
    x1, y1, x2, y2 = box.double() * scale - 0.5
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), bins, samples)


def wrong_stays_in_pixels(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Forgets to multiply the box by the scale."""
    x1, y1, x2, y2 = box.double()
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), bins, samples)


def wrong_left_ends(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Samples the beginning of each part instead of its middle."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    share = torch.arange(n).double() / n
    return _mean(_table(features, x1 + share * (x2 - x1), y1 + share * (y2 - y1)), bins, samples)


def wrong_linspace_from_edge_to_edge(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Spreads the samples evenly from one edge of the box to the other, both edges included."""
    x1, y1, x2, y2 = (box.double() * scale).tolist()
    n = bins * samples
    xs = torch.linspace(x1, x2, n, dtype=torch.float64)
    ys = torch.linspace(y1, y2, n, dtype=torch.float64)
    return _mean(_table(features, xs, ys), bins, samples)


def wrong_largest_sample(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """A bin is the largest of its samples instead of their mean."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    values = _table(features, _middles(x1, x2, n), _middles(y1, y2, n))
    return values.reshape(len(values), bins, samples, bins, samples).amax((2, 4))


def wrong_sum_of_samples(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Adds the samples of a bin and does not divide by their number."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), bins, samples) * samples**2


def wrong_x_runs_down(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """The first axis of the result runs to the right instead of down."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    values = _table(features, _middles(x1, x2, n), _middles(y1, y2, n))
    return _mean(values, bins, samples).transpose(1, 2)


def wrong_box_is_yxyx(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Takes the box for (y1, x1, y2, x2)."""
    y1, x1, y2, x2 = box.double() * scale
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), bins, samples)


def wrong_clips_the_box(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Cuts off what lies beyond the map before it divides the box into parts."""
    height, width = features.shape[1:]
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    xs = _middles(x1.clamp(0, width), x2.clamp(0, width), n)
    ys = _middles(y1.clamp(0, height), y2.clamp(0, height), n)
    return _mean(_table(features, xs, ys), bins, samples)


def wrong_zero_beyond_the_map(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Samples beyond the map are 0 instead of the value at the border."""
    height, width = features.shape[1:]
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    xs, ys = _middles(x1, x2, n), _middles(y1, y2, n)
    on_map = ((ys >= 0) & (ys <= height))[:, None] & ((xs >= 0) & (xs <= width))
    return _mean(_table(features, xs, ys) * on_map.to(features.dtype), bins, samples)


def wrong_mixes_bins_and_samples(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Reshapes samples before bins, so a bin averages samples from all over the box."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    values = _table(features, _middles(x1, x2, n), _middles(y1, y2, n))
    return values.reshape(len(values), samples, bins, samples, bins).mean((1, 3))


def wrong_diagonal_samples(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Pairs the first x with the first y, the second with the second, instead of every x with every y."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    values = _table(features, _middles(x1, x2, n), _middles(y1, y2, n))
    parts = values.reshape(len(values), bins, samples, bins, samples)
    return sum(parts[:, :, s, :, s] for s in range(samples)) / samples


def wrong_one_sample_a_bin(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Reads only the middle of each bin, whatever `samples` says."""
    x1, y1, x2, y2 = box.double() * scale
    return _table(features, _middles(x1, x2, bins), _middles(y1, y2, bins))


def wrong_always_two_samples(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Always takes two by two samples, whatever `samples` says."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * 2
    return F.avg_pool2d(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), 2)


def wrong_at_least_one_cell(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Makes the region at least one cell wide and high, as older code did."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    xs = _middles(x1, x1 + (x2 - x1).clamp(min=1), n)
    ys = _middles(y1, y1 + (y2 - y1).clamp(min=1), n)
    return _mean(_table(features, xs, ys), bins, samples)


def wrong_last_cell_belongs(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Makes the region one cell longer each way, as if its right corner were a cell that belongs to it."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    return _mean(_table(features, _middles(x1, x2 + 1, n), _middles(y1, y2 + 1, n)), bins, samples)


def wrong_no_gradient(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Computes without gradients, so the map learns nothing."""
    with torch.no_grad():
        x1, y1, x2, y2 = box.double() * scale
        n = bins * samples
        return _mean(_table(features, _middles(x1, x2, n), _middles(y1, y2, n)), bins, samples)


def wrong_dtype_of_the_box(
    features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2
) -> Tensor:
    """Returns float32 whatever the dtype of the map."""
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    values = _table(features.float(), _middles(x1, x2, n), _middles(y1, y2, n))
    return _mean(values, bins, samples)


def wrong_nearest_cell(features: Tensor, box: Tensor, bins: int, scale: float, samples: int = 2) -> Tensor:
    """Reads the cell that each sample lies in and does not blend it with its neighbours."""
    height, width = features.shape[1:]
    x1, y1, x2, y2 = box.double() * scale
    n = bins * samples
    xs = _middles(x1, x2, n).floor().long().clamp(0, width - 1)
    ys = _middles(y1, y2, n).floor().long().clamp(0, height - 1)
    return _mean(features[:, ys][:, :, xs], bins, samples)
