"""Faster R-CNN: a network that proposes boxes and a head that looks into each of them, trained together.

features -- pyramid -- region proposal network --> proposals, constants from here on
               |                                       |
               P3 --------- RoIAlign ------------------+
                               |
                           7 x 7 cells of each region -- two layers --> class logits and offsets

The first stage, in `rpn.py`, asks "is it an object?" of every anchor, the second "which one, and where exactly?"
of a few dozen regions.

Source: Ren et al., "Faster R-CNN", 2015, arXiv:1506.01497; the second stage: Girshick, "Fast R-CNN", 2015,
arXiv:1504.08083; RoIAlign: He et al., "Mask R-CNN", 2017, arXiv:1703.06870.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models import rpn
from coursekit.models.detector import Detector, Features, Inputs, image_size, select_detections
from coursekit.nets.backbone import CHANNELS, STRIDES
from coursekit.nets.fpn import FeaturePyramid
from coursekit.schema import Prediction, Target

BINS = 7  # a side of what is pooled from a region
MATCH = (0.5, 0.5, False)  # IoU from which a region is an object, and below which it is background
SAMPLE = (32, 0.25)  # regions trained on in an image, share of objects at most; in the paper (128, 0.25)
OFFSET_WEIGHTS = (10.0, 10.0, 5.0, 5.0)  # proposals are nearly right: this makes their small offsets about 1

Pool = Callable[[Tensor, Sequence[Tensor], int, float], Tensor]


class Outputs(NamedTuple):
    """What the network says before it proposes anything."""

    pyramid: Features  # {"P3": (N, channels, h, w), "P4": ..., "P5": ...}
    rpn: rpn.Outputs  # of every anchor


class Regions(NamedTuple):
    """What the R sampled regions of one image are trained on."""

    boxes: Tensor  # (R, 4) xyxy pixels, proposals and true boxes
    labels: Tensor  # (R,) 1..K, 0 for background
    objects: Tensor  # (R,) the number of the object, meant only where it is not background
    truth: Tensor  # (R, 4) the box of that object; the region itself for background


def pool_aligned(input: Tensor, boxes: Sequence[Tensor], output_size: int, spatial_scale: float) -> Tensor:
    """RoIAlign with 2 x 2 samples a bin, and the centre of a cell at 0.5.

    torchvision's detectors take the older reading, the centre of a cell at 0: all is half a cell off.

    Shapes: (N, C, h, w) and N times (R, 4) -> (all R, C, output_size, output_size).

    >>> ramp = torch.arange(4.0).expand(1, 1, 4, 4)
    >>> pool_aligned(ramp, [torch.tensor([[0.0, 0.0, 32.0, 32.0]])], 2, 1 / 8)[0, 0, 0]
    tensor([0.5000, 2.5000])
    """
    return ops.roi_align(input, boxes, output_size, spatial_scale, sampling_ratio=2, aligned=True)


class FasterRCNN(Detector):
    """The two-stage detector, small enough to be trained on a CPU.

    Regions are pooled from P3: the pyramid paper's rule sends every box of up to 224 x 224 pixels there.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the pyramid.
        hidden: width of the two layers of the second stage.
        class_agnostic: one box for each region, as for unseen classes; else one for each class, as in the paper.
        match: IoU (G, A), high and low threshold, whether to keep the best anchor of each object -> `Match`.
        sample: `Match`, how many, share of positive ones -> `Match` with the others ignored.
        pool: map (N, C, h, w), list of boxes (R, 4) in pixels, bins a side, map size / image size -> (all R, C,
            bins, bins), such as `ops.roi_pool` or `ops.crop_and_resize`.
        nms: as of `select_detections`; it serves both stages.
    Like torchvision's `FasterRCNN`, with the same outputs, losses and samples for the same weights, but for the
    anchors of `rpn.anchors_of`, the bins of `pool_aligned`, and smaller numbers of everything.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: nn.Module | None = None,
        channels: int = 64,
        hidden: int = 256,
        class_agnostic: bool = False,
        match: Callable[..., ops.Match] = ops.match_by_iou,
        sample: Callable[[ops.Match, int, float], ops.Match] = ops.balanced_sample,
        pool: Pool = pool_aligned,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.match, self.sample, self.pool, self.nms = match, sample, pool, nms
        self.pyramid = FeaturePyramid({level: CHANNELS[level] for level in self.levels}, channels)
        self.proposer = rpn.RegionProposalNetwork(channels)
        self.region_head = RegionHead(channels, hidden, num_classes, 1 if class_agnostic else num_classes)

    def outputs(self, batch: Inputs) -> Outputs:
        pyramid = self.pyramid(self.look(batch))
        return Outputs(pyramid, self.proposer(pyramid))

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of both stages: {"objectness", "proposal_box", "class", "box"}."""
        self.check_targets(batch, targets)
        outputs = self.outputs(batch)
        first = self.proposal_losses(outputs.rpn, targets)
        proposals = self.propose(outputs, batch)
        regions = [self.regions(*image) for image in zip(proposals, targets, strict=True)]
        return first | self.region_losses(outputs.pyramid, regions, targets)

    def proposal_losses(self, outputs: rpn.Outputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of the first stage, on a balanced sample of the anchors of each image."""
        truths = [target["boxes"] for target in targets]
        matches = [self.match(ops.box_iou(boxes, outputs.anchors), *rpn.MATCH) for boxes in truths]
        sampled = [self.sample(match, *rpn.SAMPLE) for match in matches]
        return rpn.proposal_losses(outputs, sampled, truths, self.divisor)

    def propose(self, outputs: Outputs, batch: Inputs) -> list[Tensor]:
        """The proposals of each image, (R, 4) xyxy pixels, without gradient."""
        return rpn.propose(outputs.rpn, [image_size(x) for x in batch], self.nms)

    def regions(self, proposals: Tensor, target: Target) -> Regions:
        """A balanced sample of the proposals of one image and of its true boxes: early proposals hit no object."""
        boxes = torch.cat([proposals, target["boxes"].to(proposals)])  # (R + G, 4)
        match = self.match(ops.box_iou(target["boxes"], boxes), *MATCH)
        sampled = self.sample(match, *SAMPLE)
        objects, truth, labels = match.target, boxes.clone(), torch.zeros_like(match.target)
        labels[sampled.positive] = target["labels"][objects[sampled.positive]]
        truth[sampled.positive] = target["boxes"][objects[sampled.positive]].to(boxes)
        kept = sampled.positive | sampled.negative
        return Regions(boxes[kept], labels[kept], objects[kept], truth[kept])

    def region_losses(
        self, pyramid: Features, regions: Sequence[Regions], targets: Sequence[Target]
    ) -> dict[str, Tensor]:
        """The cross entropy of all regions and the smooth L1 loss of those on objects, both per region."""
        logits, offsets = self.region_head(self.pooled(pyramid, [r.boxes for r in regions], BINS))
        boxes, labels, _, truth = (torch.cat(column) for column in zip(*regions, strict=True))
        positive, count = labels > 0, self.divisor(labels.new_tensor(len(labels)))
        wanted = ops.encode_boxes(truth[positive], boxes[positive], OFFSET_WEIGHTS)  # (P, 4)
        predicted = of_class(offsets[positive], labels[positive])  # (P, 4)
        return {
            "class": F.cross_entropy(logits, labels, reduction="sum") / count,
            "box": ops.smooth_l1_loss(predicted, wanted, reduction="sum", beta=rpn.BETA) / count,
        }

    def pooled(self, pyramid: Features, boxes: Sequence[Tensor], bins: int) -> Tensor:
        """What P3 shows of each region: N times (R, 4) -> (all R, channels, bins, bins)."""
        return self.pool(pyramid["P3"], boxes, bins, 1 / STRIDES["C3"])

    def detect(self, batch: Inputs) -> list[Prediction]:
        outputs = self.outputs(batch)
        sizes = [image_size(x) for x in batch]
        return self.detect_in(outputs.pyramid, self.propose(outputs, batch), sizes)

    def detect_in(
        self, pyramid: Features, proposals: Sequence[Tensor], sizes: Sequence[tuple[int, int]]
    ) -> list[Prediction]:
        """The detections among the proposals of each image: what the second stage makes of them."""
        logits, offsets = self.region_head(self.pooled(pyramid, proposals, BINS))
        regions = torch.cat(list(proposals))[:, None]  # (all R, 1, 4)
        boxes = ops.decode_boxes(offsets, regions, OFFSET_WEIGHTS)  # (all R, K or 1, 4)
        scores = logits.softmax(1)[:, 1:]  # (all R, K)
        counts = [len(each) for each in proposals]
        images = zip(boxes.split(counts), scores.split(counts), sizes, strict=True)
        return [select_detections(b, s, size, self.nms) for b, s, size in images]


