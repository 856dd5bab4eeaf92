"""The training and validation items of `coursekit train`: images or their features, targets, and augmented copies."""

import zlib
from collections.abc import Sequence
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


def target_of_kind(dataset: CocoDataset, i: int, size: Size, letterbox: bool, kind: Kind) -> Target:
    """Return the objects of image i as this kind of model learns them; a segmenter's become a label map later."""
    old = size_of(dataset, i)
    if kind == "semantic":
        return label_map_target(dataset, i, old, size, letterbox)
    return object_target(dataset, i, old, size, letterbox, kind == "masks")


def learned(target: Target, kind: Kind) -> Target:
    """Return the target as the model takes it."""
    return label_map(target) if kind == "semantic" else target


def training_items(
    dataset: CocoDataset,
    size: Size,
    letterbox: bool,
    backbone: Backbone,
    levels: Sequence[str],
    kind: Kind,
    changes: Sequence[str] = ("flip",),
    on_features: bool = True,
    seed: int = 0,
) -> Items:
    """Return every image, then a copy of each for every augmentation, as features if the backbone is frozen.

    Each copy is augmented once, at random, and its features are computed: every augmentation costs as much as the images.

    Args:
        levels: of the backbone, that the model looks at.
        changes: names of CHANGES; "flip" makes the mirror images.
    Raises:
        ValueError: masks are wanted and a segmentation is missing or damaged.
    """
    if kind != "boxes":
        check_segmentations(dataset)
    scenes: Any = pictures_at(dataset, size, letterbox)
    objects = [pack(target_of_kind(dataset, i, size, letterbox, kind)) for i in range(len(dataset))]
    kept = PackedTargets(objects)
    targets = [learned(kept.target(i), kind) for i in range(len(kept))]
    network = backbone if on_features else None
    if "flip" in changes:
        parts = [with_mirror_images(scenes, targets, network, levels)]
    else:
        parts = [with_targets(scenes, targets, network, levels)]
    plain: Any = Pictures(scenes, kept)
    plain.fingerprint = f"{scenes.fingerprint} {kind}"
    for name in changes:
        if name != "flip":
            copies = Changed(plain, CHANGES[name], len(dataset), seed)
            changed = [learned(copies.target(i), kind) for i in range(len(copies))]
            parts.append(with_targets(copies, changed, network, levels))
    names = "".join(f" and {name} {seed}" for name in changes)
    return parts[0] if len(parts) == 1 else Joined(parts, f"{scenes.fingerprint}{names}")


def with_targets(
    scenes: Any, targets: Sequence[Target], backbone: Backbone | None, levels: Sequence[str]
) -> Any:
    """Return images, or their features, with other targets."""
    kept = PackedTargets([pack(target) for target in targets])
    items: Any = (
        Pictures(scenes, kept)
        if backbone is None
        else Retargeted(cached_levels(scenes, backbone, levels), kept)
    )
    items.fingerprint = scenes.fingerprint
    return items


def validation_items(
    dataset: CocoDataset,
    size: Size,
    letterbox: bool,
    backbone: Backbone,
    levels: Sequence[str],
    kind: Kind,
    on_features: bool = True,
) -> Items:
    """Return at most MOST_VALIDATED images, evenly spaced, with their targets."""
    count = min(len(dataset), MOST_VALIDATED)
    places = [i * len(dataset) // count for i in range(count)]
    some: Any = Picked(pictures_at(dataset, size, letterbox), places)
    targets = [
        learned(
            target_of_kind(dataset, i, size, letterbox, "semantic" if kind == "semantic" else "boxes"), kind
        )
        for i in places
    ]
    return with_targets(some, targets, backbone if on_features else None, levels)
