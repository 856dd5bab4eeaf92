"""Figures that a lab and the slides share, and what the figures of the slides are made of.

The caller computes and these functions draw: for a notebook by default, for a slide in the deck's style.
"""

from classroom.figures.diagram import arrow, block, canvas, picture, words
from classroom.figures.instance_masks import (
    draw_amodal,
    draw_bins,
    draw_by_cells,
    draw_cells,
    draw_class_gradients,
    draw_class_masks,
    draw_outlines,
    mask_steps,
    semantic_and_instances,
)
from classroom.figures.localisation import (
    TASKS,
    Answers,
    draw_task,
    equal_squared_errors,
    feature_maps,
    five_tasks,
    iou_against_shift,
    losses_against_gap,
)
from classroom.figures.measuring import draw_interpolation, draw_precision_recall
from classroom.figures.scales import draw_focal_loss, draw_level, draw_loss_shares, loss_shares
from classroom.figures.segmentation import (
    both_ways,
    draw_heat_map,
    draw_instances,
    draw_label_map,
    draw_mistakes,
    draw_model_scores,
    fcn_diagram,
    label_colours,
)
from classroom.figures.slide import enlarge
from classroom.figures.two_stage import (
    anchor_kinds,
    draw_bands,
    draw_proposals,
    draw_recalls,
    pooled_regions,
    proposals_by_step,
    recall_at,
)
from classroom.figures.two_stage_costs import draw_gradients, draw_heat, draw_offsets, draw_scores, draw_times

__all__ = [
    "TASKS",
    "Answers",
    "anchor_kinds",
    "arrow",
    "block",
    "both_ways",
    "canvas",
    "draw_amodal",
    "draw_bands",
    "draw_bins",
    "draw_by_cells",
    "draw_cells",
    "draw_class_gradients",
    "draw_class_masks",
    "draw_focal_loss",
    "draw_gradients",
    "draw_heat",
    "draw_heat_map",
    "draw_instances",
    "draw_interpolation",
    "draw_label_map",
    "draw_level",
    "draw_loss_shares",
    "draw_mistakes",
    "draw_model_scores",
    "draw_offsets",
    "draw_outlines",
    "draw_precision_recall",
    "draw_proposals",
    "draw_recalls",
    "draw_scores",
    "draw_task",
    "draw_times",
    "enlarge",
    "equal_squared_errors",
    "fcn_diagram",
    "feature_maps",
    "five_tasks",
    "iou_against_shift",
    "label_colours",
    "loss_shares",
    "losses_against_gap",
    "mask_steps",
    "picture",
    "pooled_regions",
    "proposals_by_step",
    "recall_at",
    "semantic_and_instances",
    "words",
]
