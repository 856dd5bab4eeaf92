"""YOLO as it is built today: cells of three sizes, no anchors, GIoU and cross-entropy instead of squares.

feature pyramid -> each cell predicts where, whether, what -> alignment -> match_by_alignment -> three losses

What is left of the first YOLO: one look, a box from each cell, confidence times class. What changed: small
objects have small cells, several cells are responsible for one object, and every term of the loss fits its question.
Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021", section 2.1, arXiv:2107.08430; in place of its SimOTA
the assignment of Feng et al., "TOOD", 2021, arXiv:2108.07755, as in later YOLOs.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.detector import Detector, Inputs, select_detections
from coursekit.models.yolox_nano import decode_level
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import BatchNorm, convolution, small_start
from coursekit.nets.fpn import PYRAMID_LEVELS, FeaturePyramid
from coursekit.schema import Prediction, Target

RADIUS = 2.5  # cells
TINY = 1e-9  # a candidate cell that overlaps nothing is still better than one that is no candidate
FIRST_GUESS = 0.01  # of an object in a cell; most cells have none
FIRST_SIZE = 3.0  # strides
BOX_WEIGHT = 2.0
SCORE_THRESHOLD = 0.01
NMS_THRESHOLD = 0.5


class Cells(NamedTuple):
    """What the A cells of all levels say of N images, the finest level first, row by row.

    boxes: (N, A, 4) xyxy pixels.
    objectness: (N, A), logits of the IoU of the box with an object.
    classes: (N, A, K), logits of each class if there is an object.
    centers, strides: (A, 2) and (A,), where each cell is and its side, in pixels.
    """

    boxes: Tensor
    objectness: Tensor
    classes: Tensor
    centers: Tensor
    strides: Tensor

    def images(self) -> list["Cells"]:
        """The same, image by image, without the dimension N."""
        said = zip(self.boxes, self.objectness, self.classes, strict=True)
        return [Cells(*of_one, self.centers, self.strides) for of_one in said]

    def scores(self) -> Tensor:
        """Confidence times class: (..., A, K) in [0, 1]."""
        return self.objectness.sigmoid()[..., None] * self.classes.sigmoid()


@torch.no_grad()
def alignment(cells: Cells, boxes: Tensor, labels: Tensor) -> Tensor:
    """Return how well each cell of an image already finds each object, 0 where it is not asked to.

    sqrt(score) * IoU^6, of the cells that the object's centre lies in, and of those whose own centre is inside the
    box and nearer to its centre than `RADIUS` cells. The score is that of the object's class.

    Shapes: Cells of one image, (G, 4), (G,) -> (G, A).
    Args:
        boxes: of the objects, xyxy pixels.
        labels: 1..K.
    Source: Feng et al., "TOOD: Task-aligned One-stage Object Detection", 2021, section 3.2, arXiv:2108.07755;
    the paper takes the score itself, later YOLOs its root.
    """
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2  # (G, 2)
    distance = (cells.centers - middle[:, None]).abs().amax(-1) / cells.strides  # (G, A) in cells
    inside = (cells.centers > boxes[:, None, :2]) & (cells.centers < boxes[:, None, 2:])  # (G, A, 2)
    asked = (distance <= 0.5) | (inside.all(-1) & (distance < RADIUS))
    score = cells.scores()[:, labels - 1].t()  # (G, A)
    return asked * (score.sqrt() * ops.box_iou(boxes, cells.boxes) ** 6 + TINY)


def match_by_alignment(quality: Tensor, count: int = 10) -> ops.Match:
    """Return the match of each cell with the object that it finds best, if it is among the best of that object.

    Shapes: (G, A) -> Match of (A,).
    Args:
        quality: how well each cell detects each object, 0 for one that must not be matched.
        count: positive cells per object, at most, unless the last are equal.
    Source: Feng et al., "TOOD", 2021, section 3.2, arXiv:2108.07755.

    >>> match_by_alignment(torch.tensor([[0.9, 0.7, 0.1, 0.0], [0.0, 0.8, 0.0, 0.2]]), count=2)
    Match(target=tensor([0, 1, 0, 1]), positive=tensor([ True,  True, False,  True]), negative=tensor([False, False,  True, False]))
    """
    if not len(quality):
        nobody = quality.new_zeros(quality.shape[1], dtype=torch.int64)
        return ops.Match(nobody, nobody > 0, nobody == 0)
    last = quality.topk(min(count, quality.shape[1]), 1).values[:, -1:]  # (G, 1)
    best, target = torch.where(quality >= last, quality, 0).max(0)  # (A,) each
    return ops.Match(target, best > 0, best == 0)


class Head(nn.Module):
    """One branch asks what, the other where and whether. Source: YOLOX, arXiv:2107.08430, figure 2."""

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        self.before = nn.Sequential(BatchNorm(channels), nn.ReLU(inplace=True))
        self.what, self.where = convolution(channels, channels, 3), convolution(channels, channels, 3)
        self.classes = nn.Conv2d(channels, num_classes, 1)
        self.offsets = nn.Conv2d(channels, 4, 1)
        self.objectness = nn.Conv2d(channels, 1, 1)
        first_size = torch.tensor([0.5, 0.5, math.log(FIRST_SIZE), math.log(FIRST_SIZE)])
        small_start(self.classes, 0.01)
        small_start(self.offsets, 0.01)
        small_start(self.objectness, 0.01, -math.log((1 - FIRST_GUESS) / FIRST_GUESS))
        self.offsets.bias = nn.Parameter(first_size)

    def forward(self, feature: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, C, h, w) -> offsets (N, 4, h, w), objectness (N, 1, h, w), classes (N, K, h, w)."""
        feature = self.before(feature)
        where = self.where(feature)
        return self.offsets(where), self.objectness(where), self.classes(self.what(feature))


