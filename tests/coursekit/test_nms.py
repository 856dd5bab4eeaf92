"""Non-maximum suppression against torchvision, double loops, and the properties that define it."""

import math

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.ops import suppress as module
from coursekit.ops.box_overlap import box_iou
from coursekit.ops.suppress import batched_nms, nms, soft_nms

PEER = torchvision.ops
THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 1.0)


def chance(seed):
    return torch.Generator().manual_seed(seed)


def crowd(count, seed, dtype=torch.float32):
    """Boxes in heaps of about ten on an image of 500 x 300."""
    generator = chance(seed)
    heaps = torch.rand(count // 10 + 1, 2, generator=generator) * torch.tensor([450.0, 250.0])
    corner = heaps.repeat(10, 1)[:count] + 8 * torch.rand(count, 2, generator=generator)
    return torch.cat([corner, corner + 20 + 20 * torch.rand(count, 2, generator=generator)], 1).to(dtype)


def distinct_scores(count, seed):
    return (torch.randperm(count, generator=chance(seed)) + 1) / (count + 1)


def peer_by_class(boxes, scores, classes, threshold):
    """torchvision's `nms` of each class alone, by falling score: free of its rounding when classes are shifted."""
    kept = torch.zeros(len(boxes), dtype=torch.bool)
    for label in classes.unique():
        members = (classes == label).nonzero()[:, 0]
        kept[members[PEER.nms(boxes[members], scores[members], threshold)]] = True
    order = scores.argsort(descending=True, stable=True)
    return order[kept[order]]


def soft_by_hand(boxes, scores, factor, score_threshold):
    """Bodla's figure 2 on Python lists."""
    waiting, taken = dict(enumerate(scores.tolist())), []
    while waiting:
        best = max(waiting, key=waiting.get)
        score = waiting.pop(best)
        if score < score_threshold:
            break
        taken.append((best, score))
        for other in waiting:
            waiting[other] *= factor(box_iou(boxes[best, None], boxes[other, None]).item())
    return [index for index, _ in taken], [score for _, score in taken]


class TestAgainstTorchvision:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("count", [1, 2, module.BLOCK - 1, module.BLOCK, module.BLOCK + 1, 700])
    def test_kept_order(self, count, dtype):
        boxes, scores = crowd(count, count, dtype), distinct_scores(count, 1).to(dtype)
        for threshold in THRESHOLDS:
            assert torch.equal(nms(boxes, scores, threshold), PEER.nms(boxes, scores, threshold))

    def test_whole_coordinates_and_tied_scores(self):
        for seed in range(20):
            boxes = (
                crowd(200, seed) / 8
            ).round() * 8  # many equal boxes, many IoUs that are simple fractions
            scores = (distinct_scores(200, seed) * 10).round() / 10
            for threshold in (*THRESHOLDS, 1 / 3, 0.6):
                assert torch.equal(nms(boxes, scores, threshold), PEER.nms(boxes, scores, threshold))

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("tenths", range(1, 10))
    def test_overlap_of_exactly_the_threshold(self, tenths, dtype):
        boxes = torch.tensor([[0, 0, 10, 1], [0, 0, tenths, 1]], dtype=dtype)  # IoU tenths / 10
        scores = torch.tensor([0.9, 0.8], dtype=dtype)
        assert torch.equal(nms(boxes, scores, tenths / 10), PEER.nms(boxes, scores, tenths / 10))

    def test_float32_rounds_three_tenths_up(self):
        boxes, scores = torch.tensor([[0.0, 0, 10, 1], [0, 0, 3, 1]]), torch.tensor([0.9, 0.8])
        assert nms(boxes, scores, 0.3).tolist() == [0]
        assert nms(boxes.double(), scores.double(), 0.3).tolist() == [0, 1]

    @pytest.mark.parametrize("classes", [1, 3, 40])
    @pytest.mark.parametrize("count", [1, 60, 700])
    def test_batched(self, count, classes):
        boxes, scores = crowd(count, count), distinct_scores(count, 2)
        idxs = torch.randint(0, classes, (count,), generator=chance(3)) * 1000 - 7  # any numbers will do
        for threshold in THRESHOLDS:
            expected = peer_by_class(boxes, scores, idxs, threshold)
            assert torch.equal(batched_nms(boxes, scores, idxs, threshold), expected)
        # torchvision shifts the classes apart by adding to the coordinates: in single precision, that rounds them
        exact = PEER.batched_nms(boxes.double(), scores.double(), idxs, 0.5)
        assert torch.equal(batched_nms(boxes.double(), scores.double(), idxs, 0.5), exact)

    def test_both_ways_of_batching_agree(self, monkeypatch):
        boxes, scores = crowd(400, 5) - 250, distinct_scores(400, 5)
        idxs = torch.randint(0, 6, (400,), generator=chance(6))
        answers = []
        for pairs in (0, 10**9):  # always class by class, always by pairs
            monkeypatch.setattr(module, "PAIRS_A_CLASS", pairs)
            answers.append(batched_nms(boxes, scores, idxs, 0.4))
        assert torch.equal(*answers)

    def test_degenerate_boxes(self):
        odd = torch.tensor(
            [[5.0, 5, 5, 5], [9, 2, 1, 8], [9, 9, 1, 1], [0, 0, 10, 10], [0, 0, 10, 9], [5, 5, 5, 9]]
        )
        scores = distinct_scores(6, 0)
        for threshold in THRESHOLDS:
            expected = PEER.nms(odd, scores, threshold)
            assert torch.equal(nms(odd, scores, threshold), expected)
            assert torch.equal(batched_nms(odd, scores, torch.zeros(6), threshold), expected)


class TestSoft:
    @pytest.mark.parametrize("method", ["linear", "gaussian"])
    def test_double_loop(self, method):
        factors = {
            "linear": lambda iou: 1 - iou if iou >= 0.3 else 1.0,
            "gaussian": lambda iou: math.exp(-(iou**2) / 0.5),
        }
        for seed in range(4):
            boxes, scores = crowd(40, seed, torch.float64), distinct_scores(40, seed).double()
            kept, lowered = soft_nms(boxes, scores, method, 0.3, 0.5, score_threshold=0.05)
            expected, expected_scores = soft_by_hand(boxes, scores, factors[method], 0.05)
            assert kept.tolist() == expected and 0 < len(kept)
            assert lowered.tolist() == pytest.approx(expected_scores, abs=1e-12)

    def test_a_sharp_gaussian_is_hard_suppression(self):
        boxes, scores = crowd(100, 9), distinct_scores(100, 9)
        assert torch.equal(soft_nms(boxes, scores, sigma=1e-12)[0], nms(boxes, scores, 0.0))

    def test_threshold_one_changes_nothing_but_the_order(self):
        boxes, scores = crowd(50, 9), distinct_scores(50, 9)
        kept, lowered = soft_nms(boxes, scores, "linear", iou_threshold=1.0)
        assert torch.equal(kept, scores.argsort(descending=True)) and torch.equal(lowered, scores[kept])

    def test_input_is_left_alone(self):
        boxes, scores = crowd(20, 1), distinct_scores(20, 1)
        before = boxes.clone(), scores.clone()
        soft_nms(boxes, scores)
        assert torch.equal(boxes, before[0]) and torch.equal(scores, before[1])


def test_classes_do_not_suppress_each_other():
    dog_behind_cat = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9]])
    scores = torch.tensor([0.9, 0.8])
    assert nms(dog_behind_cat, scores, 0.5).tolist() == [0]
    assert batched_nms(dog_behind_cat, scores, torch.tensor([0, 1]), 0.5).tolist() == [0, 1]


