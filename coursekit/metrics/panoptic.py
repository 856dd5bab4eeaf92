"""Panoptic quality: one score for what every pixel is and which object it belongs to.

A segment is all pixels with one class and one object number. Background is label 0: stuff, one segment per image.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from coursekit.metrics.interval import Interval
from coursekit.metrics.semantic_interval import draws, interval
from coursekit.ops.argument import PIXELS, expect
from coursekit.schema import VOID, Prediction, Target


class PanopticCounts(NamedTuple):
    """What one model does in each image: enough for every score of every choice of images."""

    iou: np.ndarray  # (N, K) sum of the IoUs of the matched segments of class k
    matched: np.ndarray  # (N, K) true positives
    extra: np.ndarray  # (N, K) predicted segments without a match: false positives
    missed: np.ndarray  # (N, K) true segments without a match: false negatives


def panoptic_scores(
    predictions: Sequence[Prediction], targets: Sequence[Target], num_classes: int, ignore_label: int = VOID
) -> dict[str, float | np.ndarray]:
    r"""Return "pq", "sq" and "rq", means over the classes, "pq_things", and "of_class" (K, 3), NaN for an absent class.

    $$
    \mathrm{PQ} = \frac{\sum_{\mathrm{TP}} \mathrm{IoU}}{\mathrm{TP} + \frac12 \mathrm{FP} + \frac12 \mathrm{FN}}
    = \underbrace{\frac{\sum_{\mathrm{TP}} \mathrm{IoU}}{\mathrm{TP}}}_{\mathrm{SQ}}
    \cdot \underbrace{\frac{\mathrm{TP}}{\mathrm{TP} + \frac12 \mathrm{FP} + \frac12 \mathrm{FN}}}_{\mathrm{RQ}}
    $$

    A predicted and a true segment match if they have the same class and an IoU above 0.5. Segments of one map
    do not overlap, so each has at most one match, and nothing needs to be assigned.

    Args:
        predictions, targets: for each image a dict with "semantic" (H, W), the classes, and "instances" (H, W),
            the numbers of the objects.
        num_classes: K, the background included.
        ignore_label: true pixels that count for nobody. A predicted segment without a match is no false positive
            if more than half of it lies there. A predicted pixel with this label is in no segment.
    Raises:
        ValueError: no image, two shapes, numbers that are not whole, or a label of a class that does not exist.
    Like panopticapi's `pq_compute`, but without crowd regions.
    Source: Kirillov et al., "Panoptic Segmentation", 2019, section 4, arXiv:1801.00868.

    >>> found = {"semantic": torch.tensor([[1, 1, 1, 0]]), "instances": torch.tensor([[1, 1, 1, 0]])}
    >>> truth = {"semantic": torch.tensor([[1, 1, 1, 1]]), "instances": torch.tensor([[1, 1, 1, 1]])}
    >>> panoptic_scores([found], [truth], num_classes=2)["of_class"]
    array([[0.  , 0.  , 0.  ],
           [0.75, 0.75, 1.  ]])
    """
    counts = panoptic_counts(predictions, targets, num_classes, ignore_label)
    of_class = qualities(PanopticCounts(*(each.sum(0, keepdims=True) for each in counts)))[0]  # (K, 3)
    return {name: float(value[0]) for name, value in means(of_class[None]).items()} | {"of_class": of_class}


def panoptic_counts(
    predictions: Sequence[Prediction], targets: Sequence[Target], num_classes: int, ignore_label: int = VOID
) -> PanopticCounts:
    """Return the matched, extra and missed segments of each class in each image; see `panoptic_scores`.

    Args:
        predictions, targets, num_classes, ignore_label: as `panoptic_scores`.
    Raises:
        ValueError: as `panoptic_scores`.

    >>> maps = {"semantic": torch.tensor([[0, 1, 1]]), "instances": torch.tensor([[0, 1, 2]])}
    >>> panoptic_counts([maps], [maps], num_classes=3).matched
    array([[1, 2, 0]])
    """
    if not targets or len(predictions) != len(targets):
        numbers = f"{len(predictions)} predictions for {len(targets)} targets"
        raise ValueError(f"There are {numbers}: one each is needed.")
    rows = [_of_image(*pair, num_classes, ignore_label) for pair in zip(predictions, targets, strict=True)]
    return PanopticCounts(*(np.stack(column) for column in zip(*rows, strict=True)))


def panoptic_intervals(
    counts: PanopticCounts, seed: int = 0, repeats: int = 1000, level: float = 0.95
) -> dict[str, Interval]:
    """Return "pq", "sq", "rq" and "pq_things" as `panoptic_scores`, each with low and high.

    Whole images are drawn again with replacement.

    Args:
        level: the share of the resampled data sets between low and high.
    Raises:
        ValueError: a seed, number or level that makes no sense.
    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    >>> one = np.ones((1, 2))
    >>> panoptic_intervals(PanopticCounts(0.8 * one, one, 0 * one, 2 * one))["pq"]
    (0.4, 0.4, 0.4)
    """
    times = draws(len(counts.iou), seed, repeats)  # (R, N)
    whole = means(qualities(PanopticCounts(*(each.sum(0, keepdims=True) for each in counts))))
    drawn = means(qualities(PanopticCounts(*(times @ each for each in counts))))
    return {name: interval(whole[name][0], drawn[name], level) for name in whole}


def qualities(sums: PanopticCounts) -> np.ndarray:
    """Return PQ, SQ and RQ of each class, NaN for one without segments: counts of R data sets (R, K) -> (R, K, 3)."""
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: a class that is absent
        recognition = sums.matched / (sums.matched + 0.5 * sums.extra + 0.5 * sums.missed)  # (R, K)
    segmentation = sums.iou / np.maximum(sums.matched, 1)  # (R, K), 0 without a match
    segmentation = np.where(np.isnan(recognition), np.nan, segmentation)
    return np.stack([segmentation * recognition, segmentation, recognition], -1)  # (R, K, 3)


def means(of_class: np.ndarray) -> dict[str, np.ndarray]:
    """Return the means over the classes that are present, of the scores (R, K, 3): four times (R,), NaN without one."""
    known = ~np.isnan(of_class)
    values = np.where(known, of_class, 0)
    with np.errstate(invalid="ignore"):
        every = values.sum(1) / known.sum(1)  # (R, 3)
        things = values[:, 1:, 0].sum(1) / known[:, 1:, 0].sum(1)  # (R,)
    return dict(zip(("pq", "sq", "rq"), every.T, strict=True)) | {"pq_things": things}


def _of_image(found: Prediction, truth: Target, num_classes: int, ignore_label: int) -> list[np.ndarray]:
    predicted, labels = _segments(found, "prediction", num_classes, ignore_label)  # (H, W), (P,)
    true, true_labels = _segments(truth, "truth", num_classes, ignore_label)  # (H, W), (T,)
    if predicted.shape != true.shape:
        shapes = f"{tuple(predicted.shape)} and the truth {tuple(true.shape)}"
        raise ValueError(f"The prediction has shape {shapes}: resize it to the truth, by nearest neighbour.")
    size = len(true_labels) + 1, len(labels) + 1  # segment 0 of either map is void
    shared = torch.bincount((true * size[1] + predicted).flatten(), minlength=size[0] * size[1]).view(size)
    both, area = shared[1:, 1:], shared[:, 1:].sum(0)  # (T, P), (P,)
    union = shared[1:].sum(1, keepdim=True) + shared[1:, 1:].sum(0) - both  # (T, P), without void pixels
    match = (2 * both > union) & (true_labels[:, None] == labels)  # IoU > 0.5: one at most in a row or column
    extra = ~match.any(0) & (2 * shared[0, 1:] <= area)  # (P,)
    iou = torch.where(match, both.double() / union.clamp(min=1), 0).sum(1)  # (T,)
    count = torch.zeros(num_classes, dtype=torch.int64)
    hit = true_labels[match.any(1)], labels[extra], true_labels[~match.any(1)]
    sums = torch.zeros(num_classes, dtype=torch.float64).index_add(0, true_labels, iou)
    return [sums.numpy(), *(count.index_add(0, k, torch.ones_like(k)).numpy() for k in hit)]


def _segments(maps: Prediction | Target, whose: str, num_classes: int, void: int) -> tuple[Tensor, Tensor]:
    """Return the number of each pixel's segment, 0 for void and else from 1 on, and the class of each: (H, W), (S,)."""
    semantic, instances = maps["semantic"], maps["instances"]
    for name, values in (("semantic", semantic), ("instances", instances)):
        expect(f"{name} of the {whose}", values, "(H, W)", PIXELS)
        if values.is_floating_point() or values.dtype == torch.bool:
            raise ValueError(f"The {name} of the {whose} must be whole numbers, one per pixel.")
    if semantic.shape != instances.shape:
        shapes = f"{tuple(semantic.shape)} and {tuple(instances.shape)}"
        raise ValueError(f"The maps of the {whose} have shapes {shapes}: they must be of one image.")
    known = semantic != void
    if known.any() and not 0 <= semantic[known].min() <= semantic[known].max() < num_classes:
        low, high = semantic[known].min().item(), semantic[known].max().item()
        raise ValueError(f"The {whose} has labels from {low} to {high}, but there are {num_classes} classes.")
    pairs = torch.stack([semantic[known], instances[known]]).long().cpu()  # (2, pixels)
    kinds, place = pairs.unique(dim=1, return_inverse=True)  # (2, S), (pixels,)
    numbers = torch.zeros(semantic.shape, dtype=torch.int64)
    numbers[known.cpu()] = place + 1
    return numbers, kinds[0]
