"""Pictures of failing cases of lab 03: the boxes of cells with their objects, and the terms of the loss."""

from typing import Any

import matplotlib.pyplot as plt
from torch import Tensor

from coursekit.draw import ACCENT, draw_boxes
from coursekit.models.yolo import overlaps

Picture = tuple[Any, str] | None


def responsible_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The first object where the masks differ, with the boxes of its cell, their IoU and both answers."""
    predicted, targets = arguments
    if not len(targets):
        return None
    worst = int((got != wanted).any(1).int().argmax())
    figure, ax = plt.subplots(figsize=(3.8, 2.8))
    corners = predicted[worst].reshape(-1, 2)
    low = (corners.amin(0).minimum(targets[worst, :2]) - 4).tolist()
    high = (corners.amax(0).maximum(targets[worst, 2:]) + 4).tolist()
    ax.set(xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", xticks=[], yticks=[])
    draw_boxes(ax, None, targets[worst][None], colour="black", dashed=True)
    for b, iou in enumerate(overlaps(predicted, targets)[worst].tolist()):
        colour = ACCENT if got[worst, b] else "0.6"
        draw_boxes(ax, None, predicted[worst, b][None], colour=colour)
        ax.text(
            *predicted[worst, b, 2:].tolist(), f"box {b}: {iou:.2f}", fontsize=9, ha="right", color=colour
        )
    right = wanted[worst].nonzero().flatten().tolist()
    ax.set_title(f"yours: red; responsible is box {right[0]}", fontsize=10)
    return figure, f"The boxes of one cell with their IoU; the responsible one is box {right[0]}."


def terms_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The five terms beside what they should be."""
    figure, ax = plt.subplots(figsize=(5, 2.2))
    for shift, terms, name in ((-0.2, wanted, "as it should be"), (0.2, got, "yours")):
        ax.bar(
            [i + shift for i in range(len(wanted))], [terms[term].item() for term in wanted], 0.38, label=name
        )
    ax.set_xticks(range(len(wanted)), list(wanted))
    ax.legend()
    return figure, "Bars of the five terms of the loss, as they should be and as the function gives them."
