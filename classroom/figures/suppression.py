"""Non-maximum suppression, round by round: lab 03 and part 2 of the slides."""

from matplotlib.axes import Axes
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE, draw_boxes
from coursekit.ops.nms_steps import Round

KEPT, WAITING = PALETTE[1], PALETTE[5]


def draw_round(ax: Axes, boxes: Tensor, scores: Tensor, now: Round) -> None:
    """Draw the boxes (N, 4) of a round: the best and the kept in green, the removed broken, the waiting in blue."""
    draw_boxes(ax, None, boxes[list(now.removed)], colour=ACCENT, dashed=True)
    draw_boxes(ax, None, boxes[now.waiting], colour=WAITING)
    chosen = [*now.kept, now.best]
    draw_boxes(ax, None, boxes[chosen], None, scores[chosen], colour=KEPT)
