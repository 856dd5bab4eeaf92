"""Lab 09, section 5: which top-left corner belongs to which bottom-right one."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Exercise
from classroom.exercises.lab09.corner_cases import PAIRS
from classroom.exercises.lab09.made_up import judge_groups
from classroom.exercises.lab09.pictures import groups_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit.ops import Peaks

Boxes = tuple[Tensor, Tensor, Tensor]


def group_corners(
    top_left: Peaks,
    bottom_right: Peaks,
    top_left_embeddings: Tensor,
    bottom_right_embeddings: Tensor,
    max_distance: float = 0.5,
    count: int = 100,
) -> Boxes:
    """The boxes spanned by two corners of one class with similar embeddings, the best first: (B, 4), (B,), (B,)."""
    difference = top_left_embeddings[:, None] - bottom_right_embeddings  # (P, Q, D)
    near = torch.linalg.vector_norm(difference, dim=-1) <= max_distance
    same = top_left.labels[:, None] == bottom_right.labels
    is_box = (top_left.points[:, None] < bottom_right.points).all(-1)
    i, j = (near & same & is_box).nonzero().unbind(1)
    scores = (top_left.scores[i] + bottom_right.scores[j]) / 2
    order = scores.argsort(descending=True)[:count]
    i, j = i[order], j[order]
    return torch.cat([top_left.points[i], bottom_right.points[j]], 1), top_left.labels[i], scores[order]


GROUP_CORNERS = Exercise(
    group_corners,
    picture=groups_picture,
    judge=judge_groups,
    hints=(
        "Make a table with a row for each top-left and a column for each bottom-right corner, (P, Q), of the pairs that are boxes: "
        "three conditions, joined by &. x[:, None] against y compares every x with every y.",
        "near = (e1[:, None] - e2).norm(dim=-1) <= max_distance; same = labels1[:, None] == labels2; "
        "box = (points1[:, None] < points2).all(-1). (near & same & box).nonzero() lists the pairs; then sort by the mean score.",
        "near = torch.linalg.vector_norm(top_left_embeddings[:, None] - bottom_right_embeddings, dim=-1) <= max_distance\n"
        "same = top_left.labels[:, None] == bottom_right.labels\n"
        "box = …  # (T, B): the first corner lies to the left of the second and above it\n"
        "i, j = (near & same & box).nonzero().unbind(1)\n"
        "scores = (top_left.scores[i] + bottom_right.scores[j]) / 2\n"
        "order = …\n"
        "return torch.cat([top_left.points[i], bottom_right.points[j]], 1)[order], …",
    ),
    cases=PAIRS,
)


def _near(a: Tensor, b: Tensor, most: float) -> Tensor:
    return torch.linalg.vector_norm(a[:, None] - b, dim=-1) <= most


def _same(a: Peaks, b: Peaks) -> Tensor:
    return a.labels[:, None] == b.labels


def _box(a: Peaks, b: Peaks) -> Tensor:
    return (a.points[:, None] < b.points).all(-1)


def _mean(a: Tensor, b: Tensor) -> Tensor:
    return (a + b) / 2


def _with(
    near: Callable = _near, same: Callable = _same, box: Callable = _box, score: Callable = _mean
) -> Callable:
    """An answer with a different rule for embeddings, classes, places or scores."""

    def group(a: Peaks, b: Peaks, e: Tensor, f: Tensor, max_distance: float = 0.5, count: int = 100) -> Boxes:
        i, j = (near(e, f, max_distance) & same(a, b) & box(a, b)).nonzero().unbind(1)
        scores, order = score(a.scores[i], b.scores[j]).sort(descending=True, stable=True)
        i, j = i[order[:count]], j[order[:count]]
        return torch.cat([a.points[i], b.points[j]], 1), a.labels[i], scores[:count]

    return group


def _then(change: Callable[[Boxes], Boxes], keep: int | None = None) -> Callable:
    """An answer that changes the right boxes, labels and scores in the end; `keep` ignores the count."""

    def group(*arguments) -> Boxes:
        return change(group_corners(*arguments[: keep or len(arguments)]))

    return group


def _each_once(
    a: Peaks, b: Peaks, e: Tensor, f: Tensor, max_distance: float = 0.5, count: int = 100
) -> Boxes:
    boxes, labels, scores = group_corners(a, b, e, f, max_distance, 10**6)
    used: set = set()
    kept = []
    for i, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
        ends = {("first", x1, y1, int(labels[i])), ("last", x2, y2, int(labels[i]))}
        if not used & ends:
            used |= ends
            kept.append(i)
    return boxes[kept[:count]], labels[kept[:count]], scores[kept[:count]]


def _nearest(a: Peaks, b: Peaks, e: Tensor, f: Tensor, max_distance: float = 0.5, count: int = 100) -> Boxes:
    def best(e: Tensor, f: Tensor, most: float) -> Tensor:
        distance = torch.linalg.vector_norm(e[:, None] - f, dim=-1)
        allowed = torch.where(_same(a, b) & _box(a, b), distance, torch.inf)
        return (distance <= most) & (allowed == allowed.amin(1, keepdim=True) if len(f) else distance > 9)

    return _with(near=best)(a, b, e, f, max_distance, count)


def _unsorted_labels(
    a: Peaks, b: Peaks, e: Tensor, f: Tensor, max_distance: float = 0.5, count: int = 100
) -> Boxes:
    boxes, _, scores = group_corners(a, b, e, f, max_distance, count)
    i, _ = (_near(e, f, max_distance) & _same(a, b) & _box(a, b)).nonzero().unbind(1)
    return boxes, a.labels[i][:count], scores


DISTANCE = "Two corners belong to one object if their embeddings are at most max_distance apart, including exactly that."
BOX = "A bottom-right corner must lie to the right of the top-left one and below it."
SCORE = "The score of a box is the mean of its two corners' scores."
for _name, _story, _function in (
    ("embeddings ignored", DISTANCE, _with(near=lambda e, f, most: torch.ones(len(e), len(f)) > 0)),
    (
        "a difference that keeps its sign",
        "The difference may be negative, and then it is always below the limit: take the distance.",
        _with(near=lambda e, f, most: (e[:, None] - f).sum(-1) <= most),
    ),
    (
        "nearer than the distance",
        DISTANCE,
        _with(near=lambda e, f, most: torch.linalg.vector_norm(e[:, None] - f, dim=-1) < most),
    ),
    ("a squared distance", DISTANCE, _with(near=lambda e, f, most: ((e[:, None] - f) ** 2).sum(-1) <= most)),
    (
        "the sum of the differences as the distance",
        "The distance of two embeddings is Euclidean: the root of the sum of the squares.",
        _with(near=lambda e, f, most: (e[:, None] - f).abs().sum(-1) <= most),
    ),
    (
        "embeddings that differ",
        DISTANCE,
        _with(near=lambda e, f, most: torch.linalg.vector_norm(e[:, None] - f, dim=-1) >= most),
    ),
    (
        "a distance of 0.5 in every case",
        "Use the argument `max_distance`.",
        _with(near=lambda e, f, most: _near(e, f, 0.5)),
    ),
    (
        "classes ignored",
        "Both corners must be of one class.",
        _with(same=lambda a, b: torch.ones(len(a.labels), len(b.labels)) > 0),
    ),
    ("positions ignored", BOX, _with(box=lambda a, b: torch.ones(len(a.labels), len(b.labels)) > 0)),
    ("only to the right", BOX, _with(box=lambda a, b: a.points[:, None, 0] < b.points[:, 0])),
    ("only below", BOX, _with(box=lambda a, b: a.points[:, None, 1] < b.points[:, 1])),
    ("to the right or below", BOX, _with(box=lambda a, b: (a.points[:, None] < b.points).any(-1))),
    (
        "boxes without width or height",
        BOX + " With equal x or y there is no box.",
        _with(box=lambda a, b: (a.points[:, None] <= b.points).all(-1)),
    ),
    ("above and to the left", BOX, _with(box=lambda a, b: (a.points[:, None] > b.points).all(-1))),
    ("a sum of scores", SCORE, _with(score=lambda s, t: s + t)),
    ("a product of scores", SCORE, _with(score=lambda s, t: s * t)),
    ("the root of the product of scores", SCORE, _with(score=lambda s, t: (s * t).sqrt())),
    ("the smaller score", SCORE, _with(score=torch.minimum)),
    ("the larger score", SCORE, _with(score=torch.maximum)),
    ("the score of the top-left corner", SCORE, _with(score=lambda s, t: s)),
    ("the score of the bottom-right corner", SCORE, _with(score=lambda s, t: t)),
    (
        "each corner in one box only",
        "A corner may belong to several boxes; suppression comes later.",
        _each_once,
    ),
    (
        "only the nearest bottom-right corner",
        "Every pair that meets the conditions is a box; suppression comes later.",
        _nearest,
    ),
    (
        "the worst box first",
        "The best score comes first: descending=True.",
        _then(lambda r: tuple(x.flip(0) for x in r)),
    ),
    ("all boxes", "Return at most `count` boxes, the best.", _then(lambda r: r, keep=5)),
    (
        "centre and size",
        "A box is (x1, y1, x2, y2): the two corners.",
        _then(lambda r: (torch.cat([(r[0][:, :2] + r[0][:, 2:]) / 2, r[0][:, 2:] - r[0][:, :2]], 1), *r[1:])),
    ),
    (
        "corner and size",
        "A box is (x1, y1, x2, y2): the two corners.",
        _then(lambda r: (torch.cat([r[0][:, :2], r[0][:, 2:] - r[0][:, :2]], 1), *r[1:])),
    ),
    (
        "bottom-right corner first",
        "A box is (x1, y1, x2, y2).",
        _then(lambda r: (r[0][:, [2, 3, 0, 1]], *r[1:])),
    ),
    (
        "labels counted from 1",
        "Keep the labels of the corners, 0..K−1.",
        _then(lambda r: (r[0], r[1] + 1, r[2])),
    ),
    ("scores before labels", "Return boxes, labels and scores.", _then(lambda r: (r[0], r[2], r[1]))),
    (
        "labels left in their order",
        "Sort boxes, labels and scores in the same way.",
        _unsorted_labels,
    ),
    (
        "an error if no pair is found",
        "If no pair is a box, return (0, 4), (0,) and (0,): stacking an empty list fails.",
        failing_when(lambda *a: not len(group_corners(*a)[0]), group_corners),
    ),
    (
        "the caller's corners overwritten",
        "They are needed again: work on new tensors.",
        overwriting(group_corners, 2, 3),
    ),
    (
        "an error without corners",
        "Without corners of one kind there are no boxes: return (0, 4), (0,) and (0,).",
        failing_when(lambda a, b, *_: not len(a.scores) or not len(b.scores), group_corners),
    ),
):
    GROUP_CORNERS.wrong(_name, _story)(_function)

EXERCISES = (GROUP_CORNERS,)
