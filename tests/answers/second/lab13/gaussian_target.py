"""Answers to `gaussian_target` (lab 13) by somebody else, written from the student's notebook alone."""

import math

import torch
from torch import Tensor


def right_one_by_one(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """One point after the other, with the maximum."""
    _, h, w = size
    maps = torch.zeros(size)
    rows, columns = torch.arange(h)[:, None], torch.arange(w)[None]
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        spot = torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
        maps[c] = torch.maximum(maps[c], spot)
    return maps


def right_scatter_reduce(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """All spots at once, and a scatter with the maximum."""
    C, h, w = size
    x, y = points[:, 0, None, None], points[:, 1, None, None]
    squared = (torch.arange(w) - x) ** 2 + (torch.arange(h)[:, None] - y) ** 2  # (P, h, w)
    spots = torch.exp(-squared / (2 * sigma * sigma))
    index = channels[:, None, None].expand_as(spots)
    return torch.zeros(C, h, w, dtype=spots.dtype).scatter_reduce(0, index, spots, "amax")


def right_nearest_point(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """The highest Gaussian is that of the nearest point: the minimum first, then exp."""
    C, h, w = size
    yy, xx = torch.meshgrid(torch.arange(h).float(), torch.arange(w).float(), indexing="ij")
    maps = []
    for c in range(C):
        mine = points[channels == c]
        squared = torch.full((h, w), math.inf)
        for point in mine:
            squared = torch.minimum(squared, (xx - point[0]) ** 2 + (yy - point[1]) ** 2)
        maps.append(torch.exp(-squared / (2 * sigma**2)))
    return torch.stack(maps)


def right_product_of_axes(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """A Gaussian is a product of one along x and one along y."""
    _, h, w = size
    across = torch.exp(-0.5 * ((torch.arange(w) - points[:, :1]) / sigma) ** 2)  # (P, w)
    down = torch.exp(-0.5 * ((torch.arange(h) - points[:, 1:]) / sigma) ** 2)  # (P, h)
    spots = down[:, :, None] * across[:, None, :]
    maps = torch.zeros(size)
    for c in channels.unique().tolist():
        maps[c] = spots[channels == c].amax(0)
    return maps


def right_python_numbers(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Cell by cell, with math.exp."""
    C, h, w = size
    maps = [[[0.0] * w for _ in range(h)] for _ in range(C)]
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        for row in range(h):
            for column in range(w):
                value = math.exp(-((column - x) ** 2 + (row - y) ** 2) / (2 * sigma**2))
                maps[c][row][column] = max(maps[c][row][column], value)
    return torch.tensor(maps)


def wrong_sum(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Adds Gaussians of one map where they meet."""
    _, h, w = size
    maps = torch.zeros(size)
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        maps[c] += torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return maps


def wrong_sum_clamped(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Adds Gaussians of one map and cuts the sum at 1."""
    return wrong_sum(points, channels, size, sigma).clamp(max=1)


def wrong_last_point_wins(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Overwrites the map, so only the last point of a channel is left."""
    _, h, w = size
    maps = torch.zeros(size)
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        maps[c] = torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return maps


def wrong_x_is_the_row(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Takes the first number of a point for the row."""
    return right_one_by_one(points.flip(1), channels, size, sigma)


def wrong_two_forgotten(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Forgets the 2 in the denominator."""
    return right_one_by_one(points, channels, size, sigma / math.sqrt(2))


def wrong_sigma_not_squared(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Divides by 2 sigma, not by 2 sigma squared."""
    return right_one_by_one(points, channels, size, math.sqrt(sigma))


def wrong_rounded_points(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Rounds the points to whole cells first and loses the fractions."""
    return right_one_by_one(points.round(), channels, size, sigma)


def wrong_centres_at_half(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Puts the centre of the first cell at 0.5, although the formula counts cells by their whole numbers."""
    return right_one_by_one(points - 0.5, channels, size, sigma)


def wrong_area_one(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Normalises the Gaussian to an area of 1 instead of a height of 1."""
    return right_one_by_one(points, channels, size, sigma) / (2 * math.pi * sigma**2)


def wrong_highest_cell_one(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Divides each map by its maximum, so its highest cell is 1 although the point lies between cells."""
    maps = right_one_by_one(points, channels, size, sigma)
    return maps / maps.amax((1, 2), keepdim=True).clamp(min=1e-12)


def wrong_outside_points_left_out(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Leaves out points outside of the map, although their Gaussian reaches into it."""
    _, h, w = size
    inside = (points[:, 0] >= 0) & (points[:, 0] <= w - 1) & (points[:, 1] >= 0) & (points[:, 1] <= h - 1)
    return right_one_by_one(points[inside], channels[inside], size, sigma)


def wrong_outside_points_clamped(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Moves points outside of the map to its edge."""
    _, h, w = size
    held = torch.stack([points[:, 0].clamp(0, w - 1), points[:, 1].clamp(0, h - 1)], 1)
    return right_one_by_one(held, channels, size, sigma)


def wrong_no_points(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Forgets that there may be no point: the stack of nothing is an error."""
    C, h, w = size
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    layers = []
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        layer = torch.zeros(C, h, w)
        layer[c] = torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
        layers.append(layer)
    return torch.stack(layers).amax(0)


def wrong_all_channels(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Paints every point into every map."""
    C, h, w = size
    one = right_one_by_one(points, torch.zeros_like(channels), (1, h, w), sigma)
    return one.repeat(C, 1, 1)


def wrong_one_map_for_each_point(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Puts the p-th point into the p-th map and ignores the channels."""
    return right_one_by_one(points[: size[0]], torch.arange(len(points))[: size[0]], size, sigma)


def wrong_width_before_height(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Reads the size as (C, w, h)."""
    C, w, h = size
    return right_one_by_one(points, channels, (C, h, w), sigma)


def wrong_cut_at_one_sigma(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """Cuts the Gaussian off at one sigma from the point."""
    _, h, w = size
    maps = torch.zeros(size)
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        squared = (columns - x) ** 2 + (rows - y) ** 2
        spot = torch.exp(-squared / (2 * sigma**2)) * (squared <= sigma**2)
        maps[c] = torch.maximum(maps[c], spot)
    return maps


def wrong_no_square(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Takes the distance itself, not its square, so the spot has a sharp tip."""
    _, h, w = size
    maps = torch.zeros(size)
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    for (x, y), c in zip(points.tolist(), channels.tolist(), strict=False):
        distance = ((columns - x) ** 2 + (rows - y) ** 2).sqrt()
        maps[c] = torch.maximum(maps[c], torch.exp(-distance / (2 * sigma**2)))
    return maps
