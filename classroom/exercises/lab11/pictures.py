"""Pictures of failing cases of lab 11: label maps and class maps, beside the expected ones."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from classroom.figures.segmentation import draw_label_map
from coursekit.schema import VOID

Picture = tuple[Any, str] | None


def labels_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The label map that comes out, and the expected one; after an error only the latter."""
    if got is None:
        figure, ax = plt.subplots(figsize=(2.5, 2.2))
        draw_labels(ax, wanted, "expected")
        return figure, "The expected label map."
    if not isinstance(got, Tensor) or got.ndim != 2:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(5, 2.2))
    for ax, labels, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        draw_labels(ax, labels, title)
    return figure, "The label map that the function returns, and the expected one."


def shrunk_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The label map that comes in, the one that comes out, and the expected one."""
    if not isinstance(got, Tensor) or got.ndim != 2:
        return None
    figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.2))
    shown = (arguments[0], got, wanted)
    for ax, labels, title in zip(axes, shown, ("the input", "yours", "expected"), strict=True):
        draw_labels(ax, labels, f"{title}: {labels.shape[0]} x {labels.shape[1]}")
    return figure, "The label map before, the function's result, and the expected one."


def draw_labels(ax: Axes, labels: Tensor, title: str) -> None:
    """Draw a small label map with the number of each pixel."""
    whole = labels.detach().nan_to_num(0).clamp(0, VOID).long()
    draw_label_map(ax, whole, title=title)
    if labels.numel() > 100:
        return
    for (y, x), value in zip((labels == labels).nonzero().tolist(), labels.flatten().tolist(), strict=False):
        ink = "black" if value == 0 else "white"
        ax.text(x + 0.5, y + 0.5, f"{value:g}", ha="center", va="center", fontsize=8, color=ink)


def planes_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The map of the first class, yours and the expected one, with the sum over the classes below."""
    if not isinstance(got, Tensor) or got.shape != wanted.shape:
        return None
    pairs = [of_first_image(values.detach()) for values in (got, wanted)]
    figure, axes = plt.subplots(2, 2, figsize=(5, 3.6))
    for column, planes, title in zip(axes.T, pairs, ("yours", "expected"), strict=True):
        draw_numbers(column[0], planes[0], f"{title}: class 0")
        draw_numbers(column[1], planes.sum(0), "sum of all classes")
    return (
        figure,
        "The probability of the first class and the sum over all classes: yours and the expected ones.",
    )


def of_first_image(values: Tensor) -> Tensor:
    """(N, K, h, w) or (K, h, w) -> (K, h, w)."""
    return values[0] if values.ndim == 4 else values


def draw_numbers(ax: Axes, values: Tensor, title: str) -> None:
    ax.imshow(values.nan_to_num(0).numpy(), cmap="Blues", vmin=0, vmax=1.5)
    ax.set(title=title, xticks=[], yticks=[])
    if values.numel() <= 24:
        for y, row in enumerate(values.tolist()):
            for x, value in enumerate(row):
                ax.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=8)


def iou_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The prediction and the ground truth, and below them your IoU of each class and the expected one."""
    if not isinstance(got, Tensor) or got.shape != wanted.shape:
        return None
    prediction, target, _ = arguments
    figure, axes = plt.subplots(1, 2, figsize=(5, 2.6))
    for ax, labels, title in zip(axes, (prediction, target), ("prediction", "truth"), strict=True):
        draw_labels(ax, labels, title)
    axes[0].set_xlabel(f"yours: {in_words(got.tolist())}")
    axes[1].set_xlabel(f"expected: {in_words(wanted.tolist())}")
    return (
        figure,
        "The predicted and the true label map, with the IoU of each class: yours and the expected one.",
    )


def in_words(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:.2f}" for number in numbers)
