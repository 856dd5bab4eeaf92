"""FCN and dense heads as convolutions, against loops over windows and F.interpolate."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from made_up_segmenters import segmenter
from torch import nn

from coursekit.models.fcn import FCN8s, FCN16s, FCN32s, convolutionize, dense_to_conv, fuse
from coursekit.nets.efficientnet import EfficientNetLite0, efficientnet_lite0

ALL = (FCN32s, FCN16s, FCN8s)


def of_every_window(network, images, window, stride):
    """What a network says of each window of the images, one after the other: (N, classes, rows, columns)."""
    (height, width), (rows, columns) = window, images.shape[-2:]
    places = [range(0, rows - height + 1, stride), range(0, columns - width + 1, stride)]
    said = [network(images[..., y : y + height, x : x + width]) for y, x in itertools.product(*places)]
    return torch.stack(said, -1).unflatten(-1, [len(p) for p in places])


def shaken(network):
    """Weights and statistics that are all different from what they start as."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        for name, value in network.named_buffers():
            if "running" in name:
                value.add_(torch.rand_like(value))
    return network.eval()


HEADS = {
    "one layer": lambda: nn.Sequential(nn.Flatten(), nn.Linear(5 * 3 * 4, 7)),
    "three layers, as VGG": lambda: nn.Sequential(
        nn.Flatten(),
        nn.Linear(5 * 3 * 4, 16),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(16, 9),
        nn.ReLU(),
        nn.Linear(9, 7),
    ),
    "no bias, batch norm": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(60, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU6(), nn.Linear(16, 7)
    ),
    "a global mean first": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 7)),
    "1 x 1 convolutions first": lambda: nn.Sequential(
        nn.Sequential(nn.Conv2d(5, 6, 1), nn.BatchNorm2d(6), nn.ReLU()), nn.Flatten(), nn.Linear(72, 7)
    ),
}


@torch.no_grad()
@pytest.mark.parametrize("name", HEADS)
def test_a_convolutionized_head_says_at_every_place_what_the_head_says_of_the_window(name):
    head = shaken(HEADS[name]())
    maps = torch.randn(2, 5, 7, 10)
    answers = convolutionize(head, (3, 4))(maps)
    assert answers.shape == (2, 7, 7 - 3 + 1, 10 - 4 + 1)
    torch.testing.assert_close(answers, of_every_window(head, maps, (3, 4), 1), atol=1e-5, rtol=0)


@torch.no_grad()
def test_a_whole_network_slides_over_a_larger_image():
    trunk = nn.Sequential(
        nn.Conv2d(3, 6, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3), nn.ReLU()
    )
    head = nn.Sequential(nn.Flatten(), nn.Linear(8 * 3 * 3, 12), nn.ReLU(), nn.Linear(12, 4))
    shaken(trunk), shaken(head)
    image = torch.rand(1, 3, 61, 82)
    window = (23, 23)  # gives a map of 3 x 3
    assert trunk(image[..., :23, :23]).shape[-2:] == (3, 3)
    answers = convolutionize(head, 3)(trunk(image))  # a cell is 2 * 2 pixels further
    loop = of_every_window(nn.Sequential(trunk, head), image, window, stride=4)
    assert answers.shape == loop.shape == (1, 4, (61 - 23) // 4 + 1, (82 - 23) // 4 + 1)
    assert (answers - loop).abs().max() < 1e-5


@torch.no_grad()
def test_the_head_of_efficientnet_slides_over_its_map():
    backbone = efficientnet_lite0()
    maps = backbone(torch.rand(1, 3, 192, 256))["C5"]  # (1, 320, 6, 8)
    answers = convolutionize(backbone.head, (4, 5))(maps)
    assert answers.shape == (1, 1000, 3, 4)
    torch.testing.assert_close(answers, of_every_window(backbone.head, maps, (4, 5), 1), atol=1e-4, rtol=1e-4)
    assert len(list(backbone.head)) == 4, "the head itself is as it was"


def test_the_convolution_has_its_own_weights():
    linear = nn.Linear(8, 3)
    conv = dense_to_conv(linear, (2, 1))
    with torch.no_grad():
        conv.weight.zero_()
    assert linear.weight.abs().sum() > 0 and conv.weight.requires_grad


@pytest.mark.parametrize(
    "head, sentence",
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(50, 3)), "50 inputs does not read maps of 3 x 4"),
        (nn.Sequential(nn.Flatten(), nn.LayerNorm(60)), "A LayerNorm cannot slide"),
        (nn.Sequential(nn.Conv2d(5, 5, 3)), "A Conv2d cannot slide"),
        (nn.Sequential(nn.AdaptiveAvgPool2d(2)), "A AdaptiveAvgPool2d cannot slide"),
    ],
)
def test_what_cannot_slide_is_said(head, sentence):
    with pytest.raises(ValueError, match=sentence):
        convolutionize(head, (3, 4))


