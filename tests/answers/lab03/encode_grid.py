"""Answers to `encode_grid` (lab 03), written from the student's notebook alone."""

import torch
from torch import Tensor


def owner_cells(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Exercise 2."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    row = (y * grid[0] / image_size[0]).floor().long().clamp(0, grid[0] - 1)
    column = (x * grid[1] / image_size[1]).floor().long().clamp(0, grid[1] - 1)
    return torch.stack([row, column], dim=1)


def right_by_loop(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Object by object; a cell that is taken is passed over."""
    (high, wide), (rows, columns) = image_size, grid
    cell_boxes, cell_labels = torch.zeros(rows, columns, 4), torch.zeros(rows, columns, dtype=torch.int64)
    owners = owner_cells(boxes, image_size, grid).tolist()
    for (row, column), (x1, y1, x2, y2), label in zip(owners, boxes.tolist(), labels.tolist(), strict=True):
        if cell_labels[row, column] > 0:
            continue
        x, y = (x1 + x2) / 2 * columns / wide - column, (y1 + y2) / 2 * rows / high - row
        cell_boxes[row, column] = torch.tensor([x, y, (x2 - x1) / wide, (y2 - y1) / high])
        cell_labels[row, column] = label
    return cell_boxes, cell_labels


def right_by_writing_backwards(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """All numbers at once, written from the last object to the first, so that the first one stays."""
    high_wide, cells = torch.tensor(image_size), torch.tensor(grid)
    owners = owner_cells(boxes, image_size, grid)
    middle = (boxes[:, :2] + boxes[:, 2:]).flip(1) / 2  # (G, 2): y, x
    inside = middle * cells / high_wide - owners
    numbers = torch.cat([inside.flip(1), (boxes[:, 2:] - boxes[:, :2]) / high_wide.flip(0)], dim=1)
    cell_boxes, cell_labels = boxes.new_zeros(*grid, 4), labels.new_zeros(grid)
    for g in reversed(range(len(boxes))):
        row, column = owners[g]
        cell_boxes[row, column], cell_labels[row, column] = numbers[g], labels[g]
    return cell_boxes, cell_labels


def right_by_first_of_each_cell(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """No loop: the smallest number of an object in each cell decides. In float64."""
    (high, wide), (rows, columns) = image_size, grid
    row, column = owner_cells(boxes, image_size, grid).unbind(1)
    place, count = row * columns + column, len(boxes)
    first = torch.full((rows * columns,), count).scatter_reduce(0, place, torch.arange(count), "amin")
    taken = first < count
    x1, y1, x2, y2 = boxes.double().unbind(1)
    x, y = (x1 + x2) * columns / (2 * wide) - column, (y1 + y2) * rows / (2 * high) - row
    numbers = torch.stack([x, y, (x2 - x1) / wide, (y2 - y1) / high], dim=1)
    cell_boxes = torch.zeros(rows * columns, 4, dtype=torch.float64)
    cell_labels = torch.zeros(rows * columns, dtype=labels.dtype)
    cell_boxes[taken], cell_labels[taken] = numbers[first[taken]], labels[first[taken]]
    return cell_boxes.reshape(rows, columns, 4), cell_labels.reshape(grid)


def right_by_dictionary(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """`setdefault` keeps the first object of a cell;
    corners in cells, remainders of the centre by subtraction.
    """
    first: dict[tuple[int, ...], int] = {}
    for g, cell in enumerate(owner_cells(boxes, image_size, grid).tolist()):
        first.setdefault(tuple(cell), g)
    unit = torch.tensor([image_size[1], image_size[0]]) / torch.tensor([grid[1], grid[0]])  # pixels of a cell
    cell_boxes, cell_labels = torch.zeros(*grid, 4), torch.zeros(*grid, dtype=torch.long)
    for (row, column), g in first.items():
        corner = torch.tensor([column, row]) * unit
        cell_boxes[row, column, :2] = ((boxes[g, :2] + boxes[g, 2:]) / 2 - corner) / unit
        cell_boxes[row, column, 2:] = (boxes[g, 2:] - boxes[g, :2]) / torch.tensor(image_size[::-1])
        cell_labels[row, column] = labels[g]
    return cell_boxes, cell_labels


def _numbers(boxes, image_size, grid):
    """The right four numbers of each object, (G, 4), and the owners, (G, 2)."""
    (high, wide), (rows, columns) = image_size, grid
    owners = owner_cells(boxes, image_size, grid)
    x = (boxes[:, 0] + boxes[:, 2]) / 2 * columns / wide - owners[:, 1]
    y = (boxes[:, 1] + boxes[:, 3]) / 2 * rows / high - owners[:, 0]
    w, h = (boxes[:, 2] - boxes[:, 0]) / wide, (boxes[:, 3] - boxes[:, 1]) / high
    return torch.stack([x, y, w, h], 1), owners


def _fill(numbers, owners, labels, shape, order):
    cell_boxes, cell_labels = numbers.new_zeros(*shape, 4), labels.new_zeros(shape)
    for g in order:
        row, column = owners[g]
        cell_boxes[row, column], cell_labels[row, column] = numbers[g], labels[g]
    return cell_boxes, cell_labels


def wrong_last_one_keeps_the_cell(boxes, labels, image_size, grid):
    """Later objects overwrite earlier ones: wrong for two centres in one cell."""
    return _fill(*_numbers(boxes, image_size, grid), labels, grid, range(len(boxes)))


def wrong_largest_one_keeps_the_cell(boxes, labels, image_size, grid):
    """The larger of two objects keeps the cell:
    wrong when the first one is the smaller, like a pear in its bowl.
    """
    order = (boxes[:, 2:] - boxes[:, :2]).prod(1).argsort().tolist()
    return _fill(*_numbers(boxes, image_size, grid), labels, grid, order)


def wrong_centre_in_the_image(boxes, labels, image_size, grid):
    """x and y as parts of the image, like w and h: wrong for every centre that is not at 0."""
    numbers, owners = _numbers(boxes, image_size, grid)
    numbers[:, :2] = (numbers[:, :2] + owners.flip(1)) / torch.tensor(grid[::-1])
    return _fill(numbers, owners, labels, grid, reversed(range(len(boxes))))


def wrong_size_in_cells(boxes, labels, image_size, grid):
    """w and h in cells, so that a large box gets numbers above 1:
    wrong for every grid of more than one cell.
    """
    numbers, owners = _numbers(boxes, image_size, grid)
    numbers[:, 2:] = numbers[:, 2:] * torch.tensor(grid[::-1])
    return _fill(numbers, owners, labels, grid, reversed(range(len(boxes))))


def wrong_from_the_middle_of_the_cell(boxes, labels, image_size, grid):
    """Measures the centre from the middle of the cell: every x and y is 0.5 too low."""
    numbers, owners = _numbers(boxes, image_size, grid)
    numbers[:, :2] -= 0.5
    return _fill(numbers, owners, labels, grid, reversed(range(len(boxes))))


def wrong_x_and_y_swapped(boxes, labels, image_size, grid):
    """Writes y, x, h, w, in the order of rows and columns: wrong for all but symmetric boxes."""
    numbers, owners = _numbers(boxes, image_size, grid)
    return _fill(numbers[:, [1, 0, 3, 2]], owners, labels, grid, reversed(range(len(boxes))))


def wrong_cell_transposed(boxes, labels, image_size, grid):
    """Writes to [column, row]: wrong off the diagonal, and an error on some grids that are not squares."""
    numbers, owners = _numbers(boxes, image_size, grid)
    return _fill(numbers, owners.flip(1), labels, grid, reversed(range(len(boxes))))


def wrong_labels_from_zero(boxes, labels, image_size, grid):
    """Takes 1 from the labels:
    the first class turns into "no object", and the others into their neighbour.
    """
    return _fill(*_numbers(boxes, image_size, grid), labels - 1, grid, reversed(range(len(boxes))))


def wrong_upper_left_corner_of_the_box(boxes, labels, image_size, grid):
    """Stores where the box begins, in cells from its cell, and not its centre: negative for larger boxes."""
    numbers, owners = _numbers(boxes, image_size, grid)
    numbers[:, :2] -= numbers[:, 2:] * torch.tensor(grid[::-1]) / 2
    return _fill(numbers, owners, labels, grid, reversed(range(len(boxes))))


def wrong_square_image(boxes, labels, image_size, grid):
    """Divides the sizes by the height only: wrong for w in every image that is not a square."""
    numbers, owners = _numbers(boxes, image_size, grid)
    numbers[:, 2] *= image_size[1] / image_size[0]
    return _fill(numbers, owners, labels, grid, reversed(range(len(boxes))))


def wrong_pixels_from_the_cell(boxes, labels, image_size, grid):
    """x and y in pixels from the corner of the cell and not in cells: numbers far above 1."""
    numbers, owners = _numbers(boxes, image_size, grid)
    numbers[:, 0] *= image_size[1] / grid[1]
    numbers[:, 1] *= image_size[0] / grid[0]
    return _fill(numbers, owners, labels, grid, reversed(range(len(boxes))))
