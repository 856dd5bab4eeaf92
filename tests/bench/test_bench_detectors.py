"""The comparison of detectors: every shipped detector has its row, and they take turns."""

import json
from pathlib import Path

import pytest
import torch

import coursekit
from coursekit.recipes.table import BOXES, MASKS, RECIPES

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(BENCH)
    import detectors

    return detectors


def test_every_shipped_detector_has_a_row(bench):
    """But not the two Mask R-CNNs that differ in the pooling alone."""
    known = {name: each for name, each in coursekit.SHIPPED.items() if each.recipe and not each.prefix}
    detectors = {name for name, each in known.items() if RECIPES[each.recipe].task in (BOXES, MASKS)}
    rows = bench.OURS | bench.SHIPPED
    assert set(rows.values()) == detectors and len(rows) == len(bench.OURS) + len(bench.SHIPPED)
    for name in bench.OURS.values():
        assert coursekit.SHIPPED[name].recipe == name, (
            "trained here by its recipe, it has its shipped weights"
        )


def test_the_weights_of_this_run_count_before_the_shipped_ones(bench, monkeypatch, tmp_path):
    for part, names in (
        ("OURS", {"YOLO": "yolo"}),
        ("SHIPPED", {"Faster R-CNN": "faster_rcnn"}),
        ("THEIRS", {}),
    ):
        monkeypatch.setattr(bench, part, names)
    trained = coursekit.shipped("yolo")
    changed = next(name for name, _ in trained.named_parameters() if not name.startswith("backbone."))
    trained.get_parameter(changed).data.fill_(3)
    bench.training.save_weights(trained, tmp_path / "YOLO.safetensors")
    models = bench.models_to_time(tmp_path)
    assert list(models) == ["YOLO", "Faster R-CNN"]
    assert (models["YOLO"].get_parameter(changed) == 3).all()
    found = bench.speeds(models, rounds=2)
    assert list(found) == list(models) and all(speed > 0 for speed in found.values())


def test_the_tables(bench):
    scores = {split: {"AP": [0.5, 0.4, 0.6], "AP50": [0.8, 0.7, 0.9]} for split in bench.TESTS}
    found = {
        "machine": "here",
        "speed_machine": "there",
        "accuracy": {"FCOS": {"steps": 7, "cpu_minutes": 1.5, "scores": scores}},
        "images_per_second": {"FCOS": 30.0},
    }
    text = bench.tables(json.loads(json.dumps(found)))
    assert "| FCOS | 7 | 90 | 0.500 (0.400 to 0.600) | 0.800" in text and "| FCOS | 30.0 |" in text


def test_mirror_images_follow_with_their_boxes(bench, monkeypatch):
    one = coursekit.data.still_life("preview")
    monkeypatch.setattr(bench, "still_life", lambda split: one)
    data = bench.InMemory("preview", mirrored=True)
    (image, target), (mirrored, other) = data[0], data[len(one)]
    assert len(data) == 2 * len(one) and torch.equal(image.flip(-1), mirrored)
    assert torch.equal(other["boxes"][:, [0, 2]], image.shape[-1] - target["boxes"][:, [2, 0]])
