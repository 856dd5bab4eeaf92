"""Lab 06, exercise 8: the reference of the selection, and wrong answers about the five steps."""

import torch
from torch import Tensor

from classroom.exercises.lab06.move_anchors import move_anchors
from classroom.exercises.mistakes import Mistakes
from coursekit import ops
from coursekit.models import rpn


def select_proposals(
    objectness: Tensor,
    offsets: Tensor,
    anchors: Tensor,
    levels: Tensor,
    size: tuple[int, int],
    candidates: int = 100,
    limit: int = 50,
) -> Tensor:
    """The proposals of one image, best first, as constants: (A,), (A, 4), (A, 4), (A,) -> (R, 4), R <= limit."""
    outputs = rpn.RPNOutputs(objectness[None], offsets[None], anchors, levels)
    return rpn.propose(outputs, [size], candidates=candidates, limit=limit)[0]


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def top_of_levels(objectness: Tensor, levels: Tensor, count: int) -> Tensor:
    return rpn.best_of_levels(objectness[None], levels, count)[0]


def finish(found: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Small boxes removed, duplicates suppressed, the best `limit` of them."""
    kept = ops.remove_small_boxes(found, rpn.SMALLEST)
    found, scores, levels = found[kept], scores[kept], levels[kept]
    return found[ops.batched_nms(found, scores, levels, rpn.NMS_THRESHOLD)[:limit]]


@wrong(
    "a gradient through the proposals",
    "Proposals are constants: the second stage must not change the boxes that it is given.",
)
def _attached(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness, levels, candidates)
    found = move_anchors(offsets[best], anchors[best], size)
    return finish(found, objectness[best].detach(), levels[best], limit)


@wrong(
    "the best of all levels together",
    "The finest level has the most anchors and would take all places: choose on each level.",
)
def _levels_together(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = objectness.detach().topk(min(candidates, len(objectness))).indices
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return finish(found, objectness[best].detach(), levels[best], limit)


@wrong(
    "suppression before the choice",
    "That is slow with thousands of boxes: first take the best of each level, then suppress.",
)
def _suppressed_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    found = move_anchors(offsets.detach(), anchors, size)
    kept = ops.remove_small_boxes(found, rpn.SMALLEST)
    found, scores, levels = found[kept], objectness[kept].detach(), levels[kept]
    kept = ops.batched_nms(found, scores, levels, rpn.NMS_THRESHOLD)
    rank = [int((levels[kept[:i]] == levels[k]).sum()) for i, k in enumerate(kept)]
    return found[kept][torch.tensor(rank, dtype=torch.int64) < candidates][:limit]


@wrong(
    "levels that suppress each other",
    "Boxes compete only with boxes of their own level: pass the levels to ops.batched_nms.",
)
def _levels_suppress_each_other(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness, levels, candidates)
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return finish(found, objectness[best].detach(), torch.zeros_like(levels[best]), limit)


@wrong(
    "clipped after suppression", "Two boxes can be equal once they are clipped: first clip, then suppress."
)
def _clipped_last(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness, levels, candidates)
    found = ops.decode_boxes(offsets[best].detach(), anchors[best])
    kept = ops.batched_nms(found, objectness[best].detach(), levels[best], rpn.NMS_THRESHOLD)
    found = ops.clip_boxes_to_image(found[kept], size)
    return found[ops.remove_small_boxes(found, rpn.SMALLEST)][:limit]


@wrong(
    "boxes without area", "A box that lies outside is a line after clipping: remove sides under 0.001 pixels."
)
def _small_kept(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness, levels, candidates)
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return found[ops.batched_nms(found, objectness[best].detach(), levels[best], rpn.NMS_THRESHOLD)[:limit]]


@wrong(
    "the limit before suppression",
    "Duplicates would take the places of other proposals: the limit comes last.",
)
def _limit_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness, levels, candidates)
    best = best[objectness[best].argsort(descending=True)][:limit]
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return finish(found, objectness[best].detach(), levels[best], limit)


@wrong("the least promising first", "Take the highest objectness: topk, not the other end.")
def _worst_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return select_proposals(-objectness, offsets, anchors, levels, size, candidates, limit)


@wrong("anchors proposed as they are", "The offsets tell where the box is: move the anchors.")
def _anchors_proposed(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return select_proposals(objectness, torch.zeros_like(offsets), anchors, levels, size, candidates, limit)


# ---------------------------------------------------------------- arguments, thresholds, order


def steps(
    objectness,
    offsets,
    anchors,
    levels,
    size,
    candidates=100,
    limit=50,
    iou=rpn.NMS_THRESHOLD,
    smallest=rpn.SMALLEST,
):
    """The right steps with two adjustable thresholds."""
    best = top_of_levels(objectness.detach(), levels, candidates)
    found, scores, levels = (
        move_anchors(offsets[best].detach(), anchors[best], size),
        objectness[best].detach(),
        levels[best],
    )
    kept = ops.remove_small_boxes(found, smallest)
    found, scores, levels = found[kept], scores[kept], levels[kept]
    return found[ops.batched_nms(found, scores, levels, iou)[:limit]]


@wrong(
    "duplicates suppressed beyond an IoU of 0.5",
    "The threshold is 0.7: neighbours with an IoU of 0.6 may be two objects.",
)
def _half(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size, candidates, limit, iou=0.5)


@wrong("duplicates not suppressed", "Suppress boxes with an IoU above 0.7, level by level: ops.batched_nms.")
def _duplicates(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size, candidates, limit, iou=1.0)


@wrong("thin boxes removed", "Only a width or height under 0.001 pixels is too small.")
def _one_pixel(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size, candidates, limit, smallest=1.0)


@wrong(
    "boxes not clipped",
    "A proposal must lie inside the image: move, clip, then remove small boxes and suppress.",
)
def _not_clipped(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, (10**6, 10**6), candidates, limit)


@wrong("height and width swapped", "A size is (height, width); x ends at the width.")
def _swapped(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size[::-1], candidates, limit)


@wrong("a limit of 50 and 100 candidates, whatever the arguments say", "Use `candidates` and `limit`.")
def _arguments_ignored(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size)


@wrong("a limit of 50, whatever `limit` says", "Return at most `limit` boxes.")
def _limit_ignored(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size, candidates)


@wrong("all anchors of a level", "Only `candidates` of each level enter suppression.")
def _all_candidates(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size, len(levels), limit)


@wrong("a limit for each level", "The best `limit` of all levels together, best first.")
def _limit_per_level(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    each = [
        steps(objectness[mine], offsets[mine], anchors[mine], levels[mine] * 0, size, candidates, limit)
        for mine in (levels == level for level in levels.unique())
    ]
    return torch.cat(each)


def _in_order(objectness, offsets, anchors, levels, size, candidates, limit, first):
    """The right proposals in a different order: `first` gives the index of an anchor in it."""
    found = steps(objectness, offsets, anchors, levels, size, candidates, limit)
    moved = move_anchors(offsets.detach(), anchors, size)
    places = [int(first[(moved == box).all(1)][0]) for box in found]
    return found[torch.tensor(places, dtype=torch.int64).argsort()]


@wrong(
    "the order of the anchors", "The best first, whatever its level: batched_nms returns them in this order."
)
def _anchor_order(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return _in_order(objectness, offsets, anchors, levels, size, candidates, limit, torch.arange(len(levels)))


@wrong("level after level", "The best first, whatever its level: batched_nms returns them in this order.")
def _level_order(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    found = steps(objectness, offsets, anchors, levels, size, candidates, limit)
    moved = move_anchors(offsets.detach(), anchors, size)
    level = torch.tensor([int(levels[(moved == box).all(1)][0]) for box in found], dtype=torch.int64)
    return found[level.argsort(stable=True)]


@wrong("the worst of the proposals first", "Best first: in descending order of objectness.")
def _ascending(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return steps(objectness, offsets, anchors, levels, size, candidates, limit).flip(0)
