"""How many objects of one image are found, and what the other boxes are."""

import torch
from torch import Tensor

from coursekit.ops import box_iou


def count_found(
    boxes: Tensor, scores: Tensor, labels: Tensor, truth: dict[str, Tensor], iou_threshold: float = 0.5
) -> tuple[int, int, int]:
    """Return how many objects are found, how many boxes find one again, and how many find none.

    A box finds an object of its class with an IoU of at least `iou_threshold`, the most confident box first.

    Shapes: (N, 4), (N,), (N,), truth with `boxes` (G, 4) and `labels` (G,).
    """
    fits = (box_iou(boxes, truth["boxes"]) >= iou_threshold) & (labels[:, None] == truth["labels"])  # (N, G)
    free, found = torch.ones(len(truth["labels"]), dtype=torch.bool), 0
    for i in scores.argsort(descending=True).tolist():
        mine = (fits[i] & free).nonzero()[:1, 0]
        free[mine] = False
        found += len(mine)
    useful = int(fits.any(1).sum())
    return found, useful - found, len(boxes) - useful
