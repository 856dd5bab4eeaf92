"""The recipes of the two-stage models: masks survive as run-length codes, and all steps of a recipe fit together."""

from dataclasses import replace

import pytest
import torch
from made_up_detectors import objects
from small_two_stage import SIZE, maps_of, ours
from torch.utils.data import Subset

from coursekit import training
from coursekit.data.still_life_features import still_life_features
from coursekit.folders import checkpoint
from coursekit.metrics import coco_metrics, model_scores
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.ops import rle_decode
from coursekit.recipes import experiments, recipe, table
from coursekit.recipes.table import RECIPES
from coursekit.training import predict
from coursekit.weights import read_tensors

TARGET = objects(torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]]), torch.tensor([2, 3]), *SIZE)


@pytest.mark.parametrize("images", [1, model_scores.CHUNK, model_scores.CHUNK + 1])
def test_masks_as_codes_are_those_of_the_predictions_whatever_the_chunk(images):
    model, dataset = ours(MaskRCNN), [(maps, TARGET) for maps in maps_of(images)]
    coded = model_scores.predict_codes(model, dataset)
    assert len(coded) == images and any(len(each["masks"]) for each in coded)
    for a, b in zip(coded, predict(model, dataset), strict=True):
        torch.testing.assert_close(a["scores"], b["scores"])
        assert len(a["masks"]) == len(b["masks"])
        for code, mask in zip(a["masks"], b["masks"][:, 0], strict=True):
            assert ((rle_decode(code) != (mask > 0.5)).sum()) <= 2  # batches of other sizes round otherwise


def test_intervals_of_boxes_and_masks_are_those_of_coco():
    model, dataset = ours(MaskRCNN), [(maps, TARGET) for maps in maps_of(3)]
    found = model_scores.mask_intervals(model, dataset)
    predictions, targets = model_scores.predict_codes(model, dataset), [target for _, target in dataset]
    assert list(found) == ["AP", "AP50", "AP75", "mask_AP", "mask_AP50", "mask_AP75"]
    for kind, name in (("boxes", "AP50"), ("masks", "mask_AP50")):
        assert found[name][0] == pytest.approx(coco_metrics(predictions, targets, kind)["AP50"], abs=1e-4)


def test_two_ways_of_pooling_are_compared_on_the_same_images():
    models = {name: ours(MaskRCNN, pool=pool) for name, pool in experiments.POOLS.items()}
    dataset = [(maps, TARGET) for maps in maps_of(3)]
    found = model_scores.compared_mask_intervals(models, dataset)
    for name, model in models.items():
        for score, interval in model_scores.mask_intervals(model, dataset).items():
            assert found[f"{name}_{score}"] == interval
            gain = found[f"roi_align_{score}"][0] - found[f"roi_pool_{score}"][0]
            assert found[f"difference_{score}"][0] == pytest.approx(gain, abs=1.5e-4)
    assert any(low <= value <= high and value for value, low, high in found.values())


def test_the_two_models_of_the_comparison_begin_and_learn_alike(monkeypatch):
    """But for the pooling: the same first weights, batches, steps and learning rate."""
    begun = []

    def instead(model, dataset, *schedule, **options):
        begun.append((model.pool, {k: v.clone() for k, v in model.state_dict().items()}, schedule, options))
        return 0.0

    row = replace(RECIPES["pooling"], task=replace(RECIPES["pooling"].task, items=lambda model: []))
    monkeypatch.setattr(recipe, "timed_fit", instead)
    monkeypatch.setattr(experiments, "still_life_features", str)
    monkeypatch.setattr(experiments, "compared_mask_intervals", lambda models, split: list(models))
    record = row.run("pooling", 1000, seed=3)
    (pool, state, *how), (other_pool, other_state, *other_how) = begun
    assert (pool, other_pool) == tuple(experiments.POOLS.values()) and how == other_how
    assert all(torch.equal(state[name], other_state[name]) for name in state)
    assert record["scores"]["test_scenes"] == ["roi_align", "roi_pool"] and record["weights"] == []


TWO_STAGE = [
    name for name, row in RECIPES.items() if row.model in (FasterRCNN, MaskRCNN) and "weights" in row.options
]


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("name", TWO_STAGE)
def test_a_recipe_of_two_steps_gives_a_record_and_small_weights(name, monkeypatch, tmp_path):
    def few(split, *_, **__):
        return Subset(still_life_features(split), range(20))

    monkeypatch.setattr(table, "still_life_features", few)
    monkeypatch.setattr(experiments, "still_life_features", few)
    path = tmp_path / "weights.safetensors"
    row = RECIPES[name]
    record = row.run(name, steps=2, seed=0, weights=path)
    assert record["recipe"] == name and record["steps"] == 2
    assert list(record["scores"]) == list(row.task.tests)
    saved = [tmp_path / file for file in record.get("weights", [path.name])]
    assert saved and sorted(tmp_path.iterdir()) == sorted(saved)
    assert all(1e6 < file.stat().st_size < 1e7 for file in saved)


def test_a_long_training_begins_with_shipped_weights_and_keeps_a_checkpoint(monkeypatch, tmp_path):
    seen = {}

    def instead(model, items, steps, seed, **options):
        seen.update(options, state=model.state_dict())
        return (step for step in ())

    monkeypatch.setattr(training, "fit", instead)
    row = replace(
        RECIPES["mask_rcnn_long"],
        task=replace(table.MASKS, items=lambda model: [], test_items=lambda *_: [], score=lambda *_: {}),
    )
    record = row.run("mask_rcnn_long", 1500, 0, tmp_path / "w.safetensors")
    assert (
        record["weights"] == ["w.safetensors"]
        and seen["checkpoint"] == f"{tmp_path}/w.safetensors.checkpoint"
    )
    assert (seen["lr"], seen["batch_size"]) == (2e-3, 8)
    start, _ = read_tensors(checkpoint("faster_rcnn"))
    assert start and all(torch.equal(seen["state"][name], value.float()) for name, value in start.items())
