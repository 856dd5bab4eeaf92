"""Several masks as answers to one prompt: the loss of the best of them, and how good each is; which of many are distinct."""

import torch.nn.functional as F
from torch import Tensor

from coursekit.ops import dice_loss, mask_iou


def answer_losses(logits: Tensor, truth: Tensor) -> Tensor:
    """Return five times the cross-entropy of the cells plus the Dice loss of every answer.

    Shapes: (P, A, h, w), (P, h, w) bool -> (P, A).
    """
    wanted = truth[:, None].expand_as(logits).to(logits)
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean((2, 3))
    return 5 * entropy + dice_loss(logits.flatten(0, 1), wanted.flatten(0, 1)).view_as(entropy)


def best_answer_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the loss of the best answer to each prompt; the other answers are free to mean something else.

    Shapes: (P, A, h, w), (P, h, w) bool -> (P,).
    Source: Kirillov et al., 2023, section 3, "Resolving ambiguity", arXiv:2304.02643.

    >>> import torch
    >>> best_answer_loss(torch.tensor([[[[99.0]], [[-99.0]]]]), torch.tensor([[[True]]])).round(decimals=4)
    tensor([0.])
    """
    return answer_losses(logits, truth).amin(1)


def answer_ious(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the IoU of each answer with the true mask: (P, A, h, w), (P, h, w) bool -> (P, A)."""
    found, truth = logits > 0, truth[:, None]
    return (found & truth).sum((2, 3)) / (found | truth).sum((2, 3)).clamp(min=1)


def mask_nms(masks: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Return the masks that overlap no better one, the best first: (P, H, W) bool, (P,) -> places (D,).

    >>> import torch
    >>> mask_nms(torch.tensor([[[1, 1]], [[1, 1]], [[0, 1]]]).bool(), torch.tensor([0.5, 0.9, 0.3]), 0.6)
    tensor([1, 2])
    """
    order = scores.argsort(descending=True, stable=True)
    overlap = mask_iou(masks[order], masks[order])  # (P, P)
    kept: list[int] = []
    for i in range(len(order)):
        if not kept or overlap[i, kept].max() <= iou_threshold:
            kept.append(i)
    return order[kept]
