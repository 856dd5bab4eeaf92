"""Every model on every backbone: it trains, predicts, is saved, and is loaded into a model with another random start."""

import pytest
import torch
from torchvision.models import resnet18

from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.detr import DETR
from coursekit.models.detr_modern import ModernDETR
from coursekit.models.fast_rcnn import FastRCNN
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.models.fcos import FCOS
from coursekit.models.hourglass import HourglassKeypoints, HourglassSegmenter
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.promptable import PromptableSegmenter
from coursekit.models.retinanet import RetinaNet
from coursekit.models.slot_localiser import SlotLocaliser
from coursekit.models.ssd import SSD
from coursekit.models.unet import UNet
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.nets.csp_darknet import csp_darknet
from coursekit.nets.efficientnet import EfficientNetLite0, efficientnet_lite0
from coursekit.nets.torchvision_backbone import torchvision_backbone
from coursekit.training import fit, load_weights, save_weights
from coursekit.weights import read_tensors

MODELS = (Localiser, SlotLocaliser, Yolo, YoloModern, SSD, RetinaNet, FCOS, FastRCNN, FasterRCNN, MaskRCNN)
MODELS += (CornerNet, CenterNet, DETR, ModernDETR)
MODELS += (
    FCN32s,
    FCN16s,
    FCN8s,
    UNet,
    DeconvNet,
    HourglassSegmenter,
    HourglassKeypoints,
    PromptableSegmenter,
)
BACKBONES = {
    "EfficientNet-Lite0": efficientnet_lite0,
    "CSP darknet": csp_darknet,
    "untrained ResNet-18": lambda: torchvision_backbone(resnet18(weights=None)),
}
SHIPPED = ("EfficientNet-Lite0", "CSP darknet")
SIZE = (64, 96)
BOXES = torch.tensor([[8.0, 8, 40, 56]])
TARGET = {"boxes": BOXES, "labels": torch.tensor([2]), "masks": torch.zeros(1, *SIZE, dtype=torch.bool)}
TARGET["masks"][0, 8:56, 8:40] = True
TARGET["keypoints"] = torch.tensor([[[24.0, 32, 2], [24, 8, 2], [24, 56, 2]]])


@pytest.fixture(scope="module")
def backbones():
    """Of each kind two, made once: they differ where the weights are random."""
    torch.manual_seed(0)
    return {name: (build(), build()) for name, build in BACKBONES.items()}


def inputs_of(kind, backbone):
    images = torch.rand(2, 3, *SIZE, generator=torch.Generator().manual_seed(1))
    if kind is not FastRCNN:
        return list(images)
    with torch.no_grad():  # its proposals lie beside feature maps
        maps = backbone(images)
    return [{level: each[i] for level, each in maps.items()} | {"proposals": BOXES + 3} for i in range(2)]


def everything(predictions):
    return [value.double().flatten() for each in predictions for value in each.values()]


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_it_trains_predicts_and_is_the_same_after_loading(kind, name, backbones, tmp_path):
    first, second = backbones[name]
    second_weights = {key: value.clone() for key, value in second.state_dict().items()}
    model, inputs = kind(3, backbone=first), inputs_of(kind, first)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    (step,) = fit(model, list(zip(inputs, [TARGET, TARGET], strict=True)), steps=1, batch_size=2, lr=1e-3)
    assert all(value == value for value in step.losses.values())
    changed = {key.split(".")[0] for key, value in model.state_dict().items() if not value.equal(before[key])}
    assert changed and "backbone" not in changed
    with torch.no_grad():
        found = model.eval()(inputs)
    save_weights(model, tmp_path / "model.safetensors")
    saved = read_tensors(tmp_path / "model.safetensors")[0]
    assert any(key.startswith("backbone.") for key in saved) == (name not in SHIPPED)

    torch.manual_seed(7)
    other = kind(3, backbone=second).eval()
    load_weights(other, tmp_path / "model.safetensors")
    with torch.no_grad():
        again = other(inputs)
    assert all(torch.equal(a, b) for a, b in zip(everything(found), everything(again), strict=True))
    second.load_state_dict(second_weights)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_a_wrong_backbone_gets_one_sentence_at_once(kind):
    class TwoLevels(torch.nn.Module):
        channels, strides = {"C2": 8, "C3": 8}, {"C2": 4, "C3": 8}

    with pytest.raises(ValueError, match="ResNet cannot be a backbone.*torchvision_backbone"):
        kind(3, backbone=resnet18(weights=None))
    with pytest.raises(ValueError, match=r"TwoLevels has the levels C2, C3, but the model looks at .*C5"):
        kind(3, backbone=TwoLevels())


def test_maps_of_another_backbone_get_one_sentence():
    maps = [{f"C{k}": torch.rand(EfficientNetLite0.channels[f"C{k}"], 64 >> k, 96 >> k) for k in (3, 4, 5)}]
    with pytest.raises(ValueError, match="image 0 have 40 channels at C3, but the model expects 64"):
        RetinaNet(3, backbone=csp_darknet(pretrained=False)).eval()(maps)


def test_weights_loaded_over_a_shipped_backbone_are_saved_again(tmp_path):
    """Else the file would be without them, and whoever loads it would get the shipped ones."""
    model, untrained = RetinaNet(3, backbone=efficientnet_lite0()), efficientnet_lite0(pretrained=False)
    save_weights(RetinaNet(3, backbone=untrained), tmp_path / "one.safetensors")
    load_weights(model, tmp_path / "one.safetensors")
    save_weights(model, tmp_path / "two.safetensors")
    one, two = (read_tensors(tmp_path / f"{number}.safetensors")[0] for number in ("one", "two"))
    assert one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)
