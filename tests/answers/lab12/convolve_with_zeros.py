"""Answers to `convolve_with_zeros` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_slices(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Writes the cells on every stride-th place of zeros; a frame of zeros, which may be negative and cuts
    then; the kernel flipped, its channels exchanged.
    """
    (n, c, h, w), (_, _, kh, kw) = input.shape, weight.shape
    spread = input.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = input
    down, right = kh - 1 - padding, kw - 1 - padding
    spread = F.pad(spread, (right, right, down, down))
    return F.conv2d(spread, weight.flip(2, 3).transpose(0, 1))


def right_by_full_frame(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """conv2d pads by kernel - 1 itself; the padding is cut off its result."""
    (n, c, h, w), (kh, kw) = input.shape, weight.shape[2:]
    blocks = torch.zeros(n, c, h, stride, w, stride, dtype=input.dtype, device=input.device)
    blocks[:, :, :, 0, :, 0] = input
    spread = blocks.reshape(n, c, h * stride, w * stride)[
        :, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1
    ]
    full = F.conv2d(spread, torch.flip(weight, [-2, -1]).permute(1, 0, 2, 3), padding=(kh - 1, kw - 1))
    return full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding]


def right_by_kronecker(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Two tables of 0 and 1 say where each row and each column goes, padding included."""

    def places(cells: int, kernel: int) -> Tensor:
        length = (cells - 1) * stride + 1 + 2 * (kernel - 1)
        table = torch.zeros(length, cells, dtype=input.dtype)
        table[kernel - 1 + torch.arange(cells) * stride, torch.arange(cells)] = 1
        return table[padding : length - padding]

    (h, w), (kh, kw) = input.shape[2:], weight.shape[2:]
    spread = places(h, kh) @ input @ places(w, kw).T
    return F.conv2d(spread, weight.swapaxes(0, 1).flip(-1, -2))


def right_by_unfold(input: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Zeros by concatenation; the windows as columns and one product of matrices for the convolution."""
    (n, _, h, w), (_, d, kh, kw) = input.shape, weight.shape
    columns = [
        input[..., i : i + 1] if k == 0 else input[..., :1] * 0 for i in range(w) for k in range(stride)
    ]
    wide = torch.cat(columns[: (w - 1) * stride + 1], 3)
    rows = [wide[:, :, i : i + 1] if k == 0 else wide[:, :, :1] * 0 for i in range(h) for k in range(stride)]
    spread = torch.cat(rows[: (h - 1) * stride + 1], 2)
    spread = F.pad(spread, (kw - 1 - padding, kw - 1 - padding, kh - 1 - padding, kh - 1 - padding))
    flat = weight.flip(2, 3).transpose(0, 1).reshape(d, -1)
    out = flat @ F.unfold(spread, (kh, kw))
    return out.reshape(n, d, spread.shape[2] - kh + 1, spread.shape[3] - kw + 1)


def _spread(input, gaps, tail=0):
    """`gaps` zeros after each cell, and `tail` of those after the last one."""
    (n, c, h, w), step = input.shape, gaps + 1
    out = input.new_zeros(n, c, (h - 1) * step + 1 + tail, (w - 1) * step + 1 + tail)
    out[:, :, ::step, ::step][:, :, :h, :w] = input
    return out


def _collect(spread, weight, frame):
    (down, right) = frame
    return F.conv2d(F.pad(spread, (right, right, down, down)), weight)


def _frame(weight, padding):
    return weight.shape[2] - 1 - padding, weight.shape[3] - 1 - padding


def wrong_not_flipped(input, weight, stride=1, padding=0):
    """Forgets to flip the kernel: wrong for every kernel that is not symmetric."""
    return _collect(_spread(input, stride - 1), weight.transpose(0, 1), _frame(weight, padding))


def wrong_flipped_across_only(input, weight, stride=1, padding=0):
    """Flips the columns of the kernel and not its rows."""
    return _collect(_spread(input, stride - 1), weight.flip(3).transpose(0, 1), _frame(weight, padding))


def wrong_transposed_for_flipped(input, weight, stride=1, padding=0):
    """Transposes each kernel where it was to be flipped."""
    flipped = weight.permute(1, 0, 3, 2)
    return _collect(_spread(input, stride - 1), flipped, _frame(weight, padding))


def wrong_stride_zeros(input, weight, stride=1, padding=0):
    """`stride` zeros between the cells and not stride - 1: too large, already at stride 1."""
    return _collect(_spread(input, stride), weight.flip(2, 3).transpose(0, 1), _frame(weight, padding))


def wrong_zeros_after_the_last(input, weight, stride=1, padding=0):
    """Zeros also after the last row and column: stride - 1 places too many at the end."""
    spread = _spread(input, stride - 1, tail=stride - 1)
    return _collect(spread, weight.flip(2, 3).transpose(0, 1), _frame(weight, padding))


def wrong_padding_of_the_convolution(input, weight, stride=1, padding=0):
    """Gives `padding` to the convolution as it is: right only where kernel - 1 is twice the padding."""
    return F.conv2d(_spread(input, stride - 1), weight.flip(2, 3).transpose(0, 1), padding=padding)


def wrong_padding_ignored(input, weight, stride=1, padding=0):
    """The full frame whatever the padding: nothing is cut off."""
    return _collect(_spread(input, stride - 1), weight.flip(2, 3).transpose(0, 1), _frame(weight, 0))


def wrong_channels_not_exchanged(input, weight, stride=1, padding=0):
    """Leaves the weight as (C, D, kh, kw), where conv2d wants (D, C, …): an error, or wrong if C is D."""
    return _collect(_spread(input, stride - 1), weight.flip(2, 3), _frame(weight, padding))


def wrong_channels_flipped_too(input, weight, stride=1, padding=0):
    """`flip` of all axes: the channels come in the opposite order."""
    flipped = weight.flip(0, 1, 2, 3).transpose(0, 1)
    return _collect(_spread(input, stride - 1), flipped, _frame(weight, padding))


def wrong_strided_convolution(input, weight, stride=1, padding=0):
    """Gives the stride to the convolution too: what the zeros made large becomes small again."""
    down, right = _frame(weight, padding)
    spread = F.pad(_spread(input, stride - 1), (right, right, down, down))
    return F.conv2d(spread, weight.flip(2, 3).transpose(0, 1), stride=stride)


def wrong_nearest_for_zeros(input, weight, stride=1, padding=0):
    """Repeats each cell where there should be zeros: right for stride 1 only."""
    h, w = input.shape[2:]
    large = input.repeat_interleave(stride, 2).repeat_interleave(stride, 3)
    spread = large[:, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1]
    return _collect(spread, weight.flip(2, 3).transpose(0, 1), _frame(weight, padding))


def wrong_square_kernels_only(input, weight, stride=1, padding=0):
    """Takes the width of the kernel for its height in the frame: wrong for a kernel that is not square."""
    frame = weight.shape[3] - 1 - padding
    return _collect(_spread(input, stride - 1), weight.flip(2, 3).transpose(0, 1), (frame, frame))


def right_frame_never_negative(input, weight, stride=1, padding=0):
    """Clamps the frame at 0: nothing is cut when the padding is larger than the kernel less one."""
    down, right = (max(side, 0) for side in _frame(weight, padding))
    return _collect(_spread(input, stride - 1), weight.flip(2, 3).transpose(0, 1), (down, right))
