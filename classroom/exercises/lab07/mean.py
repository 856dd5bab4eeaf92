"""Lab 07, sections 5 and 9: the mean over thresholds of a whole data set, and how sure a mean is."""

import torch
from torch import Tensor

from classroom.exercises.cases import table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.curve import interpolated_precision, precision_and_recall
from classroom.exercises.lab07.matching import match_greedily
from coursekit.metrics.average_precision import RECALLS
from coursekit.metrics.coco_matching import THRESHOLDS

Tensors = tuple[Tensor, ...]
_RECALLS = torch.from_numpy(RECALLS["101-point"])
_TEN = tuple(THRESHOLDS.tolist())


def ap_over_thresholds(
    ious: Tensors, scores: Tensors, thresholds: tuple[float, ...], recalls: Tensor
) -> float:
    """The mean AP over thresholds of one class: for each image (D, G) overlaps, best first, and (D,) scores."""
    order = torch.cat(scores).argsort(descending=True, stable=True)  # one ranking of all images
    return sum(_ap(ious, order, threshold, recalls) for threshold in thresholds) / len(thresholds)


def _ap(ious: Tensors, order: Tensor, threshold: float, recalls: Tensor) -> float:
    right = torch.cat([match_greedily(iou, threshold) for iou in ious])[order]
    curve = precision_and_recall(right, sum(iou.shape[1] for iou in ious))
    return interpolated_precision(*curve, recalls).mean().item()


_A = (table((0.8, 0.1), (0.6, 0.0), (0.0, 0.72)), torch.tensor([0.9, 0.8, 0.3]))
_B = (table((0.1,), (0.93,)), torch.tensor([0.95, 0.6]))
_NOTHING_FOUND = (torch.zeros(0, 2, dtype=torch.float64), torch.zeros(0))
_NOTHING_THERE = (torch.zeros(1, 0, dtype=torch.float64), torch.tensor([0.7]))


def _data(*images: tuple[Tensor, Tensor], thresholds: tuple[float, ...] = _TEN) -> tuple:
    return *(tuple(column) for column in zip(*images, strict=True)), thresholds, _RECALLS


AP_OVER_THRESHOLDS = Exercise(
    ap_over_thresholds,
    tolerance=1e-7,
    hints=(
        "You have all the parts: match, rank, curve, reading. Which of them depend on the threshold?",
        "order = all scores, falling; for each threshold: match image by image, join, put in order, read the curve.",
        "right = torch.cat([match_greedily(iou, threshold) for iou in ious])[order]",
    ),
    cases=(
        Case("one image, one threshold", _data(_A, thresholds=(0.5,))),
        Case("one image, two thresholds", _data(_A, thresholds=(0.5, 0.75))),
        Case("one image, ten thresholds", _data(_A)),
        Case("two images", _data(_A, _B)),
        Case("an image without detections", _data(_A, _NOTHING_FOUND, _B)),
        Case("an image without objects", _data(_NOTHING_THERE, _A, _B)),
    ),
)


@AP_OVER_THRESHOLDS.wrong(
    "sorted in each image only", "The detections of all images form *one* ranking: sort all scores together."
)
def _as_they_come(ious, scores, thresholds, recalls):
    falling = tuple(torch.arange(0, -len(part), -1) - 1000.0 * i for i, part in enumerate(scores))
    return ap_over_thresholds(ious, falling, thresholds, recalls)


@AP_OVER_THRESHOLDS.wrong("the mean over images", "One curve for all images together, not a curve for each.")
def _mean_of_images(ious, scores, thresholds, recalls):
    aps = [
        ap_over_thresholds((iou,), (part,), thresholds, recalls)
        for iou, part in zip(ious, scores, strict=True)
        if iou.shape[1]
    ]
    return sum(aps) / len(aps)


@AP_OVER_THRESHOLDS.wrong("the first threshold only", "Take the mean over all thresholds.")
def _first_threshold(ious, scores, thresholds, recalls):
    return ap_over_thresholds(ious, scores, thresholds[:1], recalls)


