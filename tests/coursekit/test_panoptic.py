"""Panoptic quality against a slow loop over pairs of segments; panoptic maps against painting pixel by pixel."""

import numpy as np
import pytest
import torch

from coursekit import metrics, ops

VOID, CLASSES = 255, 4


def random_maps(seed, void=0.0):
    """Blocks of a few classes and numbers, so that segments are large enough to match."""
    generator = torch.Generator().manual_seed(seed)
    blocks = [torch.randint(0, high, (4, 5), generator=generator) for high in (CLASSES, 3)]
    semantic, instances = (
        each.repeat_interleave(6, 0).repeat_interleave(5, 1) for each in blocks
    )  # (24, 25)
    semantic = torch.where(torch.rand(semantic.shape, generator=generator) < void, VOID, semantic)
    return {"semantic": semantic, "instances": instances}


def disturbed(maps, seed):
    """The same maps moved by up to two pixels, with a strip of another class."""
    generator = torch.Generator().manual_seed(seed)
    shift = torch.randint(-2, 3, (2,), generator=generator).tolist()
    moved = {key: value.roll(shift, (0, 1)).clone() for key, value in maps.items()}
    moved["semantic"][:, :2] = 1
    return moved


def segments(maps):
    """The pixels of each segment by its class and number, as sets."""
    found = {}
    for place, label in np.ndenumerate(maps["semantic"].numpy()):
        if label != VOID:
            found.setdefault((int(label), int(maps["instances"][place])), set()).add(place)
    return found


def by_loops(predictions, targets):
    """PQ, SQ and RQ of each class, as the paper defines them, pair by pair."""
    iou, matched, extra, missed = (np.zeros(CLASSES) for _ in range(4))
    for prediction, target in zip(predictions, targets, strict=True):
        void = {place for place, label in np.ndenumerate(target["semantic"].numpy()) if label == VOID}
        found, truth, taken = segments(prediction), segments(target), set()
        for (label, _), pixels in truth.items():
            missed[label] += 1
            for other, its in found.items():
                share = len(pixels & its) / len(pixels | (its - void))
                if other[0] == label and share > 0.5:
                    iou[label] += share
                    matched[label] += 1
                    missed[label] -= 1
                    assert other not in taken, "a segment has one match at most"
                    taken.add(other)
        for other, its in found.items():
            extra[other[0]] += other not in taken and len(its & void) <= 0.5 * len(its)
    with np.errstate(invalid="ignore"):
        recognition = matched / (matched + extra / 2 + missed / 2)
    quality = np.where(np.isnan(recognition), np.nan, iou / np.maximum(matched, 1))
    return np.stack([quality * recognition, quality, recognition], 1)


@pytest.mark.parametrize("void", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(6))
def test_the_scores_are_those_of_loops(seed, void):
    targets = [random_maps(10 * seed + i, void) for i in range(3)]
    predictions = [disturbed(maps, i) for i, maps in enumerate(targets)]
    found = metrics.panoptic_scores(predictions, targets, CLASSES + 1)  # one class is nowhere
    expected = by_loops(predictions, targets)
    np.testing.assert_allclose(found["of_class"][:CLASSES], expected)
    assert np.isnan(found["of_class"][CLASSES]).all() and 0 < found["pq"] < 1
    assert [found[name] for name in ("pq", "sq", "rq")] == pytest.approx(np.nanmean(expected, 0).tolist())
    assert found["pq_things"] == pytest.approx(np.nanmean(expected[1:, 0]))


def test_the_same_maps_are_perfect_whatever_their_numbers():
    truth = random_maps(0)
    renumbered = truth | {"instances": 7 - truth["instances"]}
    found = metrics.panoptic_scores([renumbered], [truth], CLASSES)
    assert [found[name] for name in ("pq", "sq", "rq", "pq_things")] == [1, 1, 1, 1]


def strip(*labels):
    semantic = torch.tensor([labels])
    return {"semantic": semantic, "instances": torch.ones_like(semantic)}


