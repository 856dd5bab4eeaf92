"""Averaging boxes: where several views of one image show one object, one box that all of them agree on.

Suppression keeps the best of several boxes and forgets the others. Averaging asks them all: the box lies where the
views put it in the mean, and an object that one view alone reports scores little.
"""

import torch
from torch import Tensor

from coursekit.ops.argument import expect, single
from coursekit.ops.box_overlap import box_iou


def average_boxes(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the boxes, scores and labels of several views of one image, with one average for each object.

    Boxes are taken by falling score. Each joins the average of its class that it overlaps most if their IoU is more
    than the threshold; otherwise it begins an average of its own. Boxes weigh as much as they score. The score of an
    average is the mean over the views, where a view without the object counts as 0.

    Shapes: (N, 4), (N,), (N,) -> (D, 4), (D,), (D,), by falling score.
    Args:
        boxes: of all views, in the pixels of the image.
        scores: in [0, 1]; a box of score 0 is left out.
        views: how many there are, those without any box included.
        iou_threshold: in [0, 1].
    Raises:
        ValueError: shapes that do not fit, no view, a box or a score that is not finite.
    Source: Solovyev et al., "Weighted boxes fusion", 2021, section 3, arXiv:1910.13302. If a view puts several boxes into
        one average, their scores are divided by the number of boxes where that is larger than the number of views.

    >>> boxes = torch.tensor([[0.0, 0, 8, 8], [0, 0, 8, 10], [20, 20, 24, 24]])
    >>> average_boxes(boxes, torch.tensor([0.6, 0.2, 0.4]), torch.tensor([1, 1, 1]), views=2)[:2]
    (tensor([[ 0.0000,  0.0000,  8.0000,  8.5000],
            [20.0000, 20.0000, 24.0000, 24.0000]]), tensor([0.4000, 0.2000]))
    """
    _check(boxes, scores, labels, views)
    boxes, scores = single(boxes), single(scores)
    order = scores.argsort(descending=True, stable=True)
    order = order[scores[order] > 0]
    boxes, scores, labels = boxes[order], scores[order], labels[order]
    parts = []
    for label in labels.unique():
        own = labels == label
        means, totals, counts = _averages(boxes[own], scores[own], iou_threshold)
        parts.append((means, totals / counts.clamp(min=views), labels[own][: len(means)]))
    if not parts:
        return boxes, scores, labels
    means, totals, names = (torch.cat(column) for column in zip(*parts, strict=True))
    falling = totals.argsort(descending=True, stable=True)
    return means[falling], totals[falling], names[falling]


def _averages(boxes: Tensor, scores: Tensor, iou_threshold: float) -> tuple[Tensor, Tensor, Tensor]:
    """The averages of the boxes of one class, by falling score: (D, 4), the sum of their scores and their number (D,)."""
    sums, totals, counts, found = (
        torch.zeros_like(boxes),
        torch.zeros_like(scores),
        torch.zeros_like(scores),
        0,
    )
    for box, score in zip(boxes, scores, strict=True):
        overlap = box_iou(box[None], sums[:found] / totals[:found, None])[0]  # (found,)
        k = int(overlap.argmax()) if found and overlap.max() > iou_threshold else found
        sums[k] += score * box
        totals[k] += score
        counts[k] += 1
        found = max(found, k + 1)
    return sums[:found] / totals[:found, None], totals[:found], counts[:found]


def _check(boxes: Tensor, scores: Tensor, labels: Tensor, views: int) -> None:
    for name, values in (("boxes", boxes), ("scores", scores), ("labels", labels)):
        expect(name, values, "(...)")
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not scores.shape == labels.shape == boxes.shape[:1]:
        shapes = f"boxes {tuple(boxes.shape)}, scores {tuple(scores.shape)} and labels {tuple(labels.shape)}"
        raise ValueError(f"{shapes} do not fit: they must be (N, 4), (N,) and (N,).")
    if not boxes.isfinite().all() or not scores.isfinite().all():
        raise ValueError("A box or a score is NaN or infinite: remove it before averaging.")
    if views < 1:
        raise ValueError(f"The boxes must come from at least one view, but `views` is {views}.")
