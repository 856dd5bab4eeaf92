"""Fast R-CNN: the boxes come from elsewhere, one pass over the image serves them all, a head looks into each.

proposals, such as of selective search ---+
                                          |
features -- pyramid -- P3 --------- RoI pooling -- 7 x 7 cells of each region -- two layers --> class and offsets

It is the second stage of Faster R-CNN alone: what R-CNN did with a whole network for each box, it does with a
few cells of a map that all boxes share.

Source: Girshick, "Fast R-CNN", 2015, arXiv:1504.08083.
"""

from collections.abc import Callable, Sequence

from torch import Tensor

from coursekit import ops
from coursekit.models.detector import Inputs, check_inputs
from coursekit.models.faster_rcnn import FasterRCNN, Outputs, Pool
from coursekit.schema import Target

PROPOSALS = "proposals"  # beside the maps of an image: (R, 4) xyxy pixels, the most promising first


class FastRCNN(FasterRCNN):
    """The second stage of `FasterRCNN` for boxes that are given: an input is {"C3": ..., ..., "proposals": (R, 4)}.

    Args:
        num_classes, channels, hidden, class_agnostic, match, sample, nms: as `FasterRCNN`.
        pool: as `FasterRCNN`; the paper's RoIPool by default.
    Raises:
        ValueError: of a call, when an image comes without proposals.
    """

    def __init__(
        self,
        num_classes: int,
        channels: int = 64,
        hidden: int = 256,
        class_agnostic: bool = False,
        match: Callable[..., ops.Match] = ops.match_by_iou,
        sample: Callable[[ops.Match, int, float], ops.Match] = ops.balanced_sample,
        pool: Pool = ops.roi_pool,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        options = {"match": match, "sample": sample, "pool": pool, "nms": nms}
        super().__init__(num_classes, None, channels, hidden, class_agnostic, **options)
        del self.proposer

    def outputs(self, batch: Inputs) -> Outputs:
        return Outputs(self.pyramid(self.look(batch)), None)

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses {"class", "box"} of a sample of the proposals and of the true boxes."""
        self.check_targets(batch, targets)
        outputs = self.outputs(batch)
        proposals = self.propose(outputs, batch)
        regions = [self.regions(*image) for image in zip(proposals, targets, strict=True)]
        return self.region_losses(outputs.pyramid, regions, targets)

    def propose(self, outputs: Outputs, batch: Inputs) -> list[Tensor]:
        """The proposals that came with each image, (R, 4)."""
        check_inputs(batch, None, (*self.levels, PROPOSALS))
        return [x[PROPOSALS] for x in batch]
