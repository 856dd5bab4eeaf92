"""Average precision from a list of detections, best score first, each of them right or wrong.

Precision is the share of the detections so far that are right; recall is the share of the objects that they
have found. A second detection of an object already found is wrong.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from coursekit.metrics.argument import as_array
from coursekit.ops.box_overlap import box_iou

RECALLS = {"11-point": np.linspace(0, 1, 11), "101-point": np.linspace(0, 1, 101)}
METHODS = ("every-point", *RECALLS)
NO_OBJECTS = -1.0  # COCO's value for a number without ground truth


def precision_recall(
    true_positives: Sequence[bool] | np.ndarray | Tensor, num_objects: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall after the first, the second, ... and the last detection.

    Shapes: (D,) -> (D,), (D,).
    Args:
        true_positives: whether each detection is right, best score first.
        num_objects: how many objects there are.
    Raises:
        ValueError: a list that is not true or false, no object, or more right detections than objects.

    >>> precision, recall = precision_recall([True, False, True], num_objects=4)
    >>> precision.round(2).tolist(), recall.tolist()
    ([1.0, 0.5, 0.67], [0.25, 0.25, 0.5])
    """
    found = _right(true_positives, num_objects).cumsum()  # (D,)
    if num_objects < 1:
        raise ValueError("recall is not defined without objects.")
    return found / np.arange(1, len(found) + 1), found / num_objects


def precision_at(recalls: np.ndarray, precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """Return the interpolated precision: the best at each recall or beyond, 0 where it is not reached.

    Shapes: (R,), (D,), (D,) -> (R,).
    Args:
        recalls: where to read the curve.
        precision, recall: from `precision_recall`.
    Source: Everingham et al., "The Pascal Visual Object Classes Challenge", IJCV 88, 2010, section 4.2.

    >>> precision_at(np.array([0.2, 0.4, 0.6]), np.array([0.5, 0.7]), np.array([0.3, 0.5])).tolist()
    [0.7, 0.7, 0.0]
    """
    envelope = np.maximum.accumulate(precision[::-1])[::-1]  # never rises from left to right
    return np.append(envelope, 0.0)[np.searchsorted(recall, recalls)]  # (R,)


def average_precision(
    true_positives: Sequence[bool] | np.ndarray | Tensor, num_objects: int, method: str = "101-point"
) -> float:
    """Return the mean of the interpolated precision over recall, in [0, 1]; -1 without objects.

    Shapes: (D,) -> float.
    Args:
        true_positives: whether each detection is right, best score first, over all images together.
        num_objects: how many objects there are, including those of images without detections.
        method: "11-point" as Pascal VOC until 2009, "every-point" the area as VOC since 2010,
            "101-point" as COCO.
    Raises:
        ValueError: an unknown method, or as `precision_recall`.
    Source: Everingham et al., 2010, section 4.2; Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312.

    >>> [round(average_precision([True, False, True], 2, method), 4) for method in METHODS]
    [0.8333, 0.8485, 0.835]
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} of average precision: use one of {', '.join(METHODS)}.")
    if num_objects == 0:
        _right(true_positives, num_objects)
        return NO_OBJECTS
    precision, recall = precision_recall(true_positives, num_objects)
    if method == "every-point":
        steps = np.diff(recall, prepend=0.0)  # (D,)
        return float(steps @ precision_at(recall, precision, recall))
    return float(precision_at(RECALLS[method], precision, recall).mean())


def recall_at_k(true_positives: Sequence[bool] | np.ndarray | Tensor, num_objects: int, k: int) -> float:
    """Return the share of the objects that the k best detections find; -1 without objects.

    Raises:
        ValueError: a negative k, or as `precision_recall`.

    >>> recall_at_k([True, False, True], num_objects=4, k=2)
    0.25
    """
    _check_k(k)
    found = _right(true_positives, num_objects)[:k].sum()
    return float(found / num_objects) if num_objects else NO_OBJECTS


def proposal_recall(
    proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int, iou_threshold: float = 0.5
) -> float:
    """Return the share of all true boxes that one of the k best proposals of its image covers.

    One proposal may cover several objects; -1 when no image has an object.

    Args:
        proposals: for each image (P, 4), xyxy pixels, the best first.
        boxes: for each image (G, 4), xyxy pixels.
        k: how many proposals of each image count.
        iou_threshold: an object is covered by a proposal of at least this IoU.
    Raises:
        ValueError: a negative k, or not one set of proposals for each image.
    Source: Hosang et al., "What makes for effective detection proposals?", 2016, section 4, arXiv:1502.05082.

    >>> import torch
    >>> proposals, boxes = torch.tensor([[0, 0, 4, 4], [8, 0, 9, 1]]), torch.tensor([[0, 0, 4, 3], [8, 0, 9, 1]])
    >>> proposal_recall([proposals], [boxes], k=1), proposal_recall([proposals], [boxes], k=2)
    (0.5, 1.0)
    """
    _check_k(k)
    if len(proposals) != len(boxes):
        raise ValueError(f"there are proposals of {len(proposals)} images but boxes of {len(boxes)}.")
    covered = [
        (box_iou(proposed[:k], true) >= iou_threshold).any(0)  # (G,)
        for proposed, true in zip(proposals, boxes, strict=True)
    ]
    total = sum(len(image) for image in covered)
    return float(sum(image.sum() for image in covered) / total) if total else NO_OBJECTS


def _right(true_positives: Sequence[bool] | np.ndarray | Tensor, num_objects: int) -> np.ndarray:
    given = as_array(true_positives)
    if given.ndim != 1 or (given.dtype != bool and not np.isin(given, (0, 1)).all()):
        raise ValueError(
            "the detections must be one list of true (right) and false (wrong), best score first."
        )
    right = given.astype(bool)
    if right.sum() > num_objects:
        raise ValueError(
            f"{right.sum()} detections are right but there are {num_objects} objects: "
            "a second detection of the same object is wrong."
        )
    return right


def _check_k(k: int) -> None:
    if k < 0:
        raise ValueError(f"k is {k}: it counts detections and cannot be negative.")
