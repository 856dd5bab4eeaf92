"""Scores of a localiser: how good its one box and its one class are, image by image."""

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from coursekit import ops
from coursekit.ops.argument import expect
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
    Raises:
        ValueError: no images are given, or an image has another number of boxes.

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


def set_scores(
    predictions: Sequence[Prediction],
    targets: Sequence[Target],
    iou: Callable[[Tensor, Tensor], Tensor] = ops.box_iou,
) -> dict[str, float | np.ndarray]:
    """The scores of `localisation_scores` for images with any number of objects, and "count_right" besides.

    Each answer is paired with at most one object, so that the total IoU is largest. What is left over on either
    side counts 0, so that neither missing nor superfluous boxes help: each image is a mean over max(G, D) pairs.

    Keys: the means "mean_iou", "accuracy", "both_right", "count_right", and the values of each image behind them,
    "iou", "class_right", "right", "number_right" (N,).

    Args:
        iou: (G, 4), (D, 4) -> (G, D).
    Raises:
        ValueError: no images are given, or not one prediction each.

    >>> import torch
    >>> box = {"boxes": torch.tensor([[0.0, 0, 4, 2]]), "labels": torch.tensor([3])}
    >>> twice = {name: torch.cat([value, value]) for name, value in box.items()}
    >>> scores = set_scores([box, twice], [box, box])
    >>> scores["mean_iou"], scores["count_right"]
    (0.75, 0.5)
    """
    if not targets or len(predictions) != len(targets):
        raise ValueError(
            f"There are {len(predictions)} predictions for {len(targets)} targets: one each is needed."
        )
    rows = [image_scores(p, t, iou) for p, t in zip(predictions, targets, strict=True)]
    values = dict(zip(("iou", "class_right", "right", "number_right"), np.array(rows).T, strict=True))
    means = ("mean_iou", "accuracy", "both_right", "count_right")
    return {mean: float(each.mean()) for mean, each in zip(means, values.values(), strict=True)} | values


def image_scores(
    prediction: Prediction, target: Target, iou: Callable[[Tensor, Tensor], Tensor]
) -> tuple[float, float, float, float]:
    """The mean IoU, class accuracy and both right over the pairs of one image, and whether it has as many as objects."""
    objects, found = _objects_in(target, "target"), _objects_in(prediction, "prediction")
    pairs = max(objects, found)
    if not min(objects, found):
        return (0.0, 0.0, 0.0, 0.0) if pairs else (1.0, 1.0, 1.0, 1.0)
    overlap = iou(target["boxes"], prediction["boxes"])  # (G, D)
    match = ops.match_by_cost(-overlap)
    partner, which = match.target[match.positive], match.positive.nonzero()[:, 0]
    value = overlap[partner, which]
    class_right = target["labels"][partner] == prediction["labels"][which]
    right = class_right & (value >= 0.5)
    overlaps, classes, both = (float(x.sum()) / pairs for x in (value, class_right, right))
    return overlaps, classes, both, float(objects == found)


def check_one_box(predictions: Sequence[Prediction], targets: Sequence[Target]) -> None:
    if not targets or len(predictions) != len(targets):
        raise ValueError(
            f"There are {len(predictions)} predictions for {len(targets)} targets: one each is needed."
        )
    for i, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        found, true = _objects_in(prediction, f"prediction {i}"), _objects_in(target, f"target {i}")
        if (found, true) != (1, 1):
            raise ValueError(
                f"Image {i} has {found} predicted and {true} true boxes: the scores need one of each."
            )


def _objects_in(row: Target | Prediction, name: str) -> int:
    """How many boxes, each with one label, an image has."""
    expect(f"boxes of {name}", row["boxes"], "(N, 4)")
    expect(f"labels of {name}", row["labels"], "(N,)")
    if len(row["boxes"]) != len(row["labels"]):
        counts = f"{len(row['boxes'])} boxes but {len(row['labels'])} labels"
        raise ValueError(f"{name} has {counts}: each object needs one.")
    return len(row["boxes"])


def mean_best_iou(
    truth: Tensor, found: Tensor, iou: Callable[[Tensor, Tensor], Tensor] = ops.box_iou
) -> float:
    """Return the mean over the true boxes (G, 4) of the best IoU with a found one (D, 4); 1 when both are empty."""
    expect("truth", truth, "(G, 4)")
    expect("found", found, "(D, 4)")
    if not len(truth):
        return float(not len(found))
    return float(iou(truth, found).detach().amax(1).mean()) if len(found) else 0.0
