"""Figures that a lab and the slides share, and what the figures of the slides are made of.

The caller computes, these functions draw: as they are they fit a notebook, and in the deck's style a slide.
"""

from coursekit.figures.diagram import arrow, block, canvas, picture, words
from coursekit.figures.localisation import (
    TASKS,
    Answers,
    draw_task,
    equal_squared_errors,
    feature_maps,
    five_tasks,
    iou_against_shift,
    losses_against_gap,
)
from coursekit.figures.measuring import draw_interpolation, draw_precision_recall
from coursekit.figures.scales import draw_focal_loss, draw_level, draw_loss_shares, loss_shares
from coursekit.figures.slide import enlarge
from coursekit.figures.suppression import Round, draw_round, suppression_rounds

__all__ = [
    "TASKS",
    "Answers",
    "Round",
    "arrow",
    "block",
    "canvas",
    "draw_focal_loss",
    "draw_interpolation",
    "draw_level",
    "draw_loss_shares",
    "draw_precision_recall",
    "draw_round",
    "draw_task",
    "enlarge",
    "equal_squared_errors",
    "feature_maps",
    "five_tasks",
    "iou_against_shift",
    "loss_shares",
    "losses_against_gap",
    "picture",
    "suppression_rounds",
    "words",
]
