"""The recipes of lab 08: what each is trained on, that every kind of row runs, and that the records are complete."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from coursekit.data import still_life_features
from coursekit.data.augmentation import Changed
from coursekit.data.objects import Picked
from coursekit.data.still_life import still_life
from coursekit.metrics import model_scores
from coursekit.metrics.coco_interval import coco_intervals
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.published import records
from coursekit.recipes import better_data, better_features
from coursekit.recipes.better_data import SCENES, WAYS, number_changed, some_scenes
from coursekit.recipes.better_features import (
    LEARNING,
    all_stages_learn,
    from_scratch,
    last_stage_learns,
    untrained,
)
from coursekit.recipes.core import parser, run
from coursekit.recipes.recipe import Recipe
from coursekit.recipes.table import RECIPES

FAMILIES = ("learning_curve", "image_size", "fine_tuning", "backbone")


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Five scenes of the preview in the place of every split, and their features in a folder of their own."""
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path))
    for module in (better_data, better_features, still_life_features):
        monkeypatch.setattr(module, "still_life", lambda split: Picked(still_life("preview"), range(5)))
    monkeypatch.setattr(model_scores, "coco_intervals", partial(coco_intervals, repeats=3))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, numbers",
    [
        ("learning_curve --change none --scenes 25", {"scenes": 5, "changed": 0, "changed_cpu_minutes": 0.0}),
        ("learning_curve --change flip --scenes 25", {"scenes": 5, "changed": 5}),
        ("image_size --side 128", {}),
        ("fine_tuning --learning frozen --share 100", {"scenes": 5}),
        ("fine_tuning --learning C5 --share 100", {"scenes": 5}),
        ("fine_tuning --learning all --share 100", {"scenes": 5}),
        ("fine_tuning --learning scratch --share 100", {"scenes": 5}),
        ("backbone --name csp_darknet", {}),
        ("backbone --name untrained", {}),
    ],
)
def test_two_steps_give_a_complete_record(few, words, numbers):
    record, command = run([*words.split(), "--steps", "2", "--seed", "1"])
    assert command == f"python -m coursekit.recipes {words} --steps 2 --seed 1"
    assert record["recipe"] in RECIPES and record["steps"] == 2 and record["seed"] == 1
    assert record | numbers == record and list(record)[-1] == "scores" and record["cpu_minutes"] >= 0
    for split in ("test_scenes", "test_objects"):
        assert list(record["scores"][split]) == ["AP", "AP50", "AP75"]


@pytest.fixture
def trained_on(monkeypatch, few):
    """What the recipes would train on, instead of a training."""
    found = []

    def instead(self, name, steps, seed, weights=None):
        found.append(self.task.items(None))
        return {"recipe": name, "scores": {}}

    def follow(name):
        RECIPES[name].follow(name, RECIPES[name], 1, 0, None)
        return found.pop()

    monkeypatch.setattr(Recipe, "run", instead)
    return follow


def test_pasted_images_follow_the_scenes_and_take_objects_from_them_alone(trained_on, monkeypatch):
    monkeypatch.setattr(better_data, "COPIES", 2)
    items = trained_on("learning_curve-paste-25")
    assert len(items) == 15
    chosen = some_scenes(better_data.still_life("train"), 25, seed=0)
    changed = Changed(chosen, partial(better_data.change_named("paste", chosen)), 10, seed=0)
    for i, (_, expected) in enumerate([*chosen, *(changed[i] for i in range(10))]):
        features, target = items[i]
        assert target["boxes"].equal(expected["boxes"]) and target["labels"].equal(expected["labels"])
        assert "masks" not in target and features["C5"].shape == (320, 3, 3)
    image = changed[3][0]
    torch.testing.assert_close(
        items[8][0]["C4"], efficientnet_lite0()(image[None])["C4"][0], atol=0.02, rtol=0.01
    )


def test_more_scenes_hold_the_fewer_ones_and_another_seed_has_others():
    scenes = still_life("preview")
    few, more, other = (some_scenes(scenes, *how).places for how in ((10, 1), (30, 1), (10, 2)))
    assert few == more[:10] and len(set(more)) == 30 and set(few) != set(other)


