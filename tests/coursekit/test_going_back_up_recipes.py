"""The recipes of lab 12: steps fit together, gains are paired differences, and shipped weights are asked for by name."""

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from coursekit.metrics import SemanticCounts, semantic_intervals
from coursekit.metrics.model_scores import segmentation_gains
from coursekit.recipes import table
from coursekit.recipes.table import RECIPES


def counts_with(right, seed):
    """Three images of two classes, with this share of right pixels each."""
    shares = right + np.random.default_rng(seed).uniform(-0.05, 0.05, 3)
    confusion = np.stack([[[100 * s, 100 * (1 - s)], [100 * (1 - s), 100 * s]] for s in shares])
    return SemanticCounts(confusion.round().astype(int), np.stack([shares, shares], 1))


def test_gains_are_the_unets_scores_minus_the_others():
    counts = {"fcn8s": counts_with(0.6, 0), "deconvnet": counts_with(0.7, 1), "unet": counts_with(0.8, 2)}
    found = segmentation_gains(counts, best="unet")
    assert sorted(found) == list(found) and {name.split("_")[0] for name in found} == {"fcn8s", "deconvnet"}
    for other in ("fcn8s", "deconvnet"):
        for score in ("mean_iou", "boundary_f", "pixel_accuracy"):
            value, low, high = found[f"{other}_{score}"]
            mine, theirs = (semantic_intervals(counts[name])[score][0] for name in ("unet", other))
            assert value == pytest.approx(mine - theirs, abs=1e-4) and low <= value <= high


class Few(Dataset):
    """Random features of six scenes, a class in each half."""

    def __init__(self, levels):
        sizes = {"C2": (24, 16, 24), "C3": (40, 8, 12), "C4": (112, 4, 6), "C5": (320, 2, 3)}
        self.maps = {k: torch.rand(6, *sizes[k], generator=torch.Generator().manual_seed(0)) for k in levels}

    def __len__(self):
        return 6

    def __getitem__(self, i):
        return {level: maps[i] for level, maps in self.maps.items()}, self.target(i)

    def target(self, i):
        return {"semantic": torch.arange(96).div(48, rounding_mode="floor").expand(64, 96) + i % 2}


@pytest.mark.parametrize("name", ["unet", "unet_add", "unet_none", "deconvnet"])
def test_a_recipe_of_two_steps_gives_a_record_and_small_weights(name, monkeypatch, tmp_path):
    def few(split, targets="all", levels=(), mirrored=False):
        return Few(levels)

    monkeypatch.setattr(table, "still_life_features", few)
    path = tmp_path / f"{name}.safetensors"
    record = RECIPES[name].run(name, steps=2, seed=0, weights=path)
    assert record["recipe"] == name and record["steps"] == 2
    assert list(record["scores"]) == ["test_scenes", "test_objects"]
    assert 1e5 < path.stat().st_size < 1e6


def test_only_seed_0_is_shipped():
    with pytest.raises(ValueError, match="only the weights of seed 0"):
        RECIPES["skip_gains"].run("skip_gains", steps=0, seed=1)
