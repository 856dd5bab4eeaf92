"""DETR's cost, match and losses by hand; what the model does with few, many and no objects."""

from itertools import permutations

import pytest
import torch
import torch.nn.functional as F
from made_up_detectors import crowd, detector, nothing, scene, talkative
from scipy.optimize import linear_sum_assignment
from torchvision import ops as witness

from coursekit.models.detr import DETR, DETROutputs, detr_cost, softmax_class_loss
from coursekit.models.set_prediction import (
    Truth,
    box_losses,
    corners,
    every_class,
    in_pixels,
    in_shares,
    match_sets,
    matched_losses,
    one_class_each,
    summed,
)
from coursekit.nets.transformer import to_tokens
from coursekit.ops import match_by_cost


def random_boxes(count, seed=0):
    """Boxes inside the image: cx, cy, w, h as shares of it."""
    random = torch.Generator().manual_seed(seed)
    sides = 0.1 + 0.3 * torch.rand(count, 2, generator=random)
    return torch.cat([sides / 2 + torch.rand(count, 2, generator=random) * (1 - sides), sides], 1)


def random_outputs(queries=6, classes=4, seed=0):
    """Logits and boxes of the queries of one image."""
    logits = 2 * torch.randn(queries, classes, generator=torch.Generator().manual_seed(seed))
    return logits, random_boxes(queries, seed + 1)


TRUTH = Truth(torch.tensor([2, 1, 3]), random_boxes(3, seed=7))


def test_the_cost_of_every_pair_by_hand():
    logits, boxes = random_outputs()
    table = detr_cost(logits, boxes, *TRUTH)
    assert table.shape == (3, 6)
    for g, (label, true_box) in enumerate(zip(*TRUTH, strict=True)):
        for q in range(6):
            probability = logits[q].exp()[label] / logits[q].exp().sum()
            distance = (boxes[q] - true_box).abs().sum()
            giou = witness.generalized_box_iou(corners(boxes[q, None]), corners(true_box[None]))
            assert table[g, q].item() == pytest.approx(
                (5 * distance - probability - 2 * giou).item(), abs=1e-5
            )


@pytest.mark.parametrize("seed", range(4))
def test_the_match_is_the_cheapest_of_all(seed):
    logits, boxes = random_outputs(seed=10 * seed)
    table = detr_cost(logits, boxes, *TRUTH)
    match = match_by_cost(table)
    paid = sum(table[match.target[q], q].item() for q in match.positive.nonzero()[:, 0].tolist())
    every = [sum(table[g, q].item() for g, q in enumerate(chosen)) for chosen in permutations(range(6), 3)]
    assert paid == pytest.approx(min(every))
    objects, queries = linear_sum_assignment(table.numpy())
    assert paid == pytest.approx(table.numpy()[objects, queries].sum())


def test_images_are_matched_each_on_its_own():
    outputs = [random_outputs(seed=seed) for seed in (0, 20)]
    truth = [TRUTH, Truth(torch.tensor([1]), random_boxes(1, seed=30))]
    together = match_sets(*map(torch.stack, zip(*outputs, strict=True)), truth, detr_cost, match_by_cost)
    for match, one, (logits, boxes) in zip(together, truth, outputs, strict=True):
        alone = match_by_cost(detr_cost(logits, boxes, *one))
        assert all(torch.equal(a, b) for a, b in zip(match, alone, strict=True))


def test_the_class_loss_by_hand():
    logits, _ = random_outputs(queries=4)
    labels = torch.tensor([0, 2, 0, 3])
    weights = [0.1, 1, 0.1, 1]
    losses = [-logits[q].log_softmax(0)[labels[q]].item() for q in range(4)]
    expected = sum(w * loss for w, loss in zip(weights, losses, strict=True)) / sum(weights)
    assert softmax_class_loss(logits, labels, 0.1).item() == pytest.approx(expected, rel=1e-5)
    all_equal = softmax_class_loss(logits, labels, 1.0)
    torch.testing.assert_close(all_equal, F.cross_entropy(logits, labels))


