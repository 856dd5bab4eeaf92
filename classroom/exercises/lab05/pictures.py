"""Pictures of failing cases of lab 05: regions, proposals and pooled values, beside the expected ones."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.figures.pooling import draw_map
from coursekit.draw import ACCENT, draw_boxes

Picture = tuple[Any, str] | None
REGION = "#35e0ff"


def bars_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """A bar for each number: the expected one and that of the function."""
    figure, ax = plt.subplots(figsize=(4.4, 2.2))
    x = torch.arange(wanted.numel())
    for shift, values, name in ((-0.2, wanted, "expected"), (0.2, got, "yours")):
        if values is not None:
            ax.bar((x + shift).tolist(), values.detach().flatten().tolist(), 0.38, label=name)
    ax.set(xticks=x.tolist())
    figure.legend(loc="outside upper center", ncols=2)
    return figure, "Bars of the numbers: the expected ones and those of the function."


def pair_picture(arguments: tuple, got: tuple | None, wanted: tuple) -> Picture:
    """The table of similarities of touching regions; the pair to be merged is framed, yours in red."""
    similarity, touching = arguments
    figure, ax = plt.subplots(figsize=(3.4, 3))
    ax.imshow(similarity.masked_fill(~touching, torch.nan).numpy(), cmap="Greys", vmin=0, vmax=3)
    if len(similarity) <= 8:
        for i, j in touching.nonzero().tolist():
            ax.text(j, i, f"{similarity[i, j]:.2f}", ha="center", va="center", fontsize=8)
    for pair, colour in ((wanted, "black"), (got, ACCENT)):
        if isinstance(pair, tuple) and len(pair) == 2:
            i, j = (int(k) for k in pair)
            ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor=colour, linewidth=3))
    ax.set(xlabel="region", ylabel="region")
    ax.set_title("red: yours; black: expected", fontsize=10)
    return (
        figure,
        "The table of similarities, with a black frame around the pair that should be merged, and a red one around yours.",
    )


def covered_picture(arguments: tuple, got: float | None, wanted: float) -> Picture:
    """The objects of each image, dashed, and its k best proposals."""
    proposals, boxes, k = arguments
    count = min(len(boxes), 3)
    figure, axes = plt.subplots(1, count, figsize=(3 * count, 2.8), squeeze=False)
    for i, ax in enumerate(axes[0]):
        corners = torch.cat([proposals[i], boxes[i]]).reshape(-1, 2)
        low, high = (corners.amin(0) - 3).tolist(), (corners.amax(0) + 3).tolist()
        draw_boxes(ax, None, proposals[i][:k])
        draw_boxes(ax, None, boxes[i], colour="black", dashed=True)
        ax.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", title=f"image {i}")
    said = "nothing" if got is None else f"{float(got):.3g}"
    figure.suptitle(f"k = {k}: should be {wanted:.3g}, yours {said}", fontsize=10)
    return figure, "The objects of each image, dashed, and its first k proposals."


def pooled_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The first channel of the map with the region, the output, and the expected output."""
    features, box, _, scale = arguments[:4]
    figure, axes = plt.subplots(1, 3, figsize=(8, 2.4))
    values = features[0].detach()
    limits = float(values.min()), float(values.max())
    draw_map(axes[0], values, "map and region", limits)
    left, top, right, bottom = (box * scale).tolist()
    frame = {"fill": False, "edgecolor": REGION, "linewidth": 2}
    axes[0].add_patch(Rectangle((left, top), right - left, bottom - top, **frame))
    for ax, pooled, title in zip(axes[1:], (got, wanted), ("yours", "expected"), strict=True):
        if pooled is None:  # it raised an error
            ax.axis("off")
            continue
        draw_map(ax, pooled[0].detach(), title, limits)
        _write(ax, pooled[0].detach(), sum(limits) / 2)
    return figure, "The map with the region, what the function pools, and the expected values."


def samples_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The first channel of the map with the places; beside each the value that was read, and the expected one."""
    features, x, y = arguments
    figure, ax = plt.subplots(figsize=(4.4, 3.2))
    draw_map(ax, features[0].detach(), "read; in brackets: expected")
    ax.plot(x.tolist(), y.tolist(), "o", color=REGION, markersize=4)
    for n in range(min(len(x), 4)):
        said = "nothing" if got is None else f"{float(got[0, n].detach()):.3g}"
        words = f" {said} ({float(wanted[0, n].detach()):.3g}) "
        side = "right" if x[n] > features.shape[2] / 2 else "left"  # inside the map
        ax.text(float(x[n]), float(y[n]), words, color=REGION, fontsize=9, ha=side)
    return (
        figure,
        "The map with the places; beside them the values that the function reads, and the expected ones.",
    )


def rows_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The rows of regions as tables: yours and the expected ones."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 0.4 * len(wanted) + 0.8))
    for ax, rows, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        if rows is None:  # it raised an error
            ax.axis("off")
            continue
        ax.imshow((rows != wanted).float().numpy(), cmap="Reds", vmin=0, vmax=2, aspect="auto")
        for i, j in torch.cartesian_prod(torch.arange(len(rows)), torch.arange(rows.shape[1])).tolist():
            ax.text(j, i, f"{rows[i, j]:g}", ha="center", va="center", fontsize=9)
        ax.set(xticks=[], yticks=[], title=title)
    return figure, "The rows of regions that the function returns, and the expected ones."


def _write(ax: Axes, values: Tensor, middle: float) -> None:
    if values.numel() > 16:
        return
    for i, row in enumerate(values.tolist()):
        for j, value in enumerate(row):
            ink = "black" if value > middle else "white"
            ax.text(j + 0.5, i + 0.5, f"{value:.3g}", ha="center", va="center", color=ink, fontsize=9)
