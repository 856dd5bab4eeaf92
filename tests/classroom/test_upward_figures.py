"""The drawings of networks that go back up: what is given is what is drawn."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.patches import FancyArrowPatch

from classroom.figures import upward
from coursekit.draw import ACCENT


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("across", "word", "arrows"), [("skips", "skip", 3), ("switches", "switches", 3), ("none", "", 0)]
)
def test_three_levels_are_handed_across_or_none(across, word, arrows):
    (ax,) = upward.up_diagram(across).axes
    said = [text.get_text() for text in ax.texts]
    assert [text for text in said if text in ("skip", "switches")] == [word] * arrows
    assert [level for level in said if level.startswith("C")] == ["C2", "C3", "C4", "C5"]
    red = [
        patch
        for patch in ax.patches
        if isinstance(patch, FancyArrowPatch)
        and patch.get_edgecolor() == plt.matplotlib.colors.to_rgba(ACCENT)
    ]
    assert len(red) == arrows


def test_mistakes_are_counted_against_the_first_map():
    truth = torch.zeros(10, 20, dtype=torch.int64)
    wrong = truth.clone()
    wrong[0] = 3  # a tenth
    axes = upward.compare_maps(torch.rand(3, 10, 20), {"truth": truth, "a": truth, "b": wrong}).axes
    titles = [ax.get_title() for ax in axes]
    assert titles == ["the image", "truth", "a", "b", "", "", "0.0% wrong", "10.0% wrong"]


def test_gains_are_bars_with_their_numbers():
    gain = {"mean_iou": (0.1, 0.08, 0.12), "boundary_f": (-0.2, -0.25, -0.1)}
    _, ax = plt.subplots()
    upward.draw_gains(ax, {"x": gain, "y": gain})
    assert [patch.get_height() for patch in ax.patches] == pytest.approx([0.1, 0.1, -0.2, -0.2])
    assert [text.get_text() for text in ax.texts] == ["+0.10", "+0.10", "-0.20", "-0.20"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x", "y"]
