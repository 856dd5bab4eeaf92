"""One contract for every detector: the course's models and torchvision's own."""

import pytest
import torch
import torch.nn.functional as F
import torchvision.models.detection as witness
from torch import nn
from torch.utils.data import Subset

from coursekit import ops
from coursekit.data.features import FeatureDataset, features_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.metrics import coco_metrics
from coursekit.models.detector import Detector, select_detections
from coursekit.models.faster_rcnn import FasterRCNN, pool_aligned
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo, decode_grid, encode_grid, yolo_loss
from coursekit.models.yolo_modern import YoloModern, match_by_alignment
from coursekit.models.yolox_nano import decode_level
from coursekit.nets.backbone import CHANNELS, STRIDES, efficientnet_lite0
from coursekit.training import fit, load_weights, predict, save_weights

OURS = {
    "Yolo": Yolo,
    "YoloModern": YoloModern,
    "RetinaNet": RetinaNet,
    "SSD": SSD,
    "FasterRCNN": FasterRCNN,
    "MaskRCNN": MaskRCNN,
}
SMALL = {"weights": None, "weights_backbone": None, "num_classes": 4}
THEIRS = {
    "torchvision RetinaNet": lambda: witness.retinanet_resnet50_fpn(
        **SMALL, min_size=64, max_size=96, score_thresh=0.0, detections_per_img=100
    ),
    "torchvision SSDLite": lambda: witness.ssdlite320_mobilenet_v3_large(
        **SMALL, score_thresh=0.0, detections_per_img=100
    ),
    "torchvision Faster R-CNN": lambda: witness.fasterrcnn_mobilenet_v3_large_320_fpn(
        **SMALL, min_size=64, max_size=96, box_score_thresh=0.0
    ),
}


class FakeBackbone(nn.Module):
    """Maps of the strides and channels of `EfficientNetLite0`, made of averages of the pixels."""

    def __init__(self):
        super().__init__()
        levels = ("C3", "C4", "C5")
        self.mix = nn.ModuleDict({level: nn.Conv2d(3, CHANNELS[level], 1) for level in levels})
        self.requires_grad_(False)

    def forward(self, images):
        return {
            level: mix(F.avg_pool2d(images, STRIDES[level], ceil_mode=True))
            for level, mix in self.mix.items()
        }


def detector(name, **options):
    """A detector of three classes with weights that follow from a seed."""
    torch.manual_seed(0)
    if name in THEIRS:
        return THEIRS[name]()
    backbone = options.pop("backbone", None) or FakeBackbone()
    return OURS[name](3, backbone=backbone, **options)


