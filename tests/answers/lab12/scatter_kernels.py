"""Answers to `scatter_kernels` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_places(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """For each place of the kernel all cells stamp at once, on every stride-th place of the output."""
    (n, _, h, w), (_, d, kh, kw) = input.shape, weight.shape
    high, wide = (h - 1) * stride + kh, (w - 1) * stride + kw
    out = input.new_zeros(n, d, high, wide)
    for a in range(kh):
        for b in range(kw):
            stamp = torch.einsum("nchw,cd->ndhw", input, weight[:, :, a, b])
            out[:, :, a : a + (h - 1) * stride + 1 : stride, b : b + (w - 1) * stride + 1 : stride] += stamp
    return out[:, :, padding : high - padding, padding : wide - padding]


def right_by_fold(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """All stamps as columns of one product of matrices; F.fold lays them down and adds."""
    (n, c, h, w), (kh, kw) = input.shape, weight.shape[2:]
    stamps = weight.reshape(c, -1).T @ input.reshape(n, c, -1)
    full = ((h - 1) * stride + kh, (w - 1) * stride + kw)
    out = F.fold(stamps, full, (kh, kw), stride=stride)
    return out.narrow(2, padding, full[0] - 2 * padding).narrow(3, padding, full[1] - 2 * padding)


def right_by_spread_maps(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Spreads the cells first; each place of the kernel shifts that map by padding and weighs it.
    Nothing is changed in place.
    """
    (n, c, h, w), (_, _, kh, kw) = input.shape, weight.shape
    spread = input.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = input
    total = 0
    for a in range(kh):
        for b in range(kw):
            moved = F.pad(spread, (b, kw - 1 - b, a, kh - 1 - a))
            total = total + F.conv2d(moved, weight[:, :, a, b].T[:, :, None, None])
    return F.pad(total, [-padding] * 4)


def right_by_index_add(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """First the stamps of each row of the kernel add up across, then down, both with index_add."""
    (n, _, h, w), (_, d, kh, kw) = input.shape, weight.shape
    high, wide = (h - 1) * stride + kh, (w - 1) * stride + kw
    down, right = torch.arange(h) * stride, torch.arange(w) * stride
    out = torch.zeros(n, d, high, wide, dtype=input.dtype)
    for a in range(kh):
        line = torch.zeros(n, d, h, wide, dtype=input.dtype)
        for b in range(kw):
            line = line.index_add(
                3, right + b, torch.tensordot(input, weight[..., a, b], ([1], [0])).movedim(-1, 1)
            )
        out = out.index_add(2, down + a, line)
    return out[..., padding : high - padding, padding : wide - padding]


def _stamp(input, weight, stride, high=None, wide=None, add=True):
    """The uncut output, for answers whose mistake is elsewhere."""
    (n, _, h, w), (_, d, kh, kw) = input.shape, weight.shape
    high, wide = high or (h - 1) * stride + kh, wide or (w - 1) * stride + kw
    out = input.new_zeros(n, d, high, wide)
    for a in range(kh):
        for b in range(kw):
            stamp = torch.einsum("nchw,cd->ndhw", input, weight[:, :, a, b])
            part = out[:, :, a::stride, b::stride][:, :, :h, :w]
            if add:
                part += stamp
            else:
                part[:] = stamp
    return out


def _cut(out, padding):
    return out[:, :, padding : out.shape[2] - padding, padding : out.shape[3] - padding]


def wrong_overwrites(input, weight, stride=1, padding=0):
    """The later stamp replaces the earlier one: wrong where stamps overlap, as for kernel 3 and stride 2."""
    return _cut(_stamp(input, weight, stride, add=False), padding)


def wrong_flipped(input, weight, stride=1, padding=0):
    """Flips the kernel before it stamps: wrong for every kernel that is not symmetric."""
    return _cut(_stamp(input, weight.flip(2, 3), stride), padding)


def wrong_stride_ignored(input, weight, stride=1, padding=0):
    """The stamps lie one place apart whatever the stride: the output is too small for stride 2."""
    return _cut(_stamp(input, weight, 1), padding)


def wrong_padding_adds(input, weight, stride=1, padding=0):
    """Adds rows and columns of zeros at the edges where they were to be cut off."""
    return F.pad(_stamp(input, weight, stride), [padding] * 4)


def wrong_cut_on_one_side(input, weight, stride=1, padding=0):
    """Cuts above and on the left only: a row and a column too many for padding 1."""
    return _stamp(input, weight, stride)[:, :, padding:, padding:]


def wrong_minus_zero(input, weight, stride=1, padding=0):
    """Cuts with [padding:-padding]: without padding nothing is left of the output."""
    return _stamp(input, weight, stride)[:, :, padding:-padding, padding:-padding]


def wrong_half_of_the_padding(input, weight, stride=1, padding=0):
    """Reads the padding as what both edges lose together, and cuts half of it off each."""
    out = _stamp(input, weight, stride)
    before, after = padding // 2, padding - padding // 2
    return out[:, :, before : out.shape[2] - after, before : out.shape[3] - after]


def wrong_weight_of_a_convolution(input, weight, stride=1, padding=0):
    """Reads the weight as (D, C, kh, kw), as an ordinary convolution has it: wrong even where C is D."""
    return _cut(_stamp(input, weight.transpose(0, 1), stride), padding)


def wrong_kernel_across(input, weight, stride=1, padding=0):
    """Rows and columns of the kernel are exchanged: each stamp is transposed."""
    return _cut(_stamp(input, weight.transpose(2, 3), stride), padding)


def wrong_mean_of_overlaps(input, weight, stride=1, padding=0):
    """Divides by the number of stamps on each place, so that there is no checkerboard: they were to add."""
    counts = _stamp(torch.ones_like(input[:1, :1]), torch.ones_like(weight[:1, :1]), stride)
    return _cut(_stamp(input, weight, stride) / counts.clamp(min=1), padding)


def wrong_size_times_stride(input, weight, stride=1, padding=0):
    """Makes the output h * stride rows long and loses what the last stamps have beyond: wrong for kernel 3,
    stride 2.
    """
    (h, w), (kh, kw) = input.shape[2:], weight.shape[2:]
    out = _stamp(input, weight, stride, h * stride + kh, w * stride + kw)[:, :, : h * stride, : w * stride]
    return _cut(out, padding)


def wrong_no_gradient(input, weight, stride=1, padding=0):
    """Works on `.data`: the values are right, but no network can be trained through it."""
    return _cut(_stamp(input.data, weight.data, stride), padding)


def wrong_single_precision(input, weight, stride=1, padding=0):
    """torch.zeros without a dtype: the sums of a double input are rounded to single precision."""
    return _cut(_stamp(input.float(), weight.float(), stride), padding)


def wrong_channels_apart(input, weight, stride=1, padding=0):
    """Does not sum over the input channels, only the first one stamps: wrong for C > 1."""
    return _cut(_stamp(input[:, :1], weight[:1], stride), padding)
