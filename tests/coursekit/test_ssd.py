"""SSD: which negatives are trained on, which boxes are forced, and that the boxes fit their predictors."""

from types import SimpleNamespace

import torch
import torchvision.models.detection.ssd as peer
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models.detection._utils import BoxCoder, SSDMatcher

from coursekit import ops
from coursekit.models.ssd import (
    MAPS,
    OFFSET_WEIGHTS,
    SSD,
    SSDOutputs,
    default_boxes_of,
    hard_negatives,
    match_default_boxes,
)
from coursekit.nets.efficientnet import EfficientNetLite0


def hard_negatives_by_loop(losses, match, ratio):
    """Go through the boxes from the largest loss and take negatives until there are enough."""
    taken, wanted = [False] * len(losses), ratio * sum(match.positive.tolist())
    for i in sorted(range(len(losses)), key=lambda i: -losses[i].item()):
        if match.negative[i] and sum(taken) < wanted:
            taken[i] = True
    return taken


boxes = st.lists(
    st.tuples(st.integers(0, 2), st.floats(0, 10, width=32)),
    min_size=1,
    max_size=30,
    unique_by=lambda x: x[1],
)


@given(boxes, st.integers(0, 4))
def test_hard_negatives_equal_a_loop(rows, ratio):
    kind, losses = torch.tensor([k for k, _ in rows]), torch.tensor([loss for _, loss in rows])
    match = ops.Match(torch.zeros_like(kind), kind == 1, kind == 2)  # 0 is ignored
    assert hard_negatives(losses, match, ratio).tolist() == hard_negatives_by_loop(losses, match, ratio)


def test_every_object_has_a_default_box_however_little_they_overlap():
    model = SSD(3).eval()
    features = maps_of_a_square(96)
    boxes = model.outputs([features]).boxes
    thin = torch.tensor([[3.0, 3, 90, 7], [50, 10, 53, 13], [10, 5, 14, 80]])
    iou = ops.box_iou(thin, boxes)
    assert iou.max() < 0.5
    match = match_default_boxes(iou)
    assert match.positive.sum() == 3 and set(match.target[match.positive].tolist()) == {0, 1, 2}
    assert not (match.positive & match.negative).any()


def maps_of_a_square(side):
    strides = {"C3": 8, "C4": 16, "C5": 32}
    return {
        level: torch.randn(EfficientNetLite0.channels[level], side // s, side // s)
        for level, s in strides.items()
    }


def test_a_predictor_sees_the_place_of_its_default_boxes():
    """The rows of the logits and the default boxes have the same order: map, row, column, box."""
    torch.manual_seed(0)
    model, features = SSD(3).eval(), maps_of_a_square(96)
    before = model.outputs([features])
    features["C3"][:, 2, 9] += 100  # the cell around x = 76, y = 20
    after = model.outputs([features])
    moved = (after.logits - before.logits)[0].abs().sum(1)[: 12 * 12 * 4]
    centre = before.boxes[moved.argmax(), :2] / 2 + before.boxes[moved.argmax(), 2:] / 2
    assert (centre - torch.tensor([76.0, 20])).abs().max() <= 8  # at most one cell away


def test_the_default_boxes_fit_a_wide_image_too():
    maps = {level: torch.zeros(1, 1, 96 // 2**k, 192 // 2**k) for k, level in enumerate(MAPS, 3)}
    boxes = default_boxes_of(maps, (96, 192))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert (centres.amin(0) > 0).all() and (centres.amax(0) < torch.tensor([192.0, 96.0])).all()
    assert ((centres[:, 0] > 96).sum() - (centres[:, 0] < 96).sum()).abs() <= 8


def test_the_loss_of_a_perfect_answer_is_nothing_and_of_a_wrong_class_much():
    model, truth = SSD(3), {"boxes": torch.tensor([[8.0, 8, 40, 40]]), "labels": torch.tensor([2])}
    features = maps_of_a_square(96)
    start = model.eval().outputs([features])
    match = match_default_boxes(ops.box_iou(truth["boxes"], start.boxes))
    logits = torch.full_like(start.logits, -20.0)
    logits[0, match.positive, 2] = 20
    logits[0, ~match.positive, 0] = 20
    offsets = ops.encode_boxes(truth["boxes"].expand(len(start.boxes), -1), start.boxes, OFFSET_WEIGHTS)[None]
    model.outputs = lambda batch: SSDOutputs(logits, offsets, start.boxes)
    losses = model.losses([features], [truth])
    assert losses["class"] < 1e-6 and losses["box"] < 1e-6
    found = model.predict([features])[0]
    assert found["labels"].tolist() == [2]
    torch.testing.assert_close(found["boxes"], truth["boxes"], rtol=1e-4, atol=1e-3)
    wrong = model.losses([features], [truth | {"labels": torch.tensor([1])}])
    torch.testing.assert_close(wrong["class"], torch.tensor(40.0))


def test_the_losses_equal_those_of_torchvision():
    """Its matcher, its coder and its choice of negatives; an image with two objects and one without any."""
    torch.manual_seed(0)
    model, features = SSD(3).eval(), [maps_of_a_square(96), maps_of_a_square(96)]
    boxes = torch.tensor([[8.0, 8, 40, 40], [50, 20, 90, 92]])
    targets = [
        {"boxes": boxes, "labels": torch.tensor([2, 3])},
        {"boxes": boxes[:0], "labels": torch.zeros(0, dtype=torch.int64)},
    ]
    logits, offsets, default = model.outputs(features)
    nobody = torch.full((len(default),), -1)
    matched = [SSDMatcher(0.5)(ops.box_iou(boxes, default)), nobody]
    witness = SimpleNamespace(box_coder=BoxCoder(OFFSET_WEIGHTS), neg_to_pos_ratio=3)
    outputs = {"bbox_regression": offsets, "cls_logits": logits}
    theirs = peer.SSD.compute_loss(witness, targets, outputs, [default, default], matched)
    ours = model.losses(features, targets)
    torch.testing.assert_close(ours["class"], theirs["classification"])
    torch.testing.assert_close(ours["box"], theirs["bbox_regression"])


def test_three_negatives_for_each_positive_are_trained_on():
    model, counts = SSD(3), []

    def mine(losses, match):
        chosen = hard_negatives(losses, match)
        counts.append((int(match.positive.sum()), int(chosen.sum())))
        assert all(loss >= losses[match.negative & ~chosen].max() for loss in losses[chosen])
        return chosen

    model.mine = mine
    truth = {"boxes": torch.tensor([[8.0, 8, 40, 40]]), "labels": torch.tensor([2])}
    nothing = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    model.train()([maps_of_a_square(96), maps_of_a_square(96)], [truth, nothing])
    assert counts[0][1] == 3 * counts[0][0] > 0 and counts[1] == (0, 0)


def test_a_students_coder_is_used_both_ways():
    calls = []

    def encode(*arguments):
        calls.append("encode")
        return ops.encode_boxes(*arguments)

    def decode(*arguments):
        calls.append("decode")
        return ops.decode_boxes(*arguments)

    torch.manual_seed(0)
    model, features = SSD(3, coder=(encode, decode)), [maps_of_a_square(96)]
    truth = [{"boxes": torch.tensor([[8.0, 8, 40, 40]]), "labels": torch.tensor([2])}]
    torch.manual_seed(0)
    expected = SSD(3)
    assert model.train()(features, truth) == expected.train()(features, truth)
    found, there = model.eval()(features)[0], expected.eval()(features)[0]
    assert torch.equal(found["boxes"], there["boxes"]) and calls == ["encode", "decode"]
