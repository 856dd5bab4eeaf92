"""Experiments of lab 12: DeconvNet and U-Net on frozen features, with 90 CPU seconds of training each.

The number of steps is fixed, as in `segmentation.py`: it is what fits on one core of the machine of the published scores.
"""

from pathlib import Path
from typing import Literal

import torch

from coursekit.data.still_life import CLASSES
from coursekit.metrics import SemanticCounts, semantic_difference_intervals
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.unet import UNet
from coursekit.recipes.segmentation import TESTS, count, features, segmenter_record, trained

COMPARED = ("fcn8s", "deconvnet", "unet_none", "unet")


def unet(
    skips: Literal["concatenate", "add", "none"] = "concatenate",
    steps: int = 600,
    seed: int = 0,
    weights: str | Path | None = None,
) -> dict:
    """Train a U-Net with one kind of skips, or without, on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes unet --skips concatenate --seed 0
    Cost: at most 1.5 CPU minutes, after the features (cached, 25 ms an image, C2 on its own).
    Score: mean IoU 0.84 on new scenes, 0.74 on unseen objects; without skips 0.60 and 0.51 (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    name = "unet" if skips == "concatenate" else f"unet_{skips}"
    return segmenter_record(name, UNet(len(CLASSES), skips=skips), steps, seed, weights, batch_size=8)


def deconvnet(steps: int = 500, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train a DeconvNet on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes deconvnet --seed 0
    Cost: at most 1.5 CPU minutes, after the features (cached, 25 ms an image, C2 on its own).
    Score: mean IoU 0.73 on new scenes, 0.61 on unseen objects, seed 0 (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return segmenter_record("deconvnet", DeconvNet(len(CLASSES)), steps, seed, weights, batch_size=8)


def skip_gains(seed: int = 0) -> dict:
    """Compare the shipped U-Net with the other shipped segmenters on the same images; return the record.

    Each score is the U-Net's minus the other's. Nothing is trained.

    Command: python -m coursekit.recipes skip_gains --seed 0
    Cost: 1 CPU minute, after the features (cached, 25 ms an image, C2 on its own).
    Score: in data/checkpoints/scores.json: `fcn8s_boundary_f` is the gain in boundary F over FCN-8s, and so on.
    Raises: ValueError for another seed: only the weights of seed 0 are shipped.
    """
    if seed:
        raise ValueError(f"the seed is {seed}, but only the weights of seed 0 are shipped: leave --seed out.")
    scores = {}
    for split in TESTS:
        models = {name: trained(name) for name in COMPARED}
        scores[split] = gains({name: count(m, features(split, m.levels)) for name, m in models.items()})
    return {"recipe": "skip_gains", "seed": seed, "scores": scores}


def gains(counts: dict[str, SemanticCounts]) -> dict[str, list[float]]:
    """The differences of the U-Net to each other model, with four digits: {"fcn8s_mean_iou": [value, low, high], ...}."""
    found = {}
    for name in counts.keys() - {"unet"}:
        for score, interval in semantic_difference_intervals(counts["unet"], counts[name]).items():
            found[f"{name}_{score}"] = [round(x, 4) for x in interval]
    return dict(sorted(found.items()))


RECIPES = {"unet": unet, "deconvnet": deconvnet, "skip_gains": skip_gains}
