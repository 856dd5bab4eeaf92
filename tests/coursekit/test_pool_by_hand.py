"""Pooling of regions: numbers by hand, empty inputs, bad ones."""

import pytest
import torch
import torch.nn.functional as F
from pooled import HEIGHT, OPERATORS, WIDTH, maps

from coursekit.ops.pool import crop_and_resize, roi_align, roi_pool
from coursekit.ops.pyramid import pyramid_level, pyramid_roi_align

RAMP = (8.0 * torch.arange(6)[:, None] + torch.arange(8))[None, None]  # (1, 1, 6, 8): 8 a row, 1 a column


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
            (2, (4, 16), "twice the one before"),
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
