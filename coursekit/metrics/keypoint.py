"""How far predicted key points are from the true ones, in units of the object.

The class of every object is given, as the box of the person is in pose estimation: the n highest peaks of a
channel are the guesses for the n true points of that class, each true point with one of them.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from coursekit import ops
from coursekit.models.hourglass import HourglassKeypoints, channels_of
from coursekit.ops import Peaks, peaks, refine_peaks, soft_argmax, to_pixels
from coursekit.schema import Items, Target

VISIBLE = 2  # as in COCO


def locate(
    heatmaps: Tensor, target: Target, channels: Tensor, stride: float, soft_argmax=soft_argmax
) -> Tensor:
    """Return where the heat maps of an image put each key point of its objects, in pixels; NaN outside of the picture.

    Shapes: (C, h, w), keypoints (G, P, 3), channels (G, P) -> (G, P, 2).
    Args:
        target: with `keypoints`; a point of visibility 0 is not asked for.
        channels: of the heat maps, for each point.
        stride: pixels of a cell.
        soft_argmax: as `ops.soft_argmax`; None for the cell of the peak itself.
    """
    keypoints = target["keypoints"]
    found = torch.full_like(keypoints[..., :2], torch.nan)  # (G, P, 2)
    for channel in channels[keypoints[..., 2] > 0].unique().tolist():
        asked = (channels == channel) & (keypoints[..., 2] > 0)  # (G, P)
        guesses = highest(heatmaps, channel, int(asked.sum()))
        if soft_argmax is not None:
            guesses = refine_peaks(heatmaps, guesses, soft_argmax)
        places = to_pixels(guesses.points, stride)  # (n, 2)
        found[asked] = places[nearest_pairs(keypoints[asked][:, :2], places)]
    return found


def highest(heatmaps: Tensor, channel: int, count: int) -> Peaks:
    """The `count` highest peaks of one channel; the last one again where there are fewer."""
    found = peaks(heatmaps[channel][None], count)
    index = torch.arange(count).clamp(max=len(found.scores) - 1)
    return Peaks(found.points[index], torch.full((count,), channel), found.scores[index])


def nearest_pairs(points: Tensor, others: Tensor) -> Tensor:
    """For each of n points which of n others it is paired with, so that the sum of the distances is least: (n,)."""
    if len(points) == 1:
        return torch.zeros(1, dtype=torch.int64)
    from scipy.optimize import linear_sum_assignment  # takes half a second to import

    return torch.as_tensor(linear_sum_assignment(torch.cdist(points, others).numpy())[1])


def keypoint_distances(found: Tensor, target: Target) -> Tensor:
    """Return how far each point is from the true one, divided by the longer side of the object's box; NaN unless visible.

    Shapes: (G, P, 2), keypoints (G, P, 3), boxes (G, 4) -> (G, P).

    >>> target = {"keypoints": torch.tensor([[[3.0, 4.0, 2.0]]]), "boxes": torch.tensor([[0.0, 0, 50, 20]])}
    >>> keypoint_distances(torch.tensor([[[0.0, 0.0]]]), target)
    tensor([[0.1000]])
    """
    keypoints = target["keypoints"]
    sizes = (target["boxes"][:, 2:] - target["boxes"][:, :2]).amax(1)  # (G,)
    distances = torch.linalg.vector_norm(found - keypoints[..., :2], dim=-1) / sizes[:, None]  # (G, P)
    return torch.where(keypoints[..., 2] == VISIBLE, distances, torch.nan)


def pck(found: Tensor, true: Tensor, visible: Tensor, sizes: Tensor, threshold: float = 0.1) -> float:
    """Return the share of the visible key points that are found: within `threshold` times the size of the object.

    NaN when none is visible.

    Shapes: (G, P, 2), (G, P, 2), (G, P) bool, (G,).
    Args:
        sizes: of each object, in the unit of the points.
    Source: Yang and Ramanan, "Articulated human detection with flexible mixtures of parts", PAMI 2013, section 6.

    >>> true = torch.tensor([[[5.0, 5.0], [9.0, 9.0]]])
    >>> pck(true + 2, true, torch.tensor([[True, False]]), sizes=torch.tensor([40.0]))
    1.0
    """
    distances = torch.linalg.vector_norm(found - true, dim=-1)  # (G, P)
    right = distances <= threshold * sizes[:, None]
    return right[visible].double().mean().item()


def image_means(distances: list[Tensor], threshold: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """The mean distance and the share up to the threshold, of each image that shows a visible point.

    Shapes: N times (G, P) with NaN for points that do not count -> (M,), (M,), M <= N.
    """
    known = [d[~d.isnan()].double() for d in distances]
    known = [d for d in known if len(d)]
    return np.array([d.mean().item() for d in known]), np.array(
        [(d <= threshold).double().mean().item() for d in known]
    )


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