def test_the_box_losses_by_hand():
    boxes, true_boxes = random_boxes(3, seed=1), random_boxes(3, seed=2)
    losses = box_losses(boxes, true_boxes)
    assert losses["box"].item() == pytest.approx(5 * (boxes - true_boxes).abs().sum().item() / 3)
    giou = witness.generalized_box_iou_loss(corners(boxes), corners(true_boxes), reduction="mean")
    assert losses["giou"].item() == pytest.approx(2 * giou.item(), rel=1e-5)
    assert all(loss == 0 for loss in box_losses(boxes[:0], true_boxes[:0]).values())


def losses_of(logits, boxes, truth):
    """The losses of one image."""
    outputs = logits[None], boxes[None], [truth]
    matches = match_sets(*outputs, detr_cost, match_by_cost)
    return matched_losses(*outputs, matches, lambda x, labels: softmax_class_loss(x, labels, 0.1))


def test_the_order_of_objects_and_of_queries_changes_nothing():
    logits, boxes = random_outputs()
    expected = losses_of(logits, boxes, TRUTH)
    objects, queries = torch.tensor([2, 0, 1]), torch.tensor([4, 1, 5, 0, 3, 2])
    torch.testing.assert_close(losses_of(logits, boxes, Truth(*(x[objects] for x in TRUTH))), expected)
    torch.testing.assert_close(losses_of(logits[queries], boxes[queries], TRUTH), expected)


def test_of_two_queries_on_one_object_one_is_pushed_to_no_object():
    truth = Truth(torch.tensor([1]), torch.tensor([[0.5, 0.5, 0.2, 0.2]]))
    logits = torch.tensor([[0.0, 1.0], [0.0, 1.1]], requires_grad=True)
    losses_of(logits, truth.boxes.expand(2, 4), truth)["class"].backward()
    worse, better = logits.grad
    assert better[1] < 0 < worse[1], (
        "descent raises the class of the better one, and lowers that of the other"
    )


def test_a_perfect_set_costs_nothing():
    logits = torch.full((5, 4), -50.0)
    logits[:, 0] = 50
    logits[[3, 0, 1], TRUTH.labels], logits[[3, 0, 1], 0] = 50.0, -50.0
    boxes = random_boxes(5)
    boxes[[3, 0, 1]] = TRUTH.boxes
    assert sum(losses_of(logits, boxes, TRUTH).values()).item() == pytest.approx(0, abs=1e-5)


def test_every_layer_has_its_losses():
    model = talkative(detector("DETR")).eval()
    images, targets = map(list, zip(scene(0), scene(1), strict=True))
    outputs = model.outputs(images)
    assert outputs.logits.shape == (3, 2, 20, 4) and outputs.boxes.shape == (3, 2, 20, 4)
    truth, parts = in_shares(targets, (96, 64)), []
    for logits, boxes in zip(*outputs, strict=True):
        matches = match_sets(logits, boxes, truth, detr_cost, match_by_cost)
        parts.append(matched_losses(logits, boxes, truth, matches, model.class_loss))
    assert parts[0]["box"] != parts[1]["box"]
    torch.testing.assert_close(model.losses(images, targets), summed(parts))


def test_the_weight_of_no_object_reaches_the_loss():
    items = list(zip(scene(0), scene(1), strict=True))
    losses = [talkative(detector("DETR", no_object_weight=w)).eval().losses(*items) for w in (0.1, 1.0)]
    assert losses[0]["class"] != losses[1]["class"] and losses[0]["box"] == losses[1]["box"]


def test_an_image_without_objects_trains_all_queries_on_no_object():
    model = talkative(detector("DETR")).eval()
    image, _ = scene(0)
    losses = model.losses([image], [nothing()])
    logits = model.outputs([image]).logits[:, 0]  # (L, Q, K + 1)
    expected = sum(-x.log_softmax(-1)[:, 0].mean() for x in logits)
    torch.testing.assert_close(losses["class"], expected)
    assert losses["box"] == losses["giou"] == 0


