"""Bugs of boxes, anchors, regions and suppression: most vanish when images are square or all of one size."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.museum.bug import Bug
from coursekit import ops
from coursekit.data.transforms import horizontal_flip
from coursekit.models.localiser import decode_box

SECOND_STAGE = (10.0, 10.0, 5.0, 5.0)  # factors of dx, dy, dw, dh


def _decode_with_the_first_size(outputs: Tensor, sizes: Tensor) -> Tensor:
    return decode_box(outputs, sizes[:1].expand(len(outputs), 2))


def _flip_only_the_image(image: Tensor, target: dict) -> tuple[Tensor, dict]:
    return image.flip(-1), target


def _centers_row_first(feature_size: tuple[int, int], stride: float) -> Tensor:
    return ops.grid_centers(feature_size, stride).flip(-1)


def _inclusive_masks_to_boxes(masks: Tensor) -> Tensor:
    return ops.masks_to_boxes(masks) - torch.tensor([0, 0, 1, 1])


def _square_anchors(scales: Sequence[float], ratios: Sequence[float]) -> Tensor:
    side, factor = torch.tensor(scales), torch.tensor(ratios).sqrt()
    half = (factor[:, None] * side).flatten() / 2
    return torch.stack([-half, -half, half, half], 1)


def second_stage_offsets(reference: Tensor, proposals: Tensor) -> Tensor:
    """What the second stage of Faster R-CNN is trained on: offsets made about as large as class scores."""
    return ops.encode_boxes(reference, proposals, SECOND_STAGE)


def pool_objects(features: Tensor, boxes: Tensor, image: Tensor, labels: Tensor) -> Tensor:
    """One value a channel for each object, of the image that it is in: (K, C, 1, 1); labels have no say in it."""
    return ops.roi_align(features, torch.cat([image[:, None], boxes], 1), 1, aligned=True)


def _label_in_column_0(features: Tensor, boxes: Tensor, image: Tensor, labels: Tensor) -> Tensor:
    return pool_objects(features, boxes, labels, labels)


def _half_a_cell_off(features: Tensor, boxes: Tensor, image: Tensor, labels: Tensor) -> Tensor:
    return ops.roi_align(features, torch.cat([image[:, None], boxes], 1), 1, aligned=False)


def _rivals_of_all_classes(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    return ops.nms(boxes, scores, iou_threshold)


def _keep_the_worst(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    return ops.nms(boxes, -scores, iou_threshold)


_RAMP = torch.arange(2 * 6 * 8.0).reshape(2, 1, 6, 8)
_NEIGHBOURS = (boxes((0, 0, 40, 30), (2, 0, 42, 30)), torch.tensor([0.9, 0.8]))

ONE_SIZE_FOR_ALL = Bug(
    "one size for all images",
    "Each box belongs to an image of its own size.",
    _decode_with_the_first_size,
    decode_box,
    (torch.tensor([[0.5, 0.5, 0.5, 0.25]] * 2), torch.tensor([[100, 200], [300, 60]])),
)

OLD_BOXES = Bug(
    "a flipped image with the old boxes",
    "The loss falls all the same, and the network learns nonsense.",
    _flip_only_the_image,
    horizontal_flip,
    (torch.zeros(3, 4, 6), {"boxes": boxes((0, 1, 2, 3)), "labels": torch.tensor([1])}),
)

GEOMETRY_BUGS = (
    ONE_SIZE_FOR_ALL,
    OLD_BOXES,
    Bug(
        "grid points as (y, x)",
        "Rows come first in a tensor, but points are (x, y): the points of a square grid are still the same set.",
        _centers_row_first,
        ops.grid_centers,
        ((2, 3), 8),
    ),
    Bug(
        "the last pixel taken for the end",
        "With inclusive ends a mask of 4 x 3 pixels gets a box of area 6, and a mask one pixel wide a width of 0.",
        _inclusive_masks_to_boxes,
        ops.masks_to_boxes,
        (torch.ones(1, 3, 4, dtype=torch.bool),),
    ),
    Bug(
        "anchors that are all square",
        "The ratio widens the anchor and heightens it too, so that another ratio is only another size.",
        _square_anchors,
        ops.cell_anchors,
        ((8.0,), (1.0, 4.0)),
    ),
    Bug(
        "offsets without their scale",
        "Left as small as they are, the offsets of the second stage hardly count in the loss: it looks good, and the "
        "boxes stay where they were.",
        ops.encode_boxes,
        second_stage_offsets,
        (boxes((0, 0, 20, 10)), boxes((2, 0, 20, 10))),
    ),
    Bug(
        "the class in column 0 of the regions",
        "Column 0 says which image of the batch a region lies in: the features of another image are pooled, or, in "
        "libraries that do not look, whatever lies in memory.",
        _label_in_column_0,
        pool_objects,
        (_RAMP, boxes((1, 1, 5, 4)), torch.tensor([0]), torch.tensor([1])),
    ),
    Bug(
        "regions half a cell off",
        "Before `aligned` the centre of the first cell lay at 0, not at 0.5, so all that is pooled is shifted.",
        _half_a_cell_off,
        pool_objects,
        (_RAMP, boxes((1, 1, 5, 4)), torch.tensor([0]), torch.tensor([1])),
    ),
    Bug(
        "suppression across classes",
        "One round of suppression for all classes together: the cat suppresses the dog behind it.",
        _rivals_of_all_classes,
        ops.batched_nms,
        (*_NEIGHBOURS, torch.tensor([1, 2]), 0.5),
    ),
    Bug(
        "the worst box is kept",
        "Sorting goes upwards unless it is told otherwise, and of each heap the least sure box stays.",
        _keep_the_worst,
        ops.nms,
        (*_NEIGHBOURS, 0.5),
    ),
)
