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
from coursekit.figures.slide import enlarge

__all__ = [
    "TASKS",
    "Answers",
    "arrow",
    "block",
    "canvas",
    "draw_task",
    "enlarge",
    "equal_squared_errors",
    "feature_maps",
    "five_tasks",
    "iou_against_shift",
    "losses_against_gap",
    "picture",
    "words",
]
