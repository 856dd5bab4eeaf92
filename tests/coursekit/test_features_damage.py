"""A cache of features that was cut, changed or made of other data is computed again, never believed."""

import json
import shutil

import pytest
from noise_backbone import LEVELS, Means, Noise, is_right, only_folder

from coursekit.data.features import cached_features


def truncate(folder):
    content = (folder / "C3.npy").read_bytes()
    (folder / "C3.npy").write_bytes(content[: len(content) // 2])


def change_a_byte(folder):
    content = bytearray((folder / "C2.npy").read_bytes())
    content[-9] ^= 64
    (folder / "C2.npy").write_bytes(content)


def cut_the_header(folder):
    (folder / "header.json").write_text((folder / "header.json").read_text()[:50])


def forget_the_header_entry(folder):
    header = json.loads((folder / "header.json").read_text())
    del header["shapes"]
    (folder / "header.json").write_text(json.dumps(header))


def remove_a_level(folder):
    (folder / "C2.npy").unlink()


def swap_levels(folder):
    (folder / "C2.npy").rename(folder / "spare")
    (folder / "C3.npy").rename(folder / "C2.npy")
    (folder / "spare").rename(folder / "C3.npy")


@pytest.mark.parametrize(
    "damage", [truncate, change_a_byte, cut_the_header, forget_the_header_entry, remove_a_level, swap_levels]
)
def test_a_damaged_cache_is_computed_again_with_a_warning(tmp_path, damage):
    cached_features(Noise(), Means(), LEVELS, tmp_path)
    damage(only_folder(tmp_path))
    backbone = Means()
    with pytest.warns(UserWarning, match="are computed again"):
        features = cached_features(Noise(), backbone, LEVELS, tmp_path)
    assert backbone.images == 37 and is_right(features, Noise())


def test_a_cache_of_another_dataset_is_not_believed(tmp_path):
    cached_features(Noise(), Means(), LEVELS, tmp_path / "here")
    cached_features(Noise(fingerprint="other"), Means(), LEVELS, tmp_path / "there")
    ours, foreign = only_folder(tmp_path / "here"), only_folder(tmp_path / "there")
    shutil.rmtree(ours)
    shutil.copytree(foreign, ours)
    with pytest.warns(UserWarning, match="another dataset or to other weights"):
        assert is_right(cached_features(Noise(), Means(), LEVELS, tmp_path / "here"), Noise())
