"""What the widget that steps through a transposed convolution computes, without a browser."""

import pytest
import torch

from classroom.step_by_step.stamping import whole_tent
from classroom.widgets import TransposedStepper
from coursekit.draw import ACCENT, PALETTE

INPUT = torch.tensor([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]])


def test_a_step_adds_one_weighted_kernel():
    widget = TransposedStepper(INPUT, kernel="tent")
    before = torch.zeros(5, 7)
    for step, value in enumerate(INPUT.flatten(), start=1):
        widget.step = step
        row, column = divmod(step - 1, 3)
        assert widget.corner == [2 * row, 2 * column]
        assert torch.equal(torch.tensor(widget.stamp), value * whole_tent(3))
        added = torch.tensor(widget.output) - before
        here = slice(2 * row, 2 * row + 3), slice(2 * column, 2 * column + 3)
        assert torch.equal(added[here], value * whole_tent(3)) and added.sum() == value * 16
        before = torch.tensor(widget.output)


def test_kernel_3_stride_2_is_uneven_and_kernel_4_is_flat_inside():
    widget = TransposedStepper(torch.ones(3, 4))
    widget.step = 12
    assert widget.words == "Output: 7 x 9. Its places are covered 1, 2, 4 times."
    widget.kernel_size = 4
    assert widget.words == "Output: 8 x 10. Its places are covered 1, 2, 4 times."
    widget.padding = 2
    assert widget.words == "Output: 4 x 6. Its places are covered 4 times."


@pytest.mark.parametrize("step", [-1, 0])
def test_before_the_first_cell_there_is_only_the_kernel(step):
    widget = TransposedStepper(INPUT, kernel_size=2)
    widget.step = step
    assert widget.label == "Cell 0 of 6: nothing is stamped yet." and widget.corner == []
    assert widget.stamp == [[1, 1], [1, 1]] and not torch.tensor(widget.counts).any()


def test_too_much_padding_is_told():
    widget = TransposedStepper([[1.0]], kernel_size=3, padding=2)
    assert widget.words == "With 2 cut off at each end nothing is left: use less padding."
    assert "0x" not in repr(widget)


@pytest.mark.parametrize(("input", "kernel"), [([], "ones"), ([[]], "ones"), ([[1.0]], "box")])
def test_bad_input_in_words(input, kernel):
    with pytest.raises(ValueError, match="at least one number, and a kernel out of"):
        TransposedStepper(input, kernel=kernel)


def test_the_page_uses_the_palette_and_asks_nobody_outside():
    module = str(TransposedStepper._esm)
    assert PALETTE[6] in module and ACCENT in module and "export default" in module
    assert "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
