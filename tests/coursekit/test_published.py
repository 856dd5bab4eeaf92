"""Every shipped file has one address and a row that knows it; every published record has a recipe."""

import subprocess
import sys

import pytest
import torch

import coursekit
from coursekit import SHIPPED, shipped
from coursekit.folders import checkpoint, data_folder
from coursekit.published import record, records
from coursekit.recipes.table import RECIPES
from coursekit.weights import read_tensors

FILES = {path.stem for path in (data_folder() / "checkpoints").glob("*.safetensors")}


def test_every_file_of_weights_has_a_row_and_every_row_a_file():
    assert FILES == SHIPPED.keys()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_load_and_predict(name):
    model, (tensors, _) = shipped(name), read_tensors(checkpoint(name))
    state = getattr(model, "detector", model).state_dict()  # SeveralScales has one
    assert not model.training and all(torch.equal(state[key], tensors[key].to(state[key])) for key in tensors)
    assert model([torch.rand(3, 192, 192)]) if name != "yolox_nano" else not model.training


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_know_what_they_are(name):
    known = SHIPPED[name]
    assert known.licence and {"yolox_nano": 80, "promptable": 1}.get(name, 10) == len(known.classes)
    if known.recipe:
        assert known.recipe in RECIPES
        assert list(known.scores) == list(RECIPES[known.recipe].task.tests)
        assert all(0 <= low <= value <= high <= 1 for value, low, high in first_scores(known))


def first_scores(known):
    return [next(iter(scores.values())) for scores in known.scores.values()]


def test_scores_of_a_comparison_are_told_apart():
    align, pool = (SHIPPED[f"mask_rcnn_{pool}"].scores["test_scenes"] for pool in ("roi_align", "roi_pool"))
    assert (
        align.keys()
        == pool.keys()
        == {f"{kind}{ap}" for kind in ("", "mask_") for ap in ("AP", "AP50", "AP75")}
    )
    assert align["mask_AP"] == tuple(record("pooling")["scores"]["test_scenes"]["roi_align_mask_AP"])
    assert align["mask_AP"] > pool["mask_AP"]


def test_weights_of_others_have_no_scores_here():
    assert SHIPPED["yolox_nano"].scores == {}


def test_another_name_is_refused_in_words():
    with pytest.raises(
        ValueError, match="no shipped weights 'yolo9000': use one of localiser_spatial, .*ssd"
    ):
        shipped("yolo9000")


def test_every_published_record_has_a_recipe():
    assert {each["recipe"] for each in records()} <= RECIPES.keys()
    for each in records():
        assert set(each["scores"]) == set(RECIPES[each["recipe"]].task.tests)


def test_records_are_told_apart_by_seed_and_steps():
    assert record("faster_rcnn", seed=1, steps=850)["steps"] == 850
    assert record("faster_rcnn", seed=1, steps=1700)["steps"] == 1700
    with pytest.raises(KeyError, match="no 'unet_add' of seed 0"):
        record("unet_add")


def test_the_package_is_imported_without_pytorch():
    code = "import sys, coursekit; assert 'torch' not in sys.modules; from coursekit import shipped"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'shiped'"):
        _ = coursekit.shiped
