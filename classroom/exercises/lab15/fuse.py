"""Lab 15, section 3: what a detector found at several scales becomes one set of boxes."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import boxes as rows
from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import views_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit.ops import box_iou

Found = tuple[Tensor, Tensor, Tensor]


def average_boxes(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    """One average for each object that the views found, the best score first: boxes, scores, labels."""
    sums: list[Tensor] = []
    totals: list[Tensor] = []
    classes: list[Tensor] = []
    for i in scores.argsort(descending=True, stable=True).tolist():
        ious = [
            box_iou(boxes[i][None], (total / weight)[None]).item() if label == labels[i] else 0.0
            for total, weight, label in zip(sums, totals, classes, strict=True)
        ]
        best = max(ious, default=0.0)
        if best > iou_threshold:
            k = ious.index(best)
            sums[k], totals[k] = sums[k] + scores[i] * boxes[i], totals[k] + scores[i]
        else:
            sums.append(scores[i] * boxes[i])
            totals.append(scores[i])
            classes.append(labels[i])
    if not sums:
        return boxes, scores, labels
    weights = torch.stack(totals)
    order = weights.argsort(descending=True, stable=True)
    means = torch.stack(sums) / weights[:, None]  # (D, 4)
    return means[order], weights[order] / views, torch.stack(classes)[order]


def _weighted(b: Tensor, s: Tensor) -> Tensor:
    return (s[:, None] * b).sum(0) / s.sum()


def _averaged(
    boxes: Tensor,
    scores: Tensor,
    labels: Tensor,
    views: int,
    iou_threshold: float,
    *,
    box: Callable[[Tensor, Tensor], Tensor] = _weighted,
    score: Callable[[Tensor, int], Tensor] = lambda s, views: s.sum() / views,
    overlap: Callable[[Tensor, Tensor, Tensor], float] = lambda one, b, s: _iou(one, _weighted(b, s)),
    near: Callable[[float, float], bool] = lambda iou, threshold: iou > threshold,
    same_class: bool = True,
    most: bool = True,
    order: Callable[[Tensor], Tensor] = lambda s: s.argsort(descending=True, stable=True),
    sort: bool = True,
) -> Found:
    """The averages, with every rule to be replaced by a wrong one."""
    groups: list[list[int]] = []
    for i in order(scores).tolist():
        ious = [
            overlap(boxes[i], boxes[g], scores[g]) if labels[g[0]] == labels[i] or not same_class else -1.0
            for g in groups
        ]
        fit = [k for k, iou in enumerate(ious) if iou >= 0 and near(iou, iou_threshold)]
        chosen = (max(fit, key=ious.__getitem__) if most else fit[0]) if fit else None
        groups.append([i]) if chosen is None else groups[chosen].append(i)
    if not groups:
        return boxes, scores, labels
    means = torch.stack([score(scores[g], views) for g in groups])
    falling = means.argsort(descending=True, stable=True) if sort else torch.arange(len(means))
    first = torch.tensor([g[0] for g in groups])
    return (
        torch.stack([box(boxes[g], scores[g]) for g in groups])[falling],
        means[falling],
        labels[first][falling],
    )


def _iou(a: Tensor, b: Tensor) -> float:
    return box_iou(a[None], b[None]).item()


def _case(name: str, views: int, *found: tuple[float, int, tuple], threshold: float | None = None) -> Case:
    boxes, scores = rows(*(box for _, _, box in found)), torch.tensor([score for score, _, _ in found])
    labels = torch.tensor([label for _, label, _ in found], dtype=torch.int64)
    return Case(name, (boxes, scores, labels, views, *([threshold] if threshold else [])))


def _shaken(seed: int) -> tuple:
    """Three views of six objects, each shaken a little, in no order."""
    places = torch.cat([40 + 180 * uniform(6, 2, seed=seed)] * 3)
    boxes = torch.cat([places, places + 60], 1) + 6 * uniform(18, 4, seed=seed + 1)
    mixed = uniform(18, seed=seed + 2).argsort()
    return boxes[mixed], uniform(18, seed=seed + 3), torch.arange(1, 7).repeat(3)[mixed] // 2 + 1, 3


def _at(x: float) -> tuple[float, float, float, float]:
    """A box of 40 x 40 pixels; moved by d, it overlaps another one by (40 - d) / (40 + d)."""
    return (x, 0.0, x + 40, 40.0)


A, NEAR_A, FAR = (10.0, 20.0, 50.0, 80.0), (12.0, 20.0, 54.0, 82.0), (100.0, 20.0, 140.0, 60.0)

AVERAGE_BOXES = Exercise(
    average_boxes,
    picture=views_picture,
    hints=(
        "Go through the boxes from the most to the least confident. Keep a list of averages: which of them may the box join, and which does it join?",
        "For each average keep Σ score · box, Σ score and the class: its box is the first divided by the second. A box joins the average of its class "
        "with the largest IoU if that is > iou_threshold. At the end the score is Σ score / views; sort by it.",
        "sums, totals, classes = [], [], []\n"
        "for i in scores.argsort(descending=True).tolist():\n"
        "    ious = [ops.box_iou(boxes[i][None], (s / t)[None]).item() if c == labels[i] else 0 for s, t, c in zip(sums, totals, classes)]\n"
        "    if not ious or max(ious) <= iou_threshold:\n"
        "        sums.append(0), totals.append(0), classes.append(labels[i]), ious.append(1)\n"
        "    k = ious.index(max(ious))\n"
        "    sums[k], totals[k] = sums[k] + scores[i] * boxes[i], totals[k] + scores[i]\n"
        "if not sums: return boxes, scores, labels\n"
        "sums, totals, classes = torch.stack(sums), torch.stack(totals), torch.stack(classes)\n"
        "order = totals.argsort(descending=True)\n"
        "return (sums / totals[:, None])[order], totals[order] / views, classes[order]",
    ),
    cases=(
        _case("one view changes nothing", 1, (0.8, 1, A)),
        _case("two views of one mug", 2, (0.8, 1, A), (0.4, 1, NEAR_A)),
        _case("seen by one of two views", 2, (0.8, 1, A)),
        _case("two classes at one place", 2, (0.8, 1, A), (0.6, 2, A)),
        _case("two objects of one class", 2, (0.9, 1, FAR), (0.8, 1, A), (0.7, 1, NEAR_A), (0.3, 1, FAR)),
        _case("the order changes", 3, (0.9, 1, A), (0.8, 2, FAR), (0.7, 2, FAR), (0.6, 2, FAR)),
        _case("the least confident box stands first", 3, (0.5, 1, _at(15)), (0.8, 1, _at(5)), (0.9, 1, _at(0))),
        _case("near two averages", 3, (0.9, 1, _at(0)), (0.7, 1, _at(20)), (0.5, 1, _at(11))),
        _case("near two averages, nearer to the more confident one", 3, (0.7, 1, _at(0)), (0.9, 1, _at(20)), (0.5, 1, _at(11))),
        _case("near the plain mean, not near the weighted one", 3, (0.9, 1, _at(0)), (0.3, 1, _at(8)), (0.2, 1, _at(14.5))),
        _case("near the average, not near its best box", 3, (0.9, 1, _at(0)), (0.8, 1, _at(5)), (0.5, 1, _at(12.5))),
        _case("near the second box, not near the average", 3, (0.9, 1, _at(0)), (0.8, 1, _at(5)), (0.5, 1, _at(15))),
        _case("an IoU of exactly the threshold", 2, (0.8, 1, (0, 0, 20, 20)), (0.6, 1, (0, 0, 10, 20)), threshold=0.5),
        _case("a threshold of 0.8", 2, (0.8, 1, _at(0)), (0.6, 1, _at(10)), threshold=0.8),
        _case("two classes, and a threshold that any overlap passes", 2, (0.8, 1, A), (0.6, 2, NEAR_A), threshold=0.05),
        Case("three views of six objects", _shaken(3)),
        _case("no view found anything", 2),
    ),
)  # fmt: skip

_wrong = AVERAGE_BOXES.wrong
SCORE = (
    "The score is the sum over the average divided by the number of views: what one view misses counts as 0."
)


def _with(**rules) -> Callable:
    """An answer with another rule."""

    def answer(
        boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
    ) -> Found:
        return _averaged(boxes, scores, labels, views, iou_threshold, **rules)

    return answer


for _name, _story, _function in (
    ("boxes averaged without weights", "A confident view knows better where the object is: weight the boxes with the scores.", _with(box=lambda b, s: b.mean(0))),
    ("the most confident box", "That is what non-maximum suppression does: here the boxes are averaged.", _with(box=lambda b, s: b[0])),
    ("the box around all", "The hull of several boxes is larger than the object: take the weighted mean.", _with(box=lambda b, s: torch.cat([b[:, :2].amin(0), b[:, 2:].amax(0)]))),
    ("weights that do not sum to one", "Divide by the sum of the scores.", _with(box=lambda b, s: (s[:, None] * b).sum(0))),
    ("weighted boxes divided by their number", "Divide by the sum of the weights, not by how many they are.", _with(box=lambda b, s: (s[:, None] * b).mean(0))),
    ("the mean over the boxes", SCORE, _with(score=lambda s, views: s.mean())),
    ("the sum of the scores", SCORE, _with(score=lambda s, views: s.sum())),
    ("the best score", SCORE, _with(score=lambda s, views: s.max())),
    ("the best score, shared by the views", SCORE, _with(score=lambda s, views: s.max() / views)),
    ("classes not looked at", "Boxes of different classes stay apart.", _with(same_class=False)),
    ("an IoU of the threshold or more", "The IoU must be larger than the threshold, as in NMS.", _with(near=lambda iou, t: iou >= t)),
    ("a threshold of 0.55 in every case", "Use the threshold that is given.", _with(near=lambda iou, t: iou > 0.55)),
    ("the first average that is near", "A box joins the average that it overlaps *most*.", _with(most=False)),
    ("compared with the best box", "Compare with the average so far: it is closer to the object than its first box.", _with(overlap=lambda one, b, s: _iou(one, b[0]))),
    ("compared with each box", "Compare with the average so far: a neighbour of a neighbour may be another object.", _with(overlap=lambda one, b, s: max(_iou(one, each) for each in b))),
    ("compared with the unweighted mean", "Compare with the average so far, in which the boxes weigh as much as they score.", _with(overlap=lambda one, b, s: _iou(one, b.mean(0)))),
    ("in the order of the input", "Begin with the most confident box.", _with(order=lambda s: torch.arange(len(s)))),
    ("the least confident box first", "Begin with the most confident box.", _with(order=lambda s: s.argsort(stable=True))),
    ("in the order of the best boxes", "Sort by the new scores: an object that all views saw comes before one that a single view was sure of.", _with(sort=False)),
    ("scores and labels swapped", "Return boxes, scores and labels.", lambda *a: [average_boxes(*a)[i] for i in (0, 2, 1)]),
    ("an error where nothing is found", "Return (0, 4), (0,) and (0,): a stack of nothing fails.", failing_when(lambda boxes, *_: not len(boxes), average_boxes)),
    ("the caller's boxes overwritten", "They are needed again: work on copies.", overwriting(average_boxes, 0)),
):  # fmt: skip
    _wrong(_name, _story)(_function)


@_wrong("all boxes of all views", "Boxes of one object are to become one box.")
def _all_boxes(
    boxes: Tensor, scores: Tensor, labels: Tensor, views: int, iou_threshold: float = 0.55
) -> Found:
    order = scores.argsort(descending=True, stable=True)
    return boxes[order], scores[order], labels[order]


EXERCISES = (AVERAGE_BOXES,)
