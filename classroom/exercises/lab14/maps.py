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


def _painted(
    masks: Tensor, labels: Tensor, order: Sequence[int], numbers: Sequence[int] | None = None
) -> Maps:
    """Paint the rows in this order; their numbers are row + 1 unless others are given."""
    semantic, instances = torch.zeros(2, *masks.shape[1:], dtype=torch.int64)
    for i in order:
        semantic = torch.where(masks[i], labels[i], semantic)
        instances = torch.where(masks[i], i + 1 if numbers is None else numbers[i], instances)
    return semantic, instances


_TWINS = rectangles(8, 14, (1, 1, 7, 6), (5, 3, 11, 7))
_CROWD = rectangles(9, 16, (0, 0, 6, 9), (4, 2, 12, 6), (9, 1, 15, 9), (10, 0, 16, 4))

PANOPTIC_MAPS = Exercise(
    panoptic_maps,
    picture=scene_picture,
    hints=(
        "Paint the masks one over the other. Which one must stay on top, and is therefore painted last?",
        "for i in scores.argsort(): where masks[i] is true, the class map becomes labels[i] and the object map i + 1.",
        "semantic, instances = torch.zeros(2, *masks.shape[1:], dtype=torch.int64)\n"
        "for i in …:  # who is painted last lies on top\n"
        "    semantic[masks[i]], instances[masks[i]] = …\n"
        "return semantic, instances",
    ),
    cases=(
        Case("one object", (_TWINS[:1], torch.tensor([3]), torch.tensor([0.9]))),
        Case("two of one class that touch", (_TWINS, torch.tensor([3, 3]), torch.tensor([0.6, 0.9]))),
        Case(
            "four objects, in no particular order",
            (_CROWD, torch.tensor([2, 5, 2, 1]), torch.tensor([0.5, 0.9, 0.8, 0.7])),
        ),
        Case("the first is the best", (_TWINS, torch.tensor([4, 7]), torch.tensor([0.8, 0.3]))),
        Case("no objects", (_TWINS[:0], torch.zeros(0, dtype=torch.int64), torch.zeros(0))),
    ),
)


@PANOPTIC_MAPS.wrong(
    "the worst score on top", "The mask that is painted last is on top: start with the lowest score."
)
def _worst_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, scores.argsort(descending=True).tolist())


@PANOPTIC_MAPS.wrong("the last of the list on top", "The order of the list means nothing: use the scores.")
def _last_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, range(len(masks)))


@PANOPTIC_MAPS.wrong("the first of the list on top", "The order of the list means nothing: use the scores.")
def _first_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, range(len(masks))[::-1])


