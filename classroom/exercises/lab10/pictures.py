"""Pictures of failing cases of lab 10: cost tables, matches, attention and refined boxes."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.draw import ACCENT, draw_boxes
from coursekit.ops import Match, box_convert

Picture = tuple[Any, str] | None
MOST = 8  # columns of a table whose numbers are written out
BOTH = ("yours", "expected")


def assignment_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The cost table with the queries that the function chose, and the right ones in frames."""
    (cost,) = arguments
    possible = got.shape == wanted.shape and bool(((got >= 0) & (got < cost.shape[1])).all())
    if not cost.numel() or not possible:
        return None
    figure, ax = plt.subplots(figsize=(0.7 * cost.shape[1] + 1.6, 0.55 * len(cost) + 1.2))
    draw_table(ax, cost)
    _mark(ax, enumerate(got.tolist()), facecolor=ACCENT, alpha=0.35)
    _mark(ax, enumerate(wanted.tolist()), fill=False, edgecolor="black", linewidth=2.5)
    ax.set_title("red: yours; framed: expected", fontsize=9)
    return figure, "The cost table: the chosen cells are red, and the right ones are framed."


def match_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The cost table with the pairs of the match, yours and the expected ones, and which queries are negative."""
    (cost,) = arguments
    if not cost.numel():
        return None
    figure, axes = plt.subplots(1, 2, figsize=(1.4 * cost.shape[1] + 2, 0.55 * len(cost) + 1.6))
    for ax, match, title in zip(axes, (got, wanted), BOTH, strict=True):
        draw_table(ax, cost)
        queries = match["positive"].nonzero()[:, 0].tolist()
        objects = match["the objects of the positive anchors"].tolist()
        _mark(ax, zip(objects, queries, strict=True), fill=False, edgecolor=ACCENT, linewidth=3)
        for query in match["negative"].nonzero()[:, 0].tolist():
            ax.text(query, len(cost) - 0.3, "no object", ha="center", fontsize=7)
        ax.set(title=title, ylim=(len(cost), -0.5))
    return figure, "The cost table with the matched pairs framed: yours and the expected ones."


def table_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The table that the function returns beside the expected one."""
    if wanted.ndim != 2 or not wanted.numel() or got.shape != wanted.shape:
        return None
    wide = min(wanted.shape[1], MOST)
    figure, axes = plt.subplots(1, 2, figsize=(1.3 * wide + 2, 0.5 * min(len(wanted), MOST) + 1.3))
    for ax, table, title in zip(axes, (got, wanted), BOTH, strict=True):
        draw_table(ax, table.detach().double())
        ax.set(title=title, xlabel="", ylabel="")
    return figure, "The table that the function returns, beside the expected one."


def row_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The number of each query, yours above the expected one."""
    if wanted.ndim != 1 or not len(wanted) or got.shape != wanted.shape:
        return None
    figure, ax = plt.subplots(figsize=(0.7 * len(wanted) + 1.8, 1.7))
    draw_table(ax, torch.stack([got, wanted]).detach().double())
    ax.set(yticks=[0, 1], ylabel="")
    ax.set_yticklabels(BOTH)
    return figure, "The class that the function returns for each query, above the expected class."


def attention_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The weights of each query on each key: yours and the expected ones."""
    weights = [value[1].detach().double() for value in (got, wanted)]
    if weights[0].shape != weights[1].shape or not weights[1].numel():
        return None
    return table_picture(arguments, *(table.reshape(-1, table.shape[-1]) for table in weights))


def refined_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The boxes before, yours afterwards, and the expected ones, in the unit square."""
    if wanted.ndim != 2 or not len(wanted) or got.shape != wanted.shape:
        return None
    figure, ax = plt.subplots(figsize=(3, 3))
    before, yours, right = (
        box_convert(boxes.detach().float(), "cxcywh", "xyxy") for boxes in (arguments[0], got, wanted)
    )
    draw_boxes(ax, None, before, colour="0.6")
    draw_boxes(ax, None, yours.nan_to_num(0, 2, -2))
    draw_boxes(ax, None, right, colour="black", dashed=True)
    ax.set(xlim=(-0.3, 1.3), ylim=(1.3, -0.3), aspect="equal")
    ax.set_title("grey: before; red: yours; dashed: expected", fontsize=8)
    return figure, "The boxes before they are refined, as refined by the function, and the expected ones."


def mask_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """Which query may look at which, in your mask and in the right one; light cells are allowed."""
    if wanted.ndim != 2 or got.shape != wanted.shape:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6, 3.2))
    for ax, mask, title in zip(axes, (got, wanted), BOTH, strict=True):
        ax.imshow(mask.numpy(), cmap="Greys_r", vmin=0, vmax=1)
        ax.set(title=title, xlabel="looks at", ylabel="who looks", xticks=[], yticks=[])
    return (
        figure,
        "Which query may look at which: light cells are allowed. Left: your mask; right: the correct one.",
    )


def moves_picture(arguments: tuple, got: Any, wanted: float) -> Picture:
    """The object of each query before and after."""
    before, after = arguments
    if not isinstance(before, Match) or len(before.target) > 2 * MOST:
        return None
    figure, ax = plt.subplots(figsize=(0.6 * len(before.target) + 1.8, 1.7))
    rows = torch.stack([torch.where(m.positive, m.target, -1) for m in (before, after)])
    draw_table(ax, rows.double())
    ax.set(yticks=[0, 1], ylabel="")
    ax.set_yticklabels(["before", "after"])
    ax.set_title("the object of each query; -1: none", fontsize=9)
    return figure, "The object of each query before and after; -1 is none."


def draw_table(ax: Axes, table: Tensor) -> None:
    """Draw a table, the rows objects and the columns queries, with its numbers if they have room."""
    ax.imshow(table.detach().numpy(), cmap="Blues", alpha=0.55, aspect="auto")
    if table.shape[1] <= MOST and len(table) <= MOST:
        for row, numbers in enumerate(table.tolist()):
            for column, value in enumerate(numbers):
                ax.text(column, row, f"{value:.3g}", ha="center", va="center", fontsize=9)
    ax.set(xlabel="query", ylabel="object")
    for axis, count in ((ax.xaxis, table.shape[1]), (ax.yaxis, len(table))):
        axis.set_ticks(range(count) if count <= MOST else [])


def _mark(ax: Axes, cells: Any, **style) -> None:
    for row, column in cells:
        ax.add_patch(Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, **style))
