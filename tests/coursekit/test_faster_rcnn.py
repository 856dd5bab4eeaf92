"""Faster R-CNN: torchvision's own with the same weights, where gradients flow, and scenes that are out of the ordinary."""

import pytest
import torch
from small_two_stage import CLASSES, NOTHING, SIZE, TRUTH, maps_of, ours, side_by_side
from torchvision_rcnn import as_torchvision, their_answer

from coursekit import ops
from coursekit.models import rpn
from coursekit.models.detector import select_detections
from coursekit.models.fast_rcnn import BINS, of_class
from coursekit.models.faster_rcnn import FasterRCNN, pool_aligned
from coursekit.nets.efficientnet import EfficientNetLite0


def test_proposals_and_detections_are_those_of_torchvision():
    model, witness, batch = side_by_side(FasterRCNN)
    with torch.no_grad():
        outputs = model.outputs(batch)
        proposals, found, _ = their_answer(witness, outputs.pyramid, [SIZE] * 2)
        for a, b in zip(model.propose(outputs, batch), proposals, strict=True):
            assert len(a) > 20
            torch.testing.assert_close(a, b, rtol=0, atol=1e-4)
        for a, b in zip(model(batch), found, strict=True):
            assert len(a["boxes"]) > 10 and len(a["labels"].unique()) > 1
            for key in ("boxes", "labels", "scores"):
                torch.testing.assert_close(a[key], b[key], rtol=0, atol=1e-4)


@pytest.mark.parametrize("targets", [TRUTH, [TRUTH[0], NOTHING]], ids=["objects", "one without"])
def test_losses_and_gradients_on_the_same_sample_are_those_of_torchvision(targets):
    model, witness, batch = side_by_side(FasterRCNN)
    witness.train()
    torch.manual_seed(3)
    losses = model.losses(batch, targets)
    torch.manual_seed(3)  # our samples are drawn in the same order, so they are the same
    pyramid = model.outputs(batch).pyramid
    expected = their_answer(witness, pyramid, [SIZE] * 2, targets)[2]
    names = {
        "objectness": "loss_objectness",
        "proposal_box": "loss_rpn_box_reg",
        "class": "loss_classifier",
        "box": "loss_box_reg",
    }
    assert losses.keys() == names.keys()
    for name, their_name in names.items():
        assert losses[name] > 0
        torch.testing.assert_close(losses[name], expected[their_name], rtol=1e-4, atol=1e-5)
    sum(losses.values()).backward()
    sum(expected.values()).backward()
    ours_, theirs_ = model.proposer.shared.weight.grad, witness.rpn.head.conv[0][0].weight.grad
    torch.testing.assert_close(ours_, theirs_, rtol=1e-3, atol=1e-6)
    ours_, theirs_ = model.region_head.layers[1].weight.grad, witness.roi_heads.box_head[1].weight.grad
    torch.testing.assert_close(ours_, theirs_, rtol=1e-3, atol=1e-6)


def test_our_default_bins_lie_half_a_cell_from_torchvisions():
    """What is pooled from a ramp over the map differs by half a cell's step."""
    ramp = torch.arange(16.0).expand(1, 1, 16, 16).contiguous()
    boxes = [torch.tensor([[24.0, 24.0, 80.0, 80.0]])]
    difference = as_torchvision(ramp, boxes, BINS, 1 / 8) - pool_aligned(ramp, boxes, BINS, 1 / 8)
    torch.testing.assert_close(difference, torch.full_like(difference, 0.5))


def test_no_gradient_goes_through_the_proposals():
    model, batch = ours().train(), maps_of()
    outputs = model.outputs(batch)
    proposals = model.propose(outputs, batch)
    assert outputs.rpn.offsets.requires_grad and not any(boxes.requires_grad for boxes in proposals)
    regions = [model.regions(*image) for image in zip(proposals, TRUTH, strict=True)]
    sum(model.region_losses(outputs.pyramid, regions, TRUTH).values()).backward()
    assert all(parameter.grad is None for parameter in model.proposer.parameters())
    assert model.pyramid.lateral["C3"].weight.grad.abs().sum() > 0


def test_both_stages_train_the_pyramid():
    model, batch = ours().train(), maps_of()
    gradients = {}
    for name, loss in model(batch, TRUTH).items():
        gradients[name] = torch.autograd.grad(loss, model.pyramid.lateral["C5"].weight, retain_graph=True)[0]
    assert all(gradient.abs().sum() > 0 for gradient in gradients.values()) and len(gradients) == 4


def gradients_of_the_second_stage(model, regions, loss):
    """The gradient of a loss with respect to the class logits and the offsets of each region."""
    said = []

    def keep(module, inputs, outputs):
        said.extend(outputs)
        for output in outputs:
            output.retain_grad()

    handle = model.region_head.register_forward_hook(keep)
    model.region_losses(model.outputs(maps_of(1)).pyramid, regions, None)[loss].backward()
    handle.remove()
    return [None if output.grad is None else output.grad.flatten(1).abs().sum(1) for output in said]


def test_background_trains_the_class_and_not_the_box():
    model = ours().train()
    regions = [model.regions(torch.tensor([[60.0, 50, 90, 80], [0, 60, 30, 90]]), TRUTH[0])]
    background = regions[0].labels == 0
    assert background.any() and not background.all()
    classes, _ = gradients_of_the_second_stage(model, regions, "class")
    assert (classes > 0).all()
    _, offsets = gradients_of_the_second_stage(model, regions, "box")
    assert (offsets[background] == 0).all() and (offsets[~background] > 0).all()


