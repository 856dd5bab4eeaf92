"""Lab 01, last part: the mean IoU of a localiser, and what global average pooling forgets."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import pair_picture
from coursekit import ops


def mean_iou(predicted: Tensor, target: Tensor) -> float:
    """Mean IoU of prediction i with target i: (N, 4) and (N, 4) to one number."""
    return ops.box_iou(predicted, target).diagonal().mean().item()


MEAN_IOU = Exercise(
    mean_iou,
    picture=pair_picture,
    hints=(
        "How many IoU values are there for N pictures?",
        "box_iou gives an (N, N) table. Which of its entries belong together?",
        "box_iou(predicted, target).diagonal() ... and .item() makes a number of a tensor.",
    ),
    cases=(
        Case("one picture", (boxes((0, 0, 4, 2)), boxes((2, 0, 6, 2)))),
        Case("a hit and a miss", (boxes((0, 0, 4, 4), (0, 0, 2, 2)), boxes((0, 0, 4, 4), (5, 5, 9, 9)))),
        Case(
            "a small box and a large one",
            (boxes((0, 0, 2, 2), (0, 0, 40, 40)), boxes((0, 0, 2, 1), (0, 0, 40, 30))),
        ),
        Case(
            "predictions in the wrong order",
            (boxes((0, 0, 2, 2), (5, 5, 9, 9)), boxes((5, 5, 9, 9), (0, 0, 2, 2))),
        ),
        Case(
            "three pictures",
            (
                boxes((0, 0, 2, 2), (1, 1, 5, 9), (3, 0, 7, 1)),
                boxes((1, 0, 3, 2), (2, 2, 4, 4), (3, 0, 8, 1)),
            ),
        ),
    ),
)


@MEAN_IOU.wrong("the mean over all pairs", "Prediction 3 has nothing to do with picture 7.")
def _mean_over_all_pairs(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).mean().item()


@MEAN_IOU.wrong("the share of boxes above 0.5", "That is another score; the mean keeps how good each box is.")
def _share_above_half(predicted: Tensor, target: Tensor) -> float:
    return (ops.box_iou(predicted, target).diagonal() > 0.5).float().mean().item()


@MEAN_IOU.wrong("a mean without the misses", "A miss is an IoU of 0, and it counts.")
def _mean_of_the_hits(predicted: Tensor, target: Tensor) -> float:
    iou = ops.box_iou(predicted, target).diagonal()
    return iou[iou > 0].mean().item() if (iou > 0).any() else 0.0


@MEAN_IOU.wrong("one IoU of all areas together", "Large objects would drown the small ones.")
def _iou_of_the_totals(predicted: Tensor, target: Tensor) -> float:
    iou = ops.box_iou(predicted, target).diagonal()
    both = ops.box_area(predicted) + ops.box_area(target)
    overlap = iou * both / (1 + iou)
    return (overlap.sum() / (both - overlap).sum()).item()


@MEAN_IOU.wrong("the best prediction for each target", "A prediction belongs to its own picture.")
def _best_prediction_wins(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).amax(0).mean().item()


def move_the_object(features: Tensor) -> Tensor:
    """Another feature map (C, h, w) with the same average in every channel: the object elsewhere."""
    return features.roll((1, 1), (-2, -1))


def _judge(arguments: tuple, moved: Tensor) -> dict[str, bool]:
    (features,) = arguments
    same_shape = moved.shape == features.shape
    return {
        "the shape is the same": same_shape,
        "the map is another one": not (same_shape and torch.equal(moved, features)),
        "every channel's average is the same": torch.allclose(
            moved.mean((-2, -1)), features.mean((-2, -1)), atol=1e-5
        ),
        "every value of the old map is there": same_shape
        and torch.allclose(moved.flatten(1).sort().values, features.flatten(1).sort().values),
    }


def _two_objects() -> Tensor:
    features = torch.zeros(2, 3, 5)
    features[0, 1, 1], features[1, 2, 4] = 3.0, 5.0
    return features


MOVE_THE_OBJECT = Exercise(
    move_the_object,
    hints=(
        "The average of a list of numbers does not care about their order.",
        "Shift the map, and let what leaves on one side come in on the other.",
        "tensor.roll(shifts, dims) or tensor.flip(dims).",
    ),
    cases=(
        Case("one channel, one bright cell", (torch.eye(3, 4)[None] * torch.tensor([1.0, 0, 0])[:, None],)),
        Case("two channels", (_two_objects(),)),
        Case("a real feature map's shape", (uniform(8, 6, 9),)),
    ),
)


@MOVE_THE_OBJECT.wrong("the same map again", "The question is what pooling can NOT tell apart.")
def _nothing_moved(features: Tensor) -> Tensor:
    return features.clone()


@MOVE_THE_OBJECT.wrong("a map of averages", "The averages agree, but the object is gone.")
def _pooled_map(features: Tensor) -> Tensor:
    return features.mean((-2, -1), keepdim=True).expand_as(features)


@MOVE_THE_OBJECT.wrong("exchanged channels", "Each channel keeps its own average.")
def _other_channels(features: Tensor) -> Tensor:
    return features.roll(1, 0)


@MOVE_THE_OBJECT.wrong("a brighter map", "Its averages are larger.")
def _brighter(features: Tensor) -> Tensor:
    return features * 2


@MOVE_THE_OBJECT.wrong("a transposed map", "The shape must stay (C, h, w); here h and w differ.")
def _turned_on_its_side(features: Tensor) -> Tensor:
    return features.transpose(-2, -1)


EXERCISES = (MEAN_IOU, MOVE_THE_OBJECT)
