"""Answers to `select_proposals` (lab 06), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor

from coursekit import ops


@torch.no_grad()
def right_by_tools(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """The five steps with what is there, without gradients; torch decides about ties."""
    chosen = []
    for level in levels.unique():
        members = torch.where(levels == level)[0]
        chosen.append(members[objectness[members].topk(min(candidates, len(members))).indices])
    chosen = torch.cat(chosen) if chosen else torch.zeros(0, dtype=torch.int64)
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[chosen], anchors[chosen]), size)
    large = ((boxes[:, 2:] - boxes[:, :2]) >= 0.001).all(1)
    boxes, scores, level = boxes[large], objectness[chosen][large], levels[chosen][large]
    return boxes[ops.batched_nms(boxes, scores, level, 0.7)[:limit]]


def right_by_one_order(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Sorts all anchors once, stably, and goes through them by hand; stops as soon as `limit` are kept."""
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets.detach(), anchors), size)
    seen: dict[int, int] = {}
    kept: list[int] = []
    for a in objectness.argsort(descending=True, stable=True).tolist():
        level = int(levels[a])
        seen[level] = seen.get(level, 0) + 1
        x1, y1, x2, y2 = boxes[a]
        if seen[level] > candidates or x2 - x1 < 0.001 or y2 - y1 < 0.001:
            continue
        rivals = [k for k in kept if levels[k] == level]
        if rivals and ops.box_iou(boxes[a][None], boxes[rivals]).max() > 0.7:
            continue
        kept.append(a)
        if len(kept) == limit:
            break
    return boxes[kept].reshape(-1, 4)


