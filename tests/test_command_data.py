"""What the commands train on: the recipes' numbers, and pictures, boxes and classes of any COCO folder."""

import pytest
import torch

from coursekit.commands.datasets import common_size, in_original_pixels, open_data, training_items
from coursekit.commands.models import MODELS
from coursekit.commands.train import LR
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.recipes import detection, localisation
from tests.shapes_folder import write_folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "features"))


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "shapes")


@pytest.mark.parametrize("name", MODELS)
def test_the_table_of_models_says_what_the_recipes_do(monkeypatch, name):
    class Seen(Exception):
        pass

    def instead(model, dataset, steps, seed, weights=None, batch_size=16, lr=LR):
        raise Seen(type(model), steps, batch_size, lr)

    for recipes in (detection, localisation):
        monkeypatch.setattr(recipes, "train", instead)
    monkeypatch.setattr(detection, "scenes_and_mirror_images", list)
    monkeypatch.setattr(localisation, "both_ways", lambda *_: [])
    named = MODELS[name]
    with pytest.raises(Seen) as seen:
        named.recipe()
    assert seen.value.args == (named.make, named.steps, named.batch_size, LR)


def test_the_items_are_those_of_the_recipes():
    """Boxes, labels and features of the still lifes, mirrored ones after the others."""
    dataset = open_data("preview", "train")
    items = training_items(dataset, common_size(dataset), efficientnet_lite0(), on_features=True)
    assert len(items) == 128 and items[0][0]["C3"].shape == (40, 12, 12)
    for i in (0, 63):
        expected, (_, straight), (_, mirrored) = dataset.target(i), items[i], items[64 + i]
        assert torch.equal(straight["boxes"], expected["boxes"]) and "masks" not in straight
        left, right = mirrored["boxes"][:, 0], mirrored["boxes"][:, 2]
        torch.testing.assert_close(96 - right, expected["boxes"][:, 0])
        torch.testing.assert_close(96 - left, expected["boxes"][:, 2])


def test_boxes_come_back_to_the_pixels_of_their_pictures(folder):
    dataset = open_data(str(folder), "train")
    assert common_size(dataset) == (320, 320) and common_size(dataset, 64) == (64, 64)
    items = training_items(dataset, (64, 64), efficientnet_lite0(), on_features=False)
    assert items[1][0].shape == (3, 64, 64)
    back = in_original_pixels([items[i][1] for i in range(6)], dataset, (64, 64))
    for i, found in enumerate(back):
        torch.testing.assert_close(found["boxes"], dataset.target(i)["boxes"])


def test_crowds_are_no_objects_to_train_on(tmp_path):
    root = write_folder(tmp_path / "crowd", empty=None)
    text = (root / "annotations.json").read_text()
    (root / "annotations.json").write_text(text.replace('"iscrowd": 0', '"iscrowd": 1', 1))
    items = training_items(open_data(str(root), "train"), (64, 64), efficientnet_lite0(), False)
    assert [len(items[i][1]["labels"]) for i in (0, 1, 6, 7)] == [1, 2, 1, 2]
