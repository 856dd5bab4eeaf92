"""A grid on an image, which cell owns an object, and the loss by hand: lab 03 and part 2a of the slides."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, colour_of, draw_boxes, draw_image
from coursekit.models.yolo import Grid, decode_grid, encode_grid, overlaps

Size = tuple[float, float]
HAND_SIZE = (40, 80)  # height and width of the image of the loss by hand, pixels
TWO_IN_ONE_CELL = 338  # a training scene of which one cell of 12 x 12 has two centres


def draw_grid(ax: Axes, image_size: tuple[int, int], grid: tuple[int, int], **style) -> None:
    """Draw the lines of a grid of (rows, columns) over an image of `image_size` (height, width)."""
    height, width = image_size
    look = {"color": "white", "linewidth": 0.9, "alpha": 0.85} | style
    if not ax.images:
        look = {"color": "0.75", "linewidth": 0.9} | style
        ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xticks=[], yticks=[])
    for row in range(1, grid[0]):
        ax.axhline(row * height / grid[0], **look)
    for column in range(1, grid[1]):
        ax.axvline(column * width / grid[1], **look)


def mark_cells(ax: Axes, cells: Tensor, image_size: tuple[int, int], grid: tuple[int, int], **style) -> None:
    """Mark the cells (G, 2), each a row and a column; `style` is that of the rectangles."""
    height, width = image_size[0] / grid[0], image_size[1] / grid[1]
    for row, column in cells.tolist():
        ax.add_patch(Rectangle((column * width, row * height), width, height, **style))


def owner_cells(boxes: Tensor, image_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Return row and column of the cell that each box's centre lies in: (G, 4) -> (G, 2) int64.

    >>> owner_cells(torch.tensor([[20.0, 0.0, 50.0, 10.0]]), (20, 60), (2, 3))
    tensor([[0, 1]])
    """
    (height, width), (rows, columns) = image_size, grid
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).unbind(1)  # (G,) each
    row = (y * rows / height).long().clamp(max=rows - 1)
    column = (x * columns / width).long().clamp(max=columns - 1)
    return torch.stack([row, column], 1)


def cell_ownership(
    image: Tensor | None = None,
    boxes: Tensor | None = None,
    labels: Tensor | None = None,
    grid: tuple[int, int] = (12, 12),
    owner_cells: Callable[[Tensor, tuple[int, int], tuple[int, int]], Tensor] = owner_cells,
    figsize: Size = (4.6, 4.6),
) -> Figure:
    """Return a still life with its grid; each object's centre is a dot, and the cell that owns it is filled.

    A cell with two centres is framed. Without arguments it is a scene with such a cell.

    Args:
        image: (3, H, W); boxes: (G, 4) xyxy pixels; labels: (G,), 1..10.
        owner_cells: boxes, (height, width), grid -> (G, 2), row and column.
    """
    if image is None:
        image, target = still_life("train")[TWO_IN_ONE_CELL]
        boxes, labels = target["boxes"], target["labels"]
    size = image.shape[-2:]
    figure, ax = plt.subplots(figsize=figsize)
    draw_image(ax, image)
    draw_grid(ax, size, grid)
    cells = owner_cells(boxes, size, grid)
    for cell, label in zip(cells, labels, strict=True):
        mark_cells(ax, cell[None], size, grid, facecolor=colour_of(label), alpha=0.55)
    kinds, counts = cells.unique(dim=0, return_counts=True)
    mark_cells(ax, kinds[counts > 1], size, grid, fill=False, edgecolor=ACCENT, linewidth=3, zorder=4)
    draw_boxes(ax, None, boxes, labels, classes=CLASSES)
    for (x, y), label in zip(((boxes[:, :2] + boxes[:, 2:]) / 2).tolist(), labels, strict=True):
        ax.plot(x, y, "o", color=colour_of(label), markeredgecolor="white", markersize=8, zorder=6)
    return figure


