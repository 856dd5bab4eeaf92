"""Lab 08, exercise 1: the reference of pasting, and wrong answers."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.lab08.scenes import Scene, measured
from classroom.exercises.mistakes import Mistakes
from coursekit.schema import Target


def paste_at(
    image: Tensor,
    target: Target,
    donor: Tensor,
    donor_target: Target,
    row: int,
    shift: tuple[int, int],
    min_pixels: int,
) -> Scene:
    """The scene with one object of the donor on top, moved by (right, down) pixels, and its new target."""
    mask, pixels = (shifted(each, shift) for each in (donor_target["masks"][row], donor))
    masks = torch.cat([target["masks"] & ~mask, mask[None]])  # (G + 1, H, W)
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return torch.where(mask, pixels, image), measured(masks, labels, min_pixels)


def shifted(values: Tensor, shift: tuple[int, int]) -> Tensor:
    """The same pixels further right and further down, zeros where none come from: (..., H, W) -> the same."""
    right, down = shift
    return F.pad(values, (right, -right, down, -down))


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def mixed(image, target, donor, donor_target, row, shift) -> tuple[Tensor, Tensor, Tensor]:
    """The new image, and all masks and labels before any is left out."""
    mask, pixels = (shifted(each, shift) for each in (donor_target["masks"][row], donor))
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return torch.where(mask, pixels, image), masks, labels


def rolled(values: Tensor, shift: tuple[int, int]) -> Tensor:
    return values.roll((shift[1], shift[0]), (-2, -1))


@wrong(
    "what leaves on one side comes back on the other",
    "torch.roll closes the image to a ring. What leaves the image is lost.",
)
def _around(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    moved = donor_target | {"masks": rolled(donor_target["masks"], shift)}
    return paste_at(image, target, rolled(donor, shift), moved, row, (0, 0), min_pixels)


@wrong("right and down exchanged", "`shift` is (right, down); the last axis of a mask goes to the right.")
def _exchanged(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    return paste_at(image, target, donor, donor_target, row, shift[::-1], min_pixels)


@wrong("moved the other way", "A positive shift moves the object to the right and down.")
def _backwards(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    return paste_at(image, target, donor, donor_target, row, (-shift[0], -shift[1]), min_pixels)


@wrong("not moved at all", "Move mask and pixels by `shift` before you paste.")
def _not_moved(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    return paste_at(image, target, donor, donor_target, row, (0, 0), min_pixels)


@wrong(
    "a moved mask filled with pixels that stayed",
    "The mask has moved, but it cuts out of the donor where the object is not: move the donor's pixels as well.",
)
def _pixels_stay(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    result = paste_at(image, target, donor, donor_target, row, shift, min_pixels)[1]
    return torch.where(shifted(donor_target["masks"][row], shift), donor, image), result


@wrong(
    "a target that did not move",
    "The image is right, but the target describes where the object was: move its mask as well.",
)
def _target_stays(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new = paste_at(image, target, donor, donor_target, row, shift, min_pixels)[0]
    return new, _not_moved(image, target, donor, donor_target, row, shift, min_pixels)[1]


@wrong(
    "masks that keep their hidden pixels",
    "What the pasted object covers cannot be seen any more: take its pixels from the masks below.",
)
def _hidden_kept(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    masks = torch.cat([target["masks"], masks[-1:]])
    return new, measured(masks, labels, min_pixels)


def _kept(masks: Tensor, min_pixels: int) -> Tensor:
    return masks.sum((1, 2)) >= min_pixels


@wrong(
    "boxes from before the paste",
    "Less is visible now, below the object and beyond the edge: measure each box again, from its mask.",
)
def _old_boxes(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    moved = donor_target["boxes"][row] + torch.tensor([*shift, *shift])
    boxes = torch.cat([target["boxes"], moved[None]])[_kept(masks, min_pixels)]
    return new, measured(masks, labels, min_pixels) | {"boxes": boxes}


@wrong("areas from before the paste", "Count the visible pixels again.")
def _old_areas(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    area = torch.cat([target["area"], donor_target["area"][row][None]])
    return new, measured(masks, labels, min_pixels) | {"area": area[_kept(masks, min_pixels)]}


@wrong("areas of the boxes", "The area is the number of visible pixels, not width times height.")
def _areas_of_boxes(*arguments) -> Scene:
    new, result = paste_at(*arguments)
    return new, result | {"area": (result["boxes"][:, 2:] - result["boxes"][:, :2]).prod(1)}


@wrong("areas of int64", "The area is a float, as everywhere in this course: .float().")
def _whole_areas(*arguments) -> Scene:
    new, result = paste_at(*arguments)
    return new, result | {"area": result["area"].long()}


@wrong(
    "slivers kept",
    "No detector can find an object of which next to nothing is visible: drop what has fewer than `min_pixels` pixels.",
)
def _slivers_kept(*arguments) -> Scene:
    return paste_at(*arguments[:-1], 0)


@wrong("only empty masks left out", "Leave out whatever has fewer than `min_pixels` visible pixels.")
def _only_empty_left_out(*arguments) -> Scene:
    return paste_at(*arguments[:-1], 1)


@wrong("more than min_pixels", "Exactly `min_pixels` visible pixels are enough.")
def _more_than(*arguments) -> Scene:
    return paste_at(*arguments[:-1], arguments[-1] + 1)


@wrong(
    "the pasted object kept however small",
    "The rule about slivers holds for the pasted object too, cut by the edge.",
)
def _pasted_kept(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    kept = _kept(masks, min_pixels) | (torch.arange(len(masks)) == len(masks) - 1)
    return new, measured(masks[kept], labels[kept], 0)


@wrong("slivers below kept", "The rule about slivers holds for the covered objects too.")
def _below_kept(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    kept = _kept(masks, min_pixels) | (torch.arange(len(masks)) < len(masks) - 1)
    return new, measured(masks[kept], labels[kept], 0)


@wrong("left out by the size before the paste", "What counts is how many pixels are visible *now*.")
def _size_before(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    kept = _kept(torch.cat([target["masks"], donor_target["masks"][row][None]]), min_pixels)
    return new, measured(masks[kept], labels[kept], 0)


@wrong("pasted under the others", "The pasted object lies on top of all that is there.")
def _behind(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    mask = shifted(donor_target["masks"][row], shift) & ~target["masks"].any(0)
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    new = torch.where(mask, shifted(donor, shift), image)
    return new, measured(torch.cat([target["masks"], mask[None]]), labels, min_pixels)


@wrong("the whole box pasted", "Cut along the mask: a box brings a piece of the other table along.")
def _whole_box(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    filled = torch.zeros_like(donor_target["masks"])
    x1, y1, x2, y2 = donor_target["boxes"][row].int().tolist()
    filled[row, y1:y2, x1:x2] = True
    return paste_at(image, target, donor, donor_target | {"masks": filled}, row, shift, min_pixels)


@wrong("all objects of the donor", "Paste the object in `row` alone.")
def _everything(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    for each in range(len(donor_target["labels"])):
        image, target = paste_at(image, target, donor, donor_target, each, shift, min_pixels)
    return image, target


@wrong("the pasted object first", "First the objects that were there, then the pasted one.")
def _pasted_first(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    return new, measured(masks.roll(1, 0), labels.roll(1), min_pixels)


@wrong(
    "labels of other objects", "Labels are left out together with their masks: index both with the same rows."
)
def _labels_not_left_out(*arguments) -> Scene:
    new, result = paste_at(*arguments)
    labels = mixed(*arguments[:-1])[2]
    return new, result | {"labels": labels[: len(result["labels"])]}


@wrong("the pasted object alone in the target", "What was there and is still visible stays in the target.")
def _only_pasted(image, target, donor, donor_target, row, shift, min_pixels) -> Scene:
    new, masks, labels = mixed(image, target, donor, donor_target, row, shift)
    return new, measured(masks[-1:], labels[-1:], min_pixels)


@wrong("boxes that end one pixel early", "x2 and y2 are exclusive: the last pixel, plus 1.")
def _inclusive(*arguments) -> Scene:
    new, result = paste_at(*arguments)
    return new, result | {"boxes": result["boxes"] - torch.tensor([0.0, 0, 1, 1])}


@wrong(
    "the image as it was",
    "The target has the new object, but the image has not: take the moved pixels where the mask is.",
)
def _old_image(*arguments) -> Scene:
    return arguments[0], paste_at(*arguments)[1]


@wrong("the caller's image changed", "Work on a new image: torch.where makes one, or image.clone().")
def _spoilt_image(*arguments) -> Scene:
    new, result = paste_at(*arguments)
    return arguments[0].copy_(new), result


@wrong("the caller's masks changed", "`masks & ~mask` makes new masks; `&=` changes the caller's.")
def _spoilt_masks(*arguments) -> Scene:
    new, result = paste_at(*arguments)
    arguments[1]["masks"] &= ~shifted(arguments[3]["masks"][arguments[4]], arguments[5])
    return new, result