def test_empty_inputs():
    none, no_scores = torch.zeros(0, 4), torch.zeros(0)
    for kept in (nms(none, no_scores, 0.5), batched_nms(none, no_scores, torch.zeros(0), 0.5)):
        assert kept.shape == (0,) and kept.dtype == torch.int64
    kept, lowered = soft_nms(none, no_scores)
    assert kept.shape == lowered.shape == (0,) and kept.dtype == torch.int64


def test_gradients_do_not_matter():
    boxes, scores = crowd(30, 0).requires_grad_(), distinct_scores(30, 0).requires_grad_()
    assert torch.equal(nms(boxes, scores, 0.5), nms(boxes.detach(), scores.detach(), 0.5))
    assert not soft_nms(boxes, scores)[1].requires_grad


BOX, SCORE = torch.tensor([[0.0, 0, 9, 9]]), torch.tensor([0.5])


@pytest.mark.parametrize("function", [nms, lambda *a: batched_nms(*a[:2], torch.zeros(1), a[2])])
@pytest.mark.parametrize(
    ("boxes", "scores", "threshold", "words"),
    [
        (BOX, SCORE[None], 0.5, r"boxes \(1, 4\) and scores \(1, 1\) do not fit"),
        (BOX[:, :3], SCORE, 0.5, r"must be \(N, 4\) and \(N,\)"),
        (BOX, SCORE, 50, "threshold is 50: it must lie between 0 and 1"),
        (BOX, SCORE, math.nan, "threshold is nan"),
        (BOX * math.inf, SCORE, 0.5, "a box is not finite or a score is NaN"),
        (BOX, SCORE * math.nan, 0.5, "a box is not finite or a score is NaN"),
    ],
)
def test_bad_input(function, boxes, scores, threshold, words):
    with pytest.raises(ValueError, match=words):
        function(boxes, scores, threshold)


