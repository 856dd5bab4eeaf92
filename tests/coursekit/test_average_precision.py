"""Average precision of small lists, by hand, by a loop over the definition, and by its properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.metrics import average_precision, precision_at, precision_recall, proposal_recall, recall_at_k
from coursekit.metrics.average_precision import METHODS

TOY = [1, 0, 1, 1, 0, 0, 1]  # of 6 objects; two are never found

lists = st.lists(st.booleans(), max_size=25)
missed = st.integers(0, 5)
quick = settings(max_examples=60, deadline=None)


def ap_by_hand(right, num_objects, recalls):
    """The definition, once more: for each recall the best precision of any prefix that reaches it."""
    best = []
    for recall in recalls:
        prefixes = [right[:n] for n in range(1, len(right) + 1) if sum(right[:n]) / num_objects >= recall]
        best.append(max((sum(prefix) / len(prefix) for prefix in prefixes), default=0.0))
    return sum(best) / len(best)


def test_the_toy_list_three_ways():
    assert average_precision(TOY, 6, "11-point") == pytest.approx(0.5065, abs=5e-5)
    assert average_precision(TOY, 6, "every-point") == pytest.approx((1 + 3 / 4 + 3 / 4 + 4 / 7) / 6)
    assert average_precision(TOY, 6, "every-point") == pytest.approx(0.5119, abs=5e-5)
    assert average_precision(TOY, 6) == pytest.approx(0.5113, abs=5e-5)


def test_a_duplicate_is_wrong():
    """Two objects; the first is found twice. Counted as right, the list would be perfect."""
    assert average_precision([True, False, True], 2) == pytest.approx(0.835, abs=5e-4)
    with pytest.raises(ValueError, match="3 detections are right but there are 2 objects"):
        average_precision([True, True, True], 2)


def test_an_evaluator_that_forgets_objects_or_cuts_the_list_is_seen():
    assert average_precision(TOY, 4) > average_precision(TOY, 6), "images without detections left out"
    assert average_precision(TOY[:3], 6) < average_precision(TOY, 6), "a score threshold before AP"


@quick
@given(lists, missed)
def test_points_are_the_definition(right, missed):
    num_objects = sum(right) + missed
    if num_objects:
        for method, points in (("11-point", 11), ("101-point", 101)):
            expected = ap_by_hand(right, num_objects, np.linspace(0, 1, points))
            assert average_precision(right, num_objects, method) == pytest.approx(expected, abs=1e-12)


@quick
@given(lists, missed)
def test_every_point_is_the_limit_of_many_points(right, missed):
    num_objects = sum(right) + missed
    if num_objects and right:
        curve = precision_recall(right, num_objects)
        fine = precision_at((np.arange(20000) + 0.5) / 20000, *curve).mean()
        assert average_precision(right, num_objects, "every-point") == pytest.approx(fine, abs=2e-3)


@quick
@given(lists, missed, st.sampled_from(METHODS))
def test_bounds_order_and_tail(right, missed, method):
    num_objects = sum(right) + missed
    if num_objects:
        ap = average_precision(right, num_objects, method)
        assert 0 <= ap <= 1 + 1e-12
        assert ap <= average_precision(sorted(right, reverse=True), num_objects, method) + 1e-12
        assert average_precision([*right, False], num_objects, method) == pytest.approx(ap, abs=1e-12)


def test_empty_lists_and_no_objects():
    for method in METHODS:
        assert average_precision([], 3, method) == 0
        assert average_precision([True, True], 2, method) == pytest.approx(1)
        assert average_precision([False], 0, method) == average_precision([], 0, method) == -1
    assert recall_at_k([], 0, 5) == -1 and recall_at_k([], 2, 5) == 0


def test_recall_at_k_counts_the_best():
    assert [recall_at_k(TOY, 6, k) for k in (0, 1, 3, 100)] == pytest.approx([0, 1 / 6, 2 / 6, 4 / 6])
    assert recall_at_k(torch.tensor(TOY), 6, 3) == recall_at_k(np.array(TOY, bool), 6, 3)


def test_proposal_recall():
    true = torch.tensor([[0.0, 0, 40, 20], [100, 0, 140, 20], [0, 50, 8, 90]])
    proposals = torch.cat([true[1:2] + 1, torch.tensor([[0.0, 0, 9, 9]]), true[:1], true[:1]])
    none = torch.zeros(0, 4)
    recalls = [proposal_recall([proposals, none, none], [true, none, true[:1]], k) for k in (0, 1, 2, 3, 99)]
    assert recalls == [0, 0.25, 0.25, 0.5, 0.5]
    assert proposal_recall([proposals], [true], 9, iou_threshold=0.95) == pytest.approx(1 / 3)
    assert proposal_recall([proposals], [none], 9) == -1


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: average_precision([True], 1, "12-point"), "use one of every-point, 11-point, 101-point"),
        (lambda: average_precision([0.9, 0.2], 3), "true .right. and false"),
        (lambda: average_precision([[True]], 3), "one list"),
        (lambda: precision_recall([], 0), "without objects"),
        (lambda: recall_at_k([True], 1, -1), "cannot be negative"),
        (lambda: proposal_recall([], [torch.zeros(0, 4)], 1), "proposals of 0 images but boxes of 1"),
    ],
)
def test_bad_input_in_words(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
