"""RetinaNet: anchors on every level of a feature pyramid, one shared head, and the focal loss.

features -- pyramid -- P3, P4, P5 -- shared head --> class logits and offsets of every anchor

Nine of ten anchors see nothing but table. The focal loss makes them count little, and the prior bias makes
the first answer of every anchor "nothing here", so that they do not drown the objects in the first steps.

Source: Lin et al., "Focal Loss for Dense Object Detection", 2017, arXiv:1708.02002.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Detector, Inputs, select_detections
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import small_start
from coursekit.nets.fpn import FeaturePyramid, of_pyramid
from coursekit.schema import Prediction, Target

ANCHOR_SIZE = 5  # side of the anchors of a level, in cells of it; the paper has three, from 4 to 6.3
RATIOS = (0.5, 1.0, 2.0)  # height / width
PRIOR = 0.01  # probability of an object that every anchor starts from


class RetinaNetOutputs(NamedTuple):
    """What the network predicts for the A anchors of all levels, finest level first."""

    logits: Tensor  # (N, A, K) before the sigmoid
    offsets: Tensor  # (N, A, 4) from anchor to box, as `encode_boxes`
    anchors: Tensor  # (A, 4) xyxy pixels


class Assignment(NamedTuple):
    """What the A anchors of N images are trained on, with P positive ones in all."""

    positive: Tensor  # (N, A) bool, on an object
    judged: Tensor  # (N, A) bool, on an object or on background; the others have no loss
    boxes: Tensor  # (P, 4) the object of each positive one, xyxy pixels
    classes: Tensor  # (N, A, K) what the probabilities should be, 0 or 1


class RetinaNet(Detector):
    """The detector of "Focal Loss for Dense Object Detection", small enough to be trained on a CPU.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the pyramid and of the head.
        depth: convolutions in the head before the last one.
        iou: (G, 4), (A, 4) boxes -> (G, A), which decides what an anchor is trained on.
        match: IoU (G, A), high and low threshold, whether to keep the best anchor of each object -> `Match`.
        loss: logits and targets (0 or 1) of one shape -> loss of each, for the classes.
        nms: see `select_detections`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        depth: int = 1,
        iou: Callable[[Tensor, Tensor], Tensor] = ops.box_iou,
        match: Callable[..., ops.Match] = ops.match_by_iou,
        loss: Callable[[Tensor, Tensor], Tensor] = ops.sigmoid_focal_loss,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.iou, self.match, self.loss, self.nms = iou, match, loss, nms
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.class_head = Head(channels, depth, num_classes, bias=prior_bias(PRIOR))
        self.box_head = Head(channels, depth, 4)

    def outputs(self, batch: Inputs) -> RetinaNetOutputs:
        pyramid = self.pyramid(self.feature_maps(batch))
        logits = torch.cat([self.class_head(level) for level in pyramid.values()], 1)  # (N, A, K)
        offsets = torch.cat([self.box_head(level) for level in pyramid.values()], 1)  # (N, A, 4)
        anchors = anchors_of(pyramid, of_pyramid(self.strides, self.levels))
        return RetinaNetOutputs(logits, offsets, anchors.to(logits.device))

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The focal loss of all anchors and the GIoU loss of the positive ones, both per positive anchor."""
        self.check_targets(batch, targets)
        logits, offsets, anchors = self.outputs(batch)
        positive, judged, boxes, classes = self.assign(targets, anchors)
        class_losses = self.loss(logits, classes) * judged[..., None]  # (N, A, K)
        predicted = ops.decode_boxes(offsets[positive], anchors.expand(len(batch), -1, -1)[positive])
        box_losses = ops.generalized_box_iou_loss(predicted, boxes)
        count = shared_count(positive.sum())
        return {"class": class_losses.sum() / count, "box": box_losses.sum() / count}

    def assign(self, targets: Sequence[Target], anchors: Tensor) -> Assignment:
        """What each anchor of each image is trained on."""
        matches = [self.match(self.iou(t["boxes"], anchors), 0.5, 0.4, True) for t in targets]
        positive = torch.stack([m.positive for m in matches])  # (N, A)
        judged = positive | torch.stack([m.negative for m in matches])  # (N, A)
        labels = ops.matched([t["labels"] for t in targets], matches)  # (P,)
        boxes = ops.matched([t["boxes"] for t in targets], matches)  # (P, 4)
        classes = anchors.new_zeros(*positive.shape, self.num_classes)  # (N, A, K)
        classes[positive] = nn.functional.one_hot(labels - 1, self.num_classes).to(classes)
        return Assignment(positive, judged, boxes, classes)

    def predict(self, batch: Inputs) -> list[Prediction]:
        logits, offsets, anchors = self.outputs(batch)
        boxes, scores = ops.decode_boxes(offsets, anchors), logits.sigmoid()  # (N, A, 4), (N, A, K)
        return [
            select_detections(b, s, self.image_size(x), self.nms)
            for b, s, x in zip(boxes, scores, batch, strict=True)
        ]


class Head(nn.Module):
    """A few convolutions and a last one that gives `numbers` for each anchor: the same weights on every level.

    Shapes: (N, channels, h, w) -> (N, h * w * anchors, numbers), in the order of `grid_anchors`.
    """

    def __init__(
        self, channels: int, depth: int, numbers: int, bias: float = 0.0, anchors: int = len(RATIOS)
    ) -> None:
        super().__init__()
        self.numbers = numbers
        self.tower = nn.Sequential()
        for _ in range(depth):
            self.tower.extend(
                [nn.Conv2d(channels, channels, 3, padding=1), nn.GroupNorm(8, channels), nn.ReLU()]
            )
        self.last = nn.Conv2d(channels, anchors * numbers, 3, padding=1)
        small_start(self.last, 0.01, bias)

    def forward(self, level: Tensor) -> Tensor:
        maps = self.last(self.tower(level))  # (N, anchors * numbers, h, w)
        return ops.permute_and_flatten(maps, self.numbers)  # (N, h * w * anchors, numbers)


def prior_bias(probability: float) -> float:
    """The bias after which a sigmoid starts from this probability.

    Source: section 3.3 of the paper.

    >>> round(torch.tensor(prior_bias(0.01)).sigmoid().item(), 4)
    0.01
    """
    return -math.log((1 - probability) / probability)


def anchors_of(pyramid: Mapping[str, Tensor], strides: Mapping[str, int]) -> Tensor:
    """The anchors of all levels, finest first: (A, 4) xyxy pixels.

    >>> pyramid = {"P3": torch.zeros(1, 64, 24, 24), "P4": torch.zeros(1, 64, 12, 12)}
    >>> anchors_of(pyramid, {"P3": 8, "P4": 16}).shape
    torch.Size([2160, 4])
    """
    levels = []
    for name, level in pyramid.items():
        cell = ops.cell_anchors([ANCHOR_SIZE * strides[name]], RATIOS)
        rows, columns = level.shape[-2:]
        levels.append(ops.grid_anchors(cell, (rows, columns), strides[name]))
    return torch.cat(levels)
