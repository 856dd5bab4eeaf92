"""What detectors share whose queries predict a set: the boxes' unit, the match, and the losses that follow from it.

A box of a query is cx, cy, w, h as shares of the image: then one L1 distance fits images of all sizes.

Source: Carion et al., DETR, 2020, section 3.1 and appendix A.4, arXiv:2005.12872.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.schema import Prediction, Target

BOX_WEIGHT, GIOU_WEIGHT = 5.0, 2.0  # in the cost and in the loss
LIMIT = 100  # detections per image

Losses = dict[str, Tensor]
Cost = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
Matcher = Callable[[Tensor], ops.Match]
ClassLoss = Callable[[Tensor, Tensor], Tensor]


class Truth(NamedTuple):
    """The objects of one image, with boxes as the network predicts them."""

    labels: Tensor  # (G,) 1..K
    boxes: Tensor  # (G, 4) cx, cy, w, h as shares of the image


def box_cost(boxes: Tensor, true_boxes: Tensor) -> Tensor:
    """Return what the box of each query costs for each object: 5 times the L1 distance minus twice the GIoU.

    Shapes: (Q, 4), (G, 4) cx, cy, w, h as shares of the image -> (G, Q).

    >>> box_cost(torch.tensor([[0.5, 0.5, 0.4, 0.4]]), torch.tensor([[0.4, 0.5, 0.2, 0.4]])).round(decimals=4)
    tensor([[0.5000]])
    """
    distance = torch.cdist(true_boxes, boxes, p=1)  # (G, Q)
    return BOX_WEIGHT * distance - GIOU_WEIGHT * ops.generalized_box_iou(corners(true_boxes), corners(boxes))


def box_losses(boxes: Tensor, true_boxes: Tensor) -> Losses:
    """Return the L1 loss and the GIoU loss of P matched boxes, per box.

    Shapes: (P, 4), (P, 4) cx, cy, w, h as shares of the image -> () each.
    """
    count = shared_count(torch.tensor(len(boxes), device=boxes.device))
    giou = ops.generalized_box_iou_loss(corners(boxes), corners(true_boxes))  # (P,)
    return {
        "box": BOX_WEIGHT * (boxes - true_boxes).abs().sum() / count,
        "giou": GIOU_WEIGHT * giou.sum() / count,
    }


@torch.no_grad()
def match_sets(
    logits: Tensor, boxes: Tensor, truth: Sequence[Truth], cost: Cost, match: Matcher
) -> list[ops.Match]:
    """Return which query of each image is trained on which object.

    Shapes: logits (N, Q, ...), boxes (N, Q, 4) -> N times Match of (Q,).
    Args:
        cost: logits (Q, ...), boxes (Q, 4), labels (G,), true boxes (G, 4) -> (G, Q); called once, for all images.
        match: costs (G, Q) -> Match of (Q,).
    """
    labels, true_boxes = (torch.cat(each) for each in zip(*truth, strict=True))
    table = cost(logits.flatten(0, 1), boxes.flatten(0, 1), labels, true_boxes)  # (all objects, N * Q)
    rows = table.split([len(t.labels) for t in truth])
    return [match(row.unflatten(1, logits.shape[:2])[:, i]) for i, row in enumerate(rows)]


def matched_losses(
    logits: Tensor,
    boxes: Tensor,
    truth: Sequence[Truth],
    matches: Sequence[ops.Match],
    class_loss: ClassLoss,
) -> Losses:
    """Return the class loss of all queries and the box losses of those that have an object.

    Shapes: logits (N, Q, ...), boxes (N, Q, 4), N times Match of (Q,) -> () each.
    Args:
        class_loss: logits (N * Q, ...), labels (N * Q,) with 0 for "no object" -> ().
    """
    positive = torch.stack([m.positive for m in matches])  # (N, Q), P of them
    labels = torch.zeros_like(positive, dtype=torch.int64)
    labels[positive] = ops.matched([t.labels for t in truth], matches)
    true_boxes = ops.matched([t.boxes for t in truth], matches)  # (P, 4)
    return {"class": class_loss(logits.flatten(0, 1), labels.flatten())} | box_losses(
        boxes[positive], true_boxes
    )


def summed(parts: Sequence[Losses]) -> Losses:
    """Return the sum of each loss over the parts, such as the layers of a decoder.

    >>> summed([{"box": torch.tensor(1.0)}, {"box": torch.tensor(2.0)}])
    {'box': tensor(3.)}
    """
    return {name: reduce(torch.add, [part[name] for part in parts]) for name in parts[0]}


def one_class_each(boxes: Tensor, scores: Tensor) -> Prediction:
    """Return each query with its most probable class, the most confident first.

    Shapes: (Q, 4), (Q, K) -> D detections, at most 100.

    >>> one_class_each(torch.zeros(2, 4), torch.tensor([[0.1, 0.2], [0.7, 0.3]]))["labels"]
    tensor([1, 2])
    """
    best, classes = scores.max(-1)  # (Q,) each
    order = best.argsort(descending=True, stable=True)[:LIMIT]
    return {"boxes": boxes[order], "labels": classes[order] + 1, "scores": best[order]}


def every_class(boxes: Tensor, scores: Tensor) -> Prediction:
    """Return each query once with every class, the most confident pairs first.

    Shapes: (Q, 4), (Q, K) -> D detections, at most 100.

    >>> every_class(torch.zeros(2, 4), torch.tensor([[0.1, 0.2], [0.7, 0.3]]))["labels"]
    tensor([1, 2, 2, 1])
    """
    best, places = scores.flatten().sort(descending=True, stable=True)  # (Q * K,) each
    best, places = best[:LIMIT], places[:LIMIT]
    queries, classes = places // scores.shape[1], places % scores.shape[1]
    return {"boxes": boxes[queries], "labels": classes + 1, "scores": best}


def in_shares(targets: Sequence[Target], size: tuple[int, int]) -> list[Truth]:
    """Return the objects of each image, their boxes as shares of its `size` (height, width).

    >>> in_shares([{"boxes": torch.tensor([[0.0, 0, 4, 4]]), "labels": torch.tensor([2])}], (8, 16))[0].boxes
    tensor([[0.1250, 0.2500, 0.2500, 0.5000]])
    """
    return [
        Truth(t["labels"], ops.box_convert(t["boxes"] / far_corner(t["boxes"], size), "xyxy", "cxcywh"))
        for t in targets
    ]


def in_pixels(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return boxes as pixels of an image of `size` (height, width).

    Shapes: (..., 4) cx, cy, w, h as shares -> (..., 4) xyxy.

    >>> in_pixels(torch.tensor([0.125, 0.25, 0.25, 0.5]), (8, 16))
    tensor([0., 0., 4., 4.])
    """
    return corners(boxes) * far_corner(boxes, size)


def corners(boxes: Tensor) -> Tensor:
    """Return the corners of boxes in the same unit: (..., 4) cx, cy, w, h -> (..., 4) x1, y1, x2, y2."""
    return ops.box_convert(boxes, "cxcywh", "xyxy")


def far_corner(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """The right and lower end of an image, twice: (4,)."""
    height, width = size
    return boxes.new_tensor([width, height, width, height])
