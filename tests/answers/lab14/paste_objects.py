"""Answers to `paste_objects` (lab 14), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit.schema import Target


def _box(mask: Tensor) -> list[float]:
    """xyxy with exclusive right and lower edges; four zeros of a mask without pixels."""
    y, x = mask.nonzero(as_tuple=True)
    if not len(x):
        return [0.0] * 4
    return [float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1)]


def right_by_masks(
    image: Tensor, target: Target, donor: Tensor, donor_target: Target, objects: list[int], min_pixels: int
) -> tuple[Tensor, Target]:
    """What is pasted hides what was there; then everything is computed from the visible masks. A pasted
    object that is too small is painted, but not in the target.
    """
    pasted = donor_target["masks"][objects]
    covered = pasted.any(0)
    masks = torch.cat([target["masks"] & ~covered, pasted])
    labels = torch.cat([target["labels"], donor_target["labels"][objects]])
    area = masks.sum((1, 2)).float()
    kept = area >= min_pixels
    boxes = torch.tensor([_box(mask) for mask in masks[kept]]).reshape(-1, 4)
    new = {"masks": masks[kept], "boxes": boxes, "labels": labels[kept], "area": area[kept]}
    return torch.where(covered, donor, image), new


def right_by_owners(
    image: Tensor, target: Target, donor: Tensor, donor_target: Target, objects: list[int], min_pixels: int
) -> tuple[Tensor, Target]:
    """A map of owners, painted over in order: first the scene's objects, then the pasted ones."""
    owner = torch.full(image.shape[-2:], -1)
    rows = [(mask, label, False) for mask, label in zip(target["masks"], target["labels"], strict=True)]
    rows += [(donor_target["masks"][i], donor_target["labels"][i], True) for i in objects]
    new_image = image.clone()
    for number, (mask, _, is_new) in enumerate(rows):
        owner[mask] = number
        if is_new:
            new_image[:, mask] = donor[:, mask]
    seen = [n for n in range(len(rows)) if (owner == n).sum() >= min_pixels]
    masks = owner == torch.tensor(seen, dtype=torch.int64)[:, None, None]
    across, down = masks.any(1), masks.any(2)
    boxes = torch.zeros(len(seen), 4)
    for n in range(len(seen)):
        x, y = across[n].nonzero().flatten(), down[n].nonzero().flatten()
        if len(x):
            boxes[n] = torch.stack([x[0], y[0], x[-1] + 1, y[-1] + 1])
    labels = torch.tensor([int(rows[n][1]) for n in seen], dtype=torch.int64)
    return new_image, {"masks": masks, "boxes": boxes, "labels": labels, "area": masks.sum((1, 2)).float()}


def right_by_lists(
    image: Tensor, target: Target, donor: Tensor, donor_target: Target, objects: list[int], min_pixels: int
) -> tuple[Tensor, Target]:
    """Object by object into lists; the boxes of objects that lost nothing are measured again as well."""
    hidden = torch.zeros(image.shape[1:], dtype=torch.bool)
    for i in objects:
        hidden = hidden | donor_target["masks"][i]
    rows = []
    for mask, label in zip(target["masks"], target["labels"].tolist(), strict=True):
        rows.append((mask & ~hidden, label))
    rows += [(donor_target["masks"][i].clone(), int(donor_target["labels"][i])) for i in objects]
    rows = [(mask, label) for mask, label in rows if int(mask.sum()) >= min_pixels]
    new = {
        "masks": torch.stack([m for m, _ in rows])
        if rows
        else torch.zeros(0, *hidden.shape, dtype=torch.bool),
        "boxes": torch.tensor([_box(m) for m, _ in rows], dtype=torch.float32).reshape(-1, 4),
        "labels": torch.tensor([label for _, label in rows], dtype=torch.int64),
        "area": torch.tensor([float(m.sum()) for m, _ in rows]),
    }
    weight = hidden.to(image.dtype)
    return image * (1 - weight) + donor * weight, new


def right_without_crumbs(
    image: Tensor, target: Target, donor: Tensor, donor_target: Target, objects: list[int], min_pixels: int
) -> tuple[Tensor, Target]:
    """Leaves objects of the donor that are too small out at once, so that they are not painted either and
    hide nothing: the text can be read in both ways.
    """
    objects = [i for i in objects if donor_target["masks"][i].sum() >= min_pixels]
    return right_by_masks(image, target, donor, donor_target, objects, min_pixels)


def _mix(image, target, donor, donor_target, objects, min_pixels):
    """The new image, all masks and labels before any is left out, and how many are visible."""
    pasted = donor_target["masks"][objects]
    covered = pasted.any(0)
    masks = torch.cat([target["masks"] & ~covered, pasted])
    labels = torch.cat([target["labels"], donor_target["labels"][objects]])
    return torch.where(covered, donor, image), masks, labels, masks.sum((1, 2)).float()


