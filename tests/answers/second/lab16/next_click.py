from collections import deque

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import center_of_mass, distance_transform_edt, label
from torch import Tensor


def right_scipy(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """SciPy: label, bincount, distance transform with a border of False; the first of equal regions and cells."""
    wrong = (found ^ truth).numpy()
    if not wrong.any():
        wrong = truth.numpy()
    parts, _ = label(wrong)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    depth = distance_transform_edt(np.pad(parts == sizes.argmax(), 1))[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column), bool(truth[row, column])


def right_flood_fill(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """Loops: a flood fill by hand and distances by trying all cells; the last of equal regions and of equal cells."""
    h, w = truth.shape
    f, t = found.tolist(), truth.tolist()
    left = {(i, j) for i in range(h) for j in range(w) if f[i][j] != t[i][j]}
    left = left or {(i, j) for i in range(h) for j in range(w) if t[i][j]}
    largest: set = set()
    while left:
        start = max(left)
        left.remove(start)
        region, queue = {start}, deque([start])
        while queue:
            i, j = queue.popleft()
            for cell in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if cell in left:
                    left.remove(cell)
                    region.add(cell)
                    queue.append(cell)
        if len(region) > len(largest):
            largest = region
    outside = [(i, j) for i in range(-1, h + 1) for j in range(-1, w + 1) if (i, j) not in largest]
    best, middle = -1, None
    for i, j in sorted(largest):
        depth = min((i - a) ** 2 + (j - b) ** 2 for a, b in outside)
        if depth >= best:
            best, middle = depth, (i, j)
    return middle[0], middle[1], t[middle[0]][middle[1]]


def right_torch(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """PyTorch only: numbers spread through the sides until nothing changes, distances with cdist; the region with the highest number of equal ones."""
    h, w = truth.shape
    wrong = found != truth
    if not wrong.any():
        wrong = truth
    numbers = torch.arange(1, h * w + 1).reshape(h, w) * wrong
    while True:
        p = F.pad(numbers, (1, 1, 1, 1))
        spread = torch.stack([numbers, p[:-2, 1:-1], p[2:, 1:-1], p[1:-1, :-2], p[1:-1, 2:]]).amax(0) * wrong
        if torch.equal(spread, numbers):
            break
        numbers = spread
    values, counts = numbers[wrong].unique(return_counts=True)
    region = F.pad(numbers == values[counts == counts.max()][-1], (1, 1, 1, 1))
    cells = region.nonzero()
    distance = torch.cdist(
        cells.double(), (~region).nonzero().double(), compute_mode="donot_use_mm_for_euclid_dist"
    )
    row, column = (cells[distance.amin(1).argmax()] - 1).tolist()
    return row, column, truth[row, column].item()


def _largest(cells: np.ndarray, structure: np.ndarray | None = None) -> np.ndarray:
    parts, _ = label(cells, structure)
    return parts == np.bincount(parts.ravel())[1:].argmax() + 1


def _middle(region: np.ndarray) -> tuple[int, int]:
    depth = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    row, column = divmod(int(depth.argmax()), region.shape[1])
    return row, column


def wrong_border_forgotten(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """No False cells around the map, so a region at the border is clicked at the border."""
    wrong = (found ^ truth).numpy()
    region = _largest(wrong if wrong.any() else truth.numpy())
    row, column = divmod(int(distance_transform_edt(region).argmax()), region.shape[1])
    return row, column, bool(truth[row, column])


def wrong_corners_connect(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """Connects cells through their corners too."""
    wrong = (found ^ truth).numpy()
    row, column = _middle(_largest(wrong if wrong.any() else truth.numpy(), np.ones((3, 3))))
    return row, column, bool(truth[row, column])


def wrong_deepest_of_all(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """Takes the deepest wrong cell of all regions instead of that of the largest region."""
    wrong = (found ^ truth).numpy()
    row, column = _middle(wrong if wrong.any() else truth.numpy())
    return row, column, bool(truth[row, column])


def wrong_kinds_apart(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """Makes regions of the missing and of the surplus cells separately, although wrong cells of both kinds may be connected."""
    regions = [_largest(c.numpy()) for c in (truth & ~found, found & ~truth) if c.any()]
    region = max(regions, key=np.sum) if regions else _largest(truth.numpy())
    row, column = _middle(region)
    return row, column, bool(truth[row, column])


def wrong_centre_of_mass(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """Takes the centre of mass for the middle, which may lie outside a bent region."""
    wrong = (found ^ truth).numpy()
    row, column = (int(round(v)) for v in center_of_mass(_largest(wrong if wrong.any() else truth.numpy())))
    return row, column, bool(truth[row, column])


def wrong_on_object_is_not_found(found: Tensor, truth: Tensor) -> tuple[int, int, bool]:
    """Says on_object = not found there, which is the opposite of the truth when no cell is wrong."""
    wrong = (found ^ truth).numpy()
    row, column = _middle(_largest(wrong if wrong.any() else truth.numpy()))
    return row, column, not bool(found[row, column])
