"""One contract for every segmenter: the course's models and torchvision's own."""

import pytest
import torch
import torch.nn.functional as F
import torchvision.models.segmentation as witness
from torch import nn
from torch.utils.data import Subset

from coursekit import ops
from coursekit.data.features import FeatureDataset, features_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.metrics import semantic_scores
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.models.hourglass import HourglassSegmenter
from coursekit.models.segmenter import Segmenter, label_maps, labels_of
from coursekit.models.unet import UNet
from coursekit.nets.backbone import CHANNELS, STRIDES, efficientnet_lite0
from coursekit.training import fit, load_weights, predict, save_weights

VOID = 255


class Pointwise(Segmenter):
    """The least segmenter: it looks at one cell of one level at a time."""

    levels = ("C3",)

    def __init__(self, num_classes, backbone=None, **options):
        super().__init__(num_classes, backbone, **options)
        self.classify = nn.Conv2d(CHANNELS["C3"], num_classes + 1, 1)

    def outputs(self, batch):
        return F.interpolate(self.classify(self.feature_maps(batch)["C3"]), scale_factor=8, mode="bilinear")


OURS = {  # a new segmenter adds a line here
    "Pointwise": Pointwise,
    "FCN32s": FCN32s,
    "FCN16s": FCN16s,
    "FCN8s": FCN8s,
    "DeconvNet": DeconvNet,
    "UNet": UNet,
    "Hourglass": HourglassSegmenter,
}
BY_HEART = {
    "FCN32s": 0.6,
    "FCN16s": 0.8,
    "DeconvNet": 0.8,
    "Hourglass": 0.65,
}  # mIoU: coarse maps cannot do better, and places without values take longer; all others 0.9
LEVELS = ("C1", "C2", "C3", "C4", "C5")


class Theirs(Segmenter):
    """A segmentation network of torchvision under our contract."""

    def __init__(self, build):
        super().__init__(3)
        self.network = build(weights=None, weights_backbone=None, num_classes=4)
        self.backbone = nn.Identity()  # images are welcome

    def outputs(self, batch):
        from coursekit.schema import pad

        return self.network(pad(batch))["out"]


THEIRS = {
    "torchvision LR-ASPP": lambda: Theirs(witness.lraspp_mobilenet_v3_large),
    "torchvision FCN": lambda: Theirs(witness.fcn_resnet50),
}


class FakeBackbone(nn.Module):
    """Maps of the strides and channels of `EfficientNetLite0`, made of averages of the pixels."""

    def __init__(self):
        super().__init__()
        self.mix = nn.ModuleDict({level: nn.Conv2d(3, CHANNELS[level], 1) for level in LEVELS})
        self.requires_grad_(False)

    def forward(self, images):
        return {
            level: mix(F.avg_pool2d(images, STRIDES[level], ceil_mode=True))
            for level, mix in self.mix.items()
        }


def segmenter(name, **options):
    """A segmenter of three classes with weights that follow from a seed."""
    torch.manual_seed(0)
    if name in THEIRS:
        return THEIRS[name]()
    backbone = options.pop("backbone", None) or FakeBackbone()
    return OURS[name](3, backbone=backbone, **options)


