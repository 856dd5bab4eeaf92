"""The localiser: one box for each image, gradients where they belong, and what pooling loses."""

import pytest
import torch
import torch.nn.functional as F
import torchvision.ops as witness
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.metrics import localisation_scores
from coursekit.models.localiser import HEADS, Localiser, decode_box, giou_loss
from coursekit.training import fit, load_weights, predict, save_weights


class FakeBackbone(nn.Module):
    """Maps of the strides and channels of `EfficientNetLite0`, made of averages of the pixels."""

    channels, strides = {"C4": 112, "C5": 320}, {"C4": 16, "C5": 32}
    shipped = True  # its weights follow from a seed

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.mix = nn.ModuleDict({level: nn.Conv2d(3, n, 1) for level, n in self.channels.items()})
        self.requires_grad_(False)

    def forward(self, images):
        return {
            level: self.mix[level](F.avg_pool2d(images, stride, ceil_mode=True))
            for level, stride in self.strides.items()
        }


def square(seed, height=192, width=192):
    """A bright square somewhere on a dark ground; its class is its colour."""
    random = torch.Generator().manual_seed(seed)
    side = int(torch.randint(30, 60, (), generator=random))
    x1 = int(torch.randint(0, width - side, (), generator=random))
    y1 = int(torch.randint(0, height - side, (), generator=random))
    colour = int(torch.randint(0, 3, (), generator=random))
    image = torch.full((3, height, width), 0.1)
    image[colour, y1 : y1 + side, x1 : x1 + side] = 1
    box = torch.tensor([[x1, y1, x1 + side, y1 + side]], dtype=torch.float32)
    return image, {"boxes": box, "labels": torch.tensor([colour + 1])}


def with_features(items):
    with torch.no_grad():
        maps = FakeBackbone()(torch.stack([image for image, _ in items]))
    return [({level: maps[level][i] for level in maps}, target) for i, (_, target) in enumerate(items)]


def localiser(head="spatial", **options):
    torch.manual_seed(0)
    return Localiser(3, head, **options)


def test_pooling_finds_the_class_but_not_the_place():
    train, test = (with_features([square(i) for i in seeds]) for seeds in (range(120), range(1000, 1060)))
    scores = {}
    for head in HEADS:
        model = localiser(head)
        assert len(list(fit(model, train, 70))) == 70
        scores[head] = localisation_scores(predict(model, test), [target for _, target in test])
    assert scores["pooled"]["accuracy"] > 0.95 and scores["spatial"]["accuracy"] > 0.95
    assert scores["pooled"]["mean_iou"] < 0.2 < 0.4 < scores["spatial"]["mean_iou"]


@pytest.mark.parametrize("head", HEADS)
def test_gradients_reach_the_heads_and_not_the_backbone(head):
    model = localiser(head, backbone=FakeBackbone())
    images, targets = zip(*[square(i) for i in range(3)], strict=True)
    losses = model.train()(list(images), list(targets))
    assert set(losses) == {"box", "class"} and all(loss.ndim == 0 for loss in losses.values())
    sum(losses.values()).backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is None) == name.startswith("backbone."), name
    assert model.box_head.layers[0].weight.grad.abs().sum() > 0
    assert model.class_head.weight.grad.abs().sum() > 0


def test_the_box_loss_does_not_train_the_class_nor_the_class_loss_the_box():
    model = localiser()
    inputs, targets = zip(*with_features([square(i) for i in range(4)]), strict=True)
    model.train()(inputs, targets)["box"].backward()
    assert model.class_head.weight.grad is None and model.box_head.layers[-1].weight.grad is not None


@pytest.mark.parametrize("head", HEADS)
def test_one_box_inside_each_image_whatever_the_sizes(head):
    sizes = [(192, 192), (100, 260), (64, 64), (33, 47)]
    images = [torch.rand(3, height, width) for height, width in sizes]
    model = localiser(head, backbone=FakeBackbone()).eval()
    together = model(images)
    for image, (height, width), prediction in zip(images, sizes, together, strict=True):
        assert {k: tuple(v.shape) for k, v in prediction.items()} == {
            "boxes": (1, 4),
            "labels": (1,),
            "scores": (1,),
        }
        x1, y1, x2, y2 = prediction["boxes"][0].tolist()
        assert 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height
        assert prediction["labels"].dtype == torch.int64 and 1 <= prediction["labels"].item() <= 3
        assert 0 <= prediction["scores"].item() <= 1
        torch.testing.assert_close(model([image])[0]["boxes"], prediction["boxes"])
    targets = [{"boxes": torch.tensor([[1.0, 2, 30, 20]]), "labels": torch.tensor([1])}] * len(images)
    assert model.train()(images, targets)["box"].isfinite()


def test_images_and_their_features_give_the_same_answer():
    items = [square(i, 64, 96) for i in range(3)]
    model = localiser(backbone=FakeBackbone()).eval()
    from_images, from_features = predict(model, items), predict(model, with_features(items))
    for a, b in zip(from_images, from_features, strict=True):
        torch.testing.assert_close(a, b)