def test_half_is_not_enough_and_another_class_never_is():
    half = metrics.panoptic_counts([strip(1, 1, 2, 2)], [strip(1, 1, 1, 1)], 3)
    assert (half.matched.sum(), half.extra.tolist(), half.missed.tolist()) == (0, [[0, 1, 1]], [[0, 1, 0]])
    assert metrics.panoptic_counts([strip(2, 2)], [strip(1, 1)], 3).matched.sum() == 0


def test_a_segment_mostly_on_void_is_not_extra():
    mostly = metrics.panoptic_counts([strip(1, 1, 1, 2)], [strip(VOID, VOID, 2, 2)], 3)
    assert mostly.extra.tolist() == [[0, 0, 1]]
    half = metrics.panoptic_counts([strip(1, 1, 2, 2)], [strip(VOID, 2, 2, 2)], 3)
    assert half.extra.tolist() == [[0, 1, 0]] and half.matched.tolist() == [[0, 0, 1]]


def test_intervals_hold_the_scores_and_one_image_has_no_spread():
    targets = [random_maps(i) for i in range(8)]
    counts = metrics.panoptic_counts([disturbed(maps, i) for i, maps in enumerate(targets)], targets, CLASSES)
    scores = metrics.panoptic_scores([disturbed(m, i) for i, m in enumerate(targets)], targets, CLASSES)
    for name, (value, low, high) in metrics.panoptic_intervals(counts, repeats=200).items():
        assert value == pytest.approx(scores[name]) and low < value < high
    one = metrics.PanopticCounts(*(each[:1] for each in counts))
    for value, low, high in metrics.panoptic_intervals(one, repeats=5).values():
        assert value == pytest.approx(low) == pytest.approx(high)


def test_errors_in_words():
    good = strip(1, 1)
    for maps, complaint in (
        (strip(1, 1, 1), "resize it to the truth"),
        (strip(1, 9), "labels from 1 to 9, but there are 3 classes"),
        (good | {"instances": torch.ones(1, 2)}, "The instances of the prediction must be whole numbers"),
        (good | {"instances": torch.ones(2, 2).long()}, "they must be of one image"),
    ):
        with pytest.raises(ValueError, match=complaint):
            metrics.panoptic_scores([maps], [good], 3)
    with pytest.raises(ValueError, match="There are 0 predictions for 0 targets"):
        metrics.panoptic_scores([], [], 3)


@pytest.mark.parametrize("seed", range(4))
def test_a_panoptic_map_is_painted_pixel_by_pixel(seed):
    generator = torch.Generator().manual_seed(seed)
    masks = torch.rand(5, 7, 9, generator=generator) < 0.4
    labels, scores = (
        torch.randint(1, 4, (5,), generator=generator),
        torch.randperm(5, generator=generator) / 5,
    )
    semantic, instances = ops.panoptic_map(masks, labels, scores)
    for y, x in np.ndindex(7, 9):
        owners = masks[:, y, x].nonzero().flatten().tolist()
        best = max(owners, key=lambda i: scores[i], default=None)
        assert instances[y, x] == (0 if best is None else best + 1)
        assert semantic[y, x] == (0 if best is None else labels[best])


def test_masks_that_are_mostly_covered_are_left_out():
    masks = torch.tensor([[[1, 1, 1, 1, 0, 0]], [[0, 1, 1, 1, 1, 0]], [[0, 0, 0, 1, 1, 1]]]).bool()
    labels, scores = torch.tensor([1, 2, 3]), torch.tensor([0.9, 0.8, 0.7])
    semantic, instances = ops.panoptic_map(masks, labels, scores, min_free=0.5)
    assert semantic.tolist() == [[1, 1, 1, 1, 3, 3]] and instances.tolist() == [[1, 1, 1, 1, 3, 3]]
    assert ops.panoptic_map(masks, labels, scores)[0].tolist() == [[1, 1, 1, 1, 2, 3]]
    assert ops.panoptic_map(masks, labels, scores, min_free=0.7)[1].tolist() == [[1, 1, 1, 1, 0, 0]]
    with pytest.raises(ValueError, match="one label and one score per mask"):
        ops.panoptic_map(masks, labels[:2], scores)
    with pytest.raises(ValueError, match=r"`min_free`, 2, is not in \[0, 1\]"):
        ops.panoptic_map(masks, labels, scores, 2)
