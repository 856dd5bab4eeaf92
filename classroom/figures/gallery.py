"""A grid of images with their ground truth and predictions."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from coursekit.draw import Names, draw_boxes, draw_image, draw_masks
from coursekit.schema import Prediction, Target


def gallery(
    images: Sequence[Tensor],
    targets: Sequence[Target] | None = None,
    predictions: Sequence[Prediction] | None = None,
    classes: Names = None,
    columns: int = 4,
    titles: Sequence[str] | None = None,
) -> Figure:
    """Return a grid of images; beside predictions, which get the colours, targets are dashed black lines.

    Args:
        images: (3, H, W) each.
        targets, predictions: one dict per image.
        classes: `classes[k - 1]` is the name of label k.
        titles: one line above each image.
    """
    columns = max(1, min(columns, len(images)))
    rows = max(1, math.ceil(len(images) / columns))
    tallest = max((image.shape[-2] / image.shape[-1] for image in images), default=1)
    side = min(10 / columns, 3.6)
    figure, axes = plt.subplots(rows, columns, figsize=(side * columns, side * tallest * rows), squeeze=False)
    for ax in axes.flat[len(images) :]:
        ax.axis("off")
    for i, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        draw_image(ax, image, titles[i] if titles else "")
        if targets is not None:
            _draw_instances(ax, targets[i], classes, secondary=predictions is not None)
        if predictions is not None:
            _draw_instances(ax, predictions[i], classes)
    return figure


def _draw_instances(ax: Axes, found: Mapping[str, Any], classes: Names, secondary: bool = False) -> None:
    """Draw the masks, if any, and the boxes of one dict; `secondary` boxes are black, dashed and nameless."""
    if "masks" in found and not secondary:
        masks = found["masks"]
        draw_masks(ax, None, masks[:, 0] > 0.5 if masks.ndim == 4 else masks, found["labels"])
    labels, scores = (None, None) if secondary else (found["labels"], found.get("scores"))
    draw_boxes(ax, None, found["boxes"], labels, scores, classes, "black" if secondary else None, secondary)
