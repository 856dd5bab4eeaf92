"""Answers to `decode_grid` (lab 03), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def right_by_broadcasting(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """The number of its column is added to x, that of its row to y; then units of the image, then pixels."""
    rows, columns = boxes.shape[-4:-2]
    high, wide = image_size
    x = (boxes[..., 0] + torch.arange(columns)[:, None]) / columns * wide
    y = (boxes[..., 1] + torch.arange(rows)[:, None, None]) / rows * high
    half_w, half_h = boxes[..., 2] * wide / 2, boxes[..., 3] * high / 2
    return torch.stack([x - half_w, y - half_h, x + half_w, y + half_h], dim=-1)


def right_by_loops(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """Cell by cell; whatever stands before the rows and the B boxes are handled at once."""
    rows, columns = boxes.shape[-4], boxes.shape[-3]
    (high, wide), corners = image_size, torch.zeros_like(boxes)
    for row in range(rows):
        for column in range(columns):
            x, y, w, h = boxes[..., row, column, :, :].unbind(-1)
            x, y, w, h = wide / columns * (column + x), high / rows * (row + y), w * wide, h * high
            corners[..., row, column, :, :] = torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)
    return corners


def right_by_meshgrid(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """A map of corners (rows, columns, 1, 2), and the boxes in float64."""
    *_, rows, columns, _, _ = boxes.shape
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    corner = torch.stack([x, y], dim=-1).unsqueeze(-2)
    cell = torch.tensor([image_size[1] / columns, image_size[0] / rows], dtype=torch.float64)
    middle = (boxes[..., :2] + corner) * cell
    half = boxes[..., 2:] * torch.tensor(image_size[::-1], dtype=torch.float64) * 0.5
    return torch.cat([middle - half, middle + half], dim=-1)


def right_by_library(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """One long list of boxes with the number of its cell, converted by torchvision."""
    rows, columns, count, _ = boxes.shape[-4:]
    flat = boxes.reshape(-1, 4)
    cell = torch.arange(len(flat)) // count % (rows * columns)
    shift = torch.stack([cell % columns, cell // columns], dim=1)
    wide, high = image_size[1], image_size[0]
    centres = (flat[:, :2] + shift) * flat.new_tensor([wide / columns, high / rows])
    sizes = flat[:, 2:] * flat.new_tensor([wide, high])
    corners = torchvision.ops.box_convert(torch.cat([centres, sizes], dim=1), "cxcywh", "xyxy")
    return corners.reshape(boxes.shape)


def _corners(x, y, w, h):
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=-1)


def wrong_rows_added_to_x(boxes, image_size):
    """Adds the row to x and the column to y: every box off the diagonal of the grid lands in another cell."""
    rows, columns = boxes.shape[-4:-2]
    x, y, w, h = boxes.unbind(-1)
    x = (x + torch.arange(rows)[:, None, None]) / columns * image_size[1]
    y = (y + torch.arange(columns)[:, None]) / rows * image_size[0]
    return _corners(x, y, w * image_size[1], h * image_size[0])


def wrong_width_first(boxes, image_size):
    """Reads `image_size` as (width, height): wrong for images that are not squares."""
    return right_by_broadcasting(boxes, image_size[::-1])


def wrong_cells_forgotten(boxes, image_size):
    """Never adds where the cell is: all boxes lie in the first cell."""
    rows, columns = boxes.shape[-4:-2]
    x, y, w, h = boxes.unbind(-1)
    high, wide = image_size
    return _corners(x * wide / columns, y * high / rows, w * wide, h * high)


def wrong_size_in_cells(boxes, image_size):
    """Takes w and h as parts of a cell: boxes are too small wherever there is more than one cell."""
    rows, columns = boxes.shape[-4:-2]
    (high, wide), (x, y, w, h) = image_size, boxes.unbind(-1)
    x = (x + torch.arange(columns)[:, None]) / columns * wide
    y = (y + torch.arange(rows)[:, None, None]) / rows * high
    return _corners(x, y, w * wide / columns, h * high / rows)


def wrong_centre_in_the_image(boxes, image_size):
    """Takes x and y as parts of the image and adds the cell's corner: centres up to a whole image off."""
    rows, columns = boxes.shape[-4:-2]
    (high, wide), (x, y, w, h) = image_size, boxes.unbind(-1)
    x = x * wide + torch.arange(columns)[:, None] * wide / columns
    y = y * high + torch.arange(rows)[:, None, None] * high / rows
    return _corners(x, y, w * wide, h * high)


def wrong_still_centres(boxes, image_size):
    """Pixels, but centre and size where corners are asked for: wrong for every box."""
    corners = right_by_broadcasting(boxes, image_size)
    return torch.cat([(corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]], dim=-1)


def wrong_whole_size_each_way(boxes, image_size):
    """Forgets the half: boxes are twice as wide and high as they should be."""
    return right_by_broadcasting(boxes * boxes.new_tensor([1, 1, 2, 2]), image_size)


def wrong_rows_are_the_first_dimension(boxes, image_size):
    """Takes shape[0] and shape[1] for rows and columns: wrong as soon as there is a dimension of images."""
    rows, columns = boxes.shape[0], boxes.shape[1]
    (high, wide), (x, y, w, h) = image_size, boxes.unbind(-1)
    x = (x + torch.arange(boxes.shape[-3])[:, None]) / columns * wide
    y = (y + torch.arange(boxes.shape[-4])[:, None, None]) / rows * high
    return _corners(x, y, w * wide, h * high)


def wrong_cut_at_the_border(boxes, image_size):
    """Cuts the boxes at the border of the image: a large box in a cell at the edge has other numbers."""
    corners = right_by_broadcasting(boxes, image_size)
    return torch.minimum(corners.clamp(min=0), corners.new_tensor(image_size[::-1]).repeat(2))


def wrong_middle_of_the_cell(boxes, image_size):
    """Counts x and y from the middle of the cell: every box is half a cell too far right and down."""
    return right_by_broadcasting(boxes + boxes.new_tensor([0.5, 0.5, 0, 0]), image_size)


def wrong_changes_its_input(boxes, image_size):
    """Adds the cells in place: the caller's numbers are others afterwards, and a second decoding is wrong."""
    rows, columns = boxes.shape[-4:-2]
    boxes[..., 0] += torch.arange(columns)[:, None]
    boxes[..., 1] += torch.arange(rows)[:, None, None]
    (high, wide), (x, y, w, h) = image_size, boxes.unbind(-1)
    return _corners(x / columns * wide, y / rows * high, w * wide, h * high)


def wrong_square_grid(boxes, image_size):
    """Divides both axes by the number of rows: wrong for x on grids that are not squares."""
    rows, columns = boxes.shape[-4:-2]
    (high, wide), (x, y, w, h) = image_size, boxes.unbind(-1)
    x = (x + torch.arange(columns)[:, None]) / rows * wide
    y = (y + torch.arange(rows)[:, None, None]) / rows * high
    return _corners(x, y, w * wide, h * high)


def wrong_parts_of_the_image(boxes, image_size):
    """Corners as parts of the image, not multiplied by its size: right for an image of one pixel only."""
    return right_by_broadcasting(boxes, (1, 1))
