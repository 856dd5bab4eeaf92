"""The one representation: a plain dict for each image, in torchvision's words.

Boxes are `xyxy` pixels with exclusive ends (width = x2 - x1), labels start at 1 and 0 is background,
images are (3, H, W) floats in [0, 1]. Everything speaks this, and `validate` explains what does not.
"""

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor


class Target(TypedDict, total=False):
    """What is known about one image with G objects."""

    boxes: Tensor  # (G, 4) float, xyxy pixels
    labels: Tensor  # (G,) int64 in 1..K
    masks: Tensor  # (G, H, W) bool
    keypoints: Tensor  # (G, P, 3) float: x and y in pixels, and visibility as in COCO: 0, 1 or 2
    semantic: Tensor  # (H, W) int64, 255 = void
    instances: Tensor  # (H, W) int64, the number of each pixel's object, 0 for none
    image_id: Tensor  # () int64
    area: Tensor  # (G,) float, pixels of the object itself
    iscrowd: Tensor  # (G,) int64


class Prediction(TypedDict, total=False):
    """What a model predicts for one image: D detections, the most confident first."""

    boxes: Tensor  # (D, 4) float, xyxy pixels, inside the image
    labels: Tensor  # (D,) int64 in 1..K
    scores: Tensor  # (D,) float in [0, 1], descending
    masks: Any  # (D, 1, H, W) float in [0, 1]; D run-length codes where a whole dataset would fill the memory
    semantic: Tensor  # (H, W) int64
    tracks: Tensor  # (D,) int64, in a clip: which track it belongs to
    instances: Tensor  # (H, W) int64, the number of each pixel's object, 0 for none
    points: Tensor  # (P, 2) float, x and y in pixels: key points, the most confident first
    point_labels: Tensor  # (P,) int64, the channels of their heat maps
    point_scores: Tensor  # (P,) float in [0, 1]


