"""Fit an image of any size to the model's size, stretched or padded, and map the results back."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.commands.datasets import at_size, in_original_pixels, stretched, training_target
from coursekit.data.coco import CocoDataset
from coursekit.data.transforms import Transformed, resize, stretch
from coursekit.ops import box_area, clip_boxes_to_image
from coursekit.schema import VOID, Items, Prediction, Target

Size = tuple[int, int]  # (height, width) in pixels
GREY = 127 / 255  # around an image that keeps its proportions: what the backbone sees as 0


def covered(old: Size, size: Size, letterbox: bool) -> Size:
    """Return the (height, width) that an image of `old` covers in the upper left of an image of `size`.

    >>> covered((480, 640), (320, 320), letterbox=True), covered((480, 640), (320, 320), letterbox=False)
    ((240, 320), (320, 320))
    """
    if not letterbox:
        return size
    scale = min(new / side for new, side in zip(size, old, strict=True))
    height, width = (max(1, round(scale * side)) for side in old)
    return min(height, size[0]), min(width, size[1])


def fitted(image: Tensor, target: Target, size: Size, letterbox: bool) -> tuple[Tensor, Target]:
    """Return an image and its target at `size`; grey, unlabelled pixels lie right and below if there is a letterbox."""
    old = image.shape[-2], image.shape[-1]
    part = covered(old, size, letterbox)
    if old != part:
        image, target = resize(image, target, part)
    target = target.copy()
    if "masks" in target:
        target["masks"] = padded(target["masks"], size, False)
    if "semantic" in target:
        target["semantic"] = padded(target["semantic"], size, VOID)
    return padded(image, size, GREY), target


def padded(maps: Tensor, size: Size, value: float) -> Tensor:
    """Return maps (..., h, w) with `value` right and below, up to `size`."""
    height, width = maps.shape[-2:]
    return F.pad(maps, (0, size[1] - width, 0, size[0] - height), value=value)


def pictures_at(dataset: CocoDataset, size: Size, letterbox: bool) -> Items:
    """Return the dataset with every image at one size."""
    if letterbox:
        return Transformed(dataset.without_masks(), partial(fitted, size=size, letterbox=True))
    return at_size(dataset, size)


def object_target(
    dataset: CocoDataset, i: int, old: Size, size: Size, letterbox: bool, masks: bool
) -> Target:
    """Return the boxes, labels and perhaps masks of image i, which has the size `old`, in an image of `size`; no crowds."""
    target = training_target(dataset, i, covered(old, size, letterbox), masks)
    if masks:
        target["masks"] = padded(target["masks"], size, False)
    return target


def label_map_target(dataset: CocoDataset, i: int, old: Size, size: Size, letterbox: bool) -> Target:
    """Return the masks that a segmenter learns from image i; crowds and padding form an object with the label VOID."""
    part, target = covered(old, size, letterbox), dataset.target(i)
    single = target["iscrowd"] == 0
    masks = padded(stretch(target["masks"], part), size, False)  # (G, *size)
    void = padded(torch.zeros(part, dtype=torch.bool), size, True)  # (*size)
    void |= masks[~single].any(0) & ~masks[single].any(0)
    boxes = stretched(target["boxes"][single], old, part)
    labels = target["labels"][single]
    if void.any():
        masks, labels = torch.cat([masks[single], void[None]]), torch.cat([labels, labels.new_tensor([VOID])])
        boxes = torch.cat([boxes, boxes.new_tensor([[0.0, 0.0, size[1], size[0]]])])
    else:
        masks = masks[single]
    return {"boxes": boxes, "labels": labels, "masks": masks, "image_id": target["image_id"]}


def in_picture(found: Prediction, old: Size, size: Size, letterbox: bool) -> Prediction:
    """Return detections in an image of `size` in the coordinates of the original image, which has the size `old`.

    Masks are returned as run-length codes; whatever lies in the grey padding is left out.
    """
    part = covered(old, size, letterbox)
    found = found.copy()
    if "semantic" in found:
        return {"semantic": stretch(found["semantic"][None, : part[0], : part[1]], old)[0]}
    if "points" in found:
        across, down = old[1] / part[1], old[0] / part[0]
        return Prediction(**found | {"points": found["points"] * found["points"].new_tensor([across, down])})
    if part != size:
        found["boxes"] = clip_boxes_to_image(found["boxes"], part)
        inside = box_area(found["boxes"]) > 0
        found["boxes"], found["labels"], found["scores"] = (
            each[inside] for each in (found["boxes"], found["labels"], found["scores"])
        )
        if "masks" in found:
            found["masks"] = found["masks"][inside][..., : part[0], : part[1]]
    return in_original_pixels(found, part, old)
