"""SSD: default boxes on maps of several sizes, each map with a predictor of its own, in a single shot.

C3, C4, C5 and a smaller C6 -- a predictor on each --> class logits and offsets of every default box

Background is class 0 of a softmax. There is a hundred times more of it than of objects, so only the negatives
that are most wrong are trained on: three for each positive box.

Source: Liu et al., "SSD: Single Shot MultiBox Detector", 2016, arXiv:1512.02325.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Detector, Features, Inputs, select_detections
from coursekit.nets.backbone import Backbone
from coursekit.schema import Prediction, Target

MAPS = ("C3", "C4", "C5", "C6")
SCALES = (0.15, 0.25, 0.4, 0.6, 0.85)  # of the image: a default box of each map, and one beyond the last
RATIOS = ((2.0,), (2.0,), (2.0, 3.0), (2.0,))  # besides 1, lying and standing
OFFSET_WEIGHTS = (10.0, 10.0, 5.0, 5.0)  # the paper's code divides by "variances" of 0.1 and 0.2
NEGATIVES = 3  # for each positive box

Coder = tuple[Callable[..., Tensor], Callable[..., Tensor]]


class SSDOutputs(NamedTuple):
    """What the network predicts for the A default boxes of all maps, finest map first."""

    logits: Tensor  # (N, A, K + 1) before the softmax, background first
    offsets: Tensor  # (N, A, 4) from default box to box, as `encode_boxes` with OFFSET_WEIGHTS
    boxes: Tensor  # (A, 4) the default boxes, xyxy pixels


def match_default_boxes(iou: Tensor) -> ops.Match:
    """The objects that the default boxes are trained on: those they overlap by half, and the best of each object.

    Shapes: (G, A) -> Match of (A,).
    Source: section 2.2, "Matching strategy".

    >>> match_default_boxes(torch.tensor([[0.1, 0.3, 0.2], [0.6, 0.0, 0.7]])).positive
    tensor([True, True, True])
    """
    return ops.claim_best(ops.match_by_iou(iou, 0.5, 0.5), iou)


def hard_negatives(losses: Tensor, match: ops.Match, ratio: int = NEGATIVES) -> Tensor:
    """The negative boxes of one image whose losses are largest, `ratio` for each positive, if there are as many.

    Shapes: (A,), Match of (A,) -> (A,) bool.
    Args:
        losses: the class loss of each box, as if it were background.
    Source: section 2.2, "Hard negative mining".

    >>> match = ops.match_by_iou(torch.tensor([[0.9, 0.1, 0.2, 0.0, 0.3]]), 0.5, 0.5)
    >>> hard_negatives(torch.tensor([9.0, 1.0, 4.0, 3.0, 2.0]), match, ratio=2)
    tensor([False, False,  True,  True, False])
    """
    wanted = min(ratio * int(match.positive.sum()), int(match.negative.sum()))
    hardest = losses.masked_fill(~match.negative, -torch.inf).topk(wanted).indices
    return torch.zeros_like(match.negative).index_fill(0, hardest, True)


class SSD(Detector):
    """The single-shot detector of the paper, on the maps of the course's backbone.

    Its maps are frozen, so each predictor has a hidden layer in place of the fine-tuning of the paper.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the hidden layer of each predictor.
        match: IoU (G, A) -> `Match` of the default boxes.
        mine: losses (A,) and `Match` of an image -> (A,) bool, the negatives that are trained on.
        coder: from boxes to offsets and back, as `encode_boxes` and `decode_boxes`.
        nms: see `select_detections`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 96,
        match: Callable[[Tensor], ops.Match] = match_default_boxes,
        mine: Callable[[Tensor, ops.Match], Tensor] = hard_negatives,
        coder: Coder = (ops.encode_boxes, ops.decode_boxes),
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.match, self.mine, self.nms = match, mine, nms
        self.encode, self.decode = coder
        self.extra = layer(self.channels["C5"], channels, stride=2)
        widths = [self.channels[level] for level in self.levels] + [channels]
        self.hidden = nn.ModuleList(layer(width, channels) for width in widths)
        boxes = [2 + 2 * len(ratios) for ratios in RATIOS]  # a cell
        self.classes = nn.ModuleList(nn.Conv2d(channels, a * (num_classes + 1), 3, padding=1) for a in boxes)
        self.offsets = nn.ModuleList(nn.Conv2d(channels, a * 4, 3, padding=1) for a in boxes)

    def outputs(self, batch: Inputs) -> SSDOutputs:
        maps = self.feature_maps(batch)
        maps["C6"] = self.extra(maps["C5"])  # (N, channels, h, w)
        hidden = [layer(maps[level]) for layer, level in zip(self.hidden, MAPS, strict=True)]
        logits = rows_of(self.classes, hidden, self.num_classes + 1)  # (N, A, K + 1)
        offsets = rows_of(self.offsets, hidden, 4)  # (N, A, 4)
        boxes = default_boxes_of(maps, self.padded_size(batch[0])).to(maps["C6"])  # (A, 4)
        return SSDOutputs(logits, offsets, boxes)

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The cross entropy of positive boxes and hard negatives and the smooth L1 loss, per positive box."""
        self.check_targets(batch, targets)
        logits, offsets, boxes = self.outputs(batch)
        matches = [self.match(ops.box_iou(target["boxes"], boxes)) for target in targets]
        positive = torch.stack([m.positive for m in matches])  # (N, A)
        classes = torch.zeros_like(positive, dtype=torch.int64)  # (N, A) all background
        classes[positive] = ops.matched([t["labels"] for t in targets], matches)
        class_losses = F.cross_entropy(logits.flatten(0, 1), classes.flatten(), reduction="none").view_as(
            classes
        )
        hard = torch.stack(
            [self.mine(loss.detach(), m) for loss, m in zip(class_losses, matches, strict=True)]
        )
        truth = ops.matched([t["boxes"] for t in targets], matches)  # (P, 4)
        wanted = self.encode(truth, boxes.expand(len(batch), -1, -1)[positive], OFFSET_WEIGHTS)
        count = shared_count(positive.sum())
        return {
            "class": class_losses[positive | hard].sum() / count,
            "box": ops.smooth_l1_loss(offsets[positive], wanted, reduction="sum") / count,
        }

    def predict(self, batch: Inputs) -> list[Prediction]:
        logits, offsets, boxes = self.outputs(batch)
        found = self.decode(offsets, boxes, OFFSET_WEIGHTS)  # (N, A, 4)
        scores = logits.softmax(-1)[..., 1:]  # (N, A, K)
        return [
            select_detections(b, s, self.image_size(x), self.nms)
            for b, s, x in zip(found, scores, batch, strict=True)
        ]


def layer(in_channels: int, channels: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False),
        nn.GroupNorm(8, channels),
        nn.ReLU(),
    )


def rows_of(heads: nn.ModuleList, hidden: Sequence[Tensor], numbers: int) -> Tensor:
    """What a head of each map predicts for its boxes, map after map: (N, A, numbers)."""
    maps = [head(x) for head, x in zip(heads, hidden, strict=True)]
    return torch.cat([ops.permute_and_flatten(each, numbers) for each in maps], 1)


def default_boxes_of(maps: Features, image_size: tuple[int, int]) -> Tensor:
    """The default boxes of all maps, finest first: (A, 4) xyxy pixels of the padded image, of (height, width).

    >>> sides = {"C3": 24, "C4": 12, "C5": 6, "C6": 3}
    >>> maps = {level: torch.zeros(1, 1, side, side) for level, side in sides.items()}
    >>> default_boxes_of(maps, (192, 192)).shape
    torch.Size([3132, 4])
    """
    sizes = [(maps[level].shape[-2], maps[level].shape[-1]) for level in MAPS]
    return ops.default_boxes(sizes, image_size, RATIOS, SCALES)
