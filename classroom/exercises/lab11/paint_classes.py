"""Lab 11, first part: what a label map is."""

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import labels_picture
from coursekit.ops import semantic_map

VOID = 255


def paint_classes(masks: Tensor, labels: Tensor) -> Tensor:
    """The class of every pixel, 0 where there is no object; the smaller of two objects is in front: -> (H, W) int64."""
    return semantic_map(masks, labels)


def _rectangle(rows: slice, columns: slice, size: tuple[int, int] = (3, 5)) -> Tensor:
    mask = torch.zeros(size, dtype=torch.bool)
    mask[rows, columns] = True
    return mask


LARGE, SMALL = _rectangle(slice(0, 2), slice(0, 4)), _rectangle(slice(1, 3), slice(2, 4))
LARGEST, MIDDLE = _rectangle(slice(0, 3), slice(0, 4)), _rectangle(slice(1, 3), slice(1, 4))
SMALLEST = _rectangle(slice(1, 2), slice(2, 5))
APART = _rectangle(slice(0, 1), slice(4, 5))

PAINT_CLASSES = Exercise(
    paint_classes,
    picture=labels_picture,
    hints=(
        "Work like a painter: what is painted later covers what is already there. Which object comes first?",
        "Start with zeros (H, W). For each object, from the largest mask to the smallest: canvas[mask] = label.",
        "canvas = labels.new_zeros(masks.shape[1:]); then for i in masks.sum((1, 2)).argsort(descending=True): canvas[masks[i]] = labels[i]",
    ),
    cases=(
        Case("one lemon", (LARGE[None], torch.tensor([3]))),
        Case("two apples", (torch.stack([SMALL, APART]), torch.tensor([1, 1]))),
        Case("a small pear in front of a large mug", (torch.stack([SMALL, LARGE]), torch.tensor([2, 6]))),
        Case("the same, listed the other way", (torch.stack([LARGE, SMALL]), torch.tensor([6, 2]))),
        Case(
            "a small mug in front of a large pear",
            (torch.stack([LARGE, SMALL, APART]), torch.tensor([2, 6, 3])),
        ),
        Case(
            "three overlapping objects", (torch.stack([MIDDLE, LARGEST, SMALLEST]), torch.tensor([4, 9, 5]))
        ),
        Case(
            "a thin banana across a lemon",
            (
                torch.stack([torch.eye(4, dtype=torch.bool), _rectangle(slice(0, 3), slice(0, 2), (4, 4))]),
                torch.tensor([4, 3]),
            ),
        ),
        Case("an empty table", (LARGE[None][:0], torch.zeros(0, dtype=torch.int64))),
    ),
)


@PAINT_CLASSES.wrong("an instance map", "A pixel gets its class, not the number of its object.")
def _numbered(masks: Tensor, labels: Tensor) -> Tensor:
    return semantic_map(masks, torch.arange(len(masks)) + 1)


@PAINT_CLASSES.wrong(
    "the largest label wins",
    "Where two objects overlap, the one in front counts, not the one with the larger label.",
)
def _largest_label(masks: Tensor, labels: Tensor) -> Tensor:
    return (masks * labels[:, None, None]).amax(0) if len(masks) else paint_classes(masks, labels)


@PAINT_CLASSES.wrong(
    "labels added", "Where two objects overlap, the one in front counts: 2 + 6 is a different class."
)
def _added(masks: Tensor, labels: Tensor) -> Tensor:
    return (masks * labels[:, None, None]).sum(0)


def _painted(masks: Tensor, labels: Tensor, order: Tensor) -> Tensor:
    canvas = torch.zeros(masks.shape[1:], dtype=torch.int64)
    for i in order.tolist():
        canvas[masks[i]] = labels[i]
    return canvas


@PAINT_CLASSES.wrong("the larger object in front", "Paint the largest first: what is painted last covers it.")
def _larger_in_front(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, masks.sum((1, 2)).argsort())


@PAINT_CLASSES.wrong(
    "the order of the list", "The order of the list has nothing to do with depth: sort by size."
)
def _as_listed(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, torch.arange(len(masks)))


