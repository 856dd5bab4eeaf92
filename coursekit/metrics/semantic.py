"""Scores of semantic segmentation: a class for every pixel. Label 0 is background and counts as a class."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from coursekit.ops.argument import PIXELS, expect
from coursekit.schema import VOID, Prediction, Target

TOLERANCE = 0.0075  # of the image's diagonal, as in Csurka et al.


def semantic_scores(
    predictions: Sequence[Prediction], targets: Sequence[Target], num_classes: int, ignore_label: int = VOID
) -> dict[str, float | np.ndarray]:
    """Return "mean_iou", "pixel_accuracy" and "boundary_f", and "iou" (K,), NaN for an absent class.

    Args:
        predictions, targets: for each image a dict with "semantic" (H, W).
        num_classes: K, the background included.
        ignore_label: truth that is left out, whatever is predicted there.
    Raises:
        ValueError: no image, or as `confusion_matrix`.

    >>> half = {"semantic": torch.tensor([[0, 0, 1, 1]])}
    >>> semantic_scores([half], [{"semantic": torch.tensor([[0, 0, 0, 1]])}], num_classes=2)["pixel_accuracy"]
    0.75
    """
    if not targets or len(predictions) != len(targets):
        raise ValueError(
            f"there are {len(predictions)} predictions for {len(targets)} targets: one each is needed."
        )
    pairs = [(p["semantic"], t["semantic"]) for p, t in zip(predictions, targets, strict=True)]
    confusion = torch.stack([confusion_matrix(*pair, num_classes, ignore_label) for pair in pairs]).sum(0)
    of_images = np.stack(
        [boundary_f(*pair, num_classes, ignore_label=ignore_label) for pair in pairs]
    )  # (N, K)
    return {
        "mean_iou": mean_iou(confusion),
        "pixel_accuracy": pixel_accuracy(confusion),
        "boundary_f": _mean(of_images),
        "iou": iou_of_classes(confusion).numpy(),
    }


def confusion_matrix(
    prediction: Tensor, target: Tensor, num_classes: int, ignore_label: int = VOID
) -> Tensor:
    """Return how many pixels of true class i (row) are predicted as class j (column). Add those of images.

    Shapes: (..., H, W), (..., H, W) -> (K, K) int64.
    Args:
        ignore_label: truth that is left out, whatever is predicted there.
    Raises:
        ValueError: shapes that differ, labels that are not whole numbers, or a label without a class.

    >>> confusion_matrix(torch.tensor([[0, 1, 1]]), torch.tensor([[0, 0, 255]]), num_classes=2)
    tensor([[1, 1],
            [0, 0]])
    """
    _check(prediction, target, num_classes, ignore_label)
    known = target != ignore_label
    pairs = target[known].long() * num_classes + prediction[known].long()
    return torch.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def iou_of_classes(confusion: Tensor) -> Tensor:
    """Return the IoU of each class, NaN for one that is neither true nor predicted anywhere.

    Shapes: (K, K) -> (K,) float64.

    >>> iou_of_classes(torch.tensor([[2, 1, 0], [0, 1, 0], [0, 0, 0]]))
    tensor([0.6667, 0.5000,    nan], dtype=torch.float64)
    """
    confusion = _square(confusion).double()
    both = confusion.diagonal()
    return both / (confusion.sum(0) + confusion.sum(1) - both)  # 0 / 0 is NaN: absent


def mean_iou(confusion: Tensor) -> float:
    """Return the mean IoU of the classes that are present; NaN if no pixel is labelled.

    >>> mean_iou(torch.tensor([[3, 1], [0, 4]]))
    0.775
    """
    return iou_of_classes(confusion).nanmean().item()


def pixel_accuracy(confusion: Tensor) -> float:
    """Return the share of the labelled pixels that are right; NaN if no pixel is labelled.

    >>> pixel_accuracy(torch.tensor([[3, 1], [0, 4]]))
    0.875
    """
    confusion = _square(confusion)
    return (confusion.diagonal().sum().double() / confusion.sum()).item()


def boundary_f(
    prediction: Tensor,
    target: Tensor,
    num_classes: int,
    tolerance: float | None = None,
    ignore_label: int = VOID,
) -> np.ndarray:
    """Return the boundary F score of each class of one image, NaN for one without a boundary in both.

    The boundary of a class is the set of its pixels with a neighbour, above, below, left or right, of another class; the
    edge of the image and void pixels make none. Precision is the share of the predicted boundary that has
    true boundary within the tolerance, recall the reverse; F is their harmonic mean.

    Shapes: (H, W), (H, W) -> (K,) float64.
    Args:
        tolerance: Euclidean distance in pixels; by default 0.75 % of the diagonal, at least one pixel.
    Raises:
        ValueError: a negative tolerance, a stack of images, or as `confusion_matrix`.
    Source: Csurka et al., "What is a good evaluation measure for semantic segmentation?", BMVC 2013.

    >>> boundary_f(torch.tensor([[0, 0, 0, 1, 1, 1]]), torch.tensor([[0, 0, 0, 0, 1, 1]]), 3, tolerance=0)
    array([ 0.,  0., nan])
    """
    _check(prediction, target, num_classes, ignore_label)
    if target.ndim != 2:
        raise ValueError(f"the maps have shape {tuple(target.shape)}, not (H, W): score one image at a time.")
    if tolerance is None:
        tolerance = max(1.0, TOLERANCE * float(np.hypot(*target.shape)))
    if tolerance < 0:
        raise ValueError(f"the tolerance is {tolerance}: a distance in pixels cannot be negative.")
    void = target == ignore_label
    prediction = torch.where(void, ignore_label, prediction.long())
    inner = [_is_boundary(labels, void).numpy() for labels in (prediction, target)]
    maps = [labels.cpu().numpy() for labels in (prediction, target)]
    rows, columns = (_span((inner[0] | inner[1]).any(axis)) for axis in (1, 0))  # no boundary lies elsewhere
    maps, inner = ([each[rows, columns] for each in both] for both in (maps, inner))
    return np.array([_f_of_class(k, maps, inner, tolerance) for k in range(num_classes)])


def _is_boundary(labels: Tensor, void: Tensor) -> Tensor:
    """Whether a pixel has a neighbour of another class, neither of the two void: (H, W)."""
    boundary = torch.zeros_like(void)
    for a, b in (((slice(1, None),), (slice(None, -1),)), ((..., slice(1, None)), (..., slice(None, -1)))):
        differ = (labels[a] != labels[b]) & ~void[a] & ~void[b]
        boundary[a] |= differ
        boundary[b] |= differ
    return boundary.cpu()


def _f_of_class(k: int, maps: list[np.ndarray], inner: list[np.ndarray], tolerance: float) -> float:
    predicted, true = ((labels == k) & boundary for labels, boundary in zip(maps, inner, strict=True))
    if not predicted.any() or not true.any():
        return 0.0 if predicted.any() or true.any() else np.nan
    precision = (_distance_to(true)[predicted] <= tolerance).mean()
    recall = (_distance_to(predicted)[true] <= tolerance).mean()
    return 2 * precision * recall / max(precision + recall, np.finfo(float).tiny)


def _span(occupied: np.ndarray) -> slice:
    places = np.flatnonzero(occupied)
    return slice(places[0], places[-1] + 1) if len(places) else slice(0)


def _distance_to(pixels: np.ndarray) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt  # takes half a second to import

    return distance_transform_edt(~pixels)


def _mean(of_images: np.ndarray) -> float:
    """The mean over the classes of their means over the images that have them; NaN if no class is there."""
    known = ~np.isnan(of_images)  # (N, K)
    count = known.sum(0)
    of_classes = np.where(known, of_images, 0).sum(0)[count > 0] / count[count > 0]
    return float(of_classes.mean()) if len(of_classes) else float("nan")


def _square(confusion: Tensor) -> Tensor:
    expect("confusion", confusion, "(K, K)")
    if confusion.shape[0] != confusion.shape[1]:
        raise ValueError(f"the confusion matrix has shape {tuple(confusion.shape)}: it must be (K, K).")
    return confusion


def _check(prediction: Tensor, target: Tensor, num_classes: int, ignore_label: int) -> None:
    for name, map in (("prediction", prediction), ("target", target)):
        expect(name, map, "(...)", PIXELS)
    if num_classes < 1:
        raise ValueError(f"there are {num_classes} classes: give the number of classes, background included.")
    if prediction.shape != target.shape:
        shapes = f"{tuple(prediction.shape)} and the truth {tuple(target.shape)}"
        raise ValueError(f"the prediction has shape {shapes}: resize it to the truth, by nearest neighbour.")
    for name, labels in (("prediction", prediction), ("truth", target)):
        if labels.is_floating_point() or labels.dtype == torch.bool:
            raise ValueError(
                f"the {name} must be whole numbers, one class per pixel: take argmax(0) of scores."
            )
        known = labels[target != ignore_label]
        if known.numel() and not 0 <= known.min() <= known.max() < num_classes:
            low, high = known.min().item(), known.max().item()
            raise ValueError(
                f"the {name} has labels from {low} to {high}, but there are {num_classes} classes."
            )
