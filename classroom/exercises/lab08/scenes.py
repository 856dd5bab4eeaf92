"""Small scenes for the cases of lab 08: every pixel has a colour of its own, and no side is as long as another."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, rectangles, uniform
from coursekit.ops import masks_to_boxes
from coursekit.schema import Target

Scene = tuple[Tensor, Target]


def masked_scene(height: int, width: int, *corners: tuple[int, int, int, int], seed: int = 0) -> Scene:
    """A scene with masks: rectangles that lack their first corner, so that no mask fills its box."""
    masks = rectangles(height, width, *corners)
    for mask, (x1, y1, _, _) in zip(masks, corners, strict=True):
        mask[y1, x1 : x1 + 2] = False
    labels = torch.arange(1, len(corners) + 1) + 3 * seed
    return uniform(3, height, width, seed=seed), measured(masks, labels, 0)


def boxed_scene(height: int, width: int, *rows: tuple[float, float, float, float], seed: int = 0) -> Scene:
    """A scene with boxes alone, in pixels."""
    image = uniform(3, height, width, seed=seed)
    return image, {"boxes": boxes(*rows), "labels": torch.arange(1, len(rows) + 1)}


def measured(masks: Tensor, labels: Tensor, min_pixels: int) -> Target:
    """The target of masks, without those of too few pixels."""
    kept = masks.sum((1, 2)) >= min_pixels
    masks, labels = masks[kept], labels[kept]
    area = masks.sum((1, 2)).float()
    return {"boxes": masks_to_boxes(masks), "labels": labels, "masks": masks, "area": area}


def in_single_precision(target: Target) -> Target:
    """The target with float32 where it has float64: both are as good."""
    return {name: x.float() if x.dtype == torch.float64 else x for name, x in target.items()}
