"""N slots: matching against scipy and brute force, padding without a gradient, and a set that has no order."""

from itertools import permutations

import pytest
import torch
import torch.nn.functional as F
import torchvision.ops as witness
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from coursekit.metrics import set_scores
from coursekit.models.slot_localiser import (
    SlotLocaliser,
    best_assignment,
    box_distance,
    keep_found,
    listed_order,
    matching_cost,
    padded_box_loss,
)
from coursekit.training import fit, predict

CLASSES = 3


def squares(seed, most=3):
    """One to three bright squares on a dark ground, in a random order; the class is the colour."""
    random = torch.Generator().manual_seed(seed)
    image, boxes, labels = torch.full((3, 192, 192), 0.1), [], []
    places = torch.randperm(4, generator=random)[: 1 + int(torch.randint(most, (), generator=random))]
    for place in places.tolist():
        side, x, y = 64, 16 + 96 * (place % 2), 16 + 96 * (place // 2)
        colour = int(torch.randint(CLASSES, (), generator=random))
        image[colour, y : y + side, x : x + side] = 1
        boxes.append([x, y, x + side, y + side])
        labels.append(colour + 1)
    return image, {"boxes": torch.tensor(boxes, dtype=torch.float32), "labels": torch.tensor(labels)}


def maps_of(image):
    """Maps of the backbone's shapes, made of averages of the pixels by a fixed random mixture."""
    random = torch.Generator().manual_seed(0)
    mix = {
        level: torch.randn(channels, 3, generator=random) for level, channels in (("C4", 112), ("C5", 320))
    }
    pooled = {
        "C4": torch.nn.functional.avg_pool2d(image, 16),
        "C5": torch.nn.functional.avg_pool2d(image, 32),
    }
    return {level: torch.einsum("cr,rhw->chw", mix[level], pooled[level]) for level in mix}


@pytest.fixture(scope="module")
def scenes():
    return [(maps_of(image), target) for image, target in map(squares, range(300))]


def slot_localiser(**options):
    torch.manual_seed(0)
    return SlotLocaliser(CLASSES, **options)


costs = st.tuples(st.integers(0, 5), st.integers(0, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(st.floats(-9, 9), min_size=sum(shape), max_size=sum(shape)),
        min_size=shape[0],
        max_size=shape[0],
    ).map(lambda rows: torch.tensor(rows, dtype=torch.float64).reshape(shape[0], sum(shape)))
)


@given(costs)
def test_best_assignment_costs_what_scipy_and_brute_force_find(cost):
    slots = best_assignment(cost)
    rows = torch.arange(len(cost))
    assert slots.shape == (len(cost),) and len(set(slots.tolist())) == len(cost)
    ours = cost[rows, slots].sum().item()
    assert ours == pytest.approx(cost.numpy()[linear_sum_assignment(cost.numpy())].sum())
    every = permutations(range(cost.shape[1]), len(cost))
    assert ours == pytest.approx(min(cost[rows, list(way)].sum().item() for way in every))


def test_matching_cost_by_torchvision():
    random = torch.Generator().manual_seed(0)
    corners = torch.rand(5, 2, 2, generator=random) * 100
    boxes = torch.cat([corners.amin(1), corners.amax(1) + 1], 1)
    logits, labels = torch.randn(3, CLASSES + 1, generator=random), torch.tensor([3, 1])
    expected = -logits.softmax(1)[:, labels].T - witness.generalized_box_iou(boxes[3:], boxes[:3])
    torch.testing.assert_close(matching_cost(boxes[:3], logits, boxes[3:], labels), expected)
    assert matching_cost(boxes[:3], logits, boxes[:0], labels[:0]).shape == (0, 3)


def test_padded_slots_have_no_gradient_whatever_the_padding():
    predicted = (torch.rand(2, 3, 4) * 9).requires_grad_()
    real = torch.tensor([[True, False, False], [True, True, False]])
    for padding in (0.0, 1e6, float("nan")):
        target = torch.where(real[..., None], torch.tensor([0.0, 0, 5, 5]), padding)
        (gradient,) = torch.autograd.grad(padded_box_loss(predicted, target, real), predicted)
        assert (gradient[~real] == 0).all() and (gradient[real] != 0).any()
    loss = padded_box_loss(predicted, target, torch.zeros(2, 3, dtype=torch.bool))
    assert loss.item() == 0 and loss.requires_grad


def test_keep_found_drops_the_background_and_sorts():
    logits = torch.tensor([[0.0, 1, 0], [4, 0, 1], [0, 0, 3]])
    found = keep_found(torch.arange(12.0).reshape(3, 4), logits)
    assert found["labels"].tolist() == [2, 1] and found["boxes"][:, 0].tolist() == [8, 0]
    assert found["scores"].tolist() == sorted(found["scores"].tolist(), reverse=True)
    nothing = keep_found(torch.rand(2, 4), torch.tensor([[1.0, 0], [1.0, 0]]))
    assert nothing["boxes"].shape == (0, 4) and nothing["labels"].dtype == torch.int64


def mixed(target, order):
    return {name: value[order] for name, value in target.items()}


def test_a_matched_loss_does_not_know_the_order_and_a_listed_one_does(scenes):
    inputs, targets = zip(*[scene for scene in scenes if len(scene[1]["boxes"]) == 3][:4], strict=True)
    for assign, invariant in ((best_assignment, True), (listed_order, False)):
        model = slot_localiser(assign=assign).train()
        losses = [
            model([dict(x) for x in inputs], [mixed(target, list(order)) for target in targets])
            for order in permutations(range(3))
        ]
        for name in ("box", "class"):
            values = torch.stack([loss[name] for loss in losses])
            assert (values.max() - values.min() < 1e-6).item() == invariant, name


def test_matching_learns_where_the_listed_order_cannot(scenes):
    scores = {}
    for assign in (best_assignment, listed_order):
        model = slot_localiser(assign=assign)
        assert len(list(fit(model, scenes[:240], 120))) == 120
        scores[assign] = set_scores(predict(model, scenes[240:]), [target for _, target in scenes[240:]])
    assert scores[best_assignment]["mean_iou"] > scores[listed_order]["mean_iou"] + 0.1
    assert scores[best_assignment]["both_right"] > scores[listed_order]["both_right"] + 0.2


def test_a_students_functions_are_used(scenes):
    seen = []

    def spy(name, function):
        def call(*arguments):
            seen.append(name)
            return function(*arguments)

        return call

    model = slot_localiser(
        assign=spy("assign", best_assignment),
        cost=spy("cost", matching_cost),
        box_loss=spy("box_loss", padded_box_loss),
        select=spy("select", keep_found),
    )
    inputs, targets = zip(*scenes[:2], strict=True)
    model.train()(inputs, targets)
    assert seen == ["cost", "assign"] * 2 + ["box_loss"]
    model.eval()(inputs)
    assert seen[-2:] == ["select"] * 2


def test_no_object_and_too_many_objects(scenes):
    model = slot_localiser(slots=2).train()
    none = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    losses = model([scenes[0][0]], [none])
    assert losses["box"].item() == 0 and losses["class"].item() > 0
    sum(losses.values()).backward()
    three = next(target for _, target in scenes if len(target["boxes"]) == 3)
    with pytest.raises(
        ValueError, match="Image 1 has 3 objects, but there are 2 slots: train on scenes with"
    ):
        model([scenes[0][0]] * 2, [none, three])


def test_predictions_are_inside_images_of_any_size():
    model = slot_localiser().eval()
    maps = {"C4": torch.randn(112, 4, 10), "C5": torch.randn(320, 2, 5)}
    for found in model([maps, maps_of(torch.rand(3, 192, 192))]):
        assert found["boxes"].shape[1] == 4 and len(found["boxes"]) == len(found["labels"]) <= 3
    found = slot_localiser(select=lambda boxes, logits: {"boxes": boxes}).eval()([maps])[0]["boxes"]
    assert (found >= 0).all() and (found[:, 2] <= 160).all() and (found[:, 3] <= 64).all()


def test_the_distance_of_boxes_is_torchvisions_giou_loss_and_the_mean_error_in_cells():
    corner, sides = 60 * torch.rand(2, 50, 2), 1 + 90 * torch.rand(2, 50, 2)
    first, second = torch.cat([corner, corner + sides], 2)
    expected = (
        witness.generalized_box_iou_loss(first, second)
        + F.l1_loss(first, second, reduction="none").mean(1) / 32
    )
    torch.testing.assert_close(box_distance(first, second), expected, rtol=1e-4, atol=1e-5)
