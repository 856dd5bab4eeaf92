"""`coursekit evaluate` and `predict`, as a person calls them, on a COCO folder with pictures of many sizes."""

import json

import pytest
from commanded import TWELVE, train, write_without_segmentations
from PIL import Image

from coursekit.cli import main

pytestmark = pytest.mark.usefixtures("here")


def test_evaluate_writes_the_twelve_numbers(folder, whole, here, capsys):
    assert main(["evaluate", "--weights", str(whole), "--data", str(folder), "--json", "s.json"]) == 0
    said, report = capsys.readouterr().out, json.loads((here / "s.json").read_text())
    assert list(report["scores"]) == TWELVE and report["images"] == 6 and report["step"] == 6
    lines = said.splitlines()
    assert lines[0].startswith("6 images, 5 bars, 5 squares, COCO, from annotations.json; with fewer than 10")
    assert lines[1] == "These images were trained on: the scores say little about new images."
    assert lines[2].startswith("retinanet on 6 images of ")
    assert [line.split()[0] for line in lines[3:15]] == TWELVE


@pytest.fixture(scope="module")
def masks(folder, tmp_path_factory):
    """The file of a Mask R-CNN."""
    out = tmp_path_factory.mktemp("masks") / "w.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "features"))
        assert train(folder, model="mask_rcnn", steps=20, out=str(out)) == 0
    return out


def test_the_masks_of_mask_rcnn_are_scored_too(folder, masks, here, capsys):
    assert main(["evaluate", "--weights", str(masks), "--data", str(folder), "--json", "s.json"]) == 0
    said, report = capsys.readouterr().out, json.loads((here / "s.json").read_text())
    assert list(report["scores"]) == [*TWELVE, *(f"mask_{name}" for name in TWELVE)]
    lines = said.splitlines()
    assert lines[3].split() == ["boxes", "masks"]
    assert [len(line.split()) for line in lines[4:16]] == [3] * 12


def test_masks_of_data_without_segmentations_are_not_scored_and_that_is_said(folder, masks, here, capsys):
    boxes_alone = write_without_segmentations(folder, here)
    assert main(["evaluate", "--weights", str(masks), "--data", str(boxes_alone), "--json", "s.json"]) == 0
    assert "Its masks are not scored: the data has no segmentations." in capsys.readouterr().out
    assert list(json.loads((here / "s.json").read_text())["scores"]) == TWELVE


def test_predict_says_and_draws_the_masks(folder, masks, here, capsys):
    picture = str(folder / "images" / "0.png")
    assert main(["predict", picture, "--weights", str(masks), "--threshold", "0", "--out", "a.png"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and all("  mask of " in line for line in lines[:-1])
    assert main(["predict", picture, "--weights", str(masks), "--threshold", "1", "--out", "b.png"]) == 0
    assert capsys.readouterr().out.startswith("0 objects")
    drawn, plain = Image.open(here / "a.png"), Image.open(here / "b.png")
    assert drawn.size == plain.size and drawn.tobytes() != plain.tobytes()


@pytest.mark.parametrize("out", [None, "deep/found.png"])
def test_predict_needs_no_model_and_draws(folder, whole, here, capsys, out):
    picture = folder / "images" / "0.png"
    options = ["--out", out] if out else []
    assert main(["predict", str(picture), "--weights", str(whole), "--threshold", "0", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and all(line.split()[0] in ("bar", "square") for line in lines[:-1])
    assert f"drawn in {out or '0_found.webp'}." in lines[-1]
    drawn = Image.open(here / (out or "0_found.webp"))
    assert drawn.width / drawn.height == pytest.approx(120 / 90, rel=0.05)
