"""Scores of a localiser: how good its one box and its one class are, image by image."""

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from coursekit import ops
from coursekit.schema import Prediction, Target


def localisation_scores(
    predictions: Sequence[Prediction],
    targets: Sequence[Target],
    iou: Callable[[Tensor, Tensor], Tensor] = ops.box_iou,
) -> dict[str, float | np.ndarray]:
    """The means "mean_iou", "accuracy" and "both_right", and the values of each image behind them.

    Keys: the means, and "iou" (N,) in [0, 1], "class_right" (N,) 0 or 1, and "right" (N,), 1 when the
    class is right and the IoU is at least 0.5.

    Args:
        predictions, targets: for each image a dict with exactly one box.
        iou: (N, 4), (M, 4) -> (N, M).
    Raises: ValueError when there is no image, or an image has another number of boxes.

    >>> import torch
    >>> box = {"boxes": torch.tensor([[0.0, 0, 4, 2]]), "labels": torch.tensor([3])}
    >>> half = {"boxes": torch.tensor([[0.0, 0, 2, 2]]), "labels": torch.tensor([1])}
    >>> scores = localisation_scores([box, half], [box, box])
    >>> scores["mean_iou"], scores["accuracy"], scores["both_right"]
    (0.75, 0.5, 0.5)
    """
    check_one_box(predictions, targets)
    pairs = list(zip(predictions, targets, strict=True))
    overlap = np.array([iou(p["boxes"], t["boxes"]).item() for p, t in pairs], dtype=float)  # (N,)
    class_right = np.array([float(p["labels"].item() == t["labels"].item()) for p, t in pairs])  # (N,)
    right = class_right * (overlap >= 0.5)  # (N,)
    means = {"mean_iou": overlap.mean(), "accuracy": class_right.mean(), "both_right": right.mean()}
    return {name: float(mean) for name, mean in means.items()} | {
        "iou": overlap,
        "class_right": class_right,
        "right": right,
    }


def check_one_box(predictions: Sequence[Prediction], targets: Sequence[Target]) -> None:
    if not targets or len(predictions) != len(targets):
        raise ValueError(
            f"There are {len(predictions)} predictions for {len(targets)} targets: one each is needed."
        )
    for i, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        found, true = len(prediction["boxes"]), len(target["boxes"])
        if (found, true) != (1, 1):
            raise ValueError(
                f"Image {i} has {found} predicted and {true} true boxes: the scores need one of each."
            )
