"""Lab 11, first part: what a label map is, and how it is scored."""

import torch
from torch import Tensor

from classroom.exercises.cases import label_map
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import iou_picture, labels_picture
from coursekit.metrics import confusion_matrix, iou_of_classes
from coursekit.ops import semantic_map

VOID = 255


def paint_classes(masks: Tensor, labels: Tensor) -> Tensor:
    """The class of every pixel, 0 where is no object; the smaller of two objects lies in front: -> (H, W) int64."""
    return semantic_map(masks, labels)


def _rectangle(rows: slice, columns: slice, size: tuple[int, int] = (3, 5)) -> Tensor:
    mask = torch.zeros(size, dtype=torch.bool)
    mask[rows, columns] = True
    return mask


LARGE, SMALL = _rectangle(slice(0, 2), slice(0, 4)), _rectangle(slice(1, 3), slice(2, 4))
APART = _rectangle(slice(0, 1), slice(4, 5))

PAINT_CLASSES = Exercise(
    paint_classes,
    picture=labels_picture,
    hints=(
        "A painter begins with what is far away. What is painted later covers it. Which object comes first?",
        "Begin with zeros (H, W). For each object, from the largest mask to the smallest: canvas[mask] = label.",
        "masks.sum((1, 2)).argsort(descending=True) is the order; labels.new_zeros(masks.shape[1:]) is the canvas.",
    ),
    cases=(
        Case("one lemon", (LARGE[None], torch.tensor([3]))),
        Case("two apples", (torch.stack([SMALL, APART]), torch.tensor([1, 1]))),
        Case("a small pear before a large mug", (torch.stack([SMALL, LARGE]), torch.tensor([2, 6]))),
        Case("the same, listed the other way", (torch.stack([LARGE, SMALL]), torch.tensor([6, 2]))),
        Case(
            "a small mug before a large pear", (torch.stack([LARGE, SMALL, APART]), torch.tensor([2, 6, 3]))
        ),
        Case("an empty table", (LARGE[None][:0], torch.zeros(0, dtype=torch.int64))),
    ),
)


@PAINT_CLASSES.wrong("an instance map", "A pixel gets its class, not the number of its object.")
def _numbered(masks: Tensor, labels: Tensor) -> Tensor:
    return semantic_map(masks, torch.arange(len(masks)) + 1)


@PAINT_CLASSES.wrong(
    "the largest label wins",
    "Where two objects overlap, the one in front decides, not the one with the larger number.",
)
def _largest_label(masks: Tensor, labels: Tensor) -> Tensor:
    return (masks * labels[:, None, None]).amax(0) if len(masks) else paint_classes(masks, labels)


@PAINT_CLASSES.wrong("labels added", "2 + 6 is not the class of anything: the object in front decides.")
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


@PAINT_CLASSES.wrong("the order of the list", "The order of a list says nothing about depth: sort by size.")
def _as_listed(masks: Tensor, labels: Tensor) -> Tensor:
    return _painted(masks, labels, torch.arange(len(masks)))


@PAINT_CLASSES.wrong("object or not", "Write the label of the object, not 1.")
def _only_objects(masks: Tensor, labels: Tensor) -> Tensor:
    return masks.any(0).long()


def pixel_iou(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """The IoU of each class over the labelled pixels, NaN for a class that is nowhere: (H, W), (H, W) -> (K,)."""
    return iou_of_classes(confusion_matrix(prediction, target, num_classes)).float()


PIXEL_IOU = Exercise(
    pixel_iou,
    picture=iou_picture,
    hints=(
        "For each class there are two masks: where it is predicted, and where it is. Which pixels must be left out of both?",
        "known = target != 255. IoU of class k = |P and T| / |P or T|, with P = (prediction == k) & known and T alike.",
        "torch.arange(num_classes)[:, None, None] compares with all classes at once; 0 / 0 of float tensors is NaN already.",
    ),
    cases=(
        Case("half of a row", (label_map("0011"), label_map("0111"), 2)),
        Case("a class that is nowhere", (label_map("0110", "0110"), label_map("0110", "0100"), 3)),
        Case("a class that is only predicted", (label_map("0022", "0000"), label_map("0000", "0000"), 3)),
        Case("nobody labelled the edge", (label_map("01122", "11122"), label_map("0112.", "0112."), 3)),
        Case("a void picture", (label_map("01", "10", "11"), label_map("..", "..", ".."), 2)),
    ),
)


def _overlaps(prediction: Tensor, target: Tensor, num_classes: int, void: int = VOID) -> tuple[Tensor, ...]:
    """Intersection, predicted and true pixels of each class: three times (K,)."""
    known = target != void
    classes = torch.arange(num_classes)[:, None, None]
    mine, true = (prediction == classes) & known, (target == classes) & known  # (K, H, W)
    return tuple(pixels.sum((1, 2)).float() for pixels in (mine & true, mine, true))


@PIXEL_IOU.wrong(
    "void pixels counted",
    "Where the truth is 255, nothing that is predicted is wrong: leave these pixels out of the union too.",
)
def _void_counted(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes, void=-1)
    return both / (mine + true - both)


@PIXEL_IOU.wrong(
    "0 for a class that is nowhere",
    "A class that is neither there nor predicted is no mistake: it has no score, NaN.",
)
def _zero_for_nothing(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    return pixel_iou(prediction, target, num_classes).nan_to_num(0.0)


@PIXEL_IOU.wrong(
    "1 for a class that is nowhere",
    "A class that is neither there nor predicted is no merit: it has no score, NaN.",
)
def _one_for_nothing(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    return pixel_iou(prediction, target, num_classes).nan_to_num(1.0)


@PIXEL_IOU.wrong("recall", "Predicting too much must cost something: divide by the union.")
def _recall(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, _, true = _overlaps(prediction, target, num_classes)
    return both / true


@PIXEL_IOU.wrong("precision", "Predicting too little must cost something: divide by the union.")
def _precision(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, _ = _overlaps(prediction, target, num_classes)
    return both / mine


@PIXEL_IOU.wrong("the Dice score", "IoU counts the intersection once, not twice.")
def _dice(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes)
    return 2 * both / (mine + true)


@PIXEL_IOU.wrong(
    "a sum in place of the union", "Both areas together contain the intersection twice: take it off."
)
def _sum_below(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes)
    return both / (mine + true)


EXERCISES = (PAINT_CLASSES, PIXEL_IOU)
