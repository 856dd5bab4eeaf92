"""Matching against torchvision, brute force over all assignments, double loops and counts."""

import ast
import itertools
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler, Matcher, SSDMatcher

from coursekit.ops import match as module
from coursekit.ops.box_overlap import box_iou
from coursekit.ops.match import Match, balanced_sample, claim_best, match_by_cell, match_by_cost, match_by_iou


def chance(seed):
    return torch.Generator().manual_seed(seed)


def random_iou(objects, candidates, seed):
    """A table as of real boxes: many zeros, and no object without a candidate (torchvision errs there)."""
    table = torch.rand(objects, candidates, generator=chance(seed)) * 1.6 - 0.6
    table[:, 0] = table[:, 0].abs() + 0.01
    return table.clamp(min=0)


def as_torchvision(match):
    """One index with -1 for negative and -2 for ignored."""
    return torch.where(match.positive, match.target, torch.where(match.negative, -1, -2))


def is_sound(match, candidates):
    assert all(part.shape == (candidates,) for part in match)
    assert [part.dtype for part in match] == [torch.int64, torch.bool, torch.bool]
    assert not (match.positive & match.negative).any() and (match.target >= 0).all()
    return True


class TestByIou:
    @pytest.mark.parametrize("low_quality", [False, True])
    @pytest.mark.parametrize(("high", "low"), [(0.7, 0.3), (0.5, 0.4), (0.5, 0.5), (2.0, 0.0)])
    def test_torchvision(self, high, low, low_quality):
        for seed, objects in itertools.product(range(5), (1, 2, 7)):
            iou = random_iou(objects, 50, seed)
            for table in (iou, (iou * 10).round() / 10):  # with ties, and values on the thresholds
                match = match_by_iou(table, high, low, low_quality)
                assert torch.equal(as_torchvision(match), Matcher(high, low, low_quality)(table))
                assert is_sound(match, 50)

    def test_no_objects_makes_everything_negative(self):
        match = match_by_iou(torch.zeros(0, 3), 0.7, 0.3, True)
        assert match.negative.all() and is_sound(match, 3)
        assert is_sound(match_by_iou(torch.zeros(3, 0), 0.7, 0.3, True), 0)

    def test_an_object_far_from_every_candidate_rescues_none(self):
        iou = torch.tensor([[0.0, 0.0, 0.0], [0.2, 0.0, 0.1]])
        assert match_by_iou(iou, 0.7, 0.3, True).positive.tolist() == [True, False, False]
        assert Matcher(0.7, 0.3, True)(iou).tolist() == [1, 0, 1], (
            "torchvision trains on boxes that do not meet"
        )

    def test_claims_of_torchvisions_ssd(self):
        for seed in range(10):
            iou = random_iou(4, 60, seed)
            match = claim_best(match_by_iou(iou, 0.5, 0.5), iou)
            assert torch.equal(as_torchvision(match), SSDMatcher(0.5)(iou)) and is_sound(match, 60)

    def test_claims_in_conflict_and_claims_of_nothing(self):
        iou = torch.tensor([[0.9, 0.1], [0.8, 0.0], [0.0, 0.0]])
        match = claim_best(match_by_iou(iou, 0.95, 0.95), iou)
        assert match.target[0] == 1 and match.positive.tolist() == [True, False]
        none = match_by_iou(torch.zeros(0, 2), 0.5, 0.5)
        assert claim_best(none, torch.zeros(0, 2)).negative.all()


class TestByCell:
    def test_double_loop(self):
        generator = chance(0)
        center = torch.rand(6, 2, generator=generator) * torch.tensor([90.0, 50.0])
        half = 1 + 20 * torch.rand(6, 2, generator=generator)
        match = match_by_cell(torch.cat([center - half, center + half], 1), (50, 90), (5, 7))
        for row, column in itertools.product(range(5), range(7)):
            inside = [
                index
                for index, (x, y) in enumerate(center.tolist())
                if row <= y / 10 < row + 1 and column <= x / 90 * 7 < column + 1
            ]
            cell = row * 7 + column
            assert match.positive[cell] == bool(inside) == (not match.negative[cell])
            assert not inside or match.target[cell] == inside[0]
        assert is_sound(match, 35)

    @pytest.mark.parametrize(
        ("x", "y", "cell"), [(60, 20, 5), (60, 0, 2), (0, 20, 3), (20, 10, 4), (0, 0, 0)]
    )
    def test_borders(self, x, y, cell):
        match = match_by_cell(torch.tensor([[x - 4.0, y - 2, x + 4, y + 2]]), (20, 60), (2, 3))
        assert match.positive.nonzero().tolist() == [[cell]]

    def test_the_first_of_two_objects_in_a_cell_is_found(self):
        boxes = torch.tensor([[40.0, 0, 50, 10], [0, 0, 10, 10], [1, 1, 10, 10], [0, 0, 9, 9]])
        match = match_by_cell(boxes, (20, 60), (2, 3))
        assert match.target[match.positive].tolist() == [1, 0]
        assert len(boxes) - match.positive.sum() == 2

    def test_no_objects(self):
        match = match_by_cell(torch.zeros(0, 4), (20, 60), (2, 3))
        assert match.negative.all() and is_sound(match, 6)

    @pytest.mark.parametrize("box", [(50, 0, 80, 10), (0, 30, 10, 40), (-9, 0, 1, 10), (0, 0, math.nan, 1)])
    def test_centre_outside(self, box):
        with pytest.raises(ValueError, match=r"centre outside the image of \(20, 60\) \(height, width\)"):
            match_by_cell(torch.tensor([box], dtype=torch.float32), (20, 60), (2, 3))


