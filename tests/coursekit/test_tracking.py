"""Trackers on made-up boxes whose tracks are known, and their parts against plain matrices and against all assignments."""

from itertools import permutations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit import shipped
from coursekit.data.clips import clips
from coursekit.metrics import tracking_counts, tracking_scores
from coursekit.ops import nms
from coursekit.tracking import (
    ByteTrack,
    LookTrack,
    Motion,
    Sort,
    boxes_of,
    live_on,
    looks_of,
    match_tracks,
    match_twice,
    predict_boxes,
    predict_motion,
    refresh_looks,
    start_motion,
    update_boxes,
    update_motion,
    watch,
)

RIGHT, LEFT = torch.tensor([10.0, 10, 40, 40]), torch.tensor([150.0, 20, 180, 50])
STEP = torch.tensor([5.0, 0, 5, 0])


def found(*rows):
    """A prediction from boxes with their scores."""
    boxes = torch.stack([box for box, _ in rows]) if rows else torch.zeros(0, 4)
    scores = torch.tensor([score for _, score in rows])
    return {"boxes": boxes, "labels": torch.ones(len(rows), dtype=torch.int64), "scores": scores}


def followed(tracker, frames, looks=None):
    """The tracks of each frame as lists."""
    looks = looks or [None] * len(frames)
    return [tracker(frame, look)["tracks"].tolist() for frame, look in zip(frames, looks, strict=True)]


class TestKalman:
    def test_as_matrices_say(self):
        """The textbook's form, with 2 x 2 matrices, on 50 random coordinates for ten frames."""
        random = np.random.default_rng(0)
        step, sees = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]])
        mean, spread = random.normal(size=(50, 2, 1)), np.tile(np.diag([2.0, 3.0]), (50, 1, 1))
        ours = Motion(
            *map(torch.from_numpy, (mean[:, 0, 0], mean[:, 1, 0], *np.tile([[2.0], [0.0], [3.0]], 50)))
        )
        for _ in range(10):
            wander, turn, noise = random.uniform(0.1, 2, 3)
            measured = random.normal(size=(50, 1, 1))
            mean, spread = step @ mean, step @ spread @ step.T + np.diag([wander, turn])
            ours = predict_motion(ours, torch.tensor(wander), torch.tensor(turn))
            gain = spread @ sees.T @ np.linalg.inv(sees @ spread @ sees.T + noise)
            mean, spread = mean + gain @ (measured - sees @ mean), (np.eye(2) - gain @ sees) @ spread
            ours = update_motion(ours, torch.from_numpy(measured[:, 0, 0]), torch.tensor(noise))
            wanted = (mean[:, 0, 0], mean[:, 1, 0], spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1])
            for got, right in zip(ours, wanted, strict=True):
                np.testing.assert_allclose(got.numpy(), right, atol=1e-12)

    def test_the_velocity_of_a_box_is_learned(self):
        motion = start_motion(RIGHT[None])
        for t in range(1, 12):
            motion = update_boxes(predict_boxes(motion), (RIGHT + t * STEP)[None])
        torch.testing.assert_close(motion.velocity[0], torch.tensor([5.0, 0, 0, 0]), atol=0.2, rtol=0)
        torch.testing.assert_close(boxes_of(predict_boxes(motion))[0], RIGHT + 12 * STEP, atol=0.5, rtol=0)

    def test_no_side_below_a_pixel(self):
        motion = start_motion(torch.tensor([[5.0, 5, 5, 9]]))
        assert boxes_of(motion).tolist() == [[4.5, 5, 5.5, 9]]
        assert all(part.isfinite().all() for part in predict_boxes(motion))


