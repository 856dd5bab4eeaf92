"""Changing an image and its target together."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.schema import Target

Transform = Callable[[Tensor, Target], tuple[Tensor, Target]]


def horizontal_flip(image: Tensor, target: Target) -> tuple[Tensor, Target]:
    """Return the mirror image, with boxes, masks, key points and semantic map mirrored alike.

    Shapes: (3, H, W) and its target -> the same.

    >>> _, target = horizontal_flip(torch.zeros(3, 20, 100), {"boxes": torch.tensor([[10.0, 5, 40, 15]])})
    >>> target["boxes"]
    tensor([[60.,  5., 90., 15.]])
    """
    flipped = target.copy()
    if "boxes" in target:
        left, top, right, bottom = target["boxes"].unbind(-1)  # (G,) each
        width = image.shape[-1]
        flipped["boxes"] = torch.stack([width - right, top, width - left, bottom], -1)  # (G, 4)
    if "keypoints" in target:
        x, y, visibility = target["keypoints"].unbind(-1)  # (G, P) each
        flipped["keypoints"] = torch.stack([image.shape[-1] - x, y, visibility], -1)  # (G, P, 3)
    for key in ("masks", "semantic"):
        if key in target:
            flipped[key] = target[key].flip(-1)
    return image.flip(-1), flipped


def resize(image: Tensor, target: Target, size: tuple[int, int]) -> tuple[Tensor, Target]:
    """Return the image and its target stretched to `size` (height, width).

    Shapes: (3, H, W) and its target -> (3, *size) and its target.

    >>> _, target = resize(torch.zeros(3, 20, 100), {"boxes": torch.tensor([[10.0, 5, 40, 15]])}, size=(40, 50))
    >>> target["boxes"]
    tensor([[ 5., 10., 20., 30.]])
    """
    across, down = size[1] / image.shape[-1], size[0] / image.shape[-2]
    resized = target.copy()
    if "boxes" in target:
        resized["boxes"] = target["boxes"] * target["boxes"].new_tensor([across, down, across, down])
    if "keypoints" in target:
        resized["keypoints"] = target["keypoints"] * target["keypoints"].new_tensor([across, down, 1])
    if "area" in target:
        resized["area"] = target["area"] * across * down
    if "masks" in target:
        resized["masks"] = stretch(target["masks"], size)
    if "semantic" in target:
        resized["semantic"] = stretch(target["semantic"][None], size)[0]
    pixels = F.interpolate(image[None], size, mode="bicubic", antialias=True)[0].clamp(0, 1)  # (3, *size)
    return pixels, resized


def stretch(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """The value of the nearest pixel, never one in between: (N, H, W) -> (N, *size), of the same type."""
    rows, columns = (
        ((torch.arange(new) + 0.5) * old / new).long() for new, old in zip(size, maps.shape[-2:], strict=True)
    )
    return maps[:, rows[:, None], columns]


class Transformed(Dataset):
    """A dataset with every image and target changed in the same way each time.

    Its fingerprint depends on that of the dataset and on the effect of the change on a small image.

    Args:
        dataset: (image, Target) pairs with a `fingerprint`.
        change: called with (image, target), returns the pair to hand out; nothing random.
    """

    def __init__(self, dataset: Any, change: Transform) -> None:
        self.dataset, self.change = dataset, change
        self.classes = getattr(dataset, "classes", None)
        self.transform = getattr(dataset, "transform", None)  # already applied to what comes out
        content = f"{dataset.fingerprint} {fingerprint_of(change)}"
        self.fingerprint = hashlib.sha256(content.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        return self.change(*self.dataset[i])


class Flipped(Transformed):
    """The mirrored dataset.

    Args:
        dataset: (image, Target) pairs with a `fingerprint`.
        flip: what mirrors a pair.
    """

    def __init__(self, dataset: Any, flip: Transform = horizontal_flip) -> None:
        super().__init__(dataset, flip)


class Resized(Transformed):
    """The dataset with every image stretched to one size.

    Args:
        dataset: (image, Target) pairs with a `fingerprint`.
        size: (height, width) in pixels.
    """

    def __init__(self, dataset: Any, size: tuple[int, int]) -> None:
        super().__init__(dataset, partial(resize, size=(size[0], size[1])))


def fingerprint_of(change: Transform) -> str:
    """Return a text that identifies a change by its effect on a small image."""
    image = torch.rand(3, 6, 10, generator=torch.Generator().manual_seed(0))
    target: Target = {
        "boxes": torch.tensor([[1.0, 2, 4, 5]]),
        "labels": torch.tensor([1]),
        "masks": torch.zeros(1, 6, 10, dtype=torch.bool),
        "image_id": torch.tensor(0),
        "area": torch.tensor([9.0]),
        "iscrowd": torch.tensor([0]),
    }
    changed = change(image, target)[0].contiguous()
    return f"{tuple(changed.shape)} {hashlib.sha256(changed.numpy().tobytes()).hexdigest()}"
