"""Features on disk: computed once, right, never mixed; interrupted, damaged and foreign caches are mended."""

import shutil
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from noise_backbone import LEVELS, Means, Noise, is_right, only_folder
from torch.utils.data import ConcatDataset

from coursekit.data.features import BATCH_SIZE, cached_features
from coursekit.data.transforms import Flipped, Resized
from coursekit.nets.efficientnet import efficientnet_lite0


def test_the_features_are_those_of_the_backbone(tmp_path):
    backbone, dataset = efficientnet_lite0(), Noise(images=3)
    features = cached_features(dataset, backbone, folder=tmp_path)
    with torch.no_grad():
        expected = backbone(dataset[2][0][None])
    maps, _ = features[2]
    assert list(maps) == ["C3", "C4", "C5"]
    for level in maps:
        torch.testing.assert_close(maps[level], expected[level][0], atol=1e-2, rtol=2e-3)


def test_they_are_computed_once(tmp_path):
    backbone = Means()
    first = cached_features(Noise(), backbone, LEVELS, tmp_path)
    assert is_right(first, Noise()) and backbone.images == 37
    dataset = Noise()
    again = cached_features(dataset, backbone, LEVELS, tmp_path)
    assert backbone.images == 37 and dataset.read == 0
    assert is_right(again, Noise()) and len(again) == 37


def test_the_backbone_keeps_its_mode(tmp_path):
    backbone = Means().train()
    cached_features(Noise(3), backbone, LEVELS, tmp_path)
    assert backbone.training


def test_two_that_ask_at_once_share_the_work(tmp_path):
    def ask(_):
        backbone = Means()
        assert is_right(cached_features(Noise(), backbone, LEVELS, tmp_path), Noise())
        return backbone.images

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(ask, range(2))) == [0, 37]


def test_datasets_weights_and_levels_never_mix(tmp_path):
    backbone = Means()
    noise = cached_features(Noise(), backbone, LEVELS, tmp_path)
    flipped = cached_features(Flipped(Noise()), backbone, LEVELS, tmp_path)
    cached_features(Noise(), Means("others"), LEVELS, tmp_path)
    cached_features(Noise(), backbone, ("C3",), tmp_path)
    assert len(list(filter(Path.is_dir, tmp_path.iterdir()))) == 4
    torch.testing.assert_close(flipped[1][0]["C3"], noise[1][0]["C3"].flip(-1), atol=1e-3, rtol=0)
    both = ConcatDataset([noise, flipped])
    assert both[38][1]["boxes"].equal(flipped[1][1]["boxes"]) and len(both) == 74


def test_an_interrupted_run_goes_on_after_its_last_batch(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        cached_features(Noise(), Means(stop_after=BATCH_SIZE), LEVELS, tmp_path)
    backbone = Means()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = cached_features(Noise(), backbone, LEVELS, tmp_path)
    assert backbone.images == 37 - BATCH_SIZE
    assert is_right(features, Noise())


def test_the_default_folder_is_the_one_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path))
    cached_features(Noise(3), Means(), LEVELS)
    assert (only_folder(tmp_path / "features") / "header.json").is_file()


def test_the_bar_says_beforehand_how_long_it_takes(tmp_path, capsys):
    cached_features(Noise(), Means(), LEVELS, tmp_path)
    assert "features of 37 images, once, about 0 s" in capsys.readouterr().err


def test_images_of_different_sizes_are_answered_in_words(tmp_path):
    with pytest.raises(ValueError, match="image 20 is 48 x 32 pixels but image 0 is 32 x 48: resize first"):
        cached_features(Noise(mixed=True), Means(), LEVELS, tmp_path)
    features = cached_features(Resized(Noise(mixed=True), (32, 64)), Means(), LEVELS, tmp_path)
    assert features[20][0]["C3"].shape == (3, 4, 8)


def with_transform():
    dataset = Noise()
    dataset.transform = lambda image, target: (image, target)
    return dataset


@pytest.mark.parametrize(
    "dataset, words",
    [
        (Noise(images=0), "no images"),
        (ConcatDataset([Noise(), Noise()]), "ConcatDataset has no fingerprint"),
        (with_transform(), "with a transform"),
        (Flipped(with_transform()), "with a transform"),
    ],
)
def test_datasets_that_cannot_be_kept_are_answered_in_words(tmp_path, dataset, words):
    with pytest.raises(ValueError, match=words):
        cached_features(dataset, Means(), LEVELS, tmp_path)


def test_an_unknown_level_is_answered_in_words(tmp_path):
    with pytest.raises(ValueError, match="C9.*not among the backbone's: C2, C3"):
        cached_features(Noise(), Means(), ("C3", "C9"), tmp_path)


def test_a_folder_that_cannot_be_written_is_answered_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="cannot be written: set COURSEKIT_CACHE"):
        cached_features(Noise(), Means(), LEVELS, tmp_path / "file")


def test_a_full_disk_is_noticed_before_anything_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(OSError, match="MB left"):
        cached_features(Noise(), Means(), LEVELS, tmp_path)


def test_a_batch_of_sixteen_is_read_in_no_time(tmp_path):
    class Still(Means):
        def forward(self, images):
            sizes = {"C3": (40, 24), "C4": (112, 12), "C5": (320, 6)}
            return {level: images.new_ones(len(images), c, side, side) for level, (c, side) in sizes.items()}

    features = cached_features(Noise(64, (192, 192)), Still(), folder=tmp_path)
    [features[i] for i in range(64)]  # every target was asked for once
    seconds = []
    for start in range(0, 64, 16):
        begin = time.process_time()
        batch = [features[i] for i in range(start, start + 16)]
        torch.stack([maps["C4"] for maps, _ in batch])
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.01  # 2 ms when the machine is quiet