def objects_lost(
    boxes: Sequence[Tensor],
    image_size: tuple[int, int],
    cells: Sequence[int],
    owner_cells: Callable[[Tensor, tuple[int, int], tuple[int, int]], Tensor] = owner_cells,
) -> list[float]:
    """Return, for each S in `cells`, the share of all objects that share their cell of S x S with an earlier one.

    >>> objects_lost([torch.tensor([[0.0, 0, 8, 8], [2, 2, 8, 8]])], (20, 20), [1, 2])
    [0.5, 0.5]
    """
    total = sum(len(of_one) for of_one in boxes)
    kept = [
        sum(len(owner_cells(of_one, image_size, (s, s)).unique(dim=0)) for of_one in boxes if len(of_one))
        for s in cells
    ]
    return [(total - count) / max(total, 1) for count in kept]


def lost_against_cells(cells: Sequence[int], lost: Sequence[float], figsize: Size = (5, 2.4)) -> Figure:
    """Return a bar for each number of cells per side with the share of objects that have no cell of their own."""
    figure, ax = plt.subplots(figsize=figsize)
    bars = ax.bar([f"{s} × {s}" for s in cells], [100 * share for share in lost])
    ax.bar_label(bars, fmt="{:.1f} %")
    ax.set(xlabel="cells", ylabel="objects lost (%)", ylim=(0, 120 * max(lost)))
    return figure


def two_by_two() -> tuple[Grid, Tensor, Tensor]:
    """Return the example of the loss by hand: what 2 x 2 cells predict for two boxes each, and what they should predict.

    The image has `HAND_SIZE`; cell (0, 1) owns the one object, of class 1 of 2.

    >>> from coursekit.models.yolo import yolo_loss
    >>> {name: round(term.item(), 4) for name, term in yolo_loss(*two_by_two()).items()}
    {'centre': 0.0125, 'size': 0.05, 'object': 0.0196, 'no_object': 0.05, 'class': 0.18}
    """
    said = torch.tensor([0.5, 0.5, 0.36, 0.36]).repeat(2, 2, 2, 1)  # (2, 2, 2, 4)
    said[0, 1] = torch.tensor([[0.5, 0.55, 0.25, 0.16], [0.5, 0.5, 0.01, 0.25]])
    confidences = torch.full((2, 2, 2), 0.1)
    confidences[0, 1] = torch.tensor([0.5, 0.2])
    classes = torch.tensor([0.7, 0.3]).repeat(2, 2, 1)  # (2, 2, 2)
    truth = encode_grid(torch.tensor([[50.0, 5, 70, 15]]), torch.tensor([1]), HAND_SIZE, (2, 2))
    return Grid(said, confidences, classes), *truth


def loss_by_hand(figsize: Size = (8.6, 3.1)) -> Figure:
    """Return the grid of `two_by_two`: the object dashed, the two boxes of its cell, and their numbers."""
    grid, boxes, _ = two_by_two()
    figure, ax = plt.subplots(figsize=figsize)
    draw_grid(ax, HAND_SIZE, (2, 2), color="0.55")
    ax.spines[:].set(visible=True, color="0.55")
    mark_cells(ax, torch.tensor([[0, 1]]), HAND_SIZE, (2, 2), facecolor=colour_of(2), alpha=0.15)
    true = decode_grid(boxes[:, :, None], HAND_SIZE)[0, 1]  # (1, 4)
    mine = decode_grid(grid.boxes, HAND_SIZE)[0, 1]  # (2, 4)
    iou = overlaps(mine[None], true)[0].tolist()
    draw_boxes(ax, None, true, colour="black", dashed=True)
    for box, colour in zip(mine, (colour_of(6), ACCENT), strict=True):
        draw_boxes(ax, None, box[None], colour=colour)
    note = {"fontsize": "medium", "va": "center", "annotation_clip": False}
    for b, (y, colour) in enumerate(((6, colour_of(6)), (14, ACCENT))):
        words = f"box {b + 1}: confidence {grid.confidences[0, 1, b]:.1f}, IoU {iou[b]:.2f}"
        ax.annotate(words, (82, y), color=colour, **note)
    ax.annotate("class probabilities 0.7, 0.3\n(the object is of class 1)", (82, 24), **note)
    for x, y in ((20, 10), (20, 30), (60, 30)):
        ax.text(x, y, "confidences\n0.1 and 0.1", ha="center", va="center", color="0.3")
    return figure
