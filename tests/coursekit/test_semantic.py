"""Scores of label maps, against loops over pixels."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.metrics import (
    boundary_f,
    confusion_matrix,
    iou_of_classes,
    mean_iou,
    pixel_accuracy,
    semantic_scores,
)

CLASSES = 4


def random_maps(seed, size=(9, 14), void=0.1):
    """Blocks of labels; class 3 never occurs."""
    random = np.random.default_rng(seed)
    maps = [
        np.kron(random.integers(0, 3, (5, 7)), np.ones((2, 2), int))[: size[0], : size[1]] for _ in range(2)
    ]
    prediction, target = (torch.from_numpy(labels.copy()) for labels in maps)
    target[torch.from_numpy(random.random(size) < void)] = 255
    return prediction, target


def boundary_by_hand(labels, void, k):
    height, width = labels.shape
    found = []
    for y in range(height):
        for x in range(width):
            near = [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
            near = [(v, u) for v, u in near if 0 <= v < height and 0 <= u < width and not void[v, u]]
            if labels[y, x] == k and not void[y, x] and any(labels[place] != k for place in near):
                found.append((y, x))
    return found


def f_by_hand(prediction, target, k, tolerance):
    predicted, true = (boundary_by_hand(labels, target == 255, k) for labels in (prediction, target))
    if not predicted and not true:
        return math.nan
    if not predicted or not true:
        return 0.0
    precision, recall = (
        np.mean([min(math.dist(p, q) for q in b) <= tolerance for p in a])
        for a, b in ((predicted, true), (true, predicted))
    )
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_confusion_by_a_loop(seed):
    prediction, target = random_maps(seed)
    expected = torch.zeros(CLASSES, CLASSES, dtype=torch.int64)
    for p, t in zip(prediction.flatten().tolist(), target.flatten().tolist(), strict=True):
        if t != 255:
            expected[t, p] += 1
    confusion = confusion_matrix(prediction, target, CLASSES)
    assert torch.equal(confusion, expected)
    ious = [
        ((prediction == k) & (target == k)).sum().item()
        / (((prediction == k) | (target == k)) & (target != 255)).sum().item()
        for k in range(3)
    ]
    assert iou_of_classes(confusion)[:3].tolist() == pytest.approx(ious, abs=1e-6)
    assert iou_of_classes(confusion)[3].isnan()
    assert mean_iou(confusion) == pytest.approx(np.mean(ious), abs=1e-6)
    known = target != 255
    assert pixel_accuracy(confusion) == pytest.approx((prediction == target)[known].double().mean().item())


@pytest.mark.parametrize("tolerance", [0, 1, 1.5, 3])
@pytest.mark.parametrize("seed", range(4))
def test_boundary_f_by_loops(seed, tolerance):
    prediction, target = random_maps(seed)
    expected = [f_by_hand(prediction, target, k, tolerance) for k in range(CLASSES)]
    assert boundary_f(prediction, target, CLASSES, tolerance) == pytest.approx(
        expected, abs=1e-12, nan_ok=True
    )


def test_a_shift_is_forgiven_within_the_tolerance():
    target = torch.zeros(30, 50, dtype=torch.int64)
    target[8:20, 10:30] = 1
    shifted = target.roll(2, 1)
    assert boundary_f(shifted, target, 2, tolerance=2).tolist() == [1, 1]
    assert (boundary_f(shifted, target, 2, tolerance=1) < 1).all()
    assert boundary_f(target, target, 3, tolerance=0).tolist() == pytest.approx([1, 1, math.nan], nan_ok=True)


def test_a_blob_is_right_in_most_pixels_and_wrong_at_its_boundary():
    target = torch.zeros(60, 90, dtype=torch.int64)
    target[20:40, 30:60] = 1
    background = torch.zeros_like(target)
    scores = semantic_scores([{"semantic": background}], [{"semantic": target}], 2)
    assert scores["pixel_accuracy"] == pytest.approx(1 - 600 / 5400)
    assert scores["mean_iou"] == pytest.approx((1 - 600 / 5400) / 2)
    assert scores["boundary_f"] == 0


def test_void_is_left_out_and_a_border_read_as_background_is_seen():
    target = torch.zeros(20, 30, dtype=torch.int64)
    target[5:15, 8:22] = 1
    prediction = target.clone()
    prediction[4:16, 7:23] = 1  # a border of one pixel around
    bordered = target.clone()
    bordered[(prediction == 1) & (target == 0)] = 255
    assert mean_iou(confusion_matrix(prediction, bordered, 2)) == 1
    assert mean_iou(confusion_matrix(prediction, target, 2)) < 0.9
    assert np.isnan(boundary_f(prediction, bordered, 2)).all(), "void hides the whole boundary"


def test_images_are_added_up_before_the_quotient():
    pairs = [random_maps(seed) for seed in range(3)]
    predictions, targets = ([{"semantic": labels} for labels in maps] for maps in zip(*pairs, strict=True))
    scores = semantic_scores(predictions, targets, CLASSES)
    confusion = confusion_matrix(*(torch.stack(maps) for maps in zip(*pairs, strict=True)), CLASSES)
    assert scores["mean_iou"] == mean_iou(confusion)
    assert scores["iou"] == pytest.approx(iou_of_classes(confusion).numpy(), nan_ok=True)
    of_images = np.stack([boundary_f(*pair, CLASSES) for pair in pairs])
    assert scores["boundary_f"] == pytest.approx(np.nanmean(of_images[:, :3], 0).mean())


def test_nothing_labelled_and_empty_maps():
    void = torch.full((3, 5), 255)
    for target in (void, torch.zeros(0, 5, dtype=torch.int64)):
        confusion = confusion_matrix(torch.zeros_like(target), target, 2)
        assert (
            confusion.sum() == 0 and math.isnan(mean_iou(confusion)) and math.isnan(pixel_accuracy(confusion))
        )
        assert np.isnan(boundary_f(torch.zeros_like(target), target, 2)).all()
    scores = semantic_scores([{"semantic": torch.zeros_like(void)}], [{"semantic": void}], 2)
    assert math.isnan(scores["boundary_f"])


ZEROS = torch.zeros(3, 5, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: confusion_matrix(ZEROS, ZEROS.T, 2), "resize it to the truth"),
        (lambda: confusion_matrix(ZEROS.float(), ZEROS, 2), "take argmax"),
        (lambda: confusion_matrix(ZEROS + 2, ZEROS, 2), "prediction has labels from 2 to 2, but there are 2"),
        (lambda: confusion_matrix(ZEROS, ZEROS - 1, 2), "truth has labels from -1 to -1"),
        (lambda: boundary_f(ZEROS, ZEROS, 2, tolerance=-1), "cannot be negative"),
        (lambda: boundary_f(ZEROS[None], ZEROS[None], 2), "one image at a time"),
        (lambda: semantic_scores([], [], 2), "0 predictions for 0 targets"),
    ],
)
def test_bad_input_in_words(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
