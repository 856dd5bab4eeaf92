"""Answers to `recall_of_k_best` (lab 07) by somebody else, written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_any_of_each_object(ious: tuple[Tensor, ...], k: int) -> float:
    found = sum((iou[:k] >= 0.5).any(0).sum().item() for iou in ious)
    return found / sum(iou.shape[1] for iou in ious)


def right_loops(ious: tuple[Tensor, ...], k: int) -> float:
    found = total = 0
    for iou in ious:
        rows = (iou >= 0.5).tolist()[:k]
        for g in range(iou.shape[1]):
            total += 1
            for row in rows:
                if row[g]:
                    found += 1
                    break
    return found / total


def right_best_overlap(ious: tuple[Tensor, ...], k: int) -> float:
    best = [iou[:k].amax(0) if len(iou[:k]) else iou.new_zeros(iou.shape[1]) for iou in ious]
    return (torch.cat(best) >= 0.5).double().mean().item()


def right_numpy_rank(ious: tuple[Tensor, ...], k: int) -> float:
    """The rank of the first box that finds each object: found if it is below k."""
    ranks = []
    for iou in ious:
        good = (iou >= 0.5).numpy()
        rows = np.arange(good.shape[0])[:, None]
        ranks.append(np.where(good, rows, k).min(axis=0, initial=k))
    return float(np.mean(np.concatenate(ranks) < k))


def right_set_of_found(ious: tuple[Tensor, ...], k: int) -> float:
    found = set()
    for n, iou in enumerate(ious):
        for d, g in (iou >= 0.5).nonzero().tolist():
            if d < k:
                found.add((n, g))
    return len(found) / sum(iou.size(1) for iou in ious)


def _objects(ious: tuple[Tensor, ...]) -> int:
    return sum(iou.shape[1] for iou in ious)


def wrong_mean_over_images(ious: tuple[Tensor, ...], k: int) -> float:
    """Averages the recalls of the images, so that an object of a crowded image counts less."""
    shares = [(iou[:k] >= 0.5).any(0).double().mean().item() for iou in ious if iou.shape[1]]
    return sum(shares) / len(shares)


def wrong_k_boxes_in_all(ious: tuple[Tensor, ...], k: int) -> float:
    """Gives all images together k boxes instead of each image."""
    left, found = k, 0
    for iou in ious:
        found += (iou[:left] >= 0.5).any(0).sum().item()
        left = max(left - len(iou), 0)
    return found / _objects(ious)


def wrong_share_of_boxes(ious: tuple[Tensor, ...], k: int) -> float:
    """Divides the right boxes by the boxes: that is precision."""
    right = sum((iou[:k] >= 0.5).any(1).sum().item() for iou in ious)
    return right / max(sum(len(iou[:k]) for iou in ious), 1)


def wrong_counts_boxes(ious: tuple[Tensor, ...], k: int) -> float:
    """Counts the boxes that hit something, so that an object found twice counts twice."""
    return sum((iou[:k] >= 0.5).any(1).sum().item() for iou in ious) / _objects(ious)


def wrong_counts_pairs(ious: tuple[Tensor, ...], k: int) -> float:
    """Counts every pair of box and object, so that the share may exceed 1."""
    return sum((iou[:k] >= 0.5).sum().item() for iou in ious) / _objects(ious)


def wrong_must_be_more(ious: tuple[Tensor, ...], k: int) -> float:
    """An IoU of exactly 0.5 does not count."""
    return sum((iou[:k] > 0.5).any(0).sum().item() for iou in ious) / _objects(ious)


def wrong_forgets_k(ious: tuple[Tensor, ...], k: int) -> float:
    """Looks at all boxes of each image."""
    return sum((iou >= 0.5).any(0).sum().item() for iou in ious) / _objects(ious)


def wrong_only_the_kth(ious: tuple[Tensor, ...], k: int) -> float:
    """Looks at the k-th box only instead of the first k."""
    return sum((iou[k - 1 : k] >= 0.5).any(0).sum().item() for iou in ious) / _objects(ious)


def wrong_one_too_few(ious: tuple[Tensor, ...], k: int) -> float:
    """Looks at k - 1 boxes."""
    return sum((iou[: max(k - 1, 0)] >= 0.5).any(0).sum().item() for iou in ious) / _objects(ious)


def wrong_first_k_objects(ious: tuple[Tensor, ...], k: int) -> float:
    """Cuts the columns: the first k objects, found by any box."""
    return sum((iou[:, :k] >= 0.5).any(0).sum().item() for iou in ious) / _objects(ious)


def wrong_empty_images_do_not_count(ious: tuple[Tensor, ...], k: int) -> float:
    """Skips images without boxes, so that their objects are not missed."""
    some = [iou for iou in ious if len(iou)]
    if not some:
        return 0.0
    return sum((iou[:k] >= 0.5).any(0).sum().item() for iou in some) / max(_objects(some), 1)


def wrong_needs_boxes(ious: tuple[Tensor, ...], k: int) -> float:
    """Takes the best IoU of no boxes, which is an error for D = 0."""
    return sum((iou[:k].amax(0) >= 0.5).sum().item() for iou in ious) / _objects(ious)


def wrong_last_k(ious: tuple[Tensor, ...], k: int) -> float:
    """Takes the k boxes with the lowest scores."""
    return sum((iou[-k:] >= 0.5).any(0).sum().item() for iou in ious) / _objects(ious)


def wrong_a_tensor(ious: tuple[Tensor, ...], k: int) -> float:
    """Returns a tensor instead of a Python number."""
    return torch.cat([(iou[:k] >= 0.5).any(0) for iou in ious]).double().mean()


def wrong_mean_overlap(ious: tuple[Tensor, ...], k: int) -> float:
    """Takes the mean of the best IoUs instead of the share that reaches 0.5."""
    best = [iou[:k].amax(0) if len(iou[:k]) else iou.new_zeros(iou.shape[1]) for iou in ious]
    return torch.cat(best).double().mean().item()


def wrong_images_with_all_found(ious: tuple[Tensor, ...], k: int) -> float:
    """The share of the images of which every object is found."""
    return sum(bool((iou[:k] >= 0.5).any(0).all()) for iou in ious) / len(ious)


def wrong_k_of_each_object(ious: tuple[Tensor, ...], k: int) -> float:
    """Sorts the boxes by IoU first, so that the k boxes are the nearest ones and not the surest."""
    found = 0
    for iou in ious:
        nearest = iou.sort(0, descending=True).values[:k]
        found += (nearest >= 0.5).any(0).sum().item()
    return found / _objects(ious)


def wrong_divides_by_k(ious: tuple[Tensor, ...], k: int) -> float:
    """Divides by the k boxes that each image may give instead of the objects."""
    return sum((iou[:k] >= 0.5).any(0).sum().item() for iou in ious) / (k * len(ious))
