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


def runs_of(recipe):
    runs = [entry["scores"] for entry in SCORES if entry["recipe"] == recipe]
    assert runs, recipe
    return runs


@pytest.mark.parametrize("split", ["test_scenes", "test_objects"])
def test_matching_keeps_its_promise(split):
    """What lab 02 and the README say: matched slots beat slots in the order of the list, far beyond chance."""
    worst = min(scores[split]["both_right"][1] for scores in runs_of("slots-matched"))
    best_listed = max(scores[split]["both_right"][2] for scores in runs_of("slots-listed"))
    assert worst > best_listed


def test_end_to_end_keeps_its_promise():
    for scores in runs_of("two_heads-C5"):
        assert scores["single_test_scenes"]["both_right"][0] >= 0.90
        assert scores["single_test_objects"]["both_right"][0] >= 0.80


def test_yolo_keeps_its_promise():
    """What lab 03 and the README say of 90 CPU seconds; the first YOLO's boxes are less exact."""
    modern, first = runs_of("yolo_modern"), runs_of("yolo")
    for split, bound in {"test_scenes": 0.48, "test_objects": 0.38}.items():
        worst = min(scores[split]["AP"][0] for scores in modern)
        assert worst >= bound and worst > max(scores[split]["AP"][0] for scores in first)


def test_mask_rcnn_keeps_its_promise():
    """Boxes and masks after 240 CPU seconds, for every seed that was run."""
    for scores in runs_of("mask_rcnn"):
        for split, bounds in {"test_scenes": (0.52, 0.50), "test_objects": (0.42, 0.40)}.items():
            assert scores[split]["AP"][0] >= bounds[0] and scores[split]["mask_AP"][0] >= bounds[1]
