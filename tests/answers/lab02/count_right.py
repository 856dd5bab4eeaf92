"""Answers to `count_right` (lab 02), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def _pair_iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of box i with box i, 0 without an area: (N,)."""
    both = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - both
    return torch.where(union > 0, both / torch.where(union > 0, union, 1), 0.0)


def right_by_masks(
    predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> tuple[int, int, int]:
    """Two masks and their AND."""
    named = labels == true_labels
    placed = _pair_iou(predicted, true_boxes) >= 0.5
    return int(named.sum()), int(placed.sum()), int((named & placed).sum())


def right_by_loops(
    predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> tuple[int, int, int]:
    """Picture by picture; "at least half" is asked without a division: 2 * overlap >= union > 0."""
    class_right = box_right = both_right = 0
    for p, t, label, true_label in zip(predicted, true_boxes, labels, true_labels, strict=True):
        (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = p.tolist(), t.tolist()
        overlap = max(min(ax2, bx2) - max(ax1, bx1), 0) * max(min(ay2, by2) - max(ay1, by1), 0)
        union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - overlap
        named, placed = int(label) == int(true_label), union > 0 and 2 * overlap >= union
        class_right += named
        box_right += placed
        both_right += named and placed
    return class_right, box_right, both_right


def right_by_sets(
    predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> tuple[int, int, int]:
    """The numbers of the right pictures as sets; their intersection is right twice."""
    table = torchvision.ops.box_iou(predicted, true_boxes).nan_to_num(nan=0.0)
    named = {i for i in range(len(labels)) if labels[i].item() == true_labels[i].item()}
    placed = {i for i in range(len(labels)) if table[i, i].item() >= 0.5}
    return len(named), len(placed), len(named & placed)


def right_by_counting_failures(
    predicted: Tensor, labels: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> tuple[int, int, int]:
    """What is wrong is taken from N; inclusion and exclusion give the pictures where both are right."""
    n = len(labels)
    misnamed, misplaced = labels != true_labels, _pair_iou(predicted, true_boxes) < 0.5
    either = torch.count_nonzero(misnamed | misplaced).item()
    return n - misnamed.count_nonzero().item(), n - misplaced.count_nonzero().item(), n - either


def wrong_more_than_half(predicted, labels, true_boxes, true_labels):
    """Asks for an IoU above 0.5: wrong for boxes with an IoU of exactly 0.5, which are right."""
    named, placed = labels == true_labels, _pair_iou(predicted, true_boxes) > 0.5
    return int(named.sum()), int(placed.sum()), int((named & placed).sum())


def wrong_smaller_count_for_both(predicted, labels, true_boxes, true_labels):
    """Takes the smaller of the two counts: too many when class and box are right in different pictures."""
    named, placed = int((labels == true_labels).sum()), int((_pair_iou(predicted, true_boxes) >= 0.5).sum())
    return named, placed, min(named, placed)


def wrong_either(predicted, labels, true_boxes, true_labels):
    """OR for AND: counts a picture with the right class and a box far off among those with both."""
    named, placed = labels == true_labels, _pair_iou(predicted, true_boxes) >= 0.5
    return int(named.sum()), int(placed.sum()), int((named | placed).sum())


def wrong_box_of_any_picture(predicted, labels, true_boxes, true_labels):
    """A box is right when it fits any truth of the list:
    wrong for predictions that fit another picture's box.
    """
    named = labels == true_labels
    placed = (torchvision.ops.box_iou(predicted, true_boxes) >= 0.5).any(1)
    return int(named.sum()), int(placed.sum()), int((named & placed).sum())


def wrong_shares(predicted, labels, true_boxes, true_labels):
    """Averages of the masks instead of counts: not whole numbers."""
    named, placed = labels == true_labels, _pair_iou(predicted, true_boxes) >= 0.5
    return named.float().mean().item(), placed.float().mean().item(), (named & placed).float().mean().item()


def wrong_product_of_shares(predicted, labels, true_boxes, true_labels):
    """Treats class and box as independent: N * p * q is wrong whenever they are right or wrong together."""
    n = len(labels)
    named, placed = int((labels == true_labels).sum()), int((_pair_iou(predicted, true_boxes) >= 0.5).sum())
    return named, placed, round(named * placed / max(n, 1))


def wrong_boxes_of_named_objects_only(predicted, labels, true_boxes, true_labels):
    """Counts a box only if the class is right as well:
    the second number is too low for a good box with a wrong name.
    """
    named, placed = labels == true_labels, _pair_iou(predicted, true_boxes) >= 0.5
    return int(named.sum()), int(placed[named].sum()), int((named & placed).sum())


def wrong_order(predicted, labels, true_boxes, true_labels):
    """Box, class, both: wrong unless the two counts are equal."""
    named, placed = labels == true_labels, _pair_iou(predicted, true_boxes) >= 0.5
    return int(placed.sum()), int(named.sum()), int((named & placed).sum())


def wrong_exactly_the_same_box(predicted, labels, true_boxes, true_labels):
    """Compares the four numbers and not the IoU: a box that is a pixel off counts as a miss."""
    named, placed = labels == true_labels, torch.isclose(predicted, true_boxes).all(1)
    return int(named.sum()), int(placed.sum()), int((named & placed).sum())


def wrong_labels_against_all(predicted, labels, true_boxes, true_labels):
    """Counts in the (N, N) table of all pairs of labels: wrong when a class occurs in two pictures."""
    same = labels[:, None] == true_labels
    placed = _pair_iou(predicted, true_boxes) >= 0.5
    return int(same.sum()), int(placed.sum()), int((same & placed).sum())


def wrong_average_iou(predicted, labels, true_boxes, true_labels):
    """All boxes are right if the mean IoU is: wrong for one perfect box beside one that is far off."""
    named = labels == true_labels
    placed = torch.full_like(named, bool(_pair_iou(predicted, true_boxes).mean() >= 0.5))
    return int(named.sum()), int(placed.sum()), int((named & placed).sum())
