"""Operators at odd, empty, huge and damaged input: the right answer, or one sentence that says what is wrong."""

import math

import pytest
import torch
import torch.nn.functional as F
import torchvision
from odd_inputs import try_out
from operator_arguments import METRICS, NOT_TRIED, OPERATORS

from coursekit import metrics, ops
from coursekit.schema import pad, validate

HUGE = torch.tensor([[0.0, 0, 1e18, 1e18]])
WHOLE = torch.tensor([[0, 0, 60_000, 60_000]], dtype=torch.int32)
LOSSES = {
    "sigmoid_focal_loss": lambda f, x, y: f(x, (y > 0).to(y.dtype), reduction="mean"),
    "smooth_l1_loss": lambda f, x, y: f(x, y),
    "dice_loss": lambda f, x, y: f(x, (y > 0).to(y.dtype), reduction="mean"),
    "penalty_reduced_focal_loss": lambda f, x, y: f(x, (y > 0).to(y.dtype)),
}


@pytest.mark.parametrize("name", [*OPERATORS, *METRICS])
def test_spoilt_arguments_give_the_right_answer_or_a_sentence(name):
    assert [said for said, _ in try_out(name, 12)] == []


def test_every_public_function_is_tried():
    functions = {name for module in (ops, metrics) for name in module.__all__ if name.islower()}
    assert functions - NOT_TRIED == OPERATORS.keys() | METRICS.keys()


class TestLosses:
    @pytest.mark.parametrize("name", LOSSES)
    @pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.int64, torch.float64])
    def test_targets_of_any_kind(self, name, dtype):
        logits, targets = torch.tensor([[1.0, -1.0]], requires_grad=True), torch.tensor([[1.0, 0.0]])
        call = LOSSES[name]
        value = call(getattr(ops, name), logits, targets.to(dtype))
        expected = call(getattr(ops, name), logits, targets)
        torch.testing.assert_close(value.float(), expected)
        assert torch.autograd.grad(value, logits)[0].isfinite().all()

    def test_a_focal_loss_that_wrapped_around(self):
        value = ops.sigmoid_focal_loss(torch.tensor([1.0, -1.0]), torch.tensor([1, 0], dtype=torch.uint8))
        expected = torchvision.ops.sigmoid_focal_loss(torch.tensor([1.0, -1.0]), torch.tensor([1.0, 0.0]))
        torch.testing.assert_close(value, expected)

    @pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
    @pytest.mark.parametrize(
        "name", ["sigmoid_focal_loss", "smooth_l1_loss", "generalized_box_iou_loss", "dice_loss"]
    )
    def test_nothing_in_it(self, name, reduction):
        nothing = torch.zeros(0, 4, requires_grad=True)
        loss = getattr(ops, name)(nothing, torch.zeros(0, 4), reduction=reduction)
        assert loss.sum() == 0 and torch.autograd.grad(loss.sum(), nothing)[0].shape == (0, 4)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_sums_in_single_precision(self, dtype):
        everywhere = torch.full((1, 200, 200), 60.0, dtype=dtype)
        targets = torch.ones_like(everywhere)
        assert ops.dice_loss(everywhere, targets) == 0
        assert ops.smooth_l1_loss(everywhere, targets * 0, reduction="sum") == 59.5 * 40_000
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert ops.dice_loss(everywhere.float() @ torch.eye(200), targets.float()).item() < 1e-6

    def test_pixels_that_have_no_channel(self):
        labels = torch.randint(0, 3, (2, 4, 5))
        for dtype in (torch.uint8, torch.int32, torch.int64):
            value = ops.pixel_cross_entropy(torch.arange(120.0).view(2, 3, 4, 5) / 60, labels.to(dtype))
            torch.testing.assert_close(
                value, F.cross_entropy(torch.arange(120.0).view(2, 3, 4, 5) / 60, labels)
            )
        with pytest.raises(ValueError, match=r"a label is neither in 0\.\.2"):
            ops.pixel_cross_entropy(torch.zeros(2, 3, 4, 5), labels + 1)


class TestBoxes:
    def test_areas_beyond_32_bits(self):
        assert ops.box_area(WHOLE).tolist() == [60_000**2]
        assert (
            ops.box_iou(WHOLE, WHOLE).tolist() == ops.paired_box_iou(WHOLE, WHOLE)[None].tolist() == [[1.0]]
        )

    def test_the_stated_range(self):
        far = HUGE + 3e17
        for name in ("box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou"):
            answer, exact = getattr(ops, name)(HUGE, far), getattr(ops, name)(HUGE.double(), far.double())
            torch.testing.assert_close(answer.double(), exact, rtol=1e-5, atol=1e-5)
        assert ops.nms(HUGE.repeat(2, 1), torch.tensor([0.5, 0.6]), 0.5).tolist() == [1]
        with pytest.raises(ValueError, match="beyond 1e18 pixels"):
            ops.nms(HUGE.repeat(2, 1) * 100, torch.tensor([0.5, 0.6]), 0.5)

    def test_small_whole_numbers(self):
        boxes = torch.tensor([[200, 100, 250, 250], [250, 0, 200, 9]], dtype=torch.uint8)
        assert ops.box_convert(boxes, "xywh", "xyxy")[0].tolist() == [200, 100, 450, 350]
        assert ops.remove_small_boxes(boxes, 10).tolist() == [0]  # the other one has swapped corners
        assert ops.clip_boxes_to_image(boxes, (300, 220))[0].tolist() == [200, 100, 220, 250]
        assert ops.match_by_cell(boxes[:1], (256, 256), (2, 2)).positive.tolist() == [
            False,
            False,
            False,
            True,
        ]
        centres = ops.grid_anchors(torch.tensor([[0, 0, 2, 2]]), (1, 1), stride=7)
        assert centres.tolist() == [[3.5, 3.5, 5.5, 5.5]]


