"""Answers to `pq_sq_rq` (lab 14)."""

import numpy as np
import torch


def right_by_sizes(iou, labels, true_labels):
    """TP + FP / 2 + FN / 2 is half of the number of segments of the class."""
    rows = []
    for k in set(labels.tolist()) | set(true_labels.tolist()):
        pairs = iou[labels == k][:, true_labels == k]
        matched = pairs[pairs > 0.5]
        sizes = (labels == k).sum() + (true_labels == k).sum()
        rq = 2 * len(matched) / sizes.item()
        pq = 2 * matched.sum().item() / sizes.item()
        rows.append((pq, pq / rq if rq else 0.0, rq))
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def right_by_loops(iou, labels, true_labels):
    """Pair by pair, with dictionaries of sums."""
    tp, fp, fn, total = {}, {}, {}, {}
    for k in [*labels.tolist(), *true_labels.tolist()]:
        tp[k] = fp[k] = fn[k] = total[k] = 0
    for k in labels.tolist():
        fp[k] += 1
    for k in true_labels.tolist():
        fn[k] += 1
    for d, k in enumerate(labels.tolist()):
        for g, true in enumerate(true_labels.tolist()):
            if k == true and iou[d, g] > 0.5:
                tp[k], fp[k], fn[k] = tp[k] + 1, fp[k] - 1, fn[k] - 1
                total[k] += iou[d, g].item()
    rq = [tp[k] / (tp[k] + 0.5 * (fp[k] + fn[k])) for k in tp]
    sq = [total[k] / max(tp[k], 1) for k in tp]
    return (
        float(np.mean([a * b for a, b in zip(rq, sq, strict=True)])),
        float(np.mean(sq)),
        float(np.mean(rq)),
    )


def right_by_one_hot(iou, labels, true_labels):
    """All classes at once: sums over the rows and columns of each."""
    classes = torch.cat([labels, true_labels]).unique()
    mine, theirs = (labels[:, None] == classes).double(), (true_labels[:, None] == classes).double()
    hit = (labels[:, None] == true_labels) & (iou > 0.5)
    tp = hit.double().sum(1) @ mine
    total = torch.where(hit, iou.double(), 0).sum(1) @ mine
    rq = tp / ((mine.sum(0) + theirs.sum(0)) / 2)
    sq = total / tp.clamp(min=1)
    return (sq * rq).mean().item(), sq.mean().item(), rq.mean().item()


def _rows(iou, labels, true_labels, threshold=0.5, classes=None):
    if classes is None:
        classes = torch.cat([labels, true_labels]).unique()
    for k in classes:
        pairs = iou[labels == k][:, true_labels == k]
        hits = pairs[pairs > threshold]
        yield hits, pairs.shape[0] - len(hits), pairs.shape[1] - len(hits)


def _one(hits, fp, fn, weight=0.5):
    rq = len(hits) / (len(hits) + weight * fp + weight * fn)
    sq = hits.mean().item() if len(hits) else 0.0
    return sq * rq, sq, rq


def _mean(rows):
    return tuple(torch.tensor(rows, dtype=torch.float64).mean(0).tolist())


def wrong_full_errors(iou, labels, true_labels):
    """Counts an error in full, as IoU of sets does."""
    return _mean([_one(*row, weight=1.0) for row in _rows(iou, labels, true_labels)])


def wrong_over_everything(iou, labels, true_labels):
    """One sum over all classes, instead of a mean over classes."""
    rows = list(_rows(iou, labels, true_labels))
    return _one(torch.cat([hits for hits, _, _ in rows]), sum(r[1] for r in rows), sum(r[2] for r in rows))


def wrong_without_the_class(iou, labels, true_labels):
    """Forgets the classes altogether."""
    hits = iou[iou > 0.5]
    return _one(hits, iou.shape[0] - len(hits), iou.shape[1] - len(hits))


def wrong_product_of_means(iou, labels, true_labels):
    """PQ from the two means."""
    _, sq, rq = _mean([_one(*row) for row in _rows(iou, labels, true_labels)])
    return sq * rq, sq, rq


def wrong_nan(iou, labels, true_labels):
    """The mean of no IoU."""
    rows = []
    for hits, fp, fn in _rows(iou, labels, true_labels):
        rq = len(hits) / (len(hits) + fp / 2 + fn / 2)
        rows.append((hits.mean().item() * rq, hits.mean().item(), rq))
    return _mean(rows)


def wrong_precision(iou, labels, true_labels):
    """Forgets the missed objects."""
    return _mean(
        [
            _one(hits, 2 * fp, 0) if len(hits) else (0.0, 0.0, 0.0)
            for hits, fp, _ in _rows(iou, labels, true_labels)
        ]
    )
