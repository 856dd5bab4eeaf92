"""Answers to `click_maps` (lab 16)."""

import math

import torch
from torch import Tensor


def right_with_loops(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Click by click and cell by cell."""
    maps = torch.zeros(2, *size)
    for (x, y), kind in zip(points.tolist(), inside.tolist(), strict=True):
        for row in range(size[0]):
            for column in range(size[1]):
                far = (column + 0.5 - x / stride) ** 2 + (row + 0.5 - y / stride) ** 2
                here = 0 if kind else 1
                maps[here, row, column] = max(maps[here, row, column].item(), math.exp(-far / 2))
    return maps


def right_in_pixels(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Distances in pixels, divided by the stride at the end."""
    y = (torch.arange(size[0]) * stride + stride / 2)[:, None]
    x = (torch.arange(size[1]) * stride + stride / 2)[None]
    maps = [torch.zeros(size), torch.zeros(size)]
    for point, kind in zip(points, inside, strict=True):
        far = ((x - point[0]) ** 2 + (y - point[1]) ** 2) / stride**2
        maps[int(not kind)] = torch.maximum(maps[int(not kind)], (-far / 2).exp())
    return torch.stack(maps)


def right_with_cdist(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """All cells as a list of points, the nearest click of each kind: the maximum is where the distance is smallest."""
    rows, columns = torch.meshgrid(torch.arange(size[0]), torch.arange(size[1]), indexing="ij")
    cells = torch.stack([columns, rows], -1).reshape(-1, 2) + 0.5
    maps = torch.zeros(2, *size)
    for k, kind in enumerate((inside, ~inside)):
        if kind.any():
            nearest = torch.cdist(cells, points[kind] / stride).amin(1)
            maps[k] = torch.exp(-(nearest**2) / 2).reshape(size)
    return maps


def wrong_added(points, inside, size, stride):
    """Adds the clicks of one kind."""
    maps = torch.zeros(2, *size)
    for i in range(len(points)):
        maps += right_in_pixels(points[i : i + 1], inside[i : i + 1], size, stride)
    return maps


def wrong_x_for_y(points, inside, size, stride):
    """Takes the first number of a point for the row."""
    return right_with_loops(points[:, [1, 0]], inside, size, stride)


def wrong_corner_of_the_cell(points, inside, size, stride):
    """arange without the half."""
    return right_with_loops(points + stride / 2, inside, size, stride)


def wrong_pixels(points, inside, size, stride):
    """Forgets the stride."""
    return right_with_loops(points * stride, inside, size, stride)


def wrong_without_the_two(points, inside, size, stride):
    """exp(-d²)."""
    return right_with_loops(points, inside, size, stride) ** 2


def wrong_kinds(points, inside, size, stride):
    """Clicks beside the object first."""
    return right_with_cdist(points, inside, size, stride).flip(0)


def wrong_minus(points, inside, size, stride):
    """The second map with a minus sign."""
    maps = right_with_cdist(points, inside, size, stride)
    return torch.stack([maps[0], -maps[1]])


def wrong_last_one(points, inside, size, stride):
    """Each click overwrites the map."""
    maps = torch.zeros(2, *size)
    for i in range(len(points)):
        one = right_in_pixels(points[i : i + 1], inside[i : i + 1], size, stride)
        k = 0 if inside[i] else 1
        maps[k] = one[k]
    return maps
