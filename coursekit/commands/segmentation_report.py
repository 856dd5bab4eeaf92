"""What `coursekit evaluate` reports on a segmenter: mean IoU and boundary F, of all classes and of each."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from coursekit.commands.datasets import check_segmentations, size_of
from coursekit.commands.fitting import label_map_target
from coursekit.data.coco import CocoDataset
from coursekit.data.still_life_features import label_map
from coursekit.metrics.semantic import iou_of_classes
from coursekit.metrics.semantic_interval import SemanticCounts, semantic_counts, semantic_intervals
from coursekit.schema import Prediction, Target

BACKGROUND = "background"


def segmentation_report(found: Iterable[Prediction], dataset: CocoDataset) -> dict[str, Any]:
    """Return the scores, each with the limits of a 95 % interval, and those of each class, in pixels of the images.

    Raises:
        ValueError: an object of the data has no segmentation.
    """
    check_segmentations(dataset)
    classes = (BACKGROUND, *dataset.classes)
    counts = [
        semantic_counts([each], [truth(dataset, i)], len(classes)) for i, each in enumerate(found)
    ]  # image by image: the maps of all would fill the memory
    together = SemanticCounts(*(np.concatenate(each) for each in zip(*counts, strict=True)))
    confusion = together.confusion.sum(0)
    intervals = semantic_intervals(together)
    return {
        "scores": {name: value for name, (value, _, _) in intervals.items()},
        "intervals": {name: list(each) for name, each in intervals.items()},
        "classes": dict(zip(classes, of_classes(confusion, together.boundary), strict=True)),
        "confusion": confusion.tolist(),
    }


def truth(dataset: CocoDataset, i: int) -> Target:
    """Return the label map of image i; crowds are void."""
    size = size_of(dataset, i)
    return label_map(label_map_target(dataset, i, size, size, letterbox=False))


def of_classes(confusion: np.ndarray, boundary: np.ndarray) -> Iterator[dict[str, float | None]]:
    """Yield the IoU, the boundary F, and the precision and recall of the pixels of each class; None for one that is absent."""
    iou = iou_of_classes(torch.from_numpy(confusion)).tolist()
    known = ~np.isnan(boundary)  # (N, K)
    for k in range(len(confusion)):
        right, predicted, true = (
            int(n) for n in (confusion[k, k], confusion[:, k].sum(), confusion[k].sum())
        )
        yield {
            "iou": None if np.isnan(iou[k]) else iou[k],
            "boundary_f": float(boundary[known[:, k], k].mean()) if known[:, k].any() else None,
            "precision": right / predicted if predicted else None,
            "recall": right / true if true else None,
        }


def lines_of(report: dict[str, Any]) -> Iterator[str]:
    """Yield what the report says, line by line."""
    for name, (value, low, high) in report["intervals"].items():
        yield f"{name:14s} {value:.3f}  (95 % interval {low:.3f} to {high:.3f})"
    wide = max(map(len, report["classes"]))
    columns: Sequence[str] = list(next(iter(report["classes"].values())))
    yield "\nEach class:"
    yield f"{'class':{wide}s} " + " ".join(f"{column:>10s}" for column in columns)
    for name, row in report["classes"].items():
        cells = ("–" if value is None else f"{value:.3f}" for value in row.values())
        yield f"{name:{wide}s} " + " ".join(f"{value:>10s}" for value in cells)