class RegionHead(nn.Module):
    """Two layers on the flattened cells of a region: its class, background first, and its offsets.

    Shapes: (R, channels, 7, 7) -> logits (R, K + 1), offsets (R, boxes, 4) with OFFSET_WEIGHTS.
    Args:
        boxes: K, one box a class, or 1.
    Source: Fast R-CNN, section 2 and figure 1; two layers in place of VGG's: the pyramid paper, section 4.2.
    """

    def __init__(self, channels: int, hidden: int, num_classes: int, boxes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * BINS**2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
        )
        self.classes = nn.Linear(hidden, num_classes + 1)
        self.offsets = nn.Linear(hidden, boxes * 4)
        for layer, std in ((self.classes, 0.01), (self.offsets, 0.001)):
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.layers(pooled)  # (R, hidden)
        return self.classes(hidden), self.offsets(hidden).unflatten(1, (-1, 4))


def of_class(numbers: Tensor, labels: Tensor) -> Tensor:
    """What each row says of its own class: (R, K, ...), (R,) labels 1..K -> (R, ...); with K = 1 all share it.

    >>> of_class(torch.tensor([[5, 6, 7], [8, 9, 10]]), torch.tensor([1, 3]))
    tensor([ 5, 10])
    """
    shared = numbers.shape[1] == 1
    return numbers[torch.arange(len(labels), device=labels.device), 0 if shared else labels - 1]
