"""Answers to `transposed_size` (lab 12) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F


def right_formula(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """The formula."""
    return (size - 1) * stride + kernel_size - 2 * padding + output_padding


def right_last_stamp(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Where does the last stamp end?"""
    first_of_last_stamp = 0
    for _ in range(size - 1):
        first_of_last_stamp += stride
    end = first_of_last_stamp + kernel_size
    near, far = padding, end - padding + output_padding
    return far - near


def right_places(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """A list of all places that stamps touch."""
    touched = [cell * stride + k for cell in range(size) for k in range(kernel_size)]
    length = max(touched) + 1
    return length - padding - padding + output_padding


def right_ask_the_library(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Stamps ones with the library, and counts."""
    full = F.conv_transpose1d(torch.ones(1, 1, size), torch.ones(1, 1, kernel_size), stride=stride)
    return full.shape[-1] - 2 * padding + output_padding


def right_from_the_way_down(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """The shortest length that the convolution takes to this size, plus the output padding."""
    length = kernel_size - 2 * padding  # goes down to 1
    down = 1
    while down < size:
        length += 1
        down = (length + 2 * padding - kernel_size) // stride + 1
    return length + output_padding


def wrong_size_times_stride(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Forgets the - 1: there are only size - 1 steps between the stamps."""
    return size * stride + kernel_size - 2 * padding + output_padding


def wrong_padding_once(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Cuts the padding at one end only."""
    return (size - 1) * stride + kernel_size - padding + output_padding


def wrong_output_padding_twice(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Adds the output padding at both ends."""
    return (size - 1) * stride + kernel_size - 2 * padding + 2 * output_padding


def wrong_output_padding_cut(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Subtracts the output padding."""
    return (size - 1) * stride + kernel_size - 2 * padding - output_padding


def wrong_output_padding_forgotten(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Forgets the output padding."""
    return (size - 1) * stride + kernel_size - 2 * padding


def wrong_padding_added(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Adds the padding instead of cutting it off."""
    return (size - 1) * stride + kernel_size + 2 * padding + output_padding


def wrong_convolution(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Uses the formula of the ordinary convolution, the way down."""
    return (size + 2 * padding - kernel_size) // stride + 1 + output_padding


def wrong_kernel_minus_one(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Is one short: adds kernel - 1 after the first place of the last stamp."""
    return (size - 1) * stride + kernel_size - 1 - 2 * padding + output_padding


def wrong_only_stride(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Thinks that stride s always makes a map s times as large."""
    return size * stride + output_padding


def wrong_output_padding_times_stride(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Takes the output padding for padding of the input, so it counts stride times."""
    return (size - 1 + output_padding) * stride + kernel_size - 2 * padding


def wrong_float(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> float:
    """Returns a float."""
    return (size + (kernel_size - 2 * padding + output_padding) / stride - 1) * stride * 1.0


def wrong_padding_times_stride(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int
) -> int:
    """Cuts the padding off the input cells, before they are spread."""
    return (size - 2 * padding - 1) * stride + kernel_size + output_padding


def wrong_tensor(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> torch.Tensor:
    """Returns a tensor instead of an int."""
    return torch.tensor((size - 1) * stride + kernel_size - 2 * padding + output_padding)


def wrong_no_overlap(size: int, kernel_size: int, stride: int, padding: int, output_padding: int) -> int:
    """Lays whole stamps side by side, as if they never overlapped."""
    return size * max(kernel_size, stride) - 2 * padding + output_padding
