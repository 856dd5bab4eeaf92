"""A region proposal network stage by stage, to be drawn or stepped through; `rpn.propose` gives the last at once."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit import ops
from coursekit.models.rpn import CANDIDATES, NMS_THRESHOLD, PROPOSALS, SMALLEST, RPNOutputs, best_of_levels

STAGES = (
    "anchors of a cell",
    "objectness of all anchors",
    "top k of each level",
    "offsets applied",
    "clipped",
    "small ones removed",
    "suppressed",
    "proposals",
)


class Stage(NamedTuple):
    """The B boxes that are left after one stage, and those that it took away."""

    boxes: Tensor  # (B, 4) xyxy pixels
    levels: Tensor  # (B,) of the pyramid, 0 for the finest
    scores: Tensor  # (B,) objectness in [0, 1]
    removed: Tensor  # (X, 4)


def proposal_stages(
    outputs: RPNOutputs,
    size: tuple[int, int],
    candidates: int = CANDIDATES,
    threshold: float = NMS_THRESHOLD,
    limit: int = PROPOSALS,
    nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
) -> list[Stage]:
    """Return what is left after each of STAGES but the first, for one image; the last is what `rpn.propose` returns.

    Args:
        outputs: of a batch of one image.
        size: (height, width) of the image.
        candidates, limit, nms: see `rpn.propose`; threshold: of the IoU in suppression.
    """
    scores, none = outputs.objectness[0].sigmoid(), torch.zeros(0, 4)
    stages = [Stage(outputs.anchors, outputs.levels, scores, none)]
    best = best_of_levels(outputs.objectness, outputs.levels, candidates)[0]  # (B,)
    stages.append(Stage(outputs.anchors[best], outputs.levels[best], scores[best], none))
    moved = ops.decode_boxes(outputs.offsets[0, best], outputs.anchors[best])  # (B, 4)
    stages.append(stages[-1]._replace(boxes=moved))
    stages.append(stages[-1]._replace(boxes=ops.clip_boxes_to_image(moved, size)))
    stages.append(narrowed(stages[-1], ops.remove_small_boxes(stages[-1].boxes, SMALLEST)))
    kept = nms(stages[-1].boxes, stages[-1].scores, stages[-1].levels, threshold)
    stages.append(narrowed(stages[-1], kept))
    return [*stages, narrowed(stages[-1], torch.arange(len(kept))[:limit])]


def narrowed(stage: Stage, kept: Tensor) -> Stage:
    """The stage with the boxes of these indices left, in their order."""
    gone = torch.ones(len(stage.boxes), dtype=torch.bool).index_fill(0, kept, False)
    return Stage(stage.boxes[kept], stage.levels[kept], stage.scores[kept], stage.boxes[gone])
