"""Two small scenes, and what is visible if objects of one are pasted onto the other."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import rectangles
from coursekit.ops import masks_to_boxes
from coursekit.schema import Target

Scene = tuple[Tensor, Target]


def _scene(shade: float, masks: Tensor, *labels: int) -> Scene:
    """An image whose objects each have their own shade, and its target; where masks overlap, the last is in front."""
    image = torch.full((3, *masks.shape[1:]), shade)
    visible = masks.clone()
    for i, mask in enumerate(masks):
        visible[:i] &= ~mask
        image = torch.where(mask, shade + 0.1 * (i + 1), image)
    area = visible.sum((1, 2)).float()
    boxes = masks_to_boxes(visible)
    return image, {"boxes": boxes, "labels": torch.tensor(labels), "masks": visible, "area": area}


def _bent(masks: Tensor) -> Tensor:
    """The same masks without a corner: no mask fills its box."""
    boxes = masks_to_boxes(masks).int().tolist()
    for mask, (x1, y1, _, _) in zip(masks, boxes, strict=True):
        mask[y1 : y1 + 2, x1 : x1 + 2] = False
    return masks


TABLE = _scene(0.1, _bent(rectangles(14, 22, (1, 2, 9, 9), (11, 4, 16, 8), (14, 9, 21, 13))), 1, 2, 3)
OTHER = _scene(0.5, _bent(rectangles(14, 22, (5, 1, 16, 10), (2, 9, 20, 14), (0, 0, 4, 4))), 4, 5, 6)
EMPTY = _scene(0.1, rectangles(14, 22))
EMPTY[1]["labels"] = torch.zeros(0, dtype=torch.int64)


def measured(masks: Tensor, labels: Tensor, min_pixels: int) -> Target:
    kept = masks.sum((1, 2)) >= min_pixels
    masks = masks[kept]
    boxes, area = masks_to_boxes(masks), masks.sum((1, 2)).float()
    return {"boxes": boxes, "labels": labels[kept], "masks": masks, "area": area}


def mixed_scene(image, target, donor, donor_target, objects, min_pixels) -> tuple[Tensor, Tensor, Tensor]:
    """The new image, and all masks and labels before any is left out."""
    pasted = donor_target["masks"][objects]
    masks = torch.cat([target["masks"] & ~pasted.any(0), pasted])
    labels = torch.cat([target["labels"], donor_target["labels"][objects]])
    return torch.where(pasted.any(0), donor, image), masks, labels


def with_boxes(
    mixed: Tensor, image: Tensor, donor: Tensor, donor_target: Target, objects: Sequence[int]
) -> Tensor:
    mixed = image.clone()
    for x1, y1, x2, y2 in donor_target["boxes"][objects].int().tolist():
        mixed[:, y1:y2, x1:x2] = donor[:, y1:y2, x1:x2]
    return mixed