def test_a_students_functions_are_used():
    def l1_loss(predicted, target):
        return (predicted - target).abs().mean(1)

    def whole_image(outputs, sizes):
        return torch.cat([torch.zeros(len(sizes), 2), sizes.flip(-1)], 1) + 0 * outputs

    model = localiser(box_loss=l1_loss, decode=whole_image)
    inputs, targets = zip(*with_features([square(i) for i in range(4)]), strict=True)
    expected = (
        (torch.tensor([0.0, 0.0, 192.0, 192.0]) - torch.cat([t["boxes"] for t in targets])).abs().mean()
    )
    torch.testing.assert_close(model.train()(inputs, targets)["box"], expected)
    assert model.eval()(inputs)[0]["boxes"].tolist() == [[0, 0, 192, 192]]


def test_a_seed_gives_the_same_localiser_and_a_file_gives_it_back(tmp_path):
    items = with_features([square(i) for i in range(20)])
    first, second, third = localiser(), localiser(), Localiser(3, backbone=FakeBackbone())
    assert [step.losses for step in fit(first, items, 5)] == [step.losses for step in fit(second, items, 5)]
    save_weights(first, tmp_path / "localiser.safetensors")
    load_weights(third, tmp_path / "localiser.safetensors")
    for a, b, c in zip(*(predict(model, items) for model in (first, second, third)), strict=True):
        assert torch.equal(a["boxes"], b["boxes"]) and torch.equal(a["boxes"], c["boxes"])
    with pytest.raises(ValueError, match="does not hold the weights of this Localiser"):
        load_weights(localiser("pooled"), tmp_path / "localiser.safetensors")


boxes = st.lists(st.tuples(*[st.floats(-50, 250, width=32)] * 4), min_size=1, max_size=5)


@given(boxes)
def test_giou_loss_equals_torchvision(rows):
    corners = torch.tensor(rows).reshape(-1, 2, 2)
    first = torch.cat([corners.amin(1), corners.amax(1) + 1], 1)
    second = first.flip(0)
    expected = witness.generalized_box_iou_loss(first, second)
    torch.testing.assert_close(giou_loss(first, second), expected, rtol=1e-5, atol=1e-5)


def test_giou_loss_is_finite_for_empty_boxes():
    points = torch.zeros(2, 4, requires_grad=True)
    loss = giou_loss(points, torch.tensor([[0.0, 0, 0, 0], [1, 1, 2, 2]]))
    loss.sum().backward()
    assert loss.isfinite().all() and points.grad.isfinite().all()


def test_decode_box_uses_each_images_own_size():
    outputs = torch.tensor([[0.5, 0.5, 1.0, 1.0], [0.25, 0.5, 0.5, 0.2]])
    decoded = decode_box(outputs, torch.tensor([[100, 200], [50, 80]]))
    torch.testing.assert_close(decoded, torch.tensor([[0.0, 0, 200, 100], [0, 20, 40, 30]]))
    assert decode_box(outputs[:0], torch.zeros(0, 2)).shape == (0, 4)


NO_BOX = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
TWO_BOXES = {"boxes": torch.tensor([[0.0, 0, 9, 9], [5, 5, 20, 20]]), "labels": torch.tensor([1, 2])}
BAD = {"boxes": torch.tensor([[30.0, 30, 20, 20]]), "labels": torch.tensor([1])}


@pytest.mark.parametrize(
    "targets, sentence",
    [
        ([NO_BOX], "Image 0 has 0 objects, but the localiser predicts exactly one"),
        ([TWO_BOXES], "Image 0 has 2 objects"),
        ([BAD], "is it xywh"),
        ([square(0)[1] | {"labels": torch.tensor([4])}], "there are 3 classes"),
        ([], "0 targets for 1 images"),
        (None, "no targets: training needs one each; call .eval"),
    ],
)
def test_bad_targets_in_words(targets, sentence):
    with pytest.raises(ValueError, match=sentence):
        localiser().train()([with_features([square(0)])[0][0]], targets)


@pytest.mark.parametrize(
    "inputs, sentence",
    [
        ([], "at least one image"),
        ({"C4": torch.zeros(112, 4, 4)}, "takes a list"),
        ([{"C3": torch.zeros(40, 8, 8)}], "The features of image 0 are C3: C4 and C5 are needed"),
        (torch.zeros(3, 64, 64), r"Image 0 is \(64, 64\)"),
        ([torch.zeros(1, 64, 64)], r"Image 0 is \(1, 64, 64\)"),
        ([torch.full((3, 64, 64), torch.nan)], "Image 0 contains NaN"),
    ],
)
def test_bad_inputs_in_words(inputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        localiser(backbone=FakeBackbone()).eval()(inputs)


def test_images_need_a_backbone_and_a_head_must_exist():
    with pytest.raises(ValueError, match="has no backbone"):
        localiser().eval()([torch.zeros(3, 64, 64)])
    with pytest.raises(ValueError, match="Unknown head 'corner': choose pooled or spatial"):
        localiser("corner")
