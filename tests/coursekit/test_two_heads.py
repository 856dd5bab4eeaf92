"""Which parts of the localiser learn: heads apart, stages of the backbone end to end, and what freezing keeps."""

import copy

import pytest
import torch
from torch import nn

from coursekit.models.localiser import Localiser, freeze
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.nets.upper_stages import UpperStages
from coursekit.training import fit, predict


@pytest.fixture(scope="module")
def backbone():
    torch.manual_seed(0)
    return EfficientNetLite0().eval()


@pytest.fixture(scope="module")
def items(backbone):
    random = torch.Generator().manual_seed(0)
    images = torch.rand(6, 3, 64, 96, generator=random)
    with torch.no_grad():
        maps = backbone(images)
    targets = [
        {"boxes": torch.tensor([[5.0, 5 + i, 40, 60]]), "labels": torch.tensor([1 + i % 3])} for i in range(6)
    ]
    return [({level: maps[level][i] for level in ("C3", "C4", "C5")}, targets[i]) for i in range(6)]


def localiser(**options):
    torch.manual_seed(1)
    return Localiser(3, **options)


def weights(module):
    return copy.deepcopy(module.state_dict())


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def run(model, items, steps=3):
    assert len(list(fit(model, items, steps, batch_size=3))) == steps


@pytest.mark.parametrize("part", ["box_head", "class_head", "stages"])
def test_only_the_part_that_learns_changes(part, backbone, items):
    model = localiser(stages=UpperStages(backbone))
    before = {name: weights(getattr(model, name)) for name in model.parts}
    run(model.learn(part), items)
    for name in model.parts:
        assert same(before[name], weights(getattr(model, name))) == (name != part), name


def test_training_the_box_head_leaves_every_class_as_it_was(items):
    model = localiser()
    run(model.learn("normalise", "class_head"), items)
    before = predict(model, items)
    run(model.learn("box_head"), items)
    after = predict(model, items)
    for a, b in zip(before, after, strict=True):
        assert torch.equal(a["scores"], b["scores"]) and torch.equal(a["labels"], b["labels"])
        assert not torch.equal(a["boxes"], b["boxes"])


def test_a_freeze_that_forgets_the_statistics_changes_the_classes(items):
    items = [({level: 1e4 * maps for level, maps in features.items()}, target) for features, target in items]
    model = localiser(freeze=lambda module: module.requires_grad_(False))
    run(model.learn("normalise", "class_head"), items)
    before = predict(model, items)
    run(model.learn("box_head"), items)
    after = predict(model, items)
    assert any(not torch.equal(a["scores"], b["scores"]) for a, b in zip(before, after, strict=True))


def test_the_backbone_itself_never_changes(backbone, items):
    before = weights(backbone)
    run(localiser(stages=UpperStages(backbone, ("C4", "C5"))), items)
    assert same(before, weights(backbone))


@pytest.mark.parametrize("levels", [("C5",), ("C4", "C5")])
def test_untrained_stages_give_the_maps_of_the_backbone(levels, backbone, items):
    stages = UpperStages(backbone, levels).eval()
    made = stages({level: maps[None] for level, maps in items[0][0].items() if level <= stages.below})
    for level in levels:
        torch.testing.assert_close(made[level][0], items[0][0][level], rtol=1e-4, atol=1e-4)


def test_stages_that_learn_keep_their_statistics(backbone, items):
    model = localiser(stages=UpperStages(backbone))
    before = weights(model.stages)
    run(model.learn("stages", "box_head"), items)
    statistics = [name for name in before if "running" in name]
    after = weights(model.stages)
    assert statistics and all(torch.equal(before[name], after[name]) for name in statistics)
    assert not same(before, after)


def test_a_batch_of_images_and_of_their_maps_give_the_same_answer(backbone, items):
    images = torch.rand(6, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    model = localiser(backbone=backbone, stages=UpperStages(backbone)).eval()
    for a, b in zip(model(list(images)), model([maps for maps, _ in items]), strict=True):
        torch.testing.assert_close(a["boxes"], b["boxes"], rtol=1e-3, atol=1e-2)


def test_freeze_survives_training_mode_and_can_be_taken_back():
    model = localiser()
    model.learn("class_head").train()
    assert not model.normalise["C5"].training and not model.box_head.layers[0].weight.requires_grad
    model.learn("normalise", "box_head").train()
    assert model.normalise["C5"].training and model.box_head.layers[0].weight.requires_grad
    assert not model.class_head.weight.requires_grad


def test_freeze_returns_the_module():
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    before = weights(module)
    assert freeze(module) is module
    module(torch.rand(2, 3, 5, 5))
    assert same(before, weights(module)) and not any(p.requires_grad for p in module.parameters())


def test_unknown_parts_and_missing_maps_in_words(backbone, items):
    with pytest.raises(
        ValueError, match="no part 'neck' that could learn: there are normalise, box_head, class"
    ):
        localiser().learn("neck")
    with pytest.raises(ValueError, match="no part 'stages'"):
        localiser().learn("stages")
    model = localiser(stages=UpperStages(backbone, ("C4", "C5"))).eval()
    maps = {level: items[0][0][level] for level in ("C4", "C5")}
    with pytest.raises(ValueError, match="The features of image 0 are C4, C5: C3 are needed"):
        model([maps])
