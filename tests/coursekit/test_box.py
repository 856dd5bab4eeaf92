"""Boxes against torchvision, double loops, numerical derivatives and the properties that define them."""

import itertools

import pytest
import torch
from exact_boxes import FORMATS, HEIGHT, OVERLAPS, PEER, WIDTH, exact, random_boxes
from torchvision.models.detection._utils import BoxCoder

from coursekit import ops

# a point, two lines, swapped in x, swapped in y, swapped in both, and one proper box that touches them all
DEGENERATE = torch.tensor(
    [[5, 5, 5, 5], [5, 5, 5, 9], [5, 5, 9, 5], [9, 2, 1, 8], [2, 9, 8, 1], [9, 9, 1, 1], [0, 0, 10, 10]],
    dtype=torch.float64,
)
EMPTY_ROWS = slice(0, 6)


def iou_by_hand(a, b):
    """One pair of Python lists; swapped corners make an empty box."""
    shared = 1.0
    for start, end in ((0, 2), (1, 3)):
        shared *= max(0.0, min(a[end], b[end]) - max(a[start], b[start]))
    areas = [max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) for box in (a, b)]
    union = sum(areas) - shared
    return shared / union if union > 0 else 0.0


def unlikeness(a, b):
    """The paper's v of every pair of proper boxes: how unlike their ratios of width to height are, in [0, 1]."""
    first, second = ((x2 - x1) / (y2 - y1) for x1, y1, x2, y2 in (a.unbind(1), b.unbind(1)))
    return 4 / torch.pi**2 * (first.atan()[:, None] - second.atan()) ** 2


class TestAgainstTorchvision:
    a, b = random_boxes(1000, 1), random_boxes(1000, 2)

    def test_area(self):
        exact(ops.box_area(self.a), PEER.box_area(self.a))

    @pytest.mark.parametrize("name", OVERLAPS)
    def test_overlap_and_its_gradient(self, name):
        gradients = []
        for op in (getattr(ops, name), getattr(PEER, name)):
            a, b = self.a[:200].clone().requires_grad_(), self.b[:200].clone().requires_grad_()
            op(a, b).sum().backward()
            gradients.append((a.grad, b.grad))
        exact(getattr(ops, name)(self.a, self.b), getattr(PEER, name)(self.a, self.b))
        for ours, theirs in zip(*gradients, strict=True):
            exact(ours, theirs)

    @pytest.mark.parametrize(("source", "goal"), list(itertools.product(FORMATS, FORMATS)))
    def test_conversion(self, source, goal):
        for boxes in (self.a, DEGENERATE, self.a.float(), self.a.half(), self.a.long()):
            exact(ops.box_convert(boxes, source, goal), PEER.box_convert(boxes, source, goal))

    def test_conversion_returns_a_copy(self):
        boxes = self.a.clone()
        ops.box_convert(boxes, "xyxy", "xyxy").zero_()
        assert torch.equal(boxes, self.a)

    def test_clip_and_small_boxes(self):
        for boxes in (self.a * 2 - 150, DEGENERATE - 4, (self.a * 2 - 150).long()):
            size = (HEIGHT, WIDTH)
            exact(ops.clip_boxes_to_image(boxes, size), PEER.clip_boxes_to_image(boxes, size))
        for boxes, size in itertools.product((self.a, DEGENERATE), (0.0, 4.0, 30.0)):
            assert torch.equal(ops.remove_small_boxes(boxes, size), PEER.remove_small_boxes(boxes, size))

    @pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0), (1.0, 2.0, 3.0, 4.0)])
    def test_offsets(self, weights):
        coder = BoxCoder(weights)
        offsets = ops.encode_boxes(self.a, self.b, weights)
        exact(offsets, coder.encode_single(self.a, self.b))
        exact(ops.decode_boxes(offsets, self.b, weights), coder.decode_single(offsets, self.b))
        exact(ops.decode_boxes(offsets, self.b, weights, clip=10), self.a)

    def test_decoding_wild_offsets_and_degenerate_proposals(self):
        wild = torch.randn(7, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(3)) * 20
        exact(
            ops.decode_boxes(wild, DEGENERATE), BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(wild, DEGENERATE)
        )
        largest = ops.decode_boxes(
            torch.tensor([[0.0, 0.0, 900.0, 0.0]]), torch.tensor([[0.0, 0.0, 16.0, 16.0]])
        )
        exact(largest, torch.tensor([[8.0 - 500, 0, 8 + 500, 16]]), 1e-3)

    def test_decoding_one_box_a_class(self):
        offsets = torch.randn(5, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
        expected = BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(offsets.reshape(5, 12), self.a[:5])
        exact(ops.decode_boxes(offsets, self.a[:5, None]), expected.reshape(5, 3, 4))

    @pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.int32, torch.int64, torch.uint8])
    def test_types(self, dtype):
        a, b = (boxes[:20].clamp(max=250).to(dtype) for boxes in (self.a, self.b))
        a[:, 2:] += 2
        b[:, 2:] += 2
        assert ops.box_area(a).dtype == (PEER.box_area(a).dtype if a.is_floating_point() else torch.int64)
        # torchvision subtracts before it widens: half precision loses digits there, and uint8 wraps around
        exact(ops.box_area(a).float(), PEER.box_area(a.float()))
        for name in OVERLAPS:
            exact(getattr(ops, name)(a, b), getattr(PEER, name)(a.float(), b.float()))


