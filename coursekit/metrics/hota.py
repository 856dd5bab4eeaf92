"""HOTA: how well objects are detected, times how well their boxes are kept together over time.

Source: Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", 2020, arXiv:2009.07736.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from coursekit.metrics.clear_mot import EPS
from coursekit.metrics.track_frames import Frame, Frames, read_frames
from coursekit.schema import Prediction, Target

THRESHOLDS = np.arange(0.05, 0.99, 0.05)  # of IoU: 19


class HotaCounts(NamedTuple):
    """Sums over the frames of a clip, one for each threshold: (19,)."""

    hits: np.ndarray
    misses: np.ndarray
    false_alarms: np.ndarray
    association: np.ndarray  # of each hit the association accuracy of its object and its track, summed


def hota_counts(clip: Frames) -> HotaCounts:
    """Return the counts of a clip.

    A pair is matched where its IoU times the overlap of its whole object with its whole track is largest. The
    association accuracy of a hit is TPA / (TPA + FNA + FPA): the frames in which its object and its track are matched,
    out of those in which either of them is there.
    """
    alignment, frames_of_object, frames_of_track = aligned(clip)
    counts = np.zeros((3, len(THRESHOLDS)))
    together = np.zeros((len(THRESHOLDS), clip.objects, clip.tracks))  # TPA
    for frame in clip.frames:
        g, d = best_pairs(frame, alignment)
        high = frame.iou[g, d] >= THRESHOLDS[:, None] - EPS  # (19, pairs)
        hits = high.sum(1)
        counts += np.stack([hits, len(frame.objects) - hits, len(frame.tracks) - hits])
        together[:, frame.objects[g], frame.tracks[d]] += high
    either = frames_of_object[:, None] + frames_of_track - together
    association = (together * together / np.maximum(1, either)).sum((1, 2))
    return HotaCounts(counts[0], counts[1], counts[2], association)


def best_pairs(frame: Frame, alignment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of the pairs of a frame with the largest total of alignment times IoU."""
    from scipy.optimize import linear_sum_assignment  # takes longer to import than the rest of this package

    return linear_sum_assignment(-alignment[frame.objects[:, None], frame.tracks] * frame.iou)


def aligned(clip: Frames) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the overlap in time of each object with each track, and the frames of every object and of every track."""
    shared = np.zeros((clip.objects, clip.tracks))
    frames_of_object, frames_of_track = np.zeros(clip.objects), np.zeros(clip.tracks)
    for frame in clip.frames:
        union = frame.iou.sum(0) + frame.iou.sum(1, keepdims=True) - frame.iou
        share = np.divide(frame.iou, union, where=union > EPS, out=np.zeros_like(frame.iou))
        shared[frame.objects[:, None], frame.tracks] += share
        frames_of_object[frame.objects] += 1
        frames_of_track[frame.tracks] += 1
    return shared / (frames_of_object[:, None] + frames_of_track - shared), frames_of_object, frames_of_track


def hits_at(
    predictions: Sequence[Prediction], targets: Sequence[Target], threshold: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the hits of a clip at one threshold, (P, 2) object and track, and those of all true and of all found boxes.

    Shapes: T frames -> (P, 2), (M,), (N,), all int64; objects and tracks are numbered from 0.
    """
    clip = read_frames(predictions, targets)
    alignment, _, _ = aligned(clip)
    pairs = [np.zeros((0, 2), np.int64)]
    for frame in clip.frames:
        g, d = best_pairs(frame, alignment)
        high = frame.iou[g, d] >= threshold - EPS
        pairs.append(np.stack([frame.objects[g], frame.tracks[d]], 1)[high])
    none = [np.zeros(0, np.int64)]
    objects, tracks = ([getattr(frame, kind) for frame in clip.frames] for kind in ("objects", "tracks"))
    return np.concatenate(pairs), np.concatenate(none + objects), np.concatenate(none + tracks)
