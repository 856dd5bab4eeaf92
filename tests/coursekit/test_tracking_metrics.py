"""HOTA, IDF1 and CLEAR MOT against TrackEval and motmetrics on 100 random clips, against hand-made ones, and their intervals."""

import contextlib
import io
import warnings

import numpy as np
import pytest
from random_tracks import random_clip

from coursekit.metrics import (
    tracking_counts,
    tracking_difference_intervals,
    tracking_intervals,
    tracking_scores,
)
from coursekit.metrics.clear_mot import clear_counts, matched_tracks
from coursekit.metrics.hota import hits_at
from coursekit.metrics.track_frames import read_frames

CLIPS = [random_clip(seed) for seed in range(100)]
COUNTS = [tracking_counts(*clip) for clip in CLIPS]


def as_trackeval(predictions, targets):
    """A clip as TrackEval's metrics read it."""
    clip = read_frames(predictions, targets)
    objects, tracks, ious = (list(parts) for parts in zip(*clip.frames, strict=True))
    return {
        "num_timesteps": len(clip.frames),
        "num_gt_ids": clip.objects,
        "num_tracker_ids": clip.tracks,
        "num_gt_dets": sum(map(len, objects)),
        "num_tracker_dets": sum(map(len, tracks)),
        "gt_ids": objects,
        "tracker_ids": tracks,
        "similarity_scores": ious,
    }


@pytest.fixture(scope="module")
def trackeval():
    """The three metrics of TrackEval, without what they print."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trackeval import metrics

        quiet = {"THRESHOLD": 0.5, "PRINT_CONFIG": False}
        return metrics.HOTA(), metrics.CLEAR(quiet), metrics.Identity(quiet)


def numbers_of(hota, clear, identity):
    return {
        **{name: np.mean(hota[name]) for name in ("HOTA", "DetA", "AssA")},
        "IDF1": identity["IDF1"],
        "MOTA": clear["MOTA"],
        "MOTP": clear["MOTP"],
        "switches": clear["IDSW"],
        "misses": clear["CLR_FN"],
        "false_alarms": clear["CLR_FP"],
    }


@pytest.fixture(scope="module")
def judged(trackeval):
    """What each of their metrics says of every clip."""
    return [
        {str(i): metric.eval_sequence(as_trackeval(*clip)) for i, clip in enumerate(CLIPS)}
        for metric in trackeval
    ]


def test_every_clip_is_as_trackeval_scores_it(judged):
    for i, counts in enumerate(COUNTS):
        theirs = numbers_of(*(each[str(i)] for each in judged))
        assert tracking_scores([counts]) == pytest.approx(theirs, abs=1e-6)


def test_all_clips_together_are_as_trackeval_combines_them(trackeval, judged):
    combined = [metric.combine_sequences(each) for metric, each in zip(trackeval, judged, strict=True)]
    assert tracking_scores(COUNTS) == pytest.approx(numbers_of(*combined), abs=1e-6)


def test_every_clip_is_as_motmetrics_scores_it():
    import motmetrics

    names = ["num_misses", "num_false_positives", "num_switches", "mota", "motp", "idf1"]
    compute = motmetrics.metrics.create().compute
    for clip, counts in zip(CLIPS, COUNTS, strict=True):
        read = read_frames(*clip)
        found = motmetrics.MOTAccumulator(auto_id=True)
        for frame in read.frames:
            far = np.where(frame.iou >= 0.5, 1 - frame.iou, np.nan)
            found.update(frame.objects.tolist(), frame.tracks.tolist(), far)
        theirs = compute(found, metrics=names, return_dataframe=False)
        ours = clear_counts(read, long_memory=True)
        assert (ours.misses, ours.false_alarms, ours.switches) == tuple(theirs[name] for name in names[:3])
        scores = tracking_scores([counts])
        if ours.hits:  # without one, theirs are NaN
            mota = (ours.hits - ours.false_alarms - ours.switches) / (ours.hits + ours.misses)
            wanted = {"mota": mota, "motp": 1 - ours.overlap / ours.hits, "idf1": scores["IDF1"]}
            assert {name: theirs[name] for name in wanted} == pytest.approx(wanted, abs=1e-6)


def test_the_tables_that_students_work_on_lead_to_the_same_numbers():
    """An object's row of tracks gives its switches; the hits at one threshold give DetA's and AssA's counts there."""
    for clip, counts in zip(CLIPS, COUNTS, strict=True):
        columns = [column[column > 0] for column in matched_tracks(*clip).T]
        assert sum((column[1:] != column[:-1]).sum() for column in columns) == counts.clear.switches
        pairs, objects, tracks = hits_at(*clip, threshold=0.5)
        assert len(pairs) == counts.hota.hits[9]
        assert (len(objects) - len(pairs), len(tracks) - len(pairs)) == (
            counts.hota.misses[9],
            counts.hota.false_alarms[9],
        )


