"""Lab 12, exercise 4: spread_out."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_slices(input: Tensor, stride: int) -> Tensor:
    """Zeros, and one write with steps."""
    n, c, h, w = input.shape
    out = input.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    out[:, :, ::stride, ::stride] = input
    return out


def right_loops(input: Tensor, stride: int) -> Tensor:
    """Loops: interleaves columns, then rows, with zeros and joins them with stack (no write in place)."""
    n, c, h, w = input.shape
    columns = []
    for j in range(w):
        columns.append(input[..., j])
        if j < w - 1:
            columns += [torch.zeros_like(input[..., j])] * (stride - 1)
    wide = torch.stack(columns, -1)
    rows = []
    for i in range(h):
        rows.append(wide[:, :, i])
        if i < h - 1:
            rows += [torch.zeros_like(wide[:, :, i])] * (stride - 1)
    return torch.stack(rows, 2)


def right_pad(input: Tensor, stride: int) -> Tensor:
    """Each pixel becomes a block, padded with zeros at its end; reshape; the last zeros are cut off. Returns a view that is not contiguous."""
    n, c, h, w = input.shape
    blocks = F.pad(input[:, :, :, None, :, None], (0, stride - 1, 0, 0, 0, stride - 1))  # (n, c, h, s, w, s)
    return blocks.reshape(n, c, h * stride, w * stride)[:, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1]


def wrong_trailing(input: Tensor, stride: int) -> Tensor:
    """Makes the map h * stride: zeros are left after the last row and column."""
    n, c, h, w = input.shape
    out = input.new_zeros(n, c, h * stride, w * stride)
    out[:, :, ::stride, ::stride] = input
    return out


def wrong_stride_zeros(input: Tensor, stride: int) -> Tensor:
    """Puts `stride` zeros in between instead of `stride - 1`."""
    n, c, h, w = input.shape
    step = stride + 1
    out = input.new_zeros(n, c, (h - 1) * step + 1, (w - 1) * step + 1)
    out[:, :, ::step, ::step] = input
    return out


def wrong_no_gradient(input: Tensor, stride: int) -> Tensor:
    """Copies the numbers with .data: no gradient flows."""
    n, c, h, w = input.shape
    out = input.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    out[:, :, ::stride, ::stride] = input.data
    return out


def wrong_dtype(input: Tensor, stride: int) -> Tensor:
    """Makes the zeros with torch.zeros alone: float64 becomes float32."""
    n, c, h, w = input.shape
    out = torch.zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    out[:, :, ::stride, ::stride] = input
    return out


def wrong_repeats(input: Tensor, stride: int) -> Tensor:
    """Repeats the pixels (nearest upsampling) instead of putting zeros in between."""
    n, c, h, w = input.shape
    out = input.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
    return out[:, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1]


def wrong_columns_only(input: Tensor, stride: int) -> Tensor:
    """Spreads the columns, but not the rows."""
    n, c, h, w = input.shape
    out = input.new_zeros(n, c, h, (w - 1) * stride + 1)
    out[..., ::stride] = input
    return out
