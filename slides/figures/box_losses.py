"""Part 1: what the squared error of a box does not know, and a loss that pulls boxes together."""

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from classroom import figures
from classroom.figures import block, canvas, words
from coursekit import ops
from coursekit.draw import ACCENT, PALETTE
from coursekit.models.localiser import giou_loss


def equal_error_unequal_overlap() -> Figure:
    """Three guesses with the same squared error and three different IoUs."""
    truth = torch.tensor([40.0, 40, 100, 70])
    errors = torch.tensor([[10.0, 10, 10, 10], [-10, -10, 10, 10], [10, 10, -10, -10]])
    return figures.equal_squared_errors(truth, truth + errors, figsize=(11.5, 4.0))


def loss_of_boxes_apart() -> Figure:
    """1 - IoU is flat once the boxes are apart; 1 - GIoU still rises."""
    gap = torch.linspace(-40, 120, 81)
    moved = torch.stack([gap + 40, 0 * gap, gap + 80, 0 * gap + 40], 1)  # (81, 4)
    fixed = torch.tensor([[0.0, 0, 40, 40]]).expand(81, 4)
    curves = {"1 − IoU": 1 - ops.box_iou(moved, fixed[:1])[:, 0], "1 − GIoU": giou_loss(moved, fixed)}
    return figures.losses_against_gap(gap, curves, (5.9, 4.3))


def hull_of_two_boxes() -> Figure:
    """Two boxes apart and the smallest box around both."""
    figure, ax = canvas(460, 160)
    ax.add_patch(Rectangle((10, 10), 440, 140, facecolor="0.9", edgecolor="0.4", linestyle="--", linewidth=2))
    block(ax, (10, 10), (150, 84), "A", PALETTE[5])
    block(ax, (300, 66), (150, 84), "B", ACCENT)
    words(ax, 230, 80, "C", 34, colour="0.3")
    return figure
