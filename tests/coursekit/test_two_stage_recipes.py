"""The recipes of the two-stage models: masks survive as run-length codes, and all steps of a recipe fit together."""

import pytest
import torch
from made_up_detectors import objects
from small_two_stage import SIZE, maps_of, ours
from torch.utils.data import Subset

from coursekit.metrics import coco_metrics
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.ops import rle_decode
from coursekit.recipes import two_stage
from coursekit.training import predict

TARGET = objects(torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]]), torch.tensor([2, 3]), *SIZE)


@pytest.mark.parametrize("images", [1, two_stage.CHUNK, two_stage.CHUNK + 1])
def test_masks_as_codes_are_those_of_the_predictions_whatever_the_chunk(images):
    model, dataset = ours(MaskRCNN), [(maps, TARGET) for maps in maps_of(images)]
    coded = two_stage.predict_codes(model, dataset)
    assert len(coded) == images and any(len(each["masks"]) for each in coded)
    for a, b in zip(coded, predict(model, dataset), strict=True):
        torch.testing.assert_close(a["scores"], b["scores"])
        assert len(a["masks"]) == len(b["masks"])
        for code, mask in zip(a["masks"], b["masks"][:, 0], strict=True):
            assert ((rle_decode(code) != (mask > 0.5)).sum()) <= 2  # batches of other sizes round otherwise


def test_intervals_of_boxes_and_masks_are_those_of_coco():
    model, dataset = ours(MaskRCNN), [(maps, TARGET) for maps in maps_of(3)]
    found = two_stage.mask_intervals(model, dataset)
    predictions, targets = two_stage.predict_codes(model, dataset), [target for _, target in dataset]
    assert list(found) == ["AP", "AP50", "AP75", "mask_AP", "mask_AP50", "mask_AP75"]
    for kind, name in (("boxes", "AP50"), ("masks", "mask_AP50")):
        assert found[name][0] == pytest.approx(coco_metrics(predictions, targets, kind)["AP50"], abs=1e-4)


def test_two_ways_of_pooling_are_compared_on_the_same_images():
    models = {name: ours(MaskRCNN, pool=pool) for name, pool in two_stage.POOLS.items()}
    dataset = [(maps, TARGET) for maps in maps_of(3)]
    found = two_stage.pooling_intervals(models, dataset)
    for name, model in models.items():
        for score, interval in two_stage.mask_intervals(model, dataset).items():
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

    monkeypatch.setattr(two_stage, "train", instead)
    monkeypatch.setattr(two_stage, "scenes_with_masks", list)
    monkeypatch.setattr(two_stage, "features", str)
    monkeypatch.setattr(two_stage, "pooling_intervals", lambda models, split: list(models))
    record = two_stage.pooling(seed=3)
    (pool, state, *how), (other_pool, other_state, *other_how) = begun
    assert (pool, other_pool) == tuple(two_stage.POOLS.values()) and how == other_how
    assert all(torch.equal(state[name], other_state[name]) for name in state)
    assert record["scores"]["test_scenes"] == ["roi_align", "roi_pool"] and record["weights"] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", two_stage.RECIPES)
def test_a_recipe_of_two_steps_gives_a_record_and_small_weights(name, monkeypatch, tmp_path):
    few = {split: Subset(two_stage.features(split), range(20)) for split in ("train", *two_stage.TESTS)}
    monkeypatch.setattr("coursekit.recipes.detection.features", few.get)
    monkeypatch.setattr(two_stage, "features", few.get)
    for module in ("detection", "two_stage"):
        monkeypatch.setattr(f"coursekit.recipes.{module}.scenes_and_mirror_images", lambda: few["train"])
    monkeypatch.setattr(two_stage, "scenes_with_masks", lambda: few["train"])
    path = tmp_path / "weights.safetensors"
    record = two_stage.RECIPES[name](steps=2, weights=path)
    assert record["recipe"] == name and record["steps"] == 2
    assert list(record["scores"]) == list(two_stage.TESTS)
    saved = [tmp_path / file for file in record.get("weights", [path.name])]
    assert saved and sorted(tmp_path.iterdir()) == sorted(saved)
    assert all(1e6 < file.stat().st_size < 1e7 for file in saved)
