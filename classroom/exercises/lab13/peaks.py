"""Lab 13, second part: several objects of a class, several peaks."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from coursekit import ops


def local_peaks(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    """The cells above the threshold that none of their 8 neighbours exceeds, the highest first: (h, w) -> (P, 2)."""
    found = ops.peaks(heatmap[None], heatmap.numel())
    return found.points[found.scores > threshold]


_MEETING = ops.gaussian_heatmap(torch.tensor([[1.2, 1.0], [5.0, 2.0]]), torch.tensor([0, 0]), (1, 5, 8), 1.0)[
    0
]
_CORNERS = torch.tensor([[0.9, 0.2, 0.0], [0.2, 0.1, 0.2], [0.0, 0.2, 0.7]])
_STEP = torch.tensor([[0.8, 0.1, 0.0, 0.0], [0.1, 0.6, 0.1, 0.9]])

LOCAL_PEAKS = Exercise(
    local_peaks,
    hints=(
        "A maximum over windows of 3 x 3 tells each cell the highest value around it.",
        "A peak is a cell that equals the maximum of its window, and is above the threshold.",
        "highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]; "
        "y, x = ((heatmap == highest) & ...).nonzero().unbind(1); then sort by heatmap[y, x].",
    ),
    cases=(
        Case("one peak", (torch.tensor([[0.1, 0.5, 0.9, 0.4]]),)),
        Case("two peaks, the second one higher", (torch.tensor([[0.5, 0.1, 0.1, 0.8]]),)),
        Case("nothing above the threshold", (torch.tensor([[0.1, 0.2], [0.0, 0.1]]),)),
        Case("a low peak of its own", (torch.tensor([[0.9, 0.0, 0.2, 0.0]]),)),
        Case("peaks in the corners", (_CORNERS,)),
        Case("a diagonal neighbour is higher", (_STEP,)),
        Case("two Gaussians", (_MEETING,)),
        Case("noise, 6 x 11 cells", (uniform(6, 11, seed=3), 0.5)),
    ),
)


def _sorted_points(heatmap: Tensor, chosen: Tensor) -> Tensor:
    y, x = chosen.nonzero().unbind(1)
    order = heatmap[y, x].sort(descending=True, stable=True).indices
    return torch.stack([x, y], 1)[order]


@LOCAL_PEAKS.wrong(
    "everything above the threshold", "That is the whole blob: a peak is a cell that no neighbour exceeds."
)
def _no_suppression(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return _sorted_points(heatmap, heatmap > threshold)


@LOCAL_PEAKS.wrong("no threshold", "Ripples of the background are peaks too, if they may be low.")
def _no_threshold(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return local_peaks(heatmap, -torch.inf)


@LOCAL_PEAKS.wrong("only the highest", "A scene has several objects: return all peaks.")
def _only_one(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return local_peaks(heatmap, threshold)[:1]


@LOCAL_PEAKS.wrong("row first", "A point is (x, y): the column comes first.")
def _rows_first(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return local_peaks(heatmap, threshold).flip(-1)


def _window_max(heatmap: Tensor, kernel_size: int = 3) -> Tensor:
    return F.max_pool2d(heatmap[None, None], kernel_size, 1, kernel_size // 2)[0, 0]


@LOCAL_PEAKS.wrong("in reading order", "The highest peak comes first.")
def _in_reading_order(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    y, x = ((heatmap == _window_max(heatmap)) & (heatmap > threshold)).nonzero().unbind(1)
    return torch.stack([x, y], 1)


@LOCAL_PEAKS.wrong("diagonal neighbours forgotten", "A cell has eight neighbours: a window of 3 x 3.")
def _four_neighbours(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    across = F.max_pool2d(heatmap[None, None], (1, 3), 1, (0, 1))[0, 0]
    down = F.max_pool2d(heatmap[None, None], (3, 1), 1, (1, 0))[0, 0]
    return _sorted_points(heatmap, (heatmap == across.maximum(down)) & (heatmap > threshold))


@LOCAL_PEAKS.wrong("a window of 7 cells", "That swallows the second of two objects side by side.")
def _wide_window(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return _sorted_points(heatmap, (heatmap == _window_max(heatmap, 7)) & (heatmap > threshold))


EXERCISES = (LOCAL_PEAKS,)