@pytest.mark.parametrize("kind", ALL)
def test_scores_are_the_sum_of_the_enlarged_scores_of_the_levels(kind):
    model = shaken(kind(3))
    with torch.no_grad():
        features = [
            {level: torch.randn(EfficientNetLite0.channels[level], 3 * k, 5 * k) for level, k in SIDES}
        ]
        maps = model.feature_maps(features)
        scores = model.head(maps["C5"])
        if kind is not FCN32s:
            scores = twice(scores) + model.skips["C4"](maps["C4"])
        if kind is FCN8s:
            scores = twice(scores) + model.skips["C3"](maps["C3"])
        expected = F.interpolate(scores, (96, 160), mode="bilinear")
        torch.testing.assert_close(model.outputs(features), expected, atol=1e-5, rtol=1e-4)


SIDES = (("C3", 4), ("C4", 2), ("C5", 1))


def twice(scores):
    return F.interpolate(scores, scale_factor=2, mode="bilinear")


def test_training_starts_from_what_the_coarse_level_says():
    model = FCN8s(3).eval()
    features = [{level: torch.randn(EfficientNetLite0.channels[level], 3 * k, 5 * k) for level, k in SIDES}]
    coarse = model.head(model.feature_maps(features)["C5"])
    expected = F.interpolate(twice(twice(coarse)), (96, 160), mode="bilinear")
    torch.testing.assert_close(model.outputs(features), expected)


def test_the_fine_levels_decide_finer():
    """A change of one cell of a level changes the scores around it only."""
    reach = []
    for level, stride in (("C5", 32), ("C4", 16), ("C3", 8)):
        model = shaken(FCN8s(3))
        features = {name: torch.zeros(EfficientNetLite0.channels[name], 8 * k, 8 * k) for name, k in SIDES}
        changed = {name: value.clone() for name, value in features.items()}
        middle = features[level].shape[-1] // 2
        changed[level][:, middle, middle] = 1
        differs = (model.outputs([features]) != model.outputs([changed])).any(1)[0]
        reach.append(differs.any(0).sum().item())
        assert differs[middle * stride + stride // 2, middle * stride + stride // 2]
    assert reach[0] > reach[1] > reach[2] > 8


@pytest.mark.parametrize("part", ["fuse", "upsample"])
@pytest.mark.parametrize("name", ["FCN16s", "FCN8s"])
def test_a_students_part_is_used(name, part):
    image = [torch.rand(3, 90, 64)]
    usual = segmenter(name).eval().outputs(image)
    for change in (0, 1):
        reference = getattr(segmenter(name), part)
        theirs = segmenter(
            name, **{part: lambda *a, r=reference, c=change: r(*a) + c * torch.rand(())}
        ).eval()
        assert torch.equal(theirs.outputs(image), usual) == (change == 0)


def test_fusing_maps_of_odd_sizes():
    coarse, fine = torch.randn(2, 4, 3, 5), torch.randn(2, 4, 5, 9)
    expected = F.interpolate(coarse, (5, 9), mode="bilinear") + fine
    torch.testing.assert_close(fuse(coarse, fine), expected)
