"""FCOS: no anchors. Each cell near the centre of an object predicts its class and the distances to its four sides.

features -- pyramid -- P3, P4, P5 -- shared heads --> class logits of each cell
                                                  \\-> four distances and one quality of each cell

It is RetinaNet with one prediction per cell instead of one for each of its anchors, so their sizes, ratios and IoU
thresholds are gone. In their place it must be decided which cells own an object: `assign_cells`.

Source: Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", 2019, arXiv:1904.01355; the cells near
the centre, GIoU and the quality from the box branch as in its later version, 2020, arXiv:2006.09214.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Detector, Inputs, select_detections
from coursekit.models.retinanet import PRIOR, Head, prior_bias
from coursekit.nets.backbone import Backbone
from coursekit.nets.fpn import FeaturePyramid, of_pyramid
from coursekit.schema import Prediction, Target

RADIUS = 1.5  # strides: only cells this near to the centre of an object own it
REACH = 5  # strides: the longest distance that the cells of a level predict; 8 in the paper, whose images are larger
FIRST_DISTANCE = 2  # strides: what every distance starts from
LARGEST_LOG_DISTANCE = 4.0  # so that exp cannot overflow early in training


class FCOSOutputs(NamedTuple):
    """What the network predicts for the A cells of all levels, finest level first, and where they are.

    Cells are in pixels; the ranges are of the longest of the four distances that a cell is trained to predict.
    """

    logits: Tensor  # (N, A, K) before the sigmoid
    boxes: Tensor  # (N, A, 4) xyxy pixels
    quality: Tensor  # (N, A) logits: how good the box is
    centers: Tensor  # (A, 2) x, y
    strides: Tensor  # (A,)
    ranges: Tensor  # (A, 2) from, to


def assign_cells(boxes: Tensor, centers: Tensor, strides: Tensor, ranges: Tensor) -> ops.Match:
    """Return the match of each cell with the smallest object that it owns; all other cells are negative.

    A cell owns an object if its centre is inside the box and, along both axes, nearer to the centre of the box than
    1.5 strides, and if the longest of its four distances to the sides is in its range. An object without such a
    cell is not trained on: one that is smaller than a cell may lie between the centres of all cells.

    Shapes: (G, 4), (A, 2), (A,), (A, 2) -> Match of (A,).
    Args:
        boxes: of the objects, xyxy pixels.
        centers, strides: x and y of each cell, and its side, in pixels.
        ranges: from (inclusive) and to (exclusive) which distance, in pixels.
    Like torchvision's `FCOS`, but there the ranges are open and those of one model.
    Source: Tian et al., 2019, section 3.1 and 3.2, arXiv:1904.01355; 2020, section 3.1, arXiv:2006.09214.

    >>> boxes = torch.tensor([[0.0, 0.0, 40.0, 8.0], [8.0, 0.0, 24.0, 8.0]])
    >>> centers = ops.grid_centers((1, 5), stride=8)
    >>> assign_cells(boxes, centers, torch.full((5,), 8.0), torch.tensor([0.0, 64.0]).expand(5, 2))
    Match(target=tensor([0, 1, 1, 0, 0]), positive=tensor([False,  True,  True,  True, False]), negative=tensor([ True, False, False, False,  True]))
    """
    distances = torch.cat([centers - boxes[:, None, :2], boxes[:, None, 2:] - centers], -1)  # (G, A, 4)
    inside, longest = distances.amin(-1) > 0, distances.amax(-1)  # (G, A) each
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2  # (G, 2)
    near = (centers - middle[:, None]).abs().amax(-1) < RADIUS * strides  # (G, A)
    owned = inside & near & (longest >= ranges[:, 0]) & (longest < ranges[:, 1])  # (G, A)
    area = torch.where(owned, ops.box_area(boxes)[:, None], math.inf)  # (G, A)
    nobody = area.new_full((1, len(centers)), math.inf)
    smallest, target = torch.cat([area, nobody]).min(0)  # (A,) each
    positive = smallest < math.inf
    return ops.Match(torch.where(positive, target, 0), positive, ~positive)


def overlap(predicted: Tensor, true: Tensor, centers: Tensor) -> Tensor:
    """Return how good predicted boxes are: their IoU with the true ones, in the same row.

    Shapes: (P, 4), (P, 4), (P, 2) -> (P,).
    """
    return ops.paired_box_iou(predicted, true)


def centerness(predicted: Tensor, true: Tensor, centers: Tensor) -> Tensor:
    """Return how near each cell is to the middle of its object: 1 at the centre, 0 on a side, whatever it predicts.

    Shapes: (P, 4), (P, 4), (P, 2) -> (P,).
    Source: Tian et al., 2019, eq. 3, arXiv:1904.01355.

    >>> centerness(torch.zeros(1, 4), torch.tensor([[0.0, 0.0, 10.0, 10.0]]), torch.tensor([[2.0, 5.0]]))
    tensor([0.5000])
    """
    before, after = (
        centers - true[:, :2],
        true[:, 2:] - centers,
    )  # (P, 2): to the left and upper, right and lower side
    return (torch.minimum(before, after) / torch.maximum(before, after)).prod(1).sqrt()


class FCOS(Detector):
    """The detector of "FCOS: Fully Convolutional One-Stage Object Detection", small enough to be trained on a CPU.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the pyramid and of the heads.
        depth: convolutions in each head before the last one.
        assign: as `assign_cells`: which cells are trained to find which object.
        nms: see `select_detections`.
        quality: predicted boxes (P, 4), true ones (P, 4), centres of their cells (P, 2) -> (P,) in [0, 1], what the
            quality branch is trained to predict: `overlap`, or `centerness` as in the paper.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        depth: int = 1,
        assign: Callable[[Tensor, Tensor, Tensor, Tensor], ops.Match] = assign_cells,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
        quality: Callable[[Tensor, Tensor, Tensor], Tensor] = overlap,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.assign, self.nms, self.quality = assign, nms, quality
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.class_head = Head(channels, depth, num_classes, bias=prior_bias(PRIOR), anchors=1)
        self.box_head = Head(channels, depth, 5, anchors=1)

    def outputs(self, batch: Inputs) -> FCOSOutputs:
        pyramid = self.pyramid(self.feature_maps(batch))
        logits = torch.cat([self.class_head(level) for level in pyramid.values()], 1)  # (N, A, K)
        numbers = torch.cat([self.box_head(level) for level in pyramid.values()], 1)  # (N, A, 5)
        places = cells_of(pyramid, of_pyramid(self.strides, self.levels))
        centers, strides, ranges = (place.to(logits) for place in places)
        boxes = decode_distances(numbers[..., :4], centers, strides)  # (N, A, 4)
        return FCOSOutputs(logits, boxes, numbers[..., 4], centers, strides, ranges)

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The focal loss of all cells, GIoU loss and cross-entropy of the quality of the positive ones, each per positive cell."""
        self.check_targets(batch, targets)
        logits, boxes, quality, *cells = self.outputs(batch)
        matches = [self.assign(target["boxes"], *cells) for target in targets]
        positive = torch.stack([m.positive for m in matches])  # (N, A), P of them
        labels = ops.matched([t["labels"] for t in targets], matches)  # (P,)
        true, predicted = ops.matched([t["boxes"] for t in targets], matches), boxes[positive]  # (P, 4) each
        classes = torch.zeros_like(logits)  # (N, A, K)
        classes[positive] = F.one_hot(labels - 1, self.num_classes).to(classes)
        centers = cells[0].expand(len(batch), -1, -1)[positive]  # (P, 2)
        good = self.quality(predicted.detach(), true, centers)  # (P,)
        losses = {
            "class": ops.sigmoid_focal_loss(logits, classes),
            "box": ops.generalized_box_iou_loss(predicted, true),
            "quality": F.binary_cross_entropy_with_logits(quality[positive], good, reduction="none"),
        }
        count = shared_count(positive.sum())
        return {name: loss.sum() / count for name, loss in losses.items()}

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The objects found in each image; a score is the geometric mean of class probability and quality."""
        logits, boxes, quality, *_ = self.outputs(batch)
        scores = (logits.sigmoid() * quality.sigmoid()[..., None]).sqrt()  # (N, A, K)
        return [
            select_detections(b, s, self.image_size(x), self.nms)
            for b, s, x in zip(boxes, scores, batch, strict=True)
        ]


