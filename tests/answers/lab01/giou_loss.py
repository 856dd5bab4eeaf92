"""Answers to `giou_loss` (lab 01), written from the student's notebook alone."""

import torch
import torchvision
from torch import Tensor


def right_by_formula(predicted: Tensor, target: Tensor) -> Tensor:
    """The formula, term by term; without any area the IoU is 0 and the extra term too, so the loss is 1."""
    sides = torch.minimum(predicted[:, 2:], target[:, 2:]) - torch.maximum(predicted[:, :2], target[:, :2])
    both = sides.clamp(min=0).prod(1)
    union = (predicted[:, 2:] - predicted[:, :2]).prod(1) + (target[:, 2:] - target[:, :2]).prod(1) - both
    hull = torch.maximum(predicted[:, 2:], target[:, 2:]) - torch.minimum(predicted[:, :2], target[:, :2])
    enclosing = hull.prod(1)
    iou = both / torch.where(union > 0, union, 1)
    return 1 - iou + (enclosing - union) / torch.where(enclosing > 0, enclosing, 1)


def right_by_two_quotients(predicted: Tensor, target: Tensor) -> Tensor:
    """GIoU = I/U - 1 + U/C, so the loss is 2 - I/U - U/C;
    without any area both quotients count 0: a loss of 2.
    """
    px1, py1, px2, py2 = predicted.unbind(-1)
    tx1, ty1, tx2, ty2 = target.unbind(-1)
    both = (px2.minimum(tx2) - px1.maximum(tx1)).relu() * (py2.minimum(ty2) - py1.maximum(ty1)).relu()
    union = (px2 - px1) * (py2 - py1) + (tx2 - tx1) * (ty2 - ty1) - both
    enclosing = (px2.maximum(tx2) - px1.minimum(tx1)) * (py2.maximum(ty2) - py1.minimum(ty1))
    tiny = torch.finfo(predicted.dtype).tiny
    return 2 - both / union.clamp(min=tiny) - union / enclosing.clamp(min=tiny)


def right_by_loops(predicted: Tensor, target: Tensor) -> Tensor:
    """Pair by pair with tensors of one number, so that the gradient survives; no pairs give no losses."""
    losses = []
    for p, t in zip(predicted, target, strict=True):
        width = torch.minimum(p[2], t[2]) - torch.maximum(p[0], t[0])
        height = torch.minimum(p[3], t[3]) - torch.maximum(p[1], t[1])
        both = width * height if width > 0 and height > 0 else predicted.new_zeros(())
        union = (p[2] - p[0]) * (p[3] - p[1]) + (t[2] - t[0]) * (t[3] - t[1]) - both
        x, y = torch.stack([p, t])[:, [0, 2]], torch.stack([p, t])[:, [1, 3]]
        enclosing = (x.max() - x.min()) * (y.max() - y.min())
        giou = both / union if union > 0 else both
        if enclosing > 0:
            giou = giou - (enclosing - union) / enclosing
        losses.append(1 - giou)
    return torch.stack(losses) if losses else predicted.sum(1)


def right_by_library(predicted: Tensor, target: Tensor) -> Tensor:
    """Torchvision's loss, which has a tiny epsilon in both denominators."""
    return torchvision.ops.generalized_box_iou_loss(predicted, target, reduction="none")


def _parts(predicted, target):
    sides = torch.minimum(predicted[:, 2:], target[:, 2:]) - torch.maximum(predicted[:, :2], target[:, :2])
    both = sides.clamp(min=0).prod(1)
    union = (predicted[:, 2:] - predicted[:, :2]).prod(1) + (target[:, 2:] - target[:, :2]).prod(1) - both
    hull = torch.maximum(predicted[:, 2:], target[:, 2:]) - torch.minimum(predicted[:, :2], target[:, :2])
    return both, union.clamp(min=1e-7), hull.prod(1).clamp(min=1e-7)


def wrong_giou_itself(predicted, target):
    """Returns GIoU and not 1 - GIoU, so training pushes the boxes apart: wrong unless GIoU is 0.5."""
    both, union, enclosing = _parts(predicted, target)
    return both / union - (enclosing - union) / enclosing


def wrong_one_mean(predicted, target):
    """Averages to one number where N losses are asked for: wrong shape for every N."""
    both, union, enclosing = _parts(predicted, target)
    return (1 - both / union + (enclosing - union) / enclosing).mean()


def wrong_sign_of_the_new_term(predicted, target):
    """Subtracts the empty share from the loss, so that boxes far apart are rewarded:
    wrong where C exceeds the union.
    """
    both, union, enclosing = _parts(predicted, target)
    return 1 - both / union - (enclosing - union) / enclosing


def wrong_plain_iou(predicted, target):
    """1 - IoU, the new term forgotten: 1 for all boxes apart, with no gradient."""
    both, union, _ = _parts(predicted, target)
    return 1 - both / union


def wrong_share_of_the_union(predicted, target):
    """Divides the empty area by the union and not by C:
    wrong where C exceeds the union, beyond 2 for boxes far apart.
    """
    both, union, enclosing = _parts(predicted, target)
    return 1 - both / union + (enclosing - union) / union


def wrong_every_pair(predicted, target):
    """An (N, N) table: prediction i is compared with all targets, where only target i belongs to it."""
    return 1 - torchvision.ops.generalized_box_iou(predicted, target)


def wrong_without_clamp(predicted, target):
    """Negative sides are not set to 0: boxes apart in x and in y get a positive overlap."""
    sides = torch.minimum(predicted[:, 2:], target[:, 2:]) - torch.maximum(predicted[:, :2], target[:, :2])
    both = sides.prod(1)
    union = (predicted[:, 2:] - predicted[:, :2]).prod(1) + (target[:, 2:] - target[:, :2]).prod(1) - both
    _, _, enclosing = _parts(predicted, target)
    return 1 - both / union + (enclosing - union) / enclosing


def wrong_without_gradient(predicted, target):
    """Right numbers by way of .item(): nothing reaches the prediction, so the loss cannot train."""
    parts = zip(*_parts(predicted, target), strict=True)
    losses = [1 - b.item() / u.item() + (c.item() - u.item()) / c.item() for b, u, c in parts]
    return torch.tensor(losses)


def wrong_clamped_loss(predicted, target):
    """Keeps the loss within 0 and 1: flat for boxes apart, whose loss lies between 1 and 2."""
    both, union, enclosing = _parts(predicted, target)
    return (1 - both / union + (enclosing - union) / enclosing).clamp(0, 1)


def wrong_sum_of_areas_for_union(predicted, target):
    """Counts the overlap twice in the union: wrong for all boxes that overlap; equal boxes get -0.5."""
    both, union, enclosing = _parts(predicted, target)
    union = union + both
    return 1 - both / union + (enclosing - union) / enclosing


def wrong_empty_area_in_pixels(predicted, target):
    """The empty area is not divided by C: thousands of square pixels for boxes apart."""
    both, union, enclosing = _parts(predicted, target)
    return 1 - both / union + (enclosing - union)


def wrong_share_outside_the_overlap(predicted, target):
    """Takes |C| minus the overlap and not minus the union: wrong unless the two boxes are equal."""
    both, union, enclosing = _parts(predicted, target)
    return 1 - both / union + (enclosing - both) / enclosing
