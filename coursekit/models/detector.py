"""What all detectors of the course have in common: images or feature maps go in, losses or predictions come out.

A model writes three functions, `outputs`, `losses` and `detect`, for a batch of images of one size. `Detector`
does the rest: it checks, pads, runs the backbone, normalises, and sorts images of several sizes into batches.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.nets.backbone import CHANNELS, STRIDES
from coursekit.schema import OUTSIDE_TOLERANCE, Prediction, Target, pad, validate

Features = dict[str, Tensor]
Inputs = Sequence[Tensor | Features]
PADDING_STRIDE = 32  # pixels: images are padded to multiples of it, so that every level's cells fit exactly


class Detector(nn.Module):
    """The contract: `model(inputs, targets)` gives losses in training, `model(inputs)` predictions in evaluation.

    A subclass names the `levels` that it looks at and writes, for a batch of inputs of one size,
    `outputs(batch)`, `losses(batch, targets)` -> {name: ()} and `detect(batch)` -> one `Prediction` an image.

    Args:
        num_classes: K, without background.
        backbone: makes the feature maps of images. Without it the inputs are dicts of feature maps, as of
            `cached_features`, of images whose sides are multiples of 32 pixels.
    """

    levels: tuple[str, ...] = ("C3", "C4", "C5")

    def __init__(self, num_classes: int, backbone: nn.Module | None = None) -> None:
        super().__init__()
        if num_classes < 1:
            raise ValueError(
                f"A detector needs at least one class besides the background, not {num_classes}."
            )
        self.num_classes, self.backbone = num_classes, backbone
        self.normalise = nn.ModuleDict(
            {level: nn.BatchNorm2d(CHANNELS[level], affine=False) for level in self.levels}
        )

    def forward(
        self, inputs: Inputs, targets: Sequence[Target] | None = None
    ) -> dict[str, Tensor] | list[Prediction]:
        """The losses in training; in evaluation a `Prediction` of at most 100 boxes for each image.

        Images of one padded size go through the network together. So no image is padded for the sake of another,
        and no answer depends on the company.
        Raises: ValueError in words, for inputs or targets that are not well formed.
        """
        check_inputs(inputs, self.backbone, self.levels)
        batches = by_size(inputs)
        if len(batches) == 1:
            return self.losses(inputs, targets) if self.training else self.detect(inputs)
        if self.training:
            self.check_targets(inputs, targets)  # here, where the images have the caller's numbers
            return mean_losses([self.losses(pick(inputs, b), pick(targets, b)) for b in batches], batches)
        found = [zip(b, self.detect(pick(inputs, b)), strict=True) for b in batches]
        predictions = dict(pair for pairs in found for pair in pairs)
        return [predictions[i] for i in range(len(inputs))]

    def outputs(self, batch: Inputs):
        """What the heads say, before any decision."""
        raise NotImplementedError

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of a batch of one size, in training or not; their sum is minimised.

        It begins with `self.check_targets(batch, targets)`.
        """
        raise NotImplementedError

    def detect(self, batch: Inputs) -> list[Prediction]:
        """The objects found in each image of a batch of one size."""
        raise NotImplementedError

    def look(self, batch: Inputs) -> Features:
        """The normalised feature maps of a batch of one size: {level: (N, C, h, w)}."""
        check_inputs(batch, self.backbone, self.levels)
        if len(by_size(batch)) > 1:
            raise ValueError(
                "The images have several sizes: call the model itself, which takes them size by size."
            )
        maps = self.maps(batch, self.levels)
        return {level: self.normalised(level, maps[level]) for level in self.levels}

    def maps(self, batch: Inputs, levels: Sequence[str]) -> Features:
        """The feature maps of a batch of one size as the backbone makes them: {level: (N, C, h, w)}."""
        if isinstance(batch[0], dict):
            return {level: torch.stack([x[level] for x in batch]) for level in levels}
        return self.backbone(pad(batch, PADDING_STRIDE))

    def normalised(self, level: str, maps: Tensor) -> Tensor:
        """Each channel with mean 0 and variance 1 over the training images."""
        norm = self.normalise[level]
        maps = maps.contiguous(memory_format=torch.channels_last)  # the convolutions that follow are faster
        if maps.numel() == maps.shape[1]:  # one cell of one image has no variance
            return F.batch_norm(maps, norm.running_mean, norm.running_var, eps=norm.eps)
        return norm(maps)

    def check_targets(self, inputs: Inputs, targets: Sequence[Target] | None) -> None:
        """Raises: ValueError in words when the targets are not one well-formed dict for each image."""
        check_targets(targets, len(inputs), self.num_classes)
        for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
            check_inside(target["boxes"], image_size(x), i)


