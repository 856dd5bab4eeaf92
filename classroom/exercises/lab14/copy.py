"""Lab 14, last part: paste objects of one scene into another."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from classroom.exercises.compare import explain
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import pasted_picture
from classroom.exercises.lab14.scenes import EMPTY, OTHER, TABLE, Scene, measured, mixed_scene, with_boxes
from coursekit.data.copy_paste import copy_paste
from coursekit.schema import Target


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


def judge_scene(arguments: tuple, value: Scene) -> Scene:
    """Return the value, or the reference's if it differs only in painting what is too small to be in the target.

    Boxes and areas in float64 are as good as in float32.
    """
    image, target = value
    for key in ("boxes", "area"):
        if target[key].dtype == torch.float64:
            target = target | {key: target[key].float()}
    _, _, _, donor_target, objects, min_pixels = arguments
    seen = [i for i in objects if donor_target["masks"][i].sum() >= min_pixels]
    unpainted = paste_objects(*arguments[:4], seen, min_pixels)
    return paste_objects(*arguments) if explain((image, target), unpainted) is None else (image, target)


PASTE_OBJECTS = Exercise(
    paste_objects,
    picture=pasted_picture,
    judge=judge_scene,
    hints=(
        "Let `covered` be all pixels of the pasted objects. Which pixels of the image change, and which pixels of the masks?",
        "image: donor where covered; masks below: & ~covered; then the pasted masks; keep those with at least min_pixels; "
        "boxes and areas from the remaining masks.",
        'pasted = donor_target["masks"][objects]\n'
        "covered = pasted.any(0)\n"
        "masks = torch.cat([…, pasted])  # what is left of the objects behind\n"
        'labels = torch.cat([target["labels"], donor_target["labels"][objects]])\n'
        "area = masks.sum((1, 2)).float()\n"
        "kept = area >= min_pixels\n"
        'new = {"masks": masks[kept], "boxes": …, "labels": labels[kept], "area": area[kept]}\n'
        "return torch.where(covered, donor, image), new",
    ),
    cases=(
        Case("onto an empty table", (*EMPTY, *OTHER, [2], 1)),
        Case("one object that hides parts of two", (*TABLE, *OTHER, [0], 4)),
        Case("exactly min_pixels pixels", (*TABLE, *OTHER, [0, 2], 12)),
        Case("a pasted object that is too small", (*TABLE, *OTHER, [0, 2], 13)),
        Case("two objects, one below them disappears", (*TABLE, *OTHER, [0, 1], 6)),
    ),
)


@PASTE_OBJECTS.wrong(
    "masks that keep their hidden pixels",
    "What the pasted object covers is no longer visible: remove its pixels from the masks below.",
)
def _hidden_masks_kept(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    mixed, _ = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    masks = torch.cat([target["masks"], donor_target["masks"][objects]])
    return mixed, measured(masks, torch.cat([target["labels"], donor_target["labels"][objects]]), min_pixels)


@PASTE_OBJECTS.wrong(
    "boxes from before the paste", "The visible part is smaller now: compute each box again from its mask."
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
    "hidden objects kept",
    "An object that is no longer visible cannot be detected: drop objects with too few visible pixels.",
)
def _vanished_kept(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    return paste_objects(image, target, donor, donor_target, objects, 0)


@PASTE_OBJECTS.wrong("objects pasted under the others", "The pasted objects are on top of everything else.")
def _behind(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    pasted = donor_target["masks"][objects] & ~target["masks"].any(0)
    labels = torch.cat([target["labels"], donor_target["labels"][objects]])
    mixed = torch.where(pasted.any(0), donor, image)
    return mixed, measured(torch.cat([target["masks"], pasted]), labels, min_pixels)


@PASTE_OBJECTS.wrong("whole boxes pasted", "Cut along the mask: a box includes a piece of the other table.")
def _whole_boxes(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    filled = torch.zeros_like(donor_target["masks"])
    for mask, (x1, y1, x2, y2) in zip(filled, donor_target["boxes"].int().tolist(), strict=True):
        mask[y1:y2, x1:x2] = True
    return paste_objects(image, target, donor, donor_target | {"masks": filled}, objects, min_pixels)


@PASTE_OBJECTS.wrong("all of the other scene's objects", "Paste only those in `objects`.")
def _everything(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    return paste_objects(image, target, donor, donor_target, range(len(donor_target["labels"])), min_pixels)


@PASTE_OBJECTS.wrong("boxes that end one pixel early", "x2 and y2 are exclusive: the last pixel, plus 1.")
def _inclusive(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    mixed, result = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    return mixed, result | {"boxes": result["boxes"] - torch.tensor([0.0, 0, 1, 1])}


@PASTE_OBJECTS.wrong("more than min_pixels", "Exactly min_pixels visible pixels are enough.")
def _more_than(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    return paste_objects(image, target, donor, donor_target, objects, min_pixels + 1)


def _rows(masks: Tensor, labels: Tensor, kept: Tensor) -> Target:
    return measured(masks[kept], labels[kept], 0)


@PASTE_OBJECTS.wrong(
    "pasted objects kept however small",
    "Leave out every object with fewer than min_pixels visible pixels, pasted objects too.",
)
def _small_ones_kept(*arguments) -> Scene:
    mixed, masks, labels = mixed_scene(*arguments)
    pasted = torch.arange(len(masks)) >= len(arguments[1]["labels"])
    return mixed, _rows(masks, labels, (masks.sum((1, 2)) >= arguments[5]) | pasted)


@PASTE_OBJECTS.wrong(
    "objects left out by their size before the paste", "What matters is how many pixels are visible *now*."
)
def _size_before(*arguments) -> Scene:
    mixed, masks, labels = mixed_scene(*arguments)
    before = torch.cat([arguments[1]["masks"], arguments[3]["masks"][arguments[4]]])
    return mixed, _rows(masks, labels, before.sum((1, 2)) >= arguments[5])


@PASTE_OBJECTS.wrong(
    "only empty masks left out", "Leave out every object with fewer than `min_pixels` visible pixels."
)
def _only_empty_left_out(*arguments) -> Scene:
    mixed, masks, labels = mixed_scene(*arguments)
    return mixed, _rows(masks, labels, masks.any((1, 2)))


@PASTE_OBJECTS.wrong(
    "the pasted objects first", "First the objects that were already there, then the pasted ones."
)
def _pasted_first(*arguments) -> Scene:
    mixed, masks, labels = mixed_scene(*arguments)
    count = len(arguments[4])
    masks, labels = masks.roll(count, 0), labels.roll(count)
    return mixed, measured(masks, labels, arguments[5])


@PASTE_OBJECTS.wrong(
    "labels of other objects", "Drop labels together with their masks: index both with the same rows."
)
def _labels_not_left_out(*arguments) -> Scene:
    mixed, result = paste_objects(*arguments)
    _, _, labels = mixed_scene(*arguments)
    return mixed, result | {"labels": labels[: len(result["labels"])]}


@PASTE_OBJECTS.wrong(
    "the pasted objects alone in the target",
    "Objects that were there and are still visible stay in the target.",
)
def _only_pasted(*arguments) -> Scene:
    mixed, masks, labels = mixed_scene(*arguments)
    pasted = torch.arange(len(masks)) >= len(arguments[1]["labels"])
    return mixed, _rows(masks, labels, (masks.sum((1, 2)) >= arguments[5]) & pasted)


@PASTE_OBJECTS.wrong(
    "areas of the boxes", "The area is the number of visible pixels, not width times height."
)
def _areas_of_boxes(*arguments) -> Scene:
    mixed, result = paste_objects(*arguments)
    return mixed, result | {"area": (result["boxes"][:, 2:] - result["boxes"][:, :2]).prod(1)}


@PASTE_OBJECTS.wrong("areas of int64", "The area is a float, as everywhere in this course: .float().")
def _whole_areas(*arguments) -> Scene:
    mixed, result = paste_objects(*arguments)
    return mixed, result | {"area": result["area"].long()}


def _other_image(name: str, story: str, change: Callable[..., Tensor]) -> None:
    """Add the answer whose target is right and whose image is different, from the mixed one and the arguments."""

    def answer(image, target, donor, donor_target, objects, min_pixels) -> Scene:
        mixed, result = paste_objects(image, target, donor, donor_target, objects, min_pixels)
        return change(mixed, image, donor, donor_target, objects), result

    PASTE_OBJECTS.wrong(name, story)(answer)


_CUT = "Cut along the mask: take the donor's pixels where a pasted mask is, and the scene's everywhere else."
_other_image("whole boxes in the image", _CUT, with_boxes)
_other_image("the two images blended", _CUT, lambda mixed, image, *_: (mixed + image) / 2)
_other_image("the scene's image unchanged", _CUT, lambda mixed, image, *_: image)
_other_image("the donor's whole image", _CUT, lambda mixed, image, donor, *_: donor)
_other_image(
    "the caller's image changed",
    "The paste is written into the caller's image: work on image.clone().",
    lambda mixed, image, *_: image.copy_(mixed),
)


@PASTE_OBJECTS.wrong(
    "the caller's target changed",
    "The masks are cut in the caller's own target: a new tensor, `masks & ~covered`, leaves them as they are.",
)
def _spoilt_target(image, target, donor, donor_target, objects, min_pixels) -> Scene:
    result = paste_objects(image, target, donor, donor_target, objects, min_pixels)
    target["masks"] &= ~donor_target["masks"][objects].any(0)
    return result


EXERCISES = (PASTE_OBJECTS,)
