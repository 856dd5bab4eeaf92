"""Faster R-CNN: Fast R-CNN with a network that proposes the boxes, trained together.

features -- pyramid -- region proposal network --> proposals, constants from here on
               |                                       |
               P3 --------- RoIAlign ------------------+
                               |
                           7 x 7 cells of each region -- two layers --> class logits and offsets

The first stage, in `rpn.py`, asks "is it an object?" of every anchor, the second, in `fast_rcnn.py`, "which one, and
where exactly?" of a few dozen regions.

Source: Ren et al., "Faster R-CNN", 2015, arXiv:1506.01497; RoIAlign: He et al., "Mask R-CNN", 2017, arXiv:1703.06870.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Tensor

from coursekit import ops
from coursekit.models import rpn
from coursekit.models.detector import Features, Inputs
from coursekit.models.fast_rcnn import FastRCNN, Pool
from coursekit.nets.backbone import Backbone
from coursekit.nets.fpn import of_pyramid
from coursekit.schema import Prediction, Target


class FasterRCNNOutputs(NamedTuple):
    """What the network predicts before it proposes anything."""

    pyramid: Features  # {"P3": (N, channels, h, w), "P4": ..., "P5": ...}
    rpn: rpn.RPNOutputs  # of every anchor


def pool_aligned(input: Tensor, boxes: Sequence[Tensor], output_size: int, spatial_scale: float) -> Tensor:
    """RoIAlign with 2 x 2 samples a bin, and the centre of a cell at 0.5.

    torchvision's detectors take the older reading, the centre of a cell at 0: all is half a cell off.

    Shapes: (N, C, h, w) and N times (R, 4) -> (all R, C, output_size, output_size).

    >>> import torch
    >>> ramp = torch.arange(4.0).expand(1, 1, 4, 4)
    >>> pool_aligned(ramp, [torch.tensor([[0.0, 0.0, 32.0, 32.0]])], 2, 1 / 8)[0, 0, 0]
    tensor([0.5000, 2.5000])
    """
    return ops.roi_align(input, boxes, output_size, spatial_scale, sampling_ratio=2, aligned=True)


class FasterRCNN(FastRCNN):
    """The two-stage detector, small enough to be trained on a CPU.

    Args:
        num_classes, backbone, channels, hidden, class_agnostic, sample: as `FastRCNN`.
        match: as `FastRCNN`; it serves both stages, as do `sample` and `nms`.
        pool: as `FastRCNN`; `pool_aligned` by default.
        nms: see `select_detections`.
    Like torchvision's `FasterRCNN`, with the same outputs, losses and samples for the same weights, but for the
    anchors of `rpn.anchors_of`, the bins of `pool_aligned`, and smaller numbers of everything.
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
        pool: Pool = pool_aligned,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone, channels, hidden, class_agnostic, match, sample, pool, nms)

    def add_first_stage(self, channels: int) -> None:
        """Add the region proposal network."""
        self.proposer = rpn.RegionProposalNetwork(channels, of_pyramid(self.strides, self.levels))

    def outputs(self, batch: Inputs) -> FasterRCNNOutputs:  # type: ignore[override]  # each model has its own
        pyramid = self.pyramid(self.feature_maps(batch))
        return FasterRCNNOutputs(pyramid, self.proposer(pyramid))

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of both stages: {"objectness", "proposal_box", "class", "box"}."""
        self.check_targets(batch, targets)
        outputs = self.outputs(batch)
        first = self.proposal_losses(outputs.rpn, targets)
        proposals = self.propose(outputs, batch)
        regions = [self.regions(*image) for image in zip(proposals, targets, strict=True)]
        return first | self.region_losses(outputs.pyramid, regions, targets)

    def proposal_losses(self, outputs: rpn.RPNOutputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of the first stage, on a balanced sample of the anchors of each image."""
        truths = [target["boxes"] for target in targets]
        matches = [self.match(ops.box_iou(boxes, outputs.anchors), *rpn.MATCH) for boxes in truths]
        sampled = [self.sample(match, *rpn.SAMPLE) for match in matches]
        return rpn.proposal_losses(outputs, sampled, truths)

    def propose(self, outputs: FasterRCNNOutputs, batch: Inputs) -> list[Tensor]:
        """The proposals of each image, (R, 4) xyxy pixels, without gradient."""
        return rpn.propose(outputs.rpn, [self.image_size(x) for x in batch], self.nms)

    def predict(self, batch: Inputs) -> list[Prediction]:
        outputs = self.outputs(batch)
        sizes = [self.image_size(x) for x in batch]
        return self.predict_from(outputs.pyramid, self.propose(outputs, batch), sizes)
