"""Answers to `unpool` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_scatter(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Flat maps of zeros, and the values scattered into them."""
    n, c = input.shape[:2]
    flat = input.new_zeros(n, c, size[0] * size[1])
    return flat.scatter(2, switches.flatten(2), input.flatten(2)).view(n, c, *size)


def right_by_index(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Image, channel, row and column of each value, and one assignment to all those places."""
    n, c = input.shape[:2]
    out = torch.zeros(n, c, size[0], size[1], dtype=input.dtype, device=input.device)
    image, channel = torch.arange(n)[:, None, None, None], torch.arange(c)[:, None, None]
    row = torch.div(switches, size[1], rounding_mode="floor")
    out[image, channel, row, switches - row * size[1]] = input
    return out


def right_by_loops(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Value by value; a sum of zeros and values, so that gradients flow."""
    n, c, h, w = input.shape
    out = torch.zeros(n, c, *size, dtype=input.dtype)
    for image in range(n):
        for channel in range(c):
            for i in range(h):
                for j in range(w):
                    row, column = divmod(int(switches[image, channel, i, j]), size[1])
                    out[image, channel, row, column] = input[image, channel, i, j]
    return out


def right_by_library(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """max_unpool2d with its output_size, which may be odd; it takes sizes that pooling 2 x 2 comes from."""
    return F.max_unpool2d(input, switches, 2, output_size=list(size))


def _put(input, switches, size):
    """The right map, for answers whose mistake is elsewhere; it may be too long and is cut then."""
    n, c = input.shape[:2]
    length = max(size[0] * size[1], int(switches.max()) + 1)
    flat = input.new_zeros(n, c, length).scatter(2, switches.flatten(2), input.flatten(2))
    return flat[..., : size[0] * size[1]].view(n, c, *size)


def wrong_nearest(input, switches, size):
    """Enlarges by repeating: each value four times, the switches are ignored."""
    return F.interpolate(input, tuple(size), mode="nearest")


def wrong_upper_left(input, switches, size):
    """Every value into the upper left place of its window, wherever the maximum had been."""
    out = input.new_zeros(*input.shape[:2], *size)
    h, w = input.shape[2:]
    out[:, :, : 2 * h : 2, : 2 * w : 2] = input
    return out


def wrong_size_ignored(input, switches, size):
    """Always twice as large: a row or column is missing for odd sizes."""
    return _put(input, switches, (2 * input.shape[2], 2 * input.shape[3]))


def wrong_double_and_padded(input, switches, size):
    """Reads the switches with the width 2 w and pads to an odd size afterwards: values in wrong rows."""
    h, w = 2 * input.shape[2], 2 * input.shape[3]
    return F.pad(_put(input, switches, (h, w)), (0, size[1] - w, 0, size[0] - h))


def wrong_width_before_height(input, switches, size):
    """Reads size as (W, H): another shape for maps that are not square."""
    return _put(input, switches, (size[1], size[0]))


def wrong_place_in_the_window(input, switches, size):
    """Reads a switch as 0 to 3, the place in its window."""
    out = input.new_zeros(*input.shape[:2], *size)
    h, w = input.shape[2:]
    for place in range(4):
        part = out[:, :, place // 2 :: 2, place % 2 :: 2][:, :, :h, :w]
        part += input * (switches % 4 == place)
    return out


def wrong_row_from_the_height(input, switches, size):
    """row = switch // H, column = switch % H: right for square maps only."""
    h, w = size
    row, column = (switches // h).clamp(max=h - 1), (switches % h).clamp(max=w - 1)
    return _put(input, row * w + column, size)


def wrong_downwards(input, switches, size):
    """Counts places downwards first, column * H + row."""
    h, w = size
    return _put(input, switches % h * w + switches // h, size)


def wrong_switches_of_the_first_channel(input, switches, size):
    """Uses the places of channel 0 for all channels."""
    return _put(input, switches[:, :1].expand_as(input), size)


def wrong_switches_of_the_first_image(input, switches, size):
    """Uses the places of the first image for all images of the batch."""
    return _put(input, switches[:1].expand_as(input), size)


def wrong_ones(input, switches, size):
    """Marks the places with 1 and forgets the values."""
    return _put(torch.ones_like(input), switches, size)


def wrong_no_gradient(input, switches, size):
    """Detaches the values: what comes before the unpooling learns nothing."""
    return _put(input.detach(), switches, size)


def wrong_single_precision(input, switches, size):
    """Writes into torch.zeros of single precision, so that a double input comes back rounded."""
    return _put(input.float(), switches, size)


def wrong_flat(input, switches, size):
    """Forgets to make rows of the flat map: (N, C, H * W)."""
    return _put(input, switches, size).flatten(2)


def wrong_smallest_for_nothing(input, switches, size):
    """Fills the other places with the smallest value of the map and not with 0."""
    filled = _put(torch.ones_like(input), switches, size)
    return torch.where(filled > 0, _put(input, switches, size), input.amin((2, 3), keepdim=True))


def wrong_blurred(input, switches, size):
    """Fills the holes at once with the mean of 3 x 3: the values are no longer at their places alone."""
    return F.avg_pool2d(_put(input, switches, size), 3, stride=1, padding=1)
