"""Whole masks: the mask branch of the shipped Mask R-CNN, trained on amodal masks instead of visible ones."""

from pathlib import Path

import torch

from coursekit import ops
from coursekit.data.amodal import AmodalTargets
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.folders import checkpoint
from coursekit.metrics.hidden import hidden_iou
from coursekit.metrics.interval import bootstrap_interval, paired_difference_interval
from coursekit.metrics.model_scores import Scores, compared_mask_intervals, rounded
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.recipes.recipe import Recipe, halved
from coursekit.weights import load_weights, write_tensors

PART, LEAST_HIDDEN = "mask_head.", 0.1  # of an object's pixels, to count as one with a hidden part


class MaskBranch(MaskRCNN):
    """The shipped Mask R-CNN of which only the mask branch learns; the statistics of its normalisation stay, too."""

    def __init__(self, num_classes: int) -> None:
        super().__init__(num_classes)
        load_weights(self, checkpoint("mask_rcnn"))
        self.requires_grad_(False).mask_head.requires_grad_(True)

    def train(self, mode: bool = True) -> "MaskBranch":
        super().train(mode)
        self.normalise.eval()
        return self


def whole_masks(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train the mask branch on whole masks; compare it with the shipped one, which learned visible masks.

    Only the branch is written to `weights`: everything else is in the shipped file.
    """
    models = {"amodal": recipe.model(len(CLASSES)), "visible": recipe.model(len(CLASSES))}
    minutes = recipe.fit(models["amodal"], recipe.task.items(models["amodal"]), steps, seed)
    record = {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": minutes}
    if weights is not None:
        state = halved(models["amodal"])
        branch = {key: value for key, value in state.items() if key.startswith(PART)}
        write_tensors(branch, Path(weights), {"model": "MaskRCNN", "start": "mask_rcnn"})
    record["weights"] = [] if weights is None else [Path(weights).name]
    return record | {"scores": {split: whole_scores(models, split) for split in recipe.task.tests}}


def whole_scores(models: dict[str, MaskRCNN], split: str) -> Scores:
    """Return APs against whole masks and the mean IoU of hidden parts of each model, and the paired differences."""
    found = compared_mask_intervals(models, still_life_features(split, "amodal"))
    hidden = {name: hidden_ious(model, split) for name, model in models.items()}
    ious = {f"{name}_hidden_iou": bootstrap_interval(each) for name, each in hidden.items()}
    ious["difference_hidden_iou"] = paired_difference_interval(hidden["amodal"], hidden["visible"])
    return found | rounded(ious)


@torch.no_grad()
def hidden_ious(model: MaskRCNN, split: str, count: int | None = None) -> list[float]:
    """Return the mean IoU of the hidden parts, for each image with an object that is hidden in part.

    The model is given the true boxes and classes of what is visible, so only its masks are judged.

    Args:
        count: only this many scenes, the first ones; all without it.
    """
    dataset, whole, means = still_life_features(split), AmodalTargets(still_life(split)), []
    for i in range(len(dataset) if count is None else count):
        (maps, target), masks = dataset[i], whole.target(i)["masks"]
        share = 1 - target["masks"].sum((1, 2)) / masks.sum((1, 2))  # (G,)
        if (hidden := share >= LEAST_HIDDEN).any():
            found = masks_in_boxes(model.eval(), maps, target["boxes"][hidden], target["labels"][hidden])
            means.append(hidden_iou(found, target["masks"][hidden], masks[hidden]).mean().item())
    return means


def masks_in_boxes(
    model: MaskRCNN, maps: dict[str, torch.Tensor], boxes: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Return the masks (G, H, W) that a model predicts in given boxes, for given classes."""
    logits = model.mask_logits(model.outputs([maps]).pyramid, [boxes])  # (G, K, 28, 28)
    size = model.image_size(maps)
    return ops.paste_masks(model.choose(logits, labels), boxes, size)[:, 0] > 0.5
