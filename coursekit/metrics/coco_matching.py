"""COCO's greedy matching of detections with true objects, for a whole data set at once.

Only detections and objects of one image and one class can meet: they form a group. In a group the detections
choose in turn, the best score first; the first of every group choose together, then the second, and so on.
Few pairs overlap by half, so few turns have much work.
"""

import numpy as np

from coursekit.metrics.coco_columns import Objects
from coursekit.metrics.groups import place_in_group, ranges
from coursekit.metrics.mask_runs import shared_pixels

THRESHOLDS = np.linspace(0.5, 0.95, 10)  # of IoU: (T,)


def near_pairs(
    found: Objects,
    true: Objects,
    found_group: np.ndarray,
    true_group: np.ndarray,
    order: np.ndarray,
    lowest: float = THRESHOLDS[0],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return detection, true object and IoU of all P pairs of one group that overlap by `lowest` or more.

    The IoU with a crowd is the share of the detection that lies in it.

    Args:
        found_group, true_group: a number for each image and class, or for each image alone: (D,), (G,).
        order: detections by group, best score first: the order of the answer.
        lowest: the IoU from which on a pair is near.
    """
    by_group = np.argsort(true_group, kind="stable")
    groups = true_group[by_group], found_group[order]
    first, last = (np.searchsorted(*groups, side=side) for side in ("left", "right"))
    turn, place = ranges(first, last - first)
    d, g = order[turn], by_group[place]  # (all pairs of one group,)
    shared = _shared_area(found.box[d], true.box[g])
    if found.runs is not None and true.runs is not None:
        # Boxes share at least as many pixels as the masks in them: most pairs are out before a run is read.
        possible = _iou(np.minimum(shared, found.size[d]), found, true, d, g) >= lowest
        d, g = d[possible], g[possible]
        shared = shared_pixels(found.runs, true.runs, d, g)
    iou = _iou(shared, found, true, d, g)
    near = iou >= lowest
    return d[near], g[near], iou[near]


def _shared_area(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])  # (P, 2)
    return sides.clip(0).prod(1)


def _iou(shared: np.ndarray, found: Objects, true: Objects, d: np.ndarray, g: np.ndarray) -> np.ndarray:
    union = np.where(true.crowd[g], found.size[d], found.size[d] + true.size[g] - shared)
    return np.divide(shared, union, out=np.zeros(len(d)), where=shared > 0)


def match(
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    found_group: np.ndarray,
    crowd: np.ndarray,
    ignored: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each detection gets an object, and whether an ignored one: two (D, T, A) bool.

    A detection takes the free object of highest IoU, an ignored one only when no other is left. A crowd is
    always free. Of equal IoUs the last one wins, as in COCO's loop.

    Args:
        pairs: from `near_pairs`.
        found_group: (D,) as there.
        crowd: (G,) bool.
        ignored: (G, A) bool, for each range of areas.
    """
    d, g, iou = pairs
    shape = (len(THRESHOLDS), ignored.shape[1])
    taken = np.zeros((len(ignored), *shape), bool)
    matched, on_ignored = np.zeros((2, len(found_group), *shape), bool)
    by_iou = np.argsort(iou, kind="stable")
    rank = np.empty(len(iou), int)
    rank[by_iou] = np.arange(1, len(iou) + 1)
    worth = rank[:, None] + len(iou) * ~ignored[g]  # (P, A) no two alike
    passes = iou[:, None] >= THRESHOLDS  # (P, T)
    for turn in _turns(d, found_group):
        free = passes[turn, :, None] & (~taken[g[turn]] | crowd[g[turn], None, None])  # (p, T, A)
        first = np.flatnonzero(np.diff(d[turn], prepend=-1))  # of the pairs of each detection
        best = np.maximum.reduceat(np.where(free, worth[turn, None], 0), first)  # (detections, T, A)
        chooser, threshold, area = np.nonzero(best)
        chosen = g[by_iou[(best[chooser, threshold, area] - 1) % len(iou)]]
        chooser = d[turn][first][chooser]
        taken[chosen, threshold, area] = True
        matched[chooser, threshold, area] = True
        on_ignored[chooser, threshold, area] = ignored[chosen, area]
    return matched, on_ignored


def _turns(d: np.ndarray, found_group: np.ndarray) -> list[np.ndarray]:
    """The pairs of the first detection of every group, those of the second, ...: indices in order."""
    starts = np.diff(d, prepend=-1) != 0
    detection = np.cumsum(starts) - 1  # (P,) 0 for the first detection that has a pair
    group = found_group[d[starts]]
    turn = place_in_group(group)[detection]
    by_turn = np.argsort(turn, kind="stable")
    return np.split(by_turn, np.flatnonzero(np.diff(turn[by_turn])) + 1) if len(d) else []
