"""The still lifes as feature maps of the frozen backbone, with the targets that a task needs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from torch.utils.data import Dataset

from coursekit import ops
from coursekit.data.amodal import AmodalTargets
from coursekit.data.features import FeatureDataset, cached_features, target_of
from coursekit.data.keypoints import KeypointTargets
from coursekit.data.mirrored import COMMON, Retargeted, cached_levels, with_mirror_images
from coursekit.data.still_life import still_life
from coursekit.nets.backbone import Backbone
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.schema import Items, Target

TargetKind = Literal["all", "boxes", "semantic", "keypoints", "amodal"]


def still_life_features(
    split: str,
    targets: TargetKind = "all",
    levels: Sequence[str] = COMMON,
    mirrored: bool = False,
    backbone: Backbone | None = None,
) -> Items:
    """Return the cached features of a split and its targets: (dict of feature maps, Target) pairs.

    Args:
        split: one of `still_life`'s.
        targets: "all" for boxes and masks, "boxes" without masks, "semantic" for label maps, "keypoints" without
            masks, "amodal" for boxes of what is visible and masks of whole objects.
        levels: of the backbone.
        mirrored: whether every mirror image follows, after all scenes.
        backbone: makes them; an EfficientNet-Lite0 by default.
    Raises:
        ValueError: an unknown split or kind of targets.
    """
    scenes, chosen, backbone = still_life(split), targets_of(split, targets), backbone or efficientnet_lite0()
    if mirrored:
        read = (chosen.target(i) for i in range(len(scenes)))
        return with_mirror_images(scenes, read, backbone, levels)
    features = cached_levels(scenes, backbone, levels)
    return features if targets == "all" else Retargeted(features, chosen)


def features_with_boxes(
    dataset: Any, backbone: Backbone | None = None, folder: str | Path | None = None
) -> FeatureDataset:
    """Return the cached features of a dataset with its targets without masks, which stay in memory once they are read.

    Args:
        dataset, folder: as `cached_features`.
        backbone: makes them; an EfficientNet-Lite0 by default.
    """
    backbone = backbone or efficientnet_lite0()
    maps = cached_features(dataset, backbone, COMMON, folder).maps
    return FeatureDataset(ChangedTargets(dataset, without_masks), maps, backbone)


def targets_of(split: str, kind: TargetKind) -> Any:
    """Return a dataset with `target(i)` for each scene of a split."""
    if kind not in get_args(TargetKind):
        raise ValueError(f"Unknown kind of targets {kind!r}: use one of {', '.join(get_args(TargetKind))}.")
    if kind == "keypoints":
        return KeypointTargets(split)
    if kind == "amodal":
        return AmodalTargets(still_life(split))
    changes = {"boxes": without_masks, "semantic": label_map}
    scenes = still_life(split)
    return scenes if kind == "all" else ChangedTargets(scenes, changes[kind])


def without_masks(target: Target) -> Target:
    """Return the target of a detector, which needs no masks."""
    changed = target.copy()
    changed.pop("masks", None)
    return changed


def label_map(target: Target) -> Target:
    """Return the target of a segmenter: the class of every pixel."""
    return {"semantic": ops.semantic_map(target["masks"], target["labels"])}


class ChangedTargets(Dataset):
    """The targets of a dataset, each changed when it is asked for."""

    def __init__(self, dataset: Any, change: Callable[[Target], Target]) -> None:
        self.dataset, self.change = dataset, change

    def __len__(self) -> int:
        return len(self.dataset)

    def target(self, i: int) -> Target:
        """Return the target of image i without its image."""
        return self.change(target_of(self.dataset, i))
