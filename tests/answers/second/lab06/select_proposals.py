"""Answers to `select_proposals` (lab 06) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def _best(objectness: Tensor, levels: Tensor, candidates: int) -> Tensor:
    """The indices of the best of each level."""
    chosen = [torch.zeros(0, dtype=torch.int64)]
    for level in levels.unique():
        index = torch.where(levels == level)[0]
        chosen.append(index[objectness[index].topk(min(candidates, len(index))).indices])
    return torch.cat(chosen)


def _large(boxes: Tensor) -> Tensor:
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return (width >= 0.001) & (height >= 0.001)


def _suppress(boxes: Tensor, scores: Tensor, levels: Tensor, threshold: float = 0.7) -> Tensor:
    """What is left, best first."""
    kept = ops.batched_nms(boxes, scores, levels, threshold)
    return kept[scores[kept].argsort(descending=True, stable=True)]


def right_topk_of_each_level(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    objectness, offsets = objectness.detach(), offsets.detach()
    chosen = [torch.zeros(0, dtype=torch.int64)]
    for level in levels.unique():
        index = (levels == level).nonzero().flatten()
        best = objectness[index].topk(min(candidates, len(index))).indices
        chosen.append(index[best])
    index = torch.cat(chosen)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    sides = boxes[:, 2:] - boxes[:, :2]
    large = (sides >= 0.001).all(1)
    boxes, index = boxes[large], index[large]
    kept = ops.batched_nms(boxes, objectness[index], levels[index], 0.7)
    order = objectness[index][kept].argsort(descending=True, stable=True)
    return boxes[kept[order[:limit]]]


@torch.no_grad()
def right_moves_all_first(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """All anchors move, but only the best of each level, found in one sorted list, may go on."""
    height, width = size
    order = objectness.argsort(descending=True, stable=True)
    said = levels[order]
    allowed = torch.zeros(len(order), dtype=torch.bool)
    for level in set(said.tolist()):
        here = said == level
        allowed |= here & (here.cumsum(0) <= candidates)
    boxes = ops.decode_boxes(offsets, anchors)
    x1, y1, x2, y2 = boxes.unbind(1)
    boxes = torch.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], 1)
    order = order[allowed]
    order = order[_large(boxes[order])]
    kept = ops.batched_nms(boxes[order], objectness[order], levels[order], 0.7)
    kept = kept.sort().values[:limit]  # the list is sorted: a smaller index is a better one
    return boxes[order[kept]]


def right_own_suppression(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Down one list: counts of each level, then suppression in plain Python."""
    of_level, chosen = {}, []
    for a in objectness.detach().argsort(descending=True, stable=True).tolist():
        level = int(levels[a])
        if of_level.get(level, 0) < candidates:
            of_level[level] = of_level.get(level, 0) + 1
            chosen.append(a)
    index = torch.tensor(chosen, dtype=torch.int64)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets.detach()[index], anchors[index]), size)
    large = _large(boxes)
    boxes, said = boxes[large], levels[index][large]
    iou, kept = ops.box_iou(boxes, boxes), []
    for n in range(len(boxes)):
        if not any(said[m] == said[n] and iou[m, n] > 0.7 for m in kept):
            kept.append(n)
        if len(kept) == limit:
            break
    return boxes[torch.tensor(kept[:limit], dtype=torch.int64)]


