"""The data of a command: a split of the still lifes or a COCO folder, at one size, as pictures or as features."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import ConcatDataset, Dataset

from coursekit.data.coco import CocoDataset
from coursekit.data.coco_folder import coco_folder
from coursekit.data.features import FeatureDataset, cached_features
from coursekit.data.still_life import SPLITS, still_life
from coursekit.data.transforms import Flipped, Resized, horizontal_flip
from coursekit.models.detector import PADDING_STRIDE
from coursekit.nets.backbone import EfficientNetLite0
from coursekit.recipes.detection import Targets
from coursekit.schema import Prediction, Target

LARGEST_SIDE = 640  # pixels; larger pictures are made smaller unless --size says otherwise
MIXED_SIZE = (320, 320)  # for pictures of several sizes


def open_data(name: str, purpose: str) -> CocoDataset:
    """The split of the still lifes with this name, or else the COCO folder or file at this path.

    Args:
        purpose: "train" or "val", for a folder that has both.
    Raises:
        ValueError, FileNotFoundError: it is neither, or damaged.
    """
    if name in SPLITS:
        return still_life(name)
    if not Path(name).exists():
        raise FileNotFoundError(
            f"There is no data {name!r}: name a folder in COCO's format, or a split of the still lifes: "
            f"{', '.join(SPLITS)}."
        )
    return coco_folder(name, purpose)


def common_size(dataset: CocoDataset, side: int | None = None) -> tuple[int, int]:
    """(height, width) in pixels, multiples of 32, that all pictures are stretched to.

    Args:
        side: both of them, if given; else as the pictures are, if they have one size and are not too large.
    Raises:
        ValueError: the side is no multiple of 32.
    """
    if side is not None:
        if side < 2 * PADDING_STRIDE or side % PADDING_STRIDE:
            raise ValueError(
                f"The size {side} is no multiple of {PADDING_STRIDE} from 64 on: take 192 or 320."
            )
        return side, side
    sizes = {size_of(dataset, i) for i in range(len(dataset))}
    return rounded(*sizes.pop()) if len(sizes) == 1 else MIXED_SIZE


def rounded(height: int, width: int) -> tuple[int, int]:
    """The nearest multiples of 32, of a picture whose longer side is at most 640.

    >>> rounded(96, 96), rounded(480, 640), rounded(1080, 1920)
    ((96, 96), (480, 640), (352, 640))
    """
    scale = min(1, LARGEST_SIDE / max(height, width))
    cells = (max(2, round(side * scale / PADDING_STRIDE)) for side in (height, width))
    return tuple(PADDING_STRIDE * n for n in cells)


def size_of(dataset: CocoDataset, i: int) -> tuple[int, int]:
    """(height, width) of picture i, in pixels, without reading it."""
    entry = dataset.annotations["images"][i]
    return entry["height"], entry["width"]


def at_size(dataset: CocoDataset, size: tuple[int, int]) -> Dataset:
    same = all(size_of(dataset, i) == size for i in range(len(dataset)))
    return dataset if same else Resized(dataset, size)


def training_items(
    dataset: CocoDataset, size: tuple[int, int], backbone: EfficientNetLite0, on_features: bool
) -> Dataset:
    """What a model is trained on: every picture and its mirror image, as features if the backbone does not learn.

    Its `fingerprint` tells one dataset and size from another.
    """
    scenes, canvas = at_size(dataset, size), torch.zeros(3, *size)
    targets = [plain_target(dataset, i, size) for i in range(len(dataset))]
    mirrored = [horizontal_flip(canvas, target)[1] for target in targets]
    parts = []
    for pictures, truth in ((scenes, targets), (Flipped(scenes), mirrored)):
        if on_features:
            parts.append(FeatureDataset(Targets(truth), cached_features(pictures, backbone).maps))
        else:
            parts.append(Pictures(pictures, truth))
    items = ConcatDataset(parts)
    items.fingerprint = f"{scenes.fingerprint} and mirrored"
    return items


def plain_target(dataset: CocoDataset, i: int, size: tuple[int, int]) -> Target:
    """Boxes, in pixels of `size`, and labels of image i: without masks, and without crowds, which are no objects."""
    target = dataset.target(i)
    single = target["iscrowd"] == 0
    boxes = stretched(target["boxes"][single], size_of(dataset, i), size)
    return {"boxes": boxes, "labels": target["labels"][single], "image_id": target["image_id"]}


def stretched(boxes: Tensor, old: tuple[int, int], new: tuple[int, int]) -> Tensor:
    """The boxes of a picture that was stretched from one (height, width) to another.

    >>> stretched(torch.tensor([[10.0, 5, 40, 15]]), old=(20, 100), new=(40, 50))
    tensor([[ 5., 10., 20., 30.]])
    """
    down, across = new[0] / old[0], new[1] / old[1]
    return boxes * boxes.new_tensor([across, down, across, down])


def in_original_pixels(
    predictions: Sequence[Prediction], dataset: CocoDataset, size: tuple[int, int]
) -> list[Prediction]:
    """Predictions for pictures of `size`, with the boxes where they belong in the pictures themselves."""
    return [
        found | {"boxes": stretched(found["boxes"], size, size_of(dataset, i))}
        for i, found in enumerate(predictions)
    ]


class Pictures(Dataset):
    """The pictures of a dataset with targets that were made before."""

    def __init__(self, dataset: Dataset, targets: Sequence[Target]) -> None:
        self.dataset, self.targets = dataset, targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        return self.dataset[i][0], self.targets[i]
