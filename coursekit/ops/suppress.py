"""Non-maximum suppression: of boxes that overlap too much, keep the one with the best score.

The rule is greedy: go through the boxes by falling score and keep each that no *kept* box overlaps by more than
the threshold. Written as a condition on the answer (a box is kept when none of its better rivals is kept) it
has exactly one solution, and repeating the condition finds it: after k rounds the k best boxes are right.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from coursekit.ops.argument import expect, single
from coursekit.ops.box import EMPTY_AREA, box_area, upcast
from coursekit.ops.box_overlap import box_iou

BLOCK = 64  # boxes settled at once: with more, their comparisons with the rest leave the cache; with fewer, calls add up
PAIRS_A_CLASS = 10_000  # comparing that many pairs takes as long as one more call of `nms`
DECAYS = ("linear", "gaussian")
FARTHEST = 1e18  # pixels: beyond, an area is infinite in single precision, and an IoU is NaN


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Return the indices of the boxes that are kept, by falling score.

    Of equal scores the box that comes first counts as the better one.

    Shapes: (N, 4), (N,) -> (kept,) int64.
    Args:
        iou_threshold: a box goes when a kept box overlaps it by *more* than this, in [0, 1].
    Raises:
        ValueError: shapes that do not fit, a threshold outside [0, 1], boxes farther out than 1e18 pixels, NaN.
    Like torchvision's `nms`, index by index; an IoU is compared in double precision, as there.
    Source: Felzenszwalb et al., "Object Detection with Discriminatively Trained Part Based Models", 2010, 5.2.

    >>> nms(torch.tensor([[0, 0, 4, 4], [0, 0, 4, 5], [8, 8, 9, 9]]), torch.tensor([0.8, 0.9, 0.1]), 0.5)
    tensor([1, 2])
    """
    _check(boxes, scores, iou_threshold)
    order = scores.argsort(descending=True, stable=True)
    boxes, threshold, kept = boxes.detach()[order], _as_float32(iou_threshold, boxes), []
    while len(boxes):
        block, rest = boxes[:BLOCK], boxes[BLOCK:]
        better, worse = (box_iou(block, block) > threshold).triu(1).nonzero().unbind(1)
        survivors = _survivors(better, worse, len(block))
        kept.append(order[:BLOCK][survivors])
        free = ~(box_iou(block[survivors], rest) > threshold).any(0)
        order, boxes = order[BLOCK:][free], rest[free]
    return torch.cat(kept) if kept else order


