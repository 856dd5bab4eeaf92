"""The annotated folders of a class put together: classes united by name, and what is wrong with a folder in a sentence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from coursekit.commands.datasets import open_data
from coursekit.data.coco import CocoDataset
from coursekit.data.still_life import CLASSES
from coursekit.schema import Target

SAME = {"cup": "mug", "wineglass": "wine glass"}  # COCO's cup is our mug


def common_name(name: str) -> str:
    """Return the name of a class as the league spells it.

    >>> common_name("Wine_Glass"), common_name(" cup"), common_name("kettle")
    ('wine glass', 'mug', 'kettle')
    """
    plain = " ".join(name.lower().replace("_", " ").replace("-", " ").split())
    return SAME.get(plain, plain)


@dataclass
class Photographs:
    """The photographs of several folders: item i is (image, Target), its labels numbered as `classes`.

    Attributes:
        classes: the K names; objects of other classes are left out of the targets.
        places: the dataset of each photograph, and its index there.
        names: of each folder that was taken, with its number of photographs.
        unknown: how many objects each class has that is not one of `classes`.
        troubles: one sentence for each folder that could not be taken.
    """

    classes: tuple[str, ...] = CLASSES
    places: list[tuple[CocoDataset, int]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, i: int) -> tuple[Tensor, Target]:
        if i >= len(self):
            raise IndexError(i)
        dataset, place = self.places[i]
        return dataset[place][0], self.target(i)

    def target(self, i: int) -> Target:
        """Return the boxes, labels, areas and crowds of photograph i, without reading it."""
        dataset, place = self.places[i]
        return relabelled(dataset.target(place), dataset.classes, self.classes)

    def chosen(self, places: Iterable[int]) -> "Photographs":
        """Return some of the photographs, in this order."""
        return Photographs(
            self.classes, [self.places[i] for i in places], self.names, self.unknown, self.troubles
        )

    def add(self, name: str, dataset: CocoDataset) -> None:
        """Take in the photographs of a dataset."""
        self.places += [(dataset, i) for i in range(len(dataset))]
        self.names[name] = len(dataset)
        of_id = {
            category["id"]: common_name(category["name"]) for category in dataset.annotations["categories"]
        }
        found = Counter(of_id[row["category_id"]] for row in dataset.annotations["annotations"])
        self.unknown.update({name: count for name, count in found.items() if name not in self.classes})


def relabelled(target: Target, theirs: Sequence[str], ours: Sequence[str]) -> Target:
    """Return what a target or a prediction says of the classes that both know, by their common names."""
    common = [common_name(name) for name in ours]
    names = [common_name(name) for name in theirs]
    labels = torch.tensor([0, *(1 + common.index(name) if name in common else 0 for name in names)])
    new = labels[target["labels"]]  # 0 for those that we do not know
    rows = ("boxes", "scores", "area", "iscrowd")
    kept = {key: target[key][new > 0] for key in rows if key in target}
    return kept | {"labels": new[new > 0]}


def put_together(folders: Iterable[str | Path], classes: Sequence[str] = CLASSES) -> Photographs:
    """Return the photographs of several folders, each in COCO's format or a split of the still lifes.

    A folder that cannot be read, or with a photograph that cannot, is left out: why, is in `troubles`.
    """
    whole = Photographs(tuple(classes))
    for folder in folders:
        try:
            dataset = open_data(str(folder), "val", check=False)
            for i in range(len(dataset)):
                dataset[i]
            if not len(dataset):
                raise ValueError("it has no annotated photograph.")
        except (ValueError, OSError) as error:
            whole.troubles.append(f"{folder} is left out: {error}")
            continue
        whole.add(str(folder), dataset)
    return whole
