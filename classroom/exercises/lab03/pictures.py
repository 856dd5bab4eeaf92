"""Pictures of failing cases of lab 03: who owns an object, what cells predict, the terms of the loss, which boxes are kept."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from classroom.exercises.pictures import shaped
from classroom.figures.grid import draw_grid, mark_cells
from coursekit.draw import ACCENT, draw_boxes
from coursekit.models.yolo import decode_grid, overlaps

Picture = tuple[Any, str] | None


def owners_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The boxes on the grid, the cells that the function names, and framed those that own the objects."""
    found, image_size, grid = arguments
    if not len(found):
        return None
    figure, ax = plt.subplots(figsize=(3.6, 2.6))
    draw_grid(ax, image_size, grid)
    mark_cells(ax, got, image_size, grid, facecolor=ACCENT, alpha=0.35)
    mark_cells(ax, wanted, image_size, grid, fill=False, edgecolor="black", linewidth=2.5)
    draw_boxes(ax, None, found)
    ax.plot(*((found[:, :2] + found[:, 2:]) / 2).T.numpy(), "k.")
    ax.set_title("red: yours; framed: the owner", fontsize=10)
    return (
        figure,
        "The boxes on the grid with the cells that the function returns; the cells that own the objects are framed.",
    )


def encoded_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The label and the box of each cell, beside the expected ones."""
    _, _, image_size, grid = arguments
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.4))
    for ax, (cells, labels), title in zip(
        axes, (got, wanted), ("yours; dashed: expected", "expected"), strict=True
    ):
        draw_grid(ax, image_size, grid)
        write_in_cells(ax, labels, image_size)
        draw_boxes(ax, None, said(*wanted, image_size), colour="black", dashed=True)
        draw_boxes(ax, None, said(cells, labels, image_size))
        ax.set_title(title, fontsize=10)
    return figure, "The label and the box of each cell, beside the expected ones."


def said(cells: Tensor, labels: Tensor, image_size: tuple[int, int]) -> Tensor:
    """The boxes of the cells that have a label: (h, w, 4), (h, w) -> (owned, 4) xyxy pixels."""
    return decode_grid(cells[..., None, :], image_size)[..., 0, :][labels > 0]


def decoded_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The decoded boxes and, dashed, the expected ones."""
    cells, image_size = arguments
    figure, ax = plt.subplots(figsize=(3.6, 2.6))
    draw_grid(ax, image_size, cells.shape[-4:-2])
    draw_boxes(ax, None, got.detach().reshape(-1, 4))
    draw_boxes(ax, None, wanted.detach().reshape(-1, 4), colour="black", dashed=True)
    ax.set_title("yours; dashed: expected", fontsize=10)
    return figure, "The boxes that the function decodes and, dashed, the expected boxes."


def kept_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """All boxes with their scores: those that were kept beside those that should have been."""
    found, scores, *classes, _ = arguments
    if not len(found):
        return None
    labels = classes[0] + 1 if classes else None
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.4))
    for ax, kept, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        corners = found.reshape(-1, 2)
        low, high = (corners.amin(0) - 3).tolist(), (corners.amax(0) + 3).tolist()
        ax.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", xticks=[], yticks=[])
        draw_boxes(ax, None, found, colour="0.75")
        draw_boxes(ax, None, found[kept], None if labels is None else labels[kept], scores[kept])
        ax.set_title(f"{title}: {kept.tolist()}", fontsize=10)
    return figure, f"The kept boxes: {got.tolist()}, and the expected ones: {wanted.tolist()}."


def write_in_cells(ax: Axes, labels: Tensor, image_size: tuple[int, int]) -> None:
    """Write the label of each cell (h, w) in its middle."""
    rows, columns = labels.shape
    height, width = image_size
    for row, column in torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).tolist():
        x, y = (column + 0.5) * width / columns, (row + 0.5) * height / rows
        ax.text(x, y, str(int(labels[row, column])), ha="center", va="center", fontsize=9, color="0.4")


def responsible_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The first object where the masks differ, with the boxes of its cell, their IoU and both answers."""
    predicted, targets = arguments
    if not len(targets):
        return None
    worst = int((got != wanted).any(1).int().argmax())
    figure, ax = plt.subplots(figsize=(3.8, 2.8))
    corners = predicted[worst].reshape(-1, 2)
    low = (corners.amin(0).minimum(targets[worst, :2]) - 4).tolist()
    high = (corners.amax(0).maximum(targets[worst, 2:]) + 4).tolist()
    ax.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", xticks=[], yticks=[])
    draw_boxes(ax, None, targets[worst][None], colour="black", dashed=True)
    for b, iou in enumerate(overlaps(predicted, targets)[worst].tolist()):
        colour = ACCENT if got[worst, b] else "0.6"
        draw_boxes(ax, None, predicted[worst, b][None], colour=colour)
        ax.text(
            *predicted[worst, b, 2:].tolist(), f"box {b}: {iou:.2f}", fontsize=9, ha="right", color=colour
        )
    right = wanted[worst].nonzero().flatten().tolist()
    ax.set_title(f"red: yours; responsible: box {right[0]}", fontsize=10)
    return figure, f"The boxes of one cell with their IoU; the responsible one is box {right[0]}."


def terms_picture(arguments: tuple, got: Any, wanted: dict) -> Picture:
    """The terms beside the expected ones."""
    if not isinstance(got, dict):
        return None
    figure, ax = plt.subplots(figsize=(5, 2.2))
    for shift, terms, name in ((-0.2, wanted, "expected"), (0.2, got, "yours")):
        ax.bar(
            [i + shift for i in range(len(wanted))],
            [torch.as_tensor(terms[term]).item() for term in wanted],
            0.38,
            label=name,
        )
    ax.set_xticks(range(len(wanted)), list(wanted))
    ax.legend()
    return figure, "Bars of the terms of the loss: the expected values and those of the function."


def others_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The boxes of the cells as a table, a row for each cell: yours and as it should be, dark where a box is left."""
    yours = shaped(got, *wanted.shape)
    if yours is None:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(4, 0.25 * len(wanted.flatten(0, -2)) + 0.9))
    for ax, mask, title in zip(axes, (yours, wanted.float()), ("yours", "as it should be"), strict=True):
        ax.imshow(mask.flatten(0, -2).numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        ax.set(title=title, xlabel="box", xticks=range(mask.shape[-1]), yticks=[])
    axes[0].set_ylabel("cell")
    return (
        figure,
        "A row for each cell and a column for each box, dark where a box is left: yours, and as it should be.",
    )