def right_level_by_level(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """All steps for one level, then for the next; the levels meet at the end."""
    scores, boxes = [objectness.detach()[:0]], [anchors.detach()[:0]]
    for level in range(int(levels.max()) + 1 if len(levels) else 0):
        here = levels == level
        order = objectness[here].detach().argsort(descending=True, stable=True)[:candidates]
        score = objectness[here].detach()[order]
        box = ops.decode_boxes(offsets[here].detach()[order], anchors[here][order])
        box = ops.clip_boxes_to_image(box, size)
        large = _large(box)
        score, box = score[large], box[large]
        kept = ops.batched_nms(box, score, torch.zeros(len(box), dtype=torch.int64), 0.7)
        scores.append(score[kept])
        boxes.append(box[kept])
    best = torch.cat(scores).argsort(descending=True, stable=True)[:limit]
    return torch.cat(boxes)[best]


def wrong_best_of_all_levels(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Takes the best candidates of all levels together instead of those of each level."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = objectness.topk(min(candidates, len(objectness))).indices
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_gradient_flows(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """The proposals are no constants: a gradient flows through them into the offsets."""
    scores = objectness.detach()
    index = _best(scores, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes.detach())
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes.detach(), scores[index], levels[index])[:limit]]


def wrong_levels_suppress_each_other(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Suppresses across levels."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], torch.zeros_like(index))[:limit]]


def wrong_small_ones_out_first(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Removes small boxes before it chooses the candidates, so that worse anchors take their places."""
    objectness, offsets = objectness.detach(), offsets.detach()
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors), size)
    large = _large(boxes)
    boxes, scores, levels = boxes[large], objectness[large], levels[large]
    index = _best(scores, levels, candidates)
    boxes = boxes[index]
    return boxes[_suppress(boxes, scores[index], levels[index])[:limit]]


def wrong_not_clipped(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Forgets to clip the boxes to the image."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.decode_boxes(offsets[index], anchors[index])
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_width_before_height(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Takes the size for (width, height) when it clips."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.decode_boxes(offsets[index], anchors[index])
    boxes = ops.clip_boxes_to_image(boxes, (size[1], size[0]))
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_limit_of_each_level(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Keeps `limit` boxes of each level instead of all levels together."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    kept = _suppress(boxes, objectness[index], levels[index])
    few = kept[_best(objectness[index][kept], levels[index][kept], limit)]
    return boxes[few[objectness[index][few].argsort(descending=True, stable=True)]]


def wrong_level_after_level(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Puts the levels one after the other and cuts, so that the first level wins and the order is not by score."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    kept = _suppress(boxes, objectness[index], levels[index])
    return boxes[kept.sort().values[:limit]]


def wrong_keeps_empty_boxes(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Does not remove boxes of which nothing is left."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_removes_only_points(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Removes a box only if both its width and its height are too small."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = ((boxes[:, 2:] - boxes[:, :2]) >= 0.001).any(1)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_suppresses_before_clipping(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Suppresses the unclipped boxes and clips afterwards, so duplicates at the border stay."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.decode_boxes(offsets[index], anchors[index])
    kept = _suppress(boxes, objectness[index], levels[index])
    boxes = ops.clip_boxes_to_image(boxes[kept], size)
    return boxes[_large(boxes)][:limit]


def wrong_index_within_the_level(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Uses the positions within a level as if they were positions among all anchors."""
    objectness, offsets = objectness.detach(), offsets.detach()
    chosen = []
    for level in levels.unique():
        of_level = objectness[levels == level]
        chosen.append(of_level.topk(min(candidates, len(of_level))).indices)
    index = torch.cat(chosen)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_needs_enough_anchors(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Asks each level for all candidates, which is an error where a level has fewer anchors."""
    objectness, offsets = objectness.detach(), offsets.detach()
    chosen = []
    for level in levels.unique():
        index = torch.where(levels == level)[0]
        chosen.append(index[objectness[index].topk(candidates).indices])
    index = torch.cat(chosen)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_suppresses_all_anchors_first(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Suppresses duplicates among all anchors, and only then chooses the candidates."""
    objectness, offsets = objectness.detach(), offsets.detach()
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors), size)
    large = _large(boxes)
    boxes, scores, levels = boxes[large], objectness[large], levels[large]
    kept = _suppress(boxes, scores, levels)
    boxes, scores, levels = boxes[kept], scores[kept], levels[kept]
    index = _best(scores, levels, candidates)
    return boxes[index[scores[index].argsort(descending=True, stable=True)][:limit]]


def wrong_cuts_before_suppressing(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Cuts to the limit before duplicates are suppressed, so that too few boxes are left."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    index = index[objectness[index].argsort(descending=True, stable=True)]
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large][:limit], index[large][:limit]
    return boxes[_suppress(boxes, objectness[index], levels[index])]


def wrong_worst_first(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Returns the right boxes with the worst one first."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]].flip(0)


def wrong_loose_suppression(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Suppresses beyond an IoU of 0.3, the threshold of negative anchors."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[index], anchors[index]), size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index], 0.3)[:limit]]


def wrong_anchors_stay(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Clips and returns the anchors themselves and never moves them by the offsets."""
    objectness = objectness.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.clip_boxes_to_image(anchors[index], size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]


def wrong_scale_of_the_second_stage(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Decodes with (10, 10, 5, 5), which belongs to the second stage."""
    objectness, offsets = objectness.detach(), offsets.detach()
    index = _best(objectness, levels, candidates)
    boxes = ops.decode_boxes(offsets[index], anchors[index], (10.0, 10.0, 5.0, 5.0))
    boxes = ops.clip_boxes_to_image(boxes, size)
    large = _large(boxes)
    boxes, index = boxes[large], index[large]
    return boxes[_suppress(boxes, objectness[index], levels[index])[:limit]]
