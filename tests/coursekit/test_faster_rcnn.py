"""Faster R-CNN: torchvision's own with the same weights, where gradients flow, and scenes that are out of the ordinary."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision_rcnn import as_torchvision, their_answer, witness_of

from coursekit import ops
from coursekit.models import rpn
from coursekit.models.detector import select_detections
from coursekit.models.fast_rcnn import BINS, of_class
from coursekit.models.faster_rcnn import FasterRCNN, pool_aligned
from coursekit.nets.backbone import CHANNELS, STRIDES

CLASSES, CHANNELS_OF_PYRAMID, HIDDEN, SIZE = 3, 8, 16, (96, 128)
TRUTH = [
    {"boxes": torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]]), "labels": torch.tensor([2, 3])},
    {"boxes": torch.tensor([[30.0, 10, 90, 60]]), "labels": torch.tensor([1])},
]
NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}


def ours(kind=FasterRCNN, **options):
    torch.manual_seed(0)
    model = kind(CLASSES, channels=CHANNELS_OF_PYRAMID, hidden=HIDDEN, **options)
    with torch.no_grad():  # opinions: fresh heads say nearly nothing
        for name, parameter in model.named_parameters():
            if "proposer" in name or "region_head" in name or "mask_head" in name:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def maps_of(count=2, size=SIZE, seed=1):
    """Feature maps of the backbone's shapes, of images of `size` (height, width)."""
    random = torch.Generator().manual_seed(seed)
    return [
        {
            c: torch.randn(CHANNELS[c], size[0] // STRIDES[c], size[1] // STRIDES[c], generator=random)
            for c in ("C3", "C4", "C5")
        }
        for _ in range(count)
    ]


def side_by_side(kind):
    """Our model and torchvision's with the same weights, and feature maps of two images."""
    model = ours(kind, pool=as_torchvision)
    return model, witness_of(model), maps_of()


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
    moved = {c: maps.roll(32 // STRIDES[c], 2) for c, maps in features.items()}
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


def without_proposals(model):
    """The model after a first stage whose boxes all lie outside of the image."""
    nn.init.zeros_(model.proposer.offsets.weight)
    with torch.no_grad():
        model.proposer.offsets.bias.copy_(torch.tensor([1e3, 1e3, 0, 0]).repeat(3))
    return model


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
