"""CLEAR MOT: misses, false alarms and switches of identity, frame by frame.

Source: Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics", 2008,
doi:10.1155/2008/246309.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from coursekit.metrics.argument import as_array
from coursekit.metrics.track_frames import Frame, Frames, read_frames
from coursekit.schema import Prediction, Target

NOBODY = -1
KEPT = 1000.0  # what a match of the frame before is worth, against at most 1 for the IoU of a new one
EPS = np.finfo(float).eps


class ClearCounts(NamedTuple):
    """Sums over the frames of a clip; those of several clips add up."""

    hits: float  # true boxes with a track
    misses: float
    false_alarms: float  # predicted boxes without an object
    switches: float
    overlap: float  # IoU of the hits, summed


def clear_counts(clip: Frames, threshold: float = 0.5, long_memory: bool = False) -> ClearCounts:
    """Return the counts of a clip. In each frame, matches of the frame before are kept while their IoU is high enough.

    An object has switched when its track differs from the last one that it had, however long ago that was.

    Args:
        threshold: the lowest IoU of a match.
        long_memory: prefer the last track of an object even if the object had none in the frame before, as the
            package motmetrics does; TrackEval, like the default here, looks at the frame before alone.
    """
    last = np.full(clip.objects, NOBODY)  # the last track of each object
    hits = misses = false_alarms = switches = 0
    overlap = 0.0
    for frame, g, d in matches(clip, threshold, long_memory):
        objects, tracks = frame.objects[g], frame.tracks[d]
        hits, misses = hits + len(g), misses + len(frame.objects) - len(g)
        false_alarms += len(frame.tracks) - len(d)
        switches += int(((last[objects] != NOBODY) & (last[objects] != tracks)).sum())
        overlap += float(frame.iou[g, d].sum())
        last[objects] = tracks
    return ClearCounts(float(hits), float(misses), float(false_alarms), float(switches), overlap)


def matches(
    clip: Frames, threshold: float, long_memory: bool = False
) -> Iterator[tuple[Frame, np.ndarray, np.ndarray]]:
    """Yield each frame with the rows and columns of its matched pairs; see `clear_counts`."""
    before = np.full(clip.objects, NOBODY)  # the track of each object in the frame before, or its last one
    for frame in clip.frames:
        g, d = matched_pairs(frame.iou, frame.tracks == before[frame.objects][:, None], threshold)
        yield frame, g, d
        if (
            not long_memory and frame.iou.size
        ):  # TrackEval passes over a frame without true or predicted boxes
            before = np.full(clip.objects, NOBODY)
        before[frame.objects[g]] = frame.tracks[d]


def matched_tracks(
    predictions: Sequence[Prediction], targets: Sequence[Target], threshold: float = 0.5
) -> np.ndarray:
    """Return the number of the track of each object in each frame, 0 where it has none.

    Shapes: T frames -> (T, G) int64, G objects in the order of their numbers.
    """
    clip = read_frames(predictions, targets)
    numbers = np.unique(
        np.concatenate([np.zeros(0, np.int64), *(as_array(row["tracks"]) for row in predictions)])
    )
    table = np.zeros((len(clip.frames), clip.objects), np.int64)
    for row, (frame, g, d) in zip(table, matches(clip, threshold), strict=True):
        row[frame.objects[g]] = numbers[frame.tracks[d]]
    return table


def matched_pairs(iou: np.ndarray, kept: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of the pairs with the largest total IoU; those in `kept` come first.

    >>> matched_pairs(np.array([[0.6, 0.9]]), np.array([[True, False]]), 0.5)
    (array([0]), array([0]))
    """
    from scipy.optimize import linear_sum_assignment  # takes longer to import than the rest of this package

    worth = np.where(iou < threshold - EPS, 0.0, KEPT * kept + iou)
    g, d = linear_sum_assignment(-worth)
    chosen = worth[g, d] > EPS
    return g[chosen], d[chosen]
