"""Small well-formed arguments for every public operator and metric, drawn at random: from torch's and Python's chance."""

import random
from collections.abc import Callable

import torch
from torch import Tensor

from coursekit import ops


def boxes(count: int, side: int = 20) -> Tensor:
    corner = torch.randint(0, side - 6, (count, 2))
    return torch.cat([corner, corner + torch.randint(1, 7, (count, 2))], 1).float()


def rotated(count: int) -> Tensor:
    return torch.cat([torch.rand(count, 2) * 20, 1 + torch.rand(count, 2) * 9, torch.rand(count, 1) * 180], 1)


def masks(count: int) -> Tensor:
    return torch.rand(count, 9, 11) < 0.4


def scores(count: int) -> Tensor:
    return (torch.randperm(count) + 1) / (count + 1)


def labels(*shape: int, classes: int = 3) -> Tensor:
    return torch.randint(0, classes, shape)


def match(candidates: int = 7) -> ops.Match:
    return ops.match_by_iou(torch.rand(3, candidates), 0.5, 0.3)


def found(count: int) -> ops.Peaks:
    return ops.Peaks(torch.randint(0, 6, (count, 2)), labels(count), scores(count))


def image(count: int, *more: str) -> dict:
    row = {"boxes": boxes(count), "labels": labels(count) + 1, "masks": masks(count)}
    return row | ({"scores": scores(count)} if "scores" in more else {"iscrowd": torch.zeros(count)})


def images() -> tuple[list[dict], list[dict]]:
    return [image(3, "scores"), image(2, "scores")], [image(2), image(1)]


def pixels(*more: str) -> list[dict]:
    return [{key: labels(6, 8) for key in ("semantic", *more)}]


def frames() -> list[list[dict]]:
    rows = [{"boxes": boxes(count), "tracks": torch.randperm(5)[:count]} for count in (3, 2, 2, 1)]
    return [rows[:2], rows[2:]]


