"""What the widget of the region proposal network computes, without a browser."""

import pytest
import torch

from classroom.widgets import ProposalStepper
from coursekit import ops
from coursekit.draw import ACCENT, PALETTE
from coursekit.models import rpn
from coursekit.models.rpn_stages import STAGES, proposal_stages

SIZE = (96, 128)
TRUTH = torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]])


@pytest.fixture(scope="module")
def outputs():
    torch.manual_seed(0)
    network = rpn.RegionProposalNetwork(8)
    pyramid = {"P3": torch.randn(1, 8, 12, 16), "P4": torch.randn(1, 8, 6, 8), "P5": torch.randn(1, 8, 3, 4)}
    for layer in (network.objectness, network.offsets):
        torch.nn.init.normal_(layer.weight, std=2.0)
    with torch.no_grad():
        said = network(pyramid)
        far = said.offsets.clone()
        far[0, ::7, 0] = 50.0  # some boxes leave the picture altogether
    return said._replace(offsets=far)


@pytest.fixture
def widget(outputs):
    return ProposalStepper(outputs, torch.rand(3, *SIZE), TRUTH)


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


def test_the_first_step_shows_the_anchors_of_the_cells_at_a_point(widget):
    assert len(widget.boxes) == 9 and sorted(widget.levels) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    widget.point = [13.0, 90.0]
    cells = [(8, 1, 11), (16, 0, 5), (32, 0, 2)]  # stride, column and row
    expected = [[(i + 0.5) * stride for i in cell] for stride, *cell in cells for _ in range(len(rpn.RATIOS))]
    centres = [[(x1 + x2) / 2, (y1 + y2) / 2] for x1, y1, x2, y2 in widget.boxes]
    assert centres == [pytest.approx(centre) for centre in expected]
    assert widget.label.startswith("Step 1 of 8, anchors of a cell: 9 boxes. Objectness 0.")


def test_counts_of_all_stages_are_on_show_at_every_stage(widget, outputs):
    (expected,) = rpn.propose(outputs, [SIZE])
    for stage in range(len(STAGES)):
        widget.stage = stage
        assert widget.counts[1] == len(outputs.anchors) and widget.counts[-1] == len(expected)
        assert len(widget.boxes) == (0 if stage == 1 else widget.counts[stage])
        assert len(widget.boxes) == len(widget.levels) == len(widget.scores)
        assert widget.label.startswith(
            f"Step {stage + 1} of 8, {STAGES[stage]}: {widget.counts[stage]:,} boxes."
        )
    assert (
        widget.counts[0] == 9 and widget.counts == sorted(widget.counts[:1]) + sorted(widget.counts[1:])[::-1]
    )


def test_the_objects_found_are_counted(outputs):
    sure = outputs._replace(offsets=torch.zeros_like(outputs.offsets))
    truth = outputs.anchors[outputs.objectness[0].argmax()][None]
    widget = ProposalStepper(sure, torch.rand(3, *SIZE), torch.cat([truth, torch.tensor([[0.0, 0, 2, 2]])]))
    widget.stage = 3
    assert widget.found == [True, False] and widget.label.endswith(
        "1 of 2 objects overlap one by 0.5 or more."
    )


def test_the_sliders_change_what_is_left(widget):
    widget.stage = 7
    before = widget.counts
    assert widget.scores == sorted(widget.scores)[::-1]
    widget.limit = 2
    assert widget.counts[7] == len(widget.boxes) == 2 and widget.counts[:7] == before[:7]
    widget.limit = 1
    assert widget.label.startswith("Step 8 of 8, proposals: 1 box. ")
    widget.candidates = 1
    assert widget.counts[2] == 3
    widget.candidates, widget.threshold = 100, 0.0
    assert widget.counts[6] < before[6]


def test_the_heat_is_the_best_objectness_of_each_cell(widget, outputs):
    squares = widget.heat
    assert len(squares) == 12 * 16 + 6 * 8 + 3 * 4
    assert squares[0][2:4] == [32, 32] and squares[-1][2:4] == [8, 8]
    x, y, width, height, score = squares[12]  # the second cell of the middle level, column by column
    assert (x, y, width, height) == (0, 0, 16, 16)
    level = outputs.objectness[0, outputs.levels == 1].sigmoid()
    assert score == pytest.approx(level[:3].max().item())


def test_a_students_suppression_is_asked_and_its_error_is_told(outputs):
    def mine(boxes, scores, levels, threshold):
        raise RuntimeError("not yet")

    widget = ProposalStepper(outputs, torch.rand(3, *SIZE), TRUTH, nms=mine)
    assert widget.label == "Your nms function raised RuntimeError: not yet"
    first = ProposalStepper(outputs, torch.rand(3, *SIZE), TRUTH, nms=lambda boxes, *_: torch.arange(4))
    assert first.counts[6] == 4 and "0x" not in repr(first)


def test_several_images_in_words(outputs):
    two = outputs._replace(objectness=outputs.objectness.repeat(2, 1))
    with pytest.raises(ValueError, match="outputs of 2 images: give those of one"):
        ProposalStepper(two, torch.rand(3, *SIZE), TRUTH)


def test_the_page_uses_the_palette_and_asks_nobody_outside():
    module = str(ProposalStepper._esm)
    assert PALETTE[5] in module and ACCENT in module and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