def cheapest(cost):
    """The smallest total over every one-to-one assignment."""
    if len(cost) > len(cost[0]):
        cost = list(zip(*cost, strict=True))
    choices = itertools.permutations(range(len(cost[0])), len(cost))
    return min(sum(row[column] for row, column in zip(cost, choice, strict=True)) for choice in choices)


costs = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(-20, 20), min_size=columns, max_size=columns), min_size=1, max_size=5
    )
)


class TestByCost:
    @settings(max_examples=60, deadline=None)
    @given(costs)
    def test_brute_force(self, cost):
        match = match_by_cost(torch.tensor(cost, dtype=torch.float64))
        candidates = match.positive.nonzero()[:, 0].tolist()
        objects = match.target[match.positive].tolist()
        assert len(set(objects)) == len(objects) == min(len(cost), len(cost[0]))
        assert sum(cost[o][c] for o, c in zip(objects, candidates, strict=True)) == cheapest(cost)
        assert is_sound(match, len(cost[0])) and torch.equal(match.negative, ~match.positive)

    def test_permuted_objects_are_matched_alike(self):
        cost = torch.rand(4, 9, generator=chance(1), requires_grad=True)
        order = torch.tensor([2, 0, 3, 1])
        match, permuted = match_by_cost(cost), match_by_cost(cost[order])
        assert torch.equal(match.positive, permuted.positive)
        assert torch.equal(match.target[match.positive], order[permuted.target[permuted.positive]])

    def test_empty(self):
        assert match_by_cost(torch.zeros(0, 3)).negative.all()
        assert is_sound(match_by_cost(torch.zeros(0, 3)), 3) and is_sound(match_by_cost(torch.zeros(3, 0)), 0)

    @pytest.mark.parametrize(
        ("bad", "words"), [(math.nan, "cost table has NaN"), (math.inf, "infinite entry")]
    )
    def test_bad_costs(self, bad, words):
        with pytest.raises(ValueError, match=words):
            match_by_cost(torch.tensor([[1.0, bad], [2.0, 3.0]]))

    def test_scipy_is_imported_when_it_is_used(self):
        statements = ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
        at_once = [ast.unparse(line) for line in statements if isinstance(line, ast.Import | ast.ImportFrom)]
        assert at_once and not any("scipy" in line for line in at_once)


class TestSample:
    @pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
    @pytest.mark.parametrize("size", [0, 8, 64, 1000])
    def test_torchvision_under_the_same_seed(self, size, share):
        match = match_by_iou(random_iou(3, 200, 2), 0.9, 0.3)
        labels = torch.where(match.positive, 1, torch.where(match.negative, 0, -1))
        torch.manual_seed(5)
        positive, negative = BalancedPositiveNegativeSampler(size, share)([labels])
        sample = balanced_sample(match, size, share, chance(5))
        assert torch.equal(sample.positive, positive[0].bool()) and torch.equal(
            sample.negative, negative[0].bool()
        )
        assert torch.equal(sample.target, match.target) and is_sound(sample, 200)

    def test_the_generator_decides(self):
        match = match_by_iou(torch.linspace(0, 1, 100)[None], 0.7, 0.3)
        first, again, other = (balanced_sample(match, 10, 0.5, chance(seed)) for seed in (1, 1, 2))
        assert torch.equal(first.positive, again.positive) and not torch.equal(first.positive, other.positive)

    def test_no_candidates(self):
        assert is_sound(balanced_sample(match_by_iou(torch.zeros(0, 0), 1, 0), 10, 0.5), 0)

    def test_bad_numbers(self):
        match = match_by_iou(torch.zeros(1, 1), 0.7, 0.3)
        for size, share in ((-1, 0.5), (8, 25)):
            with pytest.raises(ValueError, match="the fraction between 0 and 1"):
                balanced_sample(match, size, share)


def test_bad_tables():
    iou, nan = torch.zeros(2, 3), torch.full((2, 3), math.nan)
    match = match_by_iou(iou, 0.7, 0.3)
    for call, words in (
        (
            lambda: match_by_iou(iou[0], 0.7, 0.3),
            r"IoU table has shape \(3,\): it must be \(objects, candidates\)",
        ),
        (lambda: match_by_iou(nan, 0.7, 0.3), "IoU table has NaN"),
        (lambda: match_by_iou(iou, 0.3, 0.7), "low threshold 0.7 lies above the high one, 0.3"),
        (lambda: claim_best(match, nan), "IoU table has NaN"),
        (lambda: claim_best(match, iou[:, :2]), "match is of 3 candidates, the IoU table of 2"),
        (lambda: match_by_cost(iou[0]), r"cost table has shape \(3,\)"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_a_match_reads_in_a_loss():
    objects, anchors = (
        torch.tensor([[0.0, 0, 8, 8], [20, 0, 30, 9]]),
        torch.tensor([[21.0, 0, 30, 9], [0, 0, 4, 4]]),
    )
    match = match_by_iou(box_iou(objects, anchors), 0.5, 0.3)
    assert isinstance(match, Match) and objects[match.target[match.positive]].tolist() == [[20, 0, 30, 9]]


def test_a_claimed_candidate_is_positive_and_negative_no_more():
    iou = torch.tensor([[0.3, 0.1, 0.0], [0.0, 0.2, 0.4]])
    match = claim_best(match_by_iou(iou, 0.5, 0.5), iou)
    assert match.positive.tolist() == [True, False, True]
    assert match.negative.tolist() == [False, True, False]