OPERATORS: dict[str, Callable[[], list]] = {
    "associative_embedding_loss": lambda: [torch.randn(4, 2), torch.randn(4, 2)],
    "average_boxes": lambda: [boxes(5), scores(5), labels(5), 2],
    "balanced_sample": lambda: [match(), 4, 0.5],
    "batched_nms": lambda: [boxes(6), scores(6), labels(6), 0.5],
    "bilinear_kernel": lambda: [4],
    "box_area": lambda: [boxes(5)],
    "box_convert": lambda: [boxes(5), "xyxy", "cxcywh"],
    "box_iou": lambda: [boxes(4), boxes(3)],
    "cell_anchors": lambda: [(8.0, 16.0), (1.0, 2.0)],
    "claim_best": lambda: [match(), torch.rand(3, 7)],
    "clip_boxes_to_image": lambda: [boxes(5), (12, 300)],
    "complete_box_iou": lambda: [boxes(4), boxes(3)],
    "conv_matrix": lambda: [torch.randn(2, 3, 2, 2), (4, 5)],
    "conv_transpose2d": lambda: [torch.randn(2, 3, 4, 5), torch.randn(3, 2, 3, 3)],
    "conv_transpose2d_by_matrix": lambda: [torch.randn(2, 3, 4, 5), torch.randn(3, 2, 3, 3)],
    "conv_transpose2d_by_zeros": lambda: [torch.randn(2, 3, 4, 5), torch.randn(3, 2, 3, 3)],
    "conv_transpose_size": lambda: [4, 3, 2],
    "corner_pool": lambda: [torch.randn(2, 5, 6), "left"],
    "crop_and_resize": lambda: [torch.randn(2, 3, 8, 9), [boxes(3), boxes(2)], 3, 0.5],
    "decode_boxes": lambda: [torch.randn(5, 4) / 4, boxes(5)],
    "default_box_scales": lambda: [3],
    "default_boxes": lambda: [[(2, 3), (1, 1)], (100, 200), [[2.0], []]],
    "dice_loss": lambda: [torch.randn(3, 5, 6), masks(3)[:, :5, :6].float()],
    "distance_box_iou": lambda: [boxes(4), boxes(3)],
    "draw_gaussians": lambda: [torch.randint(0, 6, (4, 2)), torch.rand(4) * 3, labels(4), (3, 8, 9)],
    "encode_boxes": lambda: [boxes(5), boxes(5)],
    "gaussian_heatmap": lambda: [torch.rand(4, 2) * 6, labels(4), (3, 8, 9), 1.5],
    "gaussian_radius": lambda: [boxes(5)],
    "generalized_box_iou": lambda: [boxes(4), boxes(3)],
    "generalized_box_iou_loss": lambda: [boxes(4), boxes(4), random.choice(["none", "mean", "sum"])],
    "grid_anchors": lambda: [boxes(3) - 10, (3, 4), 7],
    "grid_centers": lambda: [(3, 4), 8.0],
    "group_corners": lambda: [found(4), found(3), torch.randn(4, 2) / 3, torch.randn(3, 2) / 3],
    "mask_boundary": lambda: [masks(3), 2],
    "mask_iou": lambda: [masks(3), masks(2), torch.tensor([0, 1])],
    "masks_to_boxes": lambda: [masks(3)],
    "match_by_cell": lambda: [boxes(4), (20, 20), (3, 4)],
    "match_by_cost": lambda: [torch.rand(3, 6)],
    "match_by_iou": lambda: [torch.rand(3, 7), 0.7, 0.3, True],
    "masks_to_rotated_boxes": lambda: [masks(3)],
    "matched": lambda: [[boxes(3)], [match()]],
    "max_unpool2d": lambda: [
        *torch.nn.functional.max_pool2d(torch.randn(2, 3, 4, 6), 2, return_indices=True),
        2,
    ],
    "nms": lambda: [boxes(6), scores(6), 0.5],
    "paired_box_iou": lambda: [boxes(4), boxes(4)],
    "paired_generalized_box_iou": lambda: [boxes(4), boxes(4)],
    "panoptic_map": lambda: [masks(3), labels(3) + 1, scores(3), 0.5],
    "paste_masks": lambda: [torch.rand(3, 1, 4, 4), boxes(3), (20, 22)],
    "peaks": lambda: [torch.randn(3, 6, 7), 5],
    "penalty_reduced_focal_loss": lambda: [torch.randn(2, 5, 6), (torch.rand(2, 5, 6) < 0.2).float()],
    "permute_and_flatten": lambda: [torch.randn(2, 8, 3, 4), 4],
    "pixel_cross_entropy": lambda: [torch.randn(2, 3, 4, 5), labels(2, 4, 5)],
    "polygons_to_mask": lambda: [[[1.0, 1, 7, 2, 5, 8]], (9, 11)],
    "pyramid_level": lambda: [boxes(5), 2, 5],
    "pyramid_roi_align": lambda: [[torch.randn(1, 2, 8, 8), torch.randn(1, 2, 4, 4)], [boxes(4)], 2, (4, 8)],
    "refine_peaks": lambda: [torch.rand(3, 7, 8), found(3)],
    "remove_small_boxes": lambda: [boxes(5), 3],
    "rle_decode": lambda: [ops.rle_encode(masks(1)[0])],
    "rle_encode": lambda: [masks(1)[0]],
    "roi_align": lambda: [torch.randn(2, 3, 8, 9), [boxes(3), boxes(2)], 3, 0.5, random.choice([0, 2]), True],
    "roi_pool": lambda: [torch.randn(2, 3, 8, 9), [boxes(3), boxes(2)], 3, 0.5],
    "rotated_box_corners": lambda: [rotated(4)],
    "rotated_box_iou": lambda: [rotated(4), rotated(3)],
    "rotated_nms": lambda: [rotated(6), scores(6), 0.3],
    "semantic_map": lambda: [masks(3), labels(3) + 1],
    "sigmoid_focal_loss": lambda: [torch.randn(3, 4), labels(3, 4, classes=2).float(), 0.25, 2, "mean"],
    "smooth_l1_loss": lambda: [torch.randn(3, 4), torch.randn(3, 4), random.choice(["none", "mean", "sum"])],
    "soft_argmax": lambda: [torch.rand(3, 6, 7)],
    "soft_nms": lambda: [boxes(6), scores(6)],
    "to_cells": lambda: [torch.rand(4, 2), 8.0],
    "to_pixels": lambda: [torch.rand(4, 2), 8.0],
    "upsample_bilinear": lambda: [torch.randn(2, 3, 4, 5), (7, 9)],
}
METRICS: dict[str, Callable[[], list]] = {
    "average_precision": lambda: [labels(5, classes=2), 6],
    "bootstrap_interval": lambda: [torch.rand(6), 0, 20],
    "boundary_f": lambda: [labels(6, 8), labels(6, 8), 3],
    "coco_curves": lambda: [*images(), random.choice(["boxes", "masks"])],
    "coco_metrics": lambda: [*images(), random.choice(["boxes", "masks"])],
    "coco_intervals": lambda: [*images(), "boxes", 0, 5],
    "coco_difference_intervals": lambda: [images()[0], *images(), "boxes", 0, 5],
    "confusion_matrix": lambda: [labels(6, 8), labels(6, 8), 3],
    "error_budget": lambda: [*images(), random.choice(["boxes", "masks"])],
    "judge_detections": lambda: [*images()],
    "heat_scores": lambda: [torch.rand(4, 5), boxes(1)[0], (20, 25)],
    "hidden_iou": lambda: [masks(3), masks(3), masks(3)],
    "iou_of_classes": lambda: [labels(3, 3)],
    "localisation_scores": lambda: [[image(1)], [image(1)]],
    "mean_best_iou": lambda: [boxes(3), boxes(4)],
    "mean_iou": lambda: [labels(3, 3) + 1],
    "paired_difference_interval": lambda: [torch.rand(6), torch.rand(6), 0, 20],
    "panoptic_counts": lambda: [pixels("instances"), pixels("instances"), 3],
    "panoptic_scores": lambda: [pixels("instances"), pixels("instances"), 3],
    "pixel_accuracy": lambda: [labels(3, 3) + 1],
    "precision_recall": lambda: [labels(5, classes=2), 6],
    "proposal_recall": lambda: [[boxes(5)], [boxes(3)], 4],
    "recall_at_k": lambda: [labels(5, classes=2), 6, 3],
    "semantic_counts": lambda: [pixels(), pixels(), 3],
    "semantic_scores": lambda: [pixels(), pixels(), 3],
    "set_scores": lambda: [[image(2)], [image(3)]],
    "tracking_counts": lambda: frames(),
}
NOT_TRIED = {
    "ap_when_fixed",
    "panoptic_intervals",
    "pooled_ranking",
    "semantic_intervals",
    "semantic_difference_intervals",
    "tracking_scores",
    "tracking_intervals",
    "tracking_difference_intervals",
}  # of records
NOT_TRIED |= {"coco_summary", "coco_table", "precision_at"}  # made by the functions above
