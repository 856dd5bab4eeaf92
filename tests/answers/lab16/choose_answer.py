"""Answers to `choose_answer` (lab 16)."""

import torch
from torch import Tensor


def right_pairs(masks: Tensor, iou: Tensor) -> Tensor:
    """Rows and columns."""
    return masks[range(len(masks)), iou.argmax(dim=1)]


def right_gather(masks: Tensor, iou: Tensor) -> Tensor:
    """gather along the answers."""
    place = iou.argmax(1)[:, None, None, None].expand(-1, 1, *masks.shape[2:])
    return masks.gather(1, place).squeeze(1)


def right_one_by_one(masks: Tensor, iou: Tensor) -> Tensor:
    """A loop; nothing is answered early."""
    if len(masks) == 0:
        return masks.new_zeros(0, *masks.shape[2:])
    return torch.stack([answers[scores.argmax()] for answers, scores in zip(masks, iou, strict=True)])


def wrong_first(masks, iou):
    """Trusts the order."""
    return masks[:, 0]


def wrong_largest(masks, iou):
    """By the area."""
    return masks[torch.arange(len(masks)), (masks > 0).sum((2, 3)).argmax(1)]


def wrong_lowest(masks, iou):
    """argmin."""
    return masks[torch.arange(len(masks)), iou.argmin(1)]


def wrong_all_columns(masks, iou):
    """A slice instead of the rows."""
    return masks[:, iou.argmax(1)]


def wrong_one_for_all(masks, iou):
    """The column that is best on average."""
    return masks[:, iou.mean(0).argmax()]


def wrong_mean(masks, iou):
    """Averages with the IoU as weights."""
    return (masks * iou[:, :, None, None]).sum(1) / iou.sum(1)[:, None, None]


def wrong_bool(masks, iou):
    """Cut."""
    return right_pairs(masks, iou) > 0


def wrong_axis_kept(masks, iou):
    """keepdim."""
    return right_pairs(masks, iou).unsqueeze(1)
