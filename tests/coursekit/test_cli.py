"""The commands, as a person calls them."""

import hashlib
import json

import pytest

from coursekit.cli import damaged_files, main

COMMANDS = ("train", "evaluate", "predict", "export", "data")


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as leave:
        main(["--help"])
    said = capsys.readouterr().out
    assert leave.value.code == 0 and all(f"\n    {name} " in said for name in COMMANDS)


@pytest.fixture
def still_lifes(tmp_path, monkeypatch):
    folder = tmp_path / "still_life"
    (folder / "preview").mkdir(parents=True)
    coco = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 8, "height": 8}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
        ],
        "categories": [{"id": k, "name": name} for k, name in enumerate(names(), 1)],
    }
    (folder / "preview.json").write_text(json.dumps(coco), encoding="utf-8")
    from PIL import Image

    Image.new("RGB", (8, 8)).save(folder / "preview" / "1.jpg")
    files = ["preview.json", "preview/1.jpg"]
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in files]
    (folder / "checksums.sha256").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return folder


def names():
    from coursekit.data.still_life import CLASSES

    return CLASSES


def test_data_counts_the_objects(still_lifes, capsys):
    assert main(["data"]) == 0
    header, preview = capsys.readouterr().out.splitlines()
    assert preview.split() == ["preview", "1", *"0010000000"]
    assert "lemon" in header


def test_data_names_damaged_and_missing_files(still_lifes, capsys):
    (still_lifes / "preview" / "1.jpg").write_bytes(b"cut")
    assert main(["data"]) == 1
    assert "preview/1.jpg is damaged" in capsys.readouterr().err
    (still_lifes / "preview" / "1.jpg").unlink()
    assert list(damaged_files(still_lifes)) == [
        "preview/1.jpg is missing: restore it with `git checkout -- data`."
    ]
    (still_lifes / "checksums.sha256").unlink()
    assert main(["data"]) == 1
    assert "checksums.sha256" in capsys.readouterr().err
