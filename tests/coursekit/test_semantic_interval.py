"""Intervals of label maps' scores: against scores of the resampled data sets themselves."""

import numpy as np
import pytest
import torch

from coursekit.metrics import (
    semantic_counts,
    semantic_difference_intervals,
    semantic_intervals,
    semantic_scores,
)
from coursekit.metrics.semantic_interval import draws, scores_of

CLASSES = 4


def data_set(seed, images=12, wrong=0.2):
    """Label maps of a few blocks with some void, and predictions that are partly wrong; class 3 is rare."""
    random = np.random.default_rng(seed)
    truth, said = [], []
    for i in range(images):
        labels = np.kron(random.integers(0, 3, (4, 5)), np.ones((3, 4), int))
        if i == 0:
            labels[:3, :4] = 3
        noise = np.kron(random.integers(0, 3, (4, 5)), np.ones((3, 4), int))
        said.append(np.where(random.random((12, 20)) < wrong, noise, labels))
        truth.append(np.where(random.random((12, 20)) < 0.1, 255, labels))
    return [[{"semantic": torch.from_numpy(m)} for m in maps] for maps in (said, truth)]


@pytest.fixture(scope="module")
def counted():
    said, truth = data_set(0)
    return said, truth, semantic_counts(said, truth, CLASSES)


def test_the_values_are_those_of_the_whole_data_set(counted):
    said, truth, counts = counted
    whole = semantic_scores(said, truth, CLASSES)
    for name, (value, low, high) in semantic_intervals(counts).items():
        assert value == pytest.approx(whole[name]) and low <= value <= high and low < high


def test_each_draw_is_scored_as_that_data_set(counted):
    said, truth, counts = counted
    times = draws(len(truth), seed=3, repeats=5)
    assert (times.sum(1) == len(truth)).all()
    drawn = scores_of(counts, times)
    for r, row in enumerate(times):
        chosen = np.repeat(np.arange(len(truth)), row)
        expected = semantic_scores([said[i] for i in chosen], [truth[i] for i in chosen], CLASSES)
        for name, values in drawn.items():
            assert values[r] == pytest.approx(expected[name]), name


def test_pairs_differ_less_than_two_intervals_suggest(counted):
    _, truth, counts = counted
    others = semantic_counts(data_set(0, wrong=0.3)[0], truth, CLASSES)
    one, two = semantic_intervals(counts), semantic_intervals(others)
    for name, (gain, low, high) in semantic_difference_intervals(counts, others).items():
        assert gain == pytest.approx(one[name][0] - two[name][0]) and low <= gain <= high
    assert semantic_difference_intervals(counts, counts)["mean_iou"] == (0, 0, 0)


def test_a_better_model_is_seen_to_be_better():
    _, truth = data_set(1)
    counts = [semantic_counts(data_set(1, wrong=w)[0], truth, CLASSES) for w in (0.1, 0.4)]
    assert semantic_difference_intervals(*counts)["mean_iou"][1] > 0


def test_what_does_not_fit_is_said(counted):
    said, truth, counts = counted
    with pytest.raises(ValueError, match="12 predictions for 11 targets"):
        semantic_counts(said, truth[1:], CLASSES)
    with pytest.raises(ValueError, match="0 predictions"):
        semantic_counts([], [], CLASSES)
    with pytest.raises(ValueError, match="12 and 11 images"):
        semantic_difference_intervals(counts, semantic_counts(said[1:], truth[1:], CLASSES))
