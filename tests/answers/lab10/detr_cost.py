import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def right_broadcast(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """The three terms by broadcasting."""
    chance = logits.softmax(-1)[:, labels].T
    distance = (true_boxes[:, None] - boxes[None]).abs().sum(-1)
    overlap = ops.generalized_box_iou(
        ops.box_convert(true_boxes, "cxcywh", "xyxy"), ops.box_convert(boxes, "cxcywh", "xyxy")
    )
    return -chance + 5 * distance - 2 * overlap


@torch.no_grad()
def right_cdist(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Built as (Q, G) with cdist, then turned over."""
    chance = F.softmax(logits, dim=1).index_select(1, labels)
    distance = torch.cdist(boxes, true_boxes, p=1)
    corners, true_corners = (ops.box_convert(b, "cxcywh", "xyxy") for b in (boxes, true_boxes))
    overlap = ops.generalized_box_iou(corners, true_corners)
    return (5 * distance - chance - 2 * overlap).transpose(0, 1)


def right_loops(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """One pair after another."""
    number, queries = len(labels), len(boxes)
    cost = torch.zeros(number, queries, dtype=logits.dtype)
    logits, boxes, true_boxes = logits.detach(), boxes.detach(), true_boxes.detach()
    for g in range(number):
        for q in range(queries):
            a = ops.box_convert(true_boxes[g : g + 1], "cxcywh", "xyxy")
            b = ops.box_convert(boxes[q : q + 1], "cxcywh", "xyxy")
            cost[g, q] -= torch.softmax(logits[q], 0)[labels[g]]
            for k in range(4):
                cost[g, q] += 5 * abs(true_boxes[g, k] - boxes[q, k])
            cost[g, q] -= 2 * ops.generalized_box_iou(a, b)[0, 0]
    return cost


def _overlap(true_boxes: Tensor, boxes: Tensor) -> Tensor:
    return ops.generalized_box_iou(
        ops.box_convert(true_boxes, "cxcywh", "xyxy"), ops.box_convert(boxes, "cxcywh", "xyxy")
    )


def _distance(true_boxes: Tensor, boxes: Tensor) -> Tensor:
    return (true_boxes[:, None] - boxes).abs().sum(-1)


def wrong_log_probability(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Takes -log p, as the loss does, instead of -p."""
    chance = logits.log_softmax(-1)[:, labels].T
    return -chance + 5 * _distance(true_boxes, boxes) - 2 * _overlap(true_boxes, boxes)


def wrong_label_minus_one(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Reads the column label - 1, as if the classes began at column 0."""
    chance = logits.softmax(-1)[:, labels - 1].T
    return -chance + 5 * _distance(true_boxes, boxes) - 2 * _overlap(true_boxes, boxes)


def wrong_no_corners(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Gives cx, cy, w, h to the GIoU, which needs corners."""
    chance = logits.softmax(-1)[:, labels].T
    return -chance + 5 * _distance(true_boxes, boxes) - 2 * ops.generalized_box_iou(true_boxes, boxes)


def wrong_mean_distance(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Takes the mean of the four differences instead of their sum."""
    chance = logits.softmax(-1)[:, labels].T
    distance = (true_boxes[:, None] - boxes).abs().mean(-1)
    return -chance + 5 * distance - 2 * _overlap(true_boxes, boxes)


def wrong_queries_as_rows(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Returns a row for each query and a column for each object."""
    chance = logits.softmax(-1)[:, labels]
    return -chance + 5 * _distance(boxes, true_boxes) - 2 * _overlap(boxes, true_boxes)


def wrong_softmax_over_queries(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Takes the softmax over the queries instead of over the classes."""
    chance = logits.softmax(0)[:, labels].T
    return -chance + 5 * _distance(true_boxes, boxes) - 2 * _overlap(true_boxes, boxes)


def wrong_distance_of_corners(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """Measures the L1 distance between the corners, after the boxes were converted for the GIoU."""
    boxes = ops.box_convert(boxes, "cxcywh", "xyxy")
    true_boxes = ops.box_convert(true_boxes, "cxcywh", "xyxy")
    chance = logits.softmax(-1)[:, labels].T
    return -chance + 5 * _distance(true_boxes, boxes) - 2 * ops.generalized_box_iou(true_boxes, boxes)
