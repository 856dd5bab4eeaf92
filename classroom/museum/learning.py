"""Bugs of labels, losses and scores: training runs, numbers come out, and they mean something else."""

import torch
from torch import Tensor

from classroom.museum.bug import Bug
from coursekit import metrics, ops


def class_error(labels: Tensor, truth: Tensor) -> float:
    """The share of the anchors on an object that get another label than the object's; 0 is background."""
    on_object = truth > 0
    return (labels != truth)[on_object].double().mean().item()


def _class_error_of_all_anchors(labels: Tensor, truth: Tensor) -> float:
    return (labels != truth).double().mean().item()


def best_labels(scores: Tensor) -> Tensor:
    """The best class of each box, 1..K, when column 0 holds the background: (D, K + 1) -> (D,)."""
    return scores[:, 1:].argmax(1) + 1


def _background_forgotten(scores: Tensor) -> Tensor:
    return scores[:, 1:].argmax(1)


def focal_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The focal loss of all anchors together, for each anchor on an object: (A, K), (A, K) -> ()."""
    return ops.sigmoid_focal_loss(logits, targets, reduction="sum") / targets.sum().clamp(min=1)


def _focal_loss_of_all_anchors(logits: Tensor, targets: Tensor) -> Tensor:
    return ops.sigmoid_focal_loss(logits, targets, reduction="mean")


def mean_iou(prediction: Tensor, target: Tensor, num_classes: int) -> float:
    """The mean IoU of the classes that are there; 255 is an unlabelled pixel."""
    return metrics.mean_iou(metrics.confusion_matrix(prediction, target, num_classes))


def _border_is_background(prediction: Tensor, target: Tensor, num_classes: int) -> float:
    return mean_iou(prediction, torch.where(target == 255, 0, target), num_classes)


def _absent_classes_are_zero(prediction: Tensor, target: Tensor, num_classes: int) -> float:
    confusion = metrics.confusion_matrix(prediction, target, num_classes)
    return metrics.iou_of_classes(confusion).nan_to_num(0).mean().item()


def assign(cost: Tensor) -> Tensor:
    """The object of each query, -1 for none, at the least total cost: (G, Q) -> (Q,)."""
    match = ops.match_by_cost(cost)
    return torch.where(match.positive, match.target, -1)


def _greedy(cost: Tensor) -> Tensor:
    left, answer = cost.clone(), torch.full((cost.shape[1],), -1)
    for _ in range(min(cost.shape)):
        i, q = divmod(left.argmin().item(), cost.shape[1])
        answer[q] = i
        left[i], left[:, q] = torch.inf, torch.inf
    return answer


_MANY_ANCHORS = torch.zeros(1000, dtype=torch.int64)
_FIVE_OBJECTS = _MANY_ANCHORS.index_fill(0, torch.arange(5), 1)
_BORDER = torch.tensor([[0, 0, 255, 1, 1, 1]])

LEARNING_BUGS = (
    Bug(
        "the class error of all anchors",
        'Nearly all anchors are background, so a constant answer, "background", seems almost always right.',
        _class_error_of_all_anchors,
        class_error,
        (_MANY_ANCHORS, _FIVE_OBJECTS),
    ),
    Bug(
        "the background forgotten",
        "Column 0 is the background: without it, column k is class k + 1.",
        _background_forgotten,
        best_labels,
        (torch.tensor([[0.1, 0.7, 0.2], [0.2, 0.1, 0.7]]),),
    ),
    Bug(
        "the loss divided by all anchors",
        "The more background there is, the less the objects count: the focal loss is divided by the anchors on objects.",
        _focal_loss_of_all_anchors,
        focal_loss,
        (torch.zeros(100, 1), torch.zeros(100, 1).index_fill(0, torch.tensor([3]), 1.0)),
    ),
    Bug(
        "an unlabelled border taken for background",
        "Around each object Pascal VOC leaves an unlabelled border; whatever is said there does not count.",
        _border_is_background,
        mean_iou,
        (torch.tensor([[0, 0, 1, 1, 1, 1]]), _BORDER, 2),
    ),
    Bug(
        "absent classes count as 0",
        "A class that is neither there nor predicted has no IoU, and cannot lower the mean.",
        _absent_classes_are_zero,
        mean_iou,
        (torch.tensor([[0, 0, 1, 1, 1, 1]]), _BORDER, 3),
    ),
    Bug(
        "the cheapest pair first",
        "Taking the cheapest pair, then the next, may leave a dear one: 11 in all, where 3.5 were possible.",
        _greedy,
        assign,
        (torch.tensor([[1.0, 2.0], [1.5, 10.0]]),),
    ),
)
