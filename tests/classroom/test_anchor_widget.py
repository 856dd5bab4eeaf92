"""What the widget of anchors computes, without a browser."""

import pytest
import torch

from classroom.widgets import AnchorMatcher
from coursekit import ops
from coursekit.draw import ACCENT, PALETTE

FINE = ops.grid_anchors(ops.cell_anchors([40], (1,)), (4, 6), 32)  # 24
COARSE = ops.grid_anchors(ops.cell_anchors([80], (1,)), (2, 3), 64)  # 6
OBJECTS = torch.tensor([[60.0, 60, 100, 100], [0, 0, 70, 80], [150, 90, 154, 94]])


@pytest.fixture
def widget():
    return AnchorMatcher(OBJECTS, {"P3": FINE, "P4": COARSE}, torch.rand(3, 128, 192))


def counts(widget):
    return [int(word) for word in widget.label.replace(",", "").split() if word.isdigit()][:3]


def test_counts_are_those_of_the_matching(widget):
    match = ops.match_by_iou(ops.box_iou(OBJECTS, torch.cat([FINE, COARSE])), 0.5, 0.4)
    positive, negative = int(match.positive.sum()), int(match.negative.sum())
    assert counts(widget) == [positive, 30 - positive - negative, negative]
    assert len(widget.positive) == len(widget.owners) == positive > 0
    assert widget.orphans == [2] and widget.label.endswith("1 of 3 objects have no anchor on any level.")


def test_the_levels_share_the_anchors(widget):
    whole, parts = counts(widget), []
    for level in ("P3", "P4"):
        widget.level = level
        parts.append(counts(widget))
    assert [a + b for a, b in zip(*parts, strict=True)] == whole
    assert sum(parts[0]) == len(FINE) and sum(parts[1]) == len(COARSE)
    assert widget.names == ["P3", "P4", "all levels"]


def test_a_higher_threshold_leaves_fewer_and_the_best_rescue_every_object(widget):
    before = counts(widget)[0]
    widget.threshold = 0.9
    assert counts(widget)[0] < before and widget.orphans == [1, 2]
    widget.best = True
    assert widget.orphans == [] and set(widget.owners) == {0, 1, 2}
    assert widget.label.endswith("Every object has an anchor.")


def test_a_students_matching_is_asked_and_its_error_is_told():
    calls = []

    def mine(iou, high, low, best):
        calls.append((tuple(iou.shape), high, round(low, 3), best))
        raise RuntimeError("not yet")

    widget = AnchorMatcher(OBJECTS, {"P3": FINE}, match=mine)
    assert widget.label == "Your match function raised RuntimeError: not yet"
    assert calls == [((3, 24), 0.5, 0.4, False)]


def test_a_picture_without_objects_has_only_negatives():
    widget = AnchorMatcher(torch.zeros(0, 4), {"P3": FINE})
    assert counts(widget) == [0, 0, 24] and widget.positive == [] and "0x" not in repr(widget)


@pytest.mark.parametrize("levels", [{}, {"P3": torch.zeros(0, 4)}])
def test_no_anchor_in_words(levels):
    with pytest.raises(ValueError, match="at least one anchor a level"):
        AnchorMatcher(OBJECTS, levels)


def test_the_page_uses_the_palette_and_asks_nobody_outside():
    module = str(AnchorMatcher._esm)
    assert PALETTE[5] in module and ACCENT in module and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
