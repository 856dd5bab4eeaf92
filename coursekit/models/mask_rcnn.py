"""Mask R-CNN: Faster R-CNN, and a third branch that says which cells of a region are the object.

P3 -- RoIAlign -- 14 x 14 cells of each region -- convolutions -- twice as large --> a mask of 28 x 28 for each class

Each class has a sigmoid of its own, and only the mask of the true class is trained: classes do not compete for
cells. Which class it is was decided by the box branch.

Source: He et al., "Mask R-CNN", 2017, section 3, arXiv:1703.06870.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Features, Inputs
from coursekit.models.fast_rcnn import Regions, of_class
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.nets.backbone import Backbone
from coursekit.schema import Prediction, Target

MASK_BINS = 14  # a side of what is pooled from a region for its mask; the mask is twice as large


def mask_targets(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    """How much of each cell of a region its object covers: the mask, cropped by RoIAlign.

    Shapes: (P, H, W) bool, (P, 4) xyxy pixels -> (P, size, size) float in [0, 1].
    Like torchvision's `project_masks_on_boxes`, but the centre of a pixel lies at 0.5, so nothing is half a
    pixel off, and each cell takes 2 x 2 samples.

    >>> mask = torch.tensor([[[0, 0, 1, 1]] * 4]).bool()
    >>> mask_targets(mask, torch.tensor([[0.0, 0.0, 4.0, 4.0]]), 2)
    tensor([[[0., 1.],
             [0., 1.]]])
    """
    regions = torch.cat([torch.arange(len(boxes)).to(boxes)[:, None], boxes], 1)  # (P, 5)
    maps = masks[:, None].to(boxes)  # (P, 1, H, W)
    return ops.roi_align(maps, regions, size, sampling_ratio=2, aligned=True)[:, 0]


def true_class_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The binary cross entropy of the true class's mask, a mean over cells and objects; 0 without objects.

    Shapes: (P, K, m, m) logits, (P, m, m) in [0, 1], (P,) labels 1..K -> ().
    Source: Mask R-CNN, section 3: "L_mask is only defined on the k-th mask".

    >>> logits = torch.tensor([0.0, 9.0]).view(1, 2, 1, 1)
    >>> true_class_loss(logits, torch.ones(1, 1, 1), torch.tensor([1]))
    tensor(0.6931)
    """
    own = of_class(logits, labels)  # (P, m, m)
    total = F.binary_cross_entropy_with_logits(own, wanted, reduction="sum")
    return total / max(own.numel(), 1)


def masks_of_class(logits: Tensor, labels: Tensor) -> Tensor:
    """The mask of its own class for each detection: (D, K, m, m) logits, (D,) labels -> (D, 1, m, m) in [0, 1]."""
    return of_class(logits, labels).sigmoid()[:, None]