def scene(seed, height=96, width=64):
    """Noise with a bright and a dark rectangle, and the class of each pixel; a stripe is void."""
    random = torch.Generator().manual_seed(seed)
    image = 0.2 + 0.3 * torch.rand(3, height, width, generator=random)
    semantic = torch.zeros(height, width, dtype=torch.int64)
    for label, (y, x) in enumerate([(2, 2), (height // 2, width // 3)], start=1):
        place = slice(y, y + height // 3), slice(x + seed % 3, x + seed % 3 + width // 2)
        image[:, *place] = torch.eye(3)[label][:, None, None]
        semantic[place] = label
    semantic[:, -2:] = VOID
    return image, {"semantic": semantic}


def batch_of(*scenes):
    return map(list, zip(*scenes, strict=True))


SLOW = [pytest.param("torchvision FCN", marks=pytest.mark.slow)]
every = pytest.mark.parametrize("name", [*OURS, "torchvision LR-ASPP", *SLOW])
ours = pytest.mark.parametrize("name", OURS)


@every
def test_losses_are_finite_scalars_and_train_every_weight(name):
    images, targets = batch_of(scene(0), scene(1))
    model = segmenter(name).train()
    losses = model(images, targets)
    assert losses and all(loss.ndim == 0 and loss.isfinite() for loss in losses.values())
    sum(losses.values()).backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    assert [n for n, g in gradients.items() if g is None or not g.isfinite().all() or not g.abs().sum()] == []


@every
def test_label_maps_of_images_of_mixed_odd_and_tiny_sizes(name):
    sizes = [(96, 64), (33, 47), (64, 128), (96, 64), (7, 70)]
    images = [scene(i, *size)[0] for i, size in enumerate(sizes)]
    predictions = predict(segmenter(name).eval(), [(image, None) for image in images])
    for size, prediction in zip(sizes, predictions, strict=True):
        labels = prediction["semantic"]
        assert tuple(labels.shape) == size and labels.dtype == torch.int64
        assert 0 <= labels.min() and labels.max() <= 3


@every
def test_mixed_sizes_and_empty_images_train_in_one_batch(name):
    images, targets = batch_of(scene(0), scene(1, 64, 96), scene(2, 70, 75))
    targets[1]["semantic"].zero_()
    losses = segmenter(name).train()(images, targets)
    assert all(loss.ndim == 0 and loss.isfinite() for loss in losses.values())


@every
def test_all_void_labels_have_no_loss_and_no_gradient(name):
    images, targets = batch_of(scene(0), scene(1))
    for target in targets:
        target["semantic"].fill_(VOID)
    model = segmenter(name).train()
    loss = sum(model(images, targets).values())
    loss.backward()
    assert loss == 0
    assert all(p.grad is None or not p.grad.abs().sum() for p in model.parameters())


@every
def test_a_seed_gives_the_same_weights_and_a_file_gives_them_back(name, tmp_path):
    items = [scene(i) for i in range(4)]
    first, second = segmenter(name), segmenter(name)
    steps = [[step.losses for step in fit(m, items, 2, batch_size=2, lr=1e-4)] for m in (first, second)]
    assert steps[0] == steps[1]
    save_weights(first, tmp_path / "weights.safetensors")
    second = segmenter(name)
    load_weights(second, tmp_path / "weights.safetensors")
    for a, b in zip(predict(first, items), predict(second, items), strict=True):
        assert torch.equal(a["semantic"], b["semantic"])


@ours
def test_what_is_predicted_under_void_and_padding_does_not_count(name):
    image, target = scene(0, 90, 50)
    model = segmenter(name).eval()
    loss = model.losses([image], [target])
    outputs = model.outputs([image])
    assert outputs.shape == (1, 4, 96, 64)
    counted = torch.zeros(1, 1, 96, 64, dtype=torch.bool)
    counted[..., :90, :48] = True
    model.outputs = lambda batch: torch.where(counted, outputs, 7 * torch.rand_like(outputs))
    torch.testing.assert_close(model.losses([image], [target]), loss)


@ours
def test_the_company_of_other_images_changes_nothing(name):
    model = segmenter(name).eval()
    images = [scene(i, *size)[0] for i, size in enumerate([(96, 64), (40, 33), (128, 96), (90, 60)])]
    for image, together in zip(images, model(images), strict=True):
        alone = model([image])[0]["semantic"]
        assert (alone == together["semantic"]).float().mean() > 0.999  # ties may fall either way


@ours
def test_images_and_their_features_give_the_same_answer(name):
    model = segmenter(name).eval()
    images = [scene(i)[0] for i in range(3)]
    maps = model.backbone(torch.stack(images))
    features = [{level: maps[level][i] for level in maps} for i in range(3)]
    torch.testing.assert_close(model.outputs(images), model.outputs(features))


@ours
def test_masks_are_as_good_as_a_label_map(name):
    image, target = scene(0)
    semantic = target["semantic"].where(target["semantic"] != VOID, 0)
    masks = torch.stack([semantic == 2, semantic == 1])
    shown = {"boxes": ops.masks_to_boxes(masks), "labels": torch.tensor([2, 1]), "masks": masks}
    model = segmenter(name).eval()
    assert model.losses([image], [shown]) == model.losses([image], [{"semantic": semantic}])


@ours
def test_the_loss_of_a_student_is_used(name):
    calls = []

    def loss(logits, labels):
        calls.append((tuple(logits.shape), tuple(labels.shape)))
        return ops.pixel_cross_entropy(logits, labels)

    images, targets = batch_of(scene(0), scene(1))
    usual, theirs = segmenter(name).train(), segmenter(name, loss=loss).train()
    losses = []
    for model in (usual, theirs):
        torch.manual_seed(2)  # of the dropout
        losses.append(model(images, targets))
    assert losses[0] == losses[1]
    assert ((2, 4, 96, 64), (2, 96, 64)) in calls


def label_map(value, size=(96, 64)):
    semantic = torch.zeros(size, dtype=torch.int64)
    semantic[2, 3] = value
    return {"semantic": semantic}


@ours
@pytest.mark.parametrize(
    "target, sentence",
    [
        (label_map(4), "image 1 has class 4 at row 2, column 3: classes run from 0"),
        (label_map(-1), "has class -1"),
        (label_map(1, (64, 96)), r"label map of image 1 is \(64, 96\) but the image is"),
        (label_map(1, (48, 32)), r"label map of image 1 is \(48, 32\) but the image is"),
        ({"semantic": torch.zeros(96, 64)}, "make it int64"),
        ({"semantic": torch.zeros(1, 96, 64, dtype=torch.int64)}, r"not \(H, W\)"),
        ({"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}, "neither 'semantic' nor"),
        ({}, "needs 'boxes' and 'labels', or 'semantic'"),
    ],
)
@pytest.mark.parametrize("second", [(96, 64), (64, 64)], ids=["one size", "two sizes"])
def test_bad_targets_in_words(name, target, sentence, second):
    images, targets = batch_of(scene(0), scene(1, *second))
    targets[1] = target
    if "semantic" in target and target["semantic"].shape == (96, 64) != second:
        targets[1] = {"semantic": target["semantic"][: second[0]]}
    with pytest.raises(ValueError, match=sentence):
        segmenter(name).train()(images, targets)


@ours
@pytest.mark.parametrize(
    "targets, sentence", [(None, "no targets"), ([label_map(0)], "1 targets for 2 images")]
)
def test_missing_targets_in_words(name, targets, sentence):
    with pytest.raises(ValueError, match=sentence):
        segmenter(name).train()([scene(0)[0], scene(1)[0]], targets)


@ours
@pytest.mark.parametrize(
    "inputs, sentence",
    [
        ([], "at least one image"),
        ([{}], "are needed"),
        (torch.zeros(3, 64, 64), r"Image 0 is \(64, 64\)"),
        ([torch.zeros(1, 64, 64)], r"Image 0 is \(1, 64, 64\)"),
        ([torch.zeros(3, 64, 64), torch.full((3, 64, 64), torch.nan)], "Image 1 contains NaN"),
    ],
)
def test_bad_inputs_in_words(name, inputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        segmenter(name).eval()(inputs)


@ours
def test_a_segmenter_without_backbone_needs_features_and_one_with_classes(name):
    with pytest.raises(ValueError, match="has no backbone"):
        OURS[name](3).eval()([torch.zeros(3, 64, 64)])
    with pytest.raises(ValueError, match="at least one class"):
        OURS[name](0)
    with pytest.raises(ValueError, match="several sizes: call the model itself"):
        segmenter(name).outputs([torch.zeros(3, 64, 64), torch.zeros(3, 96, 64)])


def test_what_a_subclass_must_write():
    with pytest.raises(NotImplementedError):
        Segmenter(1).outputs([])


def test_label_maps_are_padded_with_void():
    maps = label_maps([label_map(2, (4, 5)), label_map(1, (3, 6))], (4, 6))
    assert maps.shape == (2, 4, 6)
    assert (maps[0, :, 5] == VOID).all() and (maps[1, 3] == VOID).all() and (maps == VOID).sum() == 10


def test_the_nearer_object_covers_the_farther():
    masks = torch.zeros(3, 4, 5, dtype=torch.bool)
    masks[0, :3, :4], masks[1, 1:, 1:], masks[2, 1, 1] = True, True, True  # of 12, 12 and 1 pixels
    labels = torch.tensor([1, 2, 3])
    for depth, at in [((0, 1, 2), 1), ((1, 0, 2), 2), ((2, 1, 0), 3), ((0.5, 0.1, 0.7), 2)]:
        semantic = ops.semantic_map(masks, labels, torch.tensor(depth))
        assert semantic[1, 1] == at and semantic[0, 0] == 1 and semantic[3, 4] == 2 and semantic[3, 0] == 0
    assert ops.semantic_map(masks, labels)[1, 1] == 3, "the smaller one, when nobody knows"
    assert ops.semantic_map(masks[:0], labels[:0]).shape == (4, 5)
    with pytest.raises(ValueError, match="for 2 labels"):
        ops.semantic_map(masks, labels[:2])


def test_still_lifes_show_their_depth_order():
    dataset = still_life("preview")
    for i in range(8):
        target = dataset.target(i)
        order = torch.tensor([row["depth_order"] for row in dataset.annotations_of(i)])
        assert torch.equal(labels_of(target), ops.semantic_map(target["masks"], target["labels"], order))
        assert (target["masks"].sum(0) <= 1).all(), "masks show what is visible: nothing overlaps"


def test_cross_entropy_of_pixels():
    logits, labels = torch.randn(2, 4, 5, 7, requires_grad=True), torch.randint(0, 4, (2, 5, 7))
    labels[0, :2] = VOID
    mine, theirs = ops.pixel_cross_entropy(logits, labels), F.cross_entropy(logits, labels, ignore_index=VOID)
    torch.testing.assert_close(mine, theirs)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (mine, theirs)]
    torch.testing.assert_close(*gradients)


def scenes_to_overfit(count=24):
    """Features of all levels of the first scenes of `train`, without a cache."""
    dataset = still_life("train")
    maps = features_of(efficientnet_lite0(), torch.stack([dataset[i][0] for i in range(count)]))
    return FeatureDataset(Subset(dataset, range(count)), {k: maps[k].numpy() for k in LEVELS})


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in OURS if name != "Pointwise"])  # which sees no context
def test_it_can_learn_24_scenes_by_heart(name):
    torch.manual_seed(0)
    dataset = scenes_to_overfit()
    model = OURS[name](len(CLASSES))
    list(fit(model, dataset, 300 if name == "FCN8s" else 150, batch_size=8))
    targets = [{"semantic": labels_of(dataset[i][1])} for i in range(len(dataset))]
    scores = semantic_scores(predict(model, dataset), targets, len(CLASSES) + 1)
    assert scores["mean_iou"] > BY_HEART.get(name, 0.9)
