"""What the published records hold: scores of a model over one split, each [value, low, high] with four digits."""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from coursekit import training
from coursekit.data.objects import Picked
from coursekit.metrics.coco_interval import coco_difference_intervals, coco_intervals
from coursekit.metrics.interval import Interval, bootstrap_interval
from coursekit.metrics.localisation import localisation_scores, set_scores
from coursekit.metrics.semantic_interval import (
    SemanticCounts,
    semantic_counts,
    semantic_difference_intervals,
    semantic_intervals,
)
from coursekit.ops import rle_encode, semantic_map
from coursekit.schema import Items, Prediction, Target

Scores = dict[str, list[float]]
CHUNK = 16  # images whose masks, 150 kB each, are in memory at a time
ONE_BOX = {"mean_iou": "iou", "accuracy": "class_right", "both_right": "right"}
SET_SCORES = ONE_BOX | {"count_right": "number_right"}


def rounded(intervals: dict[str, Interval]) -> Scores:
    """Return the intervals with four digits, as a JSON file keeps them.

    >>> rounded({"AP": (0.123456, 0.1, 0.2)})
    {'AP': [0.1235, 0.1, 0.2]}
    """
    return {name: [round(x, 4) for x in interval] for name, interval in intervals.items()}


def targets_in(dataset: Items) -> list[Target]:
    """Return the target of every item."""
    return [dataset[i][1] for i in range(len(dataset))]


def detection_intervals(model: torch.nn.Module, dataset: Items) -> Scores:
    """Return AP, AP50 and AP75 of the boxes."""
    return rounded(coco_intervals(training.predict(model, dataset), targets_in(dataset)))


def mask_intervals(model: torch.nn.Module, dataset: Items) -> Scores:
    """Return AP, AP50 and AP75 of boxes, and of masks as "mask_AP" ...."""
    return of_boxes_and_masks(coco_intervals, predict_codes(model, dataset), targets_in(dataset))


def compared_mask_intervals(models: Mapping[str, torch.nn.Module], dataset: Items) -> Scores:
    """Return `mask_intervals` for each of two models, and of the first minus the second on the same images.

    The names are "roi_align_AP" ..., from those of the models, and "difference_AP" ....
    """
    targets = targets_in(dataset)
    predictions = {name: predict_codes(model, dataset) for name, model in models.items()}
    scores = {name: of_boxes_and_masks(coco_intervals, each, targets) for name, each in predictions.items()}
    scores["difference"] = of_boxes_and_masks(coco_difference_intervals, *predictions.values(), targets)
    return {f"{name}_{key}": value for name, each in scores.items() for key, value in each.items()}


def of_boxes_and_masks(intervals: Callable[..., dict[str, Interval]], *arguments) -> Scores:
    """Return the `intervals` of boxes, and those of masks as "mask_AP" ...."""
    boxes, masks = (intervals(*arguments, kind=kind) for kind in ("boxes", "masks"))
    return rounded(boxes | {f"mask_{name}": interval for name, interval in masks.items()})


def predict_codes(model: torch.nn.Module, dataset: Items) -> list[Prediction]:
    """Return one prediction per item, its masks as run-length codes: as tensors those of a split fill the memory."""
    predictions = []
    for start in range(0, len(dataset), CHUNK):
        chunk = Picked(dataset, range(start, min(start + CHUNK, len(dataset))))
        for found in training.predict(model, chunk, CHUNK):
            found["masks"] = [rle_encode(mask > 0.5) for mask in found["masks"][:, 0]]
            predictions.append(found)
    return predictions


def segmentation_intervals(model: torch.nn.Module, dataset: Items) -> Scores:
    """Return mean IoU, pixel accuracy and boundary F of the label maps."""
    return rounded(semantic_intervals(count_pixels(model, dataset)))


def count_pixels(model: Any, dataset: Items) -> SemanticCounts:
    """Return what the model predicts in each image, counted: for scores, intervals and paired differences.

    Args:
        model: a segmenter.
        dataset: its targets have label maps, or masks that make one.
    """
    targets: list[Target] = [
        {"semantic": each["semantic"] if "semantic" in each else semantic_map(each["masks"], each["labels"])}
        for each in targets_in(dataset)
    ]
    return semantic_counts(training.predict(model, dataset), targets, model.num_classes + 1)


def segmentation_gains(counts: dict[str, SemanticCounts], best: str) -> Scores:
    """Return the differences of one model to each of the others on the same images: "fcn8s_mean_iou" ...."""
    found = {}
    for name in counts.keys() - {best}:
        for score, interval in semantic_difference_intervals(counts[best], counts[name]).items():
            found[f"{name}_{score}"] = interval
    return rounded(dict(sorted(found.items())))


def localisation_intervals(model: torch.nn.Module, dataset: Items) -> Scores:
    """Return the mean IoU, the class accuracy and how often both are right, of a model with one box per image."""
    return mean_intervals(localisation_scores, model, dataset, ONE_BOX)


def set_intervals(model: torch.nn.Module, dataset: Items) -> Scores:
    """Return the scores of `localisation_intervals` for several boxes, and how often their number is right."""
    return mean_intervals(set_scores, model, dataset, SET_SCORES)


def mean_intervals(score: Callable, model: torch.nn.Module, dataset: Items, names: dict[str, str]) -> Scores:
    """Return the mean of each score over the images; `names` tells which values are behind a mean."""
    values = score(training.predict(model, dataset), targets_in(dataset))
    return rounded({mean: bootstrap_interval(values[each]) for mean, each in names.items()})
