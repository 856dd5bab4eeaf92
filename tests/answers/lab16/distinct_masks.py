"""Answers to `distinct_masks` (lab 16)."""

import torch
from torch import Tensor

from coursekit import ops


def right_greedy(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """From the best down; compared with those kept."""
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if all(ops.mask_iou(masks[i : i + 1], masks[j : j + 1]).item() <= iou_threshold for j in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def right_by_crossing_out(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Takes the best and crosses out what overlaps it, again and again."""
    left, kept = scores.argsort(descending=True), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[ops.mask_iou(masks[left], masks[best][None])[:, 0] <= iou_threshold]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.int64)


def right_by_counting(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Intersections and unions by hand."""
    flat = masks.flatten(1).double()
    shared = flat @ flat.T
    area = flat.sum(1)
    iou = shared / (area[:, None] + area - shared).clamp(min=1)
    alive, kept = torch.ones(len(masks), dtype=torch.bool), []
    for i in sorted(range(len(masks)), key=lambda k: -scores[k].item()):
        if alive[i]:
            kept.append(i)
            alive &= iou[i] <= iou_threshold
    return torch.tensor(kept).long()


def wrong_by_boxes(masks, scores, iou_threshold):
    """The boxes around the masks."""
    return ops.nms(ops.masks_to_boxes(masks).float(), scores, iou_threshold)


def wrong_unsorted(masks, scores, iou_threshold):
    """In the order of the list."""
    return right_greedy(masks, torch.linspace(1, 0, len(masks)), iou_threshold)


def wrong_chain(masks, scores, iou_threshold):
    """Those that are gone still suppress."""
    order = scores.argsort(descending=True)
    over = ops.mask_iou(masks[order], masks[order]).triu(1) > iou_threshold
    return order[~over.any(0)]


def wrong_at_least(masks, scores, iou_threshold):
    """>=."""
    return right_greedy(masks, scores, iou_threshold - 1e-6)


def wrong_inside(masks, scores, iou_threshold):
    """Divides by the smaller one."""
    flat = masks.flatten(1).double()
    shared = (flat @ flat.T) / torch.minimum(flat.sum(1)[:, None], flat.sum(1)).clamp(min=1)
    kept = []
    for i in scores.argsort(descending=True).tolist():
        if all(shared[i, j] <= iou_threshold for j in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def wrong_positions(masks, scores, iou_threshold):
    """Numbers of the sorted list."""
    order = scores.argsort(descending=True)
    return right_greedy(masks[order], scores[order], iou_threshold)


def wrong_flags(masks, scores, iou_threshold):
    """A mask of those that stay."""
    flags = torch.zeros(len(masks), dtype=torch.bool)
    flags[right_greedy(masks, scores, iou_threshold)] = True
    return flags


def wrong_empty(masks, scores, iou_threshold):
    """torch.tensor of an empty list."""
    return torch.tensor(right_greedy(masks, scores, iou_threshold).tolist())
