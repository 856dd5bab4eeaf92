"""Mask R-CNN: torchvision's own with the same weights, which masks are trained, and targets without masks."""

import pytest
import torch
from made_up_detectors import nothing, objects
from small_two_stage import CLASSES, SIZE, maps_of, ours, side_by_side
from small_two_stage import without_proposals as no_proposals
from torchvision.models.detection.roi_heads import paste_masks_in_image, project_masks_on_boxes
from torchvision_rcnn import their_answer

from coursekit import ops
from coursekit.models.mask_rcnn import MaskRCNN, mask_targets

TRUTH = [
    objects(torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]]), torch.tensor([2, 3]), *SIZE),
    objects(torch.tensor([[30.0, 10, 90, 60]]), torch.tensor([1]), *SIZE),
]
NOTHING = nothing(*SIZE)


def test_detections_and_masks_are_those_of_torchvision():
    model, witness, batch = side_by_side(MaskRCNN)
    with torch.no_grad():
        _, expected, _ = their_answer(witness, model.outputs(batch).pyramid, [SIZE] * 2)
        for a, b in zip(model(batch), expected, strict=True):
            assert len(a["boxes"]) > 10 and a["masks"].shape == (len(a["boxes"]), 1, *SIZE)
            for key in ("boxes", "labels", "scores"):
                torch.testing.assert_close(a[key], b[key], rtol=0, atol=1e-4)
            masks = paste_masks_in_image(b["masks"], b["boxes"], SIZE)
            assert masks.std() > 0.05
            torch.testing.assert_close(a["masks"], masks, rtol=0, atol=1e-4)


def as_torchvision(masks, boxes, size):
    """Its targets sample about once a pixel, with the centre of a pixel at 0."""
    return project_masks_on_boxes(masks, boxes, torch.arange(len(boxes)), size)