def decode_distances(numbers: Tensor, centers: Tensor, strides: Tensor) -> Tensor:
    """Return the boxes whose sides have these distances from the centres of the cells.

    Shapes: (..., A, 4), (A, 2), (A,) -> (..., A, 4) xyxy pixels.
    Args:
        numbers: logarithms of the distances to the left, upper, right and lower side, each divided by 2 strides.

    >>> decode_distances(torch.tensor([[0.0, 0.0, math.log(2), 0.0]]), torch.tensor([[20.0, 20.0]]), torch.tensor([8.0]))
    tensor([[ 4.,  4., 52., 36.]])
    """
    distances = numbers.clamp(max=LARGEST_LOG_DISTANCE).exp() * FIRST_DISTANCE * strides[:, None]
    return torch.cat([centers - distances[..., :2], centers + distances[..., 2:]], -1)  # (..., A, 4)


def cells_of(pyramid: Mapping[str, Tensor], strides: Mapping[str, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the centres (A, 2), strides (A,) and ranges (A, 2) of the cells of all levels, finest first.

    The range of a level goes up to 5 of its strides and begins where the one of the finer level ends; the finest
    begins at 0, the coarsest has no end.

    >>> pyramid = {"P3": torch.zeros(1, 64, 1, 2), "P4": torch.zeros(1, 64, 1, 1)}
    >>> cells_of(pyramid, {"P3": 8, "P4": 16})[2]
    tensor([[ 0., 40.],
            [ 0., 40.],
            [40., inf]])
    """
    sides = [strides[name] for name in pyramid]
    borders = [0, *(REACH * side for side in sides[:-1]), math.inf]
    sizes = [level.shape[-2:] for level in pyramid.values()]
    counts = torch.tensor([rows * columns for rows, columns in sizes])
    centers = [
        ops.grid_centers((rows, columns), side) for (rows, columns), side in zip(sizes, sides, strict=True)
    ]
    ranges = torch.tensor(list(pairwise(borders))).repeat_interleave(counts, 0)  # (A, 2)
    return torch.cat(centers), torch.tensor(sides).repeat_interleave(counts), ranges
