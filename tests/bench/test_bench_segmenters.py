"""The comparison of segmenters runs, on one small peer and one turn."""

from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
PEER = "torchvision lraspp_mobilenet_v3_large"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(BENCH)
    import segmenters

    monkeypatch.setattr(segmenters, "BATCH", 2)
    monkeypatch.setattr(segmenters, "THEIRS", {PEER: segmenters.THEIRS[PEER]})
    monkeypatch.setattr(segmenters, "TESTS", ("preview",))
    small = segmenters.InMemory
    monkeypatch.setattr(segmenters, "InMemory", lambda split, mirrored=False: small("preview", mirrored))
    return segmenters


def test_every_model_takes_its_turns(bench):
    found = bench.speeds(rounds=1)
    assert list(found) == [
        f"{name}, from {what}" for name in bench.OURS for what in ("cached features", "images")
    ] + [PEER]
    assert all(speed > 0 for speed in found.values())


def test_a_peer_is_trained_for_its_seconds_and_scored(bench):
    found = bench.train_peer(PEER, seconds=0.2, pictures=4)
    assert found["steps"] >= 1 and found["cpu_minutes"] >= 0
    low, high = found["scores"]["preview"]["mean_iou"][1:]
    assert 0 <= low <= high <= 1
    text = bench.tables(
        {
            "machine": "here",
            "speed_machine": "there",
            "accuracy": {PEER: found},
            "images_per_second": {PEER: 3.0},
        }
    )
    assert f"| {PEER} | {found['steps']} |" in text and f"| {PEER} | 3.0 |" in text


def test_mirror_images_follow(bench):
    data = bench.InMemory("train", mirrored=True)
    half = len(data) // 2
    (image, target), (mirrored, other) = data[3], data[half + 3]
    assert (image.flip(-1) == mirrored).all() and (target["semantic"].flip(-1) == other["semantic"]).all()
