"""A made-up data set of COCO's kind: some detections near an object, most of them anywhere."""

import numpy as np
import torch
from torch import Tensor

from coursekit import ops
from coursekit.metrics.mask_runs import run_areas, runs_of_codes

HEIGHT, WIDTH = 120, 160
OBJECTS, NEAR, SHAPES, VERSIONS = 7, 5, 100, 6  # near: detections of each object


def data_set(images: int, classes: int, detections: int, kind: str) -> tuple[list[dict], list[dict]]:
    """Predictions and targets of N images; masks are run-length codes from a stock of ellipses in six versions."""
    random = np.random.default_rng(0)
    boxes = stock(random)  # (SHAPES, VERSIONS, 4)
    masks = np.array([[code(box) for box in versions] for versions in boxes]) if kind == "masks" else None
    targets, predictions = [], []
    for _ in range(images):
        shape, label = random.integers(0, SHAPES, OBJECTS), random.integers(1, classes + 1, OBJECTS)
        other = detections - NEAR * OBJECTS
        true = np.stack([shape, np.zeros(OBJECTS, int)])
        found = np.concatenate([np.repeat(shape, NEAR), random.integers(0, SHAPES, other)])
        found = np.stack([found, random.integers(0, VERSIONS, detections)])
        labels = np.concatenate([np.repeat(label, NEAR), random.integers(1, classes + 1, other)])
        targets.append(image(boxes, masks, true, label))
        scores = torch.from_numpy(random.random(detections).astype(np.float32))
        predictions.append(image(boxes, masks, found, labels) | {"scores": scores})
    return predictions, targets


def stock(random: np.random.Generator) -> np.ndarray:
    """Boxes of 8 to 70 pixels, each in six versions that are moved by a few: (SHAPES, VERSIONS, 4) float."""
    share = random.random((SHAPES, 1, 4))
    corner = share[..., :2] * [WIDTH - 75, HEIGHT - 75]
    boxes = np.concatenate([corner, corner + 8 + 62 * share[..., 2:]], 2)
    moved = boxes + random.normal(0, 2, (SHAPES, VERSIONS, 4)) * (np.arange(VERSIONS) > 0)[:, None]
    return moved.clip(0, [WIDTH, HEIGHT] * 2).round(1)


def code(box: np.ndarray) -> dict:
    """The ellipse in a box."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    x1, y1, x2, y2 = box
    return ops.rle_encode(((2 * x - x1 - x2) / (x2 - x1)) ** 2 + ((2 * y - y1 - y2) / (y2 - y1)) ** 2 <= 1)


def image(boxes: np.ndarray, masks: np.ndarray | None, which: np.ndarray, labels: np.ndarray) -> dict:
    box = torch.from_numpy(boxes[tuple(which)].astype(np.float32))
    row = {"boxes": box, "labels": torch.from_numpy(labels), "area": ops.box_area(box.double())}
    if masks is not None:
        row["masks"] = masks[tuple(which)].tolist()
        row["area"] = as_area(row["masks"])
    return row


def as_area(codes: list[dict]) -> Tensor:
    return torch.from_numpy(run_areas(runs_of_codes(codes)).astype(float))
