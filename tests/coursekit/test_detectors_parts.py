"""A student's function in the place of ours: the detector of it is really another."""

import pytest
import torch
from made_up_detectors import detector, scene, talkative

from coursekit import ops
from coursekit.models.detr import detr_cost
from coursekit.models.faster_rcnn import pool_aligned
from coursekit.models.fcos import assign_cells
from coursekit.models.yolo import decode_grid, encode_grid, yolo_loss
from coursekit.models.yolo_modern import match_by_alignment
from coursekit.models.yolox_nano import decode_level

PARTS = {
    "Yolo": {"encode": encode_grid, "decode": decode_grid, "loss": yolo_loss, "nms": ops.batched_nms},
    "YoloModern": {
        "decode": decode_level,
        "match": match_by_alignment,
        "box_loss": ops.generalized_box_iou_loss,
        "nms": ops.batched_nms,
    },
    "RetinaNet": {
        "iou": ops.box_iou,
        "match": ops.match_by_iou,
        "loss": ops.sigmoid_focal_loss,
        "nms": ops.batched_nms,
    },
    "FCOS": {"assign": assign_cells, "nms": ops.batched_nms},
    "SSD": {"match": None, "mine": None, "nms": ops.batched_nms},
    "FasterRCNN": {
        "match": ops.match_by_iou,
        "sample": ops.balanced_sample,
        "pool": pool_aligned,
        "nms": ops.batched_nms,
    },
}
PARTS["CornerNet"] = {
    "pool": ops.corner_pool,
    "draw": ops.draw_gaussians,
    "group": ops.group_corners,
    "nms": ops.batched_nms,
}
PARTS["CenterNet"] = {"draw": ops.draw_gaussians, "peaks": ops.peaks}
PARTS["DETR"] = {"cost": detr_cost, "match": ops.match_by_cost}
PARTS["ModernDETR"] = {"match": ops.match_by_cost}
PARTS["MaskRCNN"] = PARTS["FasterRCNN"]


@pytest.mark.parametrize("name, part", [(name, part) for name, parts in PARTS.items() for part in parts])
def test_a_students_part_is_used(name, part):
    reference = getattr(detector(name), part)
    assert PARTS[name][part] in (None, reference), "the default is the reference function itself"
    calls = []

    def student(*arguments):
        calls.append(len(arguments))
        return reference(*arguments)

    images, targets = map(list, zip(scene(0), scene(1), strict=True))
    model = talkative(detector(name, **{part: student}))
    expected = talkative(detector(name))
    if part in ("nms", "decode", "group", "peaks"):
        found, there = model.eval()(images), expected.eval()(images)
        assert all(torch.equal(a["boxes"], b["boxes"]) for a, b in zip(found, there, strict=True))
    else:
        losses = []
        for each in (model, expected):
            torch.manual_seed(2)  # two-stage models train on a sample
            losses.append(each.train()(images, targets))
        assert losses[0] == losses[1]
    assert calls


@pytest.mark.parametrize("name", [name for name in PARTS if "nms" in PARTS[name]])
def test_the_suppression_of_a_student_decides(name):
    def keep_the_last(boxes, scores, classes, threshold):
        if threshold > 0.5:  # among the proposals of a two-stage model
            return ops.batched_nms(boxes, scores, classes, threshold)
        return torch.tensor([len(boxes) - 1])

    usual = talkative(detector(name)).eval()([scene(0)[0]])[0]
    one = talkative(detector(name, nms=keep_the_last)).eval()([scene(0)[0]])[0]
    assert len(usual["scores"]) > 1 == len(one["scores"]) and one["scores"] <= usual["scores"].min()
