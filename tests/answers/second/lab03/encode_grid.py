"""Answers to `encode_grid` (lab 03) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor


def _owner_cells(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    row = (y * grid[0] / image_size[0]).floor().long().clamp(0, grid[0] - 1)
    column = (x * grid[1] / image_size[1]).floor().long().clamp(0, grid[1] - 1)
    return torch.stack([row, column], 1)


def _numbers(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """What the owner of each box says, (G, 4)."""
    height, width = image_size
    cells = _owner_cells(boxes, image_size, grid)
    x = (boxes[:, 0] + boxes[:, 2]) / 2 * grid[1] / width - cells[:, 1]
    y = (boxes[:, 1] + boxes[:, 3]) / 2 * grid[0] / height - cells[:, 0]
    w, h = (boxes[:, 2] - boxes[:, 0]) / width, (boxes[:, 3] - boxes[:, 1]) / height
    return torch.stack([x, y, w, h], 1)


def _fill(
    numbers: Tensor, cells: Tensor, labels: Tensor, grid: tuple[int, int], last: bool = False
) -> tuple[Tensor, Tensor]:
    out = numbers.new_zeros((*grid, 4))
    names = labels.new_zeros(grid)
    for one, (r, c), label in zip(numbers, cells.tolist(), labels.tolist(), strict=True):
        if last or names[r, c] == 0:
            out[r, c] = one
            names[r, c] = label
    return out, names


# ------------------------------------------------------------------ right


def right_loop(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """One object after the other; a cell that is taken stays as it is."""
    (height, width), (rows, columns) = image_size, grid
    out, names = (
        torch.zeros(rows, columns, 4, dtype=boxes.dtype),
        torch.zeros(rows, columns, dtype=torch.int64),
    )
    for i, (row, column) in enumerate(_owner_cells(boxes, image_size, grid).tolist()):
        if names[row, column] > 0:
            continue
        x1, y1, x2, y2 = boxes[i]
        out[row, column, 0] = (x1 + x2) / 2 * columns / width - column
        out[row, column, 1] = (y1 + y2) / 2 * rows / height - row
        out[row, column, 2] = (x2 - x1) / width
        out[row, column, 3] = (y2 - y1) / height
        names[row, column] = labels[i]
    return out, names


def right_backwards(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """The last object first, each one overwrites: so the first one of a cell stays."""
    out, names = boxes.new_zeros((*grid, 4)), labels.new_zeros(grid)
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    for i in reversed(range(len(boxes))):
        r, c = cells[i]
        out[r, c], names[r, c] = numbers[i], labels[i]
    return out, names


def right_vectorised(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Drop every object that has an earlier one in its cell, then write all at once."""
    size = torch.tensor([image_size[1], image_size[0]], dtype=boxes.dtype)
    cells = _owner_cells(boxes, image_size, grid)
    flat = cells[:, 0] * grid[1] + cells[:, 1]
    order = torch.arange(len(boxes))
    late = ((flat[:, None] == flat[None, :]) & (order[None, :] < order[:, None])).any(1)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 * torch.tensor([grid[1], grid[0]], dtype=boxes.dtype) / size
    numbers = torch.cat([centre - cells.flip(1), (boxes[:, 2:] - boxes[:, :2]) / size], 1)
    out = boxes.new_zeros((grid[0] * grid[1], 4))
    names = labels.new_zeros(grid[0] * grid[1])
    out[flat[~late]] = numbers[~late]
    names[flat[~late]] = labels[~late]
    return out.view(*grid, 4), names.view(*grid)


