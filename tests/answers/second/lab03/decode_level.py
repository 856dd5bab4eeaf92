"""Answers to `decode_level` (lab 03) by somebody else, written from the student's notebook alone."""

import math

import torch
import torchvision
from torch import Tensor


def _places(offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Column and row of each cell, (h, w) each."""
    h, w = offsets.shape[-2:]
    rows, columns = torch.meshgrid(
        torch.arange(h, dtype=offsets.dtype), torch.arange(w, dtype=offsets.dtype), indexing="ij"
    )
    return columns, rows


def _corners(x: Tensor, y: Tensor, w: Tensor, h: Tensor) -> Tensor:
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1).flatten(1, -2)


# ------------------------------------------------------------------ right


def right_meshgrid(offsets: Tensor, stride: int) -> Tensor:
    """Grids of columns and rows, four tables, one stack."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)  # (N, h, w) each
    x, y = (columns + dx) * stride, (rows + dy) * stride
    return _corners(x, y, log_w.exp() * stride, log_h.exp() * stride)


def right_loops(offsets: Tensor, stride: int) -> Tensor:
    """Plain numbers, one cell after the other."""
    pictures = []
    for picture in offsets.tolist():
        dx, dy, log_w, log_h = picture
        boxes = []
        for r in range(len(dx)):
            for c in range(len(dx[0])):
                x, y = c + dx[r][c], r + dy[r][c]
                w, h = math.exp(log_w[r][c]), math.exp(log_h[r][c])
                boxes.append([stride * v for v in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)])
        pictures.append(boxes)
    n, _, h, w = offsets.shape
    return torch.tensor(pictures, dtype=offsets.dtype).reshape(n, h * w, 4)


