"""Answers to `horizontal_flip` (lab 01), written from the student's notebook alone."""

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import horizontal_flip as flip_picture


def right_by_columns(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Whatever else the target holds is handed on as it is."""
    width = image.shape[-1]
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    boxes = torch.stack([width - x2, y1, width - x1, y2], dim=-1)
    return image.flip(-1), {**target, "boxes": boxes}


def right_by_signs_and_order(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Columns reordered, negated and shifted; the new dict has the two keys of the text, labels as a copy."""
    boxes = target["boxes"][:, [2, 1, 0, 3]]
    sign, shift = boxes.new_tensor([-1, 1, -1, 1]), boxes.new_tensor([1, 0, 1, 0]) * image.shape[2]
    return torch.flip(image, dims=[2]), {"boxes": boxes * sign + shift, "labels": target["labels"].clone()}


def right_by_moving_left_edges(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """A box keeps its width and gets the left edge W - x2. The picture is picked column by column."""
    *_, wide = image.shape
    backwards = torch.arange(wide - 1, -1, -1)
    boxes = target["boxes"].clone()
    widths = boxes[:, 2] - boxes[:, 0]
    boxes[:, 0] = wide - target["boxes"][:, 2]
    boxes[:, 2] = boxes[:, 0] + widths
    return image[:, :, backwards], dict(target, boxes=boxes)


def right_by_loops_and_library(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    """Torchvision for the picture, plain numbers for the boxes (float32 again)."""
    wide = image.shape[-1]
    boxes = [[wide - x2, y1, wide - x1, y2] for x1, y1, x2, y2 in target["boxes"].tolist()]
    new = {key: value for key, value in target.items() if key != "boxes"}
    new["boxes"] = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return flip_picture(image), new


def wrong_edges_not_swapped(image, target):
    """The left edge stays the first number, so x1 > x2: wrong for every box."""
    boxes = target["boxes"].clone()
    boxes[:, [0, 2]] = image.shape[-1] - boxes[:, [0, 2]]
    return image.flip(-1), {**target, "boxes": boxes}


def wrong_last_pixel(image, target):
    """Mirrors with W - 1 - x, as for pixel numbers: one pixel off for every box, as edges are continuous."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    last = image.shape[-1] - 1
    return image.flip(-1), {**target, "boxes": torch.stack([last - x2, y1, last - x1, y2], -1)}


def wrong_height_for_width(image, target):
    """Mirrors the boxes at the height: wrong for every picture that is not a square."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    high = image.shape[1]
    return image.flip(-1), {**target, "boxes": torch.stack([high - x2, y1, high - x1, y2], -1)}


def wrong_upside_down(image, target):
    """Flips the rows and the y coordinates: a reflection in water, not a mirror on the wall."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    high = image.shape[1]
    return image.flip(1), {**target, "boxes": torch.stack([x1, high - y2, x2, high - y1], -1)}


def wrong_only_the_picture(image, target):
    """The boxes stay behind: wrong for every box that is not in the middle."""
    return image.flip(-1), dict(target)


def wrong_only_the_boxes(image, target):
    """The picture stays as it is: wrong for every picture that is not symmetric."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    wide = image.shape[-1]
    return image.clone(), {**target, "boxes": torch.stack([wide - x2, y1, wide - x1, y2], -1)}


def wrong_old_dict_changed(image, target):
    """Puts the new boxes into the caller's dict: the old target is not left as it is."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    wide = image.shape[-1]
    target["boxes"] = torch.stack([wide - x2, y1, wide - x1, y2], -1)
    return image.flip(-1), target


def wrong_old_boxes_changed(image, target):
    """The dict is new, but its boxes are the old tensor,
    written over: the caller's boxes are mirrored too.
    """
    new = dict(target)
    wide = image.shape[-1]
    new["boxes"][:, [0, 2]] = wide - new["boxes"][:, [2, 0]]
    return image.flip(-1), new


def wrong_overwritten_too_early(image, target):
    """x1 is overwritten before x2 is computed from it, so x2 stays what it was: wrong unless x1 + x2 = W."""
    boxes, wide = target["boxes"].clone(), image.shape[-1]
    boxes[:, 0] = wide - boxes[:, 2]
    boxes[:, 2] = wide - boxes[:, 0]
    return image.flip(-1), {**target, "boxes": boxes}


def wrong_list_of_boxes_reversed(image, target):
    """Also reverses the order of the boxes, and not of the labels:
    wrong for two objects of different classes.
    """
    x1, y1, x2, y2 = target["boxes"].flip(0).unbind(-1)
    wide = image.shape[-1]
    return image.flip(-1), {**target, "boxes": torch.stack([wide - x2, y1, wide - x1, y2], -1)}


def wrong_channels_reversed(image, target):
    """Flips the first axis, which is the colour: red becomes blue and nothing is mirrored."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    wide = image.shape[-1]
    return image.flip(0), {**target, "boxes": torch.stack([wide - x2, y1, wide - x1, y2], -1)}


def wrong_labels_lost(image, target):
    """The new dict has boxes only: wrong for every target, which is a dict with boxes and labels."""
    x1, y1, x2, y2 = target["boxes"].unbind(-1)
    wide = image.shape[-1]
    return image.flip(-1), {"boxes": torch.stack([wide - x2, y1, wide - x1, y2], -1)}
