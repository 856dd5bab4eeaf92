"""RetinaNet: what it says before training, the order of its anchors, and its loss against torchvision's."""

import math

import pytest
import torch
from torchvision.ops import generalized_box_iou_loss, sigmoid_focal_loss

from coursekit import ops
from coursekit.models.retinanet import RetinaNet, RetinaNetOutputs, anchors_of, prior_bias
from coursekit.nets.efficientnet import EfficientNetLite0

TRUTH = {"boxes": torch.tensor([[8.0, 8, 40, 40], [50, 20, 90, 92]]), "labels": torch.tensor([2, 3])}
NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}


def retinanet(**options):
    torch.manual_seed(0)
    return RetinaNet(3, **options)


def maps_of(height, width):
    torch.manual_seed(1)
    levels = ("C3", "C4", "C5")
    return {
        c: torch.randn(
            EfficientNetLite0.channels[c],
            height // EfficientNetLite0.strides[c],
            width // EfficientNetLite0.strides[c],
        )
        for c in levels
    }


def test_before_training_every_anchor_says_nothing_here():
    logits = retinanet().eval().outputs([maps_of(192, 192)]).logits
    assert abs(logits.sigmoid().mean().item() - 0.01) < 1e-3
    assert prior_bias(0.01) == pytest.approx(-math.log(99))
    assert retinanet().eval()([maps_of(192, 192)])[0]["scores"].numel() == 0


def test_the_prior_keeps_the_first_loss_small():
    loss = retinanet().train()([maps_of(96, 96)] * 2, [TRUTH, TRUTH])["class"]
    without = retinanet()
    torch.nn.init.zeros_(without.class_head.last.bias)
    assert loss < 3 < 10 < without.train()([maps_of(96, 96)] * 2, [TRUTH, TRUTH])["class"]


def test_one_row_for_each_anchor_in_the_order_of_the_anchors():
    """A bright cell changes most what the anchors around it say, at each level."""
    model, features = retinanet().eval(), maps_of(96, 192)
    logits, offsets, anchors = model.outputs([features])
    assert logits.shape == (1, len(anchors), 3) and offsets.shape == (1, len(anchors), 4)
    for level, stride in (("C3", 8), ("C4", 16), ("C5", 32)):
        changed = {c: maps.clone() for c, maps in features.items()}
        changed[level][:, 1, -2] += 100
        moved = (model.outputs([changed]).logits - logits)[0].abs().sum(1)
        first, last = levels_of(anchors, features)[level]
        nearest = anchors[first:last][moved[first:last].argmax()]
        centre = (nearest[:2] + nearest[2:]) / 2
        expected = torch.tensor([192 - 1.5 * stride, 1.5 * stride])
        assert (centre - expected).abs().max() <= 2 * stride, level


def levels_of(anchors, features):
    """The first and the last row of each level."""
    cells = {level: maps[0].numel() for level, maps in features.items()}
    each, first, places = len(anchors) // sum(cells.values()), 0, {}
    for level, count in cells.items():
        places[level] = (first, first + each * count)
        first += each * count
    return places


def test_the_anchors_of_a_level_grow_with_its_stride():
    pyramid = {f"P{k}": torch.zeros(1, 1, 192 // 2**k, 192 // 2**k) for k in (3, 4, 5)}
    anchors = anchors_of(pyramid, {"P3": 8, "P4": 16, "P5": 32})
    places = levels_of(anchors, {f"C{k[1]}": maps[0] for k, maps in pyramid.items()})
    areas = [ops.box_area(anchors[first:last]).mean() for first, last in places.values()]
    torch.testing.assert_close(torch.stack(areas) / areas[0], torch.tensor([1.0, 4, 16]))


def test_the_losses_equal_those_of_torchvision_summed_by_a_loop():
    model, features = retinanet().eval(), [maps_of(96, 96), maps_of(96, 96)]
    torch.nn.init.normal_(model.class_head.last.bias)
    logits, offsets, anchors = model.outputs(features)
    class_sum, box_sum, count = 0, 0, 0
    for n, target in enumerate((TRUTH, NOTHING)):
        match = ops.match_by_iou(ops.box_iou(target["boxes"], anchors), 0.5, 0.4, True)
        for a in range(len(anchors)):
            if not (match.positive[a] or match.negative[a]):
                continue
            wanted = torch.zeros(3)
            if match.positive[a]:
                g = match.target[a]
                wanted[target["labels"][g] - 1], count = 1, count + 1
                box = ops.decode_boxes(offsets[n, a], anchors[a])
                box_sum += generalized_box_iou_loss(box, target["boxes"][g])
            class_sum += sigmoid_focal_loss(logits[n, a], wanted, reduction="sum")
    losses = model.losses(features, [TRUTH, NOTHING])
    torch.testing.assert_close(losses["class"], class_sum / count, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(losses["box"], box_sum / count, rtol=1e-4, atol=1e-4)


def test_a_perfect_answer_costs_nothing_and_is_detected():
    model, features = retinanet().eval(), maps_of(96, 96)
    start = model.outputs([features])
    iou = ops.box_iou(TRUTH["boxes"], start.anchors)
    match = ops.match_by_iou(iou, 0.5, 0.4, True)
    logits = torch.full_like(start.logits, -30.0)
    logits[0, match.positive, TRUTH["labels"][match.target[match.positive]] - 1] = 30
    offsets = ops.encode_boxes(TRUTH["boxes"][match.target], start.anchors)[None]
    model.outputs = lambda batch: RetinaNetOutputs(logits, offsets, start.anchors)
    assert all(loss < 1e-4 for loss in model.losses([features], [TRUTH]).values())
    found = model.predict([features])[0]
    order = found["labels"].argsort()
    assert found["labels"][order].tolist() == [2, 3]
    torch.testing.assert_close(found["boxes"][order], TRUTH["boxes"], rtol=1e-4, atol=1e-3)


def test_the_head_is_shared_by_all_levels():
    model = retinanet()
    names = {name for name, _ in model.named_parameters() if "head" in name}
    assert names and not any(
        level in name for name in names for level in ("C3", "C4", "C5", "P3", "P4", "P5")
    )
