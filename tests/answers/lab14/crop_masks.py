"""Answers to `crop_masks` (lab 14), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_by_a_map_each(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Each mask is a map of one channel with one region."""
    regions = list(boxes.float().split(1))
    return ops.roi_align(masks[:, None].float(), regions, size, sampling_ratio=2, aligned=True)[:, 0]


def right_by_channels(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    """All masks are channels of one map: each region reads all of them, and its own is on the diagonal."""
    every = ops.roi_align(masks[None].float(), [boxes], (size, size), sampling_ratio=2, aligned=True)
    return every.diagonal(dim1=0, dim2=1).permute(2, 0, 1)


def right_by_loop(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Region by region into a table of zeros, which stays empty without regions."""
    out = torch.zeros(len(boxes), size, size)
    for p in range(len(boxes)):
        one = masks[p].to(torch.float32).view(1, 1, *masks.shape[1:])
        out[p] = ops.roi_align(one, [boxes[p : p + 1]], size, sampling_ratio=2, aligned=True)[0, 0]
    return out


def _read(masks, boxes, size, ratio=2, aligned=True):
    regions = [box[None] for box in boxes]
    return ops.roi_align(masks[:, None].float(), regions, size, sampling_ratio=ratio, aligned=aligned)[:, 0]


def wrong_not_aligned(masks, boxes, size):
    """aligned=False: the target lies half a pixel off its region."""
    return _read(masks, boxes, size, aligned=False)


def wrong_half_a_pixel_twice(masks, boxes, size):
    """Subtracts half a pixel from the boxes although aligned=True does so: off the other way."""
    return _read(masks, boxes - 0.5, size)


def wrong_whole_image(masks, boxes, size):
    """Makes the mask of the whole image small: the region is ignored."""
    return F.adaptive_avg_pool2d(masks[:, None].float(), size)[:, 0]


def wrong_box_of_the_object(masks, boxes, size):
    """Cuts at the mask's own box and not at the region: right only where both are the same."""
    own = []
    for mask, box in zip(masks, boxes, strict=True):
        y, x = mask.nonzero(as_tuple=True)
        corners = (x.min(), y.min(), x.max() + 1, y.max() + 1) if len(x) else box
        own.append(torch.tensor([float(v) for v in corners]))
    return _read(masks, torch.stack(own) if own else boxes, size)


def wrong_first_mask(masks, boxes, size):
    """All regions read the mask of the first object: wrong from the second one on."""
    return ops.roi_align(masks[:1, None].float(), [boxes], size, sampling_ratio=2, aligned=True)[:, 0]


def wrong_all_objects(masks, boxes, size):
    """Reads all objects at once: a neighbour within the region counts as its object."""
    union = masks.any(0)[None, None].float()
    return ops.roi_align(union, [boxes], size, sampling_ratio=2, aligned=True)[:, 0]


def wrong_cut_at_a_half(masks, boxes, size):
    """0 or 1 only: how much of a cell at the boundary is covered is lost."""
    return (_read(masks, boxes, size) >= 0.5).float()


def wrong_true_or_false(masks, boxes, size):
    """Whether there is any object in a cell, as bool."""
    return _read(masks, boxes, size) > 0


def wrong_whole_pixels(masks, boxes, size):
    """Rounds the region to whole pixels and averages what is in it: the target does not move with it."""
    out = []
    for mask, box in zip(masks, boxes.round().long().tolist(), strict=True):
        x1, y1 = (min(max(v, 0), side - 1) for v, side in zip(box[:2], mask.shape[::-1], strict=True))
        part = mask[y1 : max(box[3], y1 + 1), x1 : max(box[2], x1 + 1)].float()
        out.append(F.adaptive_avg_pool2d(part[None], size)[0])
    return torch.stack(out) if out else boxes.new_zeros(0, size, size)


def wrong_pixels_for_features(masks, boxes, size):
    """Divides the boxes by 8 as for a feature map: masks have one cell for each pixel."""
    return _read(masks, boxes / 8, size)


def wrong_with_an_axis(masks, boxes, size):
    """Leaves the axis of the channel in: (P, 1, size, size)."""
    return _read(masks, boxes, size)[:, None]


def wrong_transposed(masks, boxes, size):
    """x and y of the boxes exchanged: reads beside the object."""
    return _read(masks, boxes[:, [1, 0, 3, 2]], size)


def wrong_corner_and_size(masks, boxes, size):
    """Gives the library x, y, width and height: it wants two corners."""
    return _read(masks, torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1), size)


def wrong_fixed_size(masks, boxes, size):
    """Always 28 x 28 cells."""
    return _read(masks, boxes, 28)


def right_for_at_least_one_region(masks, boxes, size):
    """Stacks a list: an error in an image without regions, as `ops.roi_align` of an empty list. The text asks for none."""
    return torch.stack(
        [_read(mask[None], box[None], size)[0] for mask, box in zip(masks, boxes, strict=True)]
    )


def wrong_one_sample_at_the_corners(masks, boxes, size):
    """Takes the pixel under the upper left corner of each cell: 0 or 1, and off by half a cell."""
    steps = torch.arange(size) / size
    out = torch.zeros(len(boxes), size, size)
    for p, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        x = (x1 + (x2 - x1) * steps).long().clamp(0, masks.shape[2] - 1)
        y = (y1 + (y2 - y1) * steps).long().clamp(0, masks.shape[1] - 1)
        out[p] = masks[p][y[:, None], x].float()
    return out