class TestZeroAreaPolicy:
    def test_area_is_zero_and_never_negative(self):
        assert ops.box_area(DEGENERATE).tolist() == [0] * 6 + [100]

    def test_iou_is_zero_even_with_itself(self):
        iou = ops.box_iou(DEGENERATE, DEGENERATE)
        assert iou[-1, -1] == 1
        assert iou.sum() == 1

    def test_every_degenerate_pair_by_hand(self):
        boxes = torch.cat([DEGENERATE, DEGENERATE + 3, random_boxes(10)])
        expected = [[iou_by_hand(a, b) for b in boxes.tolist()] for a in boxes.tolist()]
        exact(ops.box_iou(boxes, boxes), torch.tensor(expected, dtype=torch.float64))

    @pytest.mark.parametrize("name", OVERLAPS)
    def test_torchvision_agrees_wherever_it_has_an_answer(self, name):
        boxes = torch.cat([DEGENERATE[[0, 1, 2, 6]], random_boxes(20)])  # not swapped
        answer, expected = getattr(ops, name)(boxes, boxes), getattr(PEER, name)(boxes, boxes)
        known = ~expected.isnan()
        exact(answer[known], expected[known])
        assert not known.all(), "the cases must include one that torchvision answers with NaN"
        assert answer.isfinite().all()

    def test_swapped_boxes_span_their_corners_in_the_hull(self):
        swapped, proper = torch.tensor([[100.0, 0, 0, 10]]), torch.tensor([[40.0, 0, 50, 10]])
        assert ops.generalized_box_iou(swapped, proper).item() == pytest.approx(-0.9)
        assert ops.distance_box_iou(swapped, proper).item() == pytest.approx(-(5**2) / (100**2 + 10**2))

    def test_a_point_counts_as_a_square(self):
        point, square, line = torch.tensor([[[1.0, 1, 1, 1]], [[0, 0, 2, 2]], [[0, 1, 2, 1]]]).unbind()
        assert ops.complete_box_iou(point, square).item() == 0
        # half a right angle apart: unlike = (1 / 2)^2, and its weight (1 / 4) / (1 + 1 / 4)
        assert ops.complete_box_iou(point, line).item() == pytest.approx(-1 / 4 * 1 / 5)

    @pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e-12, 1e-7, 1.0, 1e4])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("name", OVERLAPS)
    def test_values_and_gradients_are_finite(self, name, dtype, scale):
        boxes = (torch.cat([DEGENERATE, DEGENERATE + 3]) * scale).to(dtype).requires_grad_()
        answer = getattr(ops, name)(boxes, boxes.detach())
        answer.sum().backward()
        assert answer.isfinite().all() and boxes.grad.isfinite().all()
        lowest = -1.5 if name == "complete_box_iou" else -1
        assert lowest - 1e-6 <= answer.min() and answer.max() <= 1 + 1e-6

    def test_gradient_closes_a_swapped_box(self):
        box = torch.tensor([[100.0, 0, 0, 10]], requires_grad=True)
        ops.generalized_box_iou(box, torch.tensor([[40.0, 0, 50, 10]])).sum().backward()
        assert box.grad[0, 0] < 0 < box.grad[0, 2], "x1 must come down and x2 go up"

    def test_encoding_says_no(self):
        good = DEGENERATE[-1:]
        for bad in DEGENERATE[EMPTY_ROWS]:
            with pytest.raises(ValueError, match="a reference box has no width or height"):
                ops.encode_boxes(bad[None], good)
            with pytest.raises(ValueError, match="a proposal box has no width or height"):
                ops.encode_boxes(good, bad[None])


