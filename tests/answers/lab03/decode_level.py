"""Answers to `decode_level` (lab 03), written from the student's notebook alone."""

import math

import torch
import torchvision
from torch import Tensor


def right_by_broadcasting(offsets: Tensor, stride: int) -> Tensor:
    """Maps of centres and sides in strides, then one list of cells, row by row."""
    h, w = offsets.shape[-2:]
    dx, dy, log_w, log_h = offsets.unbind(1)  # (N, h, w) each
    x, y = torch.arange(w) + dx, torch.arange(h)[:, None] + dy
    half_w, half_h = log_w.exp() / 2, log_h.exp() / 2
    corners = torch.stack([x - half_w, y - half_h, x + half_w, y + half_h], dim=-1) * stride
    return corners.flatten(1, 2)


def right_by_lists_of_cells(offsets: Tensor, stride: int) -> Tensor:
    """A row of numbers for each cell first; the number of the cell tells its place. Torchvision converts."""
    n, _, h, w = offsets.shape
    flat = offsets.permute(0, 2, 3, 1).reshape(n, h * w, 4)
    cell = torch.arange(h * w)
    place = torch.stack([cell % w, cell // w], dim=1)
    pixels = torch.cat([flat[..., :2] + place, flat[..., 2:].exp()], dim=-1) * stride
    return torchvision.ops.box_convert(pixels.reshape(-1, 4), "cxcywh", "xyxy").reshape(n, h * w, 4)


def right_by_loops(offsets: Tensor, stride: int) -> Tensor:
    """Picture by picture, row by row, cell by cell,
    in plain numbers (no gradient; the network is trained already).
    """
    n, _, h, w = offsets.shape
    numbers = offsets.permute(0, 2, 3, 1).tolist()
    boxes = []
    for picture in numbers:
        for row, cells in enumerate(picture):
            for column, (dx, dy, log_w, log_h) in enumerate(cells):
                x, y = stride * (column + dx), stride * (row + dy)
                half_w, half_h = stride * math.exp(log_w) / 2, stride * math.exp(log_h) / 2
                boxes.append([x - half_w, y - half_h, x + half_w, y + half_h])
    return torch.tensor(boxes, dtype=torch.float32).reshape(n, h * w, 4)


def right_by_meshgrid(offsets: Tensor, stride: int) -> Tensor:
    """A grid of places added to the first two channels; in float64, transposed in the end."""
    h, w = offsets.shape[2], offsets.shape[3]
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    middle = (offsets[:, :2].double() + torch.stack([x, y])) * stride
    half = torch.exp(offsets[:, 2:].double()) * (stride / 2)
    return torch.cat([middle - half, middle + half], dim=1).flatten(2).transpose(1, 2)


def _corners(x, y, w, h):
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=-1).flatten(1, 2)


def _places(offsets):
    """The column and the row of each cell: (w,) and (h, 1)."""
    return torch.arange(offsets.shape[3]), torch.arange(offsets.shape[2])[:, None]


def wrong_without_exp(offsets, stride):
    """Takes the logarithms for the sides:
    log 1 = 0 is a box without area, and half of the sides are negative.
    """
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    return _corners((column + dx) * stride, (row + dy) * stride, log_w * stride, log_h * stride)


def wrong_column_by_column(offsets, stride):
    """The right boxes, listed column by column: wrong for all but a single row or column."""
    n, _, h, w = offsets.shape
    boxes = right_by_broadcasting(offsets, stride).reshape(n, h, w, 4)
    return boxes.transpose(1, 2).reshape(n, h * w, 4)


def wrong_reshaped_only(offsets, stride):
    """Reshapes (N, 4, h, w) without moving the channels to the end:
    each box is made of four neighbouring dx.
    """
    n, _, h, w = offsets.shape
    flat, cell = offsets.reshape(n, h * w, 4), torch.arange(h * w)
    middle = (flat[..., :2] + torch.stack([cell % w, cell // w], 1)) * stride
    half = flat[..., 2:].exp() * stride / 2
    return torch.cat([middle - half, middle + half], dim=-1)


def wrong_middle_of_the_cell(offsets, stride):
    """Adds half a cell, as other networks do: every box is half a stride too far right and down."""
    return right_by_broadcasting(offsets, stride) + stride / 2


def wrong_sizes_in_pixels(offsets, stride):
    """exp gives strides, not pixels: every box is too small by a factor of the stride."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    return _corners((column + dx) * stride, (row + dy) * stride, log_w.exp(), log_h.exp())


def wrong_offsets_in_pixels(offsets, stride):
    """Multiplies the cell by the stride, but not dx and dy: wrong wherever they are not 0."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    return _corners(column * stride + dx, row * stride + dy, log_w.exp() * stride, log_h.exp() * stride)


def wrong_row_added_to_x(offsets, stride):
    """Adds the row to dx and the column to dy: wrong off the diagonal."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    return _corners((row + dx) * stride, (column + dy) * stride, log_w.exp() * stride, log_h.exp() * stride)


def wrong_whole_size_each_way(offsets, stride):
    """Forgets the half: boxes are twice as wide and high as they should be."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    x, y, w, h = (column + dx) * stride, (row + dy) * stride, log_w.exp() * stride, log_h.exp() * stride
    return torch.stack([x - w, y - h, x + w, y + h], dim=-1).flatten(1, 2)


def wrong_stride_inside_exp(offsets, stride):
    """Multiplies the logarithm by the stride before exp: 1 becomes e to the 16th instead of 16 e."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    w, h = (log_w * stride).exp(), (log_h * stride).exp()
    return _corners((column + dx) * stride, (row + dy) * stride, w, h)


def wrong_still_centres(offsets, stride):
    """Centre and size in pixels, where corners are asked for."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    numbers = torch.stack([column + dx, row + dy, log_w.exp(), log_h.exp()], dim=-1)
    return (numbers * stride).flatten(1, 2)


def wrong_square_map(offsets, stride):
    """Counts the cells with the height of the map for its width: wrong for maps that are not squares."""
    n, _, h, w = offsets.shape
    flat, cell = offsets.flatten(2).transpose(1, 2), torch.arange(h * w)
    middle = (flat[..., :2] + torch.stack([cell % h, cell // h], 1)) * stride
    half = flat[..., 2:].exp() * stride / 2
    return torch.cat([middle - half, middle + half], dim=-1)


def wrong_changes_its_input(offsets, stride):
    """Adds the cells to the raw outputs in place: decoding them a second time gives other boxes."""
    column, row = _places(offsets)
    offsets[:, 0] += column
    offsets[:, 1] += row
    dx, dy, log_w, log_h = offsets.unbind(1)
    return _corners(dx * stride, dy * stride, log_w.exp() * stride, log_h.exp() * stride)


def wrong_sigmoid_of_the_offsets(offsets, stride):
    """Squeezes dx and dy into the cell, as in other versions of YOLO: 0 becomes half a cell."""
    (column, row), (dx, dy, log_w, log_h) = _places(offsets), offsets.unbind(1)
    x, y = (column + dx.sigmoid()) * stride, (row + dy.sigmoid()) * stride
    return _corners(x, y, log_w.exp() * stride, log_h.exp() * stride)
