"""What is told step by step ends where the operator is at once: suppression, stamps, region proposals."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from small_proposals import SIZE, small_outputs

from classroom.step_by_step.proposing import STAGES, proposal_stages
from classroom.step_by_step.stamping import stamped, whole_tent
from classroom.step_by_step.suppression import nms_rounds
from coursekit import ops
from coursekit.models import rpn


@pytest.fixture(scope="module")
def outputs():
    return small_outputs()


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9])
def test_rounds_keep_what_suppression_keeps(threshold):
    random = torch.Generator().manual_seed(0)
    corners = torch.rand(60, 2, 2, generator=random) * 50
    boxes, scores = torch.cat([corners.amin(1), corners.amax(1) + 1], 1), torch.rand(60, generator=random)
    rounds = nms_rounds(boxes, scores, threshold)
    assert [each.best for each in rounds] == ops.nms(boxes, scores, threshold).tolist()
    touched = [i for best, removed, *_ in rounds for i in (best, *removed)]
    assert sorted(touched) == list(range(60))
    for number, (best, removed, kept, waiting) in enumerate(rounds):
        assert kept == [each.best for each in rounds[:number]]
        assert sorted(waiting) == sorted(
            i for each in rounds[number + 1 :] for i in (each.best, *each.removed)
        )
        for i, iou in removed.items():
            assert iou > threshold and iou == pytest.approx(ops.box_iou(boxes[[best]], boxes[[i]]).item())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3))
def test_all_stamps_together_are_torchs_answer(height, width, size, stride):
    torch.manual_seed(0)
    input, kernel = torch.randn(height, width), torch.randn(size, size)
    whole = stamped(input, kernel, stride, height * width)
    torch.testing.assert_close(
        whole.output, F.conv_transpose2d(input[None, None], kernel[None, None], stride=stride)[0, 0]
    )
    ones = F.conv_transpose2d(
        torch.ones(1, 1, height, width), torch.ones(1, 1, size, size), None, stride
    )  # how often each place is covered
    assert torch.equal(whole.counts.float(), ones[0, 0])


@pytest.mark.parametrize("size", range(1, 6))
def test_the_tent_is_whole_and_bilinear(size):
    tent = whole_tent(size)
    assert torch.equal(tent, tent.round()) and tent[0, 0] == 1
    assert torch.equal(tent, tent.T) and torch.equal(tent, tent.flip(0))


@pytest.mark.parametrize("candidates", [5, 100])
@pytest.mark.parametrize("limit", [3, 50])
def test_the_last_stage_is_what_the_network_proposes(outputs, candidates, limit):
    stages = proposal_stages(outputs, SIZE, candidates, limit=limit)
    assert len(stages) == len(STAGES) - 1
    (expected,) = rpn.propose(outputs, [SIZE], candidates=candidates, limit=limit)
    assert len(expected) > 1
    torch.testing.assert_close(stages[-1].boxes, expected, rtol=0, atol=0)


def test_what_is_left_and_what_is_removed_is_what_was_there(outputs):
    stages = proposal_stages(outputs, SIZE, candidates=40)
    assert len(stages[1].boxes) == 40 + 40 + 36
    for before, after in zip(stages[3:], stages[4:], strict=False):
        assert len(after.removed) > 0
        together = torch.cat([after.boxes, after.removed])
        assert sorted(together.tolist()) == sorted(before.boxes.tolist())
    inside = ops.clip_boxes_to_image(stages[3].boxes, SIZE)
    assert torch.equal(stages[3].boxes, inside) and not torch.equal(stages[2].boxes, inside)
