import math

import torch
from torch import Tensor


def right_cell_by_cell(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    """Four nested loops of plain Python."""
    heat = torch.zeros(size)
    for (px, py), radius, label in zip(points.tolist(), radii.tolist(), labels.tolist(), strict=False):
        r = math.floor(radius)
        sigma = (2 * r + 1) / 6
        for y in range(max(py - r, 0), min(py + r, size[1] - 1) + 1):
            for x in range(max(px - r, 0), min(px + r, size[2] - 1) + 1):
                value = math.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
                heat[label, y, x] = max(heat[label, y, x].item(), value)
    return heat


def right_all_at_once(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    """One map per object, and a scatter with the maximum."""
    _, h, w = size
    r = radii.floor()[:, None, None]
    dx = (torch.arange(w) - points[:, :1])[:, None, :]  # (G, 1, w)
    dy = (torch.arange(h) - points[:, 1:])[:, :, None]  # (G, h, 1)
    sigma = (2 * r + 1) / 6
    maps = torch.exp(-(dx**2 + dy**2) / (2 * sigma**2))
    maps = maps * ((dx.abs() <= r) & (dy.abs() <= r))
    heat = torch.zeros(size, dtype=maps.dtype)
    return heat.scatter_reduce(0, labels[:, None, None].expand(-1, h, w), maps, "amax", include_self=True)


def right_pasted_patches(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    """As the published code: one square patch, the part inside the map is pasted with a maximum."""
    heat = torch.zeros(size)
    _, h, w = size
    for i in range(len(points)):
        x, y = points[i].tolist()
        r = int(radii[i])
        line = torch.exp(-(torch.arange(-r, r + 1, dtype=torch.float32) ** 2) / (2 * ((2 * r + 1) / 6) ** 2))
        patch = line[:, None] * line[None, :]
        left, right = min(x, r), min(w - 1 - x, r)
        top, bottom = min(y, r), min(h - 1 - y, r)
        view = heat[labels[i], y - top : y + bottom + 1, x - left : x + right + 1]
        view.copy_(torch.maximum(view, patch[r - top : r + bottom + 1, r - left : r + right + 1]))
    return heat


def _maps(points, r, sigma, size):
    _, h, w = size
    dx = (torch.arange(w) - points[:, :1])[:, None, :]
    dy = (torch.arange(h) - points[:, 1:])[:, :, None]
    r, sigma = r[:, None, None], sigma[:, None, None]
    return torch.exp(-(dx**2 + dy**2) / (2 * sigma**2)) * ((dx.abs() <= r) & (dy.abs() <= r))


def _highest(maps, labels, size):
    heat = torch.zeros(size)
    for one, label in zip(maps, labels, strict=False):
        heat[label] = torch.maximum(heat[label], one)
    return heat


def wrong_added_up(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    """Adds Gaussians of one channel where they meet instead of taking the higher one."""
    r = radii.floor()
    heat = torch.zeros(size)
    for one, label in zip(_maps(points, r, (2 * r + 1) / 6, size), labels, strict=False):
        heat[label] += one
    return heat


def wrong_later_overwrites(
    points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]
) -> Tensor:
    """The later Gaussian replaces the earlier one in its whole square, even where it is lower."""
    heat = torch.zeros(size)
    r = radii.floor()
    maps = _maps(points, r, (2 * r + 1) / 6, size)
    for one, label in zip(maps, labels, strict=False):
        heat[label] = torch.where(one > 0, one, heat[label])
    return heat


def wrong_not_cut_off(points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]) -> Tensor:
    """Forgets that the heat is 0 beyond r cells, so the Gaussian has no end."""
    r = radii.floor()
    return _highest(_maps(points, torch.full_like(r, 1e9), (2 * r + 1) / 6, size), labels, size)


def wrong_cut_off_in_a_circle(
    points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]
) -> Tensor:
    """Cuts the Gaussian off in a circle of radius r, so the corners of the square are 0."""
    r = radii.floor()
    _, h, w = size
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    d2 = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
    maps = torch.exp(-d2 / (2 * ((2 * r + 1) / 6)[:, None, None] ** 2))
    return _highest(maps * (d2 <= r[:, None, None] ** 2), labels, size)


def wrong_rounded_too_late(
    points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]
) -> Tensor:
    """Takes sigma from the radius with its fraction and rounds only for the square."""
    return _highest(_maps(points, radii.floor(), (2 * radii + 1) / 6, size), labels, size)


def wrong_x_and_y_swapped(
    points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]
) -> Tensor:
    """Uses the first number of a point as the row and the second as the column."""
    r = radii.floor()
    return _highest(_maps(points.flip(1), r, (2 * r + 1) / 6, size), labels, size)


def wrong_wraps_at_the_border(
    points: Tensor, radii: Tensor, labels: Tensor, size: tuple[int, int, int]
) -> Tensor:
    """At the border the indices become negative and paint the opposite side of the map."""
    heat = torch.zeros(size)
    _, h, w = size
    for (px, py), radius, label in zip(points.tolist(), radii.tolist(), labels.tolist(), strict=False):
        r = int(radius)
        sigma = (2 * r + 1) / 6
        for dy in range(-r, r + 1):
            for dx in range(-r, r + 1):
                if py + dy < h and px + dx < w:
                    value = math.exp(-(dx**2 + dy**2) / (2 * sigma**2))
                    heat[label, py + dy, px + dx] = max(heat[label, py + dy, px + dx].item(), value)
    return heat
