"""Answers to `paint_classes` (lab 11), written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_largest_first(masks: Tensor, labels: Tensor) -> Tensor:
    """As a painter: large objects first, small ones over them; of equals the later one lies in front."""
    canvas = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for g in masks.flatten(1).sum(1).argsort(descending=True, stable=True).tolist():
        canvas[masks[g]] = labels[g].long()
    return canvas


def right_smallest_first(masks: Tensor, labels: Tensor) -> Tensor:
    """From the front to the back: paints only where nothing is yet; of equals the earlier one lies in
    front.
    """
    canvas = torch.zeros(masks.shape[1:], dtype=torch.int64)
    free = torch.ones(masks.shape[1:], dtype=torch.bool)
    for area, g in sorted((int(mask.sum()), g) for g, mask in enumerate(masks)):
        if area:
            canvas = torch.where(masks[g] & free, labels[g].to(torch.int64), canvas)
            free = free & ~masks[g]
    return canvas


def right_pixel_by_pixel(masks: Tensor, labels: Tensor) -> Tensor:
    """For each pixel the smallest of the objects that cover it, in plain Python."""
    _, height, width = masks.shape
    areas, names, table = masks.sum((1, 2)).tolist(), labels.tolist(), masks.tolist()
    canvas = torch.zeros(height, width, dtype=torch.long)
    for y in range(height):
        for x in range(width):
            here = [g for g in range(len(names)) if table[g][y][x]]
            if here:
                canvas[y, x] = names[min(here, key=areas.__getitem__)]
    return canvas


def right_by_argmin(masks: Tensor, labels: Tensor) -> Tensor:
    """A stack of areas, infinite where an object is not, and below it the background; argmin says who is
    in front.
    """
    areas = masks.flatten(1).sum(1).double()
    stack = torch.where(masks, areas[:, None, None], torch.inf)
    background = torch.full((1, *masks.shape[1:]), 1e30, dtype=torch.float64)
    names = torch.cat([torch.zeros(1, dtype=torch.int64), labels.long()])
    return names[torch.cat([background, stack]).argmin(0)]


def right_by_numpy(masks: Tensor, labels: Tensor) -> Tensor:
    """The painter with numpy."""
    m, names = masks.numpy(), labels.numpy().astype(np.int64)
    canvas = np.zeros(m.shape[1:], dtype=np.int64)
    for g in np.argsort(-m.reshape(len(m), -1).sum(1) if len(m) else np.zeros(0), kind="stable"):
        canvas[m[g]] = names[g]
    return torch.from_numpy(canvas)


def _paint(masks, names, order):
    """Paints in the order given, for answers whose mistake is elsewhere."""
    canvas = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for g in order:
        canvas[masks[g]] = int(names[g])
    return canvas


def _large_first(masks):
    return masks.flatten(1).sum(1).argsort(descending=True, stable=True).tolist()


def wrong_order_of_the_list(masks, labels):
    """Paints in the order of the list: a large object that comes later hides a small one."""
    return _paint(masks, labels, range(len(labels)))


def wrong_order_of_the_list_from_the_end(masks, labels):
    """Paints from the end of the list: the first object lies in front, be it the larger one."""
    return _paint(masks, labels, range(len(labels) - 1, -1, -1))


def wrong_larger_in_front(masks, labels):
    """Sorts in ascending order: the larger object hides the smaller one."""
    return _paint(masks, labels, _large_first(masks)[::-1])


def wrong_labels_not_sorted(masks, labels):
    """Sorts the masks and forgets to sort the labels: names change places."""
    return _paint(masks[_large_first(masks)], labels, range(len(labels)))


def wrong_largest_label(masks, labels):
    """The maximum over the objects of mask times label: the larger *number* lies in front, not the
    smaller object.
    """
    if len(labels) == 0:
        return torch.zeros(masks.shape[1:], dtype=torch.int64)
    return (masks * labels[:, None, None]).amax(0)


def wrong_sum_of_labels(masks, labels):
    """Adds up mask times label: where two overlap a third class appears."""
    return (masks * labels[:, None, None]).sum(0)


def wrong_numbers_of_objects(masks, labels):
    """Paints the number of the object, 1 to G, and not its class."""
    return _paint(masks, range(1, len(labels) + 1), _large_first(masks))


def wrong_labels_from_zero(masks, labels):
    """Paints label - 1, the place in the list of classes: class 1 becomes background."""
    return _paint(masks, labels - 1, _large_first(masks))


def wrong_background_is_void(masks, labels):
    """Where no object is, 255 in place of 0."""
    canvas = _paint(masks, labels, _large_first(masks))
    return torch.where(masks.any(0), canvas, 255)


def wrong_overlap_is_background(masks, labels):
    """Pixels that two objects claim go to nobody."""
    canvas = _paint(masks, labels, _large_first(masks))
    return torch.where(masks.sum(0) > 1, 0, canvas)


def wrong_floats(masks, labels):
    """The right numbers as float32 and not int64."""
    return _paint(masks, labels, _large_first(masks)).float()


def wrong_crash_without_objects(masks, labels):
    """The maximum over no objects raises an error: wrong for a scene with G = 0."""
    areas = masks.flatten(1).sum(1)
    order = torch.where(masks, areas.max() + 1 - areas[:, None, None], 0).max(0)
    return torch.where(order.values > 0, labels[order.indices], 0)


def wrong_smaller_label_counts_as_smaller(masks, labels):
    """Sorts by label and not by area: class 1 always lies in front."""
    return _paint(masks, labels, labels.argsort(descending=True, stable=True).tolist())


def wrong_smaller_box(masks, labels):
    """Measures the box around the mask: a thin banana lying across has a large box and few pixels."""

    def box_area(mask):
        rows, columns = mask.any(1).sum(), mask.any(0).sum()
        return int(rows * columns)

    return _paint(masks, labels, sorted(range(len(labels)), key=lambda g: -box_area(masks[g])))


def wrong_masks_cut_in_place(masks, labels):
    """The right map, but the hidden parts are cut out of the caller's masks on the way."""
    canvas = torch.zeros(masks.shape[1:], dtype=torch.int64)
    order = _large_first(masks)[::-1]
    for n, g in enumerate(order):
        canvas[masks[g]] = int(labels[g])
        for behind in order[n + 1 :]:
            masks[behind] &= ~masks[g]
    return canvas


def wrong_a_map_for_each_object(masks, labels):
    """Returns (G, H, W), a map for each object, and not one map."""
    return masks.long() * labels[:, None, None].long()


def wrong_transposed(masks, labels):
    """Returns (W, H): columns and rows are exchanged."""
    return _paint(masks, labels, _large_first(masks)).T
