"""Answers to `gaussian_target` (lab 13), written from the student's notebook alone."""

import math

import torch
from torch import Tensor


def right_by_a_map_each(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """A map for every point at once, then point by point the maximum with what its channel has already."""
    c, h, w = size
    column, row = torch.arange(w), torch.arange(h)[:, None]
    x, y = points[:, 0, None, None], points[:, 1, None, None]
    heat = torch.exp(-((column - x) ** 2 + (row - y) ** 2) / (2 * sigma**2))
    out = torch.zeros(c, h, w)
    for one, channel in zip(heat, channels.tolist(), strict=True):
        out[channel] = torch.maximum(out[channel], one)
    return out


def right_by_loops(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Cell by cell, with numbers of Python."""
    c, h, w = size
    out = [[[0.0] * w for _ in range(h)] for _ in range(c)]
    for (x, y), channel in zip(points.tolist(), channels.tolist(), strict=True):
        for row in range(h):
            for column in range(w):
                far = (column - x) ** 2 + (row - y) ** 2
                out[channel][row][column] = max(out[channel][row][column], math.exp(-far / (2 * sigma**2)))
    return torch.tensor(out)


def right_by_index_reduce(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """The Gaussian is one along the row times one along the column; index_reduce keeps the highest."""
    _, h, w = size
    across = (-((torch.arange(w) - points[:, :1]) ** 2) / (2 * sigma**2)).exp()
    down = (-((torch.arange(h) - points[:, 1:]) ** 2) / (2 * sigma**2)).exp()
    return torch.zeros(size).index_reduce(0, channels, down[:, :, None] * across[:, None], "amax")


def right_by_nearest_point(
    points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float
) -> Tensor:
    """The highest Gaussian is that of the nearest point: channel by channel, from the smallest distance.
    A channel without points stays 0.
    """
    c, h, w = size
    places = torch.cartesian_prod(torch.arange(h), torch.arange(w)).flip(1).to(points.dtype)
    out = points.new_zeros(c, h * w)
    for channel in range(c):
        mine = points[channels == channel]
        if len(mine):
            far = (places[:, None] - mine).square().sum(-1).amin(1)
            out[channel] = torch.exp(-0.5 * far / sigma**2)
    return out.view(c, h, w)


def _heat(points, size, squared):
    """exp(-squared distance / scale) for all points, (P, h, w)."""
    x, y = points[:, 0, None, None], points[:, 1, None, None]
    return torch.exp(-squared(torch.arange(size[2]) - x, torch.arange(size[1])[:, None] - y))


def _highest(heat, channels, size):
    return torch.zeros(size).index_reduce(0, channels, heat, "amax")


def _gauss(sigma):
    return lambda dx, dy: (dx**2 + dy**2) / (2 * sigma**2)


def wrong_sum(points, channels, size, sigma):
    """Adds Gaussians of one map: higher than 1 where two points are near."""
    return torch.zeros(size).index_add(0, channels, _heat(points, size, _gauss(sigma)))


def wrong_last_one(points, channels, size, sigma):
    """Each point overwrites the map of its channel: only the last of two pears is left."""
    out = torch.zeros(size)
    for one, channel in zip(_heat(points, size, _gauss(sigma)), channels.tolist(), strict=True):
        out[channel] = one
    return out


def wrong_unit_volume(points, channels, size, sigma):
    """The density of probability, divided by 2 pi sigma²: its height is not 1."""
    return _highest(_heat(points, size, _gauss(sigma)) / (2 * math.pi * sigma**2), channels, size)


def wrong_without_the_two(points, channels, size, sigma):
    """Divides by sigma² and not by 2 sigma²: the spots are too narrow."""
    return _highest(_heat(points, size, lambda dx, dy: (dx**2 + dy**2) / sigma**2), channels, size)


def wrong_sigma_not_squared(points, channels, size, sigma):
    """Divides by 2 sigma: right for sigma = 1 only."""
    return _highest(_heat(points, size, lambda dx, dy: (dx**2 + dy**2) / (2 * sigma)), channels, size)


def wrong_distance_not_squared(points, channels, size, sigma):
    """A pointed hat that falls with the distance itself."""
    heat = _heat(points, size, lambda dx, dy: (dx**2 + dy**2).sqrt() / (2 * sigma**2))
    return _highest(heat, channels, size)


def wrong_x_for_y(points, channels, size, sigma):
    """Takes the first number of a point for the row: the maps are transposed."""
    return _highest(_heat(points.flip(1), size, _gauss(sigma)), channels, size)


def wrong_rounded(points, channels, size, sigma):
    """Rounds the points to whole cells first: the fractions, which the neighbours should show, are lost."""
    return _highest(_heat(points.round(), size, _gauss(sigma)), channels, size)


def wrong_half_a_cell_off(points, channels, size, sigma):
    """Takes column + 0.5 for the place of a cell: the points count from the centres already."""
    return _highest(_heat(points - 0.5, size, _gauss(sigma)), channels, size)


def wrong_peak_made_one(points, channels, size, sigma):
    """Scales each Gaussian so that its highest cell is 1, although the point lies between cells."""
    heat = _heat(points, size, _gauss(sigma))
    return _highest(heat / heat.amax((1, 2), keepdim=True).clamp(min=1e-30), channels, size)


def wrong_cut_off_early(points, channels, size, sigma):
    """0 from a distance of 2 sigma on: there the Gaussian still is 0.14."""
    heat = _heat(points, size, _gauss(sigma))
    return _highest(heat * (heat > math.exp(-2)), channels, size)


def wrong_map_for_each_point(points, channels, size, sigma):
    """Point p into map p, `channels` is ignored: wrong as soon as they are not 0, 1, 2, …"""
    return _highest(_heat(points, size, _gauss(sigma)), torch.arange(len(points)) % size[0], size)


def wrong_width_before_height(points, channels, size, sigma):
    """Reads the size as (C, w, h): another shape for maps that are not square."""
    size = (size[0], size[2], size[1])
    return _highest(_heat(points, size, _gauss(sigma)), channels, size)


def wrong_no_points(points, channels, size, sigma):
    """Needs at least one point: the maximum over nothing is an error for a scene without points."""
    heat = _heat(points, size, _gauss(sigma))
    mine = channels[:, None] == torch.arange(size[0])
    return torch.where(mine[:, :, None, None], heat[:, None], 0.0).amax(0)


def wrong_single_cell(points, channels, size, sigma):
    """A 1 in the cell of the point and 0 elsewhere: no Gaussian."""
    column, row = points.round().long().unbind(1)
    out = torch.zeros(size)
    inside = (column >= 0) & (column < size[2]) & (row >= 0) & (row < size[1])
    out[channels[inside], row[inside], column[inside]] = 1
    return out
