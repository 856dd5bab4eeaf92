"""Amodal masks of the still lifes: the whole of every object, including what other objects hide of it."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.data.coco import CocoDataset
from coursekit.ops import rle_decode
from coursekit.schema import Target


def amodal_masks(scenes: CocoDataset, i: int) -> Tensor:
    """Return the whole masks of the objects of scene i, one per row of its target: (G, H, W) bool.

    Args:
        scenes: a split of `still_life`, whose annotations have an `amodal` mask.
    Raises:
        ValueError: an annotation has none.
    """
    rows, entry = scenes.annotations_of(i), scenes.annotations["images"][i]
    missing = [row["id"] for row in rows if "amodal" not in row]
    if missing:
        raise ValueError(
            f"annotation {missing[0]} of scene {i} has no 'amodal' mask: only the still lifes do."
        )
    none = torch.zeros(0, entry["height"], entry["width"], dtype=torch.bool)
    return torch.cat([none, *(rle_decode(row["amodal"])[None] for row in rows)])  # (G, H, W)


class AmodalTargets(Dataset):
    """The targets of a split with amodal `masks`; boxes and areas are still those of what is visible.

    Args:
        scenes: a split of `still_life`.
    """

    def __init__(self, scenes: CocoDataset) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        return len(self.scenes)

    def target(self, i: int) -> Target:
        """Return the target of scene i without its image."""
        target = self.scenes.target(i).copy()
        target["masks"] = amodal_masks(self.scenes, i)
        return target