def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Return the indices of the boxes that are kept, by falling score, when only boxes of one class are rivals.

    Pairs are compared only where they meet along x, so the work grows with the overlaps, not with N x N. Where
    that is no gain (few classes, many boxes) `nms` goes through the classes one by one, with the same answer.

    Shapes: (N, 4), (N,), (N,) -> (kept,) int64.
    Args:
        idxs: the class of each box, or the image times the number of classes plus the class.
        iou_threshold: as in `nms`.
    Raises:
        ValueError: as `nms`, or classes that do not fit.
    Like torchvision's `batched_nms`, but exact for few boxes too: there it shifts the boxes of each class apart
    in single precision, which rounds them.

    >>> boxes = torch.tensor([[0, 0, 4, 4], [0, 0, 4, 5], [0, 0, 4, 4]])
    >>> batched_nms(boxes, torch.tensor([0.8, 0.9, 0.7]), torch.tensor([2, 1, 2]), 0.5)
    tensor([1, 0])
    """
    _check(boxes, scores, iou_threshold)
    expect("idxs", idxs, "(...)")
    if idxs.shape != scores.shape:
        raise ValueError(f"{tuple(scores.shape)} scores but {tuple(idxs.shape)} classes: give each box one.")
    order = scores.argsort(descending=True, stable=True)
    boxes = boxes.detach()[order]
    classes, rank = idxs[order].unique(return_inverse=True)
    by_left, rivals = _rivals_along_x(boxes, rank)
    if rivals.sum() > PAIRS_A_CLASS * len(classes):
        return order[_class_by_class(boxes, rank, len(classes), iou_threshold)]
    better, worse = _pairs(by_left, rivals)
    conflict = _pair_iou(boxes, better, worse) > _as_float32(iou_threshold, boxes)
    return order[_survivors(better[conflict], worse[conflict], len(boxes))]


def soft_nms(
    boxes: Tensor,
    scores: Tensor,
    method: str = "gaussian",
    iou_threshold: float = 0.3,
    sigma: float = 0.5,
    score_threshold: float = 0.001,
) -> tuple[Tensor, Tensor]:
    """Return the indices of the boxes that are kept and their lowered scores, by falling lowered score.

    Each box taken, the best first, lowers the scores of the others by how much they overlap it.

    Shapes: (N, 4), (N,) -> (kept,) int64, (kept,).
    Args:
        scores: probabilities; a factor below 1 would *raise* a negative score.
        method: "linear", times 1 - IoU where the IoU is at least `iou_threshold`; "gaussian", times exp(-IoU² / sigma).
        iou_threshold: of the linear method only.
        sigma: of the Gaussian method only; the smaller, the harder.
        score_threshold: a box below it is dropped.
    Raises:
        ValueError: as `nms`, an unknown method, a negative score, or a sigma that is not positive.
    Source: Bodla et al., "Soft-NMS", 2017, figure 2 and section 3, arXiv:1704.04503.

    >>> soft_nms(torch.tensor([[0, 0, 4, 4], [2, 0, 6, 4]]), torch.tensor([0.9, 0.6]), "linear")
    (tensor([0, 1]), tensor([0.9000, 0.4000]))
    """
    _check(boxes, scores, iou_threshold)
    _check_decay(scores, method, sigma)
    overlap = _overlap_with(boxes)
    left = single(scores).detach().cpu().numpy().copy()
    kept: list[int] = []
    lowered: list[float] = []
    while len(kept) < len(left) and left.max() >= score_threshold:
        best = int(left.argmax())
        kept.append(best)
        lowered.append(left[best])
        iou = overlap(best)
        linear = np.where(iou >= iou_threshold, 1 - iou, 1)
        factor = linear if method == "linear" else torch.from_numpy(-(iou**2) / sigma).exp().numpy()
        left *= factor.astype(left.dtype)
        left[best] = -1  # taken
    falling = torch.from_numpy(np.array(lowered, left.dtype)).to(scores)
    return torch.tensor(kept, dtype=torch.int64, device=scores.device), falling


def _overlap_with(boxes: Tensor) -> Callable[[int], np.ndarray]:
    """A function: of the place of a box -> its IoU with all, to the last bit that of `box_iou`, in fewer calls."""
    boxes = single(boxes.detach())
    area = box_area(boxes).cpu().numpy()
    left, top, right, bottom = boxes.t().contiguous().cpu().numpy()  # four times (N,)
    own = np.where(area > EMPTY_AREA, area, 1).astype(area.dtype)  # an empty box shares nothing

    def overlap(k: int) -> np.ndarray:
        width = np.minimum(right[k], right) - np.maximum(left[k], left)
        height = np.minimum(bottom[k], bottom) - np.maximum(top[k], top)
        shared = width.clip(0) * height.clip(0)
        return shared / (own[k] + area - shared)

    return overlap


def _survivors(better: Tensor, worse: Tensor, count: int) -> Tensor:
    """Who is left when each kept box removes its worse rivals; the pairs name boxes by rank. (count,) bool"""
    kept = torch.ones(count, dtype=torch.bool, device=better.device)
    while True:
        again = torch.ones_like(kept)
        again[worse[kept[better]]] = False
        if torch.equal(again, kept):
            return kept
        kept = again


def _rivals_along_x(boxes: Tensor, rank: Tensor) -> tuple[Tensor, Tensor]:
    """The boxes by class and left end, and how many of the next ones begin before each ends: (N,), (N,)."""
    if not len(boxes):
        return rank, rank
    left, right = boxes[:, 0].double(), boxes[:, 2].double()
    apart = rank * (torch.maximum(left, right).max() - torch.minimum(left, right).min() + 1)
    starts, by_left = (left + apart).sort()
    ends = (right + apart)[by_left]
    here = torch.arange(1, len(boxes) + 1, device=boxes.device)
    return by_left, (torch.searchsorted(starts, ends, right=True) - here).clamp(min=0)


def _pairs(by_left: Tensor, rivals: Tensor) -> tuple[Tensor, Tensor]:
    """Each box with its next `rivals` boxes, the better (earlier) one first: (pairs,), (pairs,)."""
    here = torch.arange(len(by_left), device=by_left.device)
    first = here.repeat_interleave(rivals)  # (pairs,)
    before = rivals.cumsum(0) - rivals  # where each box's pairs begin
    second = torch.arange(len(first), device=first.device) + (here + 1 - before)[first]
    first, second = by_left[first], by_left[second]
    return torch.minimum(first, second), torch.maximum(first, second)


def _pair_iou(boxes: Tensor, better: Tensor, worse: Tensor) -> Tensor:
    """The IoU of each pair, to the last bit that of `box_iou`: (pairs,)."""
    boxes = upcast(boxes)
    area = box_area(boxes)
    area = torch.where(area > EMPTY_AREA, area, 1)  # an empty box shares nothing, as in `box_iou`
    left, top, right, bottom = boxes.t().contiguous().unbind(0)  # four times (N,)
    width = torch.minimum(right[better], right[worse]) - torch.maximum(left[better], left[worse])
    height = torch.minimum(bottom[better], bottom[worse]) - torch.maximum(top[better], top[worse])
    shared = width.clamp_(min=0) * height.clamp_(min=0)
    return shared / (area[better] + area[worse] - shared)


def _class_by_class(boxes: Tensor, rank: Tensor, classes: int, iou_threshold: float) -> Tensor:
    """`nms` of each class; the boxes come by falling score, and so do the kept ones. (kept,)"""
    kept = torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    for members in rank.argsort(stable=True).split(rank.bincount(minlength=classes).tolist()):
        falling = torch.arange(len(members), 0, -1, device=boxes.device)
        kept[members[nms(boxes[members], falling, iou_threshold)]] = True
    return kept.nonzero()[:, 0]


def _as_float32(iou_threshold: float, boxes: Tensor) -> float:
    """The threshold that tells float32 IoUs apart as the double one would: 0.3 is no float32, and IoU 3/10 exceeds it."""
    if boxes.dtype == torch.float64:
        return iou_threshold
    nearest = np.float32(iou_threshold)
    return float(nearest if float(nearest) <= iou_threshold else np.nextafter(nearest, np.float32(-1)))


def _check(boxes: Tensor, scores: Tensor, iou_threshold: float) -> None:
    expect("boxes", boxes, "(...)")
    expect("scores", scores, "(...)")
    if boxes.ndim != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1]:
        shapes = f"boxes {tuple(boxes.shape)} and scores {tuple(scores.shape)}"
        raise ValueError(f"{shapes} do not fit: they must be (N, 4) and (N,).")
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"the IoU threshold is {iou_threshold}: it must lie between 0 and 1.")
    if not (boxes.abs() <= FARTHEST).all() or scores.isnan().any():
        raise ValueError(
            "a box is not finite or a score is NaN, or a box lies beyond 1e18 pixels: look at the network's outputs."
        )


def _check_decay(scores: Tensor, method: str, sigma: float) -> None:
    if method not in DECAYS:
        raise ValueError(f"unknown soft-NMS method {method!r}: use one of {', '.join(DECAYS)}.")
    if not scores.is_floating_point() or (scores < 0).any():
        raise ValueError("soft-NMS multiplies scores: give probabilities, not logits or whole numbers.")
    if not (sigma > 0 and math.isfinite(sigma)):
        raise ValueError(f"sigma is {sigma}: it must be a positive number.")