@AP_OVER_THRESHOLDS.wrong(
    "one threshold in the middle", "The AP at the mean threshold is not the mean of the APs."
)
def _threshold_in_the_middle(ious, scores, thresholds, recalls):
    return ap_over_thresholds(ious, scores, (sum(thresholds) / len(thresholds),), recalls)


@AP_OVER_THRESHOLDS.wrong(
    "images without detections are skipped", "Their objects are missed: they belong below the line of recall."
)
def _skips_empty_images(ious, scores, thresholds, recalls):
    rows = [(iou, part) for iou, part in zip(ious, scores, strict=True) if len(part)]
    return ap_over_thresholds(*zip(*rows, strict=True), thresholds, recalls)


@AP_OVER_THRESHOLDS.wrong(
    "duplicates removed first", "A duplicate is a wrong detection; the evaluator must not hide it."
)
def _duplicates_free(ious, scores, thresholds, recalls):
    kept = [iou.argmax(1) if iou.shape[1] else torch.zeros(len(iou), dtype=torch.int64) for iou in ious]
    first = [
        torch.tensor([j not in own[:i].tolist() for i, j in enumerate(own.tolist())], dtype=torch.bool)
        for own in kept
    ]
    rows = [(iou[keep], part[keep]) for iou, part, keep in zip(ious, scores, first, strict=True)]
    return ap_over_thresholds(*zip(*rows, strict=True), thresholds, recalls)


def resampled_interval(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    """The mean of (N,) values, and between what 95 % of the resampled means lie: draws (R, N) are indices."""
    means = values[draws].mean(1)  # (R,)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=means.dtype)).tolist()
    return values.mean().item(), low, high


def _random_values(count: int, repeats: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(count)
    values = torch.rand(count, generator=generator, dtype=torch.float64) ** 2
    return values, torch.randint(count, (repeats, count), generator=generator)


RESAMPLED_INTERVAL = Exercise(
    resampled_interval,
    hints=(
        "Each row of `draws` is a test set that you might have had. What is its mean?",
        "means = values[draws].mean(1); low and high cut 2.5 % off on each side.",
        "low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=means.dtype)).tolist()",
    ),
    cases=(
        Case("two pictures, three draws", (table((0.0, 1.0))[0], torch.tensor([[0, 0], [0, 1], [1, 1]]))),
        Case(
            "equal values", (torch.full((4,), 0.5, dtype=torch.float64), torch.arange(80).reshape(20, 4) % 4)
        ),
        Case("ten pictures, a hundred draws", _random_values(10, 100)),
        Case("two hundred pictures, a thousand draws", _random_values(200, 1000)),
    ),
)


@RESAMPLED_INTERVAL.wrong(
    "how far the values spread", "The question is how far the *mean* moves when the pictures are drawn again."
)
def _of_the_values(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    low, high = values.quantile(torch.tensor([0.025, 0.975], dtype=values.dtype)).tolist()
    return values.mean().item(), low, high


@RESAMPLED_INTERVAL.wrong("from the smallest to the largest", "Leave 2.5 % of the means out on each side.")
def _all_of_them(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    means = values[draws].mean(1)
    return values.mean().item(), means.amin().item(), means.amax().item()


@RESAMPLED_INTERVAL.wrong("5 % on each side", "95 % in the middle leaves 2.5 % on each side.")
def _ninety(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    means = values[draws].mean(1)
    low, high = means.quantile(torch.tensor([0.05, 0.95], dtype=means.dtype)).tolist()
    return values.mean().item(), low, high


@RESAMPLED_INTERVAL.wrong(
    "the mean of the draws in the middle", "The score itself is the mean of the values."
)
def _centre_of_the_draws(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    _, low, high = resampled_interval(values, draws)
    return values[draws].mean().item(), low, high


@RESAMPLED_INTERVAL.wrong("the mean over the wrong axis", "Each *row* of draws is one data set.")
def _mean_of_each_place(values: Tensor, draws: Tensor) -> tuple[float, float, float]:
    means = values[draws].mean(0)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=means.dtype)).tolist()
    return values.mean().item(), low, high


EXERCISES = (AP_OVER_THRESHOLDS, RESAMPLED_INTERVAL)