def frame(*rows):
    """Boxes of side 10 at these places, each with its identity."""
    return {
        "boxes": np.array([[x, 0, x + 10, 10] for x, _ in rows]).reshape(-1, 4),
        "tracks": np.array([name for _, name in rows], dtype=int),
    }


def test_one_object_with_two_tracks():
    targets = [frame((0, 1))] * 4
    predictions = [frame((0, 7))] * 3 + [frame((0, 8))]
    scores = tracking_scores([tracking_counts(predictions, targets)])
    assert scores["DetA"] == 1 and scores["switches"] == 1 and scores["MOTA"] == 0.75
    assert scores["IDF1"] == 0.75
    assert scores["AssA"] == pytest.approx((3 * 3 / 4 + 1 / 4) / 4)
    assert scores["HOTA"] == pytest.approx(scores["AssA"] ** 0.5)


def test_the_memory_of_clear_mot():
    targets = [frame((0, 1))] * 3
    clip = read_frames([frame((0, 7)), frame((40, 7)), frame((2, 7), (0, 8))], targets)
    assert clear_counts(clip).switches == 1  # track 8 fits better, and there was none in the frame before
    assert (
        clear_counts(read_frames([frame((0, 7)), frame((40, 7)), frame((2, 7), (0, 8))], targets)).switches
        == 1
    )
    assert clear_counts(clip, long_memory=True).switches == 0
    next_frame = read_frames([frame((0, 7)), frame((2, 7), (0, 8))], targets[:2])
    assert clear_counts(next_frame).switches == 0


def test_a_threshold_between_zero_and_one():
    shifted = tracking_counts([frame((4, 7))], [frame((0, 1))], threshold=0.4)  # their IoU is 6 / 14
    assert shifted.clear.hits == shifted.identity.right == 1
    assert tracking_counts([frame((4, 7))], [frame((0, 1))]).clear.hits == 0
    assert tracking_scores([shifted])["DetA"] == pytest.approx(8 / 19)
    with pytest.raises(ValueError, match="`threshold` must be above 0"):
        tracking_counts([], [], threshold=0)


def test_nothing_at_all():
    empty = tracking_counts([frame()], [frame()])
    assert set(tracking_scores([empty, tracking_counts([], [])]).values()) == {0.0}


@pytest.mark.parametrize(
    ("predictions", "targets", "words"),
    [
        (frame(), [frame()], "must be lists"),
        ([frame()], [], "1 predictions and 0 targets"),
        ([{"boxes": np.zeros((0, 4))}], [frame()], "prediction 0 has no 'tracks'"),
        ([frame((0, 1), (9, 1))], [frame()], "each at most once per frame"),
        ([frame() | {"boxes": np.zeros((1, 4))}], [frame()], r"\(1, 4\) and tracks of shape \(0,\)"),
        ([frame()], [frame((np.nan, 1))], "target 0 contain NaN"),
    ],
)
def test_what_is_wrong_is_said(predictions, targets, words):
    with pytest.raises(ValueError, match=words):
        tracking_counts(predictions, targets)


class TestIntervals:
    def test_around_the_score(self):
        scores, intervals = tracking_scores(COUNTS), tracking_intervals(COUNTS, repeats=200)
        for name, (value, low, high) in intervals.items():
            assert value == scores[name] and low < value < high, name

    def test_clips_that_are_all_alike_leave_no_doubt(self):
        same = tracking_intervals([COUNTS[0]] * 5, repeats=20)
        assert all(low == value == high for value, low, high in (same["HOTA"], same["IDF1"], same["MOTA"]))

    def test_of_a_difference(self):
        worse = [tracking_counts(p[:1] + [frame()] * (len(p) - 1), t) for p, t in CLIPS[:9]]
        found = tracking_difference_intervals(COUNTS[:9], worse, repeats=200)
        assert found["HOTA"][0] == tracking_scores(COUNTS[:9])["HOTA"] - tracking_scores(worse)["HOTA"]
        assert found["HOTA"][1] > 0
        assert set(tracking_difference_intervals(worse, worse, repeats=20)["HOTA"]) == {0.0}

    def test_refused(self):
        with pytest.raises(ValueError, match="at least one clip"):
            tracking_scores([])
        with pytest.raises(ValueError, match="the same clips"):
            tracking_difference_intervals(COUNTS[:2], COUNTS[:3])
