"""Lab 06, fifth part: which of all boxes are proposed."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.moving import move_anchors
from classroom.exercises.pictures import boxes_picture
from coursekit import ops
from coursekit.models import rpn

_SIZE = (60, 100)


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


_LEFT, _RIGHT, _BELOW = (0, 0, 30, 30), (50, 0, 80, 30), (20, 35, 50, 58)
_NEAR_LEFT = (0, 1, 30, 31)  # IoU 0.94 with _LEFT


def _said(scores: list[float], anchors: Tensor, levels: list[int], offsets: Tensor | None = None) -> tuple:
    offsets = torch.zeros(len(scores), 4) if offsets is None else offsets
    return torch.tensor(scores), offsets, anchors, torch.tensor(levels), _SIZE


def _many() -> tuple:
    random = torch.Generator().manual_seed(5)
    levels = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    offsets = torch.randn(100, 4, generator=random) * 0.3
    return torch.randn(100, generator=random), offsets, random_boxes(100, seed=6), levels, (80, 100), 20, 15


SELECT_PROPOSALS = Exercise(
    select_proposals,
    picture=boxes_picture,
    hints=(
        "Five steps: choose on each level, move and clip, remove small ones, suppress, limit. And detach first: "
        "proposals are constants.",
        "For each level the places of the `candidates` highest logits; move_anchors; ops.remove_small_boxes(boxes, 1e-3); "
        "ops.batched_nms(boxes, scores, levels, 0.7); the first `limit`.",
        "objectness, offsets = objectness.detach(), offsets.detach(); where = (levels == level).nonzero()[:, 0]; "
        "where[objectness[where].topk(min(candidates, len(where))).indices] for each level, then torch.cat.",
    ),
    cases=(
        Case("two boxes far apart", _said([0.5, 2.0], boxes(_LEFT, _RIGHT), [0, 0])),
        Case(
            "offsets lead to the boxes",
            _said([1.0], boxes(_LEFT), [0], torch.tensor([[0.5, 0.25, 0.0, 0.0]])),
        ),
        Case("a duplicate", _said([2.0, 1.0, 0.5], boxes(_LEFT, _NEAR_LEFT, _RIGHT), [0, 0, 0])),
        Case("a duplicate on another level", _said([2.0, 1.0], boxes(_LEFT, _NEAR_LEFT), [0, 1])),
        Case(
            "two of each level",
            (*_said([5.0, 4.0, 3.0, -2.0], boxes(_LEFT, _RIGHT, _BELOW, (60, 35, 95, 58)), [0, 0, 0, 1]), 2),
        ),
        Case(
            "duplicates take the places of candidates",
            (*_said([3.0, 2.0, 1.0], boxes(_LEFT, _NEAR_LEFT, _RIGHT), [0, 0, 0]), 2),
        ),
        Case(
            "equal once they are clipped",
            _said([2.0, 1.0], boxes((-40, 0, 30, 30), (0, 0, 30, 29)), [0, 0]),
        ),
        Case("outside altogether", _said([2.0, 1.0], boxes((-40, 0, -10, 30), _RIGHT), [0, 0])),
        Case(
            "at most two proposals",
            (*_said([4.0, 3.0, 2.0, 1.0], boxes(_LEFT, _NEAR_LEFT, _RIGHT, _BELOW), [0, 0, 0, 0]), 100, 2),
        ),
        Case("no gradient", _said([0.5, 2.0], boxes(_LEFT, _RIGHT), [0, 0]), gradient=(0, 1)),
        Case("a hundred anchors of three levels", _many()),
    ),
)


def _top(objectness: Tensor, levels: Tensor, count: int) -> Tensor:
    return rpn.best_of_levels(objectness[None], levels, count)[0]


def _finish(found: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Small boxes removed, duplicates suppressed, the best `limit` of them."""
    kept = ops.remove_small_boxes(found, rpn.SMALLEST)
    found, scores, levels = found[kept], scores[kept], levels[kept]
    return found[ops.batched_nms(found, scores, levels, rpn.NMS_THRESHOLD)[:limit]]


@SELECT_PROPOSALS.wrong(
    "a gradient through the proposals",
    "Proposals are constants: the second stage must not pull at the boxes that it is given.",
)
def _attached(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = _top(objectness, levels, candidates)
    found = move_anchors(offsets[best], anchors[best], size)
    return _finish(found, objectness[best].detach(), levels[best], limit)


@SELECT_PROPOSALS.wrong(
    "the best of all levels together",
    "The finest level has most anchors and takes all places: choose on each level.",
)
def _levels_together(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = objectness.detach().topk(min(candidates, len(objectness))).indices
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return _finish(found, objectness[best].detach(), levels[best], limit)


@SELECT_PROPOSALS.wrong(
    "suppression before the choice",
    "It would be right but slow, with thousands of boxes: first the best of each level, then suppression.",
)
def _suppressed_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    found = move_anchors(offsets.detach(), anchors, size)
    kept = ops.remove_small_boxes(found, rpn.SMALLEST)
    found, scores, levels = found[kept], objectness[kept].detach(), levels[kept]
    kept = ops.batched_nms(found, scores, levels, rpn.NMS_THRESHOLD)
    rank = [int((levels[kept[:i]] == levels[k]).sum()) for i, k in enumerate(kept)]
    return found[kept][torch.tensor(rank, dtype=torch.int64) < candidates][:limit]


@SELECT_PROPOSALS.wrong(
    "levels that suppress each other",
    "A box is only a rival of boxes of its own level: ops.batched_nms takes the levels.",
)
def _levels_suppress_each_other(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = _top(objectness, levels, candidates)
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return _finish(found, objectness[best].detach(), torch.zeros_like(levels[best]), limit)


@SELECT_PROPOSALS.wrong(
    "clipped after suppression", "Two boxes can be equal once they are clipped: first clip, then suppress."
)
def _clipped_last(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = _top(objectness, levels, candidates)
    found = ops.decode_boxes(offsets[best].detach(), anchors[best])
    kept = ops.batched_nms(found, objectness[best].detach(), levels[best], rpn.NMS_THRESHOLD)
    found = ops.clip_boxes_to_image(found[kept], size)
    return found[ops.remove_small_boxes(found, rpn.SMALLEST)][:limit]


@SELECT_PROPOSALS.wrong(
    "boxes without area", "A box that lies outside is a line after clipping: remove sides under 0.001 pixels."
)
def _small_kept(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = _top(objectness, levels, candidates)
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return found[ops.batched_nms(found, objectness[best].detach(), levels[best], rpn.NMS_THRESHOLD)[:limit]]


@SELECT_PROPOSALS.wrong(
    "the limit before suppression",
    "Duplicates would take the places of other proposals: the limit comes last.",
)
def _limit_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = _top(objectness, levels, candidates)
    best = best[objectness[best].argsort(descending=True)][:limit]
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return _finish(found, objectness[best].detach(), levels[best], limit)


@SELECT_PROPOSALS.wrong("the least promising first", "Take the highest objectness: topk, not the other end.")
def _worst_first(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return select_proposals(-objectness, offsets, anchors, levels, size, candidates, limit)


@SELECT_PROPOSALS.wrong("anchors proposed as they are", "The offsets say where the box is: move the anchors.")
def _anchors_proposed(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return select_proposals(objectness, torch.zeros_like(offsets), anchors, levels, size, candidates, limit)


EXERCISES = (SELECT_PROPOSALS,)
