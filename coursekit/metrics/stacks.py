"""How far the key points of stacked hourglasses are off after each stack."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from coursekit import ops
from coursekit.metrics.keypoint import image_means, keypoint_distances, locate
from coursekit.models.hourglass import HourglassKeypoints, channels_of
from coursekit.schema import Items


@torch.no_grad()
def distances_by_stack(
    model: HourglassKeypoints,
    dataset: Items,
    soft_argmax: Callable[[Tensor], Tensor] | None = ops.soft_argmax,
    batch_size: int = 32,
) -> list[list[Tensor]]:
    """Return how far the key points are off after each stack: per stack a list with (G, 3) for each image.

    As `keypoint_distances`: in longer sides of the object's box, NaN for points that do not show.
    """
    model.eval()
    stacks: list[list[Tensor]] = [[] for _ in model.stacked.hourglasses]
    for start in range(0, len(dataset), batch_size):
        items = [dataset[i] for i in range(start, min(start + batch_size, len(dataset)))]
        for k, heatmaps in enumerate(model.outputs([x for x, _ in items])):
            for heatmap, (_, target) in zip(heatmaps, items, strict=True):
                found = locate(heatmap, target, channels_of(target["labels"]), model.stride, soft_argmax)
                stacks[k].append(keypoint_distances(found, target))
    return stacks


def stack_scores(stacks: list[list[Tensor]]) -> dict[tuple[str, int], np.ndarray]:
    """Return the mean distance and the PCK of each image, after stack 1, 2 ...."""
    scores = {}
    for k, distances in enumerate(stacks, start=1):
        scores["distance", k], scores["pck", k] = image_means(distances)
    return scores
