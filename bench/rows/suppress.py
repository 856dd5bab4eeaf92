"""Non-maximum suppression, against torchvision and OpenCV."""

from functools import partial

import torch
import torchvision.ops as peer
from compare import Case, Run, other_members, row
from torch import Tensor

from coursekit import ops
from rows.inputs import chance, distinct_scores, heaped_boxes, random_boxes

GROUP = "Suppression"
SIZES, BETWEEN = (1000, 5000, 20000), (300, 2500, 10000)
THRESHOLD, CLASSES = 0.5, 80
SCATTERED = "boxes of 5 to 100 pixels anywhere in 300 x 500, IoU 0.5"
HEAPED = "boxes of 20 to 40 pixels in heaps of ten in 300 x 500, IoU 0.5"


def same_boxes(ours: Run, theirs: Run, boxes: Tensor, *more: Tensor) -> Case:
    n = len(boxes)
    arguments = boxes, distinct_scores(n, 1), *more, THRESHOLD
    peers = {"torchvision": partial(theirs, *arguments)}
    return Case(f"{n}", n, partial(ours, *arguments), peers, difference=other_members)


@row(GROUP, SCATTERED, SIZES, name="nms, scattered", between=BETWEEN, covers=["nms"], forward=(3.5, 1.2, 1.0))
def nms_scattered(n: int) -> Case:
    return same_boxes(ops.nms, peer.nms, random_boxes(n, 0))


@row(GROUP, HEAPED, SIZES, name="nms, heaped", between=BETWEEN, forward=(3.5, 1.2, 1.0))
def nms_heaped(n: int) -> Case:
    return same_boxes(ops.nms, peer.nms, heaped_boxes(n, 0))


@row(GROUP, f"{SCATTERED}, {CLASSES} classes", SIZES, between=BETWEEN, forward=(0.7, 0.5, 1.5))
def batched_nms(n: int) -> Case:
    classes = torch.randint(0, CLASSES, (n,), generator=chance(3))
    return same_boxes(ops.batched_nms, peer.batched_nms, random_boxes(n, 0), classes)


@row(GROUP, f"{SCATTERED}, 5 classes", SIZES, name="batched_nms, 5 classes")
def batched_nms_few_classes(n: int) -> Case:
    classes = torch.randint(0, 5, (n,), generator=chance(3))
    return same_boxes(ops.batched_nms, peer.batched_nms, random_boxes(n, 0), classes)


@row(GROUP, "whole boxes of 20 to 40 pixels in heaps of ten, Gaussian decay", (100, 500, 2000))
def soft_nms(n: int) -> Case:
    boxes, scores = heaped_boxes(n, 0).round(), distinct_scores(n, 1)
    ours = partial(ops.soft_nms, boxes, scores, sigma=0.5, score_threshold=0.05)
    return Case(f"{n}", n, ours, opencv_soft_nms(boxes, scores), difference=other_kept)


def opencv_soft_nms(boxes: Tensor, scores: Tensor) -> dict[str, Run]:
    """OpenCV's, on lists as it wants them; it is there only with the extra `bench`."""
    try:
        from cv2 import dnn
    except ImportError:
        return {}
    sides = torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1).int().tolist()
    arguments = sides, scores.tolist(), 0.05, 0.3, 0, 0.5, dnn.SOFT_NMSMETHOD_SOFTNMS_GAUSSIAN
    return {"OpenCV": lambda: dnn.softNMSBoxes(*arguments)[1]}


def other_kept(ours: tuple[Tensor, Tensor], theirs: Tensor) -> float:
    return other_members(ours[0], theirs)
