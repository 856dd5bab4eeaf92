"""Lab 06, exercise 7: thin_out."""

import torch
import torchvision
from torch import Tensor

from coursekit import ops


def right_steps(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """The three steps with the functions of the text. If every box is too small: (0, 4)."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    boxes, scores, levels = boxes[large], scores[large], levels[large]
    return boxes[ops.batched_nms(boxes, scores, levels, 0.7)[:limit]]


def right_loops(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Greedy loop by falling score with ops.box_iou, stops at the limit. If every box is too small: boxes[[]], (0, 4)."""
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        x1, y1, x2, y2 = boxes[i].tolist()
        if x2 - x1 < 1e-3 or y2 - y1 < 1e-3:
            continue
        rivals = [k for k in kept if levels[k] == levels[i]]
        if rivals and ops.box_iou(boxes[i][None], boxes[rivals]).max() > 0.7:
            continue
        if len(kept) < limit:
            kept.append(i)
    return boxes[torch.tensor(kept, dtype=torch.int64, device=boxes.device)]


def right_torchvision(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """torchvision's nms on each level, indices kept in terms of the original boxes, then one topk over all levels."""
    large = ((boxes[:, 2:] - boxes[:, :2]) >= 1e-3).all(1)
    kept = []
    for level in levels.unique():
        places = (large & (levels == level)).nonzero()[:, 0]
        kept.append(places[torchvision.ops.nms(boxes[places], scores[places], 0.7)])
    kept = torch.cat(kept)
    best = scores[kept].topk(min(limit, len(kept))).indices
    return boxes[kept[best]]


def wrong_old_indices(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Suppresses among the large boxes, but looks the indices up in ALL boxes: shifted after each removed box."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    keep = ops.batched_nms(boxes[large], scores[large], levels[large], 0.7)
    return boxes[keep[:limit]]


def wrong_limit_first(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Keeps the best `limit` before suppressing the duplicates, so fewer are left."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    boxes, scores, levels = boxes[large], scores[large], levels[large]
    best = scores.topk(min(limit, len(scores))).indices
    boxes, scores, levels = boxes[best], scores[best], levels[best]
    return boxes[ops.batched_nms(boxes, scores, levels, 0.7)]


def wrong_levels_compete(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Suppresses over all levels together (all idxs 0)."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    boxes, scores = boxes[large], scores[large]
    one = torch.zeros(len(boxes), dtype=torch.int64)
    return boxes[ops.batched_nms(boxes, scores, one, 0.7)[:limit]]


def wrong_limit_per_level(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Keeps the best `limit` of each level instead of all levels together."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    boxes, scores, levels = boxes[large], scores[large], levels[large]
    keep = ops.batched_nms(boxes, scores, levels, 0.7)
    keep = torch.cat([keep[levels[keep] == level][:limit] for level in levels[keep].unique()] or [keep])
    return boxes[keep[scores[keep].argsort(descending=True)]]


def wrong_keeps_small(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Leaves step 1 out: boxes that clipping has emptied stay."""
    return boxes[ops.batched_nms(boxes, scores, levels, 0.7)[:limit]]


def wrong_order_lost(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Keeps the right boxes, but with a mask: in the order of the input, not the best first."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    boxes, scores, levels = boxes[large], scores[large], levels[large]
    mask = torch.zeros(len(boxes), dtype=torch.bool)
    mask[ops.batched_nms(boxes, scores, levels, 0.7)[:limit]] = True
    return boxes[mask]
