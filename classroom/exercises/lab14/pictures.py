"""Pictures of failing cases of lab 14: masks in cells, in the image, and maps of a scene, beside the expected ones."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from torch import Tensor

from coursekit.draw import draw_boxes, draw_image

Picture = tuple[Any, str] | None


def masks_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The first mask that comes out, and the expected one."""
    if not wanted.numel() or got.shape != wanted.shape:
        return None
    return _pair(_first(got), _first(wanted))


def _first(masks: Tensor) -> Tensor:
    return masks.detach().reshape(-1, *masks.shape[-2:])[0]


def _pair(got: Tensor, wanted: Tensor) -> Picture:
    figure, axes = plt.subplots(1, 2, figsize=(5.2, 2.6))
    for ax, values, title in zip(axes, (got, wanted), ("yours", "expected"), strict=True):
        ax.imshow(values.float().numpy(), cmap="Blues", vmin=0, vmax=1)
        ax.set(title=title, xticks=[], yticks=[])
    return figure, "The mask of the function, and the expected one."


def outlines_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The two masks whose boundaries are compared, and the two numbers."""
    found, truth = arguments[:2]
    got, wanted = (number["the result"] for number in (got, wanted))  # as the judge keeps them
    figure, ax = plt.subplots(figsize=(3, 2.6))
    ax.imshow((found.int() + 2 * truth.int()).numpy(), cmap="Blues", vmin=0, vmax=4)
    ax.set_title(f"should be {wanted:.3f}, yours {float(got):.3f}", fontsize=10)
    ax.set(xticks=[], yticks=[])
    return (
        figure,
        "The two masks, dark where both are, and their boundary F: the expected one and that of the function.",
    )


def scene_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The map of classes and the map of objects, yours and the expected ones."""
    most = max(int(each.max()) for each in (*got, *wanted))
    figure, axes = plt.subplots(2, 2, figsize=(5.2, 4))
    rows = (("yours", got), ("should be", wanted))
    for row, (whose, maps) in zip(axes, rows, strict=True):
        for ax, name, values in zip(row, ("classes", "objects"), maps, strict=True):
            ax.imshow(values.numpy(), cmap="tab10", vmin=0, vmax=max(most, 9))
            ax.set(title=f"{name}, {whose}", xticks=[], yticks=[])
    return (
        figure,
        "The map of classes and the map of objects: those of the function and the expected ones.",
    )


def pasted_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The mixed scene with its boxes; dashed: the expected boxes."""
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.6))
    pairs = zip(axes, (got, wanted), ("yours; dashed: expected", "expected"), strict=True)
    for ax, (image, target), title in pairs:
        draw_image(ax, image, title)
        draw_boxes(ax, None, target["boxes"])
        draw_boxes(ax, None, wanted[1]["boxes"], colour="black", dashed=True)
    return figure, "The mixed scene and its boxes: those of the function and the expected ones."


def overlaps_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The table of IoUs with the class of each row and column, and the three numbers."""
    iou, labels, true_labels = arguments
    if not iou.numel():
        return None
    figure, ax = plt.subplots(figsize=(4.4, 3))
    ax.imshow(iou.numpy(), cmap="Blues", vmin=0, vmax=1.5)
    for (d, g), value in np.ndenumerate(iou.numpy()):
        ax.text(g, d, f"{value:.2g}", ha="center", va="center", color="black")
    ax.set_xticks(range(len(true_labels)), [f"class {k}" for k in true_labels.tolist()])
    ax.set_yticks(range(len(labels)), [f"class {k}" for k in labels.tolist()])
    ax.set(xlabel="true segments", ylabel="predicted segments")
    said = [" ".join(f"{float(x):.3f}" for x in each) for each in (wanted, got)]
    ax.set_title(f"PQ SQ RQ: should be {said[0]}\nyours {said[1]}", fontsize=10)
    return (
        figure,
        "The IoU of each predicted with each true segment, with their classes, and the three scores.",
    )
