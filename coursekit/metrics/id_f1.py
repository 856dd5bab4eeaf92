"""IDF1: each object is given one track for the whole clip; how many of its boxes are then right?

Source: Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016,
arXiv:1609.01775.
"""

from typing import NamedTuple

import numpy as np

from coursekit.metrics.track_frames import Frames


class IdentityCounts(NamedTuple):
    """Boxes of a clip whose identity is right, and those on either side that have no partner."""

    right: float
    missed: float
    wrong: float


def identity_counts(clip: Frames, threshold: float = 0.5) -> IdentityCounts:
    """Return the counts for the best one-to-one assignment of objects to tracks over the whole clip."""
    from scipy.optimize import linear_sum_assignment  # takes longer to import than the rest of this package

    together = np.zeros((clip.objects, clip.tracks))  # frames in which object and track overlap
    for frame in clip.frames:
        g, d = np.nonzero(frame.iou >= threshold)
        together[frame.objects[g], frame.tracks[d]] += 1
    right = float(together[linear_sum_assignment(-together)].sum())
    true = sum(len(frame.objects) for frame in clip.frames)
    found = sum(len(frame.tracks) for frame in clip.frames)
    return IdentityCounts(right, true - right, found - right)
