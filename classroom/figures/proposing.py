"""Boxes from pixels: regions as they merge, how many objects k boxes cover, and what looking into each box costs."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image
from coursekit.ops import box_iou
from coursekit.proposals import Merge, merged_labels

FOUND = 0.5  # IoU from which a box covers an object
COSTS = {"network": PALETTE[5], "pooling": ACCENT, "head": PALETTE[1]}


def draw_regions(ax: Axes, image: Tensor, labels: np.ndarray, title: str = "") -> None:
    """Draw every region of an image in its mean colour, with white lines between them.

    Shapes: image (3, H, W) in [0, 1], labels (H, W), whole numbers.
    """
    _, dense = np.unique(labels, return_inverse=True)
    dense = torch.from_numpy(dense.reshape(-1))  # (H * W,)
    sums = torch.zeros(3, int(dense.max()) + 1).index_add(1, dense, image.flatten(1))
    mean = sums / dense.bincount().clamp(min=1)  # (3, regions)
    draw_image(ax, mean[:, dense].reshape(image.shape), title)
    lines = plt.rcParams["lines.linewidth"]
    grid = dense.reshape(labels.shape).numpy()
    for axis, draw in ((0, ax.hlines), (1, ax.vlines)):
        rows, columns = np.nonzero(np.diff(grid, axis=axis))
        place, along = (rows, columns) if axis == 0 else (columns, rows)
        draw(place + 1, along, along + 1, color="white", linewidth=0.4 * lines)


def grouping(
    image: Tensor,
    labels: np.ndarray,
    merges: Sequence[Merge],
    left: Sequence[int],
    boxes: Tensor | None = None,
    columns: int = 4,
) -> Figure:
    """Return a figure of the regions at each number of regions that are left; an object is framed once a region covers it.

    Shapes: image (3, H, W), labels (H, W).
    Args:
        merges: all steps of the grouping, in order.
        left: numbers of regions, one panel each.
        boxes: (G, 4), the objects, xyxy pixels; dashed until a region's box has an IoU of 0.5 with them.
    """
    total = len(np.unique(labels))
    rows = -(-len(left) // columns)
    shape = image.shape[-2] / image.shape[-1]
    figure, axes = plt.subplots(rows, columns, figsize=(10, 10 / columns * shape * rows + 0.3 * rows))
    for ax in axes.flat[len(left) :]:
        ax.axis("off")
    for ax, count in zip(axes.flat, left, strict=False):
        done = merges[: total - count]
        draw_regions(ax, image, merged_labels(labels, done), f"{count} regions" if count > 1 else "1 region")
        if boxes is not None:
            covered = covered_by_now(labels, done, boxes)
            draw_boxes(ax, None, boxes[~covered], colour="black", dashed=True)
            draw_boxes(ax, None, boxes[covered])
    return figure


def covered_by_now(labels: np.ndarray, merges: Sequence[Merge], boxes: Tensor) -> Tensor:
    """Return which objects (G, 4) the box of some region covers, of those at the start and of the merged ones: (G,).

    >>> covered_by_now(np.array([[0, 1, 2]]), [Merge(0, 1, 3, 1.5, (0, 0, 2, 1))], torch.tensor([[0.0, 0, 3, 1]]))
    tensor([True])
    """
    rows, columns = np.indices(labels.shape)
    first = [
        (
            columns[labels == k].min(),
            rows[labels == k].min(),
            columns[labels == k].max() + 1,
            rows[labels == k].max() + 1,
        )
        for k in np.unique(labels)
    ]
    every = torch.tensor([*first, *(merge.box for merge in merges)], dtype=torch.float32)  # (regions, 4)
    return (box_iou(every, boxes) >= FOUND).any(0)


def draw_recall(ax: Axes, counts: Sequence[int], recall: Mapping[str, Sequence[float]]) -> None:
    """Draw the share of the objects covered by k boxes per image against k, a curve for each method of proposal."""
    for (name, shares), marker in zip(recall.items(), "osv^D", strict=False):
        ax.plot(counts, shares, marker=marker, label=name)
    ax.set_xscale("log")
    ax.set_xticks(counts, [f"{k}" for k in counts])
    ax.minorticks_off()
    ax.set(xlabel="k, boxes per image", ylabel="recall@k (IoU 0.5)", ylim=(0, 1.02))
    ax.legend(loc="lower right")


def draw_costs(ax: Axes, milliseconds: Mapping[str, Mapping[str, float]]) -> None:
    """Draw a bar for each way of looking into the boxes: its parts beside each other, and their sum."""
    named = set()
    for y, parts in enumerate(milliseconds.values()):
        left = 0.0
        for part, value in parts.items():
            label = None if part in named else part
            ax.barh(y, value, left=left, color=COSTS[part], height=0.6, label=label)
            named.add(part)
            left += value
        ax.text(left, y, f" {left:.0f} ms", va="center", fontweight="bold")
    longest = max(sum(parts.values()) for parts in milliseconds.values())
    ax.set(yticks=range(len(milliseconds)), yticklabels=list(milliseconds), xlabel="milliseconds per image")
    ax.set(ylim=(len(milliseconds) - 0.5, -0.5), xlim=(0, 1.18 * longest))
    ax.tick_params(axis="y", length=0)
    ax.legend()
