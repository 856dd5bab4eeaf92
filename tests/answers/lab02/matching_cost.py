"""Answers to `matching_cost` (lab 02), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def _giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalized IoU of all pairs, (len(a), len(b)); without any area at all it is 0."""
    sides = torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])
    both = sides.clamp(min=0).prod(-1)
    union = (a[:, 2:] - a[:, :2]).prod(1)[:, None] + (b[:, 2:] - b[:, :2]).prod(1) - both
    hull = (torch.maximum(a[:, None, 2:], b[:, 2:]) - torch.minimum(a[:, None, :2], b[:, :2])).prod(-1)
    return both / torch.where(union > 0, union, 1) - (hull - union) / torch.where(hull > 0, hull, 1)


def right_by_columns(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """The columns of the labels, transposed, minus the table of GIoUs."""
    return -logits.softmax(-1)[:, true_labels].T - _giou(true_boxes, boxes)


def right_by_loops(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Pair by pair, in plain numbers; the table has no gradient, which a matching does not need."""
    probabilities = logits.softmax(1)
    cost = torch.zeros(len(true_boxes), len(boxes))
    for g in range(len(true_boxes)):
        for s in range(len(boxes)):
            share = probabilities[s, int(true_labels[g])].item()
            cost[g, s] = -share - _giou(true_boxes[g : g + 1], boxes[s : s + 1]).item()
    return cost


def right_by_library(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """Torchvision's table, slots first, and gather; NaN of two boxes without area counts as 0."""
    places = true_labels.long()[None, :].expand(len(boxes), -1)  # (S, G)
    share = logits.log_softmax(1).exp().gather(1, places)
    return -(share + torchvision.ops.generalized_box_iou(boxes, true_boxes).nan_to_num(nan=0.0)).t()


def right_by_one_hot(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """A matrix product picks the columns; everything in float64."""
    chosen = torch.nn.functional.one_hot(true_labels.long(), logits.shape[1]).double()  # (G, K + 1)
    share = chosen @ logits.double().softmax(1).T
    return torch.stack([share, _giou(true_boxes.double(), boxes.double())]).sum(0).neg()


def wrong_transposed(boxes, logits, true_boxes, true_labels):
    """Slots are the rows: the shape is wrong for G unlike S, and the numbers for nearly all squares."""
    return -logits.softmax(-1)[:, true_labels] - _giou(boxes, true_boxes)


def wrong_labels_from_zero(boxes, logits, true_boxes, true_labels):
    """Looks in column label - 1, as a classifier without background would:
    every share is that of another class.
    """
    return -logits.softmax(-1)[:, true_labels - 1].T - _giou(true_boxes, boxes)


def wrong_softmax_over_the_slots(boxes, logits, true_boxes, true_labels):
    """The probabilities add up to 1 over the slots and not over the classes: wrong for nearly all logits."""
    return -logits.softmax(0)[:, true_labels].T - _giou(true_boxes, boxes)


def wrong_logits(boxes, logits, true_boxes, true_labels):
    """Logits where probabilities are due: one large number outweighs every box."""
    return -logits[:, true_labels].T - _giou(true_boxes, boxes)


def wrong_log_probabilities(boxes, logits, true_boxes, true_labels):
    """The cross entropy instead of the probability: costs without a bound for improbable classes."""
    return -logits.log_softmax(-1)[:, true_labels].T - _giou(true_boxes, boxes)


def wrong_sign_of_the_box(boxes, logits, true_boxes, true_labels):
    """Adds the GIoU: the farther a slot is from the object, the cheaper."""
    return -logits.softmax(-1)[:, true_labels].T + _giou(true_boxes, boxes)


def wrong_sign_of_the_class(boxes, logits, true_boxes, true_labels):
    """Adds the probability: a slot that names the class becomes dearer."""
    return logits.softmax(-1)[:, true_labels].T - _giou(true_boxes, boxes)


def wrong_plain_iou(boxes, logits, true_boxes, true_labels):
    """IoU for GIoU: all boxes apart cost the same, near or far."""
    iou = torchvision.ops.box_iou(true_boxes, boxes).nan_to_num(nan=0.0)
    return -logits.softmax(-1)[:, true_labels].T - iou


def wrong_only_boxes(boxes, logits, true_boxes, true_labels):
    """Leaves out the class: two slots with the same box cost the same, whatever they name."""
    return -_giou(true_boxes, boxes)


def wrong_only_classes(boxes, logits, true_boxes, true_labels):
    """Leaves out the boxes: two objects of one class have the same costs, wherever they are."""
    return -logits.softmax(-1)[:, true_labels].T


def wrong_sigmoids(boxes, logits, true_boxes, true_labels):
    """A sigmoid for each column: wrong numbers, as the columns are rivals of each other."""
    return -logits.sigmoid()[:, true_labels].T - _giou(true_boxes, boxes)


def wrong_softmax_without_background(boxes, logits, true_boxes, true_labels):
    """Leaves column 0 out of the softmax: a slot that says "nothing here" looks like a confident one."""
    return -logits[:, 1:].softmax(-1)[:, true_labels - 1].T - _giou(true_boxes, boxes)


def wrong_best_class(boxes, logits, true_boxes, true_labels):
    """Takes the probability of whatever the slot names: the labels of the objects are ignored."""
    return -logits.softmax(-1).amax(1)[None, :] - _giou(true_boxes, boxes)


def wrong_right_or_wrong(boxes, logits, true_boxes, true_labels):
    """1 for the right name and 0 else, where the probability is due: a hesitant slot counts as a sure one."""
    named = (logits.argmax(1)[None, :] == true_labels[:, None]).to(boxes.dtype)
    return -named - _giou(true_boxes, boxes)
