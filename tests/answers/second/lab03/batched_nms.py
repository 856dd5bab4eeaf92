"""Answers to `batched_nms` (lab 03) by somebody else, written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def _iou(a: Tensor, b: Tensor) -> Tensor:
    a, b = a.double(), b.double()
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(1), (b[:, 2:] - b[:, :2]).prod(1)
    inter = (torch.min(a[:, None, 2:], b[:, 2:]) - torch.max(a[:, None, :2], b[:, :2])).clamp(min=0).prod(-1)
    union = area_a[:, None] + area_b - inter
    return inter / torch.where(union > 0, union, torch.ones_like(union))


def _nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    rest = scores.argsort(descending=True)
    kept = []
    while len(rest):
        best = rest[0]
        kept.append(int(best))
        rest = rest[1:]
        rest = rest[_iou(boxes[best][None], boxes[rest])[0] <= iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)


# ------------------------------------------------------------------ right


def right_class_by_class(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Suppression for each class, then all kept ones by their scores."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for c in idxs.unique():
        (mine,) = torch.where(idxs == c)
        kept.append(mine[_nms(boxes[mine], scores[mine], iou_threshold)])
    kept = torch.cat(kept)
    return kept[scores[kept].argsort(descending=True)]


def right_shifted(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Move the classes apart by the extent of all boxes, from the smallest to the largest coordinate."""
    if len(boxes) == 0:
        return torch.zeros(0, dtype=torch.int64)
    wide = boxes.double()
    step = wide.max() - wide.min() + 1
    return _nms(wide + (idxs * step)[:, None], scores, iou_threshold)


def right_one_table(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """A table of rivals (same class, too much overlap); greedily down the scores."""
    rivals = (_iou(boxes, boxes) > iou_threshold) & (idxs[:, None] == idxs[None, :])
    alive = torch.ones(len(boxes), dtype=torch.bool)
    kept = []
    for i in scores.argsort(descending=True).tolist():
        if alive[i]:
            kept.append(i)
            alive &= ~rivals[i]
    return torch.tensor(kept, dtype=torch.long)


def right_lists(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Plain Python: compare each box with the kept ones of its class."""

    def overlap(a: list[float], b: list[float]) -> float:
        inter = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
        union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
        return inter / union if union > 0 else 0.0

    rows, points, classes = boxes.tolist(), scores.tolist(), idxs.tolist()
    kept: list[int] = []
    for i in sorted(range(len(rows)), key=lambda k: -points[k]):
        if all(classes[k] != classes[i] or overlap(rows[k], rows[i]) <= iou_threshold for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def right_mask(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """A mask of the kept boxes, class by class with the library's nms, then sorted by score."""
    keep = torch.zeros(len(boxes), dtype=torch.bool)
    for c in set(idxs.tolist()):
        mine = (idxs == c).nonzero()[:, 0]
        keep[mine[torchvision.ops.nms(boxes[mine].double(), scores[mine].double(), iou_threshold)]] = True
    order = scores.sort(descending=True).indices
    return order[keep[order]]


# ------------------------------------------------------------------ wrong


def wrong_all_are_rivals(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Ignores the classes."""
    return _nms(boxes, scores, iou_threshold)


def right_within_the_image(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Moves the classes apart by the largest coordinate: enough unless a box begins left of or above the image."""
    if len(boxes) == 0:
        return torch.zeros(0, dtype=torch.int64)
    wide = boxes.double()
    return _nms(wide + (idxs * (wide.max() + 1))[:, None], scores, iou_threshold)


def wrong_shifted_by_the_class(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Moves the boxes by the number of the class: one pixel for each class."""
    return _nms(boxes + idxs[:, None], scores, iou_threshold)


def wrong_order_by_class(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Returns class after class, each one sorted, but not all together."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for c in idxs.unique():
        (mine,) = torch.where(idxs == c)
        kept.append(mine[_nms(boxes[mine], scores[mine], iou_threshold)])
    return torch.cat(kept)


def wrong_places_within_the_class(
    boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float
) -> Tensor:
    """Returns the places within the boxes of a class as if they were places in the whole list."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for c in idxs.unique():
        kept.append(_nms(boxes[idxs == c], scores[idxs == c], iou_threshold))
    kept = torch.cat(kept)
    return kept[scores[kept].argsort(descending=True)]


def wrong_mask(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Returns a mask, not indices."""
    keep = torch.zeros(len(boxes), dtype=torch.bool)
    keep[right_class_by_class(boxes, scores, idxs, iou_threshold)] = True
    return keep


def wrong_in_the_order_of_the_list(
    boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float
) -> Tensor:
    """Sorts the kept indices by index, not by score."""
    return right_class_by_class(boxes, scores, idxs, iou_threshold).sort().values


def wrong_worst_first(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Returns the kept ones from the worst to the best."""
    kept = right_class_by_class(boxes, scores, idxs, iou_threshold)
    return kept[scores[kept].argsort()]


def wrong_no_boxes(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Takes the smallest and largest coordinate without asking whether there is a box."""
    wide = boxes.double()
    step = wide.max() - wide.min() + 1
    return _nms(wide + (idxs * step)[:, None], scores, iou_threshold)


def wrong_nothing_is_float(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Makes a tensor of an empty list when there are no boxes, which is float32."""
    rivals = (_iou(boxes, boxes) > iou_threshold) & (idxs[:, None] == idxs[None, :])
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if not any(rivals[k, i] for k in kept):
            kept.append(i)
    return torch.tensor(kept)


def wrong_removed_boxes_remove(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Every better box of the class removes, also one that was removed itself."""
    order = scores.argsort(descending=True)
    rivals = (_iou(boxes, boxes) > iou_threshold) & (idxs[:, None] == idxs[None, :])
    rivals = rivals[order][:, order]
    place = torch.arange(len(order))
    removed = (rivals & (place[:, None] < place[None, :])).any(0)
    return order[~removed]


def wrong_classes_with_gaps(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Counts the different classes and goes through 0, 1, 2, ..., so classes after a gap are lost."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for c in range(len(idxs.unique())):
        (mine,) = torch.where(idxs == c)
        kept.append(mine[_nms(boxes[mine], scores[mine], iou_threshold)])
    kept = torch.cat(kept)
    return kept[scores[kept].argsort(descending=True)]


def wrong_class_zero_forgotten(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Takes class 0 for the background and leaves it out."""
    (some,) = torch.where(idxs > 0)
    return some[right_class_by_class(boxes[some], scores[some], idxs[some], iou_threshold)]


def wrong_best_of_each_class(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Keeps only the best box of each class."""
    seen, kept = set(), []
    for i in scores.argsort(descending=True).tolist():
        if int(idxs[i]) not in seen:
            seen.add(int(idxs[i]))
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def wrong_different_classes_are_rivals(
    boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float
) -> Tensor:
    """Removes boxes of other classes and keeps the duplicates of the same one."""
    rivals = (_iou(boxes, boxes) > iou_threshold) & (idxs[:, None] != idxs[None, :])
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if not any(rivals[k, i] for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def wrong_threshold_included(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Removes also a box whose IoU is exactly the threshold."""
    rivals = (_iou(boxes, boxes) >= iou_threshold) & (idxs[:, None] == idxs[None, :])
    kept: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if not any(rivals[k, i] for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def wrong_boxes_in_place(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Moves the classes apart in the given boxes themselves."""
    if len(boxes) == 0:
        return torch.zeros(0, dtype=torch.int64)
    boxes += (idxs * (boxes.max() - boxes.min() + 1))[:, None]
    return _nms(boxes, scores, iou_threshold)
