"""Answers to `dense_to_kernel` (lab 11), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_reshape(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """`nn.Flatten` reads channel by channel and row by row, and so does `reshape`."""
    return weight.reshape(len(weight), -1, *size)


def right_by_unflatten(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """Takes the last axis apart."""
    h, w = size
    return weight.unflatten(1, (weight.shape[1] // (h * w), h, w))


def right_by_counting(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """Number c, i, j of the map stands at place (c * h + i) * w + j of the row. A new tensor, not a view."""
    (h, w), answers = size, len(weight)
    kernel = weight.new_empty(answers, weight.shape[1] // (h * w), h, w)
    for c in range(kernel.shape[1]):
        for i in range(h):
            for j in range(w):
                kernel[:, c, i, j] = weight[:, (c * h + i) * w + j]
    return kernel


def right_by_pieces(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """Cuts a row into rows of w, stacks h of them to a channel."""
    h, w = size
    lines = torch.stack(weight.split(w, dim=1), 1)  # (K, C * h, w)
    return torch.stack(lines.split(h, dim=1), 1)


def right_by_probing(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """Asks the layer for the answer to each map with a single 1: that answer is the weight there."""
    h, w = size
    channels = weight.shape[1] // (h * w)
    probes = torch.eye(channels * h * w, dtype=weight.dtype).view(-1, channels, h, w)
    return F.linear(probes.flatten(1), weight).T.reshape(len(weight), channels, h, w)


def wrong_channels_last(weight, size):
    """Takes the row as pixel by pixel with its channels, then moves the channels: right shape, wrong
    places.
    """
    return weight.reshape(len(weight), *size, -1).permute(0, 3, 1, 2)


def wrong_columns_first(weight, size):
    """Takes each channel as column by column: right shape, transposed kernels (unless h or w is 1)."""
    h, w = size
    return weight.reshape(len(weight), -1, w, h).transpose(2, 3)


def wrong_sides_exchanged(weight, size):
    """Reads `size` as (width, height): the kernel is (K, C, w, h)."""
    return weight.reshape(len(weight), -1, size[1], size[0])


def wrong_flipped(weight, size):
    """Turns the kernel by 180 degrees as in a textbook convolution; `F.conv2d` does not flip."""
    return weight.reshape(len(weight), -1, *size).flip(2, 3)


def wrong_answers_and_channels_exchanged(weight, size):
    """(C, K, h, w), as a transposed convolution has it."""
    return weight.reshape(len(weight), -1, *size).transpose(0, 1)


def wrong_one_by_one(weight, size):
    """Every dense layer becomes 1 x 1: as if each number of the window were a channel."""
    return weight[:, :, None, None]


def wrong_square(weight, size):
    """Uses the height for both sides: an error or a wrong number of channels for 3 x 4."""
    return weight.reshape(len(weight), -1, size[0], size[0])


def wrong_transposed_weight(weight, size):
    """Takes the weight as (inputs, outputs): the numbers of different answers get mixed."""
    return weight.T.reshape(len(weight), -1, *size)


def wrong_mean_of_the_window(weight, size):
    """Divides by the number of cells: answers are h * w times too small, as if they were a mean."""
    return weight.reshape(len(weight), -1, *size) / (size[0] * size[1])


def wrong_channels_summed(weight, size):
    """Adds up the channels: (K, 1, h, w), where each channel needs weights of its own."""
    return weight.reshape(len(weight), -1, *size).sum(1, keepdim=True)


def wrong_caller_reshaped(weight, size):
    """Right numbers, but the caller's own weight changes its shape: the dense layer does not work any
    more.
    """
    weight.data = weight.data.reshape(len(weight), -1, *size)
    return weight


def wrong_only_one_answer(weight, size):
    """Drops the axis of the answers and returns the kernel of the first, (C, h, w)."""
    return weight[0].reshape(-1, *size)


def wrong_normalised(weight, size):
    """Scales each kernel to a sum of 1, as a filter that smoothes: weights are whatever was learnt."""
    kernel = weight.reshape(len(weight), -1, *size)
    return kernel / kernel.sum((1, 2, 3), keepdim=True)
