"""Lab 14, fifth part: one map of classes and one of objects from the masks of a scene."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import rectangles
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import scene_picture

Maps = tuple[Tensor, Tensor]


def panoptic_maps(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    """The class and the object (row + 1) of each pixel, 0 where there is none; the best score is on top: 2 x (H, W)."""
    return _painted(masks, labels, scores.argsort().tolist())


def _painted(masks: Tensor, labels: Tensor, order: Sequence[int]) -> Maps:
    semantic, instances = torch.zeros(2, *masks.shape[1:], dtype=torch.int64)
    for i in order:
        semantic = torch.where(masks[i], labels[i], semantic)
        instances = torch.where(masks[i], i + 1, instances)
    return semantic, instances


_TWINS = rectangles(8, 14, (1, 1, 7, 6), (5, 3, 11, 7))
_CROWD = rectangles(9, 16, (0, 0, 6, 9), (4, 2, 12, 6), (9, 1, 15, 9), (10, 0, 16, 4))

PANOPTIC_MAPS = Exercise(
    panoptic_maps,
    picture=scene_picture,
    hints=(
        "Paint the masks one over the other. Whose paint is to stay on top, and who is therefore painted last?",
        "for i in scores.argsort(): where masks[i] is true, the class map becomes labels[i] and the object map i + 1.",
        "semantic = torch.zeros(masks.shape[1:], dtype=torch.int64); for i in scores.argsort().tolist(): semantic[masks[i]] = ...",
    ),
    cases=(
        Case("one object", (_TWINS[:1], torch.tensor([3]), torch.tensor([0.9]))),
        Case("two of one class that touch", (_TWINS, torch.tensor([3, 3]), torch.tensor([0.6, 0.9]))),
        Case(
            "four objects, in no order",
            (_CROWD, torch.tensor([2, 5, 2, 1]), torch.tensor([0.5, 0.9, 0.8, 0.7])),
        ),
        Case("the first is the best", (_TWINS, torch.tensor([4, 7]), torch.tensor([0.8, 0.3]))),
        Case("no object", (_TWINS[:0], torch.zeros(0, dtype=torch.int64), torch.zeros(0))),
    ),
)


@PANOPTIC_MAPS.wrong("the worst score on top", "Who is painted last is on top: begin with the lowest score.")
def _worst_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, scores.argsort(descending=True).tolist())


@PANOPTIC_MAPS.wrong("the last of the list on top", "The order of the list means nothing: go by the scores.")
def _last_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, range(len(masks)))


@PANOPTIC_MAPS.wrong("the first of the list on top", "The order of the list means nothing: go by the scores.")
def _first_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, range(len(masks))[::-1])


@PANOPTIC_MAPS.wrong(
    "instances from connected components",
    "Two objects of one class that touch become one, and one behind a bottle becomes two. The masks know better.",
)
def _connected_components(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    from scipy.ndimage import label

    semantic, _ = panoptic_maps(masks, labels, scores)
    instances = torch.zeros_like(semantic)
    for k in labels.unique():
        parts, _ = label((semantic == k).numpy())
        parts = torch.from_numpy(parts).long()
        instances = torch.where(parts > 0, parts + instances.max(), instances)
    return semantic, instances


@PANOPTIC_MAPS.wrong("the class taken for the object", "Two pears have one class, but two numbers: row + 1.")
def _label_as_number(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    semantic, _ = panoptic_maps(masks, labels, scores)
    return semantic, semantic


@PANOPTIC_MAPS.wrong(
    "the object taken for the class", "The first map holds labels, the second numbers of objects."
)
def _number_as_class(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    _, instances = panoptic_maps(masks, labels, scores)
    return instances, instances


@PANOPTIC_MAPS.wrong(
    "numbers of the ranking", "The number of an object is its row in `masks` plus 1, not its rank."
)
def _numbers_of_the_ranking(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    order = scores.argsort(descending=True)
    semantic, instances = panoptic_maps(masks[order], labels[order], scores[order])
    return semantic, instances


@PANOPTIC_MAPS.wrong(
    "nobody where two overlap", "A pixel that two want goes to the better score, not to the background."
)
def _nobody_where_two_overlap(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    alone = masks.sum(0) == 1
    return tuple(each * alone for each in panoptic_maps(masks, labels, scores))


@PANOPTIC_MAPS.wrong("objects counted from 0", "0 is the background: the first object has the number 1.")
def _counted_from_0(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    semantic, instances = panoptic_maps(masks, labels, scores)
    return semantic, (instances - 1).clamp(min=0)


EXERCISES = (PANOPTIC_MAPS,)
