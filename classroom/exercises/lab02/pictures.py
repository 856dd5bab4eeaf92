"""Pictures of failing cases of lab 02: predictions for images, slots, cost tables, and which prediction belongs to which object."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.draw import ACCENT, draw_boxes

Picture = tuple[Any, str] | None
MOST = 5  # columns of a figure


def answers_picture(arguments: tuple, got: Any, wanted: tuple) -> Picture:
    """Each image with its predicted box and label; the true box dashed, the true label in the title."""
    predicted, labels, true_boxes, true_labels = arguments
    if not len(labels):
        return None
    figure, axes = plt.subplots(
        1, min(len(labels), MOST), figsize=(1.9 * min(len(labels), MOST), 2.2), squeeze=False
    )
    for i, ax in enumerate(axes.flat):
        _frame(ax, torch.cat([predicted, true_boxes]))
        draw_boxes(ax, None, predicted[i : i + 1], labels[i : i + 1])
        draw_boxes(ax, None, true_boxes[i : i + 1], colour="black", dashed=True)
        ax.set_title(f"class {labels[i]}, truth {true_labels[i]}", fontsize=9)
    figure.suptitle(f"class, box, both: should be {tuple(wanted)}, yours {got}", fontsize=10)
    return figure, "The images of the failing case, each with the predicted box and, dashed, the true one."


def found_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """What the function detected beside what it should have detected."""
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.4))
    for ax, found, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        _frame(ax, arguments[0])
        draw_boxes(ax, None, found["boxes"], found["labels"].clamp(min=1), found["scores"])
        ax.set_title(title if len(found["boxes"]) else f"{title}: nothing", fontsize=10)
    return figure, "The boxes, labels and scores that the function returns, beside the expected ones."


def assignment_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The cost table with the slots that the function chose, and those that cost least in frames."""
    (cost,) = arguments
    possible = got.shape == wanted.shape and bool(((got >= 0) & (got < cost.shape[1])).all())
    if not cost.numel() or not possible:
        return None
    figure, ax = plt.subplots(figsize=(0.7 * cost.shape[1] + 1.4, 0.55 * len(cost) + 1.2))
    draw_costs(ax, cost)
    mark_cells(ax, got.tolist(), facecolor=ACCENT, alpha=0.35)
    mark_cells(ax, wanted.tolist(), fill=False, edgecolor="black", linewidth=2.5)
    rows = torch.arange(len(cost))
    sums = [f"{cost[rows, slots].sum():.3g}" for slots in (got.long(), wanted)]
    ax.set_title(f"yours (red) costs {sums[0]}, the best (framed) {sums[1]}", fontsize=9)
    return figure, f"The table of costs: the chosen cells cost {sums[0]}, the best ones {sums[1]}."


def table_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The table that the function returns beside the expected one."""
    if not wanted.numel() or got.shape != wanted.shape:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(1.5 * wanted.shape[1] + 2, 0.55 * len(wanted) + 1.2))
    for ax, table, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        draw_costs(ax, table)
        ax.set_title(title, fontsize=10)
    return figure, "The cost table that the function returns, beside the expected one."


def set_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The predictions with their numbers and, dashed, the targets; the two losses in the title."""
    predicted, target = arguments
    figure, ax = plt.subplots(figsize=(3.8, 2.6))
    _frame(ax, torch.cat([predicted, target]))
    draw_boxes(ax, None, predicted)
    draw_boxes(ax, None, target, colour="black", dashed=True)
    for boxes, name, colour, side in (
        (predicted, "slot", ACCENT, "bottom"),
        (target, "target", "black", "top"),
    ):
        for i, (x1, y1, _, y2) in enumerate(boxes.tolist()):
            ax.text(x1, y1 if side == "bottom" else y2, f"{name} {i}", color=colour, fontsize=8, va=side)
    ax.set_title(f"should be {wanted.item():.3f}, yours {got.item():.3f}", fontsize=10)
    return figure, "The predicted boxes with their slots and, dashed, the targets in the order of the list."


def draw_costs(ax: Axes, cost: Tensor) -> None:
    """Draw a table of costs, the rows objects and the columns slots."""
    ax.imshow(cost.detach().numpy(), cmap="Blues", alpha=0.55, aspect="auto")
    for (g, s), value in zip(
        torch.cartesian_prod(*map(torch.arange, cost.shape)).tolist(), cost.flatten(), strict=True
    ):
        ax.text(s, g, f"{value.item():.3g}", ha="center", va="center", fontsize=9)
    ax.set(xticks=range(cost.shape[1]), yticks=range(cost.shape[0]), xlabel="slot", ylabel="object")


def mark_cells(ax: Axes, slots: Sequence[int], **style) -> None:
    for g, s in enumerate(slots):
        ax.add_patch(Rectangle((s - 0.47, g - 0.47), 0.94, 0.94, **style))


def _frame(ax: Axes, boxes: Tensor) -> None:
    low, high = (boxes.reshape(-1, 2).amin(0) - 2).tolist(), (boxes.reshape(-1, 2).amax(0) + 2).tolist()
    ax.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", xticks=[], yticks=[])