class YoloModern(Detector):
    """A detector with cells of 8, 16 and 32 pixels.

    Args:
        num_classes, backbone: as in `Detector`.
        channels: of the feature pyramid and of the heads.
        decode: (N, 4, h, w) offsets, the stride -> (N, h * w, 4) boxes, xyxy pixels.
        match: (G, A), how well each cell detects each object -> Match.
        box_loss: (P, 4) predicted and (P, 4) true boxes -> (P,) losses.
        nms: as in `select_detections`.
    """

    levels = ("C3", "C4", "C5")

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 48,
        *,
        decode: Callable[[Tensor, int], Tensor] = decode_level,
        match: Callable[[Tensor], ops.Match] = match_by_alignment,
        box_loss: Callable[[Tensor, Tensor], Tensor] = ops.generalized_box_iou_loss,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.decode, self.match, self.box_loss, self.nms = decode, match, box_loss, nms
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.heads = nn.ModuleDict({level: Head(channels, num_classes) for level in self.levels})

    def outputs(self, batch: Inputs) -> Cells:
        """What the cells of all levels say: decoded boxes, and logits."""
        pyramid = self.pyramid(self.feature_maps(batch))
        said, places = [], []
        for level, head in self.heads.items():
            feature, stride = pyramid[PYRAMID_LEVELS[level]], self.strides[level]
            offsets, objectness, classes = head(feature)
            said.append((self.decode(offsets, stride), cell_rows(objectness)[..., 0], cell_rows(classes)))
            places.append(places_of(feature, stride))
        of_images = [torch.cat(part, 1) for part in zip(*said, strict=True)]  # (N, A, ...) each
        of_cells = [torch.cat(part) for part in zip(*places, strict=True)]  # (A, ...) each
        return Cells(*of_images, *of_cells)

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """Where, whether and what: see `losses_of`."""
        self.check_targets(batch, targets)
        return self.losses_of(self.outputs(batch), targets)

    def losses_of(self, cells: Cells, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of N images: divided by an image's number of positive cells, in the mean over the images.

        box: GIoU, of the positive cells. objectness: cross-entropy of all cells with the IoU of their box, 0 for a
        negative one. class: cross-entropy of the positive cells, a yes or no for each class.
        """
        matches = [
            self.match(alignment(image, target["boxes"], target["labels"]))
            for image, target in zip(cells.images(), targets, strict=True)
        ]
        positive = torch.stack([match.positive for match in matches])  # (N, A), P of them
        true = ops.matched([t["boxes"] for t in targets], matches)  # (P, 4)
        labels = ops.matched([t["labels"] for t in targets], matches)  # (P,)
        found = cells.boxes[positive]  # (P, 4)
        quality = torch.zeros_like(cells.objectness)  # (N, A)
        quality[positive] = ops.paired_box_iou(found.detach(), true)
        right = F.one_hot(labels - 1, self.num_classes).to(quality)  # (P, K)
        share = 1 / positive.sum(1, keepdim=True).clamp(min=1) / len(positive)  # (N, 1)
        of_positive = share.expand_as(positive)[positive]  # (P,)
        return {
            "box": BOX_WEIGHT * (of_positive * self.box_loss(found, true)).sum(),
            "objectness": F.binary_cross_entropy_with_logits(
                cells.objectness, quality, share, reduction="sum"
            ),
            "class": F.binary_cross_entropy_with_logits(
                cells.classes[positive], right, of_positive[:, None], reduction="sum"
            ),
        }

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The objects found in each image: each cell's box is a candidate for each class."""
        return [
            select_detections(
                cells.boxes, cells.scores(), self.image_size(x), self.nms, SCORE_THRESHOLD, NMS_THRESHOLD
            )
            for cells, x in zip(self.outputs(batch).images(), batch, strict=True)
        ]


def places_of(feature: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """The centres (h * w, 2) and sides (h * w,) of the cells of one level, in pixels."""
    rows, columns = feature.shape[-2:]
    centers = ops.grid_centers((rows, columns), stride).to(feature)
    return centers, torch.full_like(centers[:, 0], stride)


def cell_rows(maps: Tensor) -> Tensor:
    return ops.permute_and_flatten(maps, maps.shape[1])  # (N, C, h, w) -> (N, h * w, C)
