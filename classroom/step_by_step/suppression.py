"""Greedy suppression round by round, to be drawn or stepped through; `ops.nms` gives the same boxes at once."""

from typing import NamedTuple

from torch import Tensor

from coursekit.ops.box_overlap import box_iou


class Round(NamedTuple):
    """One round of suppression; boxes by their places in the list."""

    best: int  # kept in this round
    removed: dict[int, float]  # in this round, with the IoU with the best
    kept: list[int]  # in earlier rounds
    waiting: list[int]  # best score first


def nms_rounds(boxes: Tensor, scores: Tensor, iou_threshold: float) -> list[Round]:
    """Return the rounds of greedy suppression: `[r.best for r in rounds]` is what `ops.nms` gives.

    Shapes: (N, 4), (N,) -> one round a kept box.

    >>> import torch
    >>> rounds = nms_rounds(torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 5], [8, 8, 9, 9]]), torch.tensor([0.8, 0.9, 0.1]), 0.5)
    >>> rounds[0]
    Round(best=1, removed={0: 0.800000011920929}, kept=[], waiting=[2])
    """
    waiting = scores.argsort(descending=True, stable=True)
    kept: list[int] = []
    rounds: list[Round] = []
    while len(waiting):
        best, rest = int(waiting[0]), waiting[1:]
        iou = box_iou(boxes[best][None], boxes[rest])[0]
        gone = iou > iou_threshold
        removed = dict(zip(rest[gone].tolist(), iou[gone].tolist(), strict=True))
        waiting = rest[~gone]
        rounds.append(Round(best, removed, list(kept), waiting.tolist()))
        kept.append(best)
    return rounds
