"""How much of one image is found, with nothing to find and nothing found among the cases."""

import torch

from classroom.step_by_step.finding import count_found
from coursekit.metrics import mean_best_iou

HEAP = torch.tensor([[0.0, 0, 20, 10], [1, 0, 21, 10], [40, 0, 60, 20], [2, 1, 22, 12]])
SCORES, LABELS = torch.tensor([0.6, 0.9, 0.7, 0.5]), torch.tensor([1, 1, 2, 2])
TRUTH = {"boxes": HEAP[1:3], "labels": torch.tensor([1, 2])}


def test_a_second_box_on_an_object_is_a_duplicate():
    assert count_found(HEAP, SCORES, LABELS, TRUTH) == (2, 1, 1)


def test_an_object_is_found_once_and_by_its_class_only():
    assert count_found(HEAP, SCORES, torch.tensor([2, 2, 2, 2]), TRUTH) == (1, 0, 3)
    nothing = torch.zeros(0, dtype=torch.int64)
    assert count_found(HEAP[:0], SCORES[:0], nothing, TRUTH) == (0, 0, 0)
    assert count_found(HEAP, SCORES, LABELS, {"boxes": HEAP[:0], "labels": nothing}) == (0, 0, 4)


def test_mean_best_iou_of_empty_sets():
    none, one = torch.zeros(0, 4), torch.tensor([[0.0, 0, 1, 1]])
    assert [mean_best_iou(a, b) for a, b in ((none, none), (none, one), (one, none), (one, one))] == [
        1,
        0,
        0,
        1,
    ]
