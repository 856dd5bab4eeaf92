"""Intervals of average precision: the number itself, and each resampled one, are those of `coco_metrics`."""

import numpy as np
import pytest
import torch
from random_detections import random_data_set

from coursekit.metrics import coco_difference_intervals, coco_intervals, coco_metrics
from coursekit.metrics.coco_interval import hits, mean_precision


def with_scores_of_their_own(predictions):
    """Equal scores of one image count in another order when the image is there twice."""
    random = torch.Generator().manual_seed(0)
    return [p | {"scores": torch.rand(len(p["scores"]), generator=random)} for p in predictions]


@pytest.mark.parametrize("kind", ["boxes", "masks"])
@pytest.mark.parametrize("seed", range(12))
def test_the_value_is_that_of_coco_metrics(seed, kind):
    predictions, targets = random_data_set(seed, images=6)
    expected = coco_metrics(predictions, targets, kind)
    for name, (value, low, high) in coco_intervals(predictions, targets, kind, repeats=40).items():
        assert value == pytest.approx(expected[name], abs=1e-12)
        assert 0 <= low <= high <= 1


@pytest.mark.parametrize("seed", range(12))
def test_a_resampled_value_is_that_of_a_data_set_with_the_images_repeated(seed):
    predictions, targets = random_data_set(seed, images=6)
    predictions = with_scores_of_their_own(predictions)
    times = np.random.default_rng(seed).integers(0, 4, len(targets))
    again = [i for i, count in enumerate(times) for _ in range(count)]
    expected = coco_metrics([predictions[i] for i in again], [targets[i] for i in again])
    found = mean_precision(hits(predictions, targets), times)
    assert [found.mean(), found[0], found[5]] == pytest.approx(
        [expected["AP"], expected["AP50"], expected["AP75"]], abs=1e-12
    )


def test_more_images_are_surer():
    few, many = (random_data_set(0, images=images) for images in (5, 60))
    (_, low, high), (_, *ends) = (coco_intervals(*data, repeats=100)["AP"] for data in (few, many))
    assert ends[1] - ends[0] < (high - low) / 2


def test_no_object_in_words():
    none = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    with pytest.raises(ValueError, match="not defined without objects"):
        coco_intervals([none | {"scores": torch.zeros(0)}], [none])


@pytest.mark.parametrize("kind", ["boxes", "masks"])
@pytest.mark.parametrize("seed", range(6))
def test_the_difference_is_that_of_coco_metrics(seed, kind):
    predictions, targets = random_data_set(seed, images=6)
    others = predictions[::-1]
    ours, theirs = (coco_metrics(each, targets, kind) for each in (predictions, others))
    found = coco_difference_intervals(predictions, others, targets, kind, repeats=40)
    for name, (value, low, high) in found.items():
        assert value == pytest.approx(ours[name] - theirs[name], abs=1e-12)
        assert low <= high


def test_each_draw_of_the_difference_takes_the_same_images_for_both():
    """The ends are those of the differences of data sets with the images repeated, draw by draw."""
    predictions, targets = random_data_set(3, images=8)
    predictions, others = (with_scores_of_their_own(each) for each in (predictions, predictions[::-1]))
    random, differences = np.random.default_rng(0), []
    for _ in range(10):
        again = random.integers(8, size=8)
        ours, theirs = (
            coco_metrics([each[i] for i in again], [targets[i] for i in again])["AP50"]
            for each in (predictions, others)
        )
        differences.append(ours - theirs)
    found = coco_difference_intervals(predictions, others, targets, seed=0, repeats=10)["AP50"]
    assert found[1:] == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=1e-12)


def test_nothing_differs_from_itself():
    predictions, targets = random_data_set(1, images=6)
    for interval in coco_difference_intervals(predictions, predictions, targets).values():
        assert interval == (0, 0, 0)