def _target(masks, labels, area, kept):
    boxes = torch.tensor([_box(mask) for mask in masks[kept]]).reshape(-1, 4)
    return {"masks": masks[kept], "boxes": boxes, "labels": labels[kept], "area": area[kept]}


def wrong_masks_not_cut(image, target, donor, donor_target, objects, min_pixels):
    """The scene's masks stay as they were: covered pixels have two owners."""
    new_image, _, labels, _ = _mix(image, target, donor, donor_target, objects, min_pixels)
    masks = torch.cat([target["masks"], donor_target["masks"][objects]])
    area = masks.sum((1, 2)).float()
    return new_image, _target(masks, labels, area, area >= min_pixels)


def wrong_boxes_kept(image, target, donor, donor_target, objects, min_pixels):
    """The old boxes, although less is visible: too large for what is half covered."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    boxes = torch.cat([target["boxes"], donor_target["boxes"][objects]])
    return new_image, _target(masks, labels, area, area >= min_pixels) | {"boxes": boxes[area >= min_pixels]}


def wrong_areas_kept(image, target, donor, donor_target, objects, min_pixels):
    """The old areas: too large for what is half covered."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    old = torch.cat([target["masks"], donor_target["masks"][objects]]).sum((1, 2)).float()
    return new_image, _target(masks, labels, area, area >= min_pixels) | {"area": old[area >= min_pixels]}


def wrong_covered_kept(image, target, donor, donor_target, objects, min_pixels):
    """Nothing is left out: targets that nobody can see."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    return new_image, _target(masks, labels, area, area >= 0)


def wrong_at_the_minimum(image, target, donor, donor_target, objects, min_pixels):
    """Leaves out an object with exactly min_pixels: it has not fewer."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    return new_image, _target(masks, labels, area, area > min_pixels)


def wrong_only_what_is_covered(image, target, donor, donor_target, objects, min_pixels):
    """Looks at the scene's objects only: a pasted one that is too small stays in the target."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    pasted = torch.arange(len(area)) >= len(target["labels"])
    return new_image, _target(masks, labels, area, (area >= min_pixels) | pasted)


def wrong_last_pixel_excluded(image, target, donor, donor_target, objects, min_pixels):
    """Boxes end at the last pixel's beginning: one pixel too narrow and too low."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    new = _target(masks, labels, area, area >= min_pixels)
    return new_image, new | {"boxes": new["boxes"] - torch.tensor([0.0, 0, 1, 1])}


def wrong_pasted_first(image, target, donor, donor_target, objects, min_pixels):
    """The pasted objects first, then those that were there."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    order = torch.arange(len(area)).roll(len(objects))
    return new_image, _target(masks[order], labels[order], area[order], area[order] >= min_pixels)


def wrong_labels_of_the_first(image, target, donor, donor_target, objects, min_pixels):
    """Labels are not filtered with the rest: after a covered object each has the name of another."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    new = _target(masks, labels, area, area >= min_pixels)
    return new_image, new | {"labels": labels[: len(new["area"])]}


def wrong_input_changed(image, target, donor, donor_target, objects, min_pixels):
    """Paints into the caller's own image."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    image.copy_(new_image)
    return image, _target(masks, labels, area, area >= min_pixels)


def wrong_target_changed(image, target, donor, donor_target, objects, min_pixels):
    """Cuts the caller's own masks in place: the scene has lost them for the next epoch."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    target["masks"] &= ~donor_target["masks"][objects].any(0)
    return new_image, _target(masks, labels, area, area >= min_pixels)


def wrong_all_objects(image, target, donor, donor_target, objects, min_pixels):
    """Pastes everything that the donor has: `objects` is ignored."""
    objects = list(range(len(donor_target["labels"])))
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    return new_image, _target(masks, labels, area, area >= min_pixels)


def wrong_whole_boxes_pasted(image, target, donor, donor_target, objects, min_pixels):
    """Copies the whole box of each object, with the donor's background in it."""
    _, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    new_image = image.clone()
    for i in objects:
        x1, y1, x2, y2 = (int(v) for v in _box(donor_target["masks"][i]))
        new_image[:, y1:y2, x1:x2] = donor[:, y1:y2, x1:x2]
    return new_image, _target(masks, labels, area, area >= min_pixels)


def wrong_pasted_below(image, target, donor, donor_target, objects, min_pixels):
    """Puts the objects behind those of the scene, which keep all their pixels."""
    free = donor_target["masks"] & ~target["masks"].any(0)
    below = {"masks": free, "labels": donor_target["labels"]}
    new_image, masks, labels, area = _mix(image, target, donor, below, objects, min_pixels)
    return new_image, _target(masks, labels, area, area >= min_pixels)


def wrong_half_transparent(image, target, donor, donor_target, objects, min_pixels):
    """The mean of both pictures within the masks."""
    new_image, masks, labels, area = _mix(image, target, donor, donor_target, objects, min_pixels)
    return (image + new_image) / 2, _target(masks, labels, area, area >= min_pixels)
