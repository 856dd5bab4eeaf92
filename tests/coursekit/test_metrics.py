"""Localisation scores and their intervals."""

import numpy as np
import pytest
import torch
from scipy.stats import bootstrap

from coursekit.metrics import bootstrap_interval, localisation_scores, paired_difference_interval, set_scores


def answer(box, label):
    return {"boxes": torch.tensor([box], dtype=torch.float32), "labels": torch.tensor([label])}


TARGETS = [answer([0, 0, 4, 4], 1), answer([0, 0, 4, 4], 2), answer([0, 0, 4, 4], 3), answer([0, 0, 4, 4], 4)]
PREDICTIONS = [
    answer([0, 0, 4, 4], 1),  # right
    answer([0, 0, 4, 4], 1),  # the box only
    answer([3, 3, 7, 7], 3),  # the class only: IoU 1 / 31
    answer([0, 0, 4, 2], 4),  # right, IoU exactly 0.5
]


def test_scores_by_hand():
    scores = localisation_scores(PREDICTIONS, TARGETS)
    assert scores["iou"] == pytest.approx([1, 1, 1 / 31, 0.5])
    assert scores["class_right"].tolist() == [1, 0, 1, 1]
    assert scores["right"].tolist() == [1, 0, 0, 1]
    assert scores["mean_iou"] == pytest.approx(2.5 / 4 + 1 / 124)
    assert (scores["accuracy"], scores["both_right"]) == (0.75, 0.5)


def test_a_students_iou_is_used():
    scores = localisation_scores(PREDICTIONS, TARGETS, iou=lambda a, b: torch.full((len(a), len(b)), 0.25))
    assert scores["mean_iou"] == 0.25 and scores["both_right"] == 0


def test_scores_of_nothing_or_of_several_boxes_in_words():
    with pytest.raises(ValueError, match="0 predictions for 0 targets"):
        localisation_scores([], [])
    with pytest.raises(ValueError, match="3 predictions for 4 targets"):
        localisation_scores(PREDICTIONS[:3], TARGETS)
    two = {"boxes": torch.ones(2, 4), "labels": torch.ones(2)}
    with pytest.raises(ValueError, match="Image 1 has 2 predicted and 1 true boxes"):
        localisation_scores([PREDICTIONS[0], two], TARGETS[:2])


def test_the_interval_is_scipys():
    values = np.random.default_rng(1).beta(5, 2, 200)
    mean, low, high = bootstrap_interval(values)
    expected = bootstrap((values,), np.mean, method="percentile", n_resamples=9999, rng=0).confidence_interval
    assert mean == values.mean()
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=2e-3)
    assert bootstrap_interval(values) == (mean, low, high) != bootstrap_interval(values, seed=1)
    _, lower, higher = bootstrap_interval(torch.from_numpy(values), level=0.99)
    assert lower < low < mean < high < higher


def test_the_interval_covers_the_truth():
    random = np.random.default_rng(0)
    intervals = [bootstrap_interval(random.normal(size=60), repeats=400) for _ in range(200)]
    assert 0.88 < np.mean([low <= 0 <= high for _, low, high in intervals]) < 0.99


def test_a_paired_difference_is_narrower_than_two_intervals():
    random = np.random.default_rng(0)
    others = random.uniform(0, 1, 100)
    values = others + random.normal(0.05, 0.02, 100)
    mean, low, high = paired_difference_interval(values, others)
    assert mean == pytest.approx((values - others).mean()) and 0.04 < low < mean < high < 0.06
    assert bootstrap_interval(values)[1] < bootstrap_interval(others)[2]


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], 3.0, [[1.0]]])
def test_intervals_of_nothing_in_words(values):
    with pytest.raises(ValueError, match="at least one finite number"):
        bootstrap_interval(values)


def test_pairs_need_the_same_images():
    with pytest.raises(ValueError, match="same images"):
        paired_difference_interval([1.0, 2.0], [1.0])


def together(*answers):
    return {name: torch.cat([answer[name] for answer in answers]) for name in ("boxes", "labels")}


NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
LEFT, RIGHT = answer([0, 0, 4, 4], 1), answer([10, 0, 14, 4], 2)


def test_set_scores_of_one_box_each_are_the_localisation_scores():
    several, single = set_scores(PREDICTIONS, TARGETS), localisation_scores(PREDICTIONS, TARGETS)
    for name, value in single.items():
        assert np.asarray(several[name]) == pytest.approx(np.asarray(value)), name
    assert several["count_right"] == 1


@pytest.mark.parametrize(
    ("prediction", "target", "expected"),
    [
        (together(RIGHT, LEFT), together(LEFT, RIGHT), (1, 1, 1, 1)),  # the order is nothing
        (together(LEFT), together(LEFT, RIGHT), (0.5, 0.5, 0.5, 0)),  # one is missed
        (together(LEFT, RIGHT), together(LEFT), (0.5, 0.5, 0.5, 0)),  # one is too many
        (together(LEFT, LEFT), together(LEFT, RIGHT), (0.5, 0.5, 0.5, 1)),  # twice the same
        (answer([0, 0, 4, 2], 2), LEFT, (0.5, 0, 0, 1)),
        (NOTHING, LEFT, (0, 0, 0, 0)),
        (LEFT, NOTHING, (0, 0, 0, 0)),
        (NOTHING, NOTHING, (1, 1, 1, 1)),
    ],
)
def test_set_scores_by_hand(prediction, target, expected):
    scores = set_scores([prediction], [target])
    names = ("mean_iou", "accuracy", "both_right", "count_right")
    assert tuple(scores[name] for name in names) == pytest.approx(expected)


def test_set_scores_of_nothing_in_words():
    with pytest.raises(ValueError, match="1 predictions for 0 targets"):
        set_scores([LEFT], [])
