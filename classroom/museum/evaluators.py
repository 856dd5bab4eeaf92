"""Wrong evaluators of detectors, all called like the right one: predictions, targets -> one number.

The reference is `average_precision_50`. Each bug is one wrong part in an evaluator that is otherwise right, or
spoils what it hands to the reference. The size of an image is that of its masks, where a target has them.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from classroom.exercises.cases import boxes
from classroom.museum import evaluator_parts as parts
from classroom.museum.bug import Bug
from classroom.museum.evaluator_parts import average_precision_50, evaluate_by_loops
from classroom.museum.overlap import plus_one_pixel
from coursekit import ops
from coursekit.schema import Prediction, Target

SCORE_THRESHOLD = 0.4
Box = tuple[float, float, float, float]


def truth(*rows: tuple[int, Box], **others) -> Target:
    """A target of labels and boxes.

    >>> truth((1, (0, 0, 4, 3)))
    {'boxes': tensor([[0., 0., 4., 3.]]), 'labels': tensor([1])}
    """
    labels = torch.tensor([label for label, _ in rows], dtype=torch.int64)
    return {"boxes": boxes(*(box for _, box in rows)), "labels": labels} | others


def found(*rows: tuple[float, int, Box]) -> Prediction:
    """A prediction of scores, labels and boxes.

    >>> found((0.9, 1, (0, 0, 4, 3)))["scores"]
    tensor([0.9000])
    """
    return truth(*(row[1:] for row in rows)) | {"scores": torch.tensor([float(row[0]) for row in rows])}


# ---------------------------------------------------------------- what is handed to the reference


def _skips_empty_images(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    rows = [row for row in zip(predictions, targets, strict=True) if len(row[0]["labels"])]
    return average_precision_50([p for p, _ in rows], [t for _, t in rows])


def _cuts_at_a_score(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    def keep(row: Prediction) -> Prediction:
        sure = row["scores"] >= SCORE_THRESHOLD
        return {key: row[key][sure] for key in ("boxes", "labels", "scores")}

    return average_precision_50([keep(row) for row in predictions], targets)


def _forgets_classes(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    one_class = [
        [row | {"labels": torch.ones_like(row["labels"])} for row in rows] for rows in (predictions, targets)
    ]
    return average_precision_50(*one_class)


def _reads_xywh_as_xyxy(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    as_in_the_file = [t | {"boxes": ops.box_convert(t["boxes"], "xyxy", "xywh")} for t in targets]
    return average_precision_50(predictions, as_in_the_file)


def _scales_by_the_first_image(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    sizes = [torch.tensor(t["masks"].shape[-2:] if "masks" in t else (1, 1)) for t in targets]
    scales = [(sizes[0] / size).flip(0).repeat(2) for size in sizes]  # x with the width
    rescaled = [p | {"boxes": p["boxes"] * scale} for p, scale in zip(predictions, scales, strict=True)]
    return average_precision_50(rescaled, targets)


def _takes_crowds_for_objects(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    return average_precision_50(
        predictions, [t | {"iscrowd": torch.zeros(len(t["labels"]))} for t in targets]
    )


def _averages_images(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    of_images = [average_precision_50([p], [t]) for p, t in zip(predictions, targets, strict=True)]
    known = [ap for ap in of_images if ap >= 0]
    return float(np.mean(known)) if known else -1.0


def _averages_absent_classes(predictions: Sequence[Prediction], targets: Sequence[Target]) -> float:
    def every_label(*rows: Sequence) -> set[int]:
        return parts.labels_in(rows[0]) | parts.labels_in(rows[1])

    return evaluate_by_loops(predictions, targets, classes_of=every_label)


# ---------------------------------------------------------------- the exhibits

_A, _B, _C, _D = (0, 0, 40, 30), (100, 0, 140, 30), (200, 0, 240, 30), (300, 0, 340, 30)
_EMPTY = (50, 200, 90, 230)
_TWO = [truth((1, _A), (1, _B))]


def _bug(name: str, story: str, wrong: Callable, predictions: list, targets: list) -> Bug:
    return Bug(name, story, wrong, average_precision_50, (predictions, targets))


EVALUATOR_BUGS = (
    _bug(
        "images without detections are skipped",
        "A famous course goes on to the next image before it has counted the objects of this one, so what is "
        "missed altogether never lowers the recall.",
        _skips_empty_images,
        [found((0.9, 1, _A)), found()],
        [truth((1, _A)), truth((1, _A), (1, _B))],
    ),
    _bug(
        "a score threshold before the curve",
        f"Detections below {SCORE_THRESHOLD} are dropped, as for a picture, and the curve ends where it would go on.",
        _cuts_at_a_score,
        [found((0.9, 1, _A), (0.3, 1, _B))],
        _TWO,
    ),
    _bug(
        "duplicates count as right",
        "Every box that lies on an object is right, however often the object has been found.",
        partial(evaluate_by_loops, match=parts.match_without_taking, summary=parts.recall_up_to_one),
        [found((0.9, 1, _A), (0.8, 1, _A), (0.7, 1, _B))],
        _TWO,
    ),
    _bug(
        "IoU with +1 pixel",
        "The IoU counts one pixel more on each side, which lifts small objects over the threshold.",
        partial(evaluate_by_loops, iou=plus_one_pixel),
        [found((0.9, 1, (0, 0, 2, 2)))],
        [truth((1, (1, 0, 3, 2)))],
    ),
    _bug(
        "classes do not matter",
        "Boxes are matched whatever their class, so a cat where the dog is counts as right.",
        _forgets_classes,
        [found((0.9, 1, _A), (0.8, 2, _B))],
        [truth((2, _A), (1, _B))],
    ),
    _bug(
        "the size of another image",
        "All boxes are scaled by the size of the first image, which is right only where all images are alike.",
        _scales_by_the_first_image,
        [found((0.9, 1, _A)), found((0.8, 1, _A))],
        [truth((1, _A), masks=torch.zeros(1, *size)) for size in ((60, 80), (120, 50))],
    ),
    _bug(
        "xywh read as xyxy",
        "COCO's files hold corner and size; read as two corners, only boxes at the origin stay what they were.",
        _reads_xywh_as_xyxy,
        [found((0.9, 1, _B))],
        [truth((1, _B))],
    ),
    _bug(
        "the worst score first",
        "Sorting goes upwards unless it is told otherwise: the curve begins with the detections that are least sure.",
        partial(evaluate_by_loops, order_of_image=parts.worst_first, order_of_all=parts.worst_first),
        [found((0.9, 1, _A), (0.8, 1, _EMPTY))],
        [truth((1, _A))],
    ),
    _bug(
        "sorted in each image only",
        "The detections of all images are strung together as they come, though one curve needs one order.",
        partial(evaluate_by_loops, order_of_all=parts.as_they_come),
        [found((0.3, 1, _EMPTY)), found((0.9, 1, _A))],
        [truth(), truth((1, _A))],
    ),
    _bug(
        "the best object or none",
        "A detection whose best object is taken is wrong even where it overlaps a free one by half, as in Pascal "
        "VOC's rule, where COCO's gives it the free one.",
        partial(evaluate_by_loops, match=parts.match_best_or_nothing),
        [found((0.9, 1, (0, 0, 40, 30)), (0.8, 1, (3, 0, 43, 30)))],
        [truth((1, (0, 0, 40, 30)), (1, (10, 0, 50, 30)))],
    ),
    _bug(
        "the best overlap wins, not the best score",
        "Each object takes the box that fits it best, so that the surer detection becomes the duplicate.",
        partial(evaluate_by_loops, match=parts.match_by_overlap),
        [found((0.9, 1, (0, 0, 40, 25)), (0.8, 1, _A))],
        [truth((1, _A))],
    ),
    _bug(
        "recall divided by the detections",
        "Recall is the share of the objects that are found; divided by the number of detections it is precision again.",
        partial(evaluate_by_loops, summary=parts.recall_of_detections),
        [found((0.9, 1, _A))],
        _TWO,
    ),
    _bug(
        "recall of what was found",
        "Only objects that some detection finds are counted, so the recall always ends at 1.",
        partial(evaluate_by_loops, summary=parts.recall_of_the_found),
        [found((0.9, 1, _A), (0.8, 1, _EMPTY))],
        _TWO,
    ),
    _bug(
        "a curve that is not interpolated",
        "The precision is read at each recall, where the definition takes the best one there or beyond.",
        partial(evaluate_by_loops, summary=parts.not_interpolated),
        [found((0.9, 1, _EMPTY), (0.8, 1, _A), (0.7, 1, _B))],
        _TWO,
    ),
    _bug(
        "the mean over images",
        "The AP of each image is averaged, so that a score means something within one image only.",
        _averages_images,
        [found((0.9, 1, _A)), found((0.95, 1, _EMPTY), (0.5, 1, _A))],
        [truth((1, _A)), truth((1, _A))],
    ),
    _bug(
        "absent classes are averaged in",
        "A class without objects has no AP, and COCO marks it with -1; here the -1 goes into the mean.",
        _averages_absent_classes,
        [found((0.9, 1, _A), (0.2, 2, _EMPTY))],
        [truth((1, _A))],
    ),
    _bug(
        "crowds taken for objects",
        "A crowd is a region in which objects were not counted: what lies in it is neither right nor wrong, and it cannot be missed.",
        _takes_crowds_for_objects,
        [found((0.9, 1, _A), (0.8, 1, (100, 0, 120, 20)))],
        [truth((1, _A), (1, (100, 0, 160, 90)), iscrowd=torch.tensor([0, 1]))],
    ),
)
