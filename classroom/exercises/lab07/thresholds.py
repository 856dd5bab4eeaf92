"""Lab 07, section 5: the average precision of one class in a whole data set, and its mean over thresholds."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import judge_number, table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.area import area_under_curve
from classroom.exercises.lab07.match_greedily import match_greedily
from classroom.exercises.lab07.precision import precision_and_recall
from classroom.exercises.lab07.staircase import ELEVEN, HUNDRED
from coursekit.metrics.coco_matching import THRESHOLDS

Tensors = tuple[Tensor, ...]
Thresholds = tuple[float, ...]
_TEN, _THREE = tuple(THRESHOLDS.tolist()), (0.5, 0.7, 0.9)


def ap_over_thresholds(ious: Tensors, scores: Tensors, thresholds: Thresholds, recalls: Tensor) -> float:
    """The mean AP over thresholds of one class: for each image (D, G) overlaps, best first, and (D,) scores."""
    order = torch.cat(scores).argsort(descending=True)  # one ranking of all images
    return sum(_ap(_right(ious, t)[order], _objects(ious), recalls) for t in thresholds) / len(thresholds)


def _right(ious: Tensors, threshold: float) -> Tensor:
    return torch.cat([match_greedily(iou, threshold) for iou in ious])


def _objects(ious: Tensors) -> int:
    return sum(iou.shape[1] for iou in ious)


def _ap(right: Tensor, num_objects: int, recalls: Tensor) -> float:
    precision, recall = precision_and_recall(right, num_objects)
    reached = torch.where(recall >= recalls[:, None], precision, 0.0)  # (R, D)
    return torch.cat([reached, reached.new_zeros(len(recalls), 1)], 1).amax(1).mean().item()  # the staircase


_A = (table((0.82, 0.1), (0.61, 0.0), (0.0, 0.72)), torch.tensor([0.9, 0.8, 0.3]))
_B = (table((0.1,), (0.93,)), torch.tensor([0.95, 0.6]))
_HALF = (table((0.5, 0.0), (0.0, 0.64)), torch.tensor([0.7, 0.4]))
_EXACT_DUPLICATE = (table((0.61, 0.0), (0.93, 0.0), (0.0, 0.84)), torch.tensor([0.9, 0.85, 0.2]))
_NOTHING_FOUND = (torch.zeros(0, 2, dtype=torch.float64), torch.zeros(0))
_NOTHING_THERE = (torch.zeros(1, 0, dtype=torch.float64), torch.tensor([0.7]))


def _data(*images: tuple[Tensor, Tensor], thresholds: Thresholds = _THREE, recalls: Tensor = ELEVEN) -> tuple:
    return *(tuple(column) for column in zip(*images, strict=True)), thresholds, recalls


AP_OVER_THRESHOLDS = Exercise(
    ap_over_thresholds,
    judge=judge_number,
    tolerance=1e-10,  # it is compared with the library's to nine digits
    hints=(
        "You have all the parts: match, rank, curve, reading. Which of them depend on the threshold?",
        "order = all scores, descending; for each threshold: match image by image, concatenate, put in order, read the curve.",
        "order = torch.cat(scores).argsort(descending=True)\n"
        "num_objects, aps = sum(iou.shape[1] for iou in ious), []\n"
        "for threshold in thresholds:\n"
        "    right = torch.cat([match_greedily(iou, threshold) for iou in ious])…  # over all images, the best first\n"
        "    aps.append(interpolated_precision(*precision_and_recall(right, num_objects), recalls)…)\n"
        "return sum(aps) / len(aps)",
    ),
    cases=(
        Case("one image, one threshold", _data(_A, thresholds=(0.5,), recalls=HUNDRED)),
        Case("an IoU of exactly the threshold", _data(_HALF, thresholds=(0.5,))),
        Case("one image, two thresholds", _data(_A, thresholds=(0.5, 0.75))),
        Case("a duplicate that is more precise", _data(_EXACT_DUPLICATE, thresholds=(0.5, 0.75))),
        Case("the stricter threshold first", _data(_A, thresholds=(0.75, 0.5))),
        Case("read at 11 recalls", _data(_A, thresholds=(0.75,))),
        Case("one image, ten thresholds", _data(_A, thresholds=_TEN)),
        Case("two images", _data(_A, _B)),
        Case("an image without detections", _data(_A, _NOTHING_FOUND, _B)),
        Case("an image without objects", _data(_NOTHING_THERE, _A, _B)),
    ),
)


@AP_OVER_THRESHOLDS.wrong(
    "the mean over images", "There is one curve for all images together, not one per image."
)
def _mean_of_images(ious, scores, thresholds, recalls):
    images = [(iou, part) for iou, part in zip(ious, scores, strict=True) if iou.shape[1]]
    return sum(ap_over_thresholds((iou,), (part,), thresholds, recalls) for iou, part in images) / len(images)


@AP_OVER_THRESHOLDS.wrong(
    "matched once for all thresholds",
    "Match again at each threshold: if the more confident box is too poor, a later one may take its object.",
)
def _matched_once(ious, scores, thresholds, recalls):
    def match(iou: Tensor, threshold: float) -> Tensor:
        iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
        for i in range(len(iou) if iou.shape[1] else 0):
            overlap, best = iou[i].max(0)
            if overlap >= thresholds[0]:
                right[i], iou[:, best] = overlap >= threshold, -1
        return right

    order = torch.cat(scores).argsort(descending=True)
    rights = [torch.cat([match(iou, t) for iou in ious])[order] for t in thresholds]
    return sum(_ap(right, _objects(ious), recalls) for right in rights) / len(rights)


@AP_OVER_THRESHOLDS.wrong(
    "one AP of the mean over thresholds", "Each threshold has its own curve and AP; the mean comes last."
)
def _votes(ious, scores, thresholds, recalls):
    order = torch.cat(scores).argsort(descending=True)
    share = torch.stack([_right(ious, t) for t in thresholds]).double().mean(0)[order]
    return _ap(share, _objects(ious), recalls)


@AP_OVER_THRESHOLDS.wrong(
    "images without detections are skipped",
    "Their objects are missed: they belong in the denominator of recall.",
)
def _skips_silent_images(ious, scores, thresholds, recalls):
    rows = [(iou, part) for iou, part in zip(ious, scores, strict=True) if len(part)]
    return ap_over_thresholds(*zip(*rows, strict=True), thresholds, recalls)


@AP_OVER_THRESHOLDS.wrong(
    "images without objects are skipped", "Their detections are wrong, and these belong in the ranking."
)
def _skips_empty_images(ious, scores, thresholds, recalls):
    rows = [(iou, part) for iou, part in zip(ious, scores, strict=True) if iou.shape[1]]
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


def _other_part(name: str, story: str, **parts: Callable) -> None:
    """Add the answer in which one part is another: `order` of the scores, number of `objects`, `right`, `ap`, `mean`."""

    def answer(ious, scores, thresholds, recalls):
        ranking = parts.get("order", lambda s, i: torch.cat(s).argsort(descending=True))(scores, ious)
        objects = parts.get("objects", _objects)(ious)
        aps = []
        for threshold in thresholds:
            right = parts.get("right", _right)(ious, threshold)[ranking]
            aps.append(parts.get("ap", _ap)(right, objects, recalls))
        return parts.get("mean", lambda values: sum(values) / len(values))(aps)

    AP_OVER_THRESHOLDS.wrong(name, story)(answer)


_other_part(
    "sorted in each image only",
    "The detections of all images form *one* ranking: sort all scores together.",
    order=lambda scores, ious: torch.arange(sum(map(len, scores))),
)
_other_part(
    "the worst score first",
    "argsort sorts in ascending order by default: pass descending=True.",
    order=lambda scores, ious: torch.cat(scores).argsort(),
)
_other_part(
    "sorted by overlap",
    "Rank by the *scores*; the overlap only decides what is right.",
    order=lambda scores, ious: torch.cat(
        [iou.amax(1) if iou.shape[1] else iou.new_zeros(len(iou)) for iou in ious]
    ).argsort(descending=True),
)
_other_part(
    "the number of detections instead of the number of objects",
    "Recall is a share of the objects, the *columns* of the tables.",
    objects=lambda ious: sum(map(len, ious)),
)
_other_part(
    "the objects of the last image only",
    "Recall is a share of the objects of all images: add them up.",
    objects=lambda ious: max(ious[-1].shape[1], 1),
)
_other_part(
    "the objects of the first image only",
    "Recall is a share of the objects of all images: add them up.",
    objects=lambda ious: max(ious[0].shape[1], 1),
)
_other_part(
    "duplicates counted as right",
    "An object is found once: match with `match_greedily`.",
    right=lambda ious, threshold: torch.cat([(iou >= threshold).any(1) for iou in ious]),
)
_other_part(
    "more than the threshold",
    "An IoU of exactly the threshold is enough.",
    right=lambda ious, threshold: _right(ious, threshold + 1e-6),
)
_other_part(
    "right detections sorted to the top",
    "The order comes from the scores alone; sorted by what is right, AP would just be the recall.",
    ap=lambda right, objects, recalls: _ap(right.sort(descending=True).values, objects, recalls),
)
_other_part(
    "the area under the curve",
    "Read the staircase at `recalls`, and take the mean of the heights.",
    ap=lambda right, objects, recalls: area_under_curve(*precision_and_recall(right, objects)),
)
_other_part(
    "always 101 recalls",
    "Read the staircase at `recalls`, wherever they are.",
    ap=lambda right, objects, recalls: _ap(right, objects, HUNDRED),
)
_other_part("the sum over thresholds", "Divide by the number of thresholds: it is a mean.", mean=sum)
_other_part("the best threshold", "Take the mean over all thresholds.", mean=max)
_other_part("the first threshold only", "Take the mean over all thresholds.", mean=lambda aps: aps[0])
_other_part("the last threshold only", "Take the mean over all thresholds.", mean=lambda aps: aps[-1])
_other_part(
    "a tensor instead of a number",
    "The value is right, but it is a tensor: .item() turns it into a number.",
    mean=lambda aps: torch.tensor(aps, dtype=torch.float64).mean(),
)


@AP_OVER_THRESHOLDS.wrong(
    "one threshold in the middle", "The AP at the mean threshold is not the mean of the APs."
)
def _threshold_in_the_middle(ious, scores, thresholds, recalls):
    return ap_over_thresholds(ious, scores, (sum(thresholds) / len(thresholds),), recalls)


@AP_OVER_THRESHOLDS.wrong("always COCO's ten thresholds", "Use `thresholds`, whichever they are.")
def _always_ten(ious, scores, thresholds, recalls):
    return ap_over_thresholds(ious, scores, _TEN, recalls)


EXERCISES = (AP_OVER_THRESHOLDS,)
