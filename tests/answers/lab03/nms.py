"""Answers to `nms` (lab 03), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor

from coursekit import ops


def right_by_while(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Keep the best of the rest, strike out its rivals, go on; among equal scores torch decides."""
    rest, kept = scores.argsort(descending=True), []
    while len(rest) > 0:
        best, rest = rest[0], rest[1:]
        kept.append(int(best))
        rest = rest[ops.box_iou(boxes[best][None], boxes[rest])[0] <= iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)


def right_by_one_table(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """All overlaps once; a row strikes out others only if it is still alive. Stable:
    the earlier of two equals wins.
    """
    order = scores.argsort(descending=True, stable=True)
    rivals = ops.box_iou(boxes[order], boxes[order]) > iou_threshold
    alive = torch.ones(len(order), dtype=torch.bool)
    for i in range(len(order)):
        if alive[i]:
            alive[i + 1 :] &= ~rivals[i, i + 1 :]
    return order[alive]


def right_by_plain_numbers(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """A candidate stays if no kept box overlaps it by more; among equal scores the later box comes first."""
    values, numbers = scores.tolist(), boxes.double().tolist()

    def overlap(a: list[float], b: list[float]) -> float:
        width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        if width <= 0 or height <= 0:
            return 0.0
        both = width * height
        return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)

    kept: list[int] = []
    for i in sorted(range(len(values)), key=lambda i: (values[i], i), reverse=True):
        if all(overlap(numbers[i], numbers[k]) <= iou_threshold for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.long)


def right_by_library(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Torchvision has it."""
    return torchvision.ops.nms(boxes, scores, iou_threshold)


def right_by_recursion(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """The best box and the suppression of what it leaves over (for a few hundred kept boxes)."""
    if scores.numel() == 0:
        return torch.zeros(0, dtype=torch.int64)
    best = scores.argmax()
    far = ops.box_iou(boxes, boxes[best : best + 1])[:, 0] <= iou_threshold
    far[best] = False
    rest = torch.where(far)[0]
    return torch.cat([best[None], rest[right_by_recursion(boxes[rest], scores[rest], iou_threshold)]])


def _greedy(table, order, threshold):
    """The right loop over a table of overlaps, for answers whose mistake is elsewhere."""
    kept = []
    for i in order.tolist():
        if all(table[i, k] <= threshold for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def wrong_threshold_itself_removes(boxes, scores, iou_threshold):
    """Removes at >=: wrong for an IoU of exactly the threshold, such as 0.5."""
    rest, kept = scores.argsort(descending=True), []
    while len(rest) > 0:
        kept.append(int(rest[0]))
        rest = rest[1:][ops.box_iou(boxes[rest[:1]], boxes[rest[1:]])[0] < iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)


def wrong_removed_boxes_remove(boxes, scores, iou_threshold):
    """A box falls to any better one, even a removed one:
    in a chain A, B, C it loses C, which only B overlaps.
    """
    order = scores.argsort(descending=True)
    table = ops.box_iou(boxes[order], boxes[order])
    return order[table.triu(diagonal=1).amax(0) <= iou_threshold] if len(order) else order


def wrong_order_of_the_input(boxes, scores, iou_threshold):
    """Goes through the boxes as they come: an earlier box beats a better one."""
    return _greedy(ops.box_iou(boxes, boxes), torch.arange(len(boxes)), iou_threshold)


def wrong_worst_first(boxes, scores, iou_threshold):
    """Sorts in ascending order: the worst box of each object is kept."""
    return _greedy(ops.box_iou(boxes, boxes), scores.argsort(), iou_threshold)


def wrong_kept_in_the_order_of_the_input(boxes, scores, iou_threshold):
    """The right boxes, but sorted by index and not the best first."""
    kept = _greedy(ops.box_iou(boxes, boxes), scores.argsort(descending=True), iou_threshold)
    return kept.sort().values


def wrong_places_in_the_sorted_list(boxes, scores, iou_threshold):
    """Returns places in the sorted list and not in the input: wrong unless the input is sorted already."""
    order = scores.argsort(descending=True)
    table = ops.box_iou(boxes[order], boxes[order])
    return _greedy(table, torch.arange(len(order)), iou_threshold)


def wrong_mask(boxes, scores, iou_threshold):
    """A mask of the kept boxes and not their indices: no order, and another length."""
    kept = _greedy(ops.box_iou(boxes, boxes), scores.argsort(descending=True), iou_threshold)
    return torch.zeros(len(boxes), dtype=torch.bool).scatter(0, kept, True)


def wrong_only_the_previous_kept_box(boxes, scores, iou_threshold):
    """Compares with the kept box just before only: a duplicate of an earlier one slips through."""
    table, kept = ops.box_iou(boxes, boxes), []
    for i in scores.argsort(descending=True).tolist():
        if not kept or table[i, kept[-1]] <= iou_threshold:
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def wrong_one_round(boxes, scores, iou_threshold):
    """Stops after the best box: duplicates of a second object all stay."""
    order = scores.argsort(descending=True)
    if len(order) == 0:
        return order
    rest = order[1:][ops.box_iou(boxes[order[:1]], boxes[order[1:]])[0] <= iou_threshold]
    return torch.cat([order[:1], rest])


def wrong_threshold_ignored(boxes, scores, iou_threshold):
    """Always uses 0.5: wrong for other thresholds with overlaps between the two."""
    return _greedy(ops.box_iou(boxes, boxes), scores.argsort(descending=True), 0.5)


def wrong_share_of_the_smaller(boxes, scores, iou_threshold):
    """Divides the overlap by the smaller box: a pear in its bowl is removed, though its IoU is small."""
    sides = torch.minimum(boxes[:, None, 2:], boxes[:, 2:]) - torch.maximum(boxes[:, None, :2], boxes[:, :2])
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    table = sides.clamp(min=0).prod(-1) / torch.minimum(areas[:, None], areas).clamp(min=1e-9)
    return _greedy(table, scores.argsort(descending=True), iou_threshold)


def wrong_scores_used_up(boxes, scores, iou_threshold):
    """Marks what is done by a score of -1 in the caller's own tensor:
    the scores are lost for whoever needs them next.
    """
    kept = []
    while len(scores) and scores.max() > -1:
        best = scores.argmax()
        kept.append(int(best))
        scores[ops.box_iou(boxes[best][None], boxes)[0] > iou_threshold] = -1
        scores[best] = -1
    return torch.tensor(kept, dtype=torch.int64)


def wrong_far_boxes_removed(boxes, scores, iou_threshold):
    """The comparison is turned round: keeps the duplicates of the best box and removes all other objects."""
    rest, kept = scores.argsort(descending=True), []
    while len(rest) > 0:
        kept.append(int(rest[0]))
        rest = rest[1:][ops.box_iou(boxes[rest[:1]], boxes[rest[1:]])[0] > iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)
