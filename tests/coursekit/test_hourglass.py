"""The hourglass, stacked: shapes, the recursion, gradients, key points learnt by heart."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.metrics.keypoint import keypoint_distances, locate
from coursekit.models.hourglass import (
    HourglassKeypoints,
    HourglassSegmenter,
    channels_of,
    final_loss,
    intermediate_loss,
)
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.nets.hourglass import Hourglass, MergedLevels, Residual, StackedHourglass, around_and_through


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def network(**options):
    torch.manual_seed(0)
    return HourglassKeypoints(3, channels=16, **options)


def features(count=2, height=96, width=64):
    return [
        {
            level: noise(EfficientNetLite0.channels[level], height // s, width // s, seed=i)
            for level, s in EfficientNetLite0.strides.items()
        }
        for i in range(count)
    ]


def target(seed=0, labels=(1, 3)):
    keypoints = 60 * torch.rand(len(labels), 3, 3, generator=torch.Generator().manual_seed(seed))
    keypoints[..., 2] = 2
    boxes = torch.tensor([[0.0, 0, 40, 50]]).repeat(len(labels), 1)
    return {"labels": torch.tensor(labels), "boxes": boxes, "keypoints": keypoints}


class TestNet:
    @pytest.mark.parametrize("size", [(24, 24), (13, 7), (1, 5), (1, 1)])
    def test_any_size_comes_back(self, size):
        x = noise(2, 8, *size)
        guesses = StackedHourglass(8, outputs=5, stacks=2, depth=3)(x)
        assert [tuple(guess.shape) for guess in guesses] == [(2, 5, *size)] * 2

    def test_the_fold_by_hand(self):
        x = noise(1, 2, 5, 3)
        around, through = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1)
        small = through(F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-torch.inf), 2))  # (1, 2, 3, 2)
        expected = around(x) + small.repeat_interleave(2, 2).repeat_interleave(2, 3)[..., :5, :3]
        torch.testing.assert_close(around_and_through(x, around, through), expected)

    def test_depth_is_the_number_of_halvings(self):
        seen = []

        def fold(x, around, through):
            seen.append(tuple(x.shape[-2:]))
            return around_and_through(x, around, through)

        Hourglass(4, depth=3, fold=fold)(noise(1, 4, 24, 16))
        assert seen == [(24, 16), (12, 8), (6, 4)]

    def test_the_second_stack_sees_the_first_guess(self):
        torch.manual_seed(0)
        net = StackedHourglass(8, outputs=2, stacks=2).eval()
        x = noise(1, 8, 8, 8)
        before = net(x)
        net.guesses[0].bias.data += 1
        after = net(x)
        assert torch.allclose(after[0], before[0] + 1) and not torch.allclose(after[1], before[1])

    def test_bad_numbers_in_words(self):
        for options in ({"stacks": 0}, {"depth": 0}):
            with pytest.raises(ValueError, match="at least 1"):
                StackedHourglass(8, 2, **options)

    def test_a_residual_begins_at_what_came_in(self):
        block, x = Residual(8).eval(), noise(1, 8, 4, 4)
        nn.init.zeros_(block.change[-1].weight)
        nn.init.zeros_(block.change[-1].bias)
        assert torch.equal(block(x), x)

    def test_levels_are_added_at_the_size_of_the_finest(self):
        merged = MergedLevels({"C3": 2, "C4": 3}, 4)
        assert merged({"C3": noise(1, 2, 5, 7), "C4": noise(1, 3, 3, 4)}).shape == (1, 4, 5, 7)


class TestLosses:
    def test_one_loss_after_each_stack(self):
        guesses, truth = noise(3, 2, 3, 4, 5), noise(2, 3, 4, 5, seed=9)
        parts = [F.mse_loss(guess, truth, reduction="sum") / 2 for guess in guesses]
        torch.testing.assert_close(intermediate_loss(guesses, truth), sum(parts))
        torch.testing.assert_close(final_loss(guesses, truth), parts[-1])

    @pytest.mark.parametrize("loss", [intermediate_loss, final_loss])
    def test_every_weight_learns(self, loss):
        model = network(loss=loss).train()
        model(features(), [target(0), target(1)])["heat"].backward()
        silent = [name for name, p in model.named_parameters() if not p.grad.abs().sum()]
        own = [f"stacked.guesses.{k}.{part}" for k in (0, 1) for part in ("weight", "bias")]
        assert not silent, "without losses of their own the first guesses still feed the next stack"
        assert all(dict(model.named_parameters())[name].grad.norm() > 0 for name in own)

    def test_the_first_stack_learns_when_the_last_loss_is_off(self):
        model = network().train()
        guesses = model.outputs(features())
        truth = torch.stack([model.heatmaps(target(i), guesses.shape[2:]) for i in range(2)])
        intermediate_loss(guesses[:1], truth).backward()
        assert sum(p.grad.norm() for p in model.stacked.hourglasses[0].parameters()) > 0
        assert not any(p.grad is not None and p.grad.any() for p in model.stacked.hourglasses[2].parameters())


class TestKeypoints:
    def test_heat_maps_of_the_truth_are_found_again(self):
        model, truth = network(), target(3, labels=(2, 2, 1))
        heatmaps = model.heatmaps(truth, (9, 12, 8))
        found = locate(heatmaps, truth, channels_of(truth["labels"]), stride=8)
        assert (
            keypoint_distances(found, truth).max() < 0.2 * 8 / 50
            or (found - truth["keypoints"][..., :2]).norm(dim=-1).median() < 1
        )

    def test_a_point_outside_of_the_picture_is_not_drawn(self):
        model, truth = network(), target(0)
        truth["keypoints"][0, 1, 2] = 0
        heatmaps = model.heatmaps(truth, (9, 12, 8))
        assert not heatmaps[1].any() and heatmaps[0].any() and not heatmaps[3:6].any()

    def test_predictions(self):
        model = network().eval()
        with torch.no_grad():
            model.stacked.guesses[-1].bias += 0.5
        for found in model(features()):
            count = len(found["point_scores"])
            assert 0 < count <= 60 and found["points"].shape == (count, 2)
            assert (found["point_scores"].diff() <= 0).all() and (found["point_scores"] > 0.3).all()
            assert 0 <= found["point_labels"].min() and found["point_labels"].max() < 9
            assert found["points"].min() >= 0 and (found["points"] <= torch.tensor([64.0, 96.0])).all()

    def test_a_target_without_key_points_in_words(self):
        model = network().train()
        without = {key: value for key, value in target(0).items() if key != "keypoints"}
        with pytest.raises(ValueError, match="Target 1 has no 'keypoints'"):
            model(features(), [target(0), without])
        with pytest.raises(ValueError, match=r"image 1 are \(2, 2, 3\): \(2, 3, 3\) are needed"):
            model(features(), [target(0), {**without, "keypoints": torch.zeros(2, 2, 3)}])

    def test_no_object_trains_too(self):
        model = network().train()
        empty = {
            "labels": torch.zeros(0).long(),
            "boxes": torch.zeros(0, 4),
            "keypoints": torch.zeros(0, 3, 3),
        }
        assert model(features(), [empty, empty])["heat"].isfinite()


def test_a_loss_after_each_stack_of_the_segmenter():
    torch.manual_seed(0)
    model = HourglassSegmenter(3, stacks=3, channels=16).train()
    losses = model(features(), [{"semantic": torch.ones(96, 64).long()}] * 2)
    assert list(losses) == ["stack 1", "stack 2", "stack 3"]
