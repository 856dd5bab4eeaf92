"""Answers to `scatter_kernels` (lab 12) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def _cut(x: Tensor, padding: int) -> Tensor:
    return x[:, :, padding : x.shape[2] - padding, padding : x.shape[3] - padding]


def right_strided_slices(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """For each place of the kernel, add to every stride-th place of the output."""
    N, _, h, w = input.shape
    _, D, kh, kw = weight.shape
    output = input.new_zeros(N, D, (h - 1) * stride + kh, (w - 1) * stride + kw)
    for i in range(kh):
        for j in range(kw):
            stamp = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])
            output[:, :, i : i + (h - 1) * stride + 1 : stride, j : j + (w - 1) * stride + 1 : stride] += (
                stamp
            )
    return _cut(output, padding)


def right_fold(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """All stamps at once, added up by F.fold."""
    N, _, h, w = input.shape
    _, D, kh, kw = weight.shape
    stamps = torch.einsum("nchw,cdij->ndijhw", input, weight).reshape(N, D * kh * kw, h * w)
    size = ((h - 1) * stride + kh, (w - 1) * stride + kw)
    return _cut(F.fold(stamps, size, (kh, kw), stride=stride), padding)


def right_pad_and_sum(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Put zeros between the cells, then add shifted copies."""
    N, C, h, w = input.shape
    kh, kw = weight.shape[2:]
    spread = input.new_zeros(N, C, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = input
    total = 0
    for i in range(kh):
        for j in range(kw):
            part = (spread.permute(0, 2, 3, 1) @ weight[:, :, i, j]).permute(0, 3, 1, 2)
            total = total + F.pad(part, (j, kw - 1 - j, i, kh - 1 - i))
    return _cut(total, padding)


def right_library(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """The library's transposed convolution, which exercise 1 does not forbid; cut afterwards."""
    return _cut(F.conv_transpose2d(input, weight, stride=stride), padding)


def right_index_add(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Computes the flat place of each cell's stamp and adds there."""
    N, C, h, w = input.shape
    _, D, kh, kw = weight.shape
    H, W = (h - 1) * stride + kh, (w - 1) * stride + kw
    flat = input.new_zeros(N, D, H * W)
    cells = input.reshape(N, C, h * w)
    rows, columns = torch.arange(h)[:, None] * stride, torch.arange(w)[None] * stride
    for i in range(kh):
        for j in range(kw):
            places = ((rows + i) * W + columns + j).flatten()
            flat = flat.index_add(2, places, weight[:, :, i, j].T @ cells)
    return _cut(flat.reshape(N, D, H, W), padding)


def wrong_overwrites(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Overwrites where stamps overlap instead of adding."""
    N, _, h, w = input.shape
    _, D, kh, kw = weight.shape
    output = input.new_zeros(N, D, (h - 1) * stride + kh, (w - 1) * stride + kw)
    for i in range(kh):
        for j in range(kw):
            stamp = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])
            output[:, :, i : i + (h - 1) * stride + 1 : stride, j : j + (w - 1) * stride + 1 : stride] = stamp
    return _cut(output, padding)


def wrong_cut_with_minus_zero(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Cuts with padding:-padding, which leaves nothing when the padding is 0."""
    full = right_strided_slices(input, weight, stride, 0)
    return full[:, :, padding:-padding, padding:-padding]


def wrong_padding_not_cut(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Forgets to cut the padding off."""
    return right_strided_slices(input, weight, stride, 0)


def wrong_padding_added(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Adds a frame of zeros, as a convolution would, instead of cutting."""
    return F.pad(right_strided_slices(input, weight, stride, 0), (padding, padding, padding, padding))


def wrong_cut_at_far_end_only(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Cuts twice the padding at the far end and nothing at the near one."""
    full = right_strided_slices(input, weight, stride, 0)
    return full[:, :, : full.shape[2] - 2 * padding, : full.shape[3] - 2 * padding]


def wrong_flipped_kernel(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Stamps the kernel upside down and left to right."""
    return right_strided_slices(input, weight.flip(2, 3), stride, padding)


def wrong_transposed_kernel(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Swaps the rows and the columns of the kernel."""
    return right_strided_slices(input, weight.transpose(2, 3), stride, padding)


def wrong_channels_swapped(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Reads the weight as (outputs, inputs, kh, kw), like that of a convolution."""
    return right_strided_slices(input, weight.transpose(0, 1), stride, padding)


def wrong_stride_ignored(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Lays the stamps one place apart whatever the stride is."""
    return right_strided_slices(input, weight, 1, padding)


def wrong_stride_spreads_the_kernel(
    input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    """Moves the places within the stamp apart by the stride, not the stamps (a dilation)."""
    N, _, h, w = input.shape
    _, D, kh, kw = weight.shape
    output = input.new_zeros(N, D, h + (kh - 1) * stride, w + (kw - 1) * stride)
    for i in range(kh):
        for j in range(kw):
            stamp = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])
            output[:, :, i * stride : i * stride + h, j * stride : j * stride + w] += stamp
    return _cut(output, padding)


def wrong_output_is_size_times_stride(
    input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    """Makes an output of exactly size times stride, and cuts off what reaches out of it."""
    full = right_strided_slices(input, weight, stride, 0)
    return _cut(full[:, :, : input.shape[2] * stride, : input.shape[3] * stride], padding)


def wrong_ordinary_convolution(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Collects with an ordinary convolution instead of spreading."""
    return F.conv2d(input, weight.transpose(0, 1), stride=stride, padding=padding)


def wrong_always_float32(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Returns float32 whatever the dtype of the input is."""
    return right_strided_slices(input, weight, stride, padding).float()


def wrong_no_gradient(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Works on detached tensors, so no network can learn through it."""
    return right_strided_slices(input.detach(), weight.detach(), stride, padding)


def wrong_square_kernel(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Takes the kernel for square: it uses its height for its width as well."""
    N, _, h, w = input.shape
    _, D, k, _ = weight.shape
    output = input.new_zeros(N, D, (h - 1) * stride + k, (w - 1) * stride + k)
    for i in range(k):
        for j in range(k):
            stamp = torch.einsum("nchw,cd->ndhw", input, weight[:, :, i, j])
            output[:, :, i : i + (h - 1) * stride + 1 : stride, j : j + (w - 1) * stride + 1 : stride] += (
                stamp
            )
    return _cut(output, padding)


def wrong_mean_over_channels(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Takes the mean over the input channels instead of their sum."""
    return right_strided_slices(input, weight, stride, padding) / input.shape[1]


def wrong_mean_where_stamps_overlap(
    input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    """Takes the mean of the stamps where they overlap."""
    total = right_strided_slices(input, weight, stride, padding)
    ones = input.new_ones(1, 1, *input.shape[2:])
    count = right_strided_slices(ones, weight.new_ones(1, 1, *weight.shape[2:]), stride, padding)
    return total / count.clamp(min=1)