class Items(Protocol):
    """What a model can be trained on or evaluated on: a list, torch's datasets, cached features."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> Any: ...


VOID = 255  # the label in `semantic` of pixels that nobody labelled
OUTSIDE_TOLERANCE = 0.01  # pixels: what rounding can add when normalised boxes are scaled back


def validate(
    targets: Sequence[Target], images: Sequence[Tensor] | None = None, num_classes: int | None = None
) -> None:
    """Return nothing when the targets are well formed; otherwise say in one sentence what is wrong.

    An image without objects is fine: boxes (0, 4), labels (0,), masks (0, H, W).

    Args:
        targets: one dict an image.
        images: the images, (3, H, W) floats in [0, 1]; with them boxes are compared with the size.
        num_classes: K, the number of classes without background; with it labels above K are found.

    Raises:
        ValueError: naming the box and the image.

    >>> validate([{"boxes": torch.tensor([[30.0, 10.0, 20.0, 40.0]]), "labels": torch.tensor([1])}])
    Traceback (most recent call last):
    ValueError: box 0 of image 0 has x2 <= x1 ([30, 10, 20, 40]): is it xywh?
    """
    if isinstance(targets, dict):
        raise ValueError("targets is a single dict: pass a list with one dict an image, [target].")
    if images is not None and len(images) != len(targets):
        raise ValueError(f"there are {len(images)} images but {len(targets)} targets: pass one an image.")
    for i, target in enumerate(targets):
        image = None if images is None else images[i]
        if image is not None:
            _check_image(image, i)
        _check_target(target, image, i, num_classes)


def _check_image(image: Tensor, i: int) -> None:
    if not isinstance(image, Tensor):
        raise ValueError(f"image {i} is a {type(image).__name__}: pass a (3, H, W) float tensor in [0, 1].")
    if image.ndim != 3 or image.shape[0] != 3:
        hint = ": channels come first, use permute(2, 0, 1)" if image.shape[-1:] == (3,) else ""
        raise ValueError(f"image {i} has shape {tuple(image.shape)}, not (3, H, W){hint}.")
    if not image.is_floating_point():
        raise ValueError(f"image {i} is {_dtype(image)}: convert it to float in [0, 1] (divide by 255).")
    if not image.isfinite().all():
        raise ValueError(f"image {i} contains NaN or infinity.")
    if image.numel() and (image.min() < -1e-3 or image.max() > 1 + 1e-3):
        low, high = image.min().item(), image.max().item()
        raise ValueError(f"image {i} has values from {low:.3g} to {high:.3g}, not in [0, 1]: divide by 255?")


def _check_target(target: Target, image: Tensor | None, i: int, num_classes: int | None) -> None:
    if not isinstance(target, dict):
        raise ValueError(f"target {i} is a {type(target).__name__}, not a dict with 'boxes' and 'labels'.")
    missing = sorted({"boxes", "labels"} - target.keys())
    if missing and "semantic" not in target:
        raise ValueError(f"target {i} has no {missing[0]!r}: it needs 'boxes' and 'labels', or 'semantic'.")
    for key, value in target.items():
        if key in Target.__annotations__ and not isinstance(value, Tensor):
            raise ValueError(f"{key} of image {i} is a {type(value).__name__}: make it a tensor.")
    size = None if image is None else (image.shape[-2], image.shape[-1])
    if "boxes" in target:
        _check_boxes(target["boxes"], size, i)
    _check_lengths(target, i)
    if "labels" in target:
        _check_labels(target["labels"], i, num_classes)
    _check_maps(target, size, i)
    _check_pixels_fit_boxes(target, i)


def _check_boxes(boxes: Tensor, size: tuple[int, int] | None, i: int) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        hint = ": an image without objects has boxes of shape (0, 4)" if boxes.numel() == 0 else ""
        raise ValueError(f"boxes of image {i} have shape {tuple(boxes.shape)}, not (G, 4){hint}.")
    if not boxes.is_floating_point():
        raise ValueError(f"boxes of image {i} are {_dtype(boxes)}: make them float.")
    _complain(~boxes.isfinite().all(1), boxes, i, "contains NaN or infinity")
    if len(boxes) and boxes.min() >= 0 and boxes.max() <= 1:
        raise ValueError(
            f"the boxes of image {i} all lie in [0, 1]: are they normalised? Multiply by (W, H, W, H)."
        )
    x1, y1, x2, y2 = boxes.unbind(1)  # four times (G,)
    _complain(x2 <= x1, boxes, i, "has x2 <= x1", ": is it xywh?")
    _complain(y2 <= y1, boxes, i, "has y2 <= y1", ": is it xywh?")
    if size is not None:
        height, width = size
        low, right, bottom = -OUTSIDE_TOLERANCE, width + OUTSIDE_TOLERANCE, height + OUTSIDE_TOLERANCE
        outside = (x1 < low) | (y1 < low) | (x2 > right) | (y2 > bottom)
        image = f"the image of width {width} and height {height}"
        _complain(outside, boxes, i, f"leaves {image}", ": clip it, or resize image and boxes alike.")


def _check_labels(labels: Tensor, i: int, num_classes: int | None) -> None:
    if labels.dtype != torch.int64:
        raise ValueError(f"labels of image {i} are {_dtype(labels)}: make them int64.")
    if (labels < 1).any():
        k = int((labels < 1).nonzero()[0])
        found = f"label {k} of image {i} is {labels[k].item()}"
        raise ValueError(f"{found}: labels start at 1; 0 is background.")
    if num_classes is not None and (labels > num_classes).any():
        k = int((labels > num_classes).nonzero()[0])
        found = f"label {k} of image {i} is {labels[k].item()}"
        raise ValueError(f"{found}, but there are {num_classes} classes: labels run from 1 to {num_classes}.")


def _check_lengths(target: Target, i: int) -> None:
    """One row an object in every key that is listed by object."""
    dimensions: dict[str, int] = {"labels": 1, "masks": 3, "keypoints": 3, "area": 1, "iscrowd": 1}
    given: dict[str, Any] = dict(target)
    for key, value in [(key, given[key]) for key in dimensions if key in given]:
        if value.ndim != dimensions[key]:
            wanted = {"masks": "(G, H, W)", "keypoints": "(G, P, 3)"}.get(key, "(G,)")
            raise ValueError(f"{key} of image {i} has shape {tuple(value.shape)}, not {wanted}.")
        if key == "area" and not value.isfinite().all():
            raise ValueError(f"area of image {i} contains NaN or infinity.")
        if "boxes" in target and len(value) != len(target["boxes"]):
            raise ValueError(f"image {i} has {len(target['boxes'])} boxes but {len(value)} rows of {key}.")


def _check_maps(target: Target, size: tuple[int, int] | None, i: int) -> None:
    given: dict[str, Any] = dict(target)
    for key, dtype in (("masks", torch.bool), ("semantic", torch.int64)):
        if key not in given:
            continue
        value = given[key]
        if value.dtype != dtype:
            raise ValueError(f"{key} of image {i} is {_dtype(value)}: make it {_name(dtype)}.")
        if key == "semantic" and value.ndim != 2:
            raise ValueError(f"semantic of image {i} has shape {tuple(value.shape)}, not (H, W).")
        if size is not None and tuple(value.shape[-2:]) != size:
            raise ValueError(
                f"{key} of image {i} is {tuple(value.shape[-2:])} but the image is {size}: resize both alike."
            )


def _check_pixels_fit_boxes(target: Target, i: int) -> None:
    """xywh often looks like xyxy; an object with more pixels than its box gives it away.

    An amodal mask may be larger than the box of what is visible, but then the area is not.
    """
    sizes = [target["masks"].sum((1, 2)).float()] if "masks" in target else []
    sizes += [target["area"].float()] if "area" in target else []
    if "boxes" not in target or not sizes:
        return
    pixels = torch.stack(sizes).amin(0)  # (G,)
    sides = target["boxes"][:, 2:] - target["boxes"][:, :2]  # (G, 2)
    too_many = pixels > (sides + 2).prod(1)  # a polygon may cover one pixel more on each side
    _complain(too_many, target["boxes"], i, "is smaller than the object in it", ": is it xywh?")


def _complain(wrong: Tensor, boxes: Tensor, i: int, what: str, advice: str = ".") -> None:
    if wrong.any():
        k = int(wrong.nonzero()[0])
        numbers = ", ".join(f"{number:.4g}" for number in boxes[k].tolist())
        raise ValueError(f"box {k} of image {i} {what} ([{numbers}]){advice}")


def _dtype(tensor: Tensor) -> str:
    return _name(tensor.dtype)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def pad(images: Sequence[Tensor], stride: int = 32) -> Tensor:
    """Return the images as one batch (N, 3, H, W), zeros right and below: boxes stay the same.

    Args:
        images: (3, h, w) tensors of any sizes.
        stride: H and W are the smallest multiples of it that hold every image.

    Raises:
        ValueError: no image, an image that is not (C, h, w), or a stride below 1.

    >>> pad([torch.ones(3, 20, 40), torch.ones(3, 33, 10)]).shape
    torch.Size([2, 3, 64, 64])
    """
    if stride < 1:
        raise ValueError(f"the stride is {stride}: it must be a number of pixels, at least 1.")
    if len(images) == 0:
        raise ValueError("there is no image to pad: pass at least one.")
    for i, image in enumerate(images):
        if image.ndim != 3 or image.shape[0] != images[0].shape[0]:
            raise ValueError(f"image {i} has shape {tuple(image.shape)}: every image must be (3, H, W).")
    height, width = (-(-max(image.shape[d] for image in images) // stride) * stride for d in (1, 2))
    padded = [F.pad(image, (0, width - image.shape[2], 0, height - image.shape[1])) for image in images]
    return torch.stack(padded)  # (N, 3, H, W)


def collate(batch: Sequence[tuple[Any, Any]]) -> tuple[list, list]:
    """Return the images and the targets of a batch as two lists, for a DataLoader over a dataset.

    >>> collate([("image 0", "target 0"), ("image 1", "target 1")])
    (['image 0', 'image 1'], ['target 0', 'target 1'])
    """
    return [image for image, _ in batch], [target for _, target in batch]
