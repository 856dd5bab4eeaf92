"""What the commands train on: the recipes' numbers, and pictures, boxes and classes of any COCO folder."""

import json

import pytest
import torch
from commanded import stretched_items
from shapes_folder import write_folder

from coursekit import ops, training
from coursekit.cli import main
from coursekit.commands.datasets import (
    common_size,
    in_original_pixels,
    open_data,
    pixels_of,
    size_of,
)
from coursekit.commands.models import MODELS, SEGMENTERS, class_of
from coursekit.schema import validate


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "features"))


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "shapes")


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_trained_as_its_recipe_says(monkeypatch, tmp_path, name):
    """Unless another option is given: the same steps, batches and learning rate, on the same split."""

    class Started(Exception):
        pass

    def instead(model, items, steps, **options):
        raise Started(type(model), items, steps, options["batch_size"], options["lr"])

    def items_of(dataset, seen, *options):
        return dataset, seen.levels, seen.kind

    recipe, preview = MODELS[name], open_data("preview", "train")
    data = {recipe.task.splits[0]: preview}
    monkeypatch.setattr("coursekit.commands.train.open_data", lambda split, *_: data[split])
    monkeypatch.setattr("coursekit.commands.train.training_items", items_of)
    monkeypatch.setattr(training, "fit", instead)
    monkeypatch.setattr("coursekit.commands.settings.MOST_VIEWS", 1000)  # 64 scenes are a small set
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Started) as started:
        main(["train", name, "--val", "none"])
    levels = class_of(recipe).levels if name in SEGMENTERS else ("C3", "C4", "C5")
    kind = "semantic" if name in SEGMENTERS else "masks" if name == "mask_rcnn" else "boxes"
    items = preview, levels, kind
    assert started.value.args == (class_of(recipe), items, recipe.steps, recipe.batch_size, recipe.lr)
    assert recipe.follow is None and recipe.task.splits[0].endswith("train")


@pytest.mark.parametrize("masks", [False, True])
def test_the_items_are_those_of_the_recipes(masks):
    """Boxes, labels, masks and features of the still lifes, mirrored ones after the others."""
    dataset = open_data("preview", "train")
    items = stretched_items(dataset, common_size(dataset), masks=masks)
    assert len(items) == 128 and items[0][0]["C3"].shape == (40, 12, 12)
    for i in (0, 63):
        expected, (_, straight), (_, mirrored) = dataset.target(i), items[i], items[64 + i]
        assert torch.equal(straight["boxes"], expected["boxes"]) and ("masks" in straight) == masks
        if masks:
            assert torch.equal(straight["masks"], expected["masks"])
            assert torch.equal(mirrored["masks"], expected["masks"].flip(2))
        left, right = mirrored["boxes"][:, 0], mirrored["boxes"][:, 2]
        torch.testing.assert_close(96 - right, expected["boxes"][:, 0])
        torch.testing.assert_close(96 - left, expected["boxes"][:, 2])


def test_boxes_come_back_to_the_pixels_of_their_pictures(folder):
    dataset = open_data(str(folder), "train")
    assert common_size(dataset) == (320, 320) and common_size(dataset, 64) == (64, 64)
    items = stretched_items(dataset, (64, 64), on_features=False)
    assert items[1][0].shape == (3, 64, 64)
    for i in range(6):
        back = in_original_pixels(items[i][1], (64, 64), size_of(dataset, i))
        torch.testing.assert_close(back["boxes"], dataset.target(i)["boxes"])


@pytest.mark.parametrize("side", [64, 160, 640])
def test_masks_fill_their_boxes_and_come_back_to_their_pictures(folder, side):
    """Whatever the size, and as the model wants them: no mask has more pixels than its box."""
    dataset = open_data(str(folder), "train")
    items = stretched_items(dataset, (side, side), on_features=False, masks=True)
    for i in range(12):
        target, expected = items[i][1], dataset.target(i % 6)["masks"]
        validate([target])
        assert target["masks"].shape == (len(target["boxes"]), side, side)
        around = ops.masks_to_boxes(target["masks"])
        torch.testing.assert_close(around, target["boxes"], rtol=0, atol=0.501)
        assert torch.equal(target["masks"], pixels_of(around, (side, side)))  # these objects fill their boxes
        if i < 6:
            found = target | {"masks": target["masks"][:, None].float()}
            codes = in_original_pixels(found, (side, side), size_of(dataset, i))["masks"]
            for k, code in enumerate(codes):
                assert ops.mask_iou(ops.rle_decode(code)[None], expected[k : k + 1]) > (
                    0.8 if side == 64 else 0.95
                )


def test_a_polygon_may_cover_a_pixel_beyond_its_box(tmp_path):
    """COCO's polygons do; ten times as large it would be ten pixels, as if the box were none."""
    root = write_folder(tmp_path / "generous")
    coco = json.loads((root / "annotations.json").read_text())
    for row in coco["annotations"]:
        x, y, w, h = row["bbox"]
        row["segmentation"] = [[x, y, x + w + 1, y, x + w + 1, y + h + 1, x, y + h + 1]]
    (root / "annotations.json").write_text(json.dumps(coco))
    validate([stretched_items(open_data(str(root), "train"), (640, 640), False, True)[0][1]])


def test_crowds_are_no_objects_to_train_on(tmp_path):
    root = write_folder(tmp_path / "crowd", empty=None)
    text = (root / "annotations.json").read_text()
    (root / "annotations.json").write_text(text.replace('"iscrowd": 0', '"iscrowd": 1', 1))
    items = stretched_items(open_data(str(root), "train"), (64, 64), False)
    assert [len(items[i][1]["labels"]) for i in (0, 1, 6, 7)] == [1, 2, 1, 2]
