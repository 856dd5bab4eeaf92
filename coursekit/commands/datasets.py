"""The data of a command: a split of the still lifes or a COCO folder, at one size, as images or as features."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.data.coco import CocoDataset
from coursekit.data.coco_folder import checked_folder, coco_folder
from coursekit.data.still_life import SPLITS, still_life
from coursekit.data.transforms import resize, stretch
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.ops import rle_encode
from coursekit.schema import Items, Prediction, Target

STEP = max(EfficientNetLite0.strides.values())  # pixels: sides are multiples of it
LARGEST_SIDE = 640  # pixels; larger images are made smaller unless --size says otherwise
MIXED_SIZE = (320, 320)  # for images of several sizes


def open_data(
    name: str,
    purpose: str,
    masks: bool | None = None,
    skip_bad: bool = False,
    hold_out: bool = True,
    check: bool = True,
) -> CocoDataset:
    """The split of the still lifes with this name, or else the annotated folder or file at this path.

    Its `notes` are for the user: what was taken, in one line, and what is odd about it.

    Args:
        purpose: "train" or "val", for a folder that has both; one that has not is split, unless `hold_out` is False.
        masks: whether the model learns or finds masks, so that segmentations are checked too; if False, none is
            ever decoded; if None, targets have the masks that the data has.
        skip_bad: leave out images and annotations that are wrong, instead of refusing the folder.
        check: look at every image and annotation first.
    Raises:
        ValueError, FileNotFoundError: it is neither, or damaged.
    """
    dataset = opened(name, purpose, bool(masks), skip_bad, hold_out, check)
    return dataset.without_masks() if masks is False else dataset


def opened(name: str, purpose: str, masks: bool, skip_bad: bool, hold_out: bool, check: bool) -> CocoDataset:
    if name in SPLITS:
        return still_life(name)
    if not Path(name).exists():
        raise FileNotFoundError(
            f"Unknown data {name!r}: name a folder of annotated images, or a split of the still lifes: "
            f"{', '.join(SPLITS)}."
        )
    if not check:
        return coco_folder(name, purpose)
    return checked_folder(Path(name), purpose, masks, skip_bad, hold_out)


def common_size(dataset: CocoDataset, side: int | None = None) -> tuple[int, int]:
    """(height, width) in pixels, multiples of 32, that all images are stretched to.

    Args:
        side: both of them, if given; else as the images are, if they have one size and are not too large.
    Raises:
        ValueError: the side is not a multiple of 32.
    """
    if side is not None:
        if side < 2 * STEP or side % STEP:
            raise ValueError(f"The size {side} is not a multiple of {STEP} from 64 on: take 192 or 320.")
        return side, side
    sizes = {size_of(dataset, i) for i in range(len(dataset))}
    return rounded(*sizes.pop()) if len(sizes) == 1 else MIXED_SIZE


def rounded(height: int, width: int) -> tuple[int, int]:
    """The nearest multiples of 32, of an image whose longer side is at most 640.

    >>> rounded(96, 96), rounded(480, 640), rounded(1080, 1920)
    ((96, 96), (480, 640), (352, 640))
    """
    scale = min(1, LARGEST_SIDE / max(height, width))
    down, across = (max(2, round(side * scale / STEP)) for side in (height, width))  # cells
    return STEP * down, STEP * across


def size_of(dataset: CocoDataset, i: int) -> tuple[int, int]:
    """(height, width) of image i, in pixels, without reading it."""
    entry = dataset.annotations["images"][i]
    return entry["height"], entry["width"]


def at_size(dataset: CocoDataset, size: tuple[int, int]) -> Items:
    """The images with boxes alone, stretched to one (height, width); no segmentation is decoded."""
    same = all(size_of(dataset, i) == size for i in range(len(dataset)))
    return dataset.without_masks() if same else Stretched(dataset, size)


class Stretched(Dataset):
    """A dataset of images of any size, stretched to one while they are read: large ones are not decoded in full.

    Args:
        size: (height, width) in pixels.
    """

    def __init__(self, dataset: CocoDataset, size: tuple[int, int]) -> None:
        self.dataset, self.size, self.classes = dataset.without_masks(), size, dataset.classes
        self.fingerprint = f"{dataset.fingerprint} stretched to {size}"
        self._last: tuple[int, Tensor] | None = None  # the first image is asked for several times

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        if self._last is None or self._last[0] != i:
            image = self.dataset.picture(i, self.size)
            self._last = i, image if image.shape[1:] == self.size else resize(image, {}, self.size)[0]
        return self._last[1], self.target(i)

    def target(self, i: int) -> Target:
        """Return the boxes and labels of image i, in pixels of the stretched one, without reading it."""
        target, old = self.dataset.target(i), size_of(self.dataset, i)
        target["boxes"] = stretched(target["boxes"], old, self.size)
        target["area"] = target["area"] * (self.size[0] * self.size[1]) / (old[0] * old[1])
        return target


def check_segmentations(dataset: CocoDataset) -> None:
    """Raises: ValueError when an object has no segmentation; damaged ones are found when they are read."""
    if without := unsegmented(dataset):
        raise ValueError(
            f"Masks are learned from segmentations, but {len(without)} annotations of {dataset.annotation_file} "
            f"have none, first the one with the id {without[0]}: train faster_rcnn, on boxes alone."
        )


def unsegmented(dataset: CocoDataset) -> list:
    """The ids of the objects, crowds excluded, whose outline is not annotated or is an empty list."""
    rows = dataset.annotations["annotations"]
    return [row["id"] for row in rows if not row.get("segmentation") and not row.get("iscrowd", 0)]


def training_target(dataset: CocoDataset, i: int, size: tuple[int, int], masks: bool) -> Target:
    """Boxes, in pixels of `size`, labels and perhaps masks of image i; without crowds, which do not count as objects."""
    target = dataset.target(i)
    single = target["iscrowd"] == 0
    boxes = stretched(target["boxes"][single], size_of(dataset, i), size)
    if len(boxes) and boxes.max() <= 1:  # inside the first pixel: it would be taken for a normalised box
        single, boxes = torch.zeros_like(single), boxes[:0]
    wanted: Target = {"boxes": boxes, "labels": target["labels"][single], "image_id": target["image_id"]}
    if masks:  # not beyond the box: a polygon may cover one pixel more, and stretching makes it several
        wanted["masks"] = stretch(target["masks"][single], size) & pixels_of(boxes, size)
    return wanted


def pixels_of(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """The pixels that each box touches: (G, 4), (height, width) -> (G, height, width) bool.

    >>> pixels_of(torch.tensor([[0.5, 0.0, 2.0, 1.0]]), (2, 3)).int()
    tensor([[[1, 1, 0],
             [0, 0, 0]]], dtype=torch.int32)
    """
    left, top, right, bottom = boxes.t()[..., None]  # four times (G, 1)
    rows, columns = (torch.arange(side) for side in size)
    down, across = (rows + 1 > top) & (rows < bottom), (columns + 1 > left) & (columns < right)
    return down[:, :, None] & across[:, None]  # (G, height, width)


def stretched(boxes: Tensor, old: tuple[int, int], new: tuple[int, int]) -> Tensor:
    """The boxes of an image that was stretched from one (height, width) to another.

    >>> stretched(torch.tensor([[10.0, 5, 40, 15]]), old=(20, 100), new=(40, 50))
    tensor([[ 5., 10., 20., 30.]])
    """
    down, across = new[0] / old[0], new[1] / old[1]
    return boxes * boxes.new_tensor([across, down, across, down])


def in_original_pixels(found: Prediction, old: tuple[int, int], size: tuple[int, int]) -> Prediction:
    """Return detections in an image stretched to `old` in the coordinates of the original image, of `size`.

    Masks are returned as run-length codes, because those of a whole dataset would fill the memory.
    """
    moved = found.copy()
    moved["boxes"] = stretched(found["boxes"], old, size)
    if "masks" in found:
        moved["masks"] = [rle_encode(stretched_mask(mask, size) > 0.5) for mask in found["masks"]]
    return moved


def stretched_mask(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """A mask of probabilities (1, h, w) stretched to `size`: (height, width)."""
    same = mask.shape[1:] == size
    return (mask if same else F.interpolate(mask[None], size, mode="bilinear", antialias=True)[0])[0]
