"""What a recipe is, and how it is followed: train for a fixed number of steps, evaluate on both test splits, record.

The number of steps is fixed, so that a run can be repeated to the bit.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from coursekit import training
from coursekit.data.still_life import CLASSES
from coursekit.folders import checkpoint
from coursekit.metrics.model_scores import Scores
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.schema import Items
from coursekit.weights import Tensors, own_state, read_tensors, write_tensors


@dataclass(frozen=True)
class Task:
    """What models of one kind learn from, and how they are scored.

    Attributes:
        items: what a model is trained on; called with it.
        test_items: what it is evaluated on, of a split: called with the model and the split.
        score: of a model on such items.
        splits: of the still lifes, to train and to choose on.
        tests: the splits of the published scores: new scenes, unseen objects.
        masks: whether instance masks are learned, and found.
    """

    items: Callable[..., Items]
    test_items: Callable[..., Items]
    score: Callable[..., Scores]
    splits: tuple[str, str] = ("train", "val")
    tests: tuple[str, str] = ("test_scenes", "test_objects")
    masks: bool = False


@dataclass(frozen=True)
class Recipe:
    """How one model is trained: a row of the table.

    Attributes:
        model: makes it, `model(num_classes, backbone=...)`.
        about: one sentence for the help.
        steps: of training, as published; those of all phases together.
        batch_size, lr: as `training.fit`.
        command: the words that choose it after `python -m coursekit.recipes`, if they are not its name.
        options: those of the command, besides the ones in `command`.
        start: the shipped weights that it begins with.
        seconds: per step on one core, for long trainings: they announce them, and go on after an interruption.
        half: whether its weights are kept as float16.
        follow: how it is followed, called with (name, recipe, steps, seed, weights); returns the record.
    """

    model: Callable[..., Any]
    task: Task
    about: str
    steps: int
    batch_size: int = 16
    lr: float = 3e-3
    command: str = ""
    options: tuple[str, ...] = ("steps", "seed", "weights")
    start: str | None = None
    seconds: float | None = None
    half: bool = True
    follow: Callable[[str, "Recipe", int, int, str | Path | None], dict] | None = None

    def run(self, name: str, steps: int, seed: int, weights: str | Path | None = None) -> dict:
        """Return the record: what the training cost and how good the model is on both test splits."""
        return (self.follow or train_and_score)(name, self, steps, seed, weights)

    def fit(self, model: nn.Module, items: Items, steps: int, seed: int, **options: Any) -> float:
        """Return the CPU minutes of a training with the batch size and learning rate of the recipe."""
        return timed_fit(model, items, steps, seed, batch_size=self.batch_size, lr=self.lr, **options)

    def scores(self, model: nn.Module) -> dict[str, Scores]:
        """Return the scores of a model on both test splits."""
        task = self.task
        return {split: task.score(model, task.test_items(model, split)) for split in task.tests}


def train_and_score(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train one model and return its record; a long training names the file of its weights in it."""
    torch.manual_seed(seed)
    model, long = recipe.model(len(CLASSES)), {}
    if recipe.start:
        start, _ = read_tensors(checkpoint(recipe.start))
        model.load_state_dict(model.state_dict() | start)
    if recipe.seconds:
        unfinished = None if weights is None else f"{weights}.checkpoint"
        long = {"seconds": recipe.seconds * steps, "checkpoint": unfinished}
    minutes = recipe.fit(model, recipe.task.items(model), steps, seed, **long)
    if weights is not None:
        (save_half if recipe.half else training.save_weights)(model, Path(weights))
    record = {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": minutes}
    if recipe.seconds:
        record["weights"] = [] if weights is None else [Path(weights).name]
    return record | {"scores": recipe.scores(model)}


def timed_fit(
    model: nn.Module, items: Items, steps: int, seed: int, seconds: float | None = None, **options: Any
) -> float:
    """Train the model and return the CPU minutes that it took; `options` go to `training.fit`.

    A run that goes on from a checkpoint counts its own steps, and the earlier ones as equally long.

    Args:
        seconds: what the run takes on one core; printed beforehand.
    """
    start = time.process_time()
    here = sum(
        1 for _ in training.progress_bar(training.fit(model, items, steps, seed=seed, **options), seconds)
    )
    return round((time.process_time() - start) / 60 * steps / max(here, 1), 2)


def save_half(model: nn.Module, path: Path) -> None:
    """Write the weights rounded to float16: half the bytes, and scores that differ by less than a thousandth.

    The file names its backbone where that is not the EfficientNet-Lite0 which the commands expect.
    """
    header, backbone = {"model": type(model).__name__}, type(getattr(model, "backbone", None))
    if issubclass(backbone, EfficientNetLite0) and backbone is not EfficientNetLite0:
        header["backbone_name"] = json.dumps(backbone.__name__)
    write_tensors(halved(model), path, header)


def halved(model: nn.Module) -> Tensors:
    """Return the weights of the model rounded to float16."""
    return {
        name: value.half() if value.is_floating_point() else value for name, value in own_state(model).items()
    }
