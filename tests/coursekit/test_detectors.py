"""One contract for every detector: the course's models and torchvision's own."""

import pytest
import torch
import torch.nn.functional as F
from made_up_detectors import (
    OURS,
    crowd,
    detector,
    every,
    nothing,
    objects,
    ours,
    scene,
    specks,
    talkative,
    usual,
)
from torch import nn
from torch.utils.data import Subset

from coursekit.data.features import FeatureDataset, features_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.metrics import coco_metrics
from coursekit.models.detector import select_detections
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.training import fit, load_weights, predict, save_weights


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
    model.denoising = 0  # nor does a DETR on noise
    items = [scene(0), scene(1), scene(2, 64, 64)]
    apart = [model.losses([image], [target]) for image, target in items[2:]]
    pair = model.losses(*map(list, zip(*items[:2], strict=True)))
    for norm in model.modules():  # now in training mode, but with the statistics of evaluation
        norm.training = not isinstance(norm, nn.BatchNorm2d)
    model.normalised = lambda level, maps: model.normalise[level](maps)
    together = model(*map(list, zip(*items, strict=True)))
    for key, value in together.items():
        torch.testing.assert_close(value, (2 * pair[key] + apart[0][key]) / 3)


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
    backbone = efficientnet_lite0()
    maps = features_of(backbone, torch.stack([dataset[i][0] for i in range(count)]))
    return FeatureDataset(
        Subset(dataset, range(count)), {k: maps[k].numpy() for k in ("C3", "C4", "C5")}, backbone
    )


BY_HEART = {"Yolo": (150, 3e-3), "YoloModern": (150, 3e-3), "DETR": (400, 1e-3), "ModernDETR": (150, 2e-3)}


@pytest.mark.rotated
@pytest.mark.slow
@ours
def test_it_can_learn_24_scenes_by_heart(name):
    torch.manual_seed(0)
    dataset = scenes_to_overfit()
    model = OURS[name](len(CLASSES))
    steps, lr = BY_HEART.get(name, (100, 3e-3))
    list(fit(model, dataset, steps, batch_size=8, lr=lr))
    targets = [dataset[i][1] for i in range(len(dataset))]
    found = predict(model, dataset)
    for kind in ("boxes", "masks") if name == "MaskRCNN" else ("boxes",):
        assert coco_metrics(found, targets, kind)["AP50"] > 0.9, kind
