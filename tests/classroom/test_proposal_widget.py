"""What the widget of the region proposal network computes, without a browser."""

import pytest
import torch
from small_proposals import SIZE, small_outputs

from classroom.step_by_step.proposing import STAGES
from classroom.widgets import ProposalStepper
from coursekit.draw import ACCENT, PALETTE
from coursekit.models import rpn

TRUTH = torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]])


@pytest.fixture(scope="module")
def outputs():
    return small_outputs()


@pytest.fixture
def widget(outputs):
    return ProposalStepper(outputs, torch.rand(3, *SIZE), TRUTH)


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
