import math

import torch
from torch import Tensor

from coursekit import ops


def right_broadcast(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Vectorised: all clicks at once, a map of zeros added so that the maximum exists; float32 whatever the points are."""
    h, w = size
    x, y = (points.float() / stride).unbind(1)
    dx = torch.arange(w) + 0.5 - x[:, None]
    dy = torch.arange(h) + 0.5 - y[:, None]
    spots = torch.exp(-0.5 * (dx[:, None, :] ** 2 + dy[:, :, None] ** 2))
    zero = torch.zeros(1, h, w)
    return torch.stack([torch.cat([zero, spots[kind]]).amax(0) for kind in (inside, ~inside)])


def right_loops(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Plain loops over clicks and cells with math.exp, in double precision, then float32."""
    h, w = size
    maps = [[[0.0] * w for _ in range(h)] for _ in range(2)]
    for (px, py), on in zip(points.tolist(), inside.tolist(), strict=False):
        x, y = px / stride, py / stride
        plane = maps[0 if on else 1]
        for i in range(h):
            for j in range(w):
                value = math.exp(-0.5 * ((j + 0.5 - x) ** 2 + (i + 0.5 - y) ** 2))
                plane[i][j] = max(plane[i][j], value)
    return torch.tensor(maps, dtype=torch.float32).reshape(2, h, w)


def right_nearest_click(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Other functions: the largest value is that of the nearest click, so cdist and a minimum, infinity without clicks; keeps the dtype of floating points."""
    points = points if points.is_floating_point() else points.float()
    cells = ops.grid_centers(size, 1).to(points.dtype)
    distance = torch.cdist(cells, points / stride, compute_mode="donot_use_mm_for_euclid_dist")
    far = torch.full((len(cells), 1), torch.inf, dtype=points.dtype)
    nearest = [torch.cat([distance[:, kind], far], 1).amin(1) for kind in (inside, ~inside)]
    return (-0.5 * torch.stack(nearest) ** 2).exp().reshape(2, *size)


def _spots(x: Tensor, y: Tensor, size: tuple[int, int], half: float = 0.5) -> Tensor:
    dx = torch.arange(size[1]) + half - x[:, None]
    dy = torch.arange(size[0]) + half - y[:, None]
    return torch.exp(-0.5 * (dx[:, None, :] ** 2 + dy[:, :, None] ** 2))


def _largest(spots: Tensor, inside: Tensor) -> Tensor:
    zero = torch.zeros(1, *spots.shape[1:])
    return torch.stack([torch.cat([zero, spots[kind]]).amax(0) for kind in (inside, ~inside)])


def wrong_sum(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Adds overlapping clicks instead of taking the larger value."""
    x, y = (points.float() / stride).unbind(1)
    spots = _spots(x, y, size)
    return torch.stack([spots[inside].sum(0), spots[~inside].sum(0)])


def wrong_x_y_swapped(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Takes the points as (row, column)."""
    y, x = (points.float() / stride).unbind(1)
    return _largest(_spots(x, y, size), inside)


def wrong_no_half_cell(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Forgets that the centre of a cell is at j + 0.5."""
    x, y = (points.float() / stride).unbind(1)
    return _largest(_spots(x, y, size, half=0.0), inside)


def wrong_last_click_overwrites(points: Tensor, inside: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """Writes each click's spot over the map, so that only the last click of a kind stays."""
    maps = torch.zeros(2, *size)
    x, y = (points.float() / stride).unbind(1)
    for spot, on in zip(_spots(x, y, size), inside.tolist(), strict=False):
        maps[0 if on else 1] = spot
    return maps


def wrong_click_rounded_to_its_cell(
    points: Tensor, inside: Tensor, size: tuple[int, int], stride: int
) -> Tensor:
    """Moves the click to the centre of its cell, so that the peak is not at the click."""
    x, y = (points.float() / stride).floor().add(0.5).unbind(1)
    return _largest(_spots(x, y, size), inside)


def wrong_no_clicks_of_a_kind_fails(
    points: Tensor, inside: Tensor, size: tuple[int, int], stride: int
) -> Tensor:
    """Takes the maximum over no clicks, which is an error when a kind (or everything) is missing."""
    x, y = (points.float() / stride).unbind(1)
    spots = _spots(x, y, size)
    return torch.stack([spots[inside].amax(0), spots[~inside].amax(0)])
