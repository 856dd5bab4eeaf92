"""Transposed convolution three ways, bilinear resizing and unpooling against PyTorch's own, and by hand."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.ops.unpool import max_unpool2d
from coursekit.ops.upsample import (
    bilinear_kernel,
    conv_matrix,
    conv_transpose2d,
    conv_transpose2d_by_matrix,
    conv_transpose2d_by_zeros,
    conv_transpose_size,
    upsample_bilinear,
)

WAYS = (conv_transpose2d, conv_transpose2d_by_zeros, conv_transpose2d_by_matrix)
quick = settings(max_examples=30, deadline=None)


def noise(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def close(answer, expected, tolerance=1e-12):
    assert answer.shape == expected.shape and answer.dtype == expected.dtype
    torch.testing.assert_close(answer, expected, rtol=0, atol=tolerance)


class TestTransposedConvolution:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"stride": 2},
            {"stride": 2, "padding": 1, "output_padding": 1},
            {"stride": (3, 2), "padding": (0, 2), "output_padding": (2, 0)},
            {"stride": 1, "padding": 3},
        ],
    )
    def test_three_ways_and_torch(self, way, settings):
        for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
            input, weight = noise(2, 3, 5, 7, dtype=dtype), noise(3, 4, 3, 2, seed=1, dtype=dtype)
            if settings.get("padding") == 3:
                weight = F.pad(weight, (0, 1, 0, 0))  # 3 x 3, less than the padding
            close(way(input, weight, **settings), F.conv_transpose2d(input, weight, **settings), tolerance)

    @pytest.mark.parametrize("groups", [1, 2, 4])
    def test_bias_groups_and_dilation(self, groups):
        input, weight, bias = noise(2, 4, 5, 7), noise(4, 3, 2, 3, seed=1), noise(3 * groups, seed=2)
        settings = {"stride": (3, 2), "padding": 1, "output_padding": 1, "groups": groups, "dilation": (2, 3)}
        close(
            conv_transpose2d(input, weight, bias, **settings),
            F.conv_transpose2d(input, weight, bias, **settings),
        )

    def test_ones_show_where_kernels_overlap(self):
        """Kernel 3, stride 2: places are covered 1, 2 or 4 times. Kernel 4, stride 2: the inside is flat."""
        three = conv_transpose2d(torch.ones(1, 1, 3, 4), torch.ones(1, 1, 3, 3), stride=2)[0, 0]
        down, across = torch.tensor([1.0, 1, 2, 1, 2, 1, 1]), torch.tensor([1.0, 1, 2, 1, 2, 1, 2, 1, 1])
        assert torch.equal(three, torch.outer(down, across))
        assert three.unique().tolist() == [1, 2, 4]
        four = conv_transpose2d(torch.ones(1, 1, 3, 4), torch.ones(1, 1, 4, 4), stride=2)[0, 0]
        assert (four[2:-2, 2:-2] == 4).all() and four[0, 0] == 1

    def test_matrix_is_the_convolution_and_its_transpose_the_transposed(self):
        weight, image = noise(4, 3, 3, 2), noise(1, 3, 6, 9, seed=1)
        matrix = conv_matrix(weight, (6, 9), stride=(2, 3), padding=1)
        answer = F.conv2d(image, weight, stride=(2, 3), padding=1)
        close(matrix @ image.flatten(), answer.flatten())
        back = conv_transpose2d(answer, weight, stride=(2, 3), padding=1, output_padding=(1, 0))
        close(matrix.T @ answer.flatten(), back.flatten())
        assert (back - image).abs().max() > 1, "the transpose is not the inverse"

    @quick
    @given(st.integers(4, 9), st.integers(4, 9), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1))
    def test_adjointness(self, height, width, kernel, stride, padding):
        """<C x, y> = <x, C^T y> for every x and y; output_padding makes up for what the stride rounded away."""
        x, weight = noise(1, 2, height, width), noise(3, 2, kernel, kernel, seed=1)
        forward = F.conv2d(x, weight, stride=stride, padding=padding)
        y = noise(*forward.shape, seed=2)
        lost = tuple((side + 2 * padding - kernel) % stride for side in (height, width))
        for way in WAYS:
            back = way(y, weight, stride=stride, padding=padding, output_padding=lost)
            assert (forward * y).sum().item() == pytest.approx((x * back).sum().item(), abs=1e-9)

    @quick
    @given(
        st.integers(1, 6),
        st.integers(1, 5),
        st.integers(1, 4),
        st.integers(0, 2),
        st.integers(0, 3),
        st.integers(1, 3),
    )
    def test_size(self, size, kernel, stride, padding, extra, dilation):
        settings = (stride, padding, extra, 1, dilation)
        try:
            length = conv_transpose_size(size, kernel, stride, padding, extra, dilation)
        except ValueError:
            assert extra >= stride or (size - 1) * stride + dilation * (kernel - 1) + 1 + extra <= 2 * padding
            return
        expected = F.conv_transpose2d(
            torch.ones(1, 1, size, size), torch.ones(1, 1, kernel, kernel), None, *settings
        )
        assert expected.shape[2:] == (length, length)

    @pytest.mark.parametrize("way", WAYS)
    def test_gradcheck_and_an_empty_batch(self, way):
        input, weight = noise(1, 2, 2, 3).requires_grad_(), noise(2, 2, 3, 2, seed=1).requires_grad_()
        assert torch.autograd.gradcheck(lambda x, w: way(x, w, stride=2, padding=1), (input, weight))
        assert way(noise(0, 2, 2, 3), noise(2, 5, 3, 2), stride=2).shape == (0, 5, 5, 6)

    @pytest.mark.parametrize("way", WAYS)
    def test_bad_input(self, way):
        input, weight = noise(1, 2, 2, 3), noise(2, 2, 3, 2)
        with pytest.raises(
            ValueError, match="output_padding is 2: it must be at least 0 and below the stride, 2"
        ):
            way(input, weight, stride=2, output_padding=2)
        with pytest.raises(ValueError, match="makes an output of length -4: use less padding"):
            way(input, weight, padding=4)
        for wrong in (noise(3, 2, 3, 2), noise(2, 2, 3)):
            with pytest.raises(ValueError, match="do not fit in 1 group"):
                way(input, wrong)


class TestBilinear:
    @pytest.mark.parametrize(("kernel", "stride", "padding"), [(4, 2, 1), (64, 32, 16)])
    def test_kernel_is_interpolation_inside_but_not_at_the_border(self, kernel, stride, padding):
        input = torch.rand(1, 3, 6, 8, generator=torch.Generator().manual_seed(0))
        weight = bilinear_kernel(kernel).expand(3, 1, -1, -1)
        answer = conv_transpose2d(input, weight, stride=stride, padding=padding, groups=3)
        half_pixel, corners = (
            F.interpolate(input, scale_factor=stride, mode="bilinear", align_corners=align)
            for align in (False, True)
        )
        inside = (..., slice(stride, -stride), slice(stride, -stride))
        close(answer[inside], half_pixel[inside], 1e-6)
        assert (answer - half_pixel).abs().max() > 0.1, "at the border the kernel reads zeros"
        assert (answer - corners)[inside].abs().max() > 0.1

    def test_kernel_by_hand(self):
        assert bilinear_kernel(3).tolist() == [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]
        assert bilinear_kernel(1).tolist() == [[1]]
        with pytest.raises(ValueError, match="is empty"):
            bilinear_kernel(0)

    @pytest.mark.parametrize("align_corners", [False, True])
    @pytest.mark.parametrize("size", [(10, 14), (1, 1), (3, 2), (5, 7), (160, 33)])
    def test_resizing(self, size, align_corners):
        for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
            input = noise(2, 3, 5, 7, dtype=dtype)
            expected = F.interpolate(input, size, mode="bilinear", align_corners=align_corners)
            close(upsample_bilinear(input, size, align_corners), expected, tolerance)

    def test_gradcheck_empty_and_bad(self):
        input = noise(1, 2, 3, 4).requires_grad_()
        assert torch.autograd.gradcheck(lambda x: upsample_bilinear(x, (5, 7)), (input,))
        assert upsample_bilinear(noise(0, 2, 3, 4), 8).shape == (0, 2, 8, 8)
        for maps, size in ((noise(2, 3, 4), 8), (noise(1, 2, 0, 4), 8), (noise(1, 2, 3, 4), (8, 0))):
            with pytest.raises(ValueError, match="cannot resize maps"):
                upsample_bilinear(maps, size)


class TestUnpooling:
    @pytest.mark.parametrize(
        ("kernel", "stride", "padding", "size", "width"),
        [
            (2, None, 0, None, 12),
            ((2, 3), None, 0, (8, 13), 13),
            (3, 2, 1, (8, 13), 13),
            (3, (1, 2), 0, None, 13),
        ],
    )
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_against_torch(self, kernel, stride, padding, size, width, dtype):
        image = noise(2, 3, 8, width, dtype=dtype)
        pooled, switches = F.max_pool2d(image, kernel, stride, padding, return_indices=True)
        settings = (kernel, stride, padding, size)
        assert torch.equal(
            max_unpool2d(pooled, switches, *settings), F.max_unpool2d(pooled, switches, *settings)
        )

    def test_without_a_batch_and_without_a_map(self):
        pooled, switches = F.max_pool2d(noise(3, 6, 8), 2, return_indices=True)
        assert torch.equal(max_unpool2d(pooled, switches, 2), F.max_unpool2d(pooled, switches, 2))
        assert max_unpool2d(pooled[:0], switches[:0], 2).shape == (0, 6, 8)

    @quick
    @given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 3), st.integers(0, 99))
    def test_what_was_pooled_comes_back_and_nothing_else(self, rows, columns, kernel, seed):
        image = noise(2, 3, rows * kernel, columns * kernel, seed=seed)
        pooled, switches = F.max_pool2d(image, kernel, return_indices=True)
        sparse = max_unpool2d(pooled, switches, kernel)
        assert sparse.shape == image.shape
        assert (sparse != 0).sum() == pooled.numel()
        assert sparse.sum().item() == pytest.approx(pooled.sum().item(), abs=1e-9)
        assert torch.equal(sparse[sparse != 0], image[sparse != 0])

    def test_gradcheck(self):
        pooled, switches = F.max_pool2d(noise(1, 2, 4, 6), 2, return_indices=True)
        assert torch.autograd.gradcheck(lambda x: max_unpool2d(x, switches, 2), (pooled.requires_grad_(),))

    def test_bad_input(self):
        pooled, switches = F.max_pool2d(noise(1, 2, 4, 6), 2, return_indices=True)
        for wrong in (switches + 24, switches - 24):
            with pytest.raises(ValueError, match="a switch points outside 4 x 6 pixels"):
                max_unpool2d(pooled, wrong, 2)
        with pytest.raises(ValueError, match="values .* and switches"):
            max_unpool2d(pooled, switches[:, :1], 2)