def select_detections(
    boxes: Tensor,
    scores: Tensor,
    size: tuple[int, int],
    nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    score_threshold: float = 0.05,
    iou_threshold: float = 0.5,
    candidates: int = 1000,
    limit: int = 100,
) -> Prediction:
    """The detections of one image: boxes inside it, without duplicates, the most confident first.

    A box is a candidate once for each class that it scores in.

    Shapes: boxes (A, 4) xyxy pixels, or (A, K, 4) with one for each class; scores (A, K) in [0, 1] -> D
        detections, labels 1..K.
    Args:
        size: (height, width) of the image.
        nms: boxes (N, 4), scores (N,), classes (N,), IoU threshold -> indices of the boxes kept.
        score_threshold: candidates up to this score are left out.
        candidates: only so many of the best enter suppression.
        limit: at most so many detections.

    >>> found = select_detections(torch.tensor([[-5.0, 0, 9, 9]]), torch.tensor([[0.1, 0.0, 0.8]]), (8, 8))
    >>> found["boxes"][0], found["labels"], found["scores"]
    (tensor([0., 0., 8., 8.]), tensor([3, 1]), tensor([0.8000, 0.1000]))
    """
    boxes = ops.clip_boxes_to_image(boxes if boxes.ndim == 3 else boxes[:, None], size)  # (A, 1 or K, 4)
    scores = scores * (ops.box_area(boxes) > 0)  # (A, K): nothing is seen outside of the image
    boxes = boxes.expand(-1, scores.shape[1], -1)  # (A, K, 4)
    best, places = scores.flatten().topk(min(candidates, scores.numel()))  # (candidates,), falling
    best, places = best[best > score_threshold], places[best > score_threshold]
    which, classes = places // scores.shape[1], places % scores.shape[1]
    boxes = boxes[which, classes]  # (candidates, 4), in order
    kept = nms(boxes, best, classes, iou_threshold).sort().values[:limit]  # (D,)
    return {"boxes": boxes[kept], "labels": classes[kept] + 1, "scores": best[kept]}


def image_size(x: Tensor | Features) -> tuple[int, int]:
    """(height, width) in pixels of an image, or of the image that feature maps were made of.

    >>> image_size({"C3": torch.zeros(40, 12, 24), "C4": torch.zeros(112, 6, 12)})
    (96, 192)
    """
    if isinstance(x, Tensor):
        return tuple(x.shape[-2:])
    finest = min(x, key=STRIDES.__getitem__)
    height, width = x[finest].shape[-2:]
    return height * STRIDES[finest], width * STRIDES[finest]


def by_size(inputs: Inputs) -> list[list[int]]:
    """The places of the inputs that can share a batch: of one kind and of one size when padded."""
    batches: dict[tuple, list[int]] = {}
    for i, x in enumerate(inputs):
        padded = (-(-side // PADDING_STRIDE) for side in image_size(x))
        batches.setdefault((isinstance(x, dict), *padded), []).append(i)
    return list(batches.values())


def mean_losses(parts: Sequence[dict[str, Tensor]], batches: Sequence[list[int]]) -> dict[str, Tensor]:
    """The mean of each loss over the batches, each with the weight of its number of images."""
    total = sum(len(batch) for batch in batches)
    weights = [len(batch) / total for batch in batches]
    return {name: sum(w * part[name] for w, part in zip(weights, parts, strict=True)) for name in parts[0]}


def pick(rows: Sequence, places: Sequence[int]) -> list:
    return [rows[i] for i in places]


def check_inputs(inputs: Inputs, backbone: nn.Module | None, levels: Sequence[str]) -> None:
    """Raises: ValueError saying which input is not what the model looks at."""
    if isinstance(inputs, dict) or not len(inputs):
        raise ValueError("The model takes a list with at least one image or dict of feature maps.")
    if backbone is None and not all(isinstance(x, dict) for x in inputs):
        raise ValueError("This model has no backbone: give it feature maps, or build it with backbone=….")
    for i, x in enumerate(inputs):
        if isinstance(x, dict) and not set(levels) <= x.keys():
            needed = " and ".join(levels)
            raise ValueError(f"The features of image {i} are {', '.join(x)}: {needed} are needed.")
        if isinstance(x, Tensor) and (x.ndim != 3 or x.shape[0] != 3 or not x.numel()):
            raise ValueError(f"Image {i} is {tuple(x.shape)}, not (3, H, W): pass a list of RGB images.")
        if not all(part.isfinite().all() for part in (x.values() if isinstance(x, dict) else [x])):
            raise ValueError(f"Image {i} contains NaN or infinity.")


def check_targets(targets: Sequence[Target] | None, count: int, num_classes: int) -> None:
    """Raises: ValueError in words when the targets are not one well-formed dict for each of `count` images."""
    if targets is None or len(targets) != count:
        given = "no targets" if targets is None else f"{len(targets)} targets for {count} images"
        raise ValueError(f"The model was given {given}: training needs one each; call .eval() to detect.")
    validate(targets, num_classes=num_classes)


def check_inside(boxes: Tensor, size: tuple[int, int], i: int) -> None:
    """Raises: ValueError in words when a box of image i leaves the image of `size` (height, width)."""
    moved = (boxes - ops.clip_boxes_to_image(boxes, size)).abs()  # (G, 4)
    if len(boxes) and moved.max() > OUTSIDE_TOLERANCE:
        k = int(moved.amax(1).argmax())
        raise ValueError(
            f"Box {k} of image {i} leaves the image of width {size[1]} and height {size[0]} "
            f"({[round(x, 1) for x in boxes[k].tolist()]}): clip it, or resize image and boxes alike."
        )
