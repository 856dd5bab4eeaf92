"""Answers to `paste_at` (lab 08), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def _target(masks: Tensor, labels: Tensor, min_pixels: int) -> dict:
    area = masks.sum((1, 2)).float()
    kept = area >= min_pixels
    masks = masks[kept]
    return {"masks": masks, "boxes": ops.masks_to_boxes(masks), "labels": labels[kept], "area": area[kept]}


def right_by_slices(image, target, donor, donor_target, row, shift, min_pixels):
    """Slices of source and destination; the image is cloned and written into."""
    right, down = shift
    _, height, width = image.shape
    to_y, to_x = slice(max(0, down), height + min(0, down)), slice(max(0, right), width + min(0, right))
    from_y, from_x = slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right))
    mask = torch.zeros(height, width, dtype=torch.bool)
    mask[to_y, to_x] = donor_target["masks"][row][from_y, from_x]
    moved = torch.zeros_like(donor)
    moved[:, to_y, to_x] = donor[:, from_y, from_x]
    new = image.clone()
    new[:, mask] = moved[:, mask]
    masks = torch.cat([target["masks"].logical_and(~mask), mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row : row + 1]])
    return new, _target(masks, labels, min_pixels)


def right_pixel_by_pixel(image, target, donor, donor_target, row, shift, min_pixels):
    """A loop over the pixels of the object."""
    new, masks = image.clone(), target["masks"].clone()
    own = torch.zeros(image.shape[-2:], dtype=torch.bool)
    for y, x in donor_target["masks"][row].nonzero().tolist():
        v, u = y + shift[1], x + shift[0]
        if 0 <= v < image.shape[1] and 0 <= u < image.shape[2]:
            new[:, v, u] = donor[:, y, x]
            masks[:, v, u] = False
            own[v, u] = True
    labels = torch.cat([target["labels"], donor_target["labels"][row].reshape(1)])
    return new, _target(torch.cat([masks, own[None]]), labels, min_pixels)


def right_slivers_not_painted(image, target, donor, donor_target, row, shift, min_pixels):
    """An object of which too little is left is not pasted at all."""
    right, down = shift
    mask = F.pad(donor_target["masks"][row], (right, -right, down, -down))
    if mask.sum() < min_pixels:
        return image, _target(target["masks"], target["labels"], min_pixels)
    pixels = F.pad(donor, (right, -right, down, -down))
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return torch.where(mask, pixels, image), _target(masks, labels, min_pixels)


def _moved(values, shift):
    return F.pad(values, (shift[0], -shift[0], shift[1], -shift[1]))


def wrong_roll(image, target, donor, donor_target, row, shift, min_pixels):
    """torch.roll: what leaves on the right comes in on the left."""
    mask = torch.roll(donor_target["masks"][row], (shift[1], shift[0]), (0, 1))
    pixels = torch.roll(donor, (shift[1], shift[0]), (1, 2))
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return torch.where(mask, pixels, image), _target(masks, labels, min_pixels)


def wrong_hidden_pixels(image, target, donor, donor_target, row, shift, min_pixels):
    """What is covered keeps its mask."""
    mask = _moved(donor_target["masks"][row], shift)
    masks = torch.cat([target["masks"], mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return torch.where(mask, _moved(donor, shift), image), _target(masks, labels, min_pixels)


def wrong_donor_not_moved(image, target, donor, donor_target, row, shift, min_pixels):
    """The mask is moved, the donor's pixels are not."""
    mask = _moved(donor_target["masks"][row], shift)
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return torch.where(mask, donor, image), _target(masks, labels, min_pixels)


def wrong_strictly_more(image, target, donor, donor_target, row, shift, min_pixels):
    """An object with exactly min_pixels is left out."""
    mask = _moved(donor_target["masks"][row], shift)
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    kept = masks.sum((1, 2)) > min_pixels
    return torch.where(mask, _moved(donor, shift), image), _target(masks[kept], labels[kept], 0)


def wrong_old_boxes(image, target, donor, donor_target, row, shift, min_pixels):
    """Boxes are the old ones, the new object's is moved."""
    mask = _moved(donor_target["masks"][row], shift)
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    boxes = torch.cat([target["boxes"], (donor_target["boxes"][row] + torch.tensor([*shift, *shift]))[None]])
    kept = masks.sum((1, 2)) >= min_pixels
    result = _target(masks, labels, min_pixels) | {"boxes": boxes[kept]}
    return torch.where(mask, _moved(donor, shift), image), result


def wrong_writes_into_the_image(image, target, donor, donor_target, row, shift, min_pixels):
    """The object is written into the caller's image."""
    mask = _moved(donor_target["masks"][row], shift)
    image[:, mask] = _moved(donor, shift)[:, mask]
    masks = torch.cat([target["masks"] & ~mask, mask[None]])
    labels = torch.cat([target["labels"], donor_target["labels"][row][None]])
    return image, _target(masks, labels, min_pixels)


def wrong_down_right(image, target, donor, donor_target, row, shift, min_pixels):
    """Reads shift as (down, right)."""
    down, right = shift
    return right_by_slices(image, target, donor, donor_target, row, (right, down), min_pixels)
