"""Pooling of regions against torchvision, numbers by hand, and what bilinear means are bound to satisfy."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from pooled import HEIGHT, OPERATORS, STRIDE, WIDTH, maps

from coursekit.ops.pool import crop_and_resize, roi_align, roi_pool
from coursekit.ops.pyramid import pyramid_level, pyramid_roi_align

PEER = torchvision.ops
quick = settings(max_examples=30, deadline=None)


def regions(count=60, images=2, dtype=torch.float32, seed=0):
    """Boxes inside, across and outside the image, of all sizes; the first rows are degenerate."""
    chance = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=chance) * torch.tensor([400.0, 300.0]) - 60
    boxes = torch.cat([corner, corner + torch.rand(count, 2, generator=chance) ** 2 * 300], 1)
    far = [[30, 30, 30, 90], [0, 0, 0, 0], [304, 208, 320, 230], [-90, -90, -40, -40], [900, 900, 950, 990]]
    halves = [
        [8, 24, 40, 56],
        [-8, -24, 40, 72],
        [90, 80, 60, 40],
        [0, 0, 304, 208],
    ]  # round at .5; swapped; whole
    odd = torch.tensor([*far, *halves], dtype=torch.float32)
    boxes[: len(odd)] = odd
    image = torch.randint(0, images, (count, 1), generator=chance)
    return torch.cat([image, boxes], 1).to(dtype)


def answer_and_gradient(pool, input):
    input = input.clone().requires_grad_()
    answer = pool(input)
    direction = torch.randn(answer.shape, generator=torch.Generator().manual_seed(9), dtype=answer.dtype)
    (answer * direction).sum().backward()
    return answer.detach(), input.grad


def agree(ours, peer, input, tolerance):
    for answer, expected in zip(
        answer_and_gradient(ours, input), answer_and_gradient(peer, input), strict=True
    ):
        assert answer.shape == expected.shape and answer.dtype == expected.dtype
        torch.testing.assert_close(answer, expected, rtol=tolerance, atol=tolerance)


class TestAgainstTorchvision:
    @pytest.mark.parametrize("size", [1, 2, 7, (3, 5)])
    def test_roi_pool_to_the_last_bit(self, size):
        for dtype in (torch.float32, torch.float64):
            input, boxes = (maps(dtype=dtype) * 2).round(), regions(dtype=dtype)  # rounded: with ties
            arguments = (boxes, size, 1 / STRIDE)
            agree(lambda x: roi_pool(x, *arguments), lambda x: PEER.roi_pool(x, *arguments), input, 1e-12)  # noqa: B023
            assert torch.equal(roi_pool(input, *arguments), PEER.roi_pool(input, *arguments))

    def test_roi_pool_bins_at_every_length(self):
        """The peer's single precision decides which cell a bin begins in."""
        input, lengths = torch.arange(120.0).repeat(1, 1, 2, 1), torch.arange(120.0)
        boxes = torch.stack([lengths * 0, lengths * 0, lengths * 0, lengths, lengths * 0 + 1], 1)
        for bins in range(1, 17):
            assert torch.equal(roi_pool(input, boxes, (1, bins)), PEER.roi_pool(input, boxes, (1, bins)))

    @pytest.mark.parametrize("aligned", [True, False])
    @pytest.mark.parametrize("ratio", [-1, 0, 1, 2, 3])
    @pytest.mark.parametrize("size", [1, 7, (3, 5)])
    def test_roi_align(self, size, ratio, aligned):
        for dtype, tolerance in ((torch.float32, 1e-5), (torch.float64, 1e-12)):
            arguments = (regions(dtype=dtype), size, 1 / STRIDE, ratio, aligned)
            agree(
                lambda x: roi_align(x, *arguments),  # noqa: B023
                lambda x: PEER.roi_align(x, *arguments),  # noqa: B023
                maps(dtype=dtype),
                tolerance,
            )

    def test_a_list_of_boxes_an_image(self):
        lists = [regions(20)[:, 1:], torch.zeros(0, 4), regions(12, seed=1)[:, 1:]]
        for ours, peer in ((roi_pool, PEER.roi_pool), (roi_align, PEER.roi_align)):
            torch.testing.assert_close(
                ours(maps(3), lists, 4, 0.1), peer(maps(3), lists, 4, 0.1), rtol=0, atol=1e-5
            )

    def test_levels(self):
        boxes = torch.cat([regions(200)[:, 1:], torch.zeros(1, 4)])
        boxes[:, 2:] = torch.maximum(boxes[:, :2], boxes[:, 2:])  # the peer has no answer for swapped corners
        for k_min, k_max, scale, level in ((2, 5, 224, 4), (3, 4, 100, 3), (0, 9, 64, 5)):
            mapper = PEER.poolers.LevelMapper(k_min, k_max, scale, level)
            assert torch.equal(pyramid_level(boxes, k_min, k_max, scale, level), mapper([boxes]))
        powers = 7 * 2.0 ** torch.arange(9)
        squares = torch.stack([powers * 0, powers * 0, powers, powers], 1)
        assert pyramid_level(squares, 2, 5).tolist() == [0, 0, 0, 0, 1, 2, 3, 3, 3]

    def test_a_whole_pyramid(self):
        strides, (height, width) = (4, 8, 16, 32), (192, 320)
        features = [
            torch.randn(
                2, 3, height // stride, width // stride, generator=torch.Generator().manual_seed(stride)
            )
            for stride in strides
        ]
        boxes = [regions(40, seed=image)[:, 1:].abs().sort(1).values for image in (3, 4)]
        peer = PEER.MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2, canonical_scale=100)
        expected = peer({str(k): map for k, map in enumerate(features)}, boxes, [(height, width)] * 2)
        answer = pyramid_roi_align(features, boxes, 7, strides, canonical_scale=100)
        torch.testing.assert_close(answer, expected, rtol=0, atol=1e-5)
        levels = pyramid_level(torch.cat(boxes), 2, 5, 100)
        assert len(levels.unique()) > 2, "the boxes must use several levels"

    def test_half_precision(self):
        input = maps().half()
        answer = roi_align(input, regions(), 3, 1 / STRIDE, 2)
        assert answer.dtype == torch.float16
        expected = PEER.roi_align(input.float(), regions(), 3, 1 / STRIDE, 2)
        torch.testing.assert_close(answer.float(), expected, rtol=0, atol=2e-3)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [0, 2])
