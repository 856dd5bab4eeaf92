"""`coursekit train --init FILE`: begin with the weights of another training, also where the classes are others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from coursekit import weights
from coursekit.commands.models import Facts, read_facts, recipe_of
from coursekit.folders import checkpoint
from coursekit.published import SHIPPED

CLASS_FIRST = "region_head.offsets"  # four numbers for each class; elsewhere the classes of each anchor


@dataclass(frozen=True)
class Rows:
    """Which of its first axis a tensor has for the classes: `groups` times them, after `before` rows.

    With as many rows before as groups, each group begins with the row of the background.
    """

    groups: int
    before: int
    class_first: bool = False

    def of(self, k: int, classes: int) -> list[int]:
        """The rows of label k among K labels.

        >>> Rows(groups=3, before=0).of(2, classes=4), Rows(groups=1, before=1).of(2, classes=4)
        ([1, 5, 9], [2])
        >>> Rows(groups=4, before=0, class_first=True).of(2, classes=3), Rows(groups=1, before=10).of(1, classes=3)
        ([4, 5, 6, 7], [10])
        """
        if self.class_first:
            return [(k - 1) * self.groups + g for g in range(self.groups)]
        if self.groups == self.before:
            return [g * (classes + 1) + k for g in range(self.groups)]
        return [self.before + g * classes + k - 1 for g in range(self.groups)]

    def shared(self, classes: int) -> list[int]:
        """The rows that belong to no class, among those of K labels."""
        if self.groups == self.before and not self.class_first:
            return [g * (classes + 1) for g in range(self.groups)]
        return list(range(self.before))


def init_file(name: str | None) -> Path | None:
    """Return the file of `--init`, which may be the name of shipped weights; None without one."""
    if name is None:
        return None
    return checkpoint(name) if name in SHIPPED and not Path(name).exists() else Path(name)


def side_of(path: Path | None) -> int | None:
    """Return the side of the squares that the weights of a file were trained on, if they were squares."""
    if path is None:
        return None
    height, width = read_facts(path).size
    return height if height == width else None


def begin_with(model: nn.Module, path: Path, facts: Facts) -> str:
    """Give a new model the weights of a file, those of each class where its name is known; say which are.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is of another model, or its backbone has learned and ours does not.
    """
    theirs = read_facts(path, facts.name)
    tensors, _ = weights.read_tensors(path)
    if theirs.fine_tuned and not facts.fine_tuned:
        raise ValueError(f"The backbone in {path} has learned too: add --fine-tune to go on with it.")
    make = recipe_of(facts.name).model
    state = weights.own_state(model)
    for name, rows in class_rows(make).items():
        if name in tensors:
            tensors[name] = renamed(tensors[name], state[name], rows, theirs.classes, facts.classes)
    backbone = {name: value for name, value in state.items() if name.startswith("backbone.")}
    weights.fits(model, backbone | tensors, path)  # a file without a backbone leaves ours as it is
    model.load_state_dict(tensors, strict=False)
    known = [name for name in facts.classes if name in theirs.classes]
    new = [name for name in facts.classes if name not in theirs.classes]
    return (
        f"Beginning with {path}: it knows {', '.join(known) or 'no class'}; new: {', '.join(new) or 'none'}."
    )


def class_rows(make: Callable[..., nn.Module]) -> dict[str, Rows]:
    """Return the tensors of a model whose first axis grows with the number of classes, and how."""
    with torch.random.fork_rng(devices=[]):
        one, two = (make(classes).state_dict() for classes in (1, 2))
    found = {}
    for name, value in one.items():
        if value.shape != two[name].shape:
            groups = len(two[name]) - len(value)
            found[name] = Rows(groups, len(value) - groups, name.startswith(CLASS_FIRST))
    return found


def renamed(old: Tensor, new: Tensor, rows: Rows, theirs: Sequence[str], ours: Sequence[str]) -> Tensor:
    """A tensor of `new`'s shape: the rows of the classes with known names from the old one, the others as new."""
    whole = new.clone()
    whole[rows.shared(len(ours))] = old[rows.shared(len(theirs))].to(whole)
    for k, name in enumerate(ours, start=1):
        if name in theirs:
            whole[rows.of(k, len(ours))] = old[rows.of(theirs.index(name) + 1, len(theirs))].to(whole)
    return whole
