"""Averaged boxes against a double loop, and on made-up cases."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.ops import average_boxes


def heaps(seed, count=60, side=100.0):
    """Boxes in heaps, with three classes."""
    chance = torch.Generator().manual_seed(seed)
    corner = (torch.rand(count // 6 + 1, 2, generator=chance) * side * 0.6).repeat(6, 1)[:count]
    corner = corner + 6 * torch.rand(count, 2, generator=chance)
    boxes = torch.cat([corner, corner + 15 + 20 * torch.rand(count, 2, generator=chance)], 1).double()
    scores = torch.rand(count, generator=chance).double()
    labels = torch.randint(1, 4, (count,), generator=chance)
    return boxes, scores, labels


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)) - shared)


def by_loops(boxes, scores, labels, views, threshold):
    """The definition on Python lists: every average is made again from its members each time."""
    averages = []
    for score, k in sorted(((s, k) for k, s in enumerate(scores.tolist()) if s > 0), reverse=True):
        box, label = boxes[k].tolist(), int(labels[k])
        rivals = [(overlap(mean_of(a), box), a) for a in averages if a[0][2] == label]
        best = max(rivals, key=lambda rival: rival[0], default=(0, None))
        if best[0] > threshold:
            best[1].append((box, score, label))
        else:
            averages.append([(box, score, label)])
    found = [(sum(s for _, s, _ in a) / max(views, len(a)), mean_of(a), a[0][2]) for a in averages]
    return sorted(found, key=lambda row: -row[0])


def mean_of(members):
    total = sum(score for _, score, _ in members)
    return [sum(score * box[i] for box, score, _ in members) / total for i in range(4)]


def assert_equal(found, expected):
    boxes, scores, labels = found
    assert labels.tolist() == [label for _, _, label in expected]
    assert scores.tolist() == pytest.approx([score for score, _, _ in expected])
    assert boxes.flatten().tolist() == pytest.approx([x for _, box, _ in expected for x in box], abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.55, 0.9])
def test_averages_are_those_of_a_double_loop(seed, threshold):
    boxes, scores, labels = heaps(seed)
    found = average_boxes(boxes, scores, labels, 5, threshold)
    assert_equal(found, by_loops(boxes, scores, labels, 5, threshold))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_an_average_lies_among_its_boxes_and_scores_no_more_than_they(seed, views):
    boxes, scores, labels = heaps(seed, count=20)
    means, averaged, names = average_boxes(boxes, scores, labels, views)
    assert (averaged.diff() <= 0).all() and averaged.max() <= scores.max() and len(means) <= len(boxes)
    assert set(names.tolist()) == set(labels.tolist())
    assert (means >= boxes.amin(0) - 1e-9).all() and (means <= boxes.amax(0) + 1e-9).all()


@pytest.mark.parametrize("shift", [0, 3])
def test_the_order_of_the_views_does_not_matter(shift):
    boxes, scores, labels = heaps(shift)
    order = torch.randperm(len(boxes), generator=torch.Generator().manual_seed(1))
    for ours, again in zip(
        average_boxes(boxes, scores, labels, 5),
        average_boxes(boxes[order], scores[order], labels[order], 5),
        strict=True,
    ):
        assert torch.equal(ours, again)


@pytest.mark.parametrize("score", [None, 0.0])
def test_nothing_gives_nothing(score):
    count = 0 if score is None else 2
    found = average_boxes(torch.rand(count, 4), torch.zeros(count), torch.ones(count, dtype=torch.int64), 6)
    assert [part.shape for part in found] == [(0, 4), (0,), (0,)]
    assert found[2].dtype == torch.int64


def test_boxes_of_two_classes_stay_apart():
    box = torch.tensor([[0.0, 0, 8, 8]] * 2)
    found = average_boxes(box, torch.tensor([0.4, 0.8]), torch.tensor([1, 2]), views=1)
    assert found[1].tolist() == pytest.approx([0.8, 0.4]) and found[2].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("boxes", "scores", "views", "complaint"),
    [
        (torch.zeros(2, 4), torch.zeros(3), 1, r"boxes \(2, 4\), scores \(3,\)"),
        (torch.zeros(2, 5), torch.zeros(2), 1, r"must be \(N, 4\)"),
        (torch.zeros(2, 4), torch.zeros(2), 0, "at least one view, but `views` is 0"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(boxes, scores, views, complaint):
    with pytest.raises(ValueError, match=complaint):
        average_boxes(boxes, scores, torch.ones(2, dtype=torch.int64), views)
