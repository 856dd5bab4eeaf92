"""Scenes and their mirror images: what every model of the course is trained on, from images or from their features."""

from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor
from torch.utils.data import ConcatDataset, Dataset

from coursekit.data.features import FeatureDataset, cached_features, pack, unpack
from coursekit.data.transforms import Flipped, horizontal_flip
from coursekit.nets.backbone import Backbone
from coursekit.schema import Target

COMMON = ("C3", "C4", "C5")  # the levels that all labs share


def with_mirror_images(
    scenes: Any, targets: Iterable[Target], backbone: Backbone | None = None, levels: Sequence[str] = COMMON
) -> ConcatDataset:
    """Return every scene and then every mirror image, as (features, Target) pairs; without a backbone, as images.

    The targets are read here, once, and not in training: decoding the masks of a scene takes a tenth of a step.
    The result has a `fingerprint` that tells one dataset and size from another.

    Args:
        scenes: (image, Target) pairs of one image size, with a `fingerprint`.
        targets: what to learn from each scene, in the pixels of its image.
        backbone, levels: as `cached_features`.
    """
    packed, row = [pack(target) for target in targets], scenes[0][0][:, :1]
    parts: list[Dataset] = []
    for images, mirrored in ((scenes, False), (Flipped(scenes), True)):
        kept = PackedTargets(packed, row if mirrored else None)
        if backbone is None:
            parts.append(Pictures(images, kept))
        else:
            parts.append(Retargeted(cached_levels(images, backbone, levels), kept))
    return Joined(parts, f"{scenes.fingerprint} and mirrored")


def cached_levels(dataset: Any, backbone: Backbone, levels: Sequence[str]) -> FeatureDataset:
    """Return the cached features of a dataset at some levels; those finer than C3 have files of their own.

    The levels that every lab needs are thus computed once. C1 takes 0.3 MB per image, C2 0.1 MB; they are read from
    disk when they are looked at.
    """
    groups = [COMMON] * bool(set(levels) & set(COMMON)) + [(each,) for each in levels if each not in COMMON]
    features = [cached_features(dataset, backbone, group) for group in groups]
    maps = {level: values for each in features for level, values in each.maps.items()}
    features[0].maps = {level: maps[level] for level in levels}
    return features[0]


class Joined(ConcatDataset):
    """Datasets, one after the other, with a `fingerprint` of them all."""

    def __init__(self, parts: Sequence[Dataset], fingerprint: str) -> None:
        super().__init__(parts)
        self.fingerprint = fingerprint


class PackedTargets(Dataset):
    """Targets alone, or those of the mirror images.

    Args:
        packed: one per image, as `pack` makes them.
        row: a row of pixels (3, 1, W), as wide as the images, if they are mirrored.
    """

    def __init__(self, packed: Sequence[dict], row: Tensor | None = None) -> None:
        self.packed, self.row = packed, row

    def __len__(self) -> int:
        return len(self.packed)

    def target(self, i: int) -> Target:
        """Return the target of image i."""
        target = unpack(self.packed[i])
        return target if self.row is None else horizontal_flip(self.row, target)[1]


class Retargeted(FeatureDataset):
    """The same features with other targets, those of a dataset with `target(i)`, which are not kept twice."""

    def __init__(self, features: FeatureDataset, targets: Any) -> None:
        vars(self).update(vars(features), dataset=targets)

    def target(self, i: int) -> Target:
        """Return the target of image i without its features."""
        return self.dataset.target(i)


class Pictures(Dataset):
    """The images of a dataset with other targets."""

    def __init__(self, dataset: Any, targets: PackedTargets) -> None:
        self.dataset, self.targets = dataset, targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        return self.dataset[i][0], self.targets.target(i)
