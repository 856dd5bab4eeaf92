"""Answers to `thin_out` (lab 06), written by the author of its check as a student might."""

import torch
import torchvision
from torch import Tensor

from coursekit import ops


def right_by_tools(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """The three steps."""
    fine = ops.remove_small_boxes(boxes, 1e-3)
    keep = ops.batched_nms(boxes[fine], scores[fine], levels[fine], 0.7)
    return boxes[fine][keep][:limit]


def right_by_hand(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Goes through the boxes, the best first, and stops when there are enough."""
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        x1, y1, x2, y2 = boxes[i].tolist()
        if x2 - x1 < 0.001 or y2 - y1 < 0.001:
            continue
        rivals = [k for k in kept if levels[k] == levels[i]]
        if rivals and ops.box_iou(boxes[i][None], boxes[rivals]).max() > 0.7:
            continue
        kept.append(i)
        if len(kept) == limit:
            break
    return boxes[kept].reshape(-1, 4)


def right_level_by_level(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """torchvision's nms on each level, then one sort."""
    kept = []
    for level in levels.unique():
        mine = torch.where((levels == level) & ((boxes[:, 2:] - boxes[:, :2]) >= 0.001).all(1))[0]
        kept.append(mine[torchvision.ops.nms(boxes[mine], scores[mine], 0.7)])
    kept = torch.cat(kept)
    return boxes[kept[scores[kept].argsort(descending=True)][:limit]]


def _rest(boxes, scores, levels, limit, threshold=0.7):
    return boxes[ops.batched_nms(boxes, scores, levels, threshold)[:limit]]


def wrong_small_ones_stay(boxes, scores, levels, limit):
    """Forgets step 1."""
    return _rest(boxes, scores, levels, limit)


def wrong_scores_not_indexed(boxes, scores, levels, limit):
    """The boxes become fewer, scores and levels do not."""
    boxes = boxes[ops.remove_small_boxes(boxes, 1e-3)]
    return _rest(boxes, scores[: len(boxes)], levels[: len(boxes)], limit)


def wrong_plain_nms(boxes, scores, levels, limit):
    """Suppresses across levels."""
    fine = ops.remove_small_boxes(boxes, 1e-3)
    return _rest(boxes[fine], scores[fine], levels[fine] * 0, limit)


def wrong_half(boxes, scores, levels, limit):
    """The usual threshold of 0.5."""
    fine = ops.remove_small_boxes(boxes, 1e-3)
    return _rest(boxes[fine], scores[fine], levels[fine], limit, 0.5)


def wrong_limit_first(boxes, scores, levels, limit):
    """The best `limit`, then suppression."""
    fine = ops.remove_small_boxes(boxes, 1e-3)
    fine = fine[scores[fine].argsort(descending=True)[:limit]]
    return _rest(boxes[fine], scores[fine], levels[fine], limit)


def wrong_no_limit(boxes, scores, levels, limit):
    """Returns all."""
    fine = ops.remove_small_boxes(boxes, 1e-3)
    return _rest(boxes[fine], scores[fine], levels[fine], None)


def wrong_indices(boxes, scores, levels, limit):
    """What batched_nms returns, as it is."""
    fine = ops.remove_small_boxes(boxes, 1e-3)
    return fine[ops.batched_nms(boxes[fine], scores[fine], levels[fine], 0.7)[:limit]]


def wrong_small_in_both(boxes, scores, levels, limit):
    """`and` where the text says `or`."""
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    fine = torch.where(~((wide < 0.001) & (high < 0.001)))[0]
    return _rest(boxes[fine], scores[fine], levels[fine], limit)
