"""Answers to `ap_over_thresholds` (lab 07), written from the student's notebook alone."""

import numpy as np
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


def precision_and_recall(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    """Exercise 2."""
    hits = right.double().cumsum(0)
    return hits / torch.arange(1, len(right) + 1, dtype=torch.float64), hits / num_objects


def interpolated_precision(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Exercise 3."""
    table = torch.where(recall[None] >= recalls[:, None], precision[None], 0.0)
    return torch.cat([table, table.new_zeros(len(recalls), 1)], 1).amax(1)


def right_by_the_exercises(
    ious: tuple[Tensor, ...], scores: tuple[Tensor, ...], thresholds: tuple[float, ...], recalls: Tensor
) -> float:
    """The three exercises in a row; among equal scores the earlier image first."""
    order = torch.cat(scores).argsort(descending=True, stable=True)
    num_objects = sum(iou.shape[1] for iou in ious)
    aps = []
    for threshold in thresholds:
        right = torch.cat([match_greedily(iou, threshold) for iou in ious])[order]
        aps.append(interpolated_precision(*precision_and_recall(right, num_objects), recalls).mean())
    return torch.stack(aps).mean().item()


def right_by_plain_numbers(
    ious: tuple[Tensor, ...], scores: tuple[Tensor, ...], thresholds: tuple[float, ...], recalls: Tensor
) -> float:
    """Lists only; among equal scores the later one first. 0 if there is no object at all."""
    total, wanted = sum(iou.shape[1] for iou in ious), recalls.tolist()
    heights = []
    for threshold in thresholds:
        ranking = []
        for iou, values in zip(ious, scores, strict=True):
            ranking += zip(values.tolist(), match_greedily(iou, threshold).tolist(), strict=True)
        ranking = sorted(reversed(ranking), key=lambda row: row[0], reverse=True)
        points, hits = [], 0
        for n, (_, right) in enumerate(ranking, 1):
            hits += right
            points.append((hits / n, hits / total if total else 0.0))
        for recall in wanted:
            heights.append(max((p for p, r in points if r >= recall), default=0.0))
    return sum(heights) / len(heights)


def right_for_all_thresholds_at_once(
    ious: tuple[Tensor, ...], scores: tuple[Tensor, ...], thresholds: tuple[float, ...], recalls: Tensor
) -> float:
    """A row of flags for each threshold, one running count along the rows, one search a row."""
    flags = np.stack([np.concatenate([match_greedily(i, t).numpy() for i in ious]) for t in thresholds])
    order = np.argsort(-np.concatenate([s.numpy() for s in scores]), kind="stable")
    hits = flags[:, order].cumsum(1)
    precision = hits / np.arange(1, hits.shape[1] + 1)
    recall = hits / max(sum(iou.shape[1] for iou in ious), 1)
    stairs = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    stairs = np.concatenate([stairs, np.zeros((len(stairs), 1))], 1)
    read = [s[np.searchsorted(r, recalls.numpy())] for s, r in zip(stairs, recall, strict=True)]
    return float(np.mean(read))


def _ap(right, num_objects, recalls):
    return interpolated_precision(*precision_and_recall(right, num_objects), recalls).mean().item()


def _mean(ious, scores, thresholds, recalls, order=None, objects=None, match=match_greedily):
    """The right answer with a part exchanged, for answers whose mistake is there."""
    order = torch.cat(scores).argsort(descending=True, stable=True) if order is None else order
    objects = sum(iou.shape[1] for iou in ious) if objects is None else objects
    aps = [_ap(torch.cat([match(iou, t) for iou in ious])[order], objects, recalls) for t in thresholds]
    return sum(aps) / len(aps)


def wrong_mean_over_images(ious, scores, thresholds, recalls):
    """A ranking and an AP for each image, and their mean: wrong for more than one image."""
    rows = [(i, s) for i, s in zip(ious, scores, strict=True) if i.shape[1]]
    return sum(_mean((i,), (s,), thresholds, recalls) for i, s in rows) / max(len(rows), 1)


def wrong_order_of_the_images(ious, scores, thresholds, recalls):
    """Does not sort again after the images are joined: all of the first image stands above the second."""
    return _mean(ious, scores, thresholds, recalls, order=torch.arange(sum(len(s) for s in scores)))


def wrong_least_sure_first(ious, scores, thresholds, recalls):
    """Sorts in ascending order."""
    return _mean(ious, scores, thresholds, recalls, order=torch.cat(scores).argsort(stable=True))


def wrong_matched_once(ious, scores, thresholds, recalls):
    """Matches at the first threshold, then asks the matched pairs for more: a duplicate that is more exact
    never gets the object that the surer, poorer box lost.
    """

    def match(iou, threshold):
        table, kept = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
        for d in range(len(iou)):
            if iou.shape[1] and table[d].max() >= thresholds[0]:
                kept[d] = table[d].max() >= threshold
                table[:, table[d].argmax()] = -1
        return kept

    return _mean(ious, scores, thresholds, recalls, match=match)


def wrong_empty_images_skipped(ious, scores, thresholds, recalls):
    """Counts the objects only of images with detections: those of empty images are forgiven."""
    objects = sum(iou.shape[1] for iou in ious if len(iou))
    return _mean(ious, scores, thresholds, recalls, objects=max(objects, 1))


def wrong_images_without_objects_skipped(ious, scores, thresholds, recalls):
    """Leaves out images without an object of the class: the wrong detections there cost nothing."""
    rows = [(i, s) for i, s in zip(ious, scores, strict=True) if i.shape[1]]
    return _mean(tuple(i for i, _ in rows), tuple(s for _, s in rows), thresholds, recalls) if rows else 0.0


def wrong_first_threshold_only(ious, scores, thresholds, recalls):
    """AP50 and not the mean: the other thresholds are ignored."""
    return _mean(ious, scores, thresholds[:1], recalls)


def wrong_sum_over_thresholds(ious, scores, thresholds, recalls):
    """Adds up and forgets to divide: wrong for more than one threshold."""
    return _mean(ious, scores, thresholds, recalls) * len(thresholds)


def wrong_mean_threshold(ious, scores, thresholds, recalls):
    """One AP at the mean of the thresholds and not the mean of the APs."""
    return _mean(ious, scores, (sum(thresholds) / len(thresholds),), recalls)


def wrong_always_coco(ious, scores, thresholds, recalls):
    """Ignores the thresholds given, takes COCO's ten: wrong for any others."""
    return _mean(ious, scores, tuple(0.5 + 0.05 * i for i in range(10)), recalls)


def wrong_recalls_ignored(ious, scores, thresholds, recalls):
    """Always reads at 101 recalls: wrong for 11."""
    return _mean(ious, scores, thresholds, torch.linspace(0, 1, 101, dtype=torch.float64))


def wrong_counts_detections(ious, scores, thresholds, recalls):
    """The wrong side of the tables: recall is divided by the number of detections."""
    return _mean(ious, scores, thresholds, recalls, objects=max(sum(len(iou) for iou in ious), 1))


def wrong_counts_objects_an_image(ious, scores, thresholds, recalls):
    """Takes the objects of the last image for all of them."""
    return _mean(ious, scores, thresholds, recalls, objects=max(ious[-1].shape[1], 1))


def wrong_duplicates_are_right(ious, scores, thresholds, recalls):
    """Every detection that fits an object is right, the second one of it, too."""
    return _mean(ious, scores, thresholds, recalls, match=lambda iou, t: (iou >= t).any(1))


def wrong_votes_of_the_thresholds(ious, scores, thresholds, recalls):
    """Takes the mean of the flags over the thresholds, and then one AP: the mean comes too early."""
    order = torch.cat(scores).argsort(descending=True, stable=True)
    flags = [torch.cat([match_greedily(iou, t) for iou in ious]).double() for t in thresholds]
    return _ap(torch.stack(flags).mean(0)[order], sum(iou.shape[1] for iou in ious), recalls)


def wrong_sorted_within_the_matches(ious, scores, thresholds, recalls):
    """Puts the right ones of the ranking first, then the wrong ones: AP becomes the recall."""
    order = torch.cat(scores).argsort(descending=True, stable=True)
    aps = []
    for t in thresholds:
        right = torch.cat([match_greedily(iou, t) for iou in ious])[order]
        aps.append(_ap(right.sort(descending=True).values, sum(iou.shape[1] for iou in ious), recalls))
    return sum(aps) / len(aps)


def wrong_sorts_the_overlaps(ious, scores, thresholds, recalls):
    """Ranks by the best overlap and not by the score: an exact box stands above a sure one."""
    best = torch.cat([i.amax(1) if i.shape[1] else i.new_zeros(len(i)) for i in ious])
    return _mean(ious, scores, thresholds, recalls, order=best.argsort(descending=True, stable=True))
