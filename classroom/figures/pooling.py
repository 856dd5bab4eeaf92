"""RoI pooling in drawings: which cells a bin reads, what a small shift does, and where gradients go."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.step_by_step.pooling import roi_align_samples, roi_pool_bins
from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image
from coursekit.ops import crop_and_resize, roi_align, roi_pool

Pool = Callable[[Tensor, Sequence[Tensor], int, float], Tensor]
OPERATORS = {  # (N, C, h, w), N times (R, 4) in pixels, bins per side, spatial_scale -> (all R, C, bins, bins)
    "RoIPool": roi_pool,
    "crop and resize": crop_and_resize,
    "RoIAlign": partial(roi_align, sampling_ratio=2, aligned=True),
}
SAMPLES = {"crop and resize": 1, "RoIAlign": 2}  # along one side of a bin; RoIPool reads whole cells
COLOURS = "magma"
REGION, BINS = "#35e0ff", "#ffffff"  # on a dark map


def draw_map(ax: Axes, values: Tensor, title: str = "", limits: tuple[float, float] | None = None) -> None:
    """Draw one channel (h, w) of a feature map; cell (i, j) is the square from (j, i) to (j + 1, i + 1)."""
    height, width = values.shape
    low, high = limits or (float(values.min()), float(values.max()))
    pixels = values.detach().numpy()
    ax.imshow(pixels, extent=(0, width, height, 0), cmap=COLOURS, vmin=low, vmax=high)
    ax.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)


def draw_whole_cells(ax: Axes, box: Tensor, bins: int, map_size: tuple[int, int], scale: float) -> None:
    """Draw a region (4,) in pixels on its map, and the whole cells that RoIPool makes its bins of."""
    for left, top, right, bottom in roi_pool_bins(box, (bins, bins), map_size, scale).flatten(0, 1).tolist():
        sides = (left, top), right - left, bottom - top
        ax.add_patch(Rectangle(*sides, fill=False, edgecolor=BINS, linewidth=0.9))
    _draw_region(ax, box * scale)


def draw_samples(ax: Axes, box: Tensor, bins: int, samples: int, scale: float) -> None:
    """Draw a region (4,) in pixels on its map, its bins, and `samples` x `samples` places in each of them."""
    left, top, right, bottom = (box * scale).tolist()
    look = {"color": BINS, "linewidth": 0.7, "alpha": 0.8}
    for k in range(1, bins):
        ax.hlines(top + k * (bottom - top) / bins, left, right, **look)
        ax.vlines(left + k * (right - left) / bins, top, bottom, **look)
    x, y = roi_align_samples(box, (bins, bins), scale, samples).flatten(0, 2).T
    ax.plot(x, y, ".", color=BINS, markersize=3 if bins > 3 else 6)
    _draw_region(ax, box * scale)


def three_poolings(
    values: Tensor,
    box: Tensor,
    bins: int = 7,
    scale: float = 1 / 8,
    operators: Mapping[str, Pool] = OPERATORS,
    margin: float | None = 2,
) -> Figure:
    """Return a figure of what each operator reads from one channel (h, w) for one region (4,), with the outputs below.

    Args:
        box: xyxy, pixels of the image.
        bins: per side of the output.
        scale: size of the map over size of the image.
        operators: by name; those of `OPERATORS`, or your own under the same names.
        margin: cells around the region that are shown; None shows the whole map.
    """
    figure, axes = plt.subplots(2, len(operators), figsize=(3.1 * len(operators), 5.6))
    limits = float(values.min()), float(values.max())
    for (above, below), (name, pool) in zip(axes.T, operators.items(), strict=True):
        draw_map(above, values, name, limits)
        if name in SAMPLES:
            draw_samples(above, box, bins, SAMPLES[name], scale)
        else:
            draw_whole_cells(above, box, bins, tuple(values.shape), scale)
        if margin is not None:
            _look_closer(above, box * scale, margin)
        pooled = pool(values[None, None], [box[None]], bins, scale)[0, 0]  # (bins, bins)
        draw_map(below, pooled, f"{bins} x {bins} out", limits)
        if bins <= 4:
            _write_values(below, pooled, limits)
    return figure


def sliding(
    values: Tensor,
    box: Tensor,
    shifts: Sequence[float],
    scale: float = 1 / 8,
    operators: Mapping[str, Pool] = OPERATORS,
    figsize: tuple[float, float] = (6, 3.4),
) -> Figure:
    """Return a plot of the output of each operator for a region (4,) that slides right and down.

    Args:
        values: one channel (h, w).
        shifts: pixels, the same in x and in y; quarters of a pixel show RoIPool's steps as steps.
    """
    figure, ax = plt.subplots(figsize=figsize)
    boxes = box + torch.as_tensor(shifts, dtype=torch.float32)[:, None]  # (shifts, 4)
    styles = zip(operators.items(), ("-", "-", "--"), (ACCENT, PALETTE[5], PALETTE[1]), strict=False)
    for (name, pool), style, colour in styles:
        out = pool(values[None, None], [boxes], 1, scale)[:, 0, 0, 0]  # (shifts,)
        ax.plot(shifts, out, style, color=colour, label=name)
    ax.set(xlabel="shift, pixels right and down", ylabel="pooled value")
    ax.legend()
    return figure


def gradient_maps(
    maps: Tensor,
    boxes: Tensor,
    bins: int = 7,
    scale: float = 1 / 8,
    operators: Mapping[str, Pool] = OPERATORS,
) -> Figure:
    """Return where the gradient of the sum of all outputs arrives on the map, for each operator: black is nothing.

    Shapes: maps (C, h, w), boxes (R, 4) xyxy pixels.
    """
    figure, axes = plt.subplots(1, len(operators), figsize=(3.2 * len(operators), 3.4))
    for ax, (name, pool) in zip(axes, operators.items(), strict=True):
        arrived = gradient_map(maps, boxes, bins, scale, pool)
        share = (arrived > 0).float().mean()
        draw_map(ax, arrived, f"{name}: {share:.0%} of the cells", (0, float(arrived.max())))
        for box in boxes:
            _draw_region(ax, box * scale)
    return figure


def gradient_map(maps: Tensor, boxes: Tensor, bins: int, scale: float, pool: Pool) -> Tensor:
    """Return the length, over channels, of the gradient of the sum of all that is pooled: (C, h, w) -> (h, w).

    >>> gradient_map(torch.ones(1, 2, 4), torch.tensor([[0.0, 0, 2, 2]]), 1, 1.0, OPERATORS["RoIAlign"])
    tensor([[0.2500, 0.2500, 0.0000, 0.0000],
            [0.2500, 0.2500, 0.0000, 0.0000]])
    """
    maps = maps.detach().clone().requires_grad_()
    pool(maps[None], [boxes], bins, scale).sum().backward()
    return maps.grad.norm(dim=0)


def regions_in_cells_out(
    image: Tensor, values: Tensor, boxes: Tensor, pooled: Tensor, colours: Sequence[str] = PALETTE
) -> Figure:
    """Return an image with R boxes, its feature map with them, and the R outputs of pooling, all of one size.

    Shapes: image (3, H, W), values (h, w) one channel, boxes (R, 4) xyxy pixels, pooled (R, bins, bins).
    """
    count, bins = len(boxes), pooled.shape[-1]
    figure = plt.figure(figsize=(10, 3.4))
    grid = figure.add_gridspec(count, 5, width_ratios=(6, 0.1, 6, 0.1, 6 / count + 0.4))
    limits = float(values.min()), float(values.max())
    left, middle = (figure.add_subplot(grid[:, column]) for column in (0, 2))
    draw_image(left, image, f"{count} regions of one image")
    draw_map(middle, values, f"one feature map, {values.shape[0]} x {values.shape[1]} cells", limits)
    scale = values.shape[1] / image.shape[2]
    for i, (box, colour) in enumerate(zip(boxes, colours, strict=False)):
        draw_boxes(left, None, box[None], colour=colour)
        draw_boxes(middle, None, scale * box[None], colour=colour)
        ax = figure.add_subplot(grid[i, 4])
        draw_map(ax, pooled[i], "" if i else f"{count} times {bins} x {bins}", limits)
        ax.spines[:].set(visible=True, color=colour, linewidth=3)
    return figure


def half_a_cell(figsize: tuple[float, float] = (8, 2.6)) -> Figure:
    """Return four cells of a row and what a sample at x = 1.5 reads, with the centre of cell 0 at 0.5 and at 0."""
    figure, axes = plt.subplots(2, 1, figsize=figsize)
    readings = (("centre of cell 0 at 0.5 (aligned)", 0.0), ("centre of cell 0 at 0 (not aligned)", -0.5))
    for ax, (title, start) in zip(axes, readings, strict=True):
        for k in range(4):
            ax.add_patch(Rectangle((k + start, 0), 1, 1, facecolor="0.9", edgecolor="0.35"))
            ax.text(k + start + 0.5, 0.5, f"{10 * k}", ha="center", va="center")
        value = 10 * (1.5 - start - 0.5)
        ax.plot([1.5, 1.5], [-0.15, 1.15], color=ACCENT)
        ax.annotate(f"reads {value:g}", (1.5, 1.1), (4.3, 0.5), color=ACCENT, va="center", fontweight="bold")
        ax.set(xlim=(-0.6, 6), ylim=(-0.3, 1.3), yticks=[], xticks=[0, 0.5, 1, 1.5, 2, 3, 4])
        ax.set_title(title, loc="left")
        ax.spines[:].set_visible(False)
    return figure


def _draw_region(ax: Axes, cells: Tensor) -> None:
    left, top, right, bottom = cells.tolist()
    ax.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=REGION, linewidth=2)
    )


def _look_closer(ax: Axes, cells: Tensor, margin: float) -> None:
    left, top, right, bottom = cells.tolist()
    ax.set(xlim=(left - margin, right + margin), ylim=(bottom + margin, top - margin))


def _write_values(ax: Axes, values: Tensor, limits: tuple[float, float]) -> None:
    middle = sum(limits) / 2
    for (i, j), value in zip(
        torch.cartesian_prod(*map(torch.arange, values.shape)), values.flatten(), strict=True
    ):
        ink = "black" if value > middle else "white"
        ax.text(j + 0.5, i + 0.5, f"{value:g}", ha="center", va="center", color=ink)
