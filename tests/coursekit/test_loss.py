"""Losses against torchvision, torch, and formulas written out by hand; stable far out, and trainable."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from random_losses import FAR, PEER, REDUCTIONS, close, logits, random, sigmoid

from coursekit.ops.loss import (
    associative_embedding_loss,
    dice_loss,
    generalized_box_iou_loss,
    penalty_reduced_focal_loss,
    sigmoid_focal_loss,
    smooth_l1_loss,
)


class TestFocal:
    logits = random(7, 11) * 4
    targets = (random(7, 11, seed=1) > 0.7).double()

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2), (-1, 2), (0.5, 0), (0.9, 0.5), (1, 3.5)])
    def test_torchvision(self, alpha, gamma, reduction):
        for dtype, tolerance in ((torch.float32, 1e-5), (torch.float64, 1e-12)):
            inputs, targets = self.logits.to(dtype), self.targets.to(dtype)
            expected = PEER.sigmoid_focal_loss(inputs, targets, alpha, gamma, reduction)
            scale = targets.numel() if reduction == "sum" else 1
            close(sigmoid_focal_loss(inputs, targets, alpha, gamma, reduction), expected, tolerance * scale)

    def test_without_power_it_is_half_the_cross_entropy(self):
        expected = F.binary_cross_entropy_with_logits(self.logits, self.targets, reduction="none") / 2
        close(sigmoid_focal_loss(self.logits, self.targets, 0.5, 0), expected, 1e-12)

    def test_an_easy_negative_nearly_vanishes(self):
        easy, negative = torch.tensor([-6.0]), torch.zeros(1)
        entropy = sigmoid_focal_loss(easy, negative, alpha=-1, gamma=0).item()
        assert entropy == pytest.approx(math.log1p(math.exp(-6)), rel=1e-6)
        focal = sigmoid_focal_loss(easy, negative).item()
        assert focal == pytest.approx(0.75 * sigmoid(-6) ** 2 * math.log1p(math.exp(-6)), rel=1e-5)

    @pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0, 4.0])
    @pytest.mark.parametrize("target", [0.0, 1.0])
    @pytest.mark.parametrize("loss", [partial(sigmoid_focal_loss, alpha=-1), penalty_reduced_focal_loss])
    def test_far_out(self, loss, target, gamma):
        inputs, power = FAR.clone().requires_grad_(), "gamma" if isinstance(loss, partial) else "alpha"
        value = loss(inputs, torch.full_like(FAR, target), **{power: gamma}).sum()
        value.backward()
        assert value.isfinite() and inputs.grad.isfinite().all()
        wrong = inputs.grad[-1 if target == 0 else 0]
        assert wrong.abs() > 0.1, "a confident wrong answer must still be corrected"

    def test_a_confident_right_answer_keeps_its_digits(self):
        value = sigmoid_focal_loss(torch.tensor([60.0, -15.0]), torch.tensor([1.0, 0.0]), 0.5, 0)
        assert value.tolist() == pytest.approx([math.exp(-60) / 2, math.exp(-15) / 2], rel=1e-5)
        assert PEER.sigmoid_focal_loss(torch.tensor([17.0]), torch.tensor([1.0]), 0.5, 1).item() == 0
        assert sigmoid_focal_loss(torch.tensor([17.0]), torch.tensor([1.0]), 0.5, 1).item() > 0

    def test_gradient(self):
        logits = self.logits.clone().requires_grad_()
        for gamma in (0, 0.5, 2):
            assert torch.autograd.gradcheck(
                lambda x, g=gamma: sigmoid_focal_loss(x, self.targets, gamma=g), (logits,)
            )

    def test_soft_targets_are_refused(self):
        for bad in (0.9, -1.0, math.nan):
            with pytest.raises(ValueError, match="neither 0 nor 1"):
                sigmoid_focal_loss(torch.zeros(2), torch.tensor([0.0, bad]))


class TestSmoothL1:
    a, b = random(5, 4) * 3, random(5, 4, seed=1)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("beta", [0, 1 / 9, 1.0, 5.0])
    def test_torch(self, beta, reduction):
        expected = F.smooth_l1_loss(self.a, self.b, reduction=reduction, beta=beta)
        close(smooth_l1_loss(self.a, self.b, reduction, beta), expected, 1e-12)
        close(smooth_l1_loss(self.a.float(), self.b.float(), reduction, beta), expected.float())

    def test_gradient(self):
        for beta in (0, 1 / 9, 1.0):
            assert torch.autograd.gradcheck(
                lambda x, b=beta: smooth_l1_loss(x, self.b, "sum", b), (self.a.clone().requires_grad_(),)
            )
        far = torch.tensor([-1e6, 0, 1e6], requires_grad=True)
        smooth_l1_loss(far, torch.zeros(3), "sum", 1 / 9).backward()
        assert far.grad.tolist() == [-1, 0, 1]

    def test_negative_beta(self):
        with pytest.raises(ValueError, match="beta is -1: it is a distance"):
            smooth_l1_loss(self.a, self.b, beta=-1)


class TestPenaltyReducedFocal:
    logits = random(2, 5, 7) * 2
    targets = random(2, 5, 7, seed=1).sigmoid()
    targets[0, 1, 2] = targets[1, 4, 6] = targets[1, 0, 0] = 1
    targets[0, 0, 0] = 0

    def test_by_hand(self):
        total = 0.0
        for x, y in zip(self.logits.flatten().tolist(), self.targets.flatten().tolist(), strict=True):
            p = sigmoid(x)
            total -= (1 - p) ** 2 * math.log(p) if y == 1 else (1 - y) ** 4 * p**2 * math.log(1 - p)
        assert penalty_reduced_focal_loss(self.logits, self.targets).item() == pytest.approx(
            total / 3, rel=1e-12
        )
        value = penalty_reduced_focal_loss(self.logits.float(), self.targets.float()).item()
        assert value == pytest.approx(total / 3, abs=1e-5)

    def test_hard_targets_give_the_focal_loss_over_the_positives(self):
        hard = (self.targets == 1).double()
        expected = sigmoid_focal_loss(self.logits, hard, alpha=-1, reduction="sum") / 3
        close(penalty_reduced_focal_loss(self.logits, hard), expected, 1e-12)

    def test_without_an_object_the_negatives_still_count(self):
        none = torch.zeros(1, 4, 6)
        expected = 24 * 0.25 * math.log(2)
        assert penalty_reduced_focal_loss(none, none).item() == pytest.approx(expected, rel=1e-6)
        assert penalty_reduced_focal_loss(none[:0], none[:0]).item() == 0

    def test_gradient(self):
        assert torch.autograd.gradcheck(
            lambda x: penalty_reduced_focal_loss(x, self.targets), (self.logits.clone().requires_grad_(),)
        )

    def test_targets_outside_the_unit_interval(self):
        for bad in (1.1, -0.1, math.nan):
            with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
                penalty_reduced_focal_loss(torch.zeros(1, 1, 1), torch.full((1, 1, 1), bad))


LOSSES = (
    sigmoid_focal_loss,
    smooth_l1_loss,
    generalized_box_iou_loss,
    dice_loss,
    penalty_reduced_focal_loss,
    associative_embedding_loss,
)


@pytest.mark.parametrize("loss", LOSSES)
def test_shapes_that_would_be_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"the shapes \(3, 4\) and \(1, 4\) differ"):
        loss(torch.zeros(3, 4), torch.zeros(1, 4))


@pytest.mark.parametrize("loss", LOSSES[:4])
def test_reduction_and_empty_inputs(loss):
    with pytest.raises(ValueError, match="unknown reduction 'average': use one of none, mean, sum"):
        loss(torch.zeros(3, 4), torch.zeros(3, 4), reduction="average")
    empty = torch.zeros(0, 4, requires_grad=True)
    loss(empty, torch.zeros(0, 4), reduction="sum").backward()
    assert loss(empty, torch.zeros(0, 4), reduction="none").shape[0] == 0


@settings(max_examples=40, deadline=None)
@given(logits, logits, st.booleans(), st.floats(0, 5), st.floats(0, 1))
def test_focal_is_symmetric_and_below_the_cross_entropy(x, other, positive, gamma, alpha):
    inputs, targets = torch.tensor([x, other]).double(), torch.full((2,), float(positive)).double()
    value = sigmoid_focal_loss(inputs, targets, alpha, gamma)
    close(value, sigmoid_focal_loss(-inputs, 1 - targets, 1 - alpha, gamma), 1e-9)
    assert (value >= 0).all()
    assert (value <= F.binary_cross_entropy_with_logits(inputs, targets, reduction="none") + 1e-9).all()
