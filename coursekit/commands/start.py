"""`coursekit train --init FILE`: start from the weights of another training, even one with other classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from coursekit import weights
from coursekit.commands.models import Facts, class_of, read_facts, recipe_of
from coursekit.folders import checkpoint
from coursekit.published import SHIPPED

CLASS_FIRST = "region_head.offsets"  # four numbers for each class; elsewhere the classes of each anchor


@dataclass(frozen=True)
class Rows:
    """Which rows of one axis a tensor has for the classes: `groups` times them, after `before` rows.

    With as many rows before as groups, each group begins with the row of the background.
    """

    groups: int
    before: int
    class_first: bool = False
    axis: int = 0

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
        """The rows that do not belong to a class, among those of K labels."""
        if self.groups == self.before and not self.class_first:
            return [g * (classes + 1) for g in range(self.groups)]
        return list(range(self.before))


def side_of(size: tuple[int, int]) -> int | None:
    """Return the side of squares; None for other rectangles."""
    return size[0] if size[0] == size[1] else None


def begin_with(model: nn.Module, path: Path, facts: Facts) -> str:
    """Load the weights of a file into a new model, matching classes by name, and print which are known.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: it is of another model, or its backbone has learned and ours does not.
    """
    theirs = read_facts(path, facts.name)
    tensors, _ = weights.read_tensors(path)
    if theirs.fine_tuned and not facts.fine_tuned:
        raise ValueError(f"The backbone in {path} has learned too: add --fine-tune to go on with it.")
    if theirs.backbone_name != facts.backbone_name:
        raise ValueError(
            f"{path} has the backbone {theirs.backbone_name}: leave --backbone out to go on with it."
        )
    make = recipe_of(facts.name).model
    state = weights.own_state(model)
    for name, rows in class_rows(make).items():
        if name in tensors:
            tensors[name] = renamed(tensors[name], state[name], rows, theirs.classes, facts.classes)
    backbone = {name: value for name, value in state.items() if name.startswith("backbone.")}
    try:
        weights.fits(model, backbone | tensors, path)  # a file without a backbone leaves ours as it is
    except ValueError:
        check_variant(path, facts.name)
        raise
    model.load_state_dict(tensors, strict=False)
    known = [name for name in facts.classes if name in theirs.classes]
    new = [name for name in facts.classes if name not in theirs.classes]
    said = (
        f"Beginning with {path}: it knows {', '.join(known) or 'no class'}; new: {', '.join(new) or 'none'}"
    )
    return f"{said}, whose part of the last layer starts at random." if new else f"{said}."


def check_variant(path: Path, name: str) -> None:
    """Raises: ValueError when the file holds shipped weights of a model with other layers than the one of that name has."""
    usual = [each for each, known in SHIPPED.items() if known.model is class_of(recipe_of(name))]
    if path.stem in SHIPPED and path == checkpoint(path.stem) and path.stem not in usual:
        raise ValueError(
            f"{path.stem} has other layers than the {name} that this command trains: begin with {' or '.join(usual)}, "
            "or without --init."
        )


def class_rows(make: Callable[..., nn.Module]) -> dict[str, Rows]:
    """Return the tensors of a model of which an axis grows with the number of classes, and how."""
    with torch.random.fork_rng(devices=[]):
        one, two = (make(classes).state_dict() for classes in (1, 2))
    found = {}
    for name, value in one.items():
        if value.shape != two[name].shape:
            growth = [new - old for old, new in zip(value.shape, two[name].shape, strict=True)]
            axis = next(axis for axis, rows in enumerate(growth) if rows)
            before = value.shape[axis] - growth[axis]
            found[name] = Rows(growth[axis], before, name.startswith(CLASS_FIRST), axis)
    return found


def renamed(old: Tensor, new: Tensor, rows: Rows, theirs: Sequence[str], ours: Sequence[str]) -> Tensor:
    """A tensor of `new`'s shape: the rows of the classes with known names from the old one, the others as new."""
    whole = new.clone()
    into, old = whole.movedim(rows.axis, 0), old.movedim(rows.axis, 0)  # views
    into[rows.shared(len(ours))] = old[rows.shared(len(theirs))].to(whole)
    for k, name in enumerate(ours, start=1):
        if name in theirs:
            into[rows.of(k, len(ours))] = old[rows.of(theirs.index(name) + 1, len(theirs))].to(whole)
    return whole
