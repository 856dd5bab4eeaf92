"""The training data of `retinanet_real`: rendered scenes and collages, varied until photographs look familiar.

No photograph in it is annotated: those of scikit-image are backgrounds, without any of the objects.
"""

import math
from collections import defaultdict

import torch
import torch.nn.functional as F
from torch import Generator, Tensor
from torch.utils.data import Dataset

from coursekit.data.collage import background, compose, cutouts, distractor, place
from coursekit.data.photometric import another_camera, chance, uniform
from coursekit.data.photos import photo
from coursekit.data.still_life import still_life
from coursekit.data.transforms import horizontal_flip, resize
from coursekit.ops import box_area, clip_boxes_to_image
from coursekit.schema import Target

SIDE = 192  # pixels of the square images; a smaller collage is padded, as the models pad
BACKGROUNDS = (
    "astronaut",
    "camera",
    "chelsea",
    "coins",
    "motorcycle",
    "rocket",
)  # no cup, no fruit in any of them
VERSION = 1  # of the mix: raise it when an image changes, so that kept features are computed again
LEAST_SHARE = 0.3  # of a box: with less of it inside a crop the object is left out
CYCLE = ("collage", "scene", "collage", "zoom", "collage", "scene", "collage", "mosaic", "collage", "zoom")


class RealMix(Dataset):
    """Images (3, 192, 192) and boxes: half of them collages, the others scenes, zoomed scenes and mosaics of four.

    Image i is the same each time. Its target is remembered, because the image has to be made to know it.

    Args:
        count: of images.
        seed: decides all of them.
    """

    def __init__(self, count: int, seed: int = 0) -> None:
        self.count, self.seed = count, seed
        self.scenes = still_life("train")
        self.photographs = [photo(name) for name in BACKGROUNDS]
        self.objects = defaultdict(list)
        for split in ("train", "single_train"):
            for each in cutouts(still_life(split)):
                self.objects[each.label].append(each)
        self.fingerprint = f"mix {VERSION} {count} {seed} {self.scenes.fingerprint}"
        self.targets: dict[int, Target] = {}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        if not 0 <= i < self.count:
            raise IndexError(f"there are {self.count} images, the last one is {self.count - 1}, not {i}.")
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + i)
        image, target = getattr(self, CYCLE[i % len(CYCLE)])(generator)
        if chance(0.5, generator):
            image, target = horizontal_flip(image, target)
        height, width = image.shape[1:]
        image = F.pad(another_camera(image, generator), (0, SIDE - width, 0, SIDE - height))
        self.targets[i] = target
        return image, target

    def target(self, i: int) -> Target:
        """Return the boxes and labels of image i."""
        return self.targets[i] if i in self.targets else self[i][1]

    def collage(self, generator: Generator) -> tuple[Tensor, Target]:
        """Return objects of one size or another on a background; sometimes none."""
        shorter = round(SIDE * uniform(0.5, 1, generator)) if chance(0.6, generator) else SIDE
        size = (SIDE, shorter) if chance(0.5, generator) else (shorter, SIDE)
        count = (0, 1, 1, 1, 1, 2, 2, 3, 4, 6)[int(uniform(0, 10 - 1e-6, generator))]
        largest = shorter * (1.0 if count < 2 else 1.6 / math.sqrt(count + 1))
        parts = [distractor(size, self.photographs, generator) for _ in range(3) if chance(0.25, generator)]
        alike = chance(0.3, generator)  # several of one class lie together
        label = self.any_label(generator)
        for _ in range(count):
            label = label if alike else self.any_label(generator)
            side = math.exp(uniform(math.log(20), math.log(max(21.0, largest)), generator))
            side = uniform(0.5, 1.0, generator) * largest if chance(0.5, generator) else side
            parts.append(place(self.any_object(label, side, generator), size, side, generator))
        return compose(background(size, self.photographs, generator), parts, generator)

    def any_label(self, generator: Generator) -> int:
        """Return one of the classes."""
        return sorted(self.objects)[int(uniform(0, len(self.objects) - 1e-6, generator))]

    def any_object(self, label: int, side: float, generator: Generator):
        """Return an object of a class; of three the one that has to be enlarged least, if any."""
        own = self.objects[label]
        several = [own[int(uniform(0, len(own) - 1e-6, generator))] for _ in range(3)]
        return min(several, key=lambda each: max(1.0, side / max(each.mask.shape)))

    def scene(self, generator: Generator) -> tuple[Tensor, Target]:
        """Return a scene as it was rendered."""
        image, target = self.scenes[int(uniform(0, len(self.scenes) - 1e-6, generator))]
        return image, {"boxes": target["boxes"], "labels": target["labels"]}

    def zoom(self, generator: Generator) -> tuple[Tensor, Target]:
        """Return a part of a scene, enlarged."""
        image, target = self.scene(generator)
        side = round(SIDE / math.exp(uniform(0.1, 0.9, generator)))
        left, top = (int(uniform(0, SIDE - side + 1 - 1e-6, generator)) for _ in range(2))
        return resize(*cropped(image, target, (left, top, left + side, top + side)), (SIDE, SIDE))

    def mosaic(self, generator: Generator) -> tuple[Tensor, Target]:
        """Return four scenes, each half as large."""
        half = SIDE // 2
        parts = [resize(*self.scene(generator), (half, half)) for _ in range(4)]
        images = [image for image, _ in parts]
        rows = [torch.cat(images[k : k + 2], 2) for k in (0, 2)]  # (3, half, SIDE) each
        shifts = [torch.tensor([x, y, x, y]) for y in (0.0, half) for x in (0.0, half)]
        boxes = [target["boxes"] + shift for (_, target), shift in zip(parts, shifts, strict=True)]
        labels = torch.cat([target["labels"] for _, target in parts])
        return torch.cat(rows, 1), {"boxes": torch.cat(boxes), "labels": labels}


def cropped(image: Tensor, target: Target, window: tuple[int, int, int, int]) -> tuple[Tensor, Target]:
    """Return the part of an image inside a window (x1, y1, x2, y2), with the objects of which enough is inside.

    >>> boxes = torch.tensor([[0.0, 0, 10, 10], [10, 10, 20, 20]])
    >>> image, target = cropped(torch.zeros(3, 20, 20), {"boxes": boxes, "labels": torch.tensor([1, 2])}, (8, 8, 20, 20))
    >>> image.shape, target["boxes"].tolist(), target["labels"].tolist()
    (torch.Size([3, 12, 12]), [[2.0, 2.0, 12.0, 12.0]], [2])
    """
    x1, y1, x2, y2 = window
    boxes = target["boxes"] - target["boxes"].new_tensor([x1, y1, x1, y1])
    inside = clip_boxes_to_image(boxes, (y2 - y1, x2 - x1))
    kept = box_area(inside) >= LEAST_SHARE * box_area(boxes)
    return image[:, y1:y2, x1:x2], {"boxes": inside[kept], "labels": target["labels"][kept]}
