import torch
from torch import Tensor

from coursekit import ops


def right_matrix(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """All P x Q pairs in one matrix of truth values."""
    same = top_left.labels[:, None] == bottom_right.labels[None]
    difference = top_left_embeddings[:, None] - bottom_right_embeddings[None]
    near = torch.linalg.vector_norm(difference, dim=-1) <= max_distance
    below = (bottom_right.points[None] > top_left.points[:, None]).all(-1)
    i, j = (same & near & below).nonzero(as_tuple=True)
    boxes = torch.cat([top_left.points[i], bottom_right.points[j]], 1)
    scores = (top_left.scores[i] + bottom_right.scores[j]) / 2
    order = scores.argsort(descending=True)[:count]
    return boxes[order], top_left.labels[i][order], scores[order]


def right_lists(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Two loops, a list of tuples, and sorted()."""
    found = []
    for i in range(len(top_left.points)):
        for j in range(len(bottom_right.points)):
            if top_left.labels[i] != bottom_right.labels[j]:
                continue
            if (top_left_embeddings[i] - bottom_right_embeddings[j]).square().sum().sqrt() > max_distance:
                continue
            x1, y1 = top_left.points[i]
            x2, y2 = bottom_right.points[j]
            if x2 > x1 and y2 > y1:
                found.append(((top_left.scores[i] + bottom_right.scores[j]) / 2, i, j))
    found = sorted(found, key=lambda pair: -pair[0].item())[:count]
    i = torch.tensor([pair[1] for pair in found], dtype=torch.long)
    j = torch.tensor([pair[2] for pair in found], dtype=torch.long)
    boxes = torch.cat((top_left.points[i], bottom_right.points[j]), dim=1)
    return boxes, top_left.labels[i], torch.stack((top_left.scores[i], bottom_right.scores[j])).mean(0)


def right_repeated(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Both kinds of corners repeated to lists of P * Q, then filtered, then topk."""
    p, q = len(top_left.points), len(bottom_right.points)
    first = torch.arange(p).repeat_interleave(q)
    last = torch.arange(q).repeat(p)
    boxes = torch.cat([top_left.points[first], bottom_right.points[last]], 1)
    scores = torch.lerp(top_left.scores[first], bottom_right.scores[last], 0.5)
    labels = top_left.labels[first]
    distance = (top_left_embeddings[first] - bottom_right_embeddings[last]).norm(dim=1)
    keep = labels == bottom_right.labels[last]
    keep &= distance <= max_distance
    keep &= (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    boxes, labels, scores = boxes[keep], labels[keep], scores[keep]
    scores, best = scores.topk(min(count, len(scores)))
    return boxes[best], labels[best], scores


def _pairs(top_left, bottom_right, a, b, max_distance):
    """The three conditions, each (P, Q)."""
    same = top_left.labels[:, None] == bottom_right.labels
    distance = torch.linalg.vector_norm(a[:, None] - b, dim=-1)
    below = (bottom_right.points > top_left.points[:, None]).all(-1)
    return same, distance, below


def _finish(top_left, bottom_right, keep, count):
    i, j = keep.nonzero(as_tuple=True)
    boxes = torch.cat([top_left.points[i], bottom_right.points[j]], 1)
    scores = (top_left.scores[i] + bottom_right.scores[j]) / 2
    order = scores.argsort(descending=True)[:count]
    return boxes[order], top_left.labels[i][order], scores[order]


def wrong_strictly_nearer(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Embeddings exactly max_distance apart are not joined."""
    same, distance, below = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    return _finish(top_left, bottom_right, same & (distance < max_distance) & below, count)


def wrong_boxes_without_area(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Accepts corners on one line, which give boxes without width or height."""
    same, distance, _ = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    below = (bottom_right.points >= top_left.points[:, None]).all(-1)
    return _finish(top_left, bottom_right, same & (distance <= max_distance) & below, count)


def wrong_right_or_below(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Asks for "right of" or "below" instead of both."""
    same, distance, _ = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    below = (bottom_right.points > top_left.points[:, None]).any(-1)
    return _finish(top_left, bottom_right, same & (distance <= max_distance) & below, count)


def wrong_each_corner_once(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Uses every corner for its best box only and then never again."""
    same, distance, below = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    i, j = (same & (distance <= max_distance) & below).nonzero(as_tuple=True)
    scores = (top_left.scores[i] + bottom_right.scores[j]) / 2
    used_i, used_j, kept = set(), set(), []
    for n in scores.argsort(descending=True).tolist():
        if int(i[n]) not in used_i and int(j[n]) not in used_j:
            used_i.add(int(i[n]))
            used_j.add(int(j[n]))
            kept.append(n)
    kept = torch.tensor(kept[:count], dtype=torch.long)
    boxes = torch.cat([top_left.points[i], bottom_right.points[j]], 1)
    return boxes[kept], top_left.labels[i][kept], scores[kept]


def wrong_labels_not_reordered(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Sorts boxes and scores but leaves the labels in their old order."""
    same, distance, below = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    i, j = (same & (distance <= max_distance) & below).nonzero(as_tuple=True)
    boxes = torch.cat([top_left.points[i], bottom_right.points[j]], 1)
    scores = (top_left.scores[i] + bottom_right.scores[j]) / 2
    order = scores.argsort(descending=True)[:count]
    return boxes[order], top_left.labels[i][:count], scores[order]


def wrong_signed_difference(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Forgets the absolute value: a second embedding that is much larger counts as near."""
    same, _, below = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    distance = (top_left_embeddings[:, None] - bottom_right_embeddings).sum(-1)
    return _finish(top_left, bottom_right, same & (distance <= max_distance) & below, count)


def wrong_fails_without_corners(
    top_left: ops.Peaks,
    bottom_right: ops.Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Stacks the boxes of a loop, which fails when no pair is found."""
    same, distance, below = _pairs(
        top_left, bottom_right, top_left_embeddings, bottom_right_embeddings, max_distance
    )
    boxes, labels, scores = [], [], []
    for i, j in (same & (distance <= max_distance) & below).nonzero().tolist():
        boxes.append(torch.cat([top_left.points[i], bottom_right.points[j]]))
        labels.append(top_left.labels[i])
        scores.append((top_left.scores[i] + bottom_right.scores[j]) / 2)
    boxes, labels, scores = torch.stack(boxes), torch.stack(labels), torch.stack(scores)
    order = scores.argsort(descending=True)[:count]
    return boxes[order], labels[order], scores[order]
