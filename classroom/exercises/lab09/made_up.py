"""What is compared of peaks and of boxes, whose order is free where scores are equal."""

from typing import Any

from torch import Tensor

from coursekit.ops import Peaks


def judge_peaks(arguments: tuple, value: Any) -> dict[str, Any]:
    """What is compared of peaks: equally high ones come in any order."""
    points, labels, scores = (part.detach() for part in value)
    order = order_of(scores, labels, points) if points.shape == (len(scores), 2) else slice(None)
    return {
        "the result is ops.Peaks": isinstance(value, Peaks),
        "points": points[order],
        "labels": labels[order],
        "scores": scores,
    }


def judge_groups(arguments: tuple, value: Any) -> dict[str, Any]:
    """What is compared of boxes, labels and scores: equally good boxes come in any order."""
    boxes, labels, scores = (part.detach() for part in value)
    order = order_of(scores, labels, boxes)
    return {"boxes": boxes[order], "labels": labels[order], "scores": scores}


def order_of(scores: Tensor, labels: Tensor, rows: Tensor) -> list[int]:
    """The order by which equal scores next to each other are sorted by label and row; the others stay in their places.

    >>> import torch
    >>> order_of(torch.tensor([9.0, 5, 5]), torch.tensor([1, 1, 0]), torch.zeros(3, 2))
    [0, 2, 1]
    """
    run, runs = 0, []
    for i in range(len(scores)):
        run += i > 0 and abs(float(scores[i]) - float(scores[i - 1])) > 1e-6
        runs.append(run)
    keys = [(runs[i], float(labels[i]), *rows[i].tolist()) for i in range(len(scores))]
    return sorted(range(len(keys)), key=keys.__getitem__)
