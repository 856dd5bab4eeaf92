"""Answers to `panoptic_maps` (lab 14), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_painting(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Paints from the worst score to the best; of equal scores the later row lies on top."""
    semantic = torch.zeros(masks.shape[1:], dtype=torch.int64)
    objects = torch.zeros_like(semantic)
    for row in scores.argsort(stable=True).tolist():
        semantic[masks[row]] = labels[row]
        objects[masks[row]] = row + 1
    return semantic, objects


def right_by_argmax(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """The score of each mask in each pixel, minus infinity beside it; the highest row wins. Nothing to paint
    is answered early.
    """
    if not len(masks):
        nothing = torch.zeros(masks.shape[1:], dtype=torch.int64)
        return nothing, nothing.clone()
    here = torch.where(masks, scores[:, None, None], float("-inf"))
    best = here.argmax(0)
    covered = masks.any(0)
    return torch.where(covered, labels[best].long(), 0), torch.where(covered, best + 1, 0)


def right_from_the_top(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """From the best score down, each object takes the pixels that are still free; of equal scores the first
    row comes first. The classes are looked up by the numbers at the end.
    """
    objects = torch.zeros(masks.shape[1], masks.shape[2], dtype=torch.int64)
    for row in sorted(range(len(scores)), key=lambda d: -scores[d].item()):
        objects += (row + 1) * (masks[row] & (objects == 0))
    classes = torch.cat([torch.zeros(1, dtype=torch.int64), labels.to(torch.int64)])
    return classes[objects], objects


def right_pixel_by_pixel(masks: Tensor, labels: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Each pixel asks the masks that cover it; of equal scores the first row wins."""
    _, h, w = masks.shape
    values, names = scores.tolist(), labels.tolist()
    semantic, objects = torch.zeros(2, h, w, dtype=torch.int64)
    for y in range(h):
        for x in range(w):
            rows = masks[:, y, x].nonzero().flatten().tolist()
            if rows:
                best = max(rows, key=values.__getitem__)
                semantic[y, x], objects[y, x] = names[best], best + 1
    return semantic, objects


def _paint(masks, labels, order, number=lambda row, place: row + 1):
    """Paints the rows in the given order."""
    semantic, objects = torch.zeros(2, *masks.shape[1:], dtype=torch.int64)
    for place, row in enumerate(order):
        semantic[masks[row]] = labels[row]
        objects[masks[row]] = number(row, place)
    return semantic, objects


def _upwards(scores):
    return scores.argsort().tolist()


def wrong_in_the_order_of_the_rows(masks, labels, scores):
    """Paints row by row: the last row is on top, whatever its score."""
    return _paint(masks, labels, range(len(masks)))


def wrong_first_row_on_top(masks, labels, scores):
    """Trusts that rows come with the best score first: "in any order", the text says."""
    return _paint(masks, labels, range(len(masks) - 1, -1, -1))


def wrong_best_first(masks, labels, scores):
    """Paints the best first and the worse over it: the worst is on top."""
    return _paint(masks, labels, _upwards(scores)[::-1])


def wrong_numbers_from_zero(masks, labels, scores):
    """The row without the 1: the first object is background."""
    return _paint(masks, labels, _upwards(scores), lambda row, place: row)


def wrong_numbers_by_score(masks, labels, scores):
    """Numbers the objects by their place in the order of the scores."""
    return _paint(masks, labels, _upwards(scores), lambda row, place: place + 1)


def wrong_ranks_for_the_order(masks, labels, scores):
    """Sorts the rows but takes labels and numbers from the unsorted lists: masks get those of others."""
    order = _upwards(scores)
    return _paint(masks[order], labels, range(len(masks)))


def wrong_class_for_number(masks, labels, scores):
    """Twice the map of the classes: two mugs are one."""
    semantic, _ = _paint(masks, labels, _upwards(scores))
    return semantic, semantic.clone()


def wrong_numbers_within_the_class(masks, labels, scores):
    """Counts the objects of each class from 1: an apple and a mug have the same number."""
    counts = [int((labels[: row + 1] == labels[row]).sum()) for row in range(len(labels))]
    return _paint(masks, labels, _upwards(scores), lambda row, place: counts[row])


def wrong_added(masks, labels, scores):
    """Adds where masks overlap: class 2 on class 3 is class 5."""
    numbers = torch.arange(1, len(masks) + 1)[:, None, None]
    return (masks * labels[:, None, None]).sum(0), (masks * numbers).sum(0)


def wrong_largest_label(masks, labels, scores):
    """The largest label and the largest number on top: the scores are ignored."""
    numbers = torch.arange(1, len(masks) + 1)[:, None, None]
    if not len(masks):
        return _paint(masks, labels, [])
    return (masks * labels[:, None, None]).amax(0), (masks * numbers).amax(0)


def wrong_overlap_is_background(masks, labels, scores):
    """Leaves out pixels that belong to several: they become background."""
    return _paint(masks & (masks.sum(0) == 1), labels, _upwards(scores))


def wrong_order_of_the_maps(masks, labels, scores):
    """The numbers first, the classes second."""
    return _paint(masks, labels, _upwards(scores))[::-1]


def wrong_nothing_to_paint(masks, labels, scores):
    """argmax over nothing: an error for an image without objects."""
    best = torch.where(masks, scores[:, None, None], float("-inf")).argmax(0)
    covered = masks.any(0)
    return labels[best] * covered, (best + 1) * covered


def wrong_no_background(masks, labels, scores):
    """The best row in all pixels, also where no mask is: the first object fills the background."""
    if not len(masks):
        return _paint(masks, labels, [])
    best = torch.where(masks, scores[:, None, None], float("-inf")).argmax(0)
    return labels[best], best + 1


def wrong_numbers_with_fractions(masks, labels, scores):
    """The maps as float32: int64 was asked for."""
    semantic, objects = _paint(masks, labels, _upwards(scores))
    return semantic.float(), objects.float()


def wrong_one_object_for_each_class(masks, labels, scores):
    """Keeps the best object of each class: its twin vanishes."""
    order = [row for row in _upwards(scores) if scores[row] >= scores[labels == labels[row]].max()]
    return _paint(masks, labels, order)


def wrong_large_below(masks, labels, scores):
    """The smaller object on top: that is open question 5, not the score."""
    return _paint(masks, labels, masks.sum((1, 2)).argsort(descending=True).tolist())


def wrong_sure_ones_only(masks, labels, scores):
    """Leaves out scores below 0.5: no such threshold was asked for."""
    return _paint(masks, labels, [row for row in _upwards(scores) if scores[row] >= 0.5])
