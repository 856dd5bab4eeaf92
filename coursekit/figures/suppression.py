"""Non-maximum suppression, round by round: lab 03 and part 2 of the slides."""

from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE, draw_boxes
from coursekit.ops import box_iou

KEPT, WAITING = PALETTE[1], PALETTE[5]


class Round(NamedTuple):
    """What one round of suppression decides: indices into the boxes, and what is decided already or not yet."""

    best: int  # kept in this round
    removed: Tensor  # (R,) in this round
    kept: Tensor  # (K,) in earlier rounds
    waiting: Tensor  # (W,) best score first


def suppression_rounds(boxes: Tensor, scores: Tensor, iou_threshold: float) -> list[Round]:
    """Return the rounds of greedy suppression: in each the best box that is left removes its duplicates.

    Shapes: (N, 4), (N,) -> one `Round` for each box that `ops.nms` keeps.

    >>> rounds = suppression_rounds(torch.tensor([[0, 0, 4, 4], [0, 0, 4, 5], [8, 8, 9, 9]]), torch.tensor([0.8, 0.9, 0.1]), 0.5)
    >>> [(each.best, each.removed.tolist(), each.waiting.tolist()) for each in rounds]
    [(1, [0], [2]), (2, [], [])]
    """
    order, kept, rounds = scores.argsort(descending=True, stable=True), [], []
    while len(order):
        best, rest = int(order[0]), order[1:]
        twin = box_iou(boxes[best][None], boxes[rest])[0] > iou_threshold
        rounds.append(Round(best, rest[twin], torch.tensor(kept, dtype=torch.int64), rest[~twin]))
        kept.append(best)
        order = rest[~twin]
    return rounds


def draw_round(ax: Axes, boxes: Tensor, scores: Tensor, now: Round) -> None:
    """Draw the boxes (N, 4) of a round: the best and the kept in green, the removed broken, the waiting in blue."""
    draw_boxes(ax, None, boxes[now.removed], colour=ACCENT, dashed=True)
    draw_boxes(ax, None, boxes[now.waiting], colour=WAITING)
    chosen = torch.cat([now.kept, torch.tensor([now.best])])
    draw_boxes(ax, None, boxes[chosen], None, scores[chosen], colour=KEPT)
