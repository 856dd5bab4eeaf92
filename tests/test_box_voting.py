"""Box voting against a double loop: who is heard, and how much."""

import math

import pytest
import torch
from torchvision.ops import box_iou

from coursekit.models.detector import select_detections, vote_boxes
from coursekit.ops import batched_nms

N = 40


def heap(seed):
    """Boxes of 20 to 40 pixels around four places, scores, and three classes."""
    random = torch.Generator().manual_seed(seed)
    corner = 80.0 * (torch.arange(N)[:, None] % 4) + 8 * torch.rand(N, 2, generator=random)
    boxes = torch.cat([corner, corner + 20 + 20 * torch.rand(N, 2, generator=random)], 1).double()
    return boxes, 0.1 + 0.9 * torch.rand(N, generator=random).double(), torch.arange(N) % 3


@pytest.mark.parametrize("seed", range(4))
def test_a_vote_is_the_weighted_mean_of_a_double_loop(seed):
    boxes, scores, classes = heap(seed)
    kept = batched_nms(boxes, scores, classes, 0.5)
    for settled, k in zip(vote_boxes(boxes, scores, classes, kept, sigma=0.1), kept.tolist(), strict=True):
        total, weight = torch.zeros(4, dtype=torch.float64), 0.0
        for i in range(N):
            iou = box_iou(boxes[k, None], boxes[i, None]).item()
            if classes[i] == classes[k] and iou > 0:
                say = scores[i].item() * math.exp(-((1 - iou) ** 2) / 0.1)
                total, weight = total + say * boxes[i], weight + say
        torch.testing.assert_close(settled, total / weight)
        assert (settled != boxes[k]).any()


def test_other_classes_and_places_are_not_heard():
    boxes = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 5], [90, 90, 99, 99]])
    kept = torch.tensor([0, 2])
    assert torch.equal(vote_boxes(boxes, torch.ones(3), torch.tensor([1, 2, 1]), kept), boxes[kept])
    nothing = torch.zeros(0, dtype=torch.int64)
    assert vote_boxes(boxes, torch.ones(3), torch.ones(3), nothing).shape == (0, 4)
    assert vote_boxes(boxes[:0], torch.ones(0), nothing, nothing).shape == (0, 4)


def test_detections_keep_their_scores_and_classes_and_boxes_come_to_agree():
    boxes = torch.tensor([[10.0, 10, 30, 30], [10, 10, 30, 31], [50, 50, 70, 70]])
    scores = torch.tensor([[0.9, 0.0], [0.8, 0.0], [0.0, 0.7]])
    plain, voted = (select_detections(boxes, scores, (96, 96), vote=vote) for vote in (False, True))
    assert torch.equal(plain["scores"], voted["scores"]) and torch.equal(plain["labels"], voted["labels"])
    assert 30 < voted["boxes"][0, 3] < 30.5 and torch.equal(voted["boxes"][1], plain["boxes"][1])