def test_gradcheck_of_roi_align(ratio, aligned):
    input = maps(channels=1, dtype=torch.float64)[:, :, :5, :7].contiguous().requires_grad_()
    boxes = torch.tensor([[0.0, 0.3, 0.7, 6.1, 4.2], [1, -2, 1, 4.4, 9], [1, 2, 2, 3, 3]])
    assert torch.autograd.gradcheck(lambda x: roi_align(x, boxes, 2, 1.0, ratio, aligned), (input,))


def test_gradcheck_of_crops_and_pyramids():
    input = maps(channels=1, dtype=torch.float64)[:, :, :4, :6].contiguous().requires_grad_()
    coarse = maps(channels=1, dtype=torch.float64, seed=1)[:, :, :2, :3].contiguous().requires_grad_()
    boxes = torch.tensor([[0.0, 0.3, 0.7, 20.1, 14.2], [1, 2, 1, 4.4, 9]])
    assert torch.autograd.gradcheck(lambda x: crop_and_resize(x, boxes, (2, 3), 0.25), (input,))
    pool = lambda *levels: pyramid_roi_align(levels, boxes, 2, (4, 8), canonical_scale=16, canonical_level=3)  # noqa: E731
    assert torch.autograd.gradcheck(pool, (input, coarse))


def test_gradcheck_of_roi_pool():
    order = torch.randperm(2 * 5 * 7, generator=torch.Generator().manual_seed(0))  # no ties, far apart
    input = order.double().reshape(2, 1, 5, 7).requires_grad_()
    boxes = torch.tensor([[0.0, 0.3, 0.7, 6.1, 4.2], [1, -2, 1, 4.4, 9]])
    assert torch.autograd.gradcheck(lambda x: roi_pool(x, boxes, 2), (input,))


sides = st.floats(1, 8, width=32)
inner_boxes = st.tuples(
    st.floats(1, 9, width=32), st.floats(1, 4, width=32), sides, st.floats(1, 7, width=32)
)


class TestProperties:
    @quick
    @given(inner_boxes, st.integers(-1, 3), st.floats(-3, 3), st.floats(-3, 3))
    def test_the_mean_of_a_plane_is_its_value_at_the_centre(self, box, ratio, across, down):
        x, y, width, height = box
        plane = across * torch.arange(WIDTH) + down * torch.arange(HEIGHT)[:, None]
        boxes = [torch.tensor([[x, y, x + width, y + height]])]
        answer = roi_align(plane.double()[None, None], boxes, 1, 1.0, ratio, aligned=True).item()
        assert answer == pytest.approx(
            across * (x + width / 2 - 0.5) + down * (y + height / 2 - 0.5), abs=1e-4
        )

    @quick
    @given(inner_boxes, st.integers(0, 5), st.integers(0, 5))
    def test_a_shift_by_whole_cells_changes_nothing(self, box, across, down):
        x, y, width, height = (round(number * 8) / 8 for number in box)  # exact in single precision
        here = torch.tensor([[0, x, y, x + width, y + height]])
        there = here + torch.tensor([0.0, across, down, across, down])
        input = F.pad(maps(1), (1, 1, 1, 1))
        moved = F.pad(input, (across, 0, down, 0))
        for pool in OPERATORS:
            torch.testing.assert_close(pool(moved, there, 3), pool(input, here, 3), rtol=0, atol=1e-5)