def test_more_objects_than_queries_match_as_many_as_there_are_queries():
    model, counted = detector("DETR").train(), []
    model.match = lambda table: counted.append(match_by_cost(table).positive.sum()) or match_by_cost(table)
    losses = model([scene(0)[0]], [crowd(50)])
    assert counted == [20] * 3 and all(loss.isfinite() for loss in losses.values())


def test_a_cost_that_is_nan_is_refused_in_words():
    model = detector("DETR").train()
    torch.nn.init.constant_(model.head.box[-1].bias, torch.nan)
    with pytest.raises(ValueError, match="the cost table has NaN"):
        model(*map(list, zip(scene(0), strict=True)))


def test_boxes_are_shares_of_the_padded_image():
    model, image = talkative(detector("DETR")).eval(), scene(0, 90, 50)[0]
    found, outputs = model([image])[0], model.outputs([image])
    boxes = in_pixels(outputs.boxes[-1, 0], (96, 64)).clamp(torch.zeros(4), torch.tensor([50.0, 90, 50, 90]))
    scores, labels = outputs.logits[-1, 0].softmax(-1)[:, 1:].max(-1)
    order = scores.argsort(descending=True)
    assert torch.equal(found["boxes"], boxes[order]) and torch.equal(found["labels"], labels[order] + 1)
    target = {"boxes": torch.tensor([[8.0, 12, 40, 36]]), "labels": torch.tensor([1])}
    assert in_shares([target], (96, 64))[0].boxes.tolist() == [[24 / 64, 24 / 96, 32 / 64, 24 / 96]]


@pytest.mark.parametrize(("select", "expected"), [(one_class_each, 100), (every_class, 100)])
def test_at_most_100_detections_the_most_confident_first(select, expected):
    scores = torch.rand(150, 3, generator=torch.Generator().manual_seed(0))
    found = select(random_boxes(150), scores)
    assert len(found["scores"]) == len(found["boxes"]) == len(found["labels"]) == expected
    assert (found["scores"].diff() <= 0).all()
    top = (scores.amax(1) if select is one_class_each else scores.flatten()).sort(descending=True).values
    assert torch.equal(found["scores"], top[:100])
    for score, label in zip(found["scores"], found["labels"], strict=True):
        assert (scores[:, label - 1] == score).any()


def test_the_attention_of_the_last_layer():
    model = talkative(detector("DETR")).eval()
    images = [scene(0)[0], scene(1)[0]]
    attention = model.attention(images)
    assert attention.shape == (2, 20, 6, 4) and (attention >= 0).all()
    torch.testing.assert_close(attention.sum((-2, -1)), torch.ones(2, 20))
    seen, last = [], model.decoder[-1].across
    weights = last.weights
    last.weights = lambda *arguments: seen.append(weights(*arguments)) or seen[0]
    outputs = model.outputs(images)
    torch.testing.assert_close(attention.flatten(2), seen[0].mean(1))
    assert isinstance(outputs, DETROutputs)


def test_the_decoder_starts_from_the_queries_and_looks_at_the_memory():
    model = talkative(detector("DETR")).eval()
    memory = model.memory([scene(0)[0]])
    states = model.states(memory)
    assert len(states) == 4 and torch.equal(states[0][0], model.queries)
    again = model.decoder[0](states[0], model.queries, *to_tokens(memory))
    assert torch.equal(states[1], again)
    assert not torch.allclose(model.states(memory.flip(-1))[1], again)


def test_its_parts_are_as_many_as_asked_for():
    model = DETR(3, width=32, heads=4, encoder_layers=1, decoder_layers=2, queries=7)
    maps = [{"C4": torch.zeros(112, 4, 6), "C5": torch.zeros(320, 2, 3)}]
    outputs = model.eval().outputs(maps)
    assert outputs.logits.shape == (2, 1, 7, 4) and model.queries.shape == (7, 32)
    assert len(model.encoder.layers) == 1 and model.decoder[0].around.heads == 4
