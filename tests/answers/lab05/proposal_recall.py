"""Answers to `proposal_recall` (lab 05), written from the student's notebook alone."""

import math

import torch
from torch import Tensor

from coursekit import ops


def right_by_tables(proposals: list[Tensor], boxes: list[Tensor], k: int) -> float:
    """A table of overlaps for each image; without any object 0."""
    found = total = 0
    for proposed, true in zip(proposals, boxes, strict=True):
        found += int((ops.box_iou(true, proposed[:k]) >= 0.5).any(1).sum())
        total += len(true)
    return found / total if total else 0.0


def right_by_plain_numbers(proposals: list[Tensor], boxes: list[Tensor], k: int) -> float:
    """Four loops; a proposal of no area covers nothing, and without any object all of them are found: 1."""

    def overlap(a: list[float], b: list[float]) -> float:
        width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        if width <= 0 or height <= 0:
            return 0.0
        both = width * height
        return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)

    hits = []
    for proposed, true in zip(proposals, boxes, strict=True):
        first = proposed[:k].tolist()
        for box in true.tolist():
            hits.append(any(overlap(box, one) >= 0.5 for one in first))
    return sum(hits) / len(hits) if hits else 1.0


def right_by_best_overlap(proposals: list[Tensor], boxes: list[Tensor], k: int) -> float:
    """The best overlap of each object, all objects in one row; the mean of nothing is not a number."""
    best = [torch.zeros(0)]
    for proposed, true in zip(proposals, boxes, strict=True):
        if len(proposed[:k]) == 0:
            best.append(torch.zeros(len(true)))
        else:
            best.append(ops.box_iou(proposed[:k], true).max(0).values)
    share = (torch.cat(best) >= 0.5).float().mean().item()
    return math.nan if math.isnan(share) else share


def right_without_division(proposals: list[Tensor], boxes: list[Tensor], k: int) -> float:
    """IoU of at least 1/2 means: three times the intersection is at least the sum of both areas."""
    covered = torch.zeros(0, dtype=torch.bool)
    for proposed, true in zip(proposals, boxes, strict=True):
        a, b = true.double()[:, None], proposed[:k].double()[None]
        sides = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0)
        areas = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1)
        covered = torch.cat([covered, ((3 * sides.prod(-1) >= areas) & (areas > 0)).any(1)])
    return covered.double().mean().item() if len(covered) else 0.0


def _tables(proposals, boxes, k):
    """The overlaps of each image, (G, at most k)."""
    return [ops.box_iou(true, proposed[:k]) for proposed, true in zip(proposals, boxes, strict=True)]


def wrong_mean_of_images(proposals, boxes, k):
    """The mean of each image's recall: an image with one object counts as much as one with five."""
    shares = [(table >= 0.5).any(1).float().mean() for table in _tables(proposals, boxes, k) if len(table)]
    return torch.stack(shares).mean().item()


def wrong_precision(proposals, boxes, k):
    """The share of proposals that hit, where the share of objects was asked for."""
    hits = torch.cat([(table >= 0.5).any(0) for table in _tables(proposals, boxes, k)])
    return hits.float().mean().item()


def wrong_greater_than(proposals, boxes, k):
    """> for >=: an object with an IoU of exactly 0.5 is lost."""
    hits = torch.cat([(table > 0.5).any(1) for table in _tables(proposals, boxes, k)])
    return hits.float().mean().item()


def wrong_all_proposals(proposals, boxes, k):
    """Ignores k: recall@5 is as high as recall@200."""
    hits = torch.cat([(table >= 0.5).any(1) for table in _tables(proposals, boxes, None)])
    return hits.float().mean().item()


def wrong_k_for_all_images(proposals, boxes, k):
    """Spends the k proposals once for all images: with k = 1 only the first image has one."""
    hits = []
    for proposed, true in zip(proposals, boxes, strict=True):
        hits.append((ops.box_iou(true, proposed[: max(k, 0)]) >= 0.5).any(1))
        k -= len(proposed)
    return torch.cat(hits).float().mean().item()


def wrong_without_proposals(proposals, boxes, k):
    """amax over no proposals raises an error: one image without proposals stops everything."""
    best = [table.amax(1) for table in _tables(proposals, boxes, k)]
    return (torch.cat(best) >= 0.5).float().mean().item()


def wrong_images_without_proposals_left_out(proposals, boxes, k):
    """Skips images without proposals: their objects are not found, and should count."""
    hits = [(table >= 0.5).any(1) for table in _tables(proposals, boxes, k) if table.shape[1]]
    return torch.cat(hits).float().mean().item() if hits else 0.0


def wrong_hits_counted_twice(proposals, boxes, k):
    """Counts pairs: an object with two good proposals counts twice, so the recall may pass 1."""
    tables = _tables(proposals, boxes, k)
    return sum(int((table >= 0.5).sum()) for table in tables) / sum(map(len, tables))


def wrong_last_ones(proposals, boxes, k):
    """Takes the last k proposals of an image, the worst ones."""
    return right_by_tables([proposed[-k:] for proposed in proposals], boxes, k)


def wrong_one_more(proposals, boxes, k):
    """Takes k + 1 proposals: wrong when the last of them finds an object."""
    return right_by_tables(proposals, boxes, k + 1)


def wrong_complete_images(proposals, boxes, k):
    """The share of images of which every object is found: one lost object costs all of them."""
    images = [bool((table >= 0.5).any(1).all()) for table in _tables(proposals, boxes, k)]
    return sum(images) / len(images)


def wrong_each_proposal_once(proposals, boxes, k):
    """A proposal that covers two objects counts for the first one only, as in AP."""
    found = total = 0
    for table in _tables(proposals, boxes, k):
        free = torch.ones(table.shape[1], dtype=torch.bool)
        for row in table:
            hit = ((row >= 0.5) & free).nonzero()[:1]
            free[hit], found = False, found + len(hit)
        total += len(table)
    return found / total


def wrong_share_of_the_object(proposals, boxes, k):
    """The intersection divided by the object alone: a box of the whole picture finds everything."""
    hits = []
    for proposed, true in zip(proposals, boxes, strict=True):
        a, b = true[:, None], proposed[None, :k]
        sides = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0)
        hits.append((sides.prod(-1) / (a[..., 2:] - a[..., :2]).prod(-1) >= 0.5).any(1))
    return torch.cat(hits).float().mean().item()


def wrong_mean_overlap(proposals, boxes, k):
    """The mean of the best overlaps, without a threshold."""
    best = [
        table.amax(1) if table.shape[1] else torch.zeros(len(table)) for table in _tables(proposals, boxes, k)
    ]
    return torch.cat(best).mean().item()


def wrong_across_images(proposals, boxes, k):
    """Compares the objects with the proposals of all images: a box found in another picture counts."""
    first = torch.cat([proposed[:k] for proposed in proposals])
    return (ops.box_iou(torch.cat(boxes), first) >= 0.5).any(1).float().mean().item()
