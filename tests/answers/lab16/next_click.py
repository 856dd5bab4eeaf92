"""Answers to `next_click` (lab 16)."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import binary_erosion, distance_transform_edt, label
from torch import Tensor


def right_with_scipy(found: Tensor, truth: Tensor):
    """label, bincount and the distance transform in a padded array."""
    wrong = (found ^ truth).numpy()
    if not wrong.any():
        wrong = truth.numpy()
    parts, _ = label(wrong)
    largest = np.bincount(parts.ravel())[1:].argmax() + 1
    deep = distance_transform_edt(np.pad(parts == largest, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(deep.argmax(), deep.shape)
    return row, column, truth[row, column]


def right_the_last_of_equals(found: Tensor, truth: Tensor):
    """Of equally large regions the last, of equally deep cells the last."""
    wrong = found != truth
    wrong = wrong if wrong.any() else truth
    parts, count = label(wrong.numpy())
    sizes = [int((parts == k).sum()) for k in range(1, count + 1)]
    best = count - sizes[::-1].index(max(sizes))
    region = F.pad(torch.from_numpy(parts == best), (1, 1, 1, 1))
    deep = torch.from_numpy(distance_transform_edt(region.numpy()))[1:-1, 1:-1]
    row, column = (deep == deep.max()).nonzero()[-1].tolist()
    return row, column, bool(truth[row, column])


def right_by_pairs(found: Tensor, truth: Tensor):
    """Floods regions by hand and measures the distance to every cell outside."""
    wrong = found ^ truth if not found.equal(truth) else truth
    left = {tuple(cell) for cell in wrong.nonzero().tolist()}
    best: set = set()
    while left:
        region, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            region.add((row, column))
            near = {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)} & left
            left -= near
            edge += near
        best = max(best, region, key=len)
    cells = torch.tensor(sorted(best)).double()
    height, width = truth.shape
    around = [(r, c) for r in range(-1, height + 1) for c in range(-1, width + 1) if (r, c) not in best]
    far = torch.cdist(cells, torch.tensor(around).double()).amin(1)
    row, column = cells[far.argmax()].long().tolist()
    return [row, column, truth[row, column].item()]


def _middle(region, truth):
    deep = distance_transform_edt(np.pad(np.asarray(region), 1))[1:-1, 1:-1]
    row, column = np.unravel_index(deep.argmax(), deep.shape)
    return int(row), int(column), bool(truth[row, column])


def _largest(cells):
    parts, _ = label(np.asarray(cells))
    return parts == np.bincount(parts.ravel())[1:].argmax() + 1


def wrong_without_regions(found, truth):
    """The deepest of all wrong cells."""
    wrong = found ^ truth
    return _middle(wrong if wrong.any() else truth, truth)


def wrong_mean_position(found, truth):
    """The mean of the region's cells, rounded."""
    wrong = found ^ truth
    region = torch.from_numpy(_largest(wrong if wrong.any() else truth))
    row, column = region.nonzero().double().mean(0).round().int().tolist()
    return row, column, bool(truth[row, column])


def wrong_only_missing(found, truth):
    """Never clicks on what is too much."""
    missing = truth & ~found
    return _middle(_largest(missing if missing.any() else truth), truth)


def wrong_without_a_frame(found, truth):
    """The distance transform of the map alone: beyond its border the object seems to go on."""
    wrong = found ^ truth
    region = _largest(wrong if wrong.any() else truth)
    deep = distance_transform_edt(region)
    row, column = np.unravel_index(deep.argmax(), deep.shape)
    return int(row), int(column), bool(truth[row, column])


def wrong_x_first(found, truth):
    """x, y as points have it."""
    row, column, inside = right_with_scipy(found, truth)
    return column, row, inside


def wrong_kind(found, truth):
    """Asks the mask so far what the click is on."""
    row, column, _ = right_with_scipy(found, truth)
    return row, column, bool(found[row, column])


def wrong_always_this(found, truth):
    """All clicks say "this"."""
    row, column, _ = right_with_scipy(found, truth)
    return row, column, True


def wrong_nothing_wrong(found, truth):
    """bincount of nothing: an error for a perfect mask."""
    return _middle(_largest(found ^ truth), truth)


def wrong_eroded(found, truth):
    """A cell of the region that is left after one erosion: inside, but not the deepest."""
    wrong = found ^ truth
    region = _largest(wrong if wrong.any() else truth)
    inner = binary_erosion(region)
    row, column = np.argwhere(inner if inner.any() else region)[0].tolist()
    return row, column, bool(truth[row, column])
