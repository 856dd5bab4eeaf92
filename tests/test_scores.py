"""The published scores are what the recipes give today, within their intervals."""

import json

import pytest

from coursekit.folders import data_folder
from coursekit.recipes.core import run

SCORES = json.loads((data_folder() / "checkpoints" / "scores.json").read_text(encoding="utf-8"))
FIRST_SEEDS = [entry for entry in SCORES if entry["seed"] == 0]


def words(entry):
    return entry["command"].removeprefix("python -m coursekit.recipes ").split()


@pytest.mark.slow
@pytest.mark.parametrize("entry", FIRST_SEEDS, ids=[" ".join(words(entry)) for entry in FIRST_SEEDS])
def test_a_recipe_gives_its_published_scores(entry):
    again, command = run(words(entry))
    assert command == entry["command"]
    for split, scores in entry["scores"].items():
        for score, (_, low, high) in scores.items():
            assert low <= again["scores"][split][score][0] <= high, (split, score)


def test_every_recipe_was_run_with_the_first_seed():
    """So that the test above repeats each of them."""
    assert {entry["recipe"] for entry in FIRST_SEEDS} == {entry["recipe"] for entry in SCORES}


def test_the_localiser_keeps_its_promise():
    """What lab 01 and the README say that it reaches, for every seed that was run."""
    runs = [entry["scores"] for entry in SCORES if entry["recipe"] == "localiser-spatial"]
    assert runs
    for scores in runs:
        assert scores["single_test_scenes"]["mean_iou"][0] >= 0.70
        assert scores["single_test_scenes"]["accuracy"][0] >= 0.93
        assert scores["single_test_objects"]["mean_iou"][0] >= 0.60
        assert scores["single_test_objects"]["accuracy"][0] >= 0.80
