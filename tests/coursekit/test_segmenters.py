"""One contract for every segmenter: the course's models and torchvision's own."""

import pytest
import torch
from made_up_segmenters import LEVELS, OURS, VOID, batch_of, every, ours, scene, segmenter
from torch.utils.data import Subset

from coursekit import ops
from coursekit.data.features import FeatureDataset, features_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.metrics import semantic_scores
from coursekit.models.segmenter import labels_of
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.training import fit, load_weights, predict, save_weights

BY_HEART = {
    "FCN32s": 0.6,
    "FCN16s": 0.8,
    "DeconvNet": 0.8,
    "Hourglass": 0.65,
}  # mIoU: coarse maps cannot do better, and places without values take longer; all others 0.9


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


def scenes_to_overfit(count=24):
    """Features of all levels of the first scenes of `train`, without a cache."""
    dataset = still_life("train")
    backbone = efficientnet_lite0()
    maps = features_of(backbone, torch.stack([dataset[i][0] for i in range(count)]))
    return FeatureDataset(Subset(dataset, range(count)), {k: maps[k].numpy() for k in LEVELS}, backbone)


@pytest.mark.rotated
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
