"""What a student's own suppression may return, and what `select_detections` makes of it."""

import torch

from coursekit.models.detector import select_detections


def test_an_nms_that_returns_its_boxes_in_any_order_still_gives_the_best_ones_first():
    boxes = torch.arange(5.0)[:, None] * 20 + torch.tensor([0.0, 0, 9, 9])
    scores = torch.tensor([[0.3], [0.9], [0.5], [0.7], [0.1]])

    def worst_first(boxes, scores, classes, threshold):
        return scores.argsort()

    found = select_detections(boxes, scores, (200, 200), nms=worst_first, limit=3)
    torch.testing.assert_close(found["scores"], torch.tensor([0.9, 0.7, 0.5]))
    assert torch.equal(found["boxes"], boxes[[1, 3, 2]])
