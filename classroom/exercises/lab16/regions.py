"""Connected regions of a map of cells, and how deep inside its region a cell lies."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import distance_transform_edt, label
from torch import Tensor


def what_counts(found: Tensor, truth: Tensor) -> Tensor:
    """The wrong cells, or the object where none is wrong: (H, W) bool."""
    wrong = found ^ truth
    return wrong if wrong.any() else truth


def regions(cells: Tensor, neighbours: np.ndarray | None = None) -> list[Tensor]:
    """The connected parts of a map (H, W) bool."""
    parts, count = label(cells.numpy(), neighbours)
    return [torch.from_numpy(parts == number) for number in range(1, count + 1)]


def largest_region(cells: Tensor) -> Tensor:
    return max(regions(cells), key=lambda part: int(part.sum()))


def depth(region: Tensor) -> Tensor:
    """How far each cell is from the nearest cell outside the region; outside the map nothing belongs to it."""
    padded = F.pad(region, (1, 1, 1, 1))
    return torch.from_numpy(distance_transform_edt(padded.numpy()))[1:-1, 1:-1]
