"""Answers to `matching_cost` (lab 02) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops


def _giou_table(a: Tensor, b: Tensor) -> Tensor:
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    low, high = torch.max(a[:, None, :2], b[None, :, :2]), torch.min(a[:, None, 2:], b[None, :, 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    union = area_a[:, None] + area_b[None, :] - inter
    outer = (torch.max(a[:, None, 2:], b[None, :, 2:]) - torch.min(a[:, None, :2], b[None, :, :2])).prod(-1)
    iou = inter / torch.where(union == 0, torch.ones_like(union), union)
    return iou - (outer - union) / torch.where(outer == 0, torch.ones_like(outer), outer)


# ------------------------------------------------------------------ right


def right_indexing(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Choose the columns of the softmax by the labels, turn the table."""
    probability = logits.softmax(-1)[:, true_labels].T  # (G, S)
    return -probability - ops.generalized_box_iou(true_boxes, boxes)


def right_loops(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Two loops; each number of the table by hand."""
    cost = torch.zeros(len(true_boxes), len(boxes), dtype=logits.dtype)
    for g in range(len(true_boxes)):
        gx1, gy1, gx2, gy2 = true_boxes[g].tolist()
        for s in range(len(boxes)):
            x1, y1, x2, y2 = boxes[s].tolist()
            p = torch.softmax(logits[s], 0)[true_labels[g]]
            inter = max(0.0, min(gx2, x2) - max(gx1, x1)) * max(0.0, min(gy2, y2) - max(gy1, y1))
            union = (gx2 - gx1) * (gy2 - gy1) + (x2 - x1) * (y2 - y1) - inter
            outer = (max(gx2, x2) - min(gx1, x1)) * (max(gy2, y2) - min(gy1, y1))
            giou = (inter / union if union > 0 else 0.0) - ((outer - union) / outer if outer > 0 else 0.0)
            cost[g, s] = -p - giou
    return cost


def right_one_hot(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """A matrix product of one-hot labels with the probabilities; the library's table turned afterwards."""
    p = torch.exp(logits - logits.logsumexp(dim=1, keepdim=True))  # (S, K + 1)
    wanted = F.one_hot(true_labels, logits.shape[1]).to(p.dtype)  # (G, K + 1)
    return (p @ wanted.T + ops.generalized_box_iou(boxes, true_boxes)).neg().T


def right_gather(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """gather along the classes, GIoU by broadcasting."""
    p = F.softmax(logits, dim=1).T  # (K + 1, S)
    p = p.gather(0, true_labels[:, None].expand(-1, len(boxes)))  # (G, S)
    return -(p + _giou_table(true_boxes, boxes))


def right_row_by_row(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """One row of the table for each object."""
    p = logits.log_softmax(1).exp()
    cost = p.new_zeros((len(true_labels), len(boxes)))
    for g, label in enumerate(true_labels.tolist()):
        cost[g] -= p[:, label]
        cost[g] -= ops.generalized_box_iou(true_boxes[g : g + 1], boxes)[0]
    return cost


# ------------------------------------------------------------------ wrong


def wrong_transposed(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Returns slots x objects (S, G)."""
    return -logits.softmax(-1)[:, true_labels] - ops.generalized_box_iou(boxes, true_boxes)


def wrong_reshaped(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Reshapes the (S, G) table to (G, S) instead of turning it."""
    cost = -logits.softmax(-1)[:, true_labels] - ops.generalized_box_iou(boxes, true_boxes)
    return cost.reshape(len(true_boxes), len(boxes))


def wrong_labels_from_zero(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Takes column label - 1, as if there was no column for the background."""
    p = logits.softmax(-1)[:, true_labels - 1].T
    return -p - ops.generalized_box_iou(true_boxes, boxes)


def wrong_no_softmax(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Uses the logits as if they were probabilities."""
    return -logits[:, true_labels].T - ops.generalized_box_iou(true_boxes, boxes)


def wrong_softmax_over_slots(
    boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> Tensor:
    """Takes the softmax over the slots instead of over the classes."""
    return -logits.softmax(0)[:, true_labels].T - ops.generalized_box_iou(true_boxes, boxes)


def wrong_without_background(
    boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> Tensor:
    """Throws the background column away before the softmax."""
    p = logits[:, 1:].softmax(-1)[:, true_labels - 1].T
    return -p - ops.generalized_box_iou(true_boxes, boxes)


def wrong_sigmoid(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Takes the sigmoid of each logit instead of the softmax over the classes."""
    return -logits.sigmoid()[:, true_labels].T - ops.generalized_box_iou(true_boxes, boxes)


def wrong_log_probability(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Uses the cross-entropy -log p for the class."""
    return -logits.log_softmax(-1)[:, true_labels].T - ops.generalized_box_iou(true_boxes, boxes)


def wrong_iou(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Uses the IoU, which is 0 for all boxes apart."""
    return -logits.softmax(-1)[:, true_labels].T - ops.box_iou(true_boxes, boxes)


def wrong_sign(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Returns how well a pair fits instead of what it costs."""
    return logits.softmax(-1)[:, true_labels].T + ops.generalized_box_iou(true_boxes, boxes)


def wrong_sign_of_giou(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Adds the GIoU, so a good overlap is expensive."""
    return -logits.softmax(-1)[:, true_labels].T + ops.generalized_box_iou(true_boxes, boxes)


def wrong_only_boxes(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Forgets the class term."""
    return -ops.generalized_box_iou(true_boxes, boxes)


def wrong_only_classes(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Forgets the boxes."""
    return -logits.softmax(-1)[:, true_labels].T


def wrong_best_class_of_the_slot(
    boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> Tensor:
    """Uses the probability of the class that the slot finds most probable, whatever the object is."""
    return -logits.softmax(-1).amax(-1)[None, :] - ops.generalized_box_iou(true_boxes, boxes)


def wrong_named_or_not(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Counts 1 if the slot's best class is the object's and 0 else, instead of the probability."""
    named = (logits.argmax(-1)[None, :] == true_labels[:, None]).to(logits.dtype)
    return -named - ops.generalized_box_iou(true_boxes, boxes)


def wrong_constant_added(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Costs (1 - p) + (1 - GIoU) instead of -p - GIoU."""
    p = logits.softmax(-1)[:, true_labels].T
    return (1 - p) + (1 - ops.generalized_box_iou(true_boxes, boxes))
