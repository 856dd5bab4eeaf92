"""Random augmentations of a training image and its target, and a dataset of images that were augmented once.

Every change has one signature, `change(image, target, generator)`, and returns a new pair of the same image size.
Frozen features have to be computed for every changed image, so the images are made once and not in every step.
"""

import hashlib
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils.data import Dataset

from coursekit.data.copy_paste import MIN_PIXELS, copy_paste
from coursekit.data.objects import relisted
from coursekit.data.packing import pack, unpack
from coursekit.data.transforms import horizontal_flip, resize
from coursekit.ops import box_area, clip_boxes_to_image, masks_to_boxes
from coursekit.schema import Target

Change = Callable[[Tensor, Target, Generator], tuple[Tensor, Target]]
GREY = (0.2989, 0.587, 0.114)  # the shares of red, green and blue in brightness, ITU-R BT.601


def flip(image: Tensor, target: Target, generator: Generator) -> tuple[Tensor, Target]:
    """Return the mirror image: nothing is random here, but all augmentations share one signature."""
    return horizontal_flip(image, target)


def colour(
    image: Tensor, target: Target, generator: Generator, strength: float = 0.4
) -> tuple[Tensor, Target]:
    """Return the image with another brightness, contrast and saturation; the target stays.

    Args:
        strength: each of the three factors lies between 1 - strength and 1 + strength.
    Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, section 4.1,
        began it; the three factors are those of Howard, arXiv:1312.5402, section 2.
    """
    brightness, contrast, saturation = uniform(1 - strength, 1 + strength, generator, 3)
    image = blend(image, torch.zeros(()), brightness)
    image = blend(image, grey(image).mean(), contrast)
    return blend(image, grey(image), saturation), target


def blend(image: Tensor, other: Tensor, share: float) -> Tensor:
    """Return share * image + (1 - share) * other, between 0 and 1; a share above 1 leads away from `other`.

    >>> blend(torch.tensor([0.2, 0.6]), torch.tensor(0.4), 1.5)
    tensor([0.1000, 0.7000])
    """
    return (share * image + (1 - share) * other).clamp(0, 1)


def grey(image: Tensor) -> Tensor:
    """Return the brightness of each pixel: (3, H, W) -> (H, W)."""
    return torch.tensordot(image.new_tensor(GREY), image, 1)  # (H, W)


def crop(image: Tensor, target: Target, generator: Generator, least: float = 0.5) -> tuple[Tensor, Target]:
    """Return a random window of the image, enlarged to the size of the image.

    Args:
        least: the sides of the window are between this share and all of those of the image.
    Source: Liu et al., "SSD", 2016, section 2.2, arXiv:1512.02325; there with other aspect ratios too.
    """
    return zoom(image, target, 1 / uniform(least, 1, generator)[0], generator)


def scale(
    image: Tensor, target: Target, generator: Generator, smallest: float = 0.6, largest: float = 1.5
) -> tuple[Tensor, Target]:
    """Return the image enlarged and cut to its old size, or reduced and placed on its mean colour, at random.

    Args:
        smallest, largest: the factor lies between them, uniformly distributed on a logarithmic scale.
    Source: scale jittering, Ghiasi et al., "Simple Copy-Paste", 2021, section 3, arXiv:2012.07177.
    """
    factor = math.exp(uniform(math.log(smallest), math.log(largest), generator)[0])
    return zoom(image, target, factor, generator)


def zoom(image: Tensor, target: Target, factor: float, generator: Generator) -> tuple[Tensor, Target]:
    """Return the image `factor` times as large, seen through a window of its first size at a random place."""
    size = image.shape[-2], image.shape[-1]
    large, resized = resize(image, target, (round(size[0] * factor), round(size[1] * factor)))
    across, down = uniform(0, 1, generator, 2)
    left, top = round(across * (large.shape[-1] - size[1])), round(down * (large.shape[-2] - size[0]))
    return window(large, resized, left, top, size)


def window(
    image: Tensor,
    target: Target,
    left: int,
    top: int,
    size: tuple[int, int],
    min_pixels: int = MIN_PIXELS,
) -> tuple[Tensor, Target]:
    """Return the part of an image inside a window, and its target; outside the image it has the mean colour.

    Boxes are measured again from the masks; without masks they are clipped. An object with less than `min_pixels`
    visible pixels (without masks: of its box) is left out.

    Shapes: (3, H, W) and its target -> (3, *size) and its target.
    Args:
        left, top: the first column and row of the window in pixels of the image; negative is beyond the image.
        size: (height, width) of the window.
    Raises:
        ValueError: a target with a label map or key points, which cannot be cut.

    >>> target = {"boxes": torch.tensor([[2.0, 0, 9, 8], [12.0, 0, 19, 8]]), "labels": torch.tensor([5, 6])}
    >>> _, seen = window(torch.zeros(3, 8, 20), target, left=3, top=-2, size=(8, 9), min_pixels=1)
    >>> seen["boxes"], seen["labels"]
    (tensor([[0., 2., 6., 8.]]), tensor([5]))
    """
    for key in ("semantic", "keypoints"):
        if key in target:
            raise ValueError(f"a window cannot cut {key!r}: use targets with boxes and masks only.")
    inside = cut(torch.ones_like(image[:1]), left, top, size) > 0  # (1, *size)
    seen = torch.where(inside, cut(image, left, top, size), image.mean((1, 2), keepdim=True))  # (3, *size)
    moved = target.copy()
    moved["boxes"] = clip_boxes_to_image(target["boxes"] - torch.tensor([left, top, left, top]), size)
    pixels = box_area(moved["boxes"])  # (G,)
    if "masks" in target:
        moved["masks"] = cut(target["masks"], left, top, size)  # (G, *size)
        moved["boxes"] = masks_to_boxes(moved["masks"])
        pixels = moved["masks"].sum((1, 2)).float()
    if "area" in target:
        moved["area"] = pixels if "masks" in target else torch.minimum(pixels, target["area"])
    return seen, relisted(moved, (pixels >= min_pixels).nonzero()[:, 0])


