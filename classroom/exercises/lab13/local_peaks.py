"""Lab 13, second part: several objects of a class, several peaks."""

from collections.abc import Callable
from typing import Any

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


def _judge(arguments: tuple, value: Any) -> Any:
    """The order of peaks that are equally high is free."""
    heatmap, wanted = arguments[0], local_peaks(*arguments)
    if not isinstance(value, Tensor) or value.shape != wanted.shape or value.dtype != wanted.dtype:
        return value
    if sorted(value.tolist()) != sorted(wanted.tolist()):
        return value
    heights = [heatmap[points[:, 1], points[:, 0]] for points in (value, wanted)]
    return wanted if heights[0].equal(heights[1]) else value


LOCAL_PEAKS = Exercise(
    local_peaks,
    judge=_judge,
    hints=(
        "A maximum over windows of 3 x 3 gives each cell the highest value around it.",
        "A peak is a cell that equals the maximum of its window, and is above the threshold.",
        "highest = F.max_pool2d(heatmap[None, None], 3, stride=1, padding=1)[0, 0]\n"
        "y, x = (…).nonzero().unbind(1)  # as high as its surroundings, and above the threshold\n"
        "order = heatmap[y, x].argsort(descending=True)\n"
        "return torch.stack([x, y], 1)[order]",
    ),
    cases=(
        Case("one peak", (torch.tensor([[0.1, 0.5, 0.9, 0.4]]),)),
        Case("two peaks, the second one higher", (torch.tensor([[0.5, 0.1, 0.1, 0.8]]),)),
        Case("nothing above the threshold", (torch.tensor([[0.1, 0.2], [0.0, 0.1]]),)),
        Case("a separate low peak", (torch.tensor([[0.9, 0.0, 0.2, 0.0]]),)),
        Case("peaks in the corners", (_CORNERS,)),
        Case("a diagonal neighbour is higher", (_STEP,)),
        Case("two Gaussians", (_MEETING,)),
        Case("noise, 6 x 11 cells", (uniform(6, 11, seed=3), 0.5)),
        Case("exactly at the threshold", (torch.tensor([[0.5, 0.0, 0.75, 0.0]]), 0.5)),
        Case("two equal neighbours", (torch.tensor([[0.1, 0.8, 0.8, 0.1, 0.0, 0.9], [0.0] * 6]),)),
        Case("all below zero", (torch.tensor([[-0.1, -0.8, -0.9], [-0.9, -0.7, -0.3]]), -0.5)),
        Case(
            "the same peak on both sides",
            (torch.tensor([[0.8, 0.1, 0.1, 0.1, 0.6], [0.1] * 5, [0.1] * 5, [0.1, 0.1, 0.7, 0.1, 0.1]]),),
        ),
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


@LOCAL_PEAKS.wrong(
    "no threshold",
    "Without a threshold, ripples in the background are peaks too.",
)
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


@LOCAL_PEAKS.wrong("a window of 7 cells", "That suppresses the second of two objects side by side.")
def _wide_window(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return _sorted_points(heatmap, (heatmap == _window_max(heatmap, 7)) & (heatmap > threshold))


def _picked(rule: Callable[[Tensor, float], Tensor]) -> Callable:
    """An answer that takes the cells rule(heatmap, threshold) as peaks, and sorts them correctly."""
    return lambda heatmap, threshold=0.3: _sorted_points(heatmap, rule(heatmap, threshold))


def _others(heatmap: Tensor) -> Tensor:
    """The highest of the eight neighbours of each cell."""
    framed = F.pad(heatmap, (1, 1, 1, 1), value=-torch.inf)
    windows = framed.unfold(0, 3, 1).unfold(1, 3, 1).flatten(-2)
    return torch.cat([windows[..., :4], windows[..., 5:]], -1).amax(-1)


def _rolled(heatmap: Tensor) -> Tensor:
    shifts = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    return torch.stack([heatmap.roll(shift, (0, 1)) for shift in shifts]).amax(0)


def _inside(heatmap: Tensor) -> Tensor:
    inside = torch.zeros_like(heatmap, dtype=torch.bool)
    inside[1:-1, 1:-1] = True
    return inside


@LOCAL_PEAKS.wrong("an error if there is no peak", "Without peaks, return a tensor of shape (0, 2).")
def _stacked(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    return torch.stack(list(local_peaks(heatmap, threshold)))


@LOCAL_PEAKS.wrong("the lowest peak first", "The highest peak comes first: descending=True.")
def _ascending(heatmap: Tensor, threshold: float = 0.3) -> Tensor:
    points = _in_reading_order(heatmap, threshold)
    return points[heatmap[points[:, 1], points[:, 0]].argsort(stable=True)]


ABOVE = "A peak is above the threshold: >."
EDGE = "A cell at the edge has fewer neighbours, but it may be a peak."
for name, story, function in (
    ("peaks at the threshold", ABOVE, _picked(lambda h, t: (h == _window_max(h)) & (h >= t))),
    (
        "equal neighbours left out",
        "No neighbour may exceed a peak; it may be equal.",
        _picked(lambda h, t: (h > _others(h)) & (h > t)),
    ),
    ("no peaks at the edge", EDGE, _picked(lambda h, t: (h == _window_max(h)) & (h > t) & _inside(h))),
    (
        "neighbours wrapped around the edge",
        "torch.roll makes the last column the neighbour of the first one.",
        _picked(lambda h, t: (h >= _rolled(h)) & (h > t)),
    ),
    (
        "a threshold of 0.3 in every case",
        "Use the argument `threshold`.",
        _picked(lambda h, t: (h == _window_max(h)) & (h > 0.3)),
    ),
    (
        "a threshold relative to the highest cell",
        "The threshold is an absolute height.",
        _picked(lambda h, t: (h == _window_max(h)) & (h > t * h.max())),
    ),
    (
        "a window of 5 cells",
        "A cell has eight neighbours: a window of 3 x 3.",
        _picked(lambda h, t: (h == _window_max(h, 5)) & (h > t)),
    ),
    (
        "zeros around the map",
        "Outside the map there is nothing, not 0: pad with -inf.",
        _picked(lambda h, t: (h == F.max_pool2d(F.pad(h, (1, 1, 1, 1))[None, None], 3, 1)[0, 0]) & (h > t)),
    ),
    (
        "the lowest peak first",
        "The highest peak comes first: descending=True.",
        lambda h, t=0.3: local_peaks(h, t).flip(0),
    ),
    (
        "only neighbours in the same row",
        "A cell has eight neighbours.",
        _picked(lambda h, t: (h == F.max_pool2d(h[None, None], (1, 3), 1, (0, 1))[0, 0]) & (h > t)),
    ),
    (
        "only neighbours in the same column",
        "A cell has eight neighbours.",
        _picked(lambda h, t: (h == F.max_pool2d(h[None, None], (3, 1), 1, (1, 0))[0, 0]) & (h > t)),
    ),
    (
        "only diagonal neighbours",
        "A cell has eight neighbours.",
        _picked(
            lambda h, t: (
                (
                    h
                    >= torch.stack(
                        [
                            F.pad(h, (1, 1, 1, 1), value=-torch.inf)[a : a + h.shape[0], b : b + h.shape[1]]
                            for a in (0, 2)
                            for b in (0, 2)
                        ]
                    ).amax(0)
                )
                & (h > t)
            )
        ),
    ),
    (
        "the lowest cells of their windows",
        "A peak is a maximum.",
        _picked(lambda h, t: (h == -_window_max(-h)) & (h > t)),
    ),
    ("floats", "Cell numbers are whole: int64.", lambda h, t=0.3: local_peaks(h, t).float()),
    ("a row of x and a row of y", "Return (P, 2).", lambda h, t=0.3: local_peaks(h, t).T),
    (
        "places counted from 1",
        "The first column and the first row are 0.",
        lambda h, t=0.3: local_peaks(h, t) + 1,
    ),
    (
        "the heights of the peaks",
        "Return the places.",
        lambda h, t=0.3: h[local_peaks(h, t)[:, 1], local_peaks(h, t)[:, 0]],
    ),
):
    LOCAL_PEAKS.wrong(name, story)(function)


EXERCISES = (LOCAL_PEAKS,)