class TestMatching:
    @pytest.mark.parametrize("seed", range(20))
    def test_the_largest_total_of_the_allowed_pairs(self, seed):
        generator = torch.Generator().manual_seed(seed)
        iou = torch.rand(3, 4, generator=generator)
        worth = torch.where(iou >= 0.4, iou, 0)
        best = max(sum(worth[t, d] for t, d in enumerate(way)) for way in permutations(range(4), 3))
        match = match_tracks(iou, 0.4)
        places = match.positive.nonzero()[:, 0]
        assert (
            len(match.target[places].unique()) == len(places)
            and (iou[match.target[places], places] >= 0.4).all()
        )
        torch.testing.assert_close(iou[match.target[places], places].sum(), best)
        assert torch.equal(match.negative, ~match.positive)

    def test_nothing_to_match(self):
        for shape in ((0, 3), (3, 0), (0, 0)):
            match = match_tracks(torch.zeros(shape), 0.3)
            assert match.positive.shape == (shape[1],) and match.negative.all()

    def test_an_unsure_detection_continues_a_track_and_begins_none(self):
        iou = torch.tensor([[0.9, 0.0, 0.8, 0.0], [0.0, 0.7, 0.0, 0.0]])
        match = match_twice(iou, torch.tensor([0.9, 0.3, 0.2, 0.7]), 0.5, 0.25, 0.3)
        assert match.positive.tolist() == [True, True, False, False] and match.target[:2].tolist() == [0, 1]
        assert match.negative.tolist() == [False, False, False, True]

    def test_a_confident_detection_comes_first(self):
        match = match_twice(torch.tensor([[0.4, 0.9]]), torch.tensor([0.6, 0.3]), 0.5, 0.1, 0.3)
        assert match.positive.tolist() == [True, False]


def test_lives():
    lives = live_on(
        *(torch.tensor(x) for x in ([1, 1, 2, 2], [0, 0, 2, 3], [True, False, False, False])), 2, 3
    )
    assert lives.hits.tolist() == [2, 1, 2, 2] and lives.missed.tolist() == [0, 1, 3, 4]
    assert lives.alive.tolist() == [True, False, True, False]


class TestSort:
    def test_two_objects_that_pass_each_other(self):
        frames = [found((RIGHT + t * STEP, 0.9), (LEFT - t * STEP, 0.8)) for t in range(28)]
        tracks = followed(Sort(), frames)
        assert tracks == [[1, 2]] * 28

    def test_a_gap_is_bridged_and_a_longer_one_is_not(self):
        frames = [found((RIGHT + t * STEP, 0.9)) if not 8 <= t < 13 else found() for t in range(20)]
        assert followed(Sort(max_missed=5), frames)[-1] == [1]
        assert followed(Sort(max_missed=4), frames)[-1] == [2]

    def test_a_false_detection_is_not_shown(self):
        frames = [found((RIGHT + t * STEP, 0.9)) for t in range(6)]
        frames[3] = found((RIGHT + 3 * STEP, 0.9), (LEFT, 0.95))
        assert followed(Sort(), frames) == [[1]] * 6
        assert followed(Sort(min_hits=1), frames)[3] == [1, 2]

    def test_everything_else_of_a_prediction_is_kept(self):
        frame = found((LEFT, 0.3), (RIGHT, 0.9))
        kept = Sort()(frame)
        assert kept["boxes"].tolist() == [RIGHT.tolist()] and kept["scores"].tolist() == [pytest.approx(0.9)]
        assert set(kept) == {"boxes", "labels", "scores", "tracks"} and set(frame) == {
            "boxes",
            "labels",
            "scores",
        }

    def test_frames_without_anything(self):
        assert followed(Sort(), [found(), found(), found((RIGHT, 0.9)), found((RIGHT, 0.9))]) == [
            [],
            [],
            [],
            [1],
        ]

    def test_what_does_not_belong_together(self):
        with pytest.raises(ValueError, match="there are 1 boxes but 1 labels and 0 scores"):
            Sort()(found((RIGHT, 0.9)) | {"scores": torch.zeros(0)})

    def test_parts_can_be_replaced(self):
        called = []

        def spy(name, function):
            return lambda *arguments: called.append(name) or function(*arguments)

        parts = {"predict": predict_motion, "update": update_motion, "match": match_tracks, "live": live_on}
        followed(Sort(**{k: spy(k, f) for k, f in parts.items()}), [found((RIGHT, 0.9))] * 2)
        assert set(called) == set(parts)


def test_parts_may_return_other_precisions_arrays_and_lists():
    odd = {"predict": predict_motion, "update": update_motion, "match": match_tracks, "live": live_on}
    odd = {
        name: lambda *arguments, part=part: [
            x.double().numpy() if x.is_floating_point() else x.numpy() for x in part(*arguments)
        ]
        for name, part in odd.items()
    }
    tracker = LookTrack(2, refresh=lambda *arguments: refresh_looks(*arguments).double().numpy(), **odd)
    frames = [found((RIGHT + t * STEP, 0.9)) if t % 3 else found() for t in range(9)]
    looks = [torch.tensor([[1.0, 0.0]])[: len(frame["boxes"])] for frame in frames]
    assert followed(tracker, frames, looks) == followed(LookTrack(2), frames, looks)
    assert tracker.tracks.motion.position.dtype == tracker.tracks.looks.dtype == torch.float32


