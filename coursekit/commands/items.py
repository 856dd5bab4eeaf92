"""The training and validation items of `coursekit train`: images or their features, targets, and augmented copies."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from coursekit.commands.datasets import check_segmentations, size_of
from coursekit.commands.fitting import Size, label_map_target, object_target, pictures_at
from coursekit.data.augmentation import CHANGES, Changed
from coursekit.data.coco import CocoDataset
from coursekit.data.mirrored import (
    Joined,
    PackedTargets,
    Pictures,
    Retargeted,
    cached_levels,
    with_mirror_images,
)
from coursekit.data.objects import Picked
from coursekit.data.packing import pack
from coursekit.data.still_life_features import label_map
from coursekit.nets.backbone import Backbone
from coursekit.schema import Items, Target

Kind = Literal["boxes", "masks", "semantic"]
MOST_VALIDATED = 64  # images: two thousand predictions take longer than a hundred steps


@dataclass(frozen=True)
class Seen:
    """How a model sees pictures.

    Attributes:
        size: (height, width) in pixels. letterbox: whether they keep their proportions.
        backbone, levels: what makes the feature maps, and which of them the model looks at.
        kind: of what it learns.
        on_features: whether they are computed once and kept, for a backbone that does not learn.
    """

    size: Size
    letterbox: bool
    backbone: Backbone
    levels: Sequence[str]
    kind: Kind
    on_features: bool = True

    def pictures(self, dataset: CocoDataset) -> Any:
        return pictures_at(dataset, self.size, self.letterbox)

    def target(self, dataset: CocoDataset, i: int, kind: Kind) -> Target:
        """Return the objects of image i as a model of a kind learns them; a segmenter's become a label map later."""
        old = size_of(dataset, i)
        if kind == "semantic":
            return label_map_target(dataset, i, old, self.size, self.letterbox)
        return object_target(dataset, i, old, self.size, self.letterbox, kind == "masks")

    def learned(self, target: Target) -> Target:
        """Return the target as the model takes it."""
        return label_map(target) if self.kind == "semantic" else target

    @property
    def network(self) -> Backbone | None:
        """What makes the features that are kept."""
        return self.backbone if self.on_features else None


def picture_keys(dataset: CocoDataset) -> str:
    """Return eight hexadecimal digits of the content of each image, one after the other.

    Raises:
        OSError: an image cannot be read.
    """
    return "".join(f"{zlib.crc32(file.read_bytes()):08x}" for file in dataset.paths)


def changes_of(words: str) -> list[str]:
    """Return the augmentations named by --augment, in order; an empty list for "none".

    Raises:
        ValueError: the change does not exist.

    >>> changes_of("flip,colour"), changes_of("none")
    (['flip', 'colour'], [])
    """
    names = [] if words == "none" else list(dict.fromkeys(words.split(",")))
    for name in names:
        if name not in CHANGES:
            raise ValueError(f"Unknown augmentation {name!r}: choose {', '.join(CHANGES)} or none.")
    return names


def training_items(
    dataset: CocoDataset, seen: Seen, changes: Sequence[str] = ("flip",), seed: int = 0
) -> Items:
    """Return every image, then a copy of each for every augmentation, as features if the backbone is frozen.

    Each copy is augmented once, at random, and its features are computed: every augmentation costs as much as the images.

    Args:
        changes: names of CHANGES; "flip" makes the mirror images.
    Raises:
        ValueError: masks are wanted and a segmentation is missing or damaged.
    """
    if seen.kind != "boxes":
        check_segmentations(dataset)
    scenes = seen.pictures(dataset)
    kept = PackedTargets([pack(seen.target(dataset, i, seen.kind)) for i in range(len(dataset))])
    targets = [seen.learned(kept.target(i)) for i in range(len(kept))]
    if "flip" in changes:
        parts = [with_mirror_images(scenes, targets, seen.network, seen.levels)]
    else:
        parts = [with_targets(scenes, targets, seen)]
    plain: Any = Pictures(scenes, kept)
    plain.fingerprint = f"{scenes.fingerprint} {seen.kind}"
    for name in changes:
        if name != "flip":
            copies = Changed(plain, CHANGES[name], len(dataset), seed)
            parts.append(
                with_targets(copies, [seen.learned(copies.target(i)) for i in range(len(copies))], seen)
            )
    names = "".join(f" and {name} {seed}" for name in changes)
    return parts[0] if len(parts) == 1 else Joined(parts, f"{scenes.fingerprint}{names}")


def with_targets(scenes: Any, targets: Sequence[Target], seen: Seen) -> Any:
    """Return images, or their features, with other targets."""
    kept = PackedTargets([pack(target) for target in targets])
    network = seen.network
    items: Any = (
        Retargeted(cached_levels(scenes, network, seen.levels), kept) if network else Pictures(scenes, kept)
    )
    items.fingerprint = scenes.fingerprint
    return items


def validation_items(dataset: CocoDataset, seen: Seen) -> Items:
    """Return at most MOST_VALIDATED images, evenly spaced, with their targets."""
    count = min(len(dataset), MOST_VALIDATED)
    places = [i * len(dataset) // count for i in range(count)]
    kind: Kind = "semantic" if seen.kind == "semantic" else "boxes"
    targets = [seen.learned(seen.target(dataset, i, kind)) for i in places]
    return with_targets(Picked(seen.pictures(dataset), places), targets, seen)
