"""Promptable segmentation: trained without two classes, and evaluated on objects of the others and of these two."""

import torch

from coursekit.data.objects import WithoutClasses
from coursekit.data.still_life import CLASSES
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics.clicking import click_intervals, click_ious
from coursekit.metrics.model_scores import Scores, rounded
from coursekit.models.promptable import PromptableSegmenter
from coursekit.recipes.recipe import Task
from coursekit.schema import Items

HELD_OUT = ("mug", "banana")  # their masks are never seen in training
LABELS = [CLASSES.index(name) + 1 for name in HELD_OUT]


def without_the_held_out(model: PromptableSegmenter) -> WithoutClasses:
    """Return the training scenes and their mirror images, without the masks of two classes."""
    return WithoutClasses(still_life_features("train", "all", model.levels, mirrored=True), LABELS)


def all_objects(model: PromptableSegmenter, split: str) -> Items:
    """Return the features of a split with all of its masks."""
    return still_life_features(split, "all", model.levels)


def click_scores(model: PromptableSegmenter, dataset: Items) -> Scores:
    """Return the mean IoU after 1 to 5 clicks: of the classes it was trained on, and "held_out_…" of the others."""
    ious, labels, images = click_ious(model, dataset)
    held_out = torch.isin(labels, torch.tensor(LABELS))
    known = click_intervals(ious[~held_out], images[~held_out])
    new = click_intervals(ious[held_out], images[held_out])
    return rounded(known | {f"held_out_{name}": interval for name, interval in new.items()})


CLICKS = Task(without_the_held_out, all_objects, click_scores, masks=True)