def test_the_number_of_changed_images():
    for scenes in SCENES:
        assert number_changed("none", scenes) == 0 and number_changed("flip", scenes) <= scenes
        assert {number_changed(way, scenes) for way in WAYS[3:]} == {number_changed("paste", scenes)}
    assert number_changed("paste", 50) == 300 and number_changed("paste", 1600) == better_data.MOST


def test_what_learns_is_what_the_name_says():
    weights = dict(RetinaNet(10).named_parameters())
    assert weights.keys() == {
        n for n, p in RECIPES["fine_tuning-frozen-1"].model(10).named_parameters() if p.requires_grad
    }
    ours = efficientnet_lite0()
    last, whole, scratch = (
        last_stage_learns(10).train(),
        all_stages_learn(10).train(),
        from_scratch(10).train(),
    )
    learning = {n for n, p in last.named_parameters() if p.requires_grad} - weights.keys()
    assert learning == {f"stages.stages.C5.{name}" for name, _ in ours.stages["C5"].named_parameters()}
    for model in (whole, scratch):
        learning = {n for n, p in model.named_parameters() if p.requires_grad} - weights.keys()
        assert learning == {f"backbone.stages.{name}" for name, _ in ours.stages.named_parameters()}
    same = [a.equal(b) for a, b in zip(whole.backbone.parameters(), ours.parameters(), strict=True)]
    assert all(same) and not scratch.backbone.stages["C1"][0][0].weight.equal(ours.stages["C1"][0][0].weight)
    norms = [m for m in whole.backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms and not any(norm.training for norm in norms), "their statistics stay"
    norms = [m for m in scratch.backbone.stages.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms and all(norm.training and norm.momentum == 0.1 for norm in norms)


def test_the_last_stage_computes_its_maps_again():
    model = last_stage_learns(10).eval()
    image = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    maps = efficientnet_lite0()(image)
    stale = {"C3": maps["C3"][0], "C4": maps["C4"][0], "C5": torch.zeros(320, 2, 3)}
    torch.testing.assert_close(model.maps([stale], model.levels)["C5"], maps["C5"], atol=1e-4, rtol=1e-4)


def test_the_untrained_backbone_is_the_same_each_time_and_touches_no_random_numbers():
    before = torch.get_rng_state()
    assert untrained().fingerprint() == untrained().fingerprint()
    assert torch.get_rng_state().equal(before)
    assert untrained().fingerprint() != efficientnet_lite0().fingerprint()


def test_all_ways_of_learning_have_the_rows_of_the_table():
    for learning, (model, steps, lr) in LEARNING.items():
        row = RECIPES[f"fine_tuning-{learning}-10"]
        assert (row.model, row.steps, row.lr) == (model, steps, lr)
    assert replace(row, command="") == replace(RECIPES[f"fine_tuning-{learning}-1"], command="")


PUBLISHED = [entry for entry in records() if entry["recipe"].split("-")[0] in FAMILIES]


@pytest.mark.parametrize("entry", PUBLISHED, ids=[f"{each['recipe']} {each['seed']}" for each in PUBLISHED])
def test_a_published_record_is_complete(entry):
    row = RECIPES[entry["recipe"]]
    assert entry["steps"] == row.steps and entry["cpu_minutes"] > 0
    for split in row.task.tests:
        for value, low, high in entry["scores"][split].values():
            assert 0 <= low <= value <= high <= 1
    kind, *options = entry["recipe"].split("-")
    if kind == "learning_curve":
        assert entry["scenes"] == int(options[1]) and entry["changed"] == number_changed(
            options[0], entry["scenes"]
        )
        assert (entry["changed_cpu_minutes"] > 0) == (options[0] != "none")
    if kind == "fine_tuning":
        assert entry["scenes"] == 16 * int(options[1])


@pytest.mark.parametrize("family", FAMILIES)
def test_the_help_of_many_recipes_has_a_line_for_each(family, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args([family, "--help"])
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 50 and max(map(len, said.splitlines())) < 130
    for entry in PUBLISHED:
        if entry["recipe"].startswith(f"{family}-") and entry["seed"] == 0:
            options = RECIPES[entry["recipe"]].command.removeprefix(f"{family} ")
            assert options in said and f" {entry['cpu_minutes']} CPU minutes" in said