def test_the_box_of_the_true_class_alone_is_trained():
    model = ours().train()
    regions = [model.regions(torch.zeros(0, 4), {key: value[:1] for key, value in TRUTH[0].items()})]
    offsets = model.region_head.offsets
    model.region_losses(model.outputs(maps_of(1)).pyramid, regions, None)["box"].backward()
    by_class = offsets.bias.grad.view(CLASSES, 4).abs().sum(1)
    assert (by_class > 0).tolist() == [False, True, False]


def test_of_the_anchors_only_the_sampled_ones_are_trained_and_between_the_thresholds_none():
    model, batch = ours().train(), maps_of()
    said = model.outputs(batch).rpn
    said = rpn.RPNOutputs(*(part.detach().requires_grad_(part.is_floating_point()) for part in said))
    losses = model.proposal_losses(said, TRUTH)
    (objectness,) = torch.autograd.grad(losses["objectness"], said.objectness)
    (offsets,) = torch.autograd.grad(losses["proposal_box"], said.offsets)
    assert ((objectness != 0).sum(1) == rpn.SAMPLE[0]).all()
    for n, target in enumerate(TRUTH):
        match = ops.match_by_iou(ops.box_iou(target["boxes"], said.anchors), *rpn.MATCH)
        ignored = ~(match.positive | match.negative)
        assert ignored.any() and not objectness[n, ignored].any()
        assert not offsets[n, ~match.positive].any() and offsets[n, match.positive].any()


def test_a_sample_of_regions_holds_the_true_boxes_and_mostly_background():
    model, random = ours(), torch.Generator().manual_seed(0)
    corner = 80 * torch.rand(400, 2, generator=random)
    proposals = torch.cat([corner, corner + 8 + 40 * torch.rand(400, 2, generator=random)], 1)
    regions = model.regions(proposals, TRUTH[0])
    assert len(regions.boxes) == 32 and 0 < (regions.labels > 0).sum() <= 8
    found = regions.labels > 0
    assert torch.equal(regions.labels[found], TRUTH[0]["labels"][regions.objects[found]])
    assert torch.equal(regions.truth[found], TRUTH[0]["boxes"][regions.objects[found]])
    assert (ops.box_iou(TRUTH[0]["boxes"], regions.boxes).amax(0) >= 0.5).eq(found).all()
    alone = model.regions(torch.zeros(0, 4), TRUTH[0])
    assert torch.equal(alone.boxes, TRUTH[0]["boxes"]) and torch.equal(alone.labels, TRUTH[0]["labels"])


def test_proposals_are_inside_the_image_and_overlap_little_on_a_level():
    model, batch = ours(), maps_of()
    for boxes in model.propose(model.outputs(batch), batch):
        assert len(boxes) <= rpn.PROPOSALS
        torch.testing.assert_close(boxes, ops.clip_boxes_to_image(boxes, SIZE), rtol=0, atol=0)
        assert (boxes[:, 2:] - boxes[:, :2] >= rpn.SMALLEST).all()


def test_features_that_move_by_a_cell_move_the_proposals_by_a_stride():
    """The network is equivariant, away from the border: what it says moves with the image."""
    model, (features,) = ours(), maps_of(1, (384, 384))
    moved = {c: maps.roll(32 // EfficientNetLite0.strides[c], 2) for c, maps in features.items()}
    before, after = model.outputs([features]), model.outputs([moved])
    shape, start = (1, 48, 48, 3), 0
    for stride in (8, 16, 32):
        shape = (1, 384 // stride, 384 // stride, 3)
        end, step, edge = start + shape[1] * shape[2] * 3, 32 // stride, 96 // stride
        a, b = (o.rpn.objectness[:, start:end].view(shape) for o in (before, after))
        inside = slice(edge, -edge)
        torch.testing.assert_close(
            b[:, inside, edge + step : -edge], a[:, inside, edge : -edge - step], rtol=1e-4, atol=1e-4
        )
        start = end


def test_the_student_suppresses_in_both_stages():
    thresholds = set()

    def nms(boxes, scores, classes, threshold):
        thresholds.add(threshold)
        return ops.batched_nms(boxes, scores, classes, threshold)

    ours(nms=nms)(maps_of())
    assert thresholds == {0.7, 0.5}


@pytest.mark.parametrize("pool", [ops.roi_align, ops.roi_pool, ops.crop_and_resize])
def test_any_pooling_of_the_course_fits(pool):
    losses = ours(pool=pool).train()(maps_of(), TRUTH)
    assert all(loss.isfinite() for loss in losses.values())


def test_one_box_for_all_classes():
    model = ours(class_agnostic=True)
    assert model.region_head.offsets.out_features == 4
    losses = model.train()(maps_of(), TRUTH)
    sum(losses.values()).backward()
    assert model.region_head.offsets.weight.grad.abs().sum() > 0
    found = model.eval()(maps_of())
    assert all(len(each["boxes"]) for each in found)


def test_a_box_for_each_class_is_the_one_that_is_detected():
    boxes = torch.tensor([[[0.0, 0, 5, 5], [10, 10, 20, 20]]])
    found = select_detections(boxes, torch.tensor([[0.2, 0.7]]), (30, 30))
    assert found["boxes"].tolist() == [[10, 10, 20, 20], [0, 0, 5, 5]] and found["labels"].tolist() == [2, 1]
    assert of_class(boxes, torch.tensor([2])).tolist() == [[10, 10, 20, 20]]
