"""Lab 05, exercise 3: the reference of recall@k, and wrong answers about what is counted."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.mistakes import Mistakes
from coursekit.ops import box_iou


def proposal_recall(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    """The share of all objects that one of the first k proposals of its image covers with an IoU of 0.5."""
    pairs = zip(proposals, boxes, strict=True)
    covered = [(box_iou(proposed[:k], true) >= 0.5).any(0) for proposed, true in pairs]
    return float(sum(image.sum() for image in covered) / sum(map(len, boxes)))


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def tables(proposals, boxes, k):
    """The overlaps of each image, (G, at most k)."""
    return [box_iou(true, proposed[:k]) for proposed, true in zip(proposals, boxes, strict=True)]


def share(hits):
    return torch.cat(hits).double().mean().item()


# ---------------------------------------------------------------- what is counted


@wrong(
    "boxes counted, not objects",
    "Count objects that some box covers, not boxes that cover some object: recall is never above 1.",
)
def _hits(proposals, boxes, k):
    return sum(int((t >= 0.5).any(0).sum()) for t in tables(proposals, boxes, k)) / sum(map(len, boxes))


@wrong("pairs counted", "An object counts once, however many boxes cover it: any, then sum.")
def _pairs(proposals, boxes, k):
    return sum(int((t >= 0.5).sum()) for t in tables(proposals, boxes, k)) / sum(map(len, boxes))


@wrong("precision", "Recall is a share of the objects, not of the boxes: most of the proposals may miss.")
def _precision(proposals, boxes, k):
    hits = [(t >= 0.5).any(0) for t in tables(proposals, boxes, k)]
    return share(hits)


@wrong(
    "precision among k boxes per image",
    "Recall is a share of the objects, not of the boxes: most of the proposals may miss.",
)
def _precision_at_k(proposals, boxes, k):
    hits = sum(int((t >= 0.5).any(0).sum()) for t in tables(proposals, boxes, k))
    return hits / (k * len(boxes))


@wrong("the covered objects divided by the boxes", "Divide by the number of objects of all images.")
def _by_boxes(proposals, boxes, k):
    found = sum(int((t >= 0.5).any(1).sum()) for t in tables(proposals, boxes, k))
    return found / sum(len(p[:k]) for p in proposals)


@wrong("a number of objects", "Divide by the number of objects of all images.")
def _count(proposals, boxes, k):
    return float(sum((t >= 0.5).any(1).sum() for t in tables(proposals, boxes, k)))


@wrong(
    "the mean over images",
    "All objects of all images have the same weight: an image with three objects counts three times.",
)
def _mean_of_images(proposals, boxes, k):
    each = [(t >= 0.5).any(1).double().mean().item() for t in tables(proposals, boxes, k) if len(t)]
    return sum(each) / len(each)


@wrong(
    "the mean over images",
    "All objects of all images have the same weight: an image with three objects counts three times.",
)
def _mean_with_nan(proposals, boxes, k):
    each = [(t >= 0.5).any(1).double().mean().item() for t in tables(proposals, boxes, k)]
    return sum(each) / len(each)


@wrong(
    "the mean over images",
    "All objects of all images have the same weight: an image with three objects counts three times.",
)
def _mean_with_zero(proposals, boxes, k):
    each = [(t >= 0.5).any(1).sum().item() / max(len(t), 1) for t in tables(proposals, boxes, k)]
    return sum(each) / len(each)


@wrong(
    "complete images counted", "Each object counts on its own: one that is missed does not affect the others."
)
def _complete(proposals, boxes, k):
    images = [bool((t >= 0.5).any(1).all()) for t in tables(proposals, boxes, k)]
    return sum(images) / len(images)


@wrong(
    "images with a hit counted", "Each object counts on its own: check for each one whether a box covers it."
)
def _with_a_hit(proposals, boxes, k):
    images = [bool((t >= 0.5).any()) for t in tables(proposals, boxes, k)]
    return sum(images) / len(images)


@wrong(
    "one object per proposal", "Here a box may cover two objects: a proposal only tells where to look closer."
)
def _one_each(proposals, boxes, k):
    found = 0
    for table in tables(proposals, boxes, k):
        free = torch.ones(len(table), dtype=torch.bool)
        for row in table.T:
            hit = ((row >= 0.5) & free).nonzero()[:1]
            free[hit], found = False, found + len(hit)
    return found / sum(map(len, boxes))


@wrong("images without proposals left out", "Their objects count as missed: they lower the recall.")
def _left_out(proposals, boxes, k):
    return share([(t >= 0.5).any(1) for t in tables(proposals, boxes, k) if t.shape[1]])


@wrong("boxes of other images", "A proposal can only cover objects of its own image.")
def _across_images(proposals, boxes, k):
    first = torch.cat([proposed[:k] for proposed in proposals])
    return (box_iou(torch.cat(list(boxes)), first) >= 0.5).any(1).double().mean().item()


@wrong("the first image alone", "All objects of all images count.")
def _first_image(proposals, boxes, k):
    return share([(t >= 0.5).any(1) for t in tables(proposals, boxes, k)[:1]])