class MaskRCNN(FasterRCNN):
    """Faster R-CNN with masks: `predict` pastes the mask of each detection into the image.

    Args:
        num_classes, backbone, channels: as `FasterRCNN`.
        mask_layers: convolutions of the mask branch before it is made larger; the paper has 4.
        mask_bins: a side of what is pooled for the mask branch; its masks are twice as large.
        crop: masks (P, H, W) of objects, their regions (P, 4), a size -> what to learn, (P, size, size).
        mask_loss: logits (P, K, m, m), what to learn (P, m, m), labels (P,) -> the loss, one number.
        choose: logits (D, K, m, m), labels (D,) -> the mask of each detection, (D, 1, m, m) in [0, 1].
        paste: masks (D, 1, m, m), boxes (D, 4), (H, W) of the image -> masks of the image, (D, 1, H, W).
        options: the other arguments of `FasterRCNN`; its `pool` serves the mask branch too.
    Like torchvision's `MaskRCNN`, with the differences of `FasterRCNN` and of `mask_targets`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        mask_layers: int = 2,
        mask_bins: int = MASK_BINS,
        crop: Callable[[Tensor, Tensor, int], Tensor] = mask_targets,
        mask_loss: Callable[[Tensor, Tensor, Tensor], Tensor] = true_class_loss,
        choose: Callable[[Tensor, Tensor], Tensor] = masks_of_class,
        paste: Callable[[Tensor, Tensor, tuple[int, int]], Tensor] = ops.paste_masks,
        **options,
    ) -> None:
        super().__init__(num_classes, backbone, channels, **options)
        self.crop, self.mask_loss, self.choose, self.paste = crop, mask_loss, choose, paste
        self.mask_bins = mask_bins
        self.mask_head = mask_head(channels, mask_layers, num_classes)

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        super().check_targets(inputs, targets)
        for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
            check_masks(target, self.image_size(x), i)

    def region_losses(
        self, pyramid: Features, regions: Sequence[Regions], targets: Sequence[Target]
    ) -> dict[str, Tensor]:
        """The losses of `FasterRCNN`, and the binary cross entropy of the true class's mask, per cell."""
        losses = super().region_losses(pyramid, regions, targets)
        positive = [r.labels > 0 for r in regions]
        boxes = [r.boxes[p] for r, p in zip(regions, positive, strict=True)]
        objects = [r.objects[p] for r, p in zip(regions, positive, strict=True)]
        labels = torch.cat([r.labels[p] for r, p in zip(regions, positive, strict=True)])  # (P,)
        masks = [target["masks"][k] for target, k in zip(targets, objects, strict=True)]
        wanted = [self.crop(*each, 2 * self.mask_bins) for each in zip(masks, boxes, strict=True)]
        logits = self.mask_logits(pyramid, boxes)  # (P, K, 28, 28)
        count = labels.new_tensor(len(labels))
        share = count / shared_count(count)  # of the masks of all processes; 1 where there is one process
        return losses | {"mask": share * self.mask_loss(logits, torch.cat(wanted), labels)}

    def mask_logits(self, pyramid: Features, boxes: Sequence[Tensor]) -> Tensor:
        """The mask of each class for each region, before the sigmoid: N times (R, 4) -> (all R, K, 28, 28)."""
        return self.mask_head(self.pooled(pyramid, boxes, self.mask_bins))

    def predict_from(
        self, pyramid: Features, proposals: Sequence[Tensor], sizes: Sequence[tuple[int, int]]
    ) -> list[Prediction]:
        """The detections of `FasterRCNN`, each with the mask of its class: "masks" (D, 1, H, W) in [0, 1]."""
        found = super().predict_from(pyramid, proposals, sizes)
        labels = torch.cat([each["labels"] for each in found])
        logits = self.mask_logits(pyramid, [each["boxes"] for each in found])  # (all D, K, 28, 28)
        masks = self.choose(logits, labels)  # (all D, 1, 28, 28)
        images = zip(found, masks.split([len(each["labels"]) for each in found]), sizes, strict=True)
        for each, m, size in images:
            each["masks"] = self.paste(m, each["boxes"], size)
        return found


def mask_head(channels: int, depth: int, num_classes: int) -> nn.Sequential:
    """Convolutions, one that doubles height and width, and a mask for each class.

    Shapes: (R, channels, 14, 14) -> (R, K, 28, 28) logits.
    Source: Mask R-CNN, figure 4, right.
    """
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()]
    layers += [nn.ConvTranspose2d(channels, channels, 2, stride=2), nn.ReLU()]
    layers += [nn.Conv2d(channels, num_classes, 1)]
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def check_masks(
    target: Target,
    size: tuple[int, int],
    i: int,
    needs: str = "Mask R-CNN learns from masks (G, H, W); use FasterRCNN for boxes alone",
) -> None:
    """Raises: ValueError in words when image i of `size` (height, width) has no masks, or masks of another size."""
    if "masks" not in target:
        raise ValueError(f"target {i} has no 'masks': {needs}.")
    if tuple(target["masks"].shape[1:]) != size:
        raise ValueError(
            f"the masks of image {i} are {tuple(target['masks'].shape[1:])} but the image is {size}: "
            "resize both alike."
        )
