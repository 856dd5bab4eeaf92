"""Masks of single objects: lab 14 and the slides on Mask R-CNN."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE, colour_of, draw_boxes, draw_image, draw_masks
from coursekit.ops import paste_masks

MARGIN = 0.12  # of a box's sides, shown around it
FEW_CELLS = 28  # up to this many per side are drawn with lines between them
STRIPES = "////"


def draw_cells(ax: Axes, cells: Tensor, title: str = "", frame: str | None = None) -> None:
    """Draw a mask of m x m cells (m, m) in [0, 1]: white is 0, dark is 1.

    Args:
        frame: a colour to draw around it.
    """
    m = len(cells)
    ax.imshow(cells.detach().numpy(), cmap="Blues", vmin=0, vmax=1, extent=(0, m, m, 0))
    if m <= FEW_CELLS:
        for i in range(1, m):
            ax.axhline(i, color="0.75", linewidth=0.3)
            ax.axvline(i, color="0.75", linewidth=0.3)
    if frame:
        ax.add_patch(Rectangle((0, 0), m, m, fill=False, edgecolor=frame, linewidth=5))
    ax.set(xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)


def draw_class_masks(masks: Tensor, label: int, classes: Sequence[str], columns: int = 5) -> Figure:
    """Return a figure of one region's mask for each class; that of its own class is framed.

    Shapes: (K, m, m) in [0, 1].
    Args:
        label: its class, 1..K.
    """
    rows = -(-len(masks) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(1.7 * columns, 1.95 * rows), squeeze=False)
    for k, (ax, mask) in enumerate(zip(axes.flat, masks, strict=False), start=1):
        draw_cells(ax, mask, classes[k - 1], ACCENT if k == label else None)
    for ax in axes.flat[len(masks) :]:
        ax.axis("off")
    return figure


def draw_class_gradients(rows: Mapping[str, Tensor], label: int, classes: Sequence[str]) -> Figure:
    """Return a figure with a row for each loss by its name: how much it moves the mask of each class.

    Args:
        rows: the size of the gradient on the mask of each class, (K,).
        label: the true class, 1..K; its bars are red.
    """
    figure, axes = plt.subplots(len(rows), 1, figsize=(7.5, 1.6 * len(rows)), sharex=True, squeeze=False)
    colours = [ACCENT if k == label else PALETTE[5] for k in range(1, len(classes) + 1)]
    for ax, (name, sizes) in zip(axes[:, 0], rows.items(), strict=True):
        ax.bar(range(len(classes)), sizes.tolist(), color=colours)
        for k, size in enumerate(sizes.tolist()):
            if size == 0:
                ax.text(k, 0, "0", ha="center", va="bottom")
        ax.set(title=name, yticks=[], ylabel="gradient")
    axes[-1, 0].set_xticks(range(len(classes)), classes, rotation=30, ha="right")
    return figure


def mask_steps(
    image: Tensor,
    box: Tensor,
    logits: Tensor,
    name: str,
    paste: Callable[..., Tensor] = paste_masks,
    threshold: float = 0.5,
) -> Figure:
    """Return a figure of the way of one mask: the region, its cells, the sigmoid, in the image, cut at the threshold.

    Args:
        image: (3, H, W); box: (4,) xyxy pixels.
        logits: (m, m), the mask of its own class before the sigmoid.
        name: that class.
        paste: masks (1, 1, m, m), boxes (1, 4), (H, W) -> (1, 1, H, W).
    """
    figure, axes = plt.subplots(1, 5, figsize=(12, 2.7))
    m, probability = len(logits), logits.sigmoid()
    draw_image(axes[0], image, f"1. a box: {name}")
    draw_boxes(axes[0], None, box[None])
    limit = float(logits.abs().max())
    axes[1].imshow(logits.detach().numpy(), cmap="RdBu", vmin=-limit, vmax=limit, extent=(0, m, m, 0))
    axes[1].set(xticks=[], yticks=[], title=f"2. {m} x {m} logits")
    draw_cells(axes[2], probability, "3. sigmoid")
    pasted = paste(probability[None, None], box[None], tuple(image.shape[-2:]))[0, 0].detach()  # (H, W)
    axes[3].imshow(
        pasted.numpy(), cmap="Blues", vmin=0, vmax=1, extent=(0, pasted.shape[1], pasted.shape[0], 0)
    )
    axes[3].set(xticks=[], yticks=[], title="4. stretched over the box")
    draw_boxes(axes[3], None, box[None])
    for ax in (axes[1], axes[3]):
        ax.spines[:].set_visible(False)
    draw_masks(axes[4], image, pasted[None] > threshold)
    axes[4].set_title(f"5. above {threshold:g}")
    return figure


def draw_outlines(
    ax: Axes, image: Tensor, truth: Tensor, found: Tensor, view: Tensor, title: str = ""
) -> None:
    """Draw a part of an image, with the outline of the true mask wide and white, that of the found one thin and red.

    Shapes: (3, H, W), (H, W) bool twice.
    Args:
        view: (4,) xyxy pixels; a margin is left around it.
    """
    draw_image(ax, image, title)
    height, width = truth.shape
    y, x = np.arange(height) + 0.5, np.arange(width) + 0.5
    for mask, colour, thickness in ((truth, "black", 5), (truth, "white", 3.5), (found, ACCENT, 1.6)):
        if mask.any() and not mask.all():
            ax.contour(x, y, mask.float().numpy(), [0.5], colors=[colour], linewidths=thickness)
    _zoom(ax, view, (height, width))


def draw_bins(ax: Axes, image: Tensor, box: Tensor, stride: int, bins: int, rounded: bool) -> None:
    """Draw the cells of a feature map over the image, a region in red, and its bins.

    Args:
        box: (4,) xyxy pixels.
        stride: pixels per cell.
        bins: per side.
        rounded: as RoIPool, which takes whole cells for the region and for its bins; else as RoIAlign.
    """
    height, width = image.shape[-2:]
    draw_image(ax, image)
    for at in range(stride, max(height, width), stride):
        ax.axvline(at, color="white", linewidth=0.4, alpha=0.6)
        ax.axhline(at, color="white", linewidth=0.4, alpha=0.6)
    x1, y1, x2, y2 = box.tolist()
    ranges = [_edges(a, b, bins, stride, rounded) for a, b in ((x1, x2), (y1, y2))]
    for column in ranges[0]:
        for row in ranges[1]:
            sides = column[1] - column[0], row[1] - row[0]
            ax.add_patch(
                Rectangle((column[0], row[0]), *sides, fill=False, edgecolor="#ffd400", linewidth=0.9)
            )
    draw_boxes(ax, None, box[None])
    _zoom(ax, box, (height, width), 0.25)


def semantic_and_instances(
    image: Tensor, semantic: Tensor, instances: Tensor, classes: Sequence[str], title: str = ""
) -> Figure:
    """Return a figure of one scene, coloured by class, and coloured by object.

    Args:
        image: (3, H, W).
        semantic: (H, W), the class of each pixel, 0 for background.
        instances: (H, W), the number of its object, 1, 2, ..., 0 for background.
        title: before "the image".
    """
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
    draw_image(axes[0], image, title or "the image")
    present = [k for k in range(1, len(classes) + 1) if (semantic == k).any()]
    draw_masks(axes[1], image, masks_of(semantic, present), torch.tensor(present), classes)
    axes[1].set_title(f"semantic: {len(present)} classes")
    numbers = [int(k) for k in instances.unique() if k > 0]
    draw_masks(axes[2], image, masks_of(instances, numbers))
    axes[2].set_title(f"instances: {len(numbers)} objects")
    return figure


def masks_of(numbers: Tensor, wanted: Sequence[int]) -> Tensor:
    """Where a map (H, W) has each of the `wanted` numbers: (len(wanted), H, W) bool.

    >>> masks_of(torch.tensor([[0, 3, 5]]), [5, 0]).int().tolist()
    [[[0, 0, 1]], [[1, 0, 0]]]
    """
    return numbers == torch.tensor(wanted, dtype=numbers.dtype).view(-1, 1, 1)


def draw_amodal(ax: Axes, image: Tensor, visible: Tensor, amodal: Tensor, labels: Tensor) -> None:
    """Draw what is visible of each object in its colour, and what is hidden of it in stripes.

    Shapes: (3, H, W), (G, H, W) bool twice, (G,).
    """
    draw_masks(ax, image, visible, labels)
    height, width = visible.shape[1:]
    y, x = np.arange(height) + 0.5, np.arange(width) + 0.5
    for seen, whole, label in zip(visible, amodal, labels, strict=True):
        hidden = (whole & ~seen).float().numpy()
        if hidden.any():
            drawn = ax.contourf(x, y, hidden, [0.5, 1.5], colors="none", hatches=[STRIPES])
            drawn.set_edgecolor(colour_of(label))
            ax.contour(x, y, whole.float().numpy(), [0.5], colors=[colour_of(label)], linewidths=1.2)


def draw_by_cells(ax: Axes, scores: Mapping[str, Mapping[int, float]], ylabel: str) -> None:
    """Draw a line for each name: a score against the cells per side of a mask."""
    for name, by_cells in scores.items():
        ax.plot(range(len(by_cells)), list(by_cells.values()), marker="o", label=name)
    cells = list(next(iter(scores.values())))
    ax.set_xticks(range(len(cells)), [f"{m} x {m}" for m in cells])
    ax.set(ylabel=ylabel, xlabel="cells of the mask")
    ax.legend()


def _edges(start: float, end: float, bins: int, stride: int, rounded: bool) -> list[tuple[float, float]]:
    """Where each bin starts and ends along one axis, in pixels."""
    if not rounded:
        return [
            (start + i * (end - start) / bins, start + (i + 1) * (end - start) / bins) for i in range(bins)
        ]
    first, last = int(start / stride + 0.5), int(end / stride + 0.5)
    length = max(last - first + 1, 1)
    whole = [(first + i * length // bins, first - (-(i + 1) * length // bins)) for i in range(bins)]
    return [(a * stride, b * stride) for a, b in whole]


def _zoom(ax: Axes, box: Tensor, size: tuple[int, int], margin: float = MARGIN) -> None:
    x1, y1, x2, y2 = box.tolist()
    right, down = margin * (x2 - x1) + 2, margin * (y2 - y1) + 2
    ax.set(
        xlim=(max(x1 - right, 0), min(x2 + right, size[1])), ylim=(min(y2 + down, size[0]), max(y1 - down, 0))
    )
