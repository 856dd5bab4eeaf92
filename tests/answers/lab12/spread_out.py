"""Answers to `spread_out` (lab 12), written by the author of its check as a student might."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_slices(input: Tensor, stride: int) -> Tensor:
    """A larger map of zeros, every stride-th place filled."""
    n, c, h, w = input.shape
    out = torch.zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1, dtype=input.dtype)
    out[..., ::stride, ::stride] = input
    return out


def right_by_product(input: Tensor, stride: int) -> Tensor:
    """A Kronecker product with a block of one 1; what is too much is cut off."""
    block = torch.zeros(1, 1, stride, stride, dtype=input.dtype)
    block[0, 0, 0, 0] = 1
    whole = torch.kron(input, block)
    return whole[:, :, : whole.shape[2] - stride + 1, : whole.shape[3] - stride + 1]


def right_axis_by_axis(input: Tensor, stride: int) -> Tensor:
    """Zeros are stacked behind each row, then behind each column."""
    for axis in (2, 3):
        parts = []
        for i in range(input.shape[axis]):
            one = input.narrow(axis, i, 1)
            parts.append(one)
            if i < input.shape[axis] - 1:
                parts += [torch.zeros_like(one)] * (stride - 1)
        input = torch.cat(parts, axis)
    return input


def wrong_zeros_at_the_end(input, stride):
    """h * stride rows: zeros behind the last one."""
    n, c, h, w = input.shape
    out = input.new_zeros(n, c, h * stride, w * stride)
    out[..., ::stride, ::stride] = input
    return out


def wrong_stride_zeros(input, stride):
    """`stride` zeros between."""
    return right_by_slices(input, stride + 1)


def wrong_copies(input, stride):
    """Nearest upsampling."""
    whole = F.interpolate(input, scale_factor=stride)
    return whole[:, :, : whole.shape[2] - stride + 1, : whole.shape[3] - stride + 1]


def wrong_columns_only(input, stride):
    """One axis is forgotten."""
    n, c, h, w = input.shape
    out = input.new_zeros(n, c, h, (w - 1) * stride + 1)
    out[..., ::stride] = input
    return out


def wrong_float32(input, stride):
    """torch.zeros without a dtype."""
    return right_by_slices(input.float(), stride)


def wrong_detached(input, stride):
    """.data: no gradient flows."""
    return right_by_slices(input.data, stride)


def wrong_around(input, stride):
    """Zeros around as well."""
    return F.pad(right_by_slices(input, stride), [stride - 1] * 4)
