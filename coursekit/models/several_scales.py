"""Any detector on several sizes of each image, and the mean of what it reports on them.

image -- 96, 128, ... 256 pixels -- detector, once for each --> boxes in the image's pixels -- average

A detector trained on objects of some size finds them best at that size. In a photograph an object may be larger or smaller,
but at one of several sizes of the photograph it is about right. Where several sizes agree, the mean of their boxes
is closer to the object than any of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.detector import Features, Inputs
from coursekit.schema import Prediction, Target

LONGEST_SIDES = (96, 128, 160, 192, 224, 256)  # pixels; the still lifes have 192
LIMIT = 100  # objects per image, as for every detector


class SeveralScales(nn.Module):
    """A trained detector that looks at each image in several sizes; it cannot be trained, its detector can.

    Images may have any size: each is brought to every longest side, in its own proportions, and the boxes come back in
    its own pixels. One image takes about as long as all its sizes one after the other.

    Args:
        detector: images -> one `Prediction` per image, without masks.
        longest_sides: of the images that the detector receives, in pixels.
        iou_threshold: see `average_boxes`.
        average_boxes: how the boxes of all sizes become one set; by default `ops.average_boxes`.
    Raises:
        ValueError: no longest side, or one below 1 pixel.
    """

    def __init__(
        self,
        detector: nn.Module,
        longest_sides: Sequence[int] = LONGEST_SIDES,
        iou_threshold: float = 0.55,
        *,
        average_boxes: Callable[..., tuple[Tensor, Tensor, Tensor]] = ops.average_boxes,
    ) -> None:
        super().__init__()
        if not longest_sides or min(longest_sides) < 1:
            raise ValueError(
                f"The longest sides must be positive numbers of pixels, but are {longest_sides}."
            )
        self.detector, self.longest_sides, self.iou_threshold = detector, tuple(longest_sides), iou_threshold
        self.average_boxes = average_boxes
        self.eval()

    @property
    def num_classes(self) -> int:
        """K, without background."""
        detector: Any = self.detector
        return detector.num_classes

    def forward(self, images: Inputs, targets: Sequence[Target] | None = None) -> list[Prediction]:
        """The averaged `Prediction` for each image.

        Raises:
            ValueError: in training, with feature maps instead of images, or with a detector of masks.
        """
        if self.training:
            raise ValueError(
                "Several scales are averaged in prediction only: train the `detector`, then call .eval()."
            )
        whole = [checked(image, i) for i, image in enumerate(images)]
        views = [self.detector([scaled(image, side) for image in whole]) for side in self.longest_sides]
        of_images = zip(*views, strict=True)
        return [self.average(image, found) for image, found in zip(whole, of_images, strict=True)]

    def average(self, image: Tensor, views: Sequence[Prediction]) -> Prediction:
        """The mean of what was found in all sizes of an image (3, H, W)."""
        if any("masks" in view for view in views):
            raise ValueError("Masks of several scales cannot be averaged: use a detector of boxes alone.")
        height, width = image.shape[-2:]
        boxes = []
        for view, side in zip(views, self.longest_sides, strict=True):
            down, across = (old / new for old, new in zip((height, width), size_at(image, side), strict=True))
            boxes.append(view["boxes"] * view["boxes"].new_tensor([across, down, across, down]))
        scores, labels = (torch.cat([view[key] for view in views]) for key in ("scores", "labels"))
        means, scores, labels = self.average_boxes(
            torch.cat(boxes), scores, labels, len(views), self.iou_threshold
        )
        inside = ops.clip_boxes_to_image(means, (height, width))
        return {"boxes": inside[:LIMIT], "labels": labels[:LIMIT], "scores": scores[:LIMIT]}


def checked(image: Tensor | Features, i: int) -> Tensor:
    """Return the image. Raises: ValueError if it is not one."""
    if not isinstance(image, Tensor):
        raise ValueError(f"Input {i} is not an image: feature maps have one scale, several need the image.")
    if image.ndim != 3 or image.shape[0] != 3 or not image.numel():
        raise ValueError(f"Image {i} is {tuple(image.shape)}, not (3, H, W): pass a list of RGB images.")
    return image


def size_at(image: Tensor, longest_side: int) -> tuple[int, int]:
    """Return the (height, width) of an image brought to a longest side, at least one pixel each.

    >>> size_at(torch.zeros(3, 480, 640), 192), size_at(torch.zeros(3, 500, 1), 96)
    ((144, 192), (96, 1))
    """
    height, width = image.shape[-2:]
    scale = longest_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def scaled(image: Tensor, longest_side: int) -> Tensor:
    """Return an image (3, H, W) brought to a longest side, in its own proportions."""
    size = size_at(image, longest_side)
    if size == tuple(image.shape[-2:]):
        return image
    return F.interpolate(image[None], size, mode="bicubic", antialias=True)[0].clamp(0, 1)
