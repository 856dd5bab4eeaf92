import torch
from torch import Tensor

from coursekit import ops

Found = tuple[Tensor, Tensor, Tensor]


def right_groups(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Keeps the rows of each group, and makes its mean when it is needed."""
    groups: list[list[int]] = []

    def mean(group: list[int]) -> Tensor:
        return (boxes[group] * scores[group][:, None]).sum(0) / scores[group].sum()

    for i in scores.argsort(descending=True).tolist():
        best, where = iou_threshold, None
        for k, group in enumerate(groups):
            if labels[group[0]] == labels[i]:
                iou = ops.box_iou(mean(group)[None], boxes[i : i + 1])[0, 0].item()
                if iou > best:
                    best, where = iou, k
        if where is None:
            groups.append([i])
        else:
            groups[where].append(i)
    groups.sort(key=lambda group: -scores[group].sum().item())
    if not groups:
        return boxes, scores, labels
    return (
        torch.stack([mean(group) for group in groups]),
        torch.stack([scores[group].sum() / views for group in groups]),
        torch.stack([labels[group[0]] for group in groups]),
    )


def right_class_by_class(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """One class after the other, with plain numbers."""
    rows = []
    for label in labels.unique().tolist():
        averages: list[list[float]] = []  # weighted sum of the box (4), sum of the scores
        of_class = sorted(
            zip(scores[labels == label].tolist(), boxes[labels == label].tolist(), strict=True), reverse=True
        )
        for score, box in of_class:
            overlaps = [iou([v / a[4] for v in a[:4]], box) for a in averages]
            if overlaps and max(overlaps) > iou_threshold:
                chosen = averages[overlaps.index(max(overlaps))]
            else:
                chosen = [0.0] * 5
                averages.append(chosen)
            for j in range(4):
                chosen[j] += score * box[j]
            chosen[4] += score
        rows += [(a[4] / views, label, [v / a[4] for v in a[:4]]) for a in averages]
    rows.sort(reverse=True)
    return (
        torch.tensor([row[2] for row in rows]).reshape(-1, 4),
        torch.tensor([row[0] for row in rows]),
        torch.tensor([row[1] for row in rows], dtype=torch.int64),
    )


def iou(a: list[float], b: list[float]) -> float:
    """Of two boxes, in plain numbers."""
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = wide * high
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def right_membership(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """A membership matrix (averages x boxes) that grows row by row."""
    member = torch.zeros(0, len(boxes))
    for i in scores.argsort(descending=True):
        totals = member @ scores
        means = (member * scores) @ boxes / totals[:, None]
        overlaps = ops.box_iou(means, boxes[i][None])[:, 0] if len(member) else torch.zeros(0)
        firsts = [labels[row.nonzero()[0, 0]] for row in member]
        overlaps = overlaps * torch.tensor([float(first == labels[i]) for first in firsts])
        if len(overlaps) and overlaps.max() > iou_threshold:
            member[overlaps.argmax(), i] = 1
        else:
            row = torch.zeros(1, len(boxes))
            row[0, i] = 1
            member = torch.cat([member, row])
    if not len(member):
        return torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.int64)
    totals = member @ scores
    order = totals.argsort(descending=True)
    means = (member * scores) @ boxes / totals[:, None]
    kept = torch.stack([labels[row.nonzero()[0, 0]] for row in member])
    return means[order], (totals / views)[order], kept[order]


def sorted_groups(
    boxes: Tensor,
    scores: Tensor,
    labels: Tensor,
    threshold: float,
    first: bool = False,
    classes: bool = True,
    opener: bool = False,
) -> list[list[int]]:
    """The groups that the wrong answers share."""
    groups: list[list[int]] = []
    for i in scores.argsort(descending=True).tolist():
        best, where = threshold, None
        for k, group in enumerate(groups):
            if classes and labels[group[0]] != labels[i]:
                continue
            weights = scores[group][:, None]
            mean = boxes[group[0]] if opener else (boxes[group] * weights).sum(0) / weights.sum()
            value = ops.box_iou(mean[None], boxes[i : i + 1])[0, 0].item()
            if value > best:
                best, where = value, k
                if first:
                    break
        if where is None:
            groups.append([i])
        else:
            groups[where].append(i)
    return groups


def answer_from(groups: list[list[int]], boxes: Tensor, scores: Tensor, labels: Tensor, views: int) -> Found:
    """Weighted means and mean scores of the groups, sorted."""
    if not groups:
        return boxes, scores, labels
    means = [(boxes[g] * scores[g][:, None]).sum(0) / scores[g].sum() for g in groups]
    totals = torch.stack([scores[g].sum() / views for g in groups])
    order = totals.argsort(descending=True)
    return torch.stack(means)[order], totals[order], torch.stack([labels[g[0]] for g in groups])[order]


def wrong_unweighted(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """The plain mean of the boxes in the end."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold)
    if not groups:
        return boxes, scores, labels
    totals = torch.stack([scores[g].sum() / views for g in groups])
    order = totals.argsort(descending=True)
    means = torch.stack([boxes[g].mean(0) for g in groups])
    return means[order], totals[order], torch.stack([labels[g[0]] for g in groups])[order]


def wrong_over_boxes(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Divides by the number of boxes, so that a view without the object costs nothing."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold)
    if not groups:
        return boxes, scores, labels
    means = torch.stack([(boxes[g] * scores[g][:, None]).sum(0) / scores[g].sum() for g in groups])
    totals = torch.stack([scores[g].mean() for g in groups])
    order = totals.argsort(descending=True)
    return means[order], totals[order], torch.stack([labels[g[0]] for g in groups])[order]


def wrong_all_classes(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Averages an apple with a pear."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold, classes=False)
    return answer_from(groups, boxes, scores, labels, views)


def wrong_first(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Joins the first average that is near."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold, first=True)
    return answer_from(groups, boxes, scores, labels, views)


def wrong_opener(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Compares with the box that began the average."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold, opener=True)
    return answer_from(groups, boxes, scores, labels, views)


def wrong_nms(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Keeps the most confident box of each group."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold)
    if not groups:
        return boxes, scores, labels
    totals = torch.stack([scores[g].sum() / views for g in groups])
    order = totals.argsort(descending=True)
    best = torch.tensor([g[0] for g in groups])[order]
    return boxes[best], totals[order], labels[best]


def wrong_not_sorted(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """In the order in which the averages began."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold)
    if not groups:
        return boxes, scores, labels
    means = torch.stack([(boxes[g] * scores[g][:, None]).sum(0) / scores[g].sum() for g in groups])
    totals = torch.stack([scores[g].sum() / views for g in groups])
    return means, totals, torch.stack([labels[g[0]] for g in groups])


def wrong_empty(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """Stacks nothing where nothing is found."""
    groups = sorted_groups(boxes, scores, labels, iou_threshold)
    means = torch.stack([(boxes[g] * scores[g][:, None]).sum(0) / scores[g].sum() for g in groups])
    totals = torch.stack([scores[g].sum() / views for g in groups])
    order = totals.argsort(descending=True)
    return means[order], totals[order], torch.stack([labels[g[0]] for g in groups])[order]
