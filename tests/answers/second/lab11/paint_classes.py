"""Answers to `paint_classes` (lab 11) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor


def right_large_first(masks: Tensor, labels: Tensor) -> Tensor:
    """Paint from the largest to the smallest."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in masks.flatten(1).sum(1).argsort(descending=True):
        semantic[masks[k]] = labels[k]
    return semantic


def right_small_first(masks: Tensor, labels: Tensor) -> Tensor:
    """Paint from the smallest to the largest, and only where nothing is yet."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    free = torch.ones(masks.shape[1:], dtype=torch.bool)
    for k in masks.sum((1, 2)).argsort().tolist():
        semantic[masks[k] & free] = int(labels[k])
        free = free & ~masks[k]
    return semantic


def right_argmin(masks: Tensor, labels: Tensor) -> Tensor:
    """The smallest owner of each pixel, all pixels at once."""
    if len(masks) == 0:
        return torch.zeros(masks.shape[1:], dtype=torch.int64)
    areas = masks.sum(dim=(1, 2))
    cost = torch.where(masks, areas[:, None, None], masks[0].numel() + 1)
    owner = cost.argmin(0)
    return torch.where(masks.any(0), labels[owner], 0).long()


def right_first_true(masks: Tensor, labels: Tensor) -> Tensor:
    """Sort the layers, put the background last, and take the first layer that is there."""
    order = torch.argsort(masks.sum((1, 2)))
    everywhere = torch.ones((1, *masks.shape[1:]), dtype=torch.bool)
    layers = torch.cat([masks[order], everywhere])
    names = torch.cat([labels[order].long(), torch.zeros(1, dtype=torch.int64)])
    return names[layers.int().argmax(0)]


def right_python_lists(masks: Tensor, labels: Tensor) -> Tensor:
    """Pixel by pixel, with lists."""
    height, width = masks.shape[1:]
    areas = [int(mask.sum()) for mask in masks]
    rows = masks.tolist()
    names = labels.tolist()
    result = [[0] * width for _ in range(height)]
    for y in range(height):
        for x in range(width):
            here = [k for k in range(len(names)) if rows[k][y][x]]
            if here:
                result[y][x] = names[min(here, key=lambda k: areas[k])]
    return torch.tensor(result, dtype=torch.int64)


def wrong_given_order(masks: Tensor, labels: Tensor) -> Tensor:
    """Paints in the given order, so the last object lies in front."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for mask, label in zip(masks, labels, strict=False):
        semantic[mask] = label
    return semantic


def wrong_large_in_front(masks: Tensor, labels: Tensor) -> Tensor:
    """Sorts ascending and paints over, so the larger object lies in front."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in masks.sum((1, 2)).argsort():
        semantic[masks[k]] = labels[k]
    return semantic


def wrong_object_numbers(masks: Tensor, labels: Tensor) -> Tensor:
    """Paints the number of the object (its row + 1), not its class."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in masks.sum((1, 2)).argsort(descending=True):
        semantic[masks[k]] = k + 1
    return semantic


def wrong_sum_of_labels(masks: Tensor, labels: Tensor) -> Tensor:
    """Adds the labels where masks overlap."""
    return (masks * labels[:, None, None]).sum(0)


def wrong_largest_label(masks: Tensor, labels: Tensor) -> Tensor:
    """Takes the largest class number where masks overlap, whatever the sizes."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for mask, label in zip(masks, labels, strict=False):
        semantic = torch.maximum(semantic, mask * label)
    return semantic


def wrong_labels_not_sorted(masks: Tensor, labels: Tensor) -> Tensor:
    """Sorts the masks by size but leaves the labels in the old order."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    order = masks.sum((1, 2)).argsort(descending=True)
    for mask, label in zip(masks[order], labels, strict=False):
        semantic[mask] = label
    return semantic


def wrong_size_of_box(masks: Tensor, labels: Tensor) -> Tensor:
    """Compares the areas of the bounding boxes, not the numbers of pixels."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    areas = masks.any(1).sum(1) * masks.any(2).sum(1)
    for k in areas.argsort(descending=True):
        semantic[masks[k]] = labels[k]
    return semantic


def wrong_no_empty_scene(masks: Tensor, labels: Tensor) -> Tensor:
    """Forgets that a scene may be empty: the argmin of no masks is an error."""
    areas = masks.sum(dim=(1, 2))
    cost = torch.where(masks, areas[:, None, None], masks.shape[1] * masks.shape[2] + 1)
    owner = cost.argmin(0)
    return torch.where(masks.any(0), labels[owner], 0)


def wrong_background_takes_first(masks: Tensor, labels: Tensor) -> Tensor:
    """Forgets the background: pixels in no mask get the class of the first object."""
    if len(masks) == 0:
        return torch.zeros(masks.shape[1:], dtype=torch.int64)
    areas = masks.sum(dim=(1, 2))
    cost = torch.where(masks, areas[:, None, None], masks[0].numel() + 1)
    return labels[cost.argmin(0)]


def wrong_float_map(masks: Tensor, labels: Tensor) -> Tensor:
    """Returns float32 numbers, since torch.zeros makes them."""
    semantic = torch.zeros(masks.shape[1:])
    for k in masks.sum((1, 2)).argsort(descending=True):
        semantic[masks[k]] = labels[k].float()
    return semantic


def wrong_classes_from_zero(masks: Tensor, labels: Tensor) -> Tensor:
    """Subtracts 1 from the labels, so the first class becomes background."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in masks.sum((1, 2)).argsort(descending=True):
        semantic[masks[k]] = labels[k] - 1
    return semantic


def wrong_cuts_the_masks(masks: Tensor, labels: Tensor) -> Tensor:
    """Cuts the smaller masks out of the larger ones in the caller's tensor."""
    order = masks.sum((1, 2)).argsort()
    for place, k in enumerate(order):
        for behind in order[place + 1 :]:
            masks[behind] &= ~masks[k]
    return (masks * labels[:, None, None]).sum(0)