class TestEmptyInputs:
    none = torch.zeros(0, 4)

    def test_shapes(self):
        some = torch.ones(3, 4)
        for op in (getattr(ops, name) for name in OVERLAPS):
            assert op(self.none, some).shape == (0, 3)
            assert op(some, self.none).shape == (3, 0)
            assert op(self.none, self.none).shape == (0, 0)
        assert ops.box_area(self.none).shape == (0,)
        assert ops.remove_small_boxes(self.none, 1).shape == (0,)
        assert ops.clip_boxes_to_image(self.none, (3, 4)).shape == (0, 4)
        assert ops.box_convert(self.none, "xywh", "cxcywh").shape == (0, 4)
        assert ops.encode_boxes(self.none, self.none).shape == (0, 4)
        assert ops.decode_boxes(self.none, self.none).shape == (0, 4)


class TestGradients:
    a = random_boxes(4, 5).requires_grad_()
    b = (random_boxes(4, 5) + torch.tensor([3.0, -2.0, 7.0, 5.0])).requires_grad_()

    @pytest.mark.parametrize(
        "op",
        [
            ops.box_iou,
            ops.generalized_box_iou,
            ops.distance_box_iou,
            ops.encode_boxes,
            lambda a, b: ops.decode_boxes(a / 300, b),
            lambda a, b: ops.box_area(a) + ops.box_area(b),
            lambda a, b: ops.clip_boxes_to_image(a + b, (311, 507)),
        ],
    )
    def test_gradcheck(self, op):
        assert torch.autograd.gradcheck(op, (self.a, self.b))

    def test_the_weight_of_complete_iou_is_a_constant(self):
        a, b = self.a.detach().clone().requires_grad_(), self.b.detach()
        unlike = unlikeness(a, b)
        weight = (unlike / (1 - ops.box_iou(a, b) + unlike)).detach()

        def with_constant_weight(a):
            return ops.distance_box_iou(a, b) - weight * unlikeness(a, b)

        assert torch.autograd.gradcheck(with_constant_weight, (a,))
        (expected,) = torch.autograd.grad(with_constant_weight(a).sum(), a)
        (answer,) = torch.autograd.grad(ops.complete_box_iou(a, b).sum(), a)
        exact(answer, expected, 1e-12)

    @pytest.mark.parametrize(("source", "goal"), list(itertools.permutations(FORMATS, 2)))
    def test_conversion(self, source, goal):
        assert torch.autograd.gradcheck(lambda a: ops.box_convert(a, source, goal), (self.a,))


def test_unknown_format():
    for formats in (("xyxy", "yxyx"), ("yxyx", "xyxy")):
        with pytest.raises(ValueError, match=r"unknown box format 'yxyx': use one of xyxy, xywh, cxcywh"):
            ops.box_convert(torch.zeros(1, 4), *formats)


def test_clipping_reads_height_first():
    assert ops.clip_boxes_to_image(torch.tensor([[0, 0, 900, 900]]), (20, 70)).tolist() == [[0, 0, 70, 20]]
