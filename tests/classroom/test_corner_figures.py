"""The drawings of lab 09 show the numbers that they are given."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import same_color, to_hex

from classroom.figures import corners as figures
from coursekit import ops
from coursekit.draw import ACCENT, PALETTE
from coursekit.ops import Match

IMAGE = torch.rand(3, 40, 60)


def dots(ax, marker):
    """The places of all lines with that marker."""
    return [
        tuple(map(float, xy)) for line in ax.lines if line.get_marker() == marker for xy in line.get_xydata()
    ]


@pytest.mark.parametrize(("corner", "place"), [("top-left", (3, 2)), ("bottom-right", (9, 6))])
def test_the_sum_of_the_pooled_maps_peaks_at_the_corner(corner, place):
    figure, axes = plt.subplots(1, 5)
    asked = []

    def pool(features, direction):
        asked.append(direction)
        return ops.corner_pool(features, direction)

    total = figures.draw_pooling(axes, pool, corner)
    assert asked == (["left", "top"] if corner == "top-left" else ["right", "bottom"])
    assert divmod(int(total.argmax()), 12) == place[::-1] and dots(axes[-1], "o") == [place]
    assert torch.equal(torch.tensor(axes[-1].images[0].get_array()), total)
    plt.close(figure)


def test_the_clues_are_the_topmost_and_the_leftmost_point(ax):
    mask = torch.zeros(40, 60, dtype=torch.bool)
    mask[10:30, 25], mask[20, 12:40] = True, True
    figures.draw_corner_clues(ax, IMAGE, torch.tensor([12.0, 10, 40, 30]), mask)
    assert dots(ax, "o") == [(25.5, 10), (12, 20.5), (12, 10)] and len(ax.texts) == 2


def test_radii_say_what_overlap_is_left(ax):
    figures.draw_radii(ax, torch.tensor([0.0, 0, 10, 10]), {"a": 0.8167, "b": 2.7332})
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["a: r = 0.82, IoU 0.70", "b: r = 2.73, IoU 0.21"]


def test_far_cells_cost_more_and_without_forgiveness_all_cost_the_same(ax):
    figures.draw_forgiveness(ax, ops.draw_gaussians)
    flat, forgiven, target = (line.get_ydata() for line in ax.lines)
    assert max(flat) - min(flat) < 1e-5 and list(forgiven) == sorted(forgiven)
    assert forgiven[0] < 0.1 * flat[0] and forgiven[-1] == pytest.approx(flat[-1]) and target[0] == 1


def test_pairs_are_joined_in_the_picture_and_on_the_line(ax):
    first, last = torch.tensor([[5.0, 5], [20, 8]]), torch.tensor([[30.0, 30], [50, 20]])
    figures.draw_pairs(ax, IMAGE, first, last, [(1, 1)])
    (box,) = [patch for patch in ax.patches if patch.get_width() == 30]
    assert box.get_xy() == (20, 8) and same_color(box.get_edgecolor(), PALETTE[1])
    assert dots(ax, "^") == [(5, 5), (20, 8)] and dots(ax, "v") == [(30, 30), (50, 20)]
    figure, line = plt.subplots()
    figures.draw_embedding_line(line, torch.tensor([0.1, 2.0]), torch.tensor([0.2, 2.1]), [(1, 1)])
    assert line.lines[0].get_xdata() == pytest.approx([2.0, 2.1])
    plt.close(figure)


def test_cells_have_the_colour_of_the_object_that_they_own(ax):
    centers = ops.grid_centers((2, 3), 20)
    match = Match(
        torch.tensor([0, 0, 1, 0, 0, 0]),
        torch.tensor([True, False, True, False, False, False]),
        torch.tensor([False, True, False, True, True, True]),
    )
    boxes = torch.tensor([[0.0, 0, 20, 20], [40, 0, 60, 20]])
    figures.draw_owners(ax, IMAGE, boxes, centers, match)
    owned = {
        to_hex(line.get_color()): line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "o"
    }
    assert owned == {PALETTE[0]: [[10, 10]], PALETTE[1]: [[50, 10]]}
    assert len(dots(ax, ".")) == 4


def test_heat_lies_over_the_whole_image_and_embeddings_have_a_line_per_corner(ax):
    heat = torch.zeros(2, 5, 8)
    heat[1, 2, 3] = 1
    figures.draw_heat(ax, IMAGE, heat, torch.tensor([[28.0, 20]]))
    assert ax.images[1].get_extent() == [0, 60, 40, 0] and ax.images[1].get_array()[2, 3] == 1
    figure, other = plt.subplots()
    figures.draw_embeddings_in_training(other, torch.rand(7, 2, 3))
    assert len(other.lines) == 6 and len(other.get_legend().get_texts()) == 3
    plt.close(figure)


def test_a_framed_box_and_the_numbers_of_a_map(ax):
    figures.draw_cells(ax, torch.tensor([[0.0, 0.5], [1.0, 0.0]]))
    assert {text.get_text(): text.get_position() for text in ax.texts} == {"0.5": (1, 0), "1.0": (0, 1)}
    figures.frame_box(ax, (0, 0, 2, 1), edgecolor=ACCENT)
    assert ax.patches[0].get_xy() == (-0.5, -0.5) and ax.patches[0].get_width() == 2
