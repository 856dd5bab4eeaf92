"""How good tracks are, on one clip or on several, and how sure that is: HOTA, IDF1, MOTA and what they are made of."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from coursekit.metrics.argument import expect_draws
from coursekit.metrics.clear_mot import ClearCounts, clear_counts
from coursekit.metrics.hota import HotaCounts, hota_counts
from coursekit.metrics.id_f1 import IdentityCounts, identity_counts
from coursekit.metrics.interval import Interval
from coursekit.metrics.track_frames import read_frames
from coursekit.schema import Prediction, Target


class TrackingCounts(NamedTuple):
    """What is counted on one clip; the counts of several clips add up."""

    clear: ClearCounts
    identity: IdentityCounts
    hota: HotaCounts


def tracking_counts(
    predictions: Sequence[Prediction], targets: Sequence[Target], threshold: float = 0.5
) -> TrackingCounts:
    """Return what CLEAR MOT, IDF1 and HOTA count on one clip.

    Each prediction and each target has "boxes" (D, 4) and "tracks" (D,), whole numbers that say which box belongs to
    which track or object. Labels and scores are not looked at.

    Args:
        predictions, targets: one of each per frame, in the order of time.
        threshold: the lowest IoU of a match for CLEAR MOT and IDF1; HOTA has 19, from 0.05 to 0.95.
    Raises:
        ValueError: frames that do not fit together, naming the frame; a threshold that is not above 0 and at most 1.
    Like TrackEval's and motmetrics' numbers.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"`threshold` must be above 0 and at most 1, but is {threshold}.")
    clip = read_frames(predictions, targets)
    return TrackingCounts(clear_counts(clip, threshold), identity_counts(clip, threshold), hota_counts(clip))


def tracking_scores(clips: Sequence[TrackingCounts]) -> dict[str, float]:
    """Return HOTA, DetA, AssA, IDF1, MOTA and MOTP over all clips, and the sums of switches, misses and false alarms.

    Each box counts the same, so a long clip counts more than a short one. A score whose divisor is 0 is 0.

    Raises:
        ValueError: no clip.

    >>> frame = {"boxes": np.array([[0, 0, 4, 4]]), "tracks": np.array([7])}
    >>> scores = tracking_scores([tracking_counts([frame, frame | {"tracks": np.array([8])}], [frame, frame])])
    >>> scores["DetA"], scores["AssA"], scores["IDF1"], scores["switches"]
    (1.0, 0.5, 0.5, 1.0)
    """
    table = _table(clips)
    return {name: float(value) for name, value in _scores(table.sum(0)).items()}


def tracking_intervals(
    clips: Sequence[TrackingCounts], seed: int = 0, repeats: int = 2000, level: float = 0.95
) -> dict[str, Interval]:
    """Return each score with low and high: a percentile bootstrap, which draws whole clips again with replacement.

    Raises:
        ValueError: no clip, or a seed, number or level that makes no sense.
    Source: as `bootstrap_interval`.
    """
    expect_draws(seed, repeats, level)
    table = _table(clips)
    return _intervals(_scores(table.sum(0)), _scores(_resampled(table, seed, repeats)), level)


def tracking_difference_intervals(
    clips: Sequence[TrackingCounts],
    others: Sequence[TrackingCounts],
    seed: int = 0,
    repeats: int = 2000,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return how much higher each score is than that of another tracker on the same clips, with low and high.

    Raises:
        ValueError: other clips, or as `tracking_intervals`.
    """
    expect_draws(seed, repeats, level)
    tables = _table(clips), _table(others)
    if len(clips) != len(others):
        raise ValueError(
            f"Both trackers need the same clips, but there are {len(clips)} and {len(others)} of them."
        )
    now, drawn = (
        [_scores(each) for each in parts]
        for parts in ([t.sum(0) for t in tables], [_resampled(t, seed, repeats) for t in tables])
    )
    (one, other), (many, many_others) = now, drawn
    return _intervals(
        {name: one[name] - other[name] for name in one},
        {name: many[name] - many_others[name] for name in many},
        level,
    )


def _table(clips: Sequence[TrackingCounts]) -> np.ndarray:
    """All counts of each clip in one row: (clips, counts)."""
    if not len(clips):
        raise ValueError("Tracking is measured on at least one clip: pass [tracking_counts(...)].")
    return np.stack([np.concatenate([*clip.clear, *clip.identity, *clip.hota], axis=None) for clip in clips])


def _resampled(table: np.ndarray, seed: int, repeats: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).integers(len(table), size=(repeats, len(table)))
    return table[drawn].sum(1)  # (repeats, counts)


def _scores(sums: np.ndarray) -> dict[str, np.ndarray]:
    """The scores of one row of sums, or of many: (..., counts) -> (...) each."""
    hits, misses, false_alarms, switches, overlap, right, missed, wrong = np.moveaxis(sums[..., :8], -1, 0)
    found, lost, extra, association = np.split(sums[..., 8:], 4, -1)  # (..., 19) each
    det, ass = _share(found, found + lost + extra), _share(association, found)
    return {
        "HOTA": np.sqrt(det * ass).mean(-1),
        "DetA": det.mean(-1),
        "AssA": ass.mean(-1),
        "IDF1": _share(2 * right, 2 * right + missed + wrong),
        "MOTA": _share(hits - false_alarms - switches, hits + misses),
        "MOTP": _share(overlap, hits),
        "switches": switches,
        "misses": misses,
        "false_alarms": false_alarms,
    }


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part / np.maximum(1, whole)  # a whole is a count: 0, or at least 1


def _intervals(now: dict, drawn: dict, level: float) -> dict[str, Interval]:
    found = {}
    for name, values in drawn.items():
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        found[name] = float(now[name]), float(low), float(high)
    return found
