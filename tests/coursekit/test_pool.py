"""Pooling of regions against torchvision, numbers by hand, and what bilinear means are bound to satisfy."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.ops.pool import crop_and_resize, roi_align, roi_pool
from coursekit.ops.pyramid import pyramid_level, pyramid_roi_align

PEER = torchvision.ops
HEIGHT, WIDTH, STRIDE = 13, 19, 16
RAMP = (8.0 * torch.arange(6)[:, None] + torch.arange(8))[None, None]  # (1, 1, 6, 8): 8 a row, 1 a column
OPERATORS = (roi_pool, roi_align, crop_and_resize)
quick = settings(max_examples=30, deadline=None)


def maps(images=2, channels=3, dtype=torch.float32, seed=0):
    return torch.randn(
        images, channels, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(seed), dtype=dtype
    )


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


class TestByHand:
    """The ramp 8 y + x at stride 8. The box's centre, 15 pixels, is cell coordinate 1.875."""

    @pytest.mark.parametrize(
        ("shift", "aligned", "unaligned", "pool"), [(0, 12.375, 16.875, 18), (3, 15.75, 20.25, 27)]
    )
    def test_ramp_and_three_pixels_on(self, shift, aligned, unaligned, pool):
        box = [torch.tensor([[11.0, 11, 19, 19]]) + shift]
        assert roi_align(RAMP, box, 1, 1 / 8, 2, aligned=True).item() == aligned
        assert roi_align(RAMP, box, 1, 1 / 8, 2, aligned=False).item() == unaligned
        assert roi_pool(RAMP, box, 1, 1 / 8).item() == pool
        assert crop_and_resize(RAMP, box, 1, 1 / 8).item() == aligned, "on a ramp one sample is the mean"

    def test_gradient_only_where_the_region_is(self):
        box = torch.tensor([[1.0, 16, 16, 40, 32]])  # cells 2..4 across, 2..3 down, of the second image
        for pool in OPERATORS:
            input = maps().requires_grad_()
            pool(input, box, 2, 1 / 8).sum().backward()
            inside = torch.zeros(2, HEIGHT, WIDTH, dtype=torch.bool)
            inside[1, 1:6, 1:7] = True
            assert input.grad.abs().sum((1,))[inside].sum() > 0
            assert input.grad.abs().sum((1,))[~inside].sum() == 0

    def test_crop_of_the_whole_map_is_interpolation(self):
        whole = [torch.tensor([[0.0, 0, WIDTH, HEIGHT]])] * 2
        for size in ((5, 4), (HEIGHT, WIDTH), (40, 31)):
            expected = F.interpolate(maps(), size, mode="bilinear", align_corners=False)
            torch.testing.assert_close(crop_and_resize(maps(), whole, size), expected, rtol=0, atol=1e-5)

    def test_crop_of_part_of_the_map_is_a_sampled_grid(self):
        boxes = torch.tensor([[2.3, 1.1, 15.7, 8.9], [0.6, 3.0, 4.0, 12.5]])
        grids = [
            torch.stack(torch.meshgrid(*(2 * (a + (b - a) * (torch.arange(n) + 0.5) / n) / side - 1
                        for a, b, n, side in ((x1, x2, 5, WIDTH), (y1, y2, 4, HEIGHT))), indexing="xy"), -1)
            for x1, y1, x2, y2 in boxes
        ]  # fmt: skip
        expected = F.grid_sample(maps(), torch.stack(grids), padding_mode="border", align_corners=False)
        answer = crop_and_resize(maps(), list(boxes[:, None]), (4, 5))
        torch.testing.assert_close(answer, expected, rtol=0, atol=1e-5)


class TestEmptyInputs:
    @pytest.mark.parametrize("pool", OPERATORS)
    def test_no_regions(self, pool):
        input = maps().requires_grad_()
        for none in (torch.zeros(0, 5), [torch.zeros(0, 4)] * 2):
            answer = pool(input, none, (2, 3))
            assert answer.shape == (0, 3, 2, 3)
        answer.sum().backward()
        assert input.grad.abs().sum() == 0
        assert pool(maps(images=0), torch.zeros(0, 5), 2).shape == (0, 3, 2, 2)

    def test_pyramid(self):
        assert pyramid_level(torch.zeros(0, 4), 2, 5).shape == (0,)
        features = [torch.ones(1, 3, 8, 12), torch.ones(1, 3, 4, 6)]
        assert pyramid_roi_align(features, [torch.zeros(0, 4)], 7, (4, 8)).shape == (0, 3, 7, 7)


class TestBadInput:
    @pytest.mark.parametrize("pool", OPERATORS)
    @pytest.mark.parametrize("index", [-1.0, 2.0, 7.0, 0.5, float("nan")])
    def test_batch_index(self, pool, index):
        with pytest.raises(
            ValueError, match=r"column 0 of the regions is the batch index, 0 to 1, but .* not the class"
        ):
            pool(maps(), torch.tensor([[0.0, 1, 1, 9, 9], [index, 1, 1, 9, 9]]), 2)

    @pytest.mark.parametrize(
        ("input", "boxes", "size", "words"),
        [
            (maps(), [torch.zeros(1, 4)], 2, "boxes of 1 images and feature maps of 2"),
            (maps(), torch.zeros(3, 4), 2, "the batch index first"),
            (maps()[0], torch.zeros(3, 5), 2, "a feature map is"),
            (maps()[:, :, :0], torch.zeros(3, 5), 2, "a feature map is"),
            (maps(), torch.zeros(3, 5), (2, 0), "has no bins"),
            (maps(), torch.tensor([[0, 1, 1, float("inf"), 9]]), 2, "NaN or infinite"),
        ],
    )
    def test_shapes(self, input, boxes, size, words):
        for pool in OPERATORS:
            with pytest.raises(ValueError, match=words):
                pool(input, boxes, size)

    @pytest.mark.parametrize(
        ("count", "strides", "words"),
        [
            (2, (4, 8, 16), "2 feature maps and 3 strides"),
            (2, (4, 16), "the double"),
            (2, (3, 6), "powers of 2"),
        ],
    )
    def test_pyramid(self, count, strides, words):
        with pytest.raises(ValueError, match=words):
            pyramid_roi_align([maps()] * count, torch.zeros(1, 5), 2, strides)
        with pytest.raises(ValueError, match="same number of images and of channels"):
            pyramid_roi_align([maps(), maps(channels=4)], torch.zeros(1, 5), 2, (4, 8))
        with pytest.raises(ValueError, match="finest level first"):
            pyramid_level(torch.zeros(1, 4), 5, 2)


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
