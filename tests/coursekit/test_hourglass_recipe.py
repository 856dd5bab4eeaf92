"""The recipe of lab 13: two networks that differ in the loss alone, and their errors after each stack."""

from dataclasses import replace

import pytest
import torch

from coursekit import shipped
from coursekit.folders import checkpoint
from coursekit.metrics.keypoint import distances_by_stack, stack_scores
from coursekit.models.hourglass import HourglassKeypoints, final_loss, intermediate_loss
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.published import record
from coursekit.recipes import experiments, recipe
from coursekit.recipes.table import KEYPOINTS, RECIPES


def items(count=3, height=64, width=96):
    """Features of noise, and one object each."""
    random = torch.Generator().manual_seed(0)
    found = []
    for _ in range(count):
        maps = {
            level: torch.randn(EfficientNetLite0.channels[level], height // s, width // s, generator=random)
            for level, s in EfficientNetLite0.strides.items()
        }
        keypoints = torch.cat([60 * torch.rand(1, 3, 2, generator=random), torch.full((1, 3, 1), 2.0)], 2)
        found.append(
            (
                maps,
                {
                    "labels": torch.tensor([2]),
                    "boxes": torch.tensor([[0.0, 0, 60, 60]]),
                    "keypoints": keypoints,
                },
            )
        )
    return found


def model(seed, loss=intermediate_loss):
    torch.manual_seed(seed)
    return HourglassKeypoints(10, stacks=2, channels=8, loss=loss)


def test_both_networks_begin_and_learn_alike(monkeypatch):
    begun = []

    def instead(network, dataset, *schedule, **options):
        begun.append(
            (network.loss, {k: v.clone() for k, v in network.state_dict().items()}, schedule, options)
        )
        return 0.5

    monkeypatch.setattr(recipe, "timed_fit", instead)
    monkeypatch.setattr(experiments, "first_batch", lambda: tuple(map(list, zip(*items(), strict=True))))
    monkeypatch.setattr(experiments, "stack_intervals", lambda models, split: {})
    row = replace(RECIPES["hourglass"], task=replace(KEYPOINTS, items=lambda model: []))
    found = row.run("hourglass", steps=7, seed=3)
    assert found["cpu_minutes"] == 1.0 and found["weights"] == [] and found["seed"] == 3
    (first, weights, schedule, options), (second, others, *same) = begun
    assert (first, second) == (intermediate_loss, final_loss) and [schedule, options] == same
    learnt = [name for name in weights if "running" not in name and "num_batches" not in name]
    assert all(torch.equal(weights[name], others[name]) for name in learnt)
    assert found["first_gradients"]["after each stack"] > 0


def test_a_look_at_the_gradient_leaves_no_trace():
    network, (inputs, targets) = model(0), map(list, zip(*items(), strict=True))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    share = experiments.first_stack_gradient(network, inputs, targets)
    assert 0 < share < 1
    assert all(p.grad is None for p in network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.fixture
def scores(monkeypatch):
    monkeypatch.setattr(experiments, "keypoint_features", lambda split: items())
    models = {"after each stack": model(0), "at the end": model(1, final_loss)}
    return models, experiments.stack_intervals(models, "val")


def test_scores_of_both_after_each_stack(scores):
    models, rows = scores
    assert {"distance_1", "distance_2", "pck_1", "pck_2", "end_pck_2", "end_distance_2"} <= rows.keys()
    for score in ("distance", "pck"):
        gain, low, high = rows[f"{score}_2_minus_1"]
        assert gain == pytest.approx(rows[f"{score}_2"][0] - rows[f"{score}_1"][0], abs=2e-4)
        assert low <= gain <= high
        gain = rows[f"{score}_each_minus_end"][0]
        assert gain == pytest.approx(rows[f"{score}_2"][0] - rows[f"end_{score}_2"][0], abs=2e-4)
    distances = distances_by_stack(models["after each stack"], items(), batch_size=2)
    mean = torch.stack([d.mean() for d in distances[1]]).mean().item()
    assert rows["distance_2"][0] == pytest.approx(mean, abs=1e-4)


def test_batches_change_nothing(scores):
    network = scores[0]["after each stack"]
    one, three = (distances_by_stack(network, items(), batch_size=n) for n in (1, 3))
    for stack, other in zip(one, three, strict=True):
        for a, b in zip(stack, other, strict=True):
            torch.testing.assert_close(a, b, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("split", KEYPOINTS.tests)
def test_looking_again_keeps_its_promise(split):
    """What lab 13 says: the error falls from stack to stack; from the first to the last more points are found, beyond chance.

    A loss after each stack is no better than one at the end, as far as can be told.
    """
    scores = record("hourglass")["scores"][split]
    distances, found = ([scores[f"{name}_{k}"][0] for k in (1, 2, 3)] for name in ("distance", "pck"))
    assert distances[0] > distances[1] > distances[2] and found[0] < found[1] < found[2]
    assert scores["pck_3_minus_1"][1] > 0
    assert scores["pck_each_minus_end"][1] < 0 < scores["pck_each_minus_end"][2]


def test_the_shipped_hourglasses_are_small_and_ready():
    model = shipped("hourglass")
    assert not model.training and checkpoint("hourglass").stat().st_size < 3e6
    (found,) = model([torch.rand(3, 70, 90)])
    assert found["points"].shape == (len(found["point_scores"]), 2)


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("split", KEYPOINTS.tests)
def test_the_shipped_hourglasses_have_the_published_scores(split):
    """Their weights are rounded to float16, which costs less than two thousandths."""
    distances = distances_by_stack(shipped("hourglass"), experiments.keypoint_features(split))
    for (name, k), values in stack_scores(distances).items():
        assert values.mean() == pytest.approx(
            record("hourglass")["scores"][split][f"{name}_{k}"][0], abs=0.002
        )
