"""One set of pictures in three formats gives the same dicts, targets, features and weights."""

import json

import pytest
import torch
from commanded import assert_same, stretched_items
from shapes_folder import write_folder

from coursekit.cli import main
from coursekit.commands.datasets import open_data
from coursekit.data.coco_folder import checked_folder
from coursekit.data.holdout import held_out

FORMATS = ("coco", "voc", "yolo")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A COCO folder of boxes, with a picture without objects, and what `convert` makes of it."""
    root = tmp_path_factory.mktemp("formats")
    original = write_folder(root / "original")
    content = json.loads((original / "annotations.json").read_text())
    for row in content["annotations"]:
        del row["segmentation"]
    (original / "annotations.json").write_text(json.dumps(content))
    for form in FORMATS:
        assert main(["data", "convert", str(original), str(root / form), "--format", form]) == 0
    return {form: root / form for form in FORMATS} | {"original": original}


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "three formats"))


def test_the_dicts_are_the_same(folders):
    original = json.loads((folders["original"] / "annotations.json").read_text())
    found = [checked_folder(folders[form], "train") for form in FORMATS]
    first, second, third = (dataset.annotations for dataset in found)
    assert second == third and found[1].fingerprint == found[2].fingerprint
    names = {row["id"]: row["name"] for row in original["categories"]}
    ours = {row["id"]: row["name"] for row in second["categories"]}
    for dataset in (first, second):
        boxes = [(row["bbox"], row["area"]) for row in dataset["annotations"]]
        assert boxes == [(row["bbox"], row["area"]) for row in original["annotations"]]
    assert [ours[row["category_id"]] for row in second["annotations"]] == [
        names[row["category_id"]] for row in original["annotations"]
    ]


@pytest.mark.slow
def test_targets_and_features_are_the_same(folders):
    items = {form: stretched_items(open_data(str(folders[form]), "train"), (64, 64)) for form in FORMATS}
    for i in range(12):
        (features, target), *others = (items[form][i] for form in FORMATS)
        for other_features, other in others:
            assert all(torch.equal(features[level], other_features[level]) for level in features)
            assert torch.equal(target["boxes"], other["boxes"])
            assert torch.equal(target["labels"], other["labels"])


@pytest.mark.slow
def test_the_weights_are_the_same(folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--size", "64", "--batch-size", "2", "--steps", "4"]
    for form in FORMATS:
        words = ["train", "retinanet", "--data", str(folders[form]), "--weights", f"{form}.safetensors"]
        assert main([*words, *options]) == 0
    for form in FORMATS[1:]:
        assert_same(tmp_path / f"{form}.safetensors", tmp_path / "coco.safetensors")


def test_masks_survive_in_voc(tmp_path):
    original = write_folder(tmp_path / "original")
    assert main(["data", "convert", str(original), str(tmp_path / "voc"), "--format", "voc"]) == 0
    ours, theirs = checked_folder(tmp_path / "voc", "train", masks=True), checked_folder(original, "train")
    masks = [dataset.target(0)["masks"] for dataset in (ours, theirs)]
    assert torch.equal(*masks) and masks[0].any()
    assert not torch.equal(masks[0], torch.zeros_like(masks[0]))


def test_conversion_never_writes_over_anything(tmp_path, capsys):
    original = write_folder(tmp_path / "original")
    assert main(["data", "convert", str(original), str(original)]) == 1
    assert "is there already and not empty" in capsys.readouterr().err


def test_more_pictures_move_none_to_the_other_side():
    names = [f"IMG_{i:04d}.jpg" for i in range(500)]
    few, many = held_out(names[:200]), held_out(names)
    assert few == many & set(names[:200])
    assert 70 < len(many) < 130
    copies = [f"IMG_{i:04d}_jpg.rf.{k}.jpg" for i in range(50) for k in "abc"]
    out = {name.split(".rf.")[0] for name in held_out(copies)}
    assert len(held_out(copies)) == 3 * len(out) > 0


def test_a_folder_without_a_split_is_split_by_names_alone(tmp_path):
    from PIL import Image

    whole = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "cat"}]}
    for i in range(1, 21):
        Image.new("RGB", (8, 6), (i, i, i)).save(tmp_path / f"{i}.png")
        whole["images"].append({"id": i, "file_name": f"{i}.png", "width": 8, "height": 6})
        whole["annotations"].append({"id": i, "image_id": i, "category_id": 1, "bbox": [1, 1, 4, 4]})
    (tmp_path / "a.json").write_text(json.dumps(whole))
    sides = [checked_folder(tmp_path, purpose) for purpose in ("train", "val")]
    names = [{image["file_name"] for image in side.annotations["images"]} for side in sides]
    assert names[0] | names[1] == {f"{i}.png" for i in range(1, 21)} and not names[0] & names[1]
    assert f"so {len(names[1])} of 20 pictures, by their names, are kept for validation" in sides[0].notes[0]
    assert len(checked_folder(tmp_path / "a.json", "val")) == 20, "a file that is named is taken whole"
    assert len(checked_folder(tmp_path, "val", hold_out=False)) == 20
    assert sorted(path.name for path in tmp_path.iterdir())[-1] == "a.json", (
        "nothing is written beside the data"
    )
