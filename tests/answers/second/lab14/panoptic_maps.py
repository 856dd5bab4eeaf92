"""Answers to `panoptic_maps` (lab 14) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor


def right_worst_first(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Paint from the worst score to the best."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort():
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = k + 1
    return semantic, objects


def right_best_first(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Paint from the best score to the worst, and only where nothing is yet."""
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort(descending=True).tolist():
        objects = torch.where(masks[k] & (objects == 0), k + 1, objects)
    names = torch.cat([torch.zeros(1, dtype=torch.int64), labels.long()])
    return names[objects], objects


def right_argmax(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """The best owner of each pixel, all at once."""
    if len(masks) == 0:
        nothing = torch.zeros(masks.shape[1:], dtype=torch.int64)
        return nothing, nothing.clone()
    held = torch.where(masks, scores[:, None, None], float("-inf"))
    best, covered = held.argmax(0), masks.any(0)
    return torch.where(covered, labels[best], 0), torch.where(covered, best + 1, 0)


def right_pixel_by_pixel(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """With lists."""
    height, width = masks.shape[1:]
    rows, names, values = masks.tolist(), labels.tolist(), scores.tolist()
    semantic = [[0] * width for _ in range(height)]
    objects = [[0] * width for _ in range(height)]
    for y in range(height):
        for x in range(width):
            best = None
            for k in range(len(names)):
                if rows[k][y][x] and (best is None or values[k] > values[best]):
                    best = k
            if best is not None:
                semantic[y][x], objects[y][x] = names[best], best + 1
    return torch.tensor(semantic, dtype=torch.int64), torch.tensor(objects, dtype=torch.int64)


def right_first_layer(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Layers from the best to the background; the first that is there."""
    order = scores.argsort(descending=True)
    everywhere = torch.ones((1, *masks.shape[1:]), dtype=torch.bool)
    first = torch.cat([masks[order], everywhere]).int().argmax(0)
    zero = torch.zeros(1, dtype=torch.int64)
    return torch.cat([labels[order].long(), zero])[first], torch.cat([order + 1, zero])[first]


def wrong_best_first_painted_over(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Paints from the best to the worst, so the worse score is on top."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort(descending=True):
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = k + 1
    return semantic, objects


def wrong_given_order(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Paints in the given order and ignores the scores."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k, (mask, label) in enumerate(zip(masks, labels, strict=False)):
        semantic[mask] = label
        objects[mask] = k + 1
    return semantic, objects


def wrong_thinks_they_are_sorted(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Takes the detections for sorted by score, the best first, and paints from the end."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in reversed(range(len(masks))):
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = k + 1
    return semantic, objects


def wrong_rank_for_row(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers the objects by their place in the sorted order, not by their row."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for number, k in enumerate(scores.argsort(), start=1):
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = number
    return semantic, objects


def wrong_row_without_one(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Forgets the + 1, so the first object looks like background."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort():
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = k
    return semantic, objects


def wrong_small_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Puts the smaller object on top, as in lab 11."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in masks.sum((1, 2)).argsort(descending=True):
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = k + 1
    return semantic, objects


def wrong_numbers_within_class(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Counts the objects of each class from 1, so numbers repeat."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort():
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = (labels[: k + 1] == labels[k]).sum()
    return semantic, objects


def wrong_maps_swapped(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the map of the objects first."""
    semantic, objects = right_worst_first(masks, labels, scores)
    return objects, semantic


def wrong_labels_not_sorted(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Sorts the masks but takes the labels in the old order."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for i, k in enumerate(scores.argsort().tolist()):
        semantic[masks[k]] = labels[i]
        objects[masks[k]] = k + 1
    return semantic, objects


def wrong_largest_label_wins(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Takes the largest class number in the semantic map, while the other map goes by score."""
    _, objects = right_worst_first(masks, labels, scores)
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for mask, label in zip(masks, labels, strict=False):
        semantic = torch.maximum(semantic, mask * label)
    return semantic, objects


def wrong_background_forgotten(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Forgets the background: pixels of no mask belong to the first object."""
    if len(masks) == 0:
        nothing = torch.zeros(masks.shape[1:], dtype=torch.int64)
        return nothing, nothing.clone()
    best = (masks * scores[:, None, None]).argmax(0)
    return labels[best], best + 1


def wrong_no_detections(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Forgets that D may be 0: the argmax of nothing is an error."""
    held = torch.where(masks, scores[:, None, None], float("-inf"))
    best, covered = held.argmax(0), masks.any(0)
    return torch.where(covered, labels[best], 0), torch.where(covered, best + 1, 0)


def wrong_only_above_half(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Leaves out detections with a score below 0.5."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort():
        if scores[k] >= 0.5:
            semantic[masks[k]] = labels[k]
            objects[masks[k]] = k + 1
    return semantic, objects


def wrong_floats(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Returns float32 maps."""
    semantic, objects = right_worst_first(masks, labels, scores)
    return semantic.float(), objects.float()


def wrong_overlap_is_nobodys(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Leaves pixels with two owners to the background."""
    semantic, objects = right_worst_first(masks, labels, scores)
    contested = masks.sum(0) > 1
    return semantic.masked_fill(contested, 0), objects.masked_fill(contested, 0)


def wrong_cuts_the_masks(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Cuts the better masks out of the worse ones in the caller's tensor."""
    order = scores.argsort(descending=True)
    for place, k in enumerate(order):
        masks[order[place + 1 :]] &= ~masks[k]
    numbers = torch.arange(1, len(masks) + 1)
    return (masks * labels[:, None, None]).sum(0), (masks * numbers[:, None, None]).sum(0)


def wrong_one_map_twice(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Makes both maps the same tensor, so the second painting overwrites the first."""
    semantic = objects = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for k in scores.argsort():
        semantic[masks[k]] = labels[k]
        objects[masks[k]] = k + 1
    return semantic, objects


def wrong_object_map_in_given_order(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Sorts by score for the classes only; the objects are painted in the given order."""
    semantic, objects = right_worst_first(masks, labels, scores)
    objects = torch.zeros_like(semantic)
    for k, mask in enumerate(masks):
        objects[mask] = k + 1
    return semantic, objects