def right_dictionary(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Plain numbers in a dictionary of cells, then two nested lists."""
    owners: dict[tuple[int, int], tuple[list[float], int]] = {}
    for (x1, y1, x2, y2), label in zip(boxes.tolist(), labels.tolist(), strict=True):
        x, y = (x1 + x2) / 2 * grid[1] / image_size[1], (y1 + y2) / 2 * grid[0] / image_size[0]
        column, row = min(int(x), grid[1] - 1), min(int(y), grid[0] - 1)
        said = [x - column, y - row, (x2 - x1) / image_size[1], (y2 - y1) / image_size[0]]
        owners.setdefault((row, column), (said, label))
    nothing = ([0.0, 0.0, 0.0, 0.0], 0)
    table = [[owners.get((r, c), nothing) for c in range(grid[1])] for r in range(grid[0])]
    return (
        torch.tensor([[cell[0] for cell in row] for row in table], dtype=boxes.dtype),
        torch.tensor([[cell[1] for cell in row] for row in table], dtype=torch.int64),
    )


# ------------------------------------------------------------------ wrong


def wrong_last_one_keeps(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Of two objects in one cell the last one keeps it."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    return _fill(numbers, cells, labels, grid, last=True)


def wrong_label_of_the_other(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """The first object keeps the box of the cell, but the last one overwrites the label."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    return _fill(numbers, cells, labels, grid)[0], _fill(numbers, cells, labels, grid, last=True)[1]


def wrong_centre_in_the_image(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """x and y are parts of the image, like w and h."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, 0] = (boxes[:, 0] + boxes[:, 2]) / 2 / image_size[1]
    numbers[:, 1] = (boxes[:, 1] + boxes[:, 3]) / 2 / image_size[0]
    return _fill(numbers, cells, labels, grid)


def wrong_pixels_in_the_cell(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """x and y are pixels from the corner of the cell, not cells."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, 0] *= image_size[1] / grid[1]
    numbers[:, 1] *= image_size[0] / grid[0]
    return _fill(numbers, cells, labels, grid)


def wrong_from_the_middle_of_the_cell(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Measures x and y from the middle of the cell instead of its upper left corner."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, :2] -= 0.5
    return _fill(numbers, cells, labels, grid)


def wrong_cell_not_subtracted(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Counts x and y in cells, but from the corner of the image."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, :2] += cells.flip(1)
    return _fill(numbers, cells, labels, grid)


def wrong_sides_in_cells(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Counts w and h in cells, not as parts of the image."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, 2] *= grid[1]
    numbers[:, 3] *= grid[0]
    return _fill(numbers, cells, labels, grid)


def wrong_height_and_width(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Takes image_size for (width, height)."""
    size = (image_size[1], image_size[0])
    cells, numbers = _owner_cells(boxes, size, grid), _numbers(boxes, size, grid)
    return _fill(numbers, cells, labels, grid)


def wrong_sides_swapped(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Divides the width by the height of the image and the height by its width."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, 2] *= image_size[1] / image_size[0]
    numbers[:, 3] *= image_size[0] / image_size[1]
    return _fill(numbers, cells, labels, grid)


def wrong_row_is_subtracted_from_x(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Takes the owner (row, column) for (x, y) and subtracts the row from x."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    numbers[:, :2] += cells.flip(1) - cells
    return _fill(numbers, cells, labels, grid)


def wrong_cell_of_column_and_row(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Returns tables of columns x rows: the cells are indexed [column, row]."""
    out, names = _fill(_numbers(boxes, image_size, grid), _owner_cells(boxes, image_size, grid), labels, grid)
    return out.transpose(0, 1), names.T


def wrong_owner_of_the_corner(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """The cell of the upper left corner of the box owns it, and x and y say that corner."""
    size = torch.cat([boxes[:, :2], boxes[:, :2]], 1)
    cells, numbers = _owner_cells(size, image_size, grid), _numbers(size, image_size, grid)
    numbers[:, 2:] = _numbers(boxes, image_size, grid)[:, 2:]
    return _fill(numbers, cells.clamp(min=0), labels, grid)


def wrong_labels_from_zero(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Writes label - 1, so the first class looks like an empty cell."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    out, names = _fill(numbers, cells, labels, grid)
    return out, (names - 1).clamp(min=0)


def wrong_empty_is_minus_one(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Marks cells without an object by the label -1."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    out, names = _fill(numbers, cells, labels, grid)
    return out, torch.where(names == 0, -1, names)


def wrong_float_labels(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Returns the labels as floats."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    out, names = _fill(numbers, cells, labels, grid)
    return out, names.float()


def wrong_no_objects(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Stacks a list of the objects and fails when there are none."""
    numbers = torch.stack(list(_numbers(boxes, image_size, grid)))
    return _fill(numbers, _owner_cells(boxes, image_size, grid), labels, grid)


def wrong_corners(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Writes the two corners of the box as parts of the image."""
    height, width = image_size
    numbers = boxes / torch.tensor([width, height, width, height], dtype=boxes.dtype)
    return _fill(numbers, _owner_cells(boxes, image_size, grid), labels, grid)


def wrong_boxes_in_place(
    boxes: Tensor, labels: Tensor, image_size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Turns the given boxes into centres and sizes in their own memory."""
    cells, numbers = _owner_cells(boxes, image_size, grid), _numbers(boxes, image_size, grid)
    boxes.copy_(numbers)
    return _fill(boxes, cells, labels, grid)
