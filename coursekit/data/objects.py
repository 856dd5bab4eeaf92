"""Scenes chosen by the number of their objects, and the order in which a target lists them."""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.data.features import target_of
from coursekit.schema import Target

Listed = Literal["boxes", "labels", "masks", "area", "iscrowd"]
LISTED: tuple[Listed, ...] = ("boxes", "labels", "masks", "area", "iscrowd")  # one row per object


class Picked(Dataset):
    """Some items of a dataset: [i] is dataset[places[i]]. It has a `fingerprint` if the dataset has one."""

    def __init__(self, dataset: Any, places: Sequence[int]) -> None:
        self.dataset, self.places = dataset, places
        self.transform = getattr(dataset, "transform", None)  # already applied to what comes out
        if hasattr(dataset, "fingerprint"):
            content = f"{dataset.fingerprint} {[int(place) for place in places]}"
            self.fingerprint = hashlib.sha256(content.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, i: int) -> tuple[Any, Target]:
        return self.dataset[self.places[i]]

    def target(self, i: int) -> Target:
        """Return the target of item i without its image or features."""
        return target_of(self.dataset, self.places[i])


def with_at_most(dataset: Any, count: int) -> Picked:
    """Return the scenes of a dataset that show at most `count` objects.

    Args:
        dataset: (image or features, Target) pairs.
    """
    few = [i for i in range(len(dataset)) if len(target_of(dataset, i)["boxes"]) <= count]
    return Picked(dataset, few)


class LeftToRight(Dataset):
    """A dataset whose targets list their objects by the centre of the box, from left to right."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple[Any, Target]:
        image, target = self.dataset[i]
        return image, relisted(target, target["boxes"][:, [0, 2]].sum(1).argsort())


def relisted(target: Target, order: Tensor) -> Target:
    """Return a target with its objects in another order; entries of the whole image stay.

    >>> import torch
    >>> relisted({"labels": torch.tensor([7, 8, 9])}, torch.tensor([2, 0, 1]))
    {'labels': tensor([9, 7, 8])}
    """
    changed = target.copy()
    for name in LISTED:
        if name in target:
            changed[name] = target[name][order]
    return changed


class WithoutClasses(Dataset):
    """A dataset whose targets do not have the objects of some classes, as if they had never been annotated.

    Args:
        dataset: (image or features, Target) pairs.
        labels: of the classes that are left out.
    """

    def __init__(self, dataset: Any, labels: Sequence[int]) -> None:
        self.dataset, self.labels = dataset, torch.tensor(labels)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple[Any, Target]:
        image, target = self.dataset[i]
        return image, relisted(target, (~torch.isin(target["labels"], self.labels)).nonzero()[:, 0])
