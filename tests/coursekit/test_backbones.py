"""The backbones beside EfficientNet-Lite: a CSP darknet of YOLOX-Nano, classifiers of torchvision, and their cached features."""

import pytest
import torch
from noise_backbone import Noise
from torch import nn
from torchvision import models as classifiers
from torchvision.models.feature_extraction import create_feature_extractor

from coursekit.data.features import cached_features, features_of
from coursekit.models.retinanet import RetinaNet
from coursekit.models.yolox_nano import yolox_nano
from coursekit.nets.csp_darknet import CSPDarknet, csp_darknet
from coursekit.nets.efficientnet import efficientnet_lite0, efficientnet_lite1
from coursekit.nets.torchvision_backbone import torchvision_backbone
from coursekit.nets.upper_stages import UpperStages
from coursekit.training import fit, predict

NAMES_OF_RESNET = {"relu": "C1", "layer1": "C2", "layer2": "C3", "layer3": "C4", "layer4": "C5"}
CHANNELS = {  # C1 to C5, by hand from the papers' tables
    "resnet18": [64, 64, 128, 256, 512],
    "mobilenet_v3_small": [16, 16, 24, 48, 576],
    "shufflenet_v2_x0_5": [24, 24, 48, 96, 1024],
}


@pytest.fixture(scope="module")
def resnet():
    torch.manual_seed(0)
    return classifiers.resnet18(weights=None).eval()


@torch.no_grad()
def test_the_darknet_is_that_of_the_detector():
    images = torch.rand(2, 3, 64, 96)
    ours, theirs = csp_darknet()(images), yolox_nano().darknet(images.flip(1) * 255)
    assert all(torch.equal(ours[level], maps) for level, maps in zip(("C3", "C4", "C5"), theirs, strict=True))


@pytest.mark.parametrize("size", [(64, 96), (33, 50), (65, 97)])
@pytest.mark.parametrize("make", [CSPDarknet, efficientnet_lite1], ids=["CSP darknet", "Lite1"])
@torch.no_grad()
def test_maps_have_the_channels_and_strides_that_the_backbone_says(make, size):
    backbone = make()
    for level, maps in backbone(torch.rand(1, 3, *size)).items():
        height, width = (-(-side // backbone.strides[level]) for side in size)
        assert maps.shape == (1, backbone.channels[level], height, width)


@torch.no_grad()
def test_a_classifier_of_torchvision_gives_the_maps_of_its_stages(resnet):
    """The witness: torchvision's own extractor, told the names of the stages, on images normalised by hand."""
    images = torch.rand(2, 3, 64, 96)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    theirs = create_feature_extractor(resnet, NAMES_OF_RESNET)(
        ((images.permute(0, 2, 3, 1) - mean) / std).permute(0, 3, 1, 2)
    )
    ours = torchvision_backbone(resnet)(images)
    assert list(ours) == list(NAMES_OF_RESNET.values())
    for level in ours:
        torch.testing.assert_close(ours[level], theirs[level])


@pytest.mark.parametrize("name", CHANNELS)
def test_the_last_block_of_each_stride_is_found(name):
    backbone = torchvision_backbone(getattr(classifiers, name)(weights=None))
    assert list(backbone.channels.values()) == CHANNELS[name]
    assert list(backbone.strides.values()) == [2, 4, 8, 16, 32]


def test_the_classifier_itself_is_not_touched(resnet):
    torchvision_backbone(resnet).train()
    assert not resnet.training and all(parameter.requires_grad for parameter in resnet.parameters())


def test_only_the_stages_that_shall_learn_do(resnet):
    backbone = torchvision_backbone(resnet, trainable=("C5",)).train()
    learning = {name.split(".")[1] for name, weight in backbone.named_parameters() if weight.requires_grad}
    assert learning == {"C5"} and not backbone.shipped
    assert [any(m.training for m in stage.modules()) for stage in backbone.stages.values()] == [False] * 4 + [
        True
    ]
    with pytest.raises(ValueError, match="Unknown stage 'C6' to train: there are C1, C2, C3, C4, C5"):
        torchvision_backbone(resnet, trainable="C6")


@pytest.mark.parametrize(
    "model, words",
    [
        (lambda: classifiers.vit_b_32(weights=None), "VisionTransformer has no feature maps"),
        (lambda: classifiers.alexnet(weights=None), "AlexNet has no feature maps"),
        (lambda: nn.Linear(3, 2), "Linear has no feature maps"),
        (lambda: "resnet18", "takes a classifier, such as torchvision.models.resnet18.*, not a str"),
    ],
    ids=["ViT", "AlexNet", "Linear", "text"],
)
def test_what_has_no_pyramid_gets_one_sentence(model, words):
    with pytest.raises(ValueError, match=words) as caught:
        torchvision_backbone(model())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [CSPDarknet, None], ids=["CSP darknet", "ResNet-18"])
@torch.no_grad()
def test_every_backbone_can_be_cut(make, resnet):
    backbone = (make() if make else torchvision_backbone(resnet)).eval()
    maps, stages = backbone(torch.rand(1, 3, 64, 96)), UpperStages(backbone, ("C4", "C5"))
    made = stages({"C3": maps["C3"]})
    assert stages.below == "C3"
    for level in ("C4", "C5"):
        torch.testing.assert_close(made[level], maps[level], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("levels", [("C3", "C4"), ("C5", "C4"), (), ("C1", "C2", "C3", "C4", "C5")])
def test_a_cut_that_is_none_gets_one_sentence(levels):
    with pytest.raises(
        ValueError, match="cannot be trained on cached maps: name the last ones out of C1, C2"
    ):
        UpperStages(CSPDarknet(), levels)


def test_features_of_another_backbone_get_one_sentence_before_anything_is_computed(tmp_path):
    features = cached_features(Noise(3, (64, 64)), csp_darknet(), folder=tmp_path)
    assert features.made_by == "CSPDarknet" and features.channels == {"C3": 64, "C4": 128, "C5": 256}
    parts = torch.utils.data.ConcatDataset([torch.utils.data.Subset(features, [0, 1]), features])
    for dataset in (features, parts):
        with pytest.raises(
            ValueError, match="of CSPDarknet with 64 channels at C3, but the model expects 40"
        ):
            fit(RetinaNet(3), dataset, steps=1)
        with pytest.raises(ValueError, match="of CSPDarknet"):
            predict(RetinaNet(3), dataset)
    assert len(predict(RetinaNet(3, backbone=csp_darknet()), features)) == 3


def test_the_cached_maps_of_lite0_are_those_of_the_usual_layout_to_the_last_bit():
    """The published scores stand on them; in `channels_last` some differ in the last bit."""
    backbone, images = efficientnet_lite0(), torch.rand(2, 3, 96, 64)
    with torch.no_grad():
        expected = backbone(images)
    for level, maps in features_of(backbone, images).items():
        assert torch.equal(maps, expected[level]) and maps.is_contiguous()


def test_other_backbones_are_computed_in_the_faster_layout():
    maps = features_of(efficientnet_lite1(pretrained=False), torch.rand(2, 3, 96, 64))
    assert all(each.is_contiguous(memory_format=torch.channels_last) for each in maps.values())
