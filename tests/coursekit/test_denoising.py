"""Denoising queries: how noisy they are, what they are trained on, and that nobody reads the answer from them."""

import pytest
import torch
from made_up_detectors import detector, scene, talkative

from coursekit.models import denoising
from coursekit.models.box_queries import spread_boxes
from coursekit.models.denoising import noisy_boxes, noisy_copies, noisy_labels, who_sees_whom
from coursekit.models.detr_modern import focal_class_loss, focal_cost
from coursekit.models.set_prediction import Truth, box_losses, in_shares, match_sets, matched_losses, summed

IMAGES, TARGETS = map(list, zip(scene(0), scene(1), strict=True))
TRUTH = [
    Truth(torch.tensor([2, 1]), torch.tensor([[0.3, 0.4, 0.2, 0.3], [0.6, 0.6, 0.4, 0.2]])),
    Truth(torch.tensor([3]), torch.tensor([[0.5, 0.5, 0.1, 0.1]])),
]


def with_small_noise(monkeypatch, boxes=0.0, labels=0.0):
    monkeypatch.setattr(denoising, "BOX_NOISE", boxes)
    monkeypatch.setattr(denoising, "WRONG_LABELS", labels)


def test_noisy_copies_of_every_object():
    torch.manual_seed(0)
    noisy = noisy_copies(TRUTH, copies=3, num_classes=4)
    assert noisy.labels.shape == noisy.real.shape == (2, 6) and noisy.boxes.shape == (2, 6, 4)
    assert noisy.group.tolist() == [1, 1, 2, 2, 3, 3]
    assert noisy.real.tolist() == [[True] * 6, [True, False] * 3]
    assert noisy.truth.labels.tolist() == [2, 1] * 3 + [3] * 3
    expected = torch.cat([TRUTH[0].boxes.repeat(3, 1), TRUTH[1].boxes.repeat(3, 1)])
    assert torch.equal(noisy.truth.boxes, expected)
    assert not torch.equal(noisy.boxes[0, :2], noisy.boxes[0, 2:4]), "each copy has its own noise"


def test_without_noise_the_copies_are_the_objects(monkeypatch):
    with_small_noise(monkeypatch)
    noisy = noisy_copies(TRUTH, copies=2, num_classes=4)
    assert torch.equal(noisy.boxes[noisy.real], noisy.truth.boxes)
    assert torch.equal(noisy.labels[noisy.real], noisy.truth.labels)


def test_how_large_the_noise_is():
    torch.manual_seed(0)
    boxes = torch.tensor([0.5, 0.4, 0.2, 0.1]).repeat(4000, 1)
    noise = (noisy_boxes(boxes) - boxes) / torch.tensor([0.1, 0.05, 0.2, 0.1])  # half sides, sides
    assert noise.abs().max() <= 0.4 + 1e-5 and noise.amax(0).min() > 0.39 and noise.amin(0).max() < -0.39
    assert noise.mean(0).abs().max() < 0.02
    labels = noisy_labels(torch.full((4000,), 2), 4)
    assert set(labels.tolist()) == {1, 2, 3, 4}
    assert (labels != 2).double().mean().item() == pytest.approx(0.2 * 3 / 4, abs=0.02)
    assert (noisy_boxes(torch.tensor([[0.0, 1.0, 1.0, 0.0]]).repeat(100, 1)) > 0).all()


def test_a_crowd_has_fewer_copies_and_no_objects_one_row_that_is_not_real():
    crowd = Truth(torch.ones(60, dtype=torch.int64), spread_boxes(60))
    assert noisy_copies([crowd], 3, 4).labels.shape == (1, 60)
    nobody = noisy_copies([Truth(crowd.labels[:0], crowd.boxes[:0])], 3, 4)
    assert nobody.labels.shape == (1, 3) and not nobody.real.any() and nobody.truth.boxes.shape == (0, 4)


def test_who_sees_whom():
    sees = who_sees_whom(2, torch.tensor([1, 1, 2]))
    groups = [0, 0, 1, 1, 2]
    assert sees.tolist() == [[a == b for b in groups] for a in groups]


def test_the_groups_do_not_see_each_other():
    model = talkative(detector("ModernDETR")).train()
    model.normalise.eval()
    memory = model.memory(IMAGES)
    noisy = noisy_copies(TRUTH, copies=2, num_classes=3)
    alone, before = model.decode(memory), model.decode(memory, noisy)
    noisy.boxes[:, :2] = 0.5  # the first copies become others
    noisy.labels[:, :2] = 1
    after = model.decode(memory, noisy)
    for a, b, c in zip(alone, before, after, strict=True):
        torch.testing.assert_close(b[:, :, :20], a)
        assert torch.equal(b[:, :, :20], c[:, :, :20]) and torch.equal(b[:, :, 22:], c[:, :, 22:])
        assert not torch.allclose(b[:, :, 20:22], c[:, :, 20:22])


def test_the_losses_are_those_of_the_set_and_of_the_copies(monkeypatch):
    with_small_noise(monkeypatch)
    model = talkative(detector("ModernDETR")).train()
    model.normalise.eval()
    losses = model.losses(IMAGES, TARGETS)
    truth = in_shares(TARGETS, (96, 64))
    noisy = noisy_copies(truth, 3, 3)
    parts = []
    for logits, boxes in zip(*model.decode(model.memory(IMAGES), noisy), strict=True):
        own = logits[:, :20], boxes[:, :20]
        matches = match_sets(*own, truth, focal_cost, model.match)
        parts.append(matched_losses(*own, truth, matches, focal_class_loss))
        copies = [x[:, 20:].flatten(0, 1) for x in (logits, boxes)]
        wanted = [
            torch.cat([x.repeat(3, *[1] * (x.ndim - 1)) for x in each]) for each in zip(*truth, strict=True)
        ]
        classes = {"class": focal_class_loss(copies[0], wanted[0])}
        parts.append(classes | box_losses(copies[1], wanted[1]))
    torch.testing.assert_close(losses, summed(parts))


def test_noise_is_drawn_in_training_only_and_from_the_seed():
    model = detector("ModernDETR").train()
    torch.manual_seed(3)
    first = model(IMAGES, TARGETS)
    other = model(IMAGES, TARGETS)
    torch.manual_seed(3)
    model.normalise.eval()
    assert first != other and model.train()(IMAGES, TARGETS) == first
    state = torch.get_rng_state()
    losses = model.eval().losses(IMAGES, TARGETS)
    model(IMAGES)
    assert torch.equal(torch.get_rng_state(), state)
    assert losses == detector_without_denoising(model).losses(IMAGES, TARGETS)


def detector_without_denoising(model):
    other = detector("ModernDETR", denoising=0).eval()
    other.load_state_dict({k: v for k, v in model.state_dict().items() if not k.startswith("names")})
    return other
