"""Answers to `so_far_map` (lab 16)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_with_pooling(logits: Tensor, factor: int) -> Tensor:
    """avg_pool2d with a channel."""
    return F.avg_pool2d(torch.sigmoid(logits).unsqueeze(1), kernel_size=factor, stride=factor)


def right_by_reshaping(logits: Tensor, factor: int) -> Tensor:
    """Blocks as axes of their own."""
    p, h, w = logits.shape
    blocks = logits.sigmoid().reshape(p, h // factor, factor, w // factor, factor)
    return blocks.mean((2, 4))[:, None]


def right_with_loops(logits: Tensor, factor: int) -> Tensor:
    """Block by block, the sigmoid written out."""
    p, h, w = logits.shape
    small = torch.zeros(p, 1, h // factor, w // factor)
    for row in range(h // factor):
        for column in range(w // factor):
            block = logits[:, row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
            small[:, 0, row, column] = (1 / (1 + torch.exp(-block))).mean((1, 2))
    return small


def wrong_order(logits, factor):
    """Averages the logits."""
    return F.avg_pool2d(logits[:, None], factor).sigmoid()


def wrong_no_sigmoid(logits, factor):
    """Logits as they are."""
    return F.avg_pool2d(logits[:, None], factor)


def wrong_threshold(logits, factor):
    """The share of the block in the mask."""
    return (logits > 0).float()[:, None].unfold(2, factor, factor).unfold(3, factor, factor).mean((4, 5))


def wrong_max(logits, factor):
    """Max pooling."""
    return (
        F.max_pool2d(logits.sigmoid()[:, None], factor)
        if len(logits)
        else F.avg_pool2d(logits[:, None], factor)
    )


def wrong_every_nth(logits, factor):
    """Slices."""
    return logits[:, ::factor, ::factor].sigmoid()[:, None]


def wrong_no_channel(logits, factor):
    """Three axes."""
    return F.avg_pool2d(logits.sigmoid(), factor)


def wrong_size(logits, factor):
    """Takes the factor for the size."""
    return F.adaptive_avg_pool2d(logits.sigmoid()[:, None], factor)
