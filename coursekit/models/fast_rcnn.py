"""Fast R-CNN: the boxes come from elsewhere, one pass over the image serves them all, a head looks into each.

proposals, e.g. selective search ---------+
                                          |
features -- pyramid -- P3 --------- RoI pooling -- 7 x 7 cells of each region -- two layers --> class and offsets

What R-CNN did with a whole network for each box, it does with a few cells of a map that all boxes share. It is the
second stage of Faster R-CNN, which adds a network that proposes the boxes.

Source: Girshick, "Fast R-CNN", 2015, arXiv:1504.08083.
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
from coursekit.nets.convolution import small_start
from coursekit.nets.fpn import FeaturePyramid
from coursekit.schema import Prediction, Target

PROPOSALS = "proposals"  # beside the maps of an image: (R, 4) xyxy pixels, the most promising first
BINS = 7  # a side of what is pooled from a region
MATCH = (0.5, 0.5, False)  # IoU from which a region is an object, and below which it is background
SAMPLE = (32, 0.25)  # regions trained on in an image, share of objects at most; in the paper (128, 0.25)
OFFSET_WEIGHTS = (10.0, 10.0, 5.0, 5.0)  # proposals are nearly right: this makes their small offsets about 1
BETA = 1 / 9  # where the smooth L1 loss turns into a line; Detectron's, the paper has 1

Pool = Callable[[Tensor, Sequence[Tensor], int, float], Tensor]


class FastRCNNOutputs(NamedTuple):
    """What is known of N images before the head looks into any region."""

    pyramid: Features  # {"P3": (N, channels, h, w), "P4": ..., "P5": ...}
    proposals: list[Tensor]  # of each image, (R, 4) xyxy pixels


class Regions(NamedTuple):
    """What the R sampled regions of one image are trained on."""

    boxes: Tensor  # (R, 4) xyxy pixels, proposals and true boxes
    labels: Tensor  # (R,) 1..K, 0 for background
    objects: Tensor  # (R,) the number of the object, meant only where it is not background
    truth: Tensor  # (R, 4) the box of that object; the region itself for background


class FastRCNN(Detector):
    """The detector for boxes that are given: an input is {"C3": ..., ..., "proposals": (R, 4)}.

    Regions are pooled from P3: the pyramid paper's rule sends every box of up to 224 x 224 pixels there.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the pyramid.
        hidden: width of the two layers of the head.
        class_agnostic: one box for each region, as for unseen classes; else one for each class, as in the paper.
        match: IoU (G, R), high and low threshold, whether to keep the best region of each object -> `Match`.
        sample: `Match`, how many, share of positive ones -> `Match` with the others ignored.
        pool: map (N, C, h, w), list of boxes (R, 4) in pixels, bins a side, map size / image size -> (all R, C,
            bins, bins); the paper's `ops.roi_pool` by default.
        nms: see `select_detections`.
    Raises:
        ValueError: of a call, when an image comes without proposals.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        hidden: int = 256,
        class_agnostic: bool = False,
        match: Callable[..., ops.Match] = ops.match_by_iou,
        sample: Callable[[ops.Match, int, float], ops.Match] = ops.balanced_sample,
        pool: Pool = ops.roi_pool,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.match, self.sample, self.pool, self.nms = match, sample, pool, nms
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.add_first_stage(channels)
        self.region_head = RegionHead(channels, hidden, num_classes, 1 if class_agnostic else num_classes)

    def add_first_stage(self, channels: int) -> None:
        """Add what proposes the regions: nothing, because here they are given."""

    def outputs(self, batch: Inputs) -> FastRCNNOutputs:
        self.check_inputs(batch, (*self.levels, PROPOSALS))
        return FastRCNNOutputs(
            self.pyramid(self.feature_maps(batch)), [x[PROPOSALS] for x in batch if isinstance(x, dict)]
        )

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses {"class", "box"} of a sample of the proposals and of the true boxes."""
        self.check_targets(batch, targets)
        pyramid, proposals = self.outputs(batch)
        regions = [self.regions(*image) for image in zip(proposals, targets, strict=True)]
        return self.region_losses(pyramid, regions, targets)

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
        positive, count = labels > 0, shared_count(labels.new_tensor(len(labels)))
        wanted = ops.encode_boxes(truth[positive], boxes[positive], OFFSET_WEIGHTS)  # (P, 4)
        predicted = of_class(offsets[positive], labels[positive])  # (P, 4)
        return {
            "class": F.cross_entropy(logits, labels, reduction="sum") / count,
            "box": ops.smooth_l1_loss(predicted, wanted, reduction="sum", beta=BETA) / count,
        }

    def pooled(self, pyramid: Features, boxes: Sequence[Tensor], bins: int) -> Tensor:
        """What P3 shows of each region: N times (R, 4) -> (all R, channels, bins, bins)."""
        return self.pool(pyramid["P3"], boxes, bins, 1 / self.strides["C3"])

    def predict(self, batch: Inputs) -> list[Prediction]:
        pyramid, proposals = self.outputs(batch)
        return self.predict_from(pyramid, proposals, [self.image_size(x) for x in batch])

    def predict_from(
        self, pyramid: Features, proposals: Sequence[Tensor], sizes: Sequence[tuple[int, int]]
    ) -> list[Prediction]:
        """The detections among the proposals of each image, (R, 4) each, of images of `sizes` (height, width)."""
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
        boxes: K, one box per class, or 1.
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
            small_start(layer, std)

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