def cut(maps: Tensor, left: int, top: int, size: tuple[int, int]) -> Tensor:
    """Return a window of the maps, zeros beyond them: (N, H, W) -> (N, *size).

    >>> cut(torch.tensor([[[1, 2, 3], [4, 5, 6]]]), left=1, top=-1, size=(2, 3))
    tensor([[[0, 0, 0],
             [2, 3, 0]]])
    """
    rows, columns = slice(max(top, 0), max(top + size[0], 0)), slice(max(left, 0), max(left + size[1], 0))
    part = maps[:, rows, columns]
    seen, y, x = maps.new_zeros(len(maps), *size), max(-top, 0), max(-left, 0)
    seen[:, y : y + part.shape[1], x : x + part.shape[2]] = part
    return seen


def paste(image: Tensor, target: Target, generator: Generator, donors: Any) -> tuple[Tensor, Target]:
    """Return the image with some objects of another image, or of its mirror image, on top: see `copy_paste`.

    Args:
        donors: (image, Target) pairs with masks, of the same size. The donor and its objects, at least one, are
            chosen at random.
    """
    donor, donor_target = donors[whole(len(donors), generator)]
    if whole(2, generator):
        donor, donor_target = horizontal_flip(donor, donor_target)
    count = len(donor_target["boxes"])
    if not count:
        return image, target
    objects = torch.randperm(count, generator=generator)[: 1 + whole(count, generator)]
    return copy_paste(image, target, donor, donor_target, objects.tolist())


def whole(end: int, generator: Generator) -> int:
    """Return a random whole number from 0 to end - 1."""
    return int(torch.randint(end, (), generator=generator))


def uniform(low: float, high: float, generator: Generator, count: int = 1) -> list[float]:
    """Return random numbers between low and high."""
    return torch.empty(count).uniform_(low, high, generator=generator).tolist()


CHANGES: dict[str, Change] = {"flip": flip, "scale": scale, "colour": colour, "crop": crop}


def change_named(name: str, scenes: Any) -> Change:
    """Return the change of this name; "paste" takes its objects from the same scenes.

    Raises:
        ValueError: the change does not exist.
    """
    if name == "paste":
        return partial(paste, donors=scenes)
    if name not in CHANGES:
        raise ValueError(f"Unknown change {name!r}: choose paste, {', '.join(CHANGES)}.")
    return CHANGES[name]


class Changed(Dataset):
    """Images of a dataset, each after a random change that is the same every time; [i] changes image i modulo its length.

    The `fingerprint` follows from that of the dataset and from the first changed pair, so features can be kept.
    A target is remembered as soon as its image was made.

    Args:
        dataset: (image, Target) pairs with a `fingerprint`.
        change: called with (image, target, generator), returns the pair to hand out.
        count: how many images.
        seed: of the random numbers; those of image i follow from it and i.

    >>> from coursekit.data.still_life import still_life
    >>> darker = Changed(still_life("preview"), colour, count=200)
    >>> len(darker), darker[64][0].equal(darker[64][0]), darker[64][0].equal(darker[0][0])  # 64 scenes
    (200, True, False)
    """

    def __init__(self, dataset: Any, change: Change, count: int, seed: int = 0) -> None:
        self.dataset, self.change, self.count, self.seed = dataset, change, count, seed
        self._targets: dict[int, dict] = {}
        image, target = self[0]
        key = hashlib.sha256(f"{dataset.fingerprint} {count} {seed}".encode())
        for value in (image, target["boxes"]):
            key.update(value.contiguous().numpy().tobytes())
        self.fingerprint = key.hexdigest()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        if not 0 <= i < self.count:
            raise IndexError(f"there are {self.count} changed images, but number {i} was asked for.")
        generator = Generator().manual_seed(self.seed * 1_000_003 + i)
        image, target = self.dataset[i % len(self.dataset)]
        image, target = self.change(image, target, generator)
        self._targets[i] = pack(target)
        return image, target

    def target(self, i: int) -> Target:
        """Return the target of image i; its image is made only if that was not done before."""
        return unpack(self._targets[i]) if i in self._targets else self[i][1]
