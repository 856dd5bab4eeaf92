import torch
from torch import Tensor

from coursekit import ops


def right_matrix(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """The matrix of all IoUs once, then a greedy walk that crosses out the duplicates of each kept mask."""
    order = scores.argsort(descending=True)
    too_close = ops.mask_iou(masks[order], masks[order]) > iou_threshold
    alive = torch.ones(len(order), dtype=torch.bool)
    kept = []
    for i in range(len(order)):
        if alive[i]:
            kept.append(i)
            alive &= ~too_close[i]
    return order[torch.tensor(kept, dtype=torch.int64)]


def right_one_by_one(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Loop: each mask against those kept so far."""
    kept: list[int] = []
    for i in sorted(range(len(scores)), key=scores.tolist().__getitem__, reverse=True):
        if not kept or bool((ops.mask_iou(masks[i : i + 1], masks[kept]) <= iou_threshold).all()):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def right_queue(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """A shrinking queue, the IoU by hand with counted pixels in float64 (a rounding difference exactly at the threshold is left open)."""
    flat = masks.flatten(1).double()
    queue = scores.argsort(descending=True)
    kept = [queue[:0]]
    while len(queue):
        first, queue = queue[:1], queue[1:]
        kept.append(first)
        both = flat[queue] @ flat[first[0]]
        union = flat[queue].sum(1) + flat[first[0]].sum() - both
        queue = queue[both / union <= iou_threshold]
    return torch.cat(kept)


def _greedy(masks: Tensor, scores: Tensor, far_enough) -> list[int]:
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if not kept or far_enough(ops.mask_iou(masks[i : i + 1], masks[kept])[0]):
            kept.append(i)
    return kept


def wrong_removed_masks_remove_too(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Compares with every better mask, also with those that were themselves removed."""
    order = scores.argsort(descending=True)
    overlap = ops.mask_iou(masks[order], masks[order]).tril(-1)
    return order[(overlap <= iou_threshold).all(1)]


def wrong_equal_to_the_threshold_removed(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Removes a mask whose IoU is exactly the threshold."""
    return torch.tensor(_greedy(masks, scores, lambda o: bool((o < iou_threshold).all())), dtype=torch.int64)


def wrong_positions_in_the_order(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Returns positions in the sorted order instead of rows of `masks`."""
    order = scores.argsort(descending=True)
    m, s = masks[order], scores[order]
    return torch.tensor(_greedy(m, s, lambda o: bool((o <= iou_threshold).all())), dtype=torch.int64)


def wrong_order_of_the_rows(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Returns the kept rows in ascending order instead of the best first."""
    keep = torch.zeros(len(masks), dtype=torch.bool)
    keep[_greedy(masks, scores, lambda o: bool((o <= iou_threshold).all()))] = True
    return keep.nonzero()[:, 0]


def wrong_only_the_last_kept(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Compares with the mask kept last only."""
    return torch.tensor(_greedy(masks, scores, lambda o: bool(o[-1] <= iou_threshold)), dtype=torch.int64)


def wrong_empty_is_float(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Leaves the dtype to torch.tensor, which makes an empty list float32 instead of int64."""
    return torch.tensor(_greedy(masks, scores, lambda o: bool((o <= iou_threshold).all())))