def right_flat_first(offsets: Tensor, stride: int) -> Tensor:
    """Flatten the cells first; column and row by division with rest."""
    width = offsets.shape[3]
    flat = offsets.flatten(2).transpose(1, 2)  # (N, h w, 4)
    number = torch.arange(flat.shape[1])
    corner = torch.stack([number % width, number // width], 1)  # (h w, 2)
    centre, half = flat[..., :2] + corner, flat[..., 2:].exp() / 2
    return torch.cat([centre - half, centre + half], -1) * stride


def right_library(offsets: Tensor, stride: int) -> Tensor:
    """permute to the last axis and let torchvision convert cxcywh to xyxy."""
    n, _, h, w = offsets.shape
    numbers = offsets.permute(0, 2, 3, 1).clone()
    numbers[..., 0] += torch.arange(w, dtype=offsets.dtype)
    numbers[..., 1] += torch.arange(h, dtype=offsets.dtype)[:, None]
    numbers[..., 2:] = numbers[..., 2:].exp()
    boxes = numbers.reshape(n, h * w, 4) * stride
    return torchvision.ops.box_convert(boxes, "cxcywh", "xyxy")


def right_row_by_row(offsets: Tensor, stride: int) -> Tensor:
    """One row of cells after the other, put together with cat."""
    n, _, h, w = offsets.shape
    columns = torch.arange(w)
    rows = []
    for r in range(h):
        x = stride * (offsets[:, 0, r] + columns)  # (N, w)
        y = stride * (offsets[:, 1, r] + r)
        sides = stride * torch.exp(offsets[:, 2:, r])  # (N, 2, w)
        x1, y1 = x - 0.5 * sides[:, 0], y - 0.5 * sides[:, 1]
        rows.append(torch.stack([x1, y1, x1 + sides[:, 0], y1 + sides[:, 1]], 2))
    return torch.cat(rows, 1)


# ------------------------------------------------------------------ wrong


def wrong_from_the_middle(offsets: Tensor, stride: int) -> Tensor:
    """Counts from the middle of the cell: column + 0.5 + dx."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    x, y = (columns + 0.5 + dx) * stride, (rows + 0.5 + dy) * stride
    return _corners(x, y, log_w.exp() * stride, log_h.exp() * stride)


def wrong_no_exp(offsets: Tensor, stride: int) -> Tensor:
    """Takes the logarithms for the sides."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    return _corners((columns + dx) * stride, (rows + dy) * stride, log_w * stride, log_h * stride)


def wrong_offset_in_pixels(offsets: Tensor, stride: int) -> Tensor:
    """Multiplies only the cell by the stride, so dx and dy are pixels."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    x, y = columns * stride + dx, rows * stride + dy
    return _corners(x, y, log_w.exp() * stride, log_h.exp() * stride)


def wrong_sides_in_pixels(offsets: Tensor, stride: int) -> Tensor:
    """Forgets the stride at the sides."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    return _corners((columns + dx) * stride, (rows + dy) * stride, log_w.exp(), log_h.exp())


def wrong_in_strides(offsets: Tensor, stride: int) -> Tensor:
    """Returns the boxes in strides, not in pixels."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    return _corners(columns + dx, rows + dy, log_w.exp(), log_h.exp())


def wrong_rows_for_x(offsets: Tensor, stride: int) -> Tensor:
    """Adds the row to dx and the column to dy."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    return _corners((rows + dx) * stride, (columns + dy) * stride, log_w.exp() * stride, log_h.exp() * stride)


def wrong_column_by_column(offsets: Tensor, stride: int) -> Tensor:
    """Lists the cells column by column."""
    n, _, h, w = offsets.shape
    return right_meshgrid(offsets, stride).view(n, h, w, 4).transpose(1, 2).reshape(n, h * w, 4)


def wrong_centre_and_size(offsets: Tensor, stride: int) -> Tensor:
    """Returns cxcywh, not corners."""
    boxes = right_meshgrid(offsets, stride)
    return torch.cat([(boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]], -1)


def wrong_not_halved(offsets: Tensor, stride: int) -> Tensor:
    """Goes a whole side from the centre in each direction."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    x, y, w, h = (columns + dx) * stride, (rows + dy) * stride, log_w.exp() * stride, log_h.exp() * stride
    return _corners(x, y, 2 * w, 2 * h)


def wrong_corner_at_the_centre(offsets: Tensor, stride: int) -> Tensor:
    """Takes the centre for the upper left corner."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    x, y, w, h = (columns + dx) * stride, (rows + dy) * stride, log_w.exp() * stride, log_h.exp() * stride
    return _corners(x + w / 2, y + h / 2, w, h)


def wrong_reshaped(offsets: Tensor, stride: int) -> Tensor:
    """Reshapes (N, 4, h, w) to (N, h w, 4) without moving the axis of the four numbers to the end."""
    n, _, h, w = offsets.shape
    flat = offsets.reshape(n, h * w, 4)
    number = torch.arange(h * w)
    centre = flat[..., :2] + torch.stack([number % w, number // w], 1)
    half = flat[..., 2:].exp() / 2
    return torch.cat([centre - half, centre + half], -1) * stride


def wrong_divided_by_the_height(offsets: Tensor, stride: int) -> Tensor:
    """Divides the number of a cell by the height of the grid, so a grid that is not square goes wrong."""
    height = offsets.shape[2]
    flat = offsets.flatten(2).transpose(1, 2)
    number = torch.arange(flat.shape[1])
    centre = flat[..., :2] + torch.stack([number % height, number // height], 1)
    half = flat[..., 2:].exp() / 2
    return torch.cat([centre - half, centre + half], -1) * stride


def wrong_sigmoid(offsets: Tensor, stride: int) -> Tensor:
    """Puts dx and dy through a sigmoid, like other YOLOs do."""
    columns, rows = _places(offsets)
    dx, dy, log_w, log_h = offsets.unbind(1)
    x, y = (columns + dx.sigmoid()) * stride, (rows + dy.sigmoid()) * stride
    return _corners(x, y, log_w.exp() * stride, log_h.exp() * stride)


def wrong_width_and_height(offsets: Tensor, stride: int) -> Tensor:
    """Reads the last two numbers as log h, log w."""
    columns, rows = _places(offsets)
    dx, dy, log_h, log_w = offsets.unbind(1)
    return _corners((columns + dx) * stride, (rows + dy) * stride, log_w.exp() * stride, log_h.exp() * stride)


def wrong_clipped(offsets: Tensor, stride: int) -> Tensor:
    """Clips the boxes to the picture that the grid covers."""
    h, w = offsets.shape[-2:]
    boxes = right_meshgrid(offsets, stride)
    boxes[..., 0::2] = boxes[..., 0::2].clamp(0, w * stride)
    boxes[..., 1::2] = boxes[..., 1::2].clamp(0, h * stride)
    return boxes


def wrong_offsets_in_place(offsets: Tensor, stride: int) -> Tensor:
    """Turns the raw outputs into sides in their own memory."""
    offsets[:, 2:] = offsets[:, 2:].exp()
    columns, rows = _places(offsets)
    dx, dy, w, h = offsets.unbind(1)
    return _corners((columns + dx) * stride, (rows + dy) * stride, w * stride, h * stride)


def wrong_grid_kept(offsets: Tensor, stride: int) -> Tensor:
    """Returns (N, h, w, 4), not a list of boxes for each picture."""
    n, _, h, w = offsets.shape
    return right_meshgrid(offsets, stride).view(n, h, w, 4)
