"""Answers to `giou_loss` (lab 01) by somebody else, written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor

from coursekit import ops


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def _parts(predicted: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Row by row: intersection, union, area of the enclosing box."""
    sides = torch.minimum(predicted[:, 2:], target[:, 2:]) - torch.maximum(predicted[:, :2], target[:, :2])
    inter = sides.clamp(min=0).prod(1)
    union = _area(predicted) + _area(target) - inter
    outer = torch.maximum(predicted[:, 2:], target[:, 2:]) - torch.minimum(predicted[:, :2], target[:, :2])
    return inter, union, outer.prod(1)


def _over(a: Tensor, b: Tensor) -> Tensor:
    """a / b, and 0 where b is 0."""
    return a / torch.where(b == 0, torch.ones_like(b), b)


# ------------------------------------------------------------------ right


def right_vectorised(predicted: Tensor, target: Tensor) -> Tensor:
    """Row by row arithmetic with min, max and prod."""
    inter, union, enclosing = _parts(predicted, target)
    giou = _over(inter, union) - _over(enclosing - union, enclosing)
    return 1 - giou


def right_loop(predicted: Tensor, target: Tensor) -> Tensor:
    """One pair after the other, with Python's min and max."""
    losses = []
    for p, t in zip(predicted, target, strict=True):
        w = min(p[2], t[2]) - max(p[0], t[0])
        h = min(p[3], t[3]) - max(p[1], t[1])
        inter = w * h if w > 0 and h > 0 else p.sum() * 0
        union = (p[2] - p[0]) * (p[3] - p[1]) + (t[2] - t[0]) * (t[3] - t[1]) - inter
        c = (max(p[2], t[2]) - min(p[0], t[0])) * (max(p[3], t[3]) - min(p[1], t[1]))
        loss = 1 - (inter / union if union > 0 else inter)
        if c > 0:
            loss = loss + (c - union) / c
        losses.append(loss)
    return torch.stack(losses) if losses else predicted[:, 0] * 0


def right_ops_diagonal(predicted: Tensor, target: Tensor) -> Tensor:
    """The diagonal of ops.box_iou; the union follows from the IoU and the two areas."""
    iou = ops.box_iou(predicted, target).diagonal()
    union = (_area(predicted) + _area(target)) / (1 + iou)  # because intersection = IoU * union
    low = torch.stack([predicted[:, :2], target[:, :2]]).amin(0)
    high = torch.stack([predicted[:, 2:], target[:, 2:]]).amax(0)
    width, height = (high - low).unbind(1)
    enclosing = width * height
    return 1 - iou + _over(enclosing - union, enclosing)


def right_four_columns(predicted: Tensor, target: Tensor) -> Tensor:
    """Column by column; the formula as 2 - IoU - union / enclosing."""
    px1, py1, px2, py2 = predicted.unbind(-1)
    tx1, ty1, tx2, ty2 = target.unbind(-1)
    iw = torch.relu(torch.min(px2, tx2) - torch.max(px1, tx1))
    ih = torch.relu(torch.min(py2, ty2) - torch.max(py1, ty1))
    inter = iw * ih
    union = (px2 - px1) * (py2 - py1) + (tx2 - tx1) * (ty2 - ty1) - inter
    c = (torch.max(px2, tx2) - torch.min(px1, tx1)) * (torch.max(py2, ty2) - torch.min(py1, ty1))
    share = torch.where(c == 0, torch.ones_like(c), _over(union, c))
    return 2 - _over(inter, union) - share


def right_torchvision(predicted: Tensor, target: Tensor) -> Tensor:
    """The loss of the library."""
    return torchvision.ops.generalized_box_iou_loss(predicted, target, reduction="none")


# ------------------------------------------------------------------ wrong


def wrong_mean(predicted: Tensor, target: Tensor) -> Tensor:
    """Averages the N losses into one number."""
    return right_vectorised(predicted, target).mean()


def wrong_returns_giou(predicted: Tensor, target: Tensor) -> Tensor:
    """Returns the GIoU itself and forgets the 1 - of the loss."""
    return 1 - right_vectorised(predicted, target)