@pytest.mark.parametrize("targets", [TRUTH, [TRUTH[0], NOTHING]], ids=["objects", "one without"])
def test_the_mask_loss_on_the_same_sample_is_that_of_torchvision(targets):
    model, witness, batch = side_by_side(MaskRCNN)
    witness.train()
    model.crop = as_torchvision
    torch.manual_seed(3)
    losses = model.losses(batch, targets)
    torch.manual_seed(3)
    expected = their_answer(witness, model.outputs(batch).pyramid, [SIZE] * 2, targets)[2]
    assert len(losses) == len(expected) == 5 and losses["mask"] > 0.1
    torch.testing.assert_close(losses["mask"], expected["loss_mask"], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(sum(losses.values()), sum(expected.values()), rtol=1e-4, atol=1e-5)


def regions_of(model, target=TRUTH[0]):
    """Objects and background of one image."""
    background = torch.tensor([[0.0, 60, 30, 90], [100, 0, 120, 20]])
    return [model.regions(torch.cat([target["boxes"], background]), target)]


def test_the_mask_of_the_true_class_alone_is_trained():
    model = ours(MaskRCNN).train()
    target = {key: value[:1] for key, value in TRUTH[0].items()}  # of class 2
    losses = model.region_losses(model.outputs(maps_of(1)).pyramid, regions_of(model, target), [target])
    losses["mask"].backward()
    by_class = model.mask_head[-1].weight.grad.abs().flatten(1).sum(1)
    assert (by_class > 0).tolist() == [False, True, False]


def test_the_parts_of_the_mask_branch_can_be_replaced():
    called = []

    def told(name, answer):
        return lambda *arguments: called.append(name) or answer(*arguments)

    model = ours(
        MaskRCNN,
        crop=told("crop", mask_targets),
        mask_loss=told("loss", lambda logits, wanted, labels: logits.sum() * 0 + 7),
        choose=told("choose", lambda logits, labels: torch.ones(len(labels), 1, 28, 28)),
        paste=told("paste", lambda masks, boxes, size: masks.mean((2, 3), keepdim=True).expand(-1, 1, *size)),
    )
    pyramid = model.outputs(maps_of(1)).pyramid
    assert model.region_losses(pyramid, regions_of(model), TRUTH[:1])["mask"] == 7
    found = model.predict_from(pyramid, [TRUTH[0]["boxes"]], [SIZE])[0]
    assert found["masks"].shape == (len(found["labels"]), 1, *SIZE) and (found["masks"] == 1).all()
    assert called == ["crop", "loss", "choose", "paste"]


def test_background_has_no_mask():
    """The logits of the mask are made, and trained, for the regions on objects only."""
    model, counts = ours(MaskRCNN).train(), []
    regions = regions_of(model)
    model.mask_head.register_forward_hook(lambda module, inputs, output: counts.append(len(output)))
    model.region_losses(model.outputs(maps_of(1)).pyramid, regions, TRUTH[:1])
    assert counts == [int((regions[0].labels > 0).sum())] and counts[0] < len(regions[0].labels)


def test_right_masks_cannot_be_bettered_and_are_pasted_in_their_place():
    model, pyramid = ours(MaskRCNN), ours(MaskRCNN).outputs(maps_of(1)).pyramid
    target, boxes = TRUTH[0], TRUTH[0]["boxes"]
    regions = [model.regions(torch.zeros(0, 4), target)]
    right = mask_targets(target["masks"], boxes, 28)  # all of each box
    logits = torch.logit(right, eps=1e-6)[:, None].repeat(1, CLASSES, 1, 1).requires_grad_()
    model.mask_logits = lambda pyramid, boxes: logits
    (gradient,) = torch.autograd.grad(model.region_losses(pyramid, regions, [target])["mask"], logits)
    assert gradient.abs().max() < 1e-8
    scores = torch.full((2, CLASSES + 1), -30.0)
    scores[torch.arange(2), target["labels"]] = 30
    model.region_head.forward = lambda pooled: (scores, torch.zeros(2, CLASSES, 4))
    found = model.predict_from(pyramid, [boxes], [SIZE])[0]
    overlap = ops.mask_iou(found["masks"][:, 0] > 0.5, target["masks"])
    assert overlap.amax(1).min() > 0.85  # pasting rounds boxes to whole pixels


def test_a_target_is_what_of_each_cell_the_object_covers():
    """An average of 2 x 2 samples, against counting the pixels of cells that hold whole ones."""
    torch.manual_seed(0)
    mask = torch.rand(1, 24, 32) > 0.5
    box = torch.tensor([[4.0, 2, 28, 18]])
    counted = mask[0, 2:18, 4:28].float().view(8, 2, 8, 3).mean((1, 3))
    sampled = mask_targets(mask, torch.tensor([[4.0, 2, 20, 18]]), 8)[0]
    torch.testing.assert_close(sampled, mask[0, 2:18, 4:20].float().view(8, 2, 8, 2).mean((1, 3)))
    assert (mask_targets(mask, box, 8)[0] - counted).abs().max() < 0.5
    assert mask_targets(mask[:0], box[:0], 8).shape == (0, 8, 8)


@pytest.mark.parametrize("bins", [7, 14, 28])
def test_masks_of_any_fineness(bins):
    model = ours(MaskRCNN, mask_bins=bins)
    losses = model.train()(maps_of(), TRUTH)
    assert losses["mask"].isfinite()
    logits = model.mask_logits(model.outputs(maps_of(1)).pyramid, [TRUTH[0]["boxes"]])
    assert logits.shape == (2, CLASSES, 2 * bins, 2 * bins)


def test_a_detector_that_finds_nothing_has_no_masks():
    for found in no_proposals(ours(MaskRCNN))(maps_of()):
        assert found["boxes"].shape == (0, 4) and found["masks"].shape == (0, 1, *SIZE)


@pytest.mark.parametrize("targets", [[NOTHING, NOTHING], [TRUTH[0], NOTHING]])
def test_without_proposals_and_without_objects_all_is_finite(targets):
    for model in (ours(MaskRCNN), no_proposals(ours(MaskRCNN))):
        losses = model.train()(maps_of(), targets)
        sum(losses.values()).backward()
        assert all(loss.isfinite() for loss in losses.values())
        assert (losses["mask"] > 0) == any(len(target["boxes"]) for target in targets)
        assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_an_object_that_covers_the_image():
    whole = objects(torch.tensor([[0.0, 0, SIZE[1], SIZE[0]]]), torch.tensor([1]), *SIZE)
    losses = ours(MaskRCNN).train()(maps_of(), [whole, whole])
    assert all(loss.isfinite() and loss > 0 for loss in losses.values())


@pytest.mark.parametrize(
    "masks, sentence",
    [
        (None, "target 1 has no 'masks': Mask R-CNN learns from masks"),
        (
            torch.zeros(1, 48, 64, dtype=torch.bool),
            r"masks of image 1 are \(48, 64\) but the image is \(96, 128\)",
        ),
        (torch.zeros(2, *SIZE, dtype=torch.bool), "1 boxes but 2 rows of masks"),
        (torch.zeros(1, *SIZE), "float32: make it bool"),
    ],
)
def test_bad_masks_in_words(masks, sentence):
    bad = {key: value for key, value in TRUTH[1].items() if key != "masks"}
    bad |= {} if masks is None else {"masks": masks}
    with pytest.raises(ValueError, match=sentence):
        ours(MaskRCNN).train()(maps_of(), [TRUTH[0], bad])
