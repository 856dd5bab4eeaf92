"""Answers to `owner_cells` (lab 03), written from the student's notebook alone."""

import math

import torch
from torch import Tensor


def right_by_columns(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Row and column apart, rounded down, limited to the last cell.
    A centre outside the image goes to the border.
    """
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    row = (y * grid[0] / image_size[0]).floor().long().clamp(0, grid[0] - 1)
    column = (x * grid[1] / image_size[1]).floor().long().clamp(0, grid[1] - 1)
    return torch.stack([row, column], dim=1)


def right_by_broadcasting(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Both axes at once in float64. Only the last cell is a limit:
    left of the image the numbers are negative.
    """
    centres = boxes.double().reshape(-1, 2, 2).mean(1).flip(1)  # (G, 2): y, x
    cells = torch.tensor(grid)
    place = torch.floor(centres * cells / torch.tensor(image_size, dtype=torch.float64))
    return torch.minimum(place.to(torch.int64), cells - 1)


def right_by_loops(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Box by box, in plain numbers."""
    (high, wide), (rows, columns) = image_size, grid
    owners = []
    for x1, y1, x2, y2 in boxes.tolist():
        row = math.floor((y1 + y2) * rows / (2 * high))
        column = math.floor((x1 + x2) * columns / (2 * wide))
        owners.append([min(row, rows - 1), min(column, columns - 1)])
    return torch.tensor(owners, dtype=torch.int64).reshape(-1, 2)


def right_by_counting_lines(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """The row is the number of inner lines at or above the centre: no rounding and no limit is needed."""
    owners = []
    for first, last, side, count in ((1, 3, image_size[0], grid[0]), (0, 2, image_size[1], grid[1])):
        lines = torch.arange(1, count) * side  # line k lies at k * side / count
        doubled = (boxes[:, first] + boxes[:, last]) * count  # twice the centre, times count
        owners.append((doubled[:, None] >= 2 * lines).sum(1))
    return torch.stack(owners, dim=-1)


def _place(boxes, image_size, grid):
    """(G, 2): y and x of the centres, in cells."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return centres.flip(1) * torch.tensor(grid) / torch.tensor(image_size)


def wrong_column_first(boxes, image_size, grid):
    """Returns column, row: wrong for every centre off the diagonal."""
    place = _place(boxes, image_size, grid).floor().long()
    return torch.minimum(place, torch.tensor(grid) - 1).flip(1)


def wrong_width_first(boxes, image_size, grid):
    """Reads `image_size` as (width, height): wrong for images that are not squares."""
    place = _place(boxes, image_size[::-1], grid).floor().long()
    return torch.minimum(place, torch.tensor(grid) - 1)


def wrong_upper_left_corner(boxes, image_size, grid):
    """Asks where the box begins and not where its centre is: wrong for every box larger than a cell."""
    place = boxes[:, [1, 0]] * torch.tensor(grid) / torch.tensor(image_size)
    return torch.minimum(place.floor().long(), torch.tensor(grid) - 1)


def wrong_nearest_line(boxes, image_size, grid):
    """Rounds instead of cutting off: wrong for centres in the lower or right half of a cell."""
    place = _place(boxes, image_size, grid).round().long()
    return torch.minimum(place, torch.tensor(grid) - 1)


def wrong_beyond_the_last_cell(boxes, image_size, grid):
    """No limit: a centre on the right or lower border gets a cell that does not exist."""
    return _place(boxes, image_size, grid).floor().long()


def wrong_cell_before_the_line(boxes, image_size, grid):
    """A centre on a line goes to the cell before it: ceil - 1, and 0 only at the very edge."""
    return (_place(boxes, image_size, grid).ceil().long() - 1).clamp(min=0)


def wrong_floating_point(boxes, image_size, grid):
    """floor() of a float is a float: not whole numbers, so they cannot index."""
    place = _place(boxes, image_size, grid).floor()
    return torch.minimum(place, torch.tensor(grid) - 1)


def wrong_square_grid(boxes, image_size, grid):
    """Uses the number of rows for the columns as well: wrong for grids that are not squares."""
    grid = (grid[0], grid[0])
    return torch.minimum(_place(boxes, image_size, grid).floor().long(), torch.tensor(grid) - 1)


def wrong_half_the_size_for_the_centre(boxes, image_size, grid):
    """Takes (x2 - x1) / 2 for the centre: wrong for every box that does not begin at 0."""
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    place = half.flip(1) * torch.tensor(grid) / torch.tensor(image_size)
    return torch.minimum(place.floor().long(), torch.tensor(grid) - 1)


def wrong_boxes_read_as_centres(boxes, image_size, grid):
    """Reads xyxy as xywh and takes x + w / 2: wrong for every box that does not begin at 0."""
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    place = centres.flip(1) * torch.tensor(grid) / torch.tensor(image_size)
    return torch.minimum(place.floor().long(), torch.tensor(grid) - 1)


def wrong_cell_size_in_whole_pixels(boxes, image_size, grid):
    """Divides by H // rows pixels: wrong for 100 pixels in 12 rows, whose cells are not 8 pixels high."""
    sides = torch.tensor([image_size[0] // grid[0], image_size[1] // grid[1]])
    place = ((boxes[:, :2] + boxes[:, 2:]) / 2).flip(1) / sides
    return torch.minimum(place.floor().long(), torch.tensor(grid) - 1)


def wrong_shrunk_to_fit(boxes, image_size, grid):
    """Multiplies by rows - 1 so that the border needs no limit:
    wrong for nearly all centres below the first cell.
    """
    return _place(boxes, image_size, (grid[0] - 1, grid[1] - 1)).floor().long()
