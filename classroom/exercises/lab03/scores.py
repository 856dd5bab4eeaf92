"""Lab 03, section 5: what each cell of a network says, as scores and boxes."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from coursekit import ops
from coursekit.models.yolo import class_scores
from coursekit.models.yolox_nano import decode_level

CLASS_SCORES = Exercise(
    class_scores,
    hints=(
        "What is the probability that box b contains something and that this is of class k?",
        "score[…, b, k] = confidence[…, b] * class[…, k].",
        "confidences[..., None] is (…, B, 1), classes[..., None, :] is (…, 1, K).",
    ),
    cases=(
        Case("one box, two classes", (torch.tensor([0.5]), torch.tensor([0.5, 1.0]))),
        Case("two boxes, three classes", (torch.tensor([0.5, 0.25]), torch.tensor([0.2, 0.3, 0.5]))),
        Case("two boxes, two classes", (uniform(2), uniform(2, seed=1))),
        Case("a box that is sure to see nothing", (torch.tensor([0.0]), torch.tensor([0.9, 0.1]))),
        Case("a grid of two by three cells", (uniform(2, 3, 2), uniform(2, 3, 4, seed=1))),
    ),
)


@CLASS_SCORES.wrong("the confidence alone", "It says that there is something, not what.")
def _confidence_alone(confidences, classes):
    return confidences[..., None].expand(*confidences.shape, classes.shape[-1]).clone()


@CLASS_SCORES.wrong("the class alone", "A cell names a class even where nothing is.")
def _class_alone(confidences, classes):
    return classes[..., None, :].expand(*confidences.shape, classes.shape[-1]).clone()


@CLASS_SCORES.wrong("a sum", "Probability that there is something, *and* that it is a dog: multiply.")
def _sum(confidences, classes):
    return confidences[..., None] + classes[..., None, :]


@CLASS_SCORES.wrong("a mean", "An empty cell that is sure of its class would get one half.")
def _mean(confidences, classes):
    return _sum(confidences, classes) / 2


@CLASS_SCORES.wrong("the best class only", "Each box has a score for each class.")
def _best_class(confidences, classes):
    return confidences * classes.amax(-1, keepdim=True)


@CLASS_SCORES.wrong("classes before boxes", "The result is (…, B, K).")
def _classes_first(confidences, classes):
    return class_scores(confidences, classes).transpose(-1, -2)


@CLASS_SCORES.wrong("scores that add up to one", "Then an empty cell would be as sure as any other.")
def _renormalised(confidences, classes):
    scores = class_scores(confidences, classes)
    return scores / scores.sum(-1, keepdim=True).clamp(min=1e-9)


# ---------------------------------------------------------------- the cells of another network


def _offsets(*shape: int) -> Tensor:
    return normal(shape[0], 4, *shape[1:]) / 2


DECODE_LEVEL = Exercise(
    decode_level,
    hints=(
        "It is exercise 4 with other units: everything in strides, the sides as logarithms.",
        "centre = (dx + column, dy + row) * stride; side = exp(log side) * stride.",
        "dx, dy, log_w, log_h = offsets.unbind(1) are (N, h, w); x = (dx + torch.arange(w)) * stride; torch.stack(...).flatten(2)...",
    ),
    cases=(
        Case("one cell that says 0, 0, 0, 0", (torch.zeros(1, 4, 1, 1), 8)),
        Case("one cell", (torch.tensor([0.5, 0.25, 0.0, 1.0]).view(1, 4, 1, 1), 8)),
        Case("two columns", (_offsets(1, 1, 2), 16)),
        Case("two rows, three columns", (_offsets(1, 2, 3), 8)),
        Case("two images", (_offsets(2, 3, 2), 32)),
    ),
)


def _in_order(columns_first: Tensor) -> Tensor:
    return ops.box_convert(columns_first.flatten(2).transpose(1, 2), "cxcywh", "xyxy")


def _cells(offsets: Tensor) -> Tensor:
    rows, columns = (torch.arange(side) for side in offsets.shape[-2:])
    return torch.stack(torch.meshgrid(columns, rows, indexing="xy"))


@DECODE_LEVEL.wrong("logarithms taken for sides", "The network says log w and log h: `exp`.")
def _no_exp(offsets, stride):
    return _in_order(torch.cat([offsets[:, :2] + _cells(offsets), offsets[:, 2:]], 1) * stride)


@DECODE_LEVEL.wrong("every cell in the first place", "Add the cell's own column and row.")
def _no_cell(offsets, stride):
    return _in_order(torch.cat([offsets[:, :2], offsets[:, 2:].exp()], 1) * stride)


@DECODE_LEVEL.wrong("the row added to x", "Columns go along x, rows along y.")
def _row_before_column(offsets, stride):
    return _in_order(torch.cat([offsets[:, :2] + _cells(offsets).flip(0), offsets[:, 2:].exp()], 1) * stride)


@DECODE_LEVEL.wrong("half a cell too far", "In this network dx and dy count from the cell's corner.")
def _half_a_cell(offsets, stride):
    return _in_order(torch.cat([offsets[:, :2] + _cells(offsets) + 0.5, offsets[:, 2:].exp()], 1) * stride)


@DECODE_LEVEL.wrong("sides in pixels", "exp(log w) is in strides, like the centre.")
def _sides_in_pixels(offsets, stride):
    return _in_order(torch.cat([(offsets[:, :2] + _cells(offsets)) * stride, offsets[:, 2:].exp()], 1))


@DECODE_LEVEL.wrong("the stride before the cell", "Add the cell first, then multiply.")
def _stride_before_cell(offsets, stride):
    return _in_order(torch.cat([offsets[:, :2] * stride + _cells(offsets), offsets[:, 2:].exp() * stride], 1))


@DECODE_LEVEL.wrong(
    "numbers of several cells in one box",
    "`reshape` does not move the four numbers to the end: `flatten(2).transpose(1, 2)` does.",
)
def _reshaped(offsets, stride):
    boxes = torch.cat([(offsets[:, :2] + _cells(offsets)) * stride, offsets[:, 2:].exp() * stride], 1)
    return ops.box_convert(boxes.reshape(len(boxes), -1, 4), "cxcywh", "xyxy")


@DECODE_LEVEL.wrong("column by column", "The cells come row by row.")
def _column_by_column(offsets, stride):
    return decode_level(offsets, stride).unflatten(1, offsets.shape[-2:]).transpose(1, 2).flatten(1, 2)


EXERCISES = (CLASS_SCORES, DECODE_LEVEL)