def test_byte_track_follows_what_is_half_hidden():
    frames = [found((RIGHT + t * STEP, 0.9 if t < 5 or t > 14 else 0.2)) for t in range(20)]
    assert followed(ByteTrack(), frames) == [[1]] * 20
    assert followed(Sort(), frames)[5:15] == [[]] * 10 and followed(Sort(), frames)[-1] == [2]


class TestLooks:
    RED, BLUE = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])

    def test_who_comes_back_has_its_old_number(self):
        frames = [found((RIGHT, 0.9))] * 3 + [found()] * 4 + [found((LEFT, 0.9))] * 3
        looks = [self.RED] * 3 + [torch.zeros(0, 2)] * 4
        assert followed(LookTrack(2), frames, looks + [self.RED] * 3)[-1] == [1]
        assert followed(LookTrack(2), frames, looks + [self.BLUE] * 3)[-1] == [2]

    def test_the_running_mean_has_length_one(self):
        looks = F.normalize(torch.rand(5, 7), dim=1)
        fresh = refresh_looks(looks, looks.flip(0), 0.3)
        torch.testing.assert_close(fresh.norm(dim=1), torch.ones(5))
        torch.testing.assert_close(refresh_looks(looks, looks.flip(0), 1.0), looks)

    def test_of_boxes(self):
        maps = {"C4": torch.zeros(3, 12, 12), "C5": torch.rand(2, 6, 6)}
        maps["C4"][0, :, :6], maps["C4"][1, :, 6:] = 1, 1
        boxes = torch.tensor([[10.0, 10, 60, 60], [20.0, 30, 70, 90], [110.0, 10, 180, 60]])
        looks = looks_of(maps, boxes, {"C4": 16})
        torch.testing.assert_close(looks @ looks.T, torch.tensor([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]))
        assert looks_of(maps, boxes[:0], {"C4": 16, "C5": 32}).shape == (0, 5)

    def test_one_row_per_box(self):
        with pytest.raises(ValueError, match=r"`looks` must be \(1, 2\), one row per box, but is none"):
            LookTrack(2)(found((RIGHT, 0.9)))


def test_what_a_detector_sees_in_the_frames_of_a_clip():
    """Nine frames, more than one batch: the detector's own predictions, one box per object, and looks of length 1."""
    detector, images = shipped("retinanet"), clips("val")[0].images[:9]
    frames = watch(detector, images)
    with torch.no_grad():
        alone = detector([images[8]])[0]
    found, looks = frames[8]
    keep = nms(alone["boxes"], alone["scores"], 0.7)
    assert len(frames) == 9 and 0 < len(keep) <= len(alone["boxes"])
    torch.testing.assert_close(found["boxes"], alone["boxes"][keep], atol=0.01, rtol=1e-4)
    torch.testing.assert_close(looks.norm(dim=1), torch.ones(len(keep)))
    assert looks.shape[1] == detector.channels["C4"] + detector.channels["C5"]


def test_on_random_walks_few_tracks_are_lost():
    """Five objects that drift apart, one detection in ten missed: nearly everything is right."""
    generator = torch.Generator().manual_seed(0)
    corner = torch.tensor([[10.0, 10], [60, 20], [10, 100], [80, 90], [130, 140]])
    speed = torch.randn(5, 2, generator=generator) / 2
    predictions, targets, tracker = [], [], ByteTrack()
    for t in range(30):
        boxes = torch.cat([corner + t * speed, corner + t * speed + 30], 1)
        seen = torch.rand(5, generator=generator) < 0.9
        noisy = boxes[seen] + torch.randn(int(seen.sum()), 4, generator=generator)
        predictions.append(tracker(found(*((box, 0.9) for box in noisy))))
        targets.append({"boxes": boxes, "tracks": torch.arange(5)})
    scores = tracking_scores([tracking_counts(predictions, targets)])
    assert scores["switches"] <= 2 and scores["IDF1"] > 0.9 and scores["AssA"] > 0.7
