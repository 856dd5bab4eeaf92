"""Faster R-CNN on scenes that are out of the ordinary: nothing proposed, nothing there, one object that fills the image."""

import pytest
import torch
import torch.nn.functional as F
from small_two_stage import CLASSES, NOTHING, SIZE, TRUTH, maps_of, ours, without_proposals

from coursekit import ops


@pytest.mark.parametrize("targets", [TRUTH, [TRUTH[0], NOTHING], [NOTHING, NOTHING]])
def test_without_proposals_nothing_is_found_and_losses_are_finite(targets):
    model, batch = without_proposals(ours()), maps_of()
    assert [len(boxes) for boxes in model.propose(model.outputs(batch), batch)] == [0, 0]
    for found in model(batch):
        assert found["boxes"].shape == (0, 4) and len(found["labels"]) == len(found["scores"]) == 0
    losses = model.train()(batch, targets)
    sum(losses.values()).backward()
    assert all(loss.isfinite() for loss in losses.values())
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_a_batch_of_background_trains_the_two_questions_of_what_and_no_box():
    losses = ours().train()(maps_of(), [NOTHING, NOTHING])
    assert losses["objectness"] > 0 and losses["class"] > 0
    assert losses["proposal_box"] == 0 and losses["box"] == 0


def test_an_object_that_covers_the_image():
    whole = {"boxes": torch.tensor([[0.0, 0, SIZE[1], SIZE[0]]]), "labels": torch.tensor([1])}
    losses = ours().train()(maps_of(), [whole, whole])
    assert all(loss.isfinite() and loss > 0 for loss in losses.values())


def test_a_perfect_second_stage_finds_the_objects():
    """Whatever the proposals are, right offsets lead to the true boxes: the scale (10, 10, 5, 5) is on both ways."""
    model, batch = ours(class_agnostic=True), maps_of(1)
    proposals = TRUTH[0]["boxes"] + torch.tensor([3.0, -2, -4, 5])
    offsets = ops.encode_boxes(TRUTH[0]["boxes"], proposals, (10.0, 10.0, 5.0, 5.0))
    logits = 30 * F.one_hot(TRUTH[0]["labels"], CLASSES + 1).float()
    model.region_head.forward = lambda pooled: (logits, offsets[:, None])
    found = model.predict_from(model.outputs(batch).pyramid, [proposals], [SIZE])[0]
    order = found["labels"].argsort()
    torch.testing.assert_close(found["boxes"][order], TRUTH[0]["boxes"], rtol=0, atol=1e-3)
    regions = [model.regions(TRUTH[0]["boxes"], TRUTH[0])]
    model.region_head.forward = lambda pooled: (logits.repeat(2, 1), torch.zeros(4, 1, 4))
    assert model.region_losses(model.outputs(batch).pyramid, regions, None)["box"] == 0
