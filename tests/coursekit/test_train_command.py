"""`coursekit train`, as a person calls it, on a COCO folder with pictures of many sizes."""

import json

import pytest
import torch
from commanded import train

from coursekit.cli import main
from coursekit.commands.models import MODELS, SEGMENTERS, read_facts
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.weights import read_tensors

pytestmark = pytest.mark.usefixtures("here")


def test_train_says_beforehand_how_long_and_where_the_weights_are(folder, here, capsys):
    assert train(folder) == 0
    said = capsys.readouterr().out
    assert said.startswith("6 images, 5 bars, 5 squares, COCO, from annotations.json")
    assert "Training takes about " in said and "6 steps of 2 images" in said
    assert "The weights after 6 of 6 steps are in w.safetensors." in said
    files = sorted(path.name for path in here.iterdir())
    assert files == ["w.losses.csv", "w.losses.png", "w.safetensors"]
    facts = read_facts(here / "w.safetensors")
    assert (facts.name, facts.classes, facts.size, facts.steps) == (
        "retinanet",
        ("bar", "square"),
        (64, 64),
        6,
    )


@pytest.mark.parametrize(
    "model",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SEGMENTERS[1:] else []) for name in MODELS],
)
def test_every_model_of_the_table_trains_and_evaluates(folder, here, model, capsys):
    single = write_single(folder, here) if model == "localiser" else folder
    assert train(single, model=model, steps=2) == 0
    assert main(["evaluate", model, "--weights", "w.safetensors", "--data", str(single)]) == 0
    assert read_facts(here / "w.safetensors").name == model


def write_single(folder, here):
    """The same pictures without the bars and without the empty one."""
    coco = json.loads((folder / "annotations.json").read_text())
    coco["annotations"] = [row for row in coco["annotations"] if row["category_id"] == 7]
    seen = {row["image_id"] for row in coco["annotations"]}
    coco["images"] = [image for image in coco["images"] if image["id"] in seen]
    (here / "single").mkdir()
    (here / "single" / "a.json").write_text(json.dumps(coco), encoding="utf-8")
    (here / "single" / "images").symlink_to(folder / "images")
    return here / "single"


@pytest.mark.parametrize("model", ["retinanet", "mask_rcnn"])
def test_fine_tuning_changes_the_backbone_and_keeps_it_in_the_file(folder, here, capsys, model):
    assert train(folder, "--fine-tune", model=model, steps=3) == 0
    tensors, _ = read_tensors(here / "w.safetensors")
    before = {f"backbone.{name}": value for name, value in efficientnet_lite0().state_dict().items()}
    changed = {name.split(".")[2] for name in before if not torch.equal(tensors[name], before[name])}
    assert changed == {"C5"}
    assert main(["evaluate", "--weights", "w.safetensors", "--data", str(folder)]) == 0
    assert main(["predict", str(folder / "images" / "1.png"), "--weights", "w.safetensors"]) == 0


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize(
    "model, options",
    [
        ("retinanet", []),
        ("retinanet", ["--fine-tune", "--lr", "0.003"]),
        ("faster_rcnn", []),
        ("mask_rcnn", []),
    ],
    ids=["on features", "end to end", "two stages", "masks"],
)
def test_it_learns_to_find_what_it_was_shown(folder, here, capsys, model, options):
    """The whole way, in pixels of pictures of five shapes: a box that came back wrong would not overlap."""
    options = ["--size", "128", "--batch-size", "4", "--steps", "150", *options]
    assert main(["train", model, "--data", str(folder), "--weights", "w.safetensors", *options]) == 0
    assert main(["evaluate", "--weights", "w.safetensors", "--data", str(folder), "--json", "s.json"]) == 0
    scores = json.loads((here / "s.json").read_text())["scores"]
    for kind in ("", "mask_") if model == "mask_rcnn" else ("",):
        assert scores[f"{kind}AP50"] > 0.75 and scores[f"{kind}AP"] > 0.4, scores
