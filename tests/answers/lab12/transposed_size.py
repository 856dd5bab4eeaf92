"""Answers to `transposed_size` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F


def right_by_formula(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """The last stamp begins at (size - 1) * stride and is kernel_size long; both edges are cut."""
    return (size - 1) * stride + kernel_size - 2 * padding + output_padding


def right_by_stamping(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Lays down the stamps one by one and remembers where the furthest ends."""
    end = 0
    for cell in range(size):
        end = max(end, cell * stride + kernel_size)
    first, last = padding, end - padding + output_padding
    return last - first


def right_by_zeros(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Zeros between, a frame of kernel_size - 1 - padding, then the rule for a convolution of stride 1."""
    spread = size + (size - 1) * (stride - 1)
    frame = kernel_size - 1 - padding
    return spread + 2 * frame - kernel_size + 1 + output_padding


def right_by_library(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Asks the library for the shape without any padding; it refuses an output padding as large as the
    stride, so both paddings are counted here.
    """
    line = torch.zeros(1, 1, size)
    weight = torch.zeros(1, 1, kernel_size)
    return F.conv_transpose1d(line, weight, stride=stride).shape[-1] - 2 * padding + output_padding


def wrong_times_stride(size, kernel_size, stride, padding, output_padding):
    """size * stride whatever the kernel: right only when kernel_size - 2 * padding is the stride."""
    return size * stride + output_padding


def wrong_gap_after_the_last(size, kernel_size, stride, padding, output_padding):
    """`size` steps between `size` cells: one stride too long."""
    return size * stride + kernel_size - 2 * padding + output_padding


def wrong_one_edge(size, kernel_size, stride, padding, output_padding):
    """Cuts the padding off one edge only: too long for padding 1."""
    return (size - 1) * stride + kernel_size - padding + output_padding


def wrong_padding_adds(size, kernel_size, stride, padding, output_padding):
    """Padding makes the output larger, as it does in a convolution: here it is cut off."""
    return (size - 1) * stride + kernel_size + 2 * padding + output_padding


def wrong_output_padding_on_both_ends(size, kernel_size, stride, padding, output_padding):
    """output_padding counted at both ends: it is added at the far end only."""
    return (size - 1) * stride + kernel_size - 2 * padding + 2 * output_padding


def wrong_output_padding_ignored(size, kernel_size, stride, padding, output_padding):
    """Forgets output_padding: 11 for the map of 12 that went down to 6."""
    return (size - 1) * stride + kernel_size - 2 * padding


def wrong_output_padding_cut(size, kernel_size, stride, padding, output_padding):
    """Subtracts output_padding like the padding: it adds places."""
    return (size - 1) * stride + kernel_size - 2 * padding - output_padding


def wrong_kernel_less_one(size, kernel_size, stride, padding, output_padding):
    """(kernel_size - 1) as in the library's manual, but without the + 1 at its end: one too short, always."""
    return (size - 1) * stride + kernel_size - 1 - 2 * padding + output_padding


def wrong_way_down(size, kernel_size, stride, padding, output_padding):
    """The size of an ordinary convolution: that is the way down."""
    return (size + 2 * padding - kernel_size) // stride + 1 + output_padding


def wrong_inverse_of_the_way_down(size, kernel_size, stride, padding, output_padding):
    """The longest input that a convolution makes `size` of: right only if output_padding is stride - 1."""
    return size * stride - 1 + kernel_size - 2 * padding


def wrong_kernel_and_stride_exchanged(size, kernel_size, stride, padding, output_padding):
    """Stamps of `stride` places, kernel_size apart: right only where both are equal."""
    return (size - 1) * kernel_size + stride - 2 * padding + output_padding


def wrong_decimal(size, kernel_size, stride, padding, output_padding):
    """The right length as a decimal number: no whole number, and no size that a tensor can have."""
    return float((size - 1) * stride + kernel_size - 2 * padding + output_padding)
