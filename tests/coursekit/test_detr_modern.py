"""Each change from the DETR of 2020 to the modern one, and what both have in common."""

import pytest
import torch
from made_up_detectors import detector, nothing, scene, talkative
from torchvision import ops as witness

from coursekit.models.box_queries import pool_boxes, spread_boxes
from coursekit.models.detr_modern import ModernDETR, focal_class_loss, focal_cost
from coursekit.models.set_prediction import (
    Truth,
    corners,
    in_pixels,
)

OFF = {"refine": False, "loss": "softmax", "look": "everywhere", "fine": False, "denoising": 0}
CHANGES = [
    {},
    {"refine": True},
    {"loss": "focal"},
    {"fine": True},
    {"refine": True, "spread": False},
    {"refine": True, "look": "box"},
    {"refine": True, "denoising": 2},
]
IMAGES, TARGETS = map(list, zip(scene(0), scene(1), strict=True))
TRUTH = [
    Truth(torch.tensor([2, 1]), torch.tensor([[0.3, 0.4, 0.2, 0.3], [0.6, 0.6, 0.4, 0.2]])),
    Truth(torch.tensor([3]), torch.tensor([[0.5, 0.5, 0.1, 0.1]])),
]


def test_without_the_changes_it_is_the_detr_of_2020():
    old, new = detector("DETR").train(), detector("ModernDETR", **OFF).train()
    names = {"heads.0": "head", ".layer.": "."}
    renamed = {}
    for name, value in new.state_dict().items():
        for theirs, ours in names.items():
            name = name.replace(theirs, ours)
        renamed[name] = value
    old.load_state_dict(renamed)
    assert old(IMAGES, TARGETS) == new(IMAGES, TARGETS)
    for a, b in zip(old.eval()(IMAGES), new.eval()(IMAGES), strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_each_change_alone_trains_and_predicts(change):
    model = detector("ModernDETR", **(OFF | change)).train()
    losses = model(IMAGES, TARGETS)
    sum(losses.values()).backward()
    assert all(p.grad is not None for n, p in model.named_parameters() if not n.startswith("backbone"))
    found = model.eval()(IMAGES)
    assert all(len(each["boxes"]) == (60 if "loss" in change else 20) for each in found)


def test_the_options_that_need_boxes_say_so():
    for options in ({"refine": False}, {"refine": False, "look": "everywhere"}):
        with pytest.raises(ValueError, match="Queries that are not boxes have nothing to look into"):
            ModernDETR(3, **options)
    with pytest.raises(ValueError, match="loss is 'dice': use 'focal' or 'softmax'"):
        ModernDETR(3, loss="dice")
    with pytest.raises(ValueError, match="look is 'up': use 'box' or 'everywhere'"):
        ModernDETR(3, look="up")


def test_the_cost_of_the_focal_form_by_hand():
    logits = torch.tensor([[1.0, -2.0, 0.5], [0.0, 0.3, -1.0]])
    boxes = torch.tensor([[0.3, 0.3, 0.2, 0.2], [0.5, 0.6, 0.3, 0.1]])
    labels, true_boxes = TRUTH[0]
    table = focal_cost(logits, boxes, labels, true_boxes)
    for g in range(2):
        for q in range(2):
            p = logits[q, labels[g] - 1].sigmoid()
            focal = -0.25 * (1 - p) ** 2 * p.log() + 0.75 * p**2 * (1 - p).log()
            giou = witness.generalized_box_iou(corners(boxes[q, None]), corners(true_boxes[g, None]))
            expected = 2 * focal + 5 * (boxes[q] - true_boxes[g]).abs().sum() - 2 * giou
            assert table[g, q].item() == pytest.approx(expected.item(), abs=1e-5)


def test_the_focal_loss_of_a_set_by_hand():
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    wanted = torch.zeros(5, 3)
    wanted[1, 2] = wanted[4, 0] = 1
    expected = 2 * witness.sigmoid_focal_loss(logits, wanted, reduction="sum") / 2
    torch.testing.assert_close(focal_class_loss(logits, torch.tensor([0, 3, 0, 0, 1])), expected)


def test_the_first_boxes_are_spread_over_the_image():
    boxes = spread_boxes(20)
    assert (boxes[:, 2:] == 0.25).all() and (boxes[:, :2] > 0).all() and (boxes[:, :2] < 1).all()
    places = torch.rand(2000, 2, generator=torch.Generator().manual_seed(0))
    inside = places[(places - 0.5).norm(dim=1) < 0.475]
    assert torch.cdist(inside, boxes[:, :2]).amin(1).max() < 0.2, "a box begins near every place"
    assert torch.cdist(boxes[:, :2], boxes[:, :2]).fill_diagonal_(1).min() > 0.13
    torch.testing.assert_close(detector("ModernDETR").first.sigmoid(), boxes)


def test_a_box_is_the_one_of_the_layer_before_corrected():
    model = detector("ModernDETR", denoising=0).eval()
    boxes = model.outputs(IMAGES).boxes
    torch.testing.assert_close(boxes[:, 0], spread_boxes(20).expand(3, -1, -1), atol=0.02, rtol=0)
    for head in model.heads:
        torch.nn.init.zeros_(head.box[-1].weight)
    with torch.no_grad():
        model.heads[1].box[-1].bias[:] = torch.tensor([0.2, -0.1, 0.3, 0.0])
    boxes = model.outputs(IMAGES).boxes
    first = spread_boxes(20).expand(2, -1, -1)
    moved = (first.logit() + torch.tensor([0.2, -0.1, 0.3, 0.0])).sigmoid()
    for found, expected in zip(boxes, (first, moved, moved), strict=True):
        torch.testing.assert_close(found, expected)


def test_a_layer_learns_its_own_correction_only():
    model = talkative(detector("ModernDETR", denoising=0)).train()
    for head, layers in ((0, [True, False, False]), (1, [False, True, False])):
        for layer, learns in enumerate(layers):
            model.zero_grad()
            model.outputs(IMAGES).boxes[layer].sum().backward()
            gradient = model.heads[head].box[-1].bias.grad
            assert (gradient is not None and gradient.abs().sum() > 0) == learns


def test_a_query_sees_what_torchvision_pools_from_its_box():
    maps = torch.randn(2, 3, 10, 14, generator=torch.Generator().manual_seed(0))
    boxes = torch.stack([spread_boxes(4), spread_boxes(4).flip(0)])
    expected = witness.roi_align(maps, list(in_pixels(boxes, (10, 14))), 7, sampling_ratio=1, aligned=True)
    torch.testing.assert_close(pool_boxes(maps, boxes), expected.flatten(1).unflatten(0, (2, 4)))


def test_a_query_does_not_see_what_is_outside_of_its_box():
    model = talkative(detector("ModernDETR", decoder_layers=1, denoising=0)).eval()
    with torch.no_grad():
        model.first[:] = torch.tensor([0.2, 0.2, 0.2, 0.2]).logit()
    memory = model.memory([scene(0, 96, 96)[0]])
    changed = memory.clone()
    changed[..., 8:, :] += 1
    before, after = model.decode(memory), model.decode(changed)
    assert torch.equal(before.logits, after.logits) and torch.equal(before.boxes, after.boxes)
    changed[..., :4, :4] += 1
    assert not torch.equal(before.logits, model.decode(changed).logits)


def test_images_without_objects_train():
    losses = detector("ModernDETR").train()(IMAGES, [nothing(), nothing()])
    assert losses["class"] > 0 and losses["box"] == losses["giou"] == 0


def test_nan_is_refused_in_words():
    model = detector("ModernDETR").train()
    torch.nn.init.constant_(model.heads[2].box[-1].bias, torch.nan)
    with pytest.raises(ValueError, match="the cost table has NaN"):
        model(IMAGES, TARGETS)