@PAINT_CLASSES.wrong("1 for every object", "Write the label of the object, not 1.")
def _only_objects(masks: Tensor, labels: Tensor) -> Tensor:
    return masks.any(0).long()


FIRST = "The order of the list has nothing to do with depth: sort by the number of pixels."


@PAINT_CLASSES.wrong("the first of the list in front", FIRST)
def _first_in_front(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, torch.arange(len(masks)).flip(0))


def _right_order(masks: Tensor) -> Tensor:
    return masks.sum((1, 2)).argsort(descending=True)


@PAINT_CLASSES.wrong(
    "masks sorted, labels not", "Labels and masks belong together: sort both, or neither and index with i."
)
def _labels_not_sorted(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks[_right_order(masks)], labels, torch.arange(len(masks)))


@PAINT_CLASSES.wrong(
    "labels sorted, masks not", "Labels and masks belong together: sort both, or neither and index with i."
)
def _masks_not_sorted(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels[_right_order(masks)], torch.arange(len(masks)))


@PAINT_CLASSES.wrong(
    "size measured by the box around the mask",
    "A thin object in a large box is small: count the pixels of its mask.",
)
def _by_box(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, (masks.any(1).sum(1) * masks.any(2).sum(1)).argsort(descending=True))


@PAINT_CLASSES.wrong("the smallest label in front", "A label is a name: sort by the number of pixels.")
def _smallest_label(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, labels.argsort(descending=True))


@PAINT_CLASSES.wrong("labels from 0", "0 is the background: write the labels as they are, starting from 1.")
def _from_zero(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels - 1, _right_order(masks))


@PAINT_CLASSES.wrong("labels plus 1", "The labels already start at 1: write them as they are.")
def _plus_one(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels + 1, _right_order(masks))


@PAINT_CLASSES.wrong(
    "background as void",
    "Where there is no object, the label map is 0. 255 would mean that the class is unknown.",
)
def _void(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).masked_fill(~masks.any(0), VOID)


@PAINT_CLASSES.wrong("the overlap as background", "Where two objects overlap, the smaller one is visible.")
def _overlap_lost(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).masked_fill(masks.sum(0) > 1, 0)


@PAINT_CLASSES.wrong("the overlap as void", "Where two objects overlap, the smaller one is visible.")
def _overlap_void(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).masked_fill(masks.sum(0) > 1, VOID)


@PAINT_CLASSES.wrong(
    "labels as floats", "A label is a whole number: start with torch.zeros(..., dtype=torch.int64)."
)
def _floats(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).float()


@PAINT_CLASSES.wrong(
    "labels of 8 bits", "The label map is int64: start with torch.zeros(..., dtype=torch.int64)."
)
def _bytes(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).to(torch.uint8)


@PAINT_CLASSES.wrong(
    "labels of 32 bits", "The label map is int64: start with torch.zeros(..., dtype=torch.int64)."
)
def _int32(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).int()


EMPTY = "A scene may have no objects (G = 0): then its label map is all background."


@PAINT_CLASSES.wrong("an error for a scene without objects", EMPTY)
def _maximum_of_nothing(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels) * (masks.sum((1, 2)).max() > 0)


@PAINT_CLASSES.wrong("an error for a scene without objects", EMPTY)
def _first_of_nothing(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels) * (masks.sum((1, 2))[0] > 0)


@PAINT_CLASSES.wrong("the masks overwritten", "The caller still needs the masks: work on a copy.")
def _overwritten(masks: Tensor, labels: Tensor) -> Tensor:
    canvas = paint_classes(masks, labels)
    masks &= canvas == labels[:, None, None]
    return canvas


@PAINT_CLASSES.wrong("one map per object", "Return one map (H, W) for all objects.")
def _one_each(masks: Tensor, labels: Tensor) -> Tensor:
    return masks * labels[:, None, None]


@PAINT_CLASSES.wrong("height and width swapped", "The label map is (H, W), like each mask.")
def _transposed(masks: Tensor, labels: Tensor) -> Tensor:
    return paint_classes(masks, labels).T


@PAINT_CLASSES.wrong("only the largest object painted", "Paint every object.")
def _largest_alone(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, _right_order(masks)[:1])


EXERCISES = (PAINT_CLASSES,)
