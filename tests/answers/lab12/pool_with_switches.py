"""Answers to `pool_with_switches` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_library(input: Tensor) -> tuple[Tensor, Tensor]:
    """max_pool2d returns both. Among equals the first one counts."""
    return F.max_pool2d(input, 2, return_indices=True)


def right_by_windows(input: Tensor) -> tuple[Tensor, Tensor]:
    """Windows of four by unfold, arg-max among them, and from it row and column in the map."""
    h, w = input.shape[2] // 2, input.shape[3] // 2
    windows = input.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)
    which = windows.argmax(-1)
    row = 2 * torch.arange(h)[:, None] + which // 2
    column = 2 * torch.arange(w) + which % 2
    return windows.gather(-1, which[..., None])[..., 0], row * input.shape[3] + column


def right_by_comparison(input: Tensor) -> tuple[Tensor, Tensor]:
    """Four shifted quarters, compared one after the other. Among equals the last one counts."""
    high, wide = input.shape[2] // 2 * 2, input.shape[3] // 2 * 2
    numbers = torch.arange(input.shape[2] * input.shape[3]).reshape(input.shape[2:]).expand(input.shape)
    best, where = input[:, :, 0:high:2, 0:wide:2], numbers[:, :, 0:high:2, 0:wide:2]
    for a, b in ((0, 1), (1, 0), (1, 1)):
        rival, place = input[:, :, a:high:2, b:wide:2], numbers[:, :, a:high:2, b:wide:2]
        wins = rival >= best
        best, where = torch.where(wins, rival, best), torch.where(wins, place, where)
    return best, where


def right_by_loops(input: Tensor) -> tuple[Tensor, Tensor]:
    """Window by window, as lists of places; among equals the first one counts."""
    n, c, h, w = input.shape
    flat = input.flatten(2)
    switches = torch.zeros(n, c, h // 2, w // 2, dtype=torch.int64)
    values = flat.tolist()
    for image in range(n):
        for channel in range(c):
            for i in range(h // 2):
                for j in range(w // 2):
                    corner = 2 * i * w + 2 * j
                    places = [corner, corner + 1, corner + w, corner + w + 1]
                    switches[image, channel, i, j] = max(places, key=values[image][channel].__getitem__)
    return flat.gather(2, switches.flatten(2)).view_as(switches), switches


def wrong_place_in_the_window(input):
    """The switch is 0 to 3, the place in its window, and not the place in the map."""
    windows = input.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)
    return windows.max(-1)


def wrong_width_of_the_rest(input):
    """Cuts an odd last column off first and counts with the width that is left: wrong switches for odd W."""
    h, w = input.shape[2] // 2 * 2, input.shape[3] // 2 * 2
    return F.max_pool2d(input[:, :, :h, :w], 2, return_indices=True)


def wrong_height_for_width(input):
    """row * H + column: right for square maps only."""
    h, w = input.shape[2:]
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return pooled, places // w * h + places % w


def wrong_column_by_column(input):
    """column * H + row: counts downwards first."""
    h, w = input.shape[2:]
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return pooled, places % w * h + places // w


def wrong_width_of_the_pooled_map(input):
    """row * (W // 2) + column: two places may get the same number."""
    w = input.shape[3]
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return pooled, places // w * (w // 2) + places % w


def wrong_odd_row_kept(input):
    """ceil_mode: an odd last row or column makes windows of its own, which were to be left out."""
    return F.max_pool2d(input, 2, return_indices=True, ceil_mode=True)


def wrong_largest_in_size(input):
    """The largest absolute value: -9 beats 5."""
    _, places = F.max_pool2d(input.abs(), 2, return_indices=True)
    return input.flatten(2).gather(2, places.flatten(2)).view(places.shape), places


def wrong_first_of_an_equal_value(input):
    """Looks for the pooled value in the whole map and takes the first place that has it:
    a wrong place when two windows have the same maximum.
    """
    pooled = F.max_pool2d(input, 2)
    equal = input.flatten(2)[:, :, None] == pooled.flatten(2)[..., None]
    return pooled, equal.int().argmax(-1).view(pooled.shape)


def wrong_channels_counted_on(input):
    """Goes on counting from channel to channel and image to image: right only for the first map."""
    n, c, h, w = input.shape
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return pooled, places + torch.arange(n * c).reshape(n, c, 1, 1) * (h * w)


def wrong_order(input):
    """Switches first and maxima second."""
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return places, pooled


def wrong_starts_at_zero(input):
    """Starts the search at 0: where all four are negative it finds a maximum of 0 that is not there."""
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return pooled.clamp(min=0), places


def wrong_same_switches_for_all_channels(input):
    """Finds the places in the sum of the channels: wrong for C > 1."""
    _, places = F.max_pool2d(input.sum(1, keepdim=True), 2, return_indices=True)
    places = places.expand(-1, input.shape[1], -1, -1)
    return input.flatten(2).gather(2, places.flatten(2)).view(places.shape), places


def wrong_no_gradient(input):
    """Detaches the maxima: nothing before the pooling can be trained."""
    pooled, places = F.max_pool2d(input.detach(), 2, return_indices=True)
    return pooled, places


def wrong_stride_one(input):
    """Overlapping windows, one place apart: (H - 1) x (W - 1) of them."""
    return F.max_pool2d(input, 2, stride=1, return_indices=True)


def wrong_switches_with_fractions(input):
    """The switches as numbers with a decimal point: no index, and unpooling fails."""
    pooled, places = F.max_pool2d(input, 2, return_indices=True)
    return pooled, places.to(input.dtype)
