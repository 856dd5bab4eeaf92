"""Scores: how good each box and each class is, and how sure the mean over the test scenes is."""

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from coursekit import ops
from coursekit.schema import Prediction, Target

Interval = tuple[float, float, float]


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


def bootstrap_interval(
    values: Sequence[float] | np.ndarray | Tensor, seed: int = 0, repeats: int = 2000, level: float = 0.95
) -> Interval:
    """The mean, low and high: a percentile bootstrap, which draws the values again with replacement.

    Args:
        values: one number for each test image.
        level: the share of the resampled means between low and high.
    Raises: ValueError when there is no value, or one is not finite.
    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> bootstrap_interval([0.5, 0.5, 0.5])
    (0.5, 0.5, 0.5)
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError("An interval needs a list of at least one finite number.")
    random = np.random.default_rng(seed)
    means = values[random.integers(len(values), size=(repeats, len(values)))].mean(1)  # (repeats,)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(values.mean()), float(low), float(high)


def paired_difference_interval(
    values: Sequence[float] | np.ndarray | Tensor,
    others: Sequence[float] | np.ndarray | Tensor,
    seed: int = 0,
    repeats: int = 2000,
    level: float = 0.95,
) -> Interval:
    """The mean of values - others, low and high, when both are of the same images in the same order.

    Much narrower than two intervals side by side: what makes an image hard is hard for both.

    Raises: ValueError when the lengths differ, or as `bootstrap_interval`.

    >>> paired_difference_interval([0.75, 0.5, 1.0], [0.5, 0.25, 0.75])
    (0.25, 0.25, 0.25)
    """
    values, others = np.asarray(values, dtype=float), np.asarray(others, dtype=float)
    if values.shape != others.shape:
        raise ValueError(f"Paired scores need the same images: these are {values.shape} and {others.shape}.")
    return bootstrap_interval(values - others, seed, repeats, level)
