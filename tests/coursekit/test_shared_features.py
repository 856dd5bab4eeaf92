"""The features of a class: read by everybody, written by nobody; what they lack goes to the student's own cache."""

import os
import sys

import pytest
from noise_backbone import LEVELS, Means, Noise, is_right

from coursekit.data.features import cached_features


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """A shared cache with the features of 37 images that cannot be written, and an empty one of a student."""
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "shared"))
    cached_features(Noise(), Means(), LEVELS)
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("COURSEKIT_SHARED_CACHE", str(tmp_path / "shared"))
    folders = [tmp_path / "shared", *(path for path in tmp_path.glob("shared/**") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield tmp_path / "shared"
    for folder in folders:
        folder.chmod(0o755)


def contents(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.rglob("*"))}


def test_shared_features_are_read_and_nothing_is_written(shared, tmp_path):
    before, backbone, opened = contents(shared), Means(), []
    listening = [True]

    def listen(event, arguments):  # root may write into any folder: so look at how files are opened
        if listening and event == "open" and str(shared) in str(arguments[0]):
            opened.append(arguments[2])

    sys.addaudithook(listen)
    assert is_right(cached_features(Noise(), backbone, LEVELS), Noise())
    listening.clear()
    assert backbone.images == 0 and opened
    assert not any(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) for flags in opened)
    assert contents(shared) == before and not (tmp_path / "own").exists()


def test_what_is_not_shared_goes_to_the_own_cache(shared, tmp_path):
    before, backbone = contents(shared), Means()
    assert is_right(cached_features(Noise(6), backbone, LEVELS), Noise(6))
    assert backbone.images == 6
    assert contents(shared) == before and any((tmp_path / "own").rglob("header.json"))


def test_damaged_shared_features_are_left_alone(shared):
    (path,) = shared.rglob(f"{LEVELS[0]}.npy")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-2] + b"\0\1")
    before, backbone = contents(shared), Means()
    assert is_right(cached_features(Noise(), backbone, LEVELS), Noise())
    assert backbone.images > 0 and contents(shared) == before