@PANOPTIC_MAPS.wrong(
    "instances from connected components",
    "Two touching objects of one class become one, and an object behind a bottle becomes two. The masks keep them apart.",
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


@PANOPTIC_MAPS.wrong(
    "the class used as the object", "Two pears have the same class but different numbers: row + 1."
)
def _label_as_number(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    semantic, _ = panoptic_maps(masks, labels, scores)
    return semantic, semantic


@PANOPTIC_MAPS.wrong(
    "the object used as the class", "The first map holds labels, the second numbers of objects."
)
def _number_as_class(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    _, instances = panoptic_maps(masks, labels, scores)
    return instances, instances


@PANOPTIC_MAPS.wrong("numbers by rank", "The number of an object is its row in `masks` plus 1, not its rank.")
def _numbers_of_the_ranking(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    order = scores.argsort(descending=True)
    semantic, instances = panoptic_maps(masks[order], labels[order], scores[order])
    return semantic, instances


@PANOPTIC_MAPS.wrong(
    "background where two overlap", "A pixel in two masks goes to the better score, not to the background."
)
def _nobody_where_two_overlap(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    alone = masks.sum(0) == 1
    return tuple(each * alone for each in panoptic_maps(masks, labels, scores))


@PANOPTIC_MAPS.wrong("objects counted from 0", "0 is the background: the first object has the number 1.")
def _counted_from_0(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    semantic, instances = panoptic_maps(masks, labels, scores)
    return semantic, (instances - 1).clamp(min=0)


@PANOPTIC_MAPS.wrong(
    "numbers in the order of painting",
    "The number of an object is its row in `masks` plus 1, not when it was painted.",
)
def _numbers_of_painting(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    places = (scores.argsort().argsort() + 1).tolist()
    return _painted(masks, labels, scores.argsort().tolist(), places)


@PANOPTIC_MAPS.wrong(
    "masks sorted, labels not",
    "If only the masks are sorted, each gets the label and number of a different object: use the same row for all three.",
)
def _only_masks_sorted(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks[scores.argsort()], labels, range(len(masks)))


@PANOPTIC_MAPS.wrong(
    "numbers counted within each class",
    "Two objects of different classes need different numbers as well: row + 1.",
)
def _within_the_class(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    numbers = [int((labels[: i + 1] == labels[i]).sum()) for i in range(len(labels))]
    return _painted(masks, labels, scores.argsort().tolist(), numbers)


@PANOPTIC_MAPS.wrong(
    "labels and numbers added up where masks overlap", "The better score replaces what was painted before."
)
def _added(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    numbers = torch.arange(1, len(masks) + 1)
    return tuple((masks * each[:, None, None]).sum(0) for each in (labels, numbers))


@PANOPTIC_MAPS.wrong(
    "the largest label and the largest number on top", "Where masks overlap, the scores decide."
)
def _largest(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    numbers = torch.arange(1, len(masks) + 1)
    nothing = torch.zeros(1, *masks.shape[1:], dtype=torch.int64)
    return tuple(torch.cat([nothing, masks * each[:, None, None]]).amax(0) for each in (labels, numbers))


@PANOPTIC_MAPS.wrong("the numbers before the classes", "Return the map of classes first.")
def _exchanged(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return panoptic_maps(masks, labels, scores)[::-1]


@PANOPTIC_MAPS.wrong("an object instead of the background", "Where no mask is, both maps are 0.")
def _no_background(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    free = ~masks.any(0)
    filled = torch.cat([masks[:1] | free, masks[1:]]) if len(masks) else masks
    return panoptic_maps(filled, labels, scores)


@PANOPTIC_MAPS.wrong("the best object instead of the background", "Where no mask is, both maps are 0.")
def _best_in_the_background(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    filled = masks.clone()
    if len(masks):
        filled[scores.argmax()] |= ~masks.any(0)
    return panoptic_maps(filled, labels, scores)


@PANOPTIC_MAPS.wrong("maps of float32", "Labels and numbers are whole: both maps are int64.")
def _floats(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return tuple(each.float() for each in panoptic_maps(masks, labels, scores))


@PANOPTIC_MAPS.wrong("maps of int32", "Both maps are int64, as labels are.")
def _int32(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return tuple(each.int() for each in panoptic_maps(masks, labels, scores))


@PANOPTIC_MAPS.wrong(
    "one object for each class", "There may be several objects of a class: paint every mask."
)
def _one_of_each_class(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    order = [i for i in scores.argsort().tolist() if scores[i] >= scores[labels == labels[i]].max()]
    return _painted(masks, labels, order)


@PANOPTIC_MAPS.wrong("the smaller object on top", "The better score is on top, whatever the sizes.")
def _smaller_on_top(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, masks.sum((1, 2)).argsort(descending=True).tolist())


@PANOPTIC_MAPS.wrong("scores below 0.5 left out", "Paint every mask: there is no threshold in this exercise.")
def _sure_ones(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    return _painted(masks, labels, [i for i in scores.argsort().tolist() if scores[i] >= 0.5])


@PANOPTIC_MAPS.wrong("an error without objects", "A scene may have no objects: then both maps are 0.")
def _error_without_objects(masks: Tensor, labels: Tensor, scores: Tensor) -> Maps:
    if not len(masks):
        raise Exception  # whatever the error
    return panoptic_maps(masks, labels, scores)


EXERCISES = (PANOPTIC_MAPS,)