class TestMasks:
    def test_channels_of_predictions(self):
        with pytest.raises(ValueError, match=r"`masks` must be a tensor \(N, H, W\)"):
            ops.masks_to_boxes(torch.ones(2, 1, 4, 5))
        with pytest.raises(ValueError, match=r"is torch\.float32 of shape \(4, 5\)"):
            ops.masks_to_boxes(torch.ones(4, 5))

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.uint8])
    def test_kinds_of_pixels(self, dtype):
        mask = (torch.rand(7, 9) < 0.5).to(dtype)
        mask = mask.requires_grad_() if mask.is_floating_point() else mask
        assert torch.equal(ops.rle_decode(ops.rle_encode(mask)), mask.detach() != 0)
        assert ops.mask_iou(mask.detach()[None], mask.detach()[None]).item() == 1

    @pytest.mark.parametrize("far", [1e6, 2e8, 1e18, 1e300, -1e6])
    def test_far_points(self, far):
        with pytest.raises(ValueError, match="malformed polygon: a point lies"):
            ops.polygons_to_mask([[0, 0, far, 0, 5, 5]], (10, 10))

    def test_points_outside_of_the_image(self):
        assert ops.polygons_to_mask([[-9_000, -9_000, 9_000, 0, 0, 9_000]], (3, 3)).all()

    def test_masks_under_autocast(self):
        masks, boxes = torch.rand(2, 1, 9, 9), torch.tensor([[3.0, 2, 30, 40], [0, 0, 300, 200]])
        expected = ops.paste_masks(masks, boxes, (50, 320))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(ops.paste_masks(masks, boxes, (50, 320)), expected)


class TestPooling:
    @pytest.mark.parametrize("pool", [ops.roi_align, ops.roi_pool, ops.crop_and_resize])
    def test_nothing_to_pool(self, pool):
        assert pool(torch.zeros(0, 3, 8, 8), [], (2, 5)).shape == (0, 3, 2, 5)
        assert pool(torch.zeros(2, 3, 8, 8), [[], []], 2).shape == (0, 3, 2, 2)

    def test_regions_without_end(self):
        features, regions = torch.rand(1, 2, 8, 8), torch.tensor([[0.0, 0, 1e9, 4]])
        for far in (regions, regions * 1e11):
            with pytest.raises(ValueError, match="a region is so large that it needs"):
                ops.roi_align(features, [far], 2)
            assert ops.roi_align(features, [far], 2, sampling_ratio=2).isfinite().all()
        with pytest.raises(ValueError, match="spatial scale is nan"):
            ops.roi_align(features, [regions], 2, spatial_scale=math.nan)


def test_targets_and_batches():
    target = {
        "boxes": torch.tensor([[0.0, 0, 9, 9]]),
        "labels": torch.tensor([1]),
        "area": torch.tensor([math.nan]),
    }
    with pytest.raises(ValueError, match="area of image 0 contains NaN"):
        validate([target])
    with pytest.raises(ValueError, match="the stride is 0"):
        pad([torch.ones(3, 4, 4)], stride=0)


class TestHeatMaps:
    def test_not_one_each(self):
        points, one = torch.tensor([[1, 1], [2, 2]]), torch.tensor([0])
        with pytest.raises(ValueError, match="2 points and 1 channels"):
            ops.gaussian_heatmap(points.float(), one, (1, 4, 4), 1.0)
        with pytest.raises(ValueError, match="2 points, 2 radii and 1 labels"):
            ops.draw_gaussians(points, torch.ones(2), one, (1, 4, 4))
        with pytest.raises(ValueError, match="a radius is NaN"):
            ops.draw_gaussians(points, torch.tensor([1.0, math.nan]), torch.tensor([0, 0]), (1, 4, 4))
        with pytest.raises(ValueError, match="`count` must be 0 or more, but is -1"):
            ops.peaks(torch.rand(1, 4, 4), count=-1)

    def test_places_in_half_precision(self):
        heat = torch.zeros(1, 3, 400)
        heat[0, 1, 301] = heat[0, 1, 302] = 1
        for dtype in (torch.bfloat16, torch.float16):
            place = ops.soft_argmax(heat.to(dtype), temperature=90.0)
            torch.testing.assert_close(place, torch.tensor([[301.5, 1.0]]), rtol=0, atol=0.01)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(ops.soft_argmax(heat, 90.0), torch.tensor([[301.5, 1.0]]))
