"""Answers to `unpool` (lab 12) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_scatter(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Scatter into flat maps."""
    N, C = input.shape[:2]
    flat = input.new_zeros(N, C, size[0] * size[1])
    return flat.scatter(2, switches.flatten(2), input.flatten(2)).reshape(N, C, *size)


def right_library(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """The library's unpooling."""
    return F.max_unpool2d(input, switches, 2, output_size=tuple(size))


def right_row_and_column(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Row and column of each switch, and assignment by index."""
    N, C = input.shape[:2]
    H, W = size
    output = torch.zeros(N, C, H, W, dtype=input.dtype)
    n = torch.arange(N)[:, None, None, None]
    c = torch.arange(C)[None, :, None, None]
    output[n, c, torch.div(switches, W, rounding_mode="floor"), switches % W] = input
    return output


def right_map_by_map(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """One flat map at a time, stacked at the end."""
    H, W = size
    maps = []
    for values, places in zip(input.flatten(0, 1), switches.flatten(0, 1), strict=False):
        maps.append(torch.zeros(H * W, dtype=input.dtype).index_add(0, places.flatten(), values.flatten()))
    return torch.stack(maps).reshape(*input.shape[:2], H, W)


def right_offsets(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """One long vector for everything; each map has its own offset."""
    N, C, h, w = input.shape
    area = size[0] * size[1]
    start = torch.arange(N * C).reshape(N, C, 1, 1) * area
    index = (switches + start).reshape(-1)
    return input.new_zeros(N * C * area).index_put((index,), input.reshape(-1)).reshape(N, C, *size)


def wrong_width_of_small_map(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Reads row and column with the width of the pooled map."""
    N, C, _, w = input.shape
    output = input.new_zeros(N, C, *size)
    n, c = torch.arange(N)[:, None, None, None], torch.arange(C)[None, :, None, None]
    output[n, c, (switches // w) % size[0], switches % w] = input
    return output


def wrong_height_for_width(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Divides the switches by the height of the map, not by its width."""
    N, C = input.shape[:2]
    H, W = size
    output = input.new_zeros(N, C, H, W)
    n, c = torch.arange(N)[:, None, None, None], torch.arange(C)[None, :, None, None]
    output[n, c, (switches // H) % H, (switches % H) % W] = input
    return output


def wrong_size_swapped(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Reads the size as (width, height)."""
    N, C = input.shape[:2]
    W, H = size
    flat = input.new_zeros(N, C, H * W)
    return flat.scatter(2, switches.flatten(2), input.flatten(2)).reshape(N, C, H, W)


def wrong_nearest(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Enlarges with the nearest value and ignores the switches."""
    return F.interpolate(input, tuple(size), mode="nearest")


def wrong_top_left(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Puts each value into the upper left corner of its window."""
    N, C, h, w = input.shape
    output = input.new_zeros(N, C, *size)
    output[:, :, : 2 * h : 2, : 2 * w : 2] = input
    return output


def wrong_one_map_for_all_channels(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Flattens everything, so all values land in the first map."""
    N, C = input.shape[:2]
    flat = input.new_zeros(N * C * size[0] * size[1])
    return flat.scatter(0, switches.flatten(), input.flatten()).reshape(N, C, *size)


def wrong_switches_of_first_channel(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Uses the switches of the first channel for all channels."""
    N, C = input.shape[:2]
    flat = input.new_zeros(N, C, size[0] * size[1])
    places = switches[:, :1].expand_as(switches).flatten(2)
    return flat.scatter(2, places, input.flatten(2)).reshape(N, C, *size)


def wrong_always_twice_as_large(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Ignores the size and makes the map twice as large, so odd sizes are lost."""
    N, C, h, w = input.shape
    flat = input.new_zeros(N, C, 4 * h * w)
    return flat.scatter(2, switches.flatten(2) % (4 * h * w), input.flatten(2)).reshape(N, C, 2 * h, 2 * w)


def wrong_no_gradient(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Copies the values with .data, so no gradient passes."""
    N, C = input.shape[:2]
    flat = input.data.new_zeros(N, C, size[0] * size[1])
    return flat.scatter(2, switches.flatten(2), input.data.flatten(2)).reshape(N, C, *size)


def wrong_float32(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Always returns float32."""
    N, C = input.shape[:2]
    flat = torch.zeros(N, C, size[0] * size[1])
    return flat.scatter(2, switches.flatten(2), input.flatten(2).float()).reshape(N, C, *size)


def wrong_smallest_elsewhere(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Fills the other places with the smallest value, not with zeros."""
    N, C = input.shape[:2]
    flat = input.new_full((N, C, size[0] * size[1]), float(input.min()))
    return flat.scatter(2, switches.flatten(2), input.flatten(2)).reshape(N, C, *size)


def wrong_switch_within_window(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Takes the switch for a number from 0 to 3 within the window."""
    N, C, h, w = input.shape
    output = input.new_zeros(N, C, *size)
    n, c = torch.arange(N)[:, None, None, None], torch.arange(C)[None, :, None, None]
    inside = switches % 4
    rows = 2 * torch.arange(h)[:, None] + inside // 2
    columns = 2 * torch.arange(w) + inside % 2
    output[n, c, rows, columns] = input
    return output


def wrong_gather(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Collects with gather from an enlarged map and keeps the small size."""
    large = F.interpolate(input, tuple(size))
    return large.flatten(2).gather(2, switches.flatten(2)).reshape(input.shape)


def wrong_values_over_whole_window(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Puts the mean share of the value on each of the four places, so that only the sum is kept."""
    N, C, h, w = input.shape
    output = input.new_zeros(N, C, *size)
    output[:, :, : 2 * h, : 2 * w] = F.interpolate(input, scale_factor=2) / 4
    return output


def wrong_columns_first(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Counts the places column by column."""
    N, C = input.shape[:2]
    H, W = size
    flat = input.new_zeros(N, C, W * H)
    return flat.scatter(2, switches.flatten(2), input.flatten(2)).reshape(N, C, W, H).transpose(2, 3)
