"""Lab 09, section 7: peaks instead of suppression."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab09.made_up import judge_peaks
from classroom.exercises.lab09.pictures import peaks_picture
from classroom.exercises.mistakes import overwriting
from coursekit.ops import Peaks


def center_peaks(heatmap: Tensor, count: int = 100) -> Peaks:
    """The highest cells that none of their 8 neighbours of the same class exceeds: (K, h, w) -> at most `count` peaks."""
    highest = F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]
    label, y, x = (heatmap == highest).nonzero().unbind(1)
    scores, order = heatmap[label, y, x].sort(descending=True)
    order = order[:count]
    return Peaks(torch.stack([x, y], 1)[order], label[order], scores[:count])


_ROWS = torch.tensor([[[0.1, 0.5, 0.9, 0.4], [0.0, 0.2, 0.3, 0.1], [0.6, 0.0, 0.0, 0.8]]])
_TWO = torch.tensor([[[0.2, 0.9, 0.1], [0.1, 0.3, 0.0]], [[0.1, 0.8, 0.2], [0.7, 0.1, 0.1]]])
_EQUAL = torch.tensor([[[0.1, 0.7, 0.7, 0.1, 0.9]]])
_LOW = torch.tensor([[[-3.0, -2.0, -4.0, -6.0], [-5.0, -0.9, -4.5, -3.0], [-6.0, -3.0, -5.0, -0.5]]])
_SLOPE = torch.tensor([[[0.9, 0.1, 0.0], [0.1, 0.6, 0.1], [0.0, 0.1, 0.2]]])
_FAR = torch.tensor([[[0.9, 0.1, 0.7, 0.1, 0.0, 0.4, 0.1, 0.3]]])

CENTER_PEAKS = Exercise(
    center_peaks,
    picture=peaks_picture,
    judge=judge_peaks,
    hints=(
        "F.max_pool2d with a window of 3, stride 1 and padding 1 gives each cell the highest value in its neighbourhood, channel by channel.",
        "A peak equals the maximum of its window: (heatmap == highest).nonzero() gives label, y and x of each. Then sort by the heat.",
        "highest = F.max_pool2d(heatmap[None], 3, stride=1, padding=1)[0]\n"
        "label, y, x = (…).nonzero().unbind(1)  # where a cell is as high as its surroundings\n"
        "scores, order = heatmap[label, y, x].sort(descending=True)\n"
        "order = order[:count]\n"
        "return ops.Peaks(torch.stack([x, y], 1)[order], …)",
    ),
    cases=(
        Case("a row", (torch.tensor([[[0.1, 0.9, 0.2, 0.3]]]),)),
        Case("three rows", (_ROWS,)),
        Case("two classes in one place", (_TWO,)),
        Case("the best two", (_ROWS, 2)),
        Case("a diagonal neighbour is higher", (_SLOPE,)),
        Case("two cells apart", (_FAR,)),
        Case("two equal neighbours", (_EQUAL,)),
        Case("below zero, as logits can be", (_LOW,)),
        Case("3 classes, 6 x 9 cells", (uniform(3, 6, 9, seed=3),)),
        Case("3 classes, 9 x 5 cells, the best seven", (uniform(3, 9, 5, seed=4), 7)),
    ),
)


def _window(heatmap: Tensor, kernel: int | tuple[int, int] = 3) -> Tensor:
    across = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    return F.max_pool2d(heatmap[None], across, 1, (across[0] // 2, across[1] // 2))[0]


def _chosen(heatmap: Tensor, mask: Tensor, count: int) -> Peaks:
    label, y, x = mask.nonzero().unbind(1)
    scores, order = heatmap[label, y, x].sort(descending=True, stable=True)
    order = order[:count]
    return Peaks(torch.stack([x, y], 1)[order], label[order], scores[:count])


def _with(rule: Callable[[Tensor], Tensor]) -> Callable:
    """An answer that takes the cells rule(heatmap) for peaks."""
    return lambda heatmap, count=100: _chosen(heatmap, rule(heatmap), count)


def _then(change: Callable[[Peaks], object]) -> Callable:
    return lambda heatmap, count=100: change(center_peaks(heatmap, count))


def _others(heatmap: Tensor) -> Tensor:
    """The highest of the eight neighbours of each cell."""
    framed = F.pad(heatmap, (1, 1, 1, 1), value=-torch.inf)
    windows = framed.unfold(1, 3, 1).unfold(2, 3, 1).flatten(-2)
    return torch.cat([windows[..., :4], windows[..., 5:]], -1).amax(-1)


def _inside(heatmap: Tensor) -> Tensor:
    inside = torch.zeros_like(heatmap, dtype=torch.bool)
    inside[:, 1:-1, 1:-1] = True
    return inside


def _per_class(heatmap: Tensor, count: int = 100) -> Peaks:
    mask = heatmap == _window(heatmap)
    ranks = torch.where(mask, heatmap, -torch.inf).flatten(1).argsort(1, descending=True).argsort(1)
    return _chosen(heatmap, mask & (ranks < count).view_as(mask), 10**6)


def _highest(values: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Points, labels and values of the `count` highest cells."""
    scores, place = values.flatten().topk(min(count, values.numel()))
    height, width = values.shape[1:]
    cell = place % (height * width)
    return torch.stack([cell % width, cell // width], 1), place // (height * width), scores


def _masked(heatmap: Tensor, count: int = 100) -> Peaks:
    return Peaks(*_highest(heatmap * (heatmap == _window(heatmap)), count))


def _best_first(heatmap: Tensor, count: int = 100) -> Peaks:
    points, labels, scores = _highest(heatmap, count)
    keep = (heatmap == _window(heatmap))[labels, points[:, 1], points[:, 0]]
    return Peaks(points[keep], labels[keep], scores[keep])


NEIGHBOURS = "A cell has eight neighbours: a window of 3 x 3."
for _name, _story, _function in (
    (
        "cells that are not peaks, with heat 0",
        "Multiplying by a mask leaves zeros, and these zeros are returned as peaks: keep only the cells in the mask.",
        _masked,
    ),
    (
        "the best cells first, peaks among them",
        "The neighbours of a high peak take the places of lower peaks: find all peaks first, then keep `count`.",
        _best_first,
    ),
    (
        "the highest cells, neighbours too",
        "The cells around a peak are nearly as high, and they would all be detections: compare each cell with its neighbours.",
        _with(lambda h: h == h),
    ),
    (
        "one class suppresses another",
        "Two objects may have the same centre, like a mug and the book behind it: compare only within a channel.",
        _with(lambda h: h == _window(h).amax(0)),
    ),
    (
        "one peak per class",
        "A class may have several objects: return all peaks.",
        _with(lambda h: h == h.amax((1, 2), keepdim=True)),
    ),
    (
        "equal neighbours left out",
        "No neighbour may exceed a peak; it may be equal.",
        _with(lambda h: h > _others(h)),
    ),
    (
        "a threshold",
        "Return all peaks, even low ones: their scores tell how good they are.",
        _with(lambda h: (h == _window(h)) & (h > 0.3)),
    ),
    (
        "only above zero",
        "The heat may be logits: peaks below zero count.",
        _with(lambda h: (h == _window(h)) & (h > 0)),
    ),
    (
        "no peaks at the border",
        "A cell at the border has fewer neighbours, but it may be a peak.",
        _with(lambda h: (h == _window(h)) & _inside(h)),
    ),
    (
        "zeros around the map",
        "Beyond the border there is nothing, not 0: max_pool2d with padding=1 gets this right.",
        _with(lambda h: h == F.max_pool2d(F.pad(h, (1, 1, 1, 1))[None], 3, 1)[0]),
    ),
    (
        "diagonal neighbours forgotten",
        NEIGHBOURS,
        _with(lambda h: h == _window(h, (1, 3)).maximum(_window(h, (3, 1)))),
    ),
    ("only neighbours in the same row", NEIGHBOURS, _with(lambda h: h == _window(h, (1, 3)))),
    ("only neighbours in the same column", NEIGHBOURS, _with(lambda h: h == _window(h, (3, 1)))),
    ("a window of 5 cells", NEIGHBOURS, _with(lambda h: h == _window(h, 5))),
    ("a window of 7 cells", NEIGHBOURS, _with(lambda h: h == _window(h, 7))),
    ("the lowest cells", "A peak is a maximum.", _with(lambda h: h == -_window(-h))),
    (
        "row first",
        "A point is (x, y): the column comes first.",
        _then(lambda p: p._replace(points=p.points.flip(-1))),
    ),
    (
        "labels counted from 1",
        "A label is the index of the channel, counted from 0.",
        _then(lambda p: p._replace(labels=p.labels + 1)),
    ),
    (
        "all peaks",
        "Return at most `count` peaks, the highest of all classes together.",
        lambda h, count=100: center_peaks(h, 10**6),
    ),
    ("`count` peaks of each class", "Return the `count` highest of all classes together.", _per_class),
    (
        "the lowest peak first",
        "The highest peak comes first: descending=True.",
        _then(lambda p: Peaks(*(x.flip(0) for x in p))),
    ),
    (
        "in reading order",
        "The highest peak comes first.",
        lambda h, count=100: _reading(h, count),
    ),
    ("a row of x and a row of y", "points is (P, 2).", _then(lambda p: p._replace(points=p.points.T))),
    (
        "cells counted from 1",
        "The first column and the first row are 0.",
        _then(lambda p: p._replace(points=p.points + 1)),
    ),
    (
        "a plain tuple",
        "Return ops.Peaks(points, labels, scores): the model reads its parts by name.",
        _then(tuple),
    ),
    (
        "probabilities of logits",
        "Leave the heat as it is: the model has already applied the sigmoid.",
        _then(lambda p: p._replace(scores=p.scores.sigmoid())),
    ),
    (
        "the caller's heat map overwritten",
        "It is needed again: work on a new tensor.",
        overwriting(center_peaks, 0),
    ),
):
    CENTER_PEAKS.wrong(_name, _story)(_function)


def _reading(heatmap: Tensor, count: int) -> Peaks:
    found = center_peaks(heatmap, count)
    place = (found.labels * heatmap.shape[1] + found.points[:, 1]) * heatmap.shape[2] + found.points[:, 0]
    order = place.argsort()
    return Peaks(found.points[order], found.labels[order], found.scores[order])


EXERCISES = (CENTER_PEAKS,)
