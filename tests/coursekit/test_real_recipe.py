"""The detector for photographs: what it is trained on and scored by, and that its weights take an image of any size."""

import pytest
import torch
from made_up_detectors import FakeBackbone, talkative
from torchvision.utils import save_image

from coursekit import SHIPPED, shipped
from coursekit.cli import main
from coursekit.data.photos import photo
from coursekit.data.still_life import still_life
from coursekit.folders import checkpoint
from coursekit.models.several_scales import LONGEST_SIDES, SeveralScales
from coursekit.nets.efficientnet import EfficientNetLite2
from coursekit.recipes import real
from coursekit.recipes.table import RECIPES


@pytest.fixture(scope="module")
def model():
    return shipped("retinanet_real")


@pytest.mark.parametrize("size", [(640, 480), (192, 192), (50, 300), (1, 40), (40, 1), (1, 1)])
def test_the_shipped_weights_take_images_of_any_size(model, size):
    image = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    (found,), (again,) = model([image]), model([image])
    height, width = size
    assert found["boxes"].shape == (len(found["scores"]), 4) and found["labels"].dtype == torch.int64
    assert (found["boxes"] >= 0).all() and (found["boxes"] <= torch.tensor([width, height] * 2)).all()
    assert all(torch.equal(found[key], again[key]) for key in found)


def test_it_is_averaged_over_scales_by_itself(model):
    assert isinstance(model, SeveralScales) and not model.training and model.num_classes == 10
    assert model.longest_sides == SHIPPED["retinanet_real"].scales == LONGEST_SIDES
    assert isinstance(model.detector.backbone, EfficientNetLite2)


def test_a_real_cup_is_a_mug(model):
    (found,) = model([photo("coffee")])
    assert SHIPPED["retinanet_real"].classes[int(found["labels"][0]) - 1] in ("mug", "bowl")


def test_an_object_looks_the_same_when_its_image_is_larger(model):
    """Both are brought to the same scales, so what is found moves with the image."""
    image = still_life("val")[0][0]
    large = torch.nn.functional.interpolate(image[None], scale_factor=3, mode="bicubic")[0].clamp(0, 1)
    (small,), (found,) = model([image]), model([large])
    sure = small["scores"] > 0.4
    moved = (small["boxes"][sure][:, None] * 3 - found["boxes"]).abs().amax(2)  # (sure, D)
    same = small["labels"][sure][:, None] == found["labels"]
    assert sure.any() and ((moved < 12) & same).any(1).all()


def test_its_scores_are_those_of_several_scales_and_of_one():
    model = talkative(real.real_retinanet(10, FakeBackbone())).eval()
    scores = real.scale_intervals(model, still_life("preview"))
    assert list(scores) == [
        f"{scale}{name}" for scale in ("", "one_scale_") for name in ("AP", "AP50", "AP75")
    ]
    assert all(low <= value <= high for value, low, high in scores.values())


@pytest.mark.usefixtures("here")
def test_the_commands_know_its_backbone(capsys):
    save_image(photo("coffee"), "cup.png")
    weights = ["--weights", str(checkpoint("retinanet_real"))]
    assert main(["predict", "cup.png", *weights, "--scales", "96,192"]) == 0
    assert "drawn in cup_found.webp" in capsys.readouterr().out


def test_the_recipe_makes_what_is_shipped():
    recipe = RECIPES["retinanet_real"]
    assert isinstance(recipe.model(10).backbone, EfficientNetLite2)
    assert recipe.task.test_items(None, "preview")[0][0].ndim == 3  # images, not features
