"""Pictures of failing cases of lab 09: maps, boxes and cells, yours beside the expected ones."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from coursekit.draw import ACCENT, draw_boxes

Picture = tuple[Any, str] | None
WRITTEN = 60  # cells of a map up to which the numbers are written into it


def map_picture(arguments: tuple, got: Any, wanted: Tensor) -> Picture:
    """The first channel that differs: yours, and as it should be."""
    if not isinstance(got, Tensor) or got.shape != wanted.shape or wanted.ndim < 2 or not wanted.numel():
        return None
    got, wanted = (maps.detach().float().reshape(-1, *maps.shape[-2:]) for maps in (got, wanted))
    worst = int((got - wanted).abs().nan_to_num(9).flatten(1).sum(1).argmax())
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.4))
    for ax, values, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        _draw_values(ax, values[worst], wanted[worst])
        ax.set_title(title)
    return figure, "One channel of the function's output, and the expected one."


def pooled_picture(arguments: tuple, got: Any, wanted: Tensor) -> Picture:
    """The input, the output and the expected output: the first channel that differs."""
    if not isinstance(got, Tensor) or got.shape != wanted.shape:
        return None
    maps = [x.detach().float().reshape(-1, *wanted.shape[-2:]) for x in (arguments[0], got, wanted)]
    worst = int((maps[1] - maps[2]).abs().nan_to_num(9).flatten(1).sum(1).argmax())
    figure, axes = plt.subplots(1, 3, figsize=(8.4, 2.2))
    titles = ("in", f'yours, "{arguments[1]}"', "expected")
    for ax, values, title in zip(axes, maps, titles, strict=True):
        _draw_values(ax, values[worst], maps[0][worst])
        ax.set_title(title)
    return (
        figure,
        "The input map, the map that the function pools, and the expected one.",
    )


def _draw_values(ax: Axes, values: Tensor, range_of: Tensor) -> None:
    low, high = float(range_of.min()), float(range_of.max())
    ax.imshow(values.numpy(), cmap="magma", vmin=low, vmax=max(high, low + 1e-3))
    ax.set(xticks=[], yticks=[])
    if values.numel() <= WRITTEN:
        for y, row in enumerate(values.tolist()):
            for x, value in enumerate(row):
                ink = "black" if value > (low + high) / 2 else "white"
                ax.text(x, y, f"{value:.2g}", ha="center", va="center", fontsize=8, color=ink)


def moved_picture(arguments: tuple, got: Any, wanted: Tensor) -> Picture:
    """The box whose radius is furthest off, and both of its corners moved inwards by your radius and by the right one."""
    boxes = arguments[0]
    if not isinstance(got, Tensor) or got.shape != wanted.shape or boxes.ndim != 2 or not len(boxes):
        return None
    worst = int((got - wanted).detach().abs().nan_to_num(9).argmax())
    box, yours, right = boxes[worst].float(), float(got[worst].detach()), float(wanted[worst])
    figure, ax = plt.subplots(figsize=(3.8, 3))
    draw_boxes(ax, None, box[None], colour="0.6")
    inwards = torch.tensor([1.0, 1, -1, -1])
    draw_boxes(ax, None, (box + yours * inwards)[None], colour=ACCENT)
    draw_boxes(ax, None, (box + right * inwards)[None], colour="black", dashed=True)
    margin = 0.15 * float((box[2:] - box[:2]).max()) + 0.5
    left, top, right_side, bottom = box.tolist()
    ax.set(
        xlim=(left - margin, right_side + margin),
        ylim=(bottom + margin, top - margin),
        aspect="equal",
        title=f"radius {yours:.3g}; dashed: {right:.3g}",
    )
    return (
        figure,
        "A box, and the boxes whose corners are moved inwards by the function's radius and by the right one.",
    )


def groups_picture(arguments: tuple, got: Any, wanted: dict) -> Picture:
    """The corners, and the boxes that they were joined into; dashed: the expected boxes."""
    if not isinstance(got, dict) or "boxes" not in got:
        return None
    first, last = arguments[0].points.float(), arguments[1].points.float()
    figure, ax = plt.subplots(figsize=(3.8, 3))
    draw_boxes(ax, None, got["boxes"].detach().float().reshape(-1, 4), colour=ACCENT)
    draw_boxes(ax, None, wanted["boxes"].float().reshape(-1, 4), colour="black", dashed=True)
    ax.plot(*first.T.numpy(), "^", color="#0002cf", label="top-left")
    ax.plot(*last.T.numpy(), "v", color="#227c09", label="bottom-right")
    (left, top), (right, bottom) = (limit.tolist() for limit in torch.cat([first, last]).aminmax(dim=0))
    ax.set(xlim=(left - 2, right + 2), ylim=(bottom + 2, top - 2), title="yours; dashed: expected")
    return figure, "The corners of both kinds, the boxes of the function and, dashed, the right boxes."


def peaks_picture(arguments: tuple, got: Any, wanted: dict) -> Picture:
    """The highest of all channels of the heat map, your peaks as red crosses, and the right ones as white dots."""
    if not isinstance(got, dict) or got["points"].ndim != 2:
        return None
    figure, ax = plt.subplots(figsize=(3.8, 2.6))
    ax.imshow(arguments[0].amax(0).numpy(), cmap="magma")
    dots = {"color": "white", "markeredgecolor": "black", "markersize": 11}
    ax.plot(*wanted["points"].T.numpy(), "o", **dots)
    ax.plot(*got["points"].T.numpy(), "x", color=ACCENT, markersize=11, markeredgewidth=3)
    ax.set(title="red crosses: yours; white dots: expected", xticks=[], yticks=[])
    return figure, "The heat map with the function's peaks, red crosses, and the right ones, white dots."


def cells_picture(arguments: tuple, got: Any, wanted: dict) -> Picture:
    """The boxes and the centres of the cells: filled where they are positive, yours and as it should be."""
    boxes, centers = arguments[:2]
    if not isinstance(got, dict) or not len(boxes) or got["positive"].shape != wanted["positive"].shape:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6.8, 3))
    for ax, match, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        draw_boxes(ax, None, boxes.float())
        positive = match["positive"].bool()
        ax.plot(*centers[~positive].T.numpy(), ".", color="0.6", markersize=4)
        ax.plot(*centers[positive].T.numpy(), "o", color=ACCENT, markersize=6)
        (left, top), (right, bottom) = (limit.tolist() for limit in centers.aminmax(dim=0))
        ax.set(xlim=(left - 8, right + 8), ylim=(bottom + 8, top - 8), aspect="equal", title=title)
    return figure, "Boxes, and the cells that are positive: those of the function and the expected ones."