def test_bad_input_of_one_function():
    with pytest.raises(ValueError, match=r"\(1,\) scores but \(2,\) classes"):
        batched_nms(BOX, SCORE, torch.zeros(2), 0.5)
    for scores, arguments, words in (
        (SCORE, {"method": "hard"}, "unknown soft-NMS method 'hard': use one of linear, gaussian"),
        (-SCORE, {}, "give probabilities, not logits"),
        (SCORE.long(), {}, "give probabilities, not logits or whole numbers"),
        (SCORE, {"sigma": 0.0}, "sigma is 0.0: it must be a positive number"),
    ):
        with pytest.raises(ValueError, match=words):
            soft_nms(BOX, scores, **arguments)


numbers = st.integers(0, 30)
sides = st.integers(1, 20)
box = st.tuples(numbers, numbers, sides, sides).map(lambda n: (n[0], n[1], n[0] + n[2], n[1] + n[3]))
box_sets = st.lists(box, min_size=1, max_size=12).map(lambda rows: torch.tensor(rows, dtype=torch.float64))
thresholds = st.floats(0, 1)
quick = settings(max_examples=40, deadline=None)


class TestProperties:
    @quick
    @given(box_sets, thresholds, st.randoms(use_true_random=False))
    def test_kept_boxes_are_apart_and_each_lost_one_has_a_reason(self, boxes, threshold, random):
        scores = torch.tensor(random.sample(range(len(boxes)), len(boxes)))
        kept = nms(boxes, scores, threshold)
        too_much = box_iou(boxes, boxes) > threshold
        assert not too_much[kept][:, kept].triu(1).any()
        better = scores[kept, None] > scores
        lost = torch.ones(len(boxes), dtype=torch.bool).index_fill(0, kept, False)
        assert (too_much[kept] & better).any(0)[lost].all()

    @quick
    @given(box_sets, thresholds)
    def test_twice_is_once(self, boxes, threshold):
        scores = torch.arange(len(boxes), 0, -1)
        kept = nms(boxes, scores, threshold)
        assert torch.equal(nms(boxes[kept], scores[kept], threshold), torch.arange(len(kept)))

    @quick
    @given(box_sets)
    def test_soft_scores_fall_and_never_rise(self, boxes):
        scores = torch.linspace(0.2, 0.9, len(boxes))
        kept, lowered = soft_nms(boxes, scores, score_threshold=0.0)
        assert sorted(kept.tolist()) == list(range(len(boxes)))
        assert (lowered.diff() <= 0).all() and (lowered <= scores[kept]).all()
