"""Lab 14, last part: an object of one scene put into another one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import rectangles
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import pasted_picture
from coursekit.data.copy_paste import copy_paste
from coursekit.ops import masks_to_boxes
from coursekit.schema import Target

Scene = tuple[Tensor, Target]


def paste_objects(
    image: Tensor,
    target: Target,
    donor: Tensor,
    donor_target: Target,
    objects: Sequence[int],
    min_pixels: int,
) -> Scene:
    """The scene with `objects` of the donor on top; masks, boxes, labels and areas of what is visible now."""
    return copy_paste(image, target, donor, donor_target, objects, min_pixels)


def _scene(shade: float, masks: Tensor, *labels: int) -> Scene:
    """An image whose objects have a shade each, and its target; where masks overlap the last is in front."""
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


_TABLE = _scene(0.1, _bent(rectangles(14, 22, (1, 2, 9, 9), (11, 4, 16, 8), (14, 9, 21, 13))), 1, 2, 3)
_OTHER = _scene(0.5, _bent(rectangles(14, 22, (5, 1, 16, 10), (2, 9, 20, 14), (0, 0, 4, 4))), 4, 5, 6)
_EMPTY = _scene(0.1, rectangles(14, 22))
_EMPTY[1]["labels"] = torch.zeros(0, dtype=torch.int64)

PASTE_OBJECTS = Exercise(
    paste_objects,
    picture=pasted_picture,
    hints=(
        "What covers what? Let `covered` be all pixels of the pasted objects. Which pixels of the image change, and which of the masks?",
        "image: donor where covered; masks below: & ~covered; then the pasted masks; keep those with at least min_pixels; "
        "boxes and areas from the masks that are left.",
        'pasted = donor_target["masks"][objects]; covered = pasted.any(0); masks = torch.cat([target["masks"] & ~covered, pasted]); '
        "kept = masks.sum((1, 2)) >= min_pixels; ops.masks_to_boxes(...)",
    ),
    cases=(
        Case("onto an empty table", (*_EMPTY, *_OTHER, [2], 1)),
        Case("one object that hides parts of two", (*_TABLE, *_OTHER, [0], 4)),
        Case("exactly as many pixels as are asked for", (*_TABLE, *_OTHER, [2, 0], 12)),
        Case("two objects, one below them vanishes", (*_TABLE, *_OTHER, [0, 1], 6)),
    ),
)


def _measured(masks: Tensor, labels: Tensor, min_pixels: int) -> Target:
    kept = masks.sum((1, 2)) >= min_pixels
    masks = masks[kept]
    boxes, area = masks_to_boxes(masks), masks.sum((1, 2)).float()
    return {"boxes": boxes, "labels": labels[kept], "masks": masks, "area": area}


@PASTE_OBJECTS.wrong(
    "masks that keep their hidden pixels",
    "What the pasted object covers cannot be seen any more: take its pixels from the masks below.",
)
def _hidden_masks_kept(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    mixed, _ = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    masks = torch.cat([target["masks"], donor_target["masks"][objects]])
    return mixed, _measured(masks, torch.cat([target["labels"], donor_target["labels"][objects]]), min_pixels)


@PASTE_OBJECTS.wrong(
    "boxes from before the paste", "The visible part is smaller now: measure each box again, from its mask."
)
def _old_boxes(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    mixed, _ = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    _, everyone = paste_objects(image, target, donor, donor_target, objects, 0)
    kept = everyone["masks"].sum((1, 2)) >= min_pixels
    boxes = torch.cat([target["boxes"], donor_target["boxes"][objects]])
    return mixed, {key: value[kept] for key, value in everyone.items()} | {"boxes": boxes[kept]}


@PASTE_OBJECTS.wrong("areas from before the paste", "Count the visible pixels again.")
def _old_areas(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    mixed, result = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    _, everyone = paste_objects(image, target, donor, donor_target, objects, 0)
    kept = everyone["masks"].sum((1, 2)) >= min_pixels
    return mixed, result | {"area": torch.cat([target["area"], donor_target["area"][objects]])[kept]}


@PASTE_OBJECTS.wrong(
    "objects kept that are hidden",
    "Nobody can find an object of which nothing is left: drop what has too few visible pixels.",
)
def _vanished_kept(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    return paste_objects(image, target, donor, donor_target, objects, 0)


@PASTE_OBJECTS.wrong(
    "objects pasted behind the others", "The pasted objects lie on top of all that is there."
)
def _behind(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    pasted = donor_target["masks"][objects] & ~target["masks"].any(0)
    labels = torch.cat([target["labels"], donor_target["labels"][objects]])
    mixed = torch.where(pasted.any(0), donor, image)
    return mixed, _measured(torch.cat([target["masks"], pasted]), labels, min_pixels)


@PASTE_OBJECTS.wrong(
    "whole boxes pasted", "Cut along the mask: a box brings a piece of the other table along."
)
def _whole_boxes(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    filled = torch.zeros_like(donor_target["masks"])
    for mask, (x1, y1, x2, y2) in zip(filled, donor_target["boxes"].int().tolist(), strict=True):
        mask[y1:y2, x1:x2] = True
    return paste_objects(image, target, donor, donor_target | {"masks": filled}, objects, min_pixels)


@PASTE_OBJECTS.wrong("all of the other scene's objects", "Paste those of `objects` alone.")
def _everything(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    return paste_objects(image, target, donor, donor_target, range(len(donor_target["labels"])), min_pixels)


@PASTE_OBJECTS.wrong("boxes that end one pixel early", "x2 and y2 are exclusive: the last pixel, plus 1.")
def _inclusive(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    mixed, result = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    return mixed, result | {"boxes": result["boxes"] - torch.tensor([0.0, 0, 1, 1])}


@PASTE_OBJECTS.wrong("more than min_pixels", "Exactly min_pixels visible pixels are enough.")
def _more_than(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    return paste_objects(image, target, donor, donor_target, objects, min_pixels + 1)


EXERCISES = (PASTE_OBJECTS,)
