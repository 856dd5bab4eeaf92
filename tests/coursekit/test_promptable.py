"""Promptable segmentation: the contract, what one prompt may not change for another, and learning by heart."""

import pytest
import torch

from coursekit.data.objects import WithoutClasses
from coursekit.metrics.clicking import click_intervals, click_ious
from coursekit.models.answers import answer_ious, answer_losses, best_answer_loss, mask_nms
from coursekit.models.clicks import Clicks
from coursekit.models.promptable import (
    Answers,
    PromptableSegmenter,
    objects_of,
)
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.training import fit


@pytest.fixture(scope="module")
def model() -> PromptableSegmenter:
    torch.manual_seed(0)
    return PromptableSegmenter(3, backbone=EfficientNetLite0(), channels=16, dilations=(1,))


def squares(*sides: int, size: tuple[int, int] = (64, 96)) -> dict:
    masks = torch.zeros(len(sides), *size, dtype=torch.bool)
    for mask, side in zip(masks, sides, strict=True):
        mask[8 : 8 + side, 16 : 16 + side] = True
    boxes = torch.tensor([[16.0, 8.0, 16.0 + side, 8.0 + side] for side in sides]).reshape(-1, 4)
    return {"boxes": boxes, "labels": torch.arange(len(sides)) % 3 + 1, "masks": masks}


def test_losses_have_a_gradient_and_predictions_are_well_formed(model):
    images = [torch.rand(3, 64, 96), torch.rand(3, 60, 90)]
    targets = [squares(20, 30), squares(24, size=(60, 90))]
    torch.manual_seed(1)
    losses = model.train()(images, targets)
    assert losses.keys() == {"mask", "iou"}
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in model.together.parameters())
    for prediction, image in zip(model.eval()(images), images, strict=True):
        count = len(prediction["labels"])
        assert prediction["masks"].shape == (count, 1, *image.shape[1:])
        assert prediction["boxes"].shape == (count, 4)
        assert prediction["scores"].tolist() == sorted(prediction["scores"].tolist(), reverse=True)


def test_a_batch_without_objects_costs_nothing(model):
    losses = model.train()([torch.rand(3, 64, 96)], [squares()])
    assert [loss.item() for loss in losses.values()] == [0, 0]


def test_a_target_without_masks_is_refused(model):
    target = squares(20)
    del target["masks"]
    with pytest.raises(ValueError, match="has no 'masks': PromptableSegmenter learns"):
        model.train()([torch.rand(3, 64, 96)], [target])


def test_a_prompt_does_not_change_the_answer_to_another(model):
    model.eval()
    points, inside = torch.rand(5, 2, 2) * 60, torch.tensor([[True, False]] * 5)
    with torch.no_grad():
        encoded = model.encode([torch.rand(3, 64, 96), torch.rand(3, 64, 96)])
        owner = torch.tensor([0, 1, 0, 1, 1])
        together = model.decode(encoded.of(owner), model.prompts(encoded, Clicks(points, inside)))
        alone = model.decode(encoded.of(owner[3:4]), model.prompts(encoded, Clicks(points[3:4], inside[3:4])))
    torch.testing.assert_close(together.masks[3:4], alone.masks, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(together.iou[3:4], alone.iou, atol=1e-4, rtol=1e-4)


def test_the_loss_is_that_of_the_best_answer():
    torch.manual_seed(0)
    logits, truth = torch.randn(4, 3, 5, 6, requires_grad=True), torch.rand(4, 5, 6) > 0.5
    for p in range(4):
        for a in range(3):
            chance = logits[p, a].sigmoid()
            wanted = truth[p].float()
            entropy = -(wanted * chance.log() + (1 - wanted) * (1 - chance).log()).mean()
            dice = 1 - (2 * (chance * wanted).sum() + 1) / (chance.sum() + wanted.sum() + 1)
            assert answer_losses(logits, truth)[p, a].item() == pytest.approx(
                (5 * entropy + dice).item(), rel=1e-5
            )
    best_answer_loss(logits, truth).sum().backward()
    assert logits.grad.flatten(2).any(2).sum(1).tolist() == [1, 1, 1, 1]


def test_the_iou_of_answers_and_the_answer_that_is_chosen():
    truth = torch.tensor([[[True, True, False, False]]])
    logits = torch.tensor([[[[1.0, 1.0, -1.0, -1.0]], [[1.0, -1.0, 1.0, -1.0]], [[-1.0, -1.0, -1.0, -1.0]]]])
    assert answer_ious(logits, truth)[0].tolist() == pytest.approx([1, 1 / 3, 0])
    assert torch.equal(Answers(logits, torch.tensor([[0.2, 0.9, 0.3]])).best(), logits[:, 1])


def test_small_objects_are_not_trained_on_and_few_of_many_are():
    owner, masks = objects_of([squares(4, 20), squares(), squares(*[20] * 9)], (64, 96), torch.device("cpu"))
    assert owner.tolist() == [0, 2, 2] and masks.shape == (3, 32, 48)
    assert masks.flatten(1).sum(1).tolist() == [100] * 3


def test_mask_nms_keeps_the_better_of_two_that_overlap():
    masks = torch.zeros(3, 4, 4, dtype=torch.bool)
    masks[0, :2], masks[1, :3], masks[2, 3] = True, True, True
    assert mask_nms(masks, torch.tensor([0.5, 0.9, 0.7]), 0.5).tolist() == [1, 2]
    assert mask_nms(masks[:0], torch.zeros(0), 0.5).tolist() == []


def test_a_class_can_be_left_out():
    image, target = torch.rand(3, 64, 96), squares(20, 22, 24)
    kept = WithoutClasses([(image, target)], [2])[0][1]
    assert kept["labels"].tolist() == [1, 3] and torch.equal(kept["masks"], target["masks"][[0, 2]])


def test_intervals_draw_images_not_objects():
    ious = torch.tensor([[0.0]] * 9 + [[1.0]])
    mean, low, high = click_intervals(ious, torch.tensor([0] * 9 + [5]))["iou_1"]
    assert (mean, low, high) == (pytest.approx(0.1), 0, 1)


@pytest.mark.slow
@pytest.mark.rotated
def test_it_learns_eight_scenes_by_heart():
    from coursekit.data.objects import Picked
    from coursekit.data.still_life_features import still_life_features

    torch.manual_seed(0)
    model = PromptableSegmenter(10)
    scenes = Picked(still_life_features("val", levels=model.levels), range(8))
    for _ in fit(model, scenes, 150, 8, 3e-3, seed=0):
        pass
    assert click_ious(model, scenes)[0][:, 2].mean() > 0.8