def right_level_by_level(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """Steps 1 to 4 for each level on its own, then the best of all; suppression is torchvision's."""
    height, width = size
    boxes, scores = [torch.zeros(0, 4)], [torch.zeros(0)]
    for level in sorted(set(levels.tolist())):
        mine = levels == level
        score, order = objectness[mine].detach().sort(descending=True)
        moved = ops.decode_boxes(
            offsets[mine].detach()[order[:candidates]], anchors[mine][order[:candidates]]
        )
        moved = torch.stack([moved[:, i].clamp(0, (width, height)[i % 2]) for i in range(4)], 1)
        wide, high = (moved[:, 2:] - moved[:, :2]).T
        fine = (wide >= 0.001) & (high >= 0.001)
        moved, score = moved[fine], score[:candidates][fine]
        keep = torchvision.ops.nms(moved, score, 0.7)
        boxes.append(moved[keep])
        scores.append(score[keep])
    best = torch.cat(scores).argsort(descending=True)[:limit]
    return torch.cat(boxes)[best]


def _steps(
    objectness, offsets, anchors, levels, size, candidates, limit, tiny=torch.any, iou=0.7, rivals=None
) -> Tensor:
    """The right steps with a few screws, for answers whose mistake is elsewhere; keeps gradients."""
    places = [torch.where(levels == level)[0] for level in levels.unique()]
    chosen = torch.cat([p[objectness[p].argsort(descending=True)[:candidates]] for p in places])
    boxes = ops.clip_boxes_to_image(ops.decode_boxes(offsets[chosen], anchors[chosen]), size)
    fine = ~tiny(boxes[:, 2:] - boxes[:, :2] < 0.001, 1)
    boxes, chosen = boxes[fine], chosen[fine]
    group = (levels if rivals is None else rivals)[chosen]
    return boxes[ops.batched_nms(boxes.detach(), objectness[chosen].detach(), group, iou)[:limit]]


def wrong_gradient(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Detaches nothing: the second stage trains the first one through the corners of its boxes."""
    return _steps(objectness, offsets, anchors, levels, size, candidates, limit)


def wrong_candidates_of_all_levels(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """The best candidates of all levels together: the finest level may take all the places."""
    top = objectness.argsort(descending=True)[:candidates]
    return _steps(objectness[top], offsets[top].detach(), anchors[top], levels[top], size, candidates, limit)


def wrong_suppression_across_levels(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Boxes of different levels suppress each other, where only those of one level should."""
    one = torch.zeros_like(levels)
    return _steps(objectness, offsets.detach(), anchors, levels, size, candidates, limit, rivals=one)


def wrong_limit_before_suppression(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Takes the best `limit` and suppresses then: fewer than there could be."""
    places = [torch.where(levels == level)[0] for level in levels.unique()]
    chosen = torch.cat([p[objectness[p].argsort(descending=True)[:candidates]] for p in places])
    chosen = chosen[objectness[chosen].argsort(descending=True)[:limit]]
    return _steps(
        objectness[chosen], offsets[chosen].detach(), anchors[chosen], levels[chosen], size, candidates, limit
    )


def wrong_clipped_last(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Clips at the end: a box beyond the image has a size before, and comes out with none."""
    boxes = _steps(objectness, offsets.detach(), anchors, levels, (10**6, 10**6), candidates, len(levels))
    return ops.clip_boxes_to_image(boxes, size)[:limit]


def wrong_small_ones_stay(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Removes nothing: a box of no width is proposed."""

    def none(small: Tensor, axis: int) -> Tensor:
        return torch.zeros_like(small).any(axis)

    return _steps(objectness, offsets.detach(), anchors, levels, size, candidates, limit, tiny=none)


def wrong_small_in_both(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """`and` for `or`: a box without width but with a height stays."""
    return _steps(objectness, offsets.detach(), anchors, levels, size, candidates, limit, tiny=torch.all)


def wrong_other_threshold(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Suppresses beyond 0.5: neighbours with an IoU of 0.6 are lost."""
    return _steps(objectness, offsets.detach(), anchors, levels, size, candidates, limit, iou=0.5)


def wrong_least_objectness(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Sorts in ascending order: the boxes that are least likely objects."""
    return _steps(-objectness, offsets.detach(), anchors, levels, size, candidates, limit)


def wrong_order(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Returns the right boxes level after level and not the best first."""
    boxes = right_by_tools(objectness, offsets, anchors, levels, size, candidates, limit)
    moved = ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors).detach(), size)
    places = [int((moved == box).all(1).nonzero()[0, 0]) for box in boxes]
    return boxes[torch.tensor(places, dtype=torch.int64).argsort()]


def wrong_width_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Takes size for (width, height): wrong for images that are not square."""
    return _steps(objectness, offsets.detach(), anchors, levels, (size[1], size[0]), candidates, limit)


def wrong_numbers_ignored(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """100 and 50 stand in the code: wrong for a limit of 10."""
    return _steps(objectness, offsets.detach(), anchors, levels, size, 100, 50)


def wrong_level_too_small(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """topk asks each level for `candidates`: an error on a level that has fewer anchors."""
    places = [torch.where(levels == level)[0] for level in levels.unique()]
    chosen = torch.cat([p[objectness[p].topk(candidates).indices] for p in places])
    return _steps(
        objectness[chosen], offsets[chosen].detach(), anchors[chosen], levels[chosen], size, candidates, limit
    )


def wrong_anchors_returned(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Selects among the anchors and never moves them."""
    return _steps(objectness, torch.zeros_like(offsets), anchors, levels, size, candidates, limit)


def wrong_places_in_the_level(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """Places within a level are taken for numbers of anchors: all levels read the first one."""
    tops = [objectness[levels == level].argsort(descending=True)[:candidates] for level in levels.unique()]
    top = torch.cat(tops)
    return _steps(objectness[top], offsets[top].detach(), anchors[top], levels[top], size, candidates, limit)


def wrong_limit_for_each_level(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    """The best `limit` of each level: up to three times as many boxes."""
    said = [
        _steps(objectness[mine], offsets[mine].detach(), anchors[mine], levels[mine], size, candidates, limit)
        for mine in (levels == level for level in levels.unique())
    ]
    return torch.cat(said)