def talkative(model):
    """The model after a shake of its weights that makes it see objects everywhere."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("backbone."):
                parameter.add_(0.1 * torch.randn_like(parameter))
            if name.endswith(("class_head.last.bias", "objectness.bias")):
                parameter.zero_()
    return model


def scene(seed, height=96, width=64):
    """Noise with two bright rectangles, and where they are."""
    random = torch.Generator().manual_seed(seed)
    image = 0.3 * torch.rand(3, height, width, generator=random)
    boxes = torch.tensor([[4.0, 6, 40, 38], [20, 30, 52, 62]]) + 2 * (seed % 4)
    for colour, (x1, y1, x2, y2) in enumerate(boxes.long().tolist()):
        image[colour, y1:y2, x1:x2] = 1
    boxes = ops.clip_boxes_to_image(boxes, (height, width))
    return image, objects(boxes, torch.tensor([1, 2]), height, width)


def objects(boxes, labels, height=96, width=64):
    """A target whose objects fill their boxes."""
    rows, columns = torch.arange(height)[:, None] + 0.5, torch.arange(width) + 0.5
    x1, y1, x2, y2 = boxes.t()[..., None, None]  # four times (G, 1, 1)
    masks = (rows > y1) & (rows < y2) & (columns > x1) & (columns < x2)  # (G, H, W)
    return {"boxes": boxes, "labels": labels, "masks": masks}


def usual():
    """Objects from small to large."""
    boxes = torch.tensor([[4.0, 6, 40, 38], [20, 30, 52, 62], [44, 70, 58, 84], [0, 0, 64, 96]])
    return objects(boxes, torch.tensor([1, 2, 3, 3]))


def nothing(height=96, width=64):
    return objects(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), height, width)


def crowd(count=500):
    random = torch.Generator().manual_seed(0)
    corner = torch.rand(count, 2, generator=random) * torch.tensor([50.0, 80.0])
    labels = torch.randint(1, 4, (count,), generator=random)
    boxes = torch.cat([corner, corner + 2 + 10 * torch.rand(count, 2, generator=random)], 1)
    return objects(boxes, labels)


def specks():
    boxes = torch.tensor([[3.0, 3, 4, 4], [63, 95, 64, 96], [31.9, 48, 32.1, 48.3]])
    return objects(boxes, torch.tensor([1, 2, 3]))


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in THEIRS if name != "torchvision SSDLite"]
every = pytest.mark.parametrize("name", [*OURS, "torchvision SSDLite", *SLOW])
ours = pytest.mark.parametrize("name", OURS)


@every
@pytest.mark.parametrize(
    "targets", [usual, nothing, crowd, specks], ids=["usual", "nothing", "500 objects", "specks"]
)
def test_losses_are_finite_scalars_and_train_every_weight(name, targets):
    model = detector(name).train()
    losses = model([scene(0)[0], scene(1)[0]], [targets(), targets()])
    assert losses and all(loss.ndim == 0 and loss.isfinite() for loss in losses.values())
    sum(losses.values()).backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    assert all(g.isfinite().all() for g in gradients.values() if g is not None)
    if targets is usual and name in OURS:
        assert [n for n, g in gradients.items() if g is None or not g.abs().sum()] == []


@every
def test_predictions_of_images_of_mixed_sizes(name):
    sizes = [(96, 64), (33, 47), (64, 128), (96, 64)]
    model = talkative(detector(name)).eval()
    images = [scene(i, *size)[0] for i, size in enumerate(sizes)]
    predictions = predict(model, [(image, None) for image in images])
    assert len(predictions) == len(images)
    assert any(len(prediction["boxes"]) > 5 for prediction in predictions)
    room = 0 if name in OURS else 1e-3  # pixels; torchvision clips before it scales back
    first = 0 if name == "torchvision RetinaNet" else 1  # there the background has a sigmoid of its own
    for (height, width), found in zip(sizes, predictions, strict=True):
        assert found["boxes"].shape == (len(found["scores"]), 4) and len(found["boxes"]) <= 100
        x1, y1, x2, y2 = found["boxes"].unbind(1)
        assert (
            (x1 >= 0).all() and (y1 >= 0).all() and (x2 <= width + room).all() and (y2 <= height + room).all()
        )
        assert (x2 >= x1).all() and (y2 >= y1).all()
        assert found["labels"].dtype == torch.int64
        assert ((found["labels"] >= first) & (found["labels"] <= 3)).all()
        assert ((found["scores"] >= 0) & (found["scores"] <= 1)).all()
        assert (found["scores"].diff() <= 0).all()


@every
def test_mixed_sizes_and_empty_images_train_in_one_batch(name):
    images, targets = map(list, zip(scene(0), scene(1, 64, 96), scene(2, 70, 75), strict=True))
    targets[1] = nothing(64, 96)
    losses = detector(name).train()(images, targets)
    assert all(loss.ndim == 0 and loss.isfinite() for loss in losses.values())


@every
def test_a_seed_gives_the_same_weights_and_a_file_gives_them_back(name, tmp_path):
    items = [scene(i) for i in range(4)]
    first, second = detector(name), detector(name)
    steps = [[step.losses for step in fit(m, items, 2, batch_size=2, lr=1e-4)] for m in (first, second)]
    assert steps[0] == steps[1]
    save_weights(talkative(first), tmp_path / "weights.safetensors")
    load_weights(second, tmp_path / "weights.safetensors")
    for a, b in zip(predict(first, items), predict(second, items), strict=True):
        assert a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@ours
def test_the_company_of_other_images_changes_nothing(name):
    model = talkative(detector(name)).eval()
    images = [scene(i, *size)[0] for i, size in enumerate([(96, 64), (40, 33), (128, 96), (90, 60)])]
    for image, together in zip(images, model(images), strict=True):
        alone = model([image])[0]
        assert len(alone["boxes"]) > 0
        for key, value in together.items():
            torch.testing.assert_close(alone[key], value, rtol=1e-3, atol=1e-3)


@ours
def test_padding_by_hand_changes_nothing_but_where_boxes_are_clipped(name):
    model = talkative(detector(name)).eval()
    image = scene(0, 90, 50)[0]
    padded = model.outputs([F.pad(image, (0, 14, 0, 6))])
    for plain, by_hand in zip(model.outputs([image]), padded, strict=True):
        torch.testing.assert_close(plain, by_hand)


@ours
def test_images_and_their_features_give_the_same_answer(name):
    model = talkative(detector(name)).eval()
    images = [scene(i)[0] for i in range(3)]
    maps = model.backbone(torch.stack(images))
    features = [{level: maps[level][i] for level in maps} for i in range(3)]
    for a, b in zip(model(images), model(features), strict=True):
        torch.testing.assert_close(a, b)


@ours
def test_the_loss_of_several_sizes_is_the_mean_over_the_images(name):
    model = detector(name).eval()  # normalised by the same statistics, whatever the batch
    model.sample = lambda match, *numbers: match  # two-stage models train on all, not on a few by chance
    items = [scene(0), scene(1), scene(2, 64, 64)]
    apart = [model.losses([image], [target]) for image, target in items[2:]]
    pair = model.losses(*map(list, zip(*items[:2], strict=True)))
    for norm in model.modules():  # now in training mode, but with the statistics of evaluation
        norm.training = not isinstance(norm, nn.BatchNorm2d)
    model.normalised = lambda level, maps: model.normalise[level](maps)
    together = model(*map(list, zip(*items, strict=True)))
    for key, value in together.items():
        torch.testing.assert_close(value, (2 * pair[key] + apart[0][key]) / 3)


PARTS = {
    "Yolo": {"encode": encode_grid, "decode": decode_grid, "loss": yolo_loss, "nms": ops.batched_nms},
    "YoloModern": {
        "decode": decode_level,
        "match": match_by_alignment,
        "box_loss": ops.generalized_box_iou_loss,
        "nms": ops.batched_nms,
    },
    "RetinaNet": {
        "iou": ops.box_iou,
        "match": ops.match_by_iou,
        "loss": ops.sigmoid_focal_loss,
        "nms": ops.batched_nms,
    },
    "SSD": {"match": None, "mine": None, "nms": ops.batched_nms},
    "FasterRCNN": {
        "match": ops.match_by_iou,
        "sample": ops.balanced_sample,
        "pool": pool_aligned,
        "nms": ops.batched_nms,
    },
}
PARTS["MaskRCNN"] = PARTS["FasterRCNN"]


@pytest.mark.parametrize("name, part", [(name, part) for name, parts in PARTS.items() for part in parts])
def test_a_students_part_is_used(name, part):
    reference = getattr(detector(name), part)
    assert PARTS[name][part] in (None, reference), "the default is the reference function itself"
    calls = []

    def student(*arguments):
        calls.append(len(arguments))
        return reference(*arguments)

    images, targets = map(list, zip(scene(0), scene(1), strict=True))
    model = talkative(detector(name, **{part: student}))
    expected = talkative(detector(name))
    if part in ("nms", "decode"):
        found, there = model.eval()(images), expected.eval()(images)
        assert all(torch.equal(a["boxes"], b["boxes"]) for a, b in zip(found, there, strict=True))
    else:
        losses = []
        for each in (model, expected):
            torch.manual_seed(2)  # two-stage models train on a sample
            losses.append(each.train()(images, targets))
        assert losses[0] == losses[1]
    assert calls


@ours
def test_the_suppression_of_a_student_decides(name):
    def keep_the_last(boxes, scores, classes, threshold):
        if threshold > 0.5:  # among the proposals of a two-stage model
            return ops.batched_nms(boxes, scores, classes, threshold)
        return torch.tensor([len(boxes) - 1])

    usual = talkative(detector(name)).eval()([scene(0)[0]])[0]
    one = talkative(detector(name, nms=keep_the_last)).eval()([scene(0)[0]])[0]
    assert len(usual["scores"]) > 1 == len(one["scores"]) and one["scores"] <= usual["scores"].min()


BOX = torch.tensor([[4.0, 6, 40, 38]])


@ours
@pytest.mark.parametrize(
    "target, sentence",
    [
        ({"boxes": BOX, "labels": torch.tensor([4])}, "label 0 of image 1 is 4, but there are 3 classes"),
        ({"boxes": BOX, "labels": torch.tensor([0])}, "labels start at 1"),
        ({"boxes": BOX + 40, "labels": torch.tensor([1])}, "Box 0 of image 1 leaves the image of width 64"),
        ({"boxes": BOX - 20, "labels": torch.tensor([1])}, "leaves the image"),
        ({"boxes": BOX.flip(1), "labels": torch.tensor([1])}, "is it xywh"),
        ({"boxes": BOX / 96, "labels": torch.tensor([1])}, "normalised"),
        ({"boxes": BOX * torch.nan, "labels": torch.tensor([1])}, "NaN"),
        ({"boxes": BOX}, "has no 'labels'"),
    ],
)
@pytest.mark.parametrize("second", [(96, 64), (64, 64)], ids=["one size", "two sizes"])
def test_bad_targets_in_words(name, target, sentence, second):
    images, targets = map(list, zip(scene(0), scene(1, *second), strict=True))
    targets[1] = target
    with pytest.raises(ValueError, match=sentence):
        detector(name).train()(images, targets)


@ours
@pytest.mark.parametrize("targets, sentence", [(None, "no targets"), ([nothing()], "1 targets for 2 images")])
def test_missing_targets_in_words(name, targets, sentence):
    with pytest.raises(ValueError, match=sentence):
        detector(name).train()([scene(0)[0], scene(1)[0]], targets)


@ours
@pytest.mark.parametrize(
    "inputs, sentence",
    [
        ([], "at least one image"),
        ({"C3": torch.zeros(40, 8, 8)}, "takes a list"),
        ([{"C5": torch.zeros(320, 2, 2)}], "The features of image 0 are C5: C3 and C4 and C5 are needed"),
        (torch.zeros(3, 64, 64), r"Image 0 is \(64, 64\)"),
        ([torch.zeros(1, 64, 64)], r"Image 0 is \(1, 64, 64\)"),
        ([torch.zeros(3, 0, 64)], r"Image 0 is \(3, 0, 64\)"),
        ([torch.zeros(3, 64, 64), torch.full((3, 64, 64), torch.nan)], "Image 1 contains NaN"),
    ],
)
def test_bad_inputs_in_words(name, inputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        detector(name).eval()(inputs)


@ours
def test_a_detector_without_backbone_needs_features_and_one_with_classes(name):
    with pytest.raises(ValueError, match="has no backbone"):
        OURS[name](3).eval()([torch.zeros(3, 64, 64)])
    with pytest.raises(ValueError, match="at least one class"):
        OURS[name](0)
    with pytest.raises(ValueError, match="several sizes: call the model itself"):
        detector(name).outputs([torch.zeros(3, 64, 64), torch.zeros(3, 96, 64)])


@ours
def test_one_tiny_image_can_be_trained_on(name):
    target = objects(torch.tensor([[2.0, 2, 20, 20]]), torch.tensor([1]), 30, 30)
    losses = detector(name).train()([torch.rand(3, 30, 30)], [target])
    assert all(loss.isfinite() for loss in losses.values())


@ours
def test_fine_tuning_is_the_same_call_with_another_backbone(name):
    frozen = detector(name, backbone=efficientnet_lite0())
    tuned = detector(name, backbone=efficientnet_lite0(trainable=("C4", "C5")))
    images, targets = map(list, zip(scene(0), scene(1), strict=True))
    for model in (frozen, tuned):
        sum(model.train()(images, targets).values()).backward()
    learning = {
        n.split(".")[2] for n, p in tuned.named_parameters() if p.grad is not None and "backbone" in n
    }
    assert learning == {"C4", "C5"}
    assert all(p.grad is None for p in frozen.backbone.parameters())
    assert tuned.backbone.stages["C5"][0].project[0].weight.grad.abs().sum() > 0


def test_what_a_subclass_must_write():
    for call in (Detector(1).outputs, Detector(1).predict):
        with pytest.raises(NotImplementedError):
            call([])
    with pytest.raises(NotImplementedError):
        Detector(1).losses([], [])


def test_at_most_so_many_candidates_and_detections():
    boxes = torch.arange(300.0)[:, None] + torch.tensor([0.0, 0, 1, 1])
    scores = torch.linspace(0, 1, 600).reshape(300, 2)
    found = select_detections(boxes, scores, (400, 400))
    assert len(found["boxes"]) == 100 and found["scores"].min() > 0.8
    assert len(select_detections(boxes, scores, (400, 400), candidates=7)["boxes"]) == 7
    assert len(select_detections(boxes + 400, scores, (400, 400))["boxes"]) == 0  # outside of the image
    assert len(select_detections(boxes[:0], scores[:0], (400, 400))["boxes"]) == 0


def scenes_to_overfit(count=24):
    """Features of the first scenes of `train`, without a cache."""
    dataset = still_life("train")
    maps = features_of(efficientnet_lite0(), torch.stack([dataset[i][0] for i in range(count)]))
    return FeatureDataset(Subset(dataset, range(count)), {k: maps[k].numpy() for k in ("C3", "C4", "C5")})


@pytest.mark.slow
@ours
def test_it_can_learn_24_scenes_by_heart(name):
    torch.manual_seed(0)
    dataset = scenes_to_overfit()
    model = OURS[name](len(CLASSES))
    list(fit(model, dataset, 150 if "Yolo" in name else 100, batch_size=8))
    targets = [dataset[i][1] for i in range(len(dataset))]
    found = predict(model, dataset)
    for kind in ("boxes", "masks") if name == "MaskRCNN" else ("boxes",):
        assert coco_metrics(found, targets, kind)["AP50"] > 0.9, kind
