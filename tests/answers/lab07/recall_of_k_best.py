"""Answers to `recall_of_k_best` (lab 07), written from the student's notebook alone."""

import math

import torch
from torch import Tensor


def match_greedily(iou: Tensor, threshold: float) -> Tensor:
    """Exercise 1."""
    table, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        if iou.shape[1] and table[d].max() >= threshold:
            right[d] = True
            table[:, table[d].argmax()] = -1
    return right


def right_by_matching(ious: tuple[Tensor, ...], k: int) -> float:
    """Cuts each table to its first k rows and counts the right ones; 0 if there is no object at all."""
    found = sum(int(match_greedily(iou[:k], 0.5).sum()) for iou in ious)
    return found / max(sum(iou.shape[1] for iou in ious), 1)


def right_by_flags_of_objects(ious: tuple[Tensor, ...], k: int) -> float:
    """Keeps a set of found objects for each image, in plain Python; NaN without objects."""
    found = total = 0
    for iou in ious:
        taken: set[int] = set()
        for row in iou.tolist()[:k]:
            free = [(value, -g) for g, value in enumerate(row) if g not in taken and value >= 0.5]
            if free:
                taken.add(-max(free)[1])
        found, total = found + len(taken), total + iou.shape[1]
    return found / total if total else math.nan


def right_by_the_ranks(ious: tuple[Tensor, ...], k: int) -> float:
    """Matches the whole list: what stands below place k cannot change what is above. 1 without objects."""
    flags = [match_greedily(iou, 0.5)[:k] for iou in ious]
    total = sum(iou.shape[1] for iou in ious)
    return torch.cat(flags).double().sum().item() / total if total else 1.0


def right_by_any_overlap(ious: tuple[Tensor, ...], k: int) -> float:
    """As recall@k of lab 05: an object is found if any of the k boxes overlaps it, even one that finds two.
    The text says neither that a box may find two objects nor that it may not; it points to lab 05.
    """
    covered = [(iou[:k] >= 0.5).any(0) for iou in ious]
    return torch.cat(covered).double().mean().item() if sum(len(c) for c in covered) else 0.0


def _found(iou, k):
    return int(match_greedily(iou[:k], 0.5).sum())


def _total(ious):
    return max(sum(iou.shape[1] for iou in ious), 1)


def wrong_mean_over_images(ious, k):
    """The mean of each image's recall: an image with one object counts as much as one with ten."""
    shares = [_found(iou, k) / iou.shape[1] for iou in ious if iou.shape[1]]
    return sum(shares) / max(len(shares), 1)


def wrong_duplicates_count(ious, k):
    """Counts the boxes that fit and not the objects: two boxes on one object count as two, even above 1."""
    return sum(int((iou[:k] >= 0.5).any(1).sum()) for iou in ious) / _total(ious)


def wrong_k_ignored(ious, k):
    """All boxes may find objects, not the first k."""
    return sum(_found(iou, len(iou)) for iou in ious) / _total(ious)


def wrong_one_box_too_many(ious, k):
    """Takes k + 1 boxes: wrong if box number k + 1 finds something."""
    return sum(_found(iou, k + 1) for iou in ious) / _total(ious)


def wrong_one_box_too_few(ious, k):
    """Takes the boxes 1 to k - 1 as range(1, k) does, without the best one."""
    return sum(int(match_greedily(iou[1:k], 0.5).sum()) for iou in ious) / _total(ious)


def wrong_k_objects(ious, k):
    """Cuts the columns and not the rows: the first k objects of each image."""
    return sum(int(match_greedily(iou[:, :k], 0.5).sum()) for iou in ious) / _total(ious)


def wrong_last_k(ious, k):
    """Takes the k boxes from the end of the list, the least sure ones."""
    return sum(int(match_greedily(iou[-k:], 0.5).sum()) for iou in ious) / _total(ious)


def wrong_k_of_the_data_set(ious, k):
    """k boxes for all images together: the first images use them up."""
    found, left = 0, k
    for iou in ious:
        found, left = found + _found(iou, left), left - min(left, len(iou))
    return found / _total(ious)


def wrong_only_images_with_boxes(ious, k):
    """Leaves out images without detections: their objects are forgiven."""
    with_boxes = [iou for iou in ious if len(iou)]
    return sum(_found(iou, k) for iou in with_boxes) / _total(with_boxes)


def wrong_at_most_k_objects(ious, k):
    """Counts no more than k objects an image in the denominator: the share of what k boxes could find."""
    return sum(_found(iou, k) for iou in ious) / max(sum(min(k, iou.shape[1]) for iou in ious), 1)


def wrong_precision(ious, k):
    """Divides by the boxes and not by the objects."""
    return sum(_found(iou, k) for iou in ious) / max(sum(len(iou[:k]) for iou in ious), 1)


def wrong_half_is_not_enough(ious, k):
    """> and not >=: wrong for an IoU of exactly 0.5."""
    return sum(int(match_greedily(iou[:k].double(), 0.5 + 1e-9).sum()) for iou in ious) / _total(ious)


def wrong_most_exact_boxes(ious, k):
    """Takes the k boxes that overlap an object most, and not the k surest: it cheats with the truth."""
    found = 0
    for iou in ious:
        if iou.numel():
            order = iou.amax(1).argsort(descending=True)[:k]
            found += int(match_greedily(iou[order], 0.5).sum())
    return found / _total(ious)


def wrong_crash_without_boxes(ious, k):
    """The maximum over no boxes raises an error: wrong for an image without detections, (0, G)."""
    hopeful = [iou[:, iou[:k].amax(0) >= 0.5] for iou in ious]
    return sum(_found(iou, k) for iou in hopeful) / _total(ious)


def wrong_share_of_images(ious, k):
    """The share of images in which anything is found."""
    return sum(_found(iou, k) > 0 for iou in ious) / max(len(ious), 1)


def wrong_only_the_kth_box(ious, k):
    """Looks at box number k alone and not at all up to it."""
    return sum(int(match_greedily(iou[k - 1 : k], 0.5).sum()) for iou in ious) / _total(ious)
