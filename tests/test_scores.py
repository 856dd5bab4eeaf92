"""The published scores are what the recipes give today, within their intervals."""

import json

import pytest
import torch

from coursekit.folders import data_folder
from coursekit.recipes import RECIPES

SCORES = json.loads((data_folder() / "checkpoints" / "scores.json").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("entry", SCORES, ids=[entry["command"] for entry in SCORES])
def test_a_recipe_gives_its_published_scores(entry):
    torch.set_num_threads(1)
    name, _, head = entry["recipe"].partition("-")
    again = RECIPES[name](head=head, steps=entry["steps"], seed=entry["seed"])
    for split, scores in entry["scores"].items():
        for score, (_, low, high) in scores.items():
            assert low <= again["scores"][split][score][0] <= high, (split, score)


def test_the_localiser_keeps_its_promise():
    """What lab 01 and the README say that it reaches, for every seed that was run."""
    runs = [entry["scores"] for entry in SCORES if entry["recipe"] == "localiser-spatial"]
    assert runs
    for scores in runs:
        assert scores["single_test_scenes"]["mean_iou"][0] >= 0.70
        assert scores["single_test_scenes"]["accuracy"][0] >= 0.93
        assert scores["single_test_objects"]["mean_iou"][0] >= 0.60
        assert scores["single_test_objects"]["accuracy"][0] >= 0.80
