"""What all segmenters of the course have in common: images or feature maps go in, losses or label maps come out.

A model writes one function, `outputs`: the scores of every class at every pixel. `Segmenter` does the rest:
targets, the loss, and the class that wins at each pixel.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.image_model import Features, ImageModel, Inputs, pick
from coursekit.nets.backbone import Backbone
from coursekit.schema import VOID, Prediction, Target

__all__ = ["Features", "Inputs", "Segmenter", "label_maps", "labels_of", "pick"]


class Segmenter(ImageModel):
    """The contract: `model(inputs, targets)` gives losses in training, `model(inputs)` label maps in evaluation.

    A subclass names the `levels` that it looks at and writes `outputs(batch)`: for a batch of inputs of one size
    the logits (N, K + 1, H, W) of every pixel of the padded images (`self.padded_size`); class 0 is background.
    One with several losses writes `losses` too. Pixels that are only padding never count.

    Args:
        num_classes, backbone: as `ImageModel`.
        loss: logits (N, K + 1, H, W), labels (N, H, W) with 255 for void -> ().
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        loss: Callable[[Tensor, Tensor], Tensor] = ops.pixel_cross_entropy,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.loss = loss

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The mean cross-entropy of the labelled pixels."""
        self.check_targets(batch, targets)
        logits = self.outputs(batch)  # (N, K + 1, H, W)
        return {"semantic": self.pixel_loss(logits, label_maps(targets, logits.shape[-2:]).to(logits.device))}

    def pixel_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss, with the weight of this process's labelled pixels among those of all processes: 1 on one."""
        count = (labels != VOID).sum()
        return count / shared_count(count) * self.loss(logits, labels)

    @torch.no_grad()
    def predict(self, batch: Inputs) -> list[Prediction]:
        """The most probable class of every pixel: {"semantic": (H, W) int64} for each image of a batch of one size."""
        classes = self.outputs(batch).argmax(1)  # (N, H, W)
        return [{"semantic": crop(c, self.image_size(x))} for c, x in zip(classes, batch, strict=True)]

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        """Raises: ValueError in words when a target has no label map, or one of another size or with other classes."""
        super().check_targets(inputs, targets)
        for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
            check_label_map(labels_of(target, i), self.image_size(x), self.num_classes, i)


def labels_of(target: Target, i: int = 0) -> Tensor:
    """The label map (H, W) of target i: its `semantic`, or else what its masks show.

    Raises:
        ValueError: it has neither.

    >>> labels_of({"masks": torch.ones(1, 1, 2, dtype=torch.bool), "labels": torch.tensor([3])})
    tensor([[3, 3]])
    """
    if "semantic" in target:
        return target["semantic"]
    if "masks" not in target or "labels" not in target:
        raise ValueError(
            f"Target {i} has neither 'semantic' nor 'masks': a segmenter learns from label maps."
        )
    return ops.semantic_map(target["masks"], target["labels"])


def label_maps(targets: Sequence[Target], size: tuple[int, int]) -> Tensor:
    """The label maps of a batch, with void right and below where images were padded to `size`: (N, *size)."""
    maps = [labels_of(target) for target in targets]  # N times (H, W)
    return torch.stack(
        [F.pad(m, (0, size[1] - m.shape[1], 0, size[0] - m.shape[0]), value=VOID) for m in maps]
    )


def crop(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """The upper left `size` (height, width) of a map."""
    return maps[..., : size[0], : size[1]]


def check_label_map(labels: Tensor, size: tuple[int, int], num_classes: int, i: int) -> None:
    """Raises: ValueError in words when the label map of image i has another size or classes that do not exist."""
    if tuple(labels.shape) != tuple(size):
        shapes = f"{tuple(labels.shape)} but the image is {tuple(size)}"
        raise ValueError(
            f"The label map of image {i} is {shapes}: resize both alike, labels by nearest neighbour."
        )
    wrong = (labels < 0) | ((labels > num_classes) & (labels != VOID))  # (H, W)
    if wrong.any():
        y, x = wrong.nonzero()[0].tolist()
        raise ValueError(
            f"The label map of image {i} has class {labels[y, x].item()} at row {y}, column {x}: "
            f"classes run from 0 (background) to {num_classes}, and {VOID} is void."
        )