def wrong_only_iou(predicted: Tensor, target: Tensor) -> Tensor:
    """Returns 1 - IoU: the enclosing box is forgotten."""
    inter, union, _ = _parts(predicted, target)
    return 1 - _over(inter, union)


def wrong_all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    """Returns the table of all pairs instead of the loss of prediction i with target i."""
    low = torch.minimum(predicted[:, None, :2], target[None, :, :2])
    high = torch.maximum(predicted[:, None, 2:], target[None, :, 2:])
    iou = ops.box_iou(predicted, target)
    union = (_area(predicted)[:, None] + _area(target)[None]) / (1 + iou)
    enclosing = (high - low).prod(-1)
    return 1 - iou + _over(enclosing - union, enclosing)


def wrong_forgotten_clamp(predicted: Tensor, target: Tensor) -> Tensor:
    """Does not clamp the sides of the intersection at 0, so boxes apart have a (false) overlap."""
    sides = torch.minimum(predicted[:, 2:], target[:, 2:]) - torch.maximum(predicted[:, :2], target[:, :2])
    inter = sides.prod(1)
    union = _area(predicted) + _area(target) - inter
    outer = torch.maximum(predicted[:, 2:], target[:, 2:]) - torch.minimum(predicted[:, :2], target[:, :2])
    enclosing = outer.prod(1)
    return 1 - (_over(inter, union) - _over(enclosing - union, enclosing))


def wrong_sign_of_the_term(predicted: Tensor, target: Tensor) -> Tensor:
    """Adds the share of the enclosing box to the IoU instead of subtracting it, so boxes are pushed apart."""
    inter, union, enclosing = _parts(predicted, target)
    return 1 - (_over(inter, union) + _over(enclosing - union, enclosing))


def wrong_share_of_the_union(predicted: Tensor, target: Tensor) -> Tensor:
    """Divides the empty part of the enclosing box by the union, not by the enclosing box."""
    inter, union, enclosing = _parts(predicted, target)
    return 1 - (_over(inter, union) - _over(enclosing - union, union))


def wrong_union_counts_the_overlap_twice(predicted: Tensor, target: Tensor) -> Tensor:
    """Takes the sum of both areas for the union."""
    inter, _, enclosing = _parts(predicted, target)
    union = _area(predicted) + _area(target)
    return 1 - (_over(inter, union) - _over(enclosing - union, enclosing))


def wrong_intersection_for_union_in_the_term(predicted: Tensor, target: Tensor) -> Tensor:
    """The term is (C - intersection) / C instead of (C - union) / C."""
    inter, union, enclosing = _parts(predicted, target)
    return 1 - (_over(inter, union) - _over(enclosing - inter, enclosing))


def wrong_clamped_at_one(predicted: Tensor, target: Tensor) -> Tensor:
    """Clamps the GIoU to [0, 1], so that boxes apart have the same loss and no gradient again."""
    return 1 - (1 - right_vectorised(predicted, target)).clamp(0, 1)


def wrong_no_gradient(predicted: Tensor, target: Tensor) -> Tensor:
    """Computes with plain numbers, so no gradient reaches predicted."""
    return torch.tensor(right_vectorised(predicted, target).tolist(), dtype=predicted.dtype)


def wrong_iou_detached(predicted: Tensor, target: Tensor) -> Tensor:
    """Detaches the IoU, so only the enclosing term teaches."""
    inter, union, enclosing = _parts(predicted, target)
    return 1 - _over(inter, union).detach() + _over(enclosing - union, enclosing)


def wrong_pixels_inclusive(predicted: Tensor, target: Tensor) -> Tensor:
    """Counts the right and the bottom edge as part of the box: width = x2 - x1 + 1."""
    one = torch.tensor([0.0, 0, 1, 1], dtype=predicted.dtype)
    return right_vectorised(predicted + one, target + one)


def wrong_pairs_with_the_best_target(predicted: Tensor, target: Tensor) -> Tensor:
    """Takes the smallest loss over all targets instead of the loss with target i."""
    if len(target) == 0:
        return predicted[:, 0] * 0
    return wrong_all_pairs(predicted, target).amin(1)
