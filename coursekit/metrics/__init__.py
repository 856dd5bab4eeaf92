"""Scores of predictions against the truth, and how sure they are, in one flat namespace."""

from coursekit.metrics.average_precision import (
    average_precision,
    precision_at,
    precision_recall,
    proposal_recall,
    recall_at_k,
)
from coursekit.metrics.coco import CocoCurves, coco_curves, coco_metrics, coco_summary, coco_table
from coursekit.metrics.coco_interval import coco_difference_intervals, coco_intervals
from coursekit.metrics.error_budget import (
    ErrorBudget,
    Judged,
    ap_when_fixed,
    error_budget,
    judge_detections,
    pooled_ranking,
)
from coursekit.metrics.heat import HeatScores, heat_scores
from coursekit.metrics.hidden import hidden_iou
from coursekit.metrics.interval import Interval, bootstrap_interval, paired_difference_interval
from coursekit.metrics.localisation import localisation_scores, mean_best_iou, set_scores
from coursekit.metrics.panoptic import PanopticCounts, panoptic_counts, panoptic_intervals, panoptic_scores
from coursekit.metrics.semantic import (
    boundary_f,
    confusion_matrix,
    iou_of_classes,
    mean_iou,
    pixel_accuracy,
    semantic_scores,
)
from coursekit.metrics.semantic_interval import (
    SemanticCounts,
    semantic_counts,
    semantic_difference_intervals,
    semantic_intervals,
)
from coursekit.metrics.tracking import (
    TrackingCounts,
    tracking_counts,
    tracking_difference_intervals,
    tracking_intervals,
    tracking_scores,
)

__all__ = [
    "CocoCurves", "ErrorBudget", "HeatScores", "Interval", "Judged", "PanopticCounts", "SemanticCounts",
    "TrackingCounts", "ap_when_fixed", "average_precision", "bootstrap_interval", "boundary_f", "coco_curves",
    "coco_difference_intervals", "coco_intervals", "coco_metrics", "coco_summary", "coco_table",
    "confusion_matrix", "error_budget", "heat_scores", "hidden_iou", "iou_of_classes", "judge_detections",
    "localisation_scores", "mean_best_iou", "mean_iou", "paired_difference_interval", "panoptic_counts",
    "panoptic_intervals", "panoptic_scores", "pixel_accuracy", "pooled_ranking", "precision_at",
    "precision_recall", "proposal_recall", "recall_at_k", "semantic_counts", "semantic_difference_intervals",
    "semantic_intervals", "semantic_scores", "set_scores", "tracking_counts", "tracking_difference_intervals",
    "tracking_intervals", "tracking_scores",
]  # fmt: skip
