"""The drawings of the two-stage detector: what lab 06 and the slides show is what they are given."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import same_color

from classroom import figures
from classroom.figures.two_stage import HIT, KINDS, MISS
from coursekit import ops
from coursekit.draw import PALETTE

IMAGE, TRUTH = torch.rand(3, 96, 128), torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]])
ANCHORS = ops.grid_anchors(ops.cell_anchors([40], (0.5, 1.0, 2.0)), (6, 8), 16)  # (144, 4)
MATCH = ops.match_by_iou(ops.box_iou(TRUTH, ANCHORS), 0.7, 0.3, True)


def colours(ax):
    return [patch.get_edgecolor()[:3] for patch in ax.patches]


def test_bands_count_every_anchor_once(ax):
    best = torch.tensor([0.0, 0.1, 0.299, 0.3, 0.5, 0.69, 0.7, 1.0])
    figures.draw_bands(ax, best)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["negative: 3", "ignored: 3", "positive: 2"]
    assert sum(patch.get_height() for patch in ax.patches) == len(best)
    assert same_color(ax.patches[0].get_facecolor(), KINDS["negative"])


def test_three_kinds_of_anchors_and_their_sample():
    torch.manual_seed(0)
    sample = ops.balanced_sample(MATCH, 16, 0.5)
    figure = figures.anchor_kinds(IMAGE, ANCHORS, MATCH, sample, TRUTH)
    ignored = int((~(MATCH.positive | MATCH.negative)).sum())
    positive, negative = int(sample.positive.sum()), int(sample.negative.sum())
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [
        f"{int(MATCH.positive.sum())} positive, {positive} trained on",
        f"{ignored} ignored, 0 trained on",
        f"{int(MATCH.negative.sum())} negative, {negative} trained on",
    ]
    drawn = [len(ax.patches) - len(TRUTH) for ax in figure.axes]
    assert drawn == [int(MATCH.positive.sum()), ignored, negative]
    plt.close(figure)


def test_proposals_that_hit_an_object_are_green(ax):
    proposals = torch.cat([TRUTH + 1, torch.tensor([[0.0, 80, 9, 90]])])
    figures.draw_proposals(ax, IMAGE, proposals, TRUTH)
    drawn = colours(ax)
    assert sum(same_color(c, MISS) for c in drawn) == 1 and sum(same_color(c, HIT) for c in drawn) == 2


def test_a_scene_after_so_many_steps():
    few, none = TRUTH[:1], torch.zeros(0, 4)
    figure = figures.proposals_by_step(IMAGE, TRUTH, {0: none, 1: few, 10: torch.cat([TRUTH, few])}, count=2)
    assert [ax.get_title() for ax in figure.axes] == [
        "before training: 0 of 2 objects",
        "1 step: 1 of 2 objects",
        "10 steps: 2 of 2 objects",
    ]
    plt.close(figure)


def test_recall_is_counted_by_a_loop():
    torch.manual_seed(1)
    corners = torch.rand(3, 30, 2) * 60
    proposals = [torch.cat([c, c + 20 + 30 * torch.rand(30, 2)], 1) for c in corners]
    truths = [TRUTH, TRUTH[:1], torch.zeros(0, 4)]
    recalls = figures.recall_at(proposals, truths, 40, 0.4)
    for k in (1, 5, 30, 40):
        found = sum(
            any(ops.box_iou(box[None], other[None]) >= 0.4 for other in boxes[:k])
            for boxes, truth in zip(proposals, truths, strict=True)
            for box in truth
        )
        assert recalls[k - 1] == pytest.approx(found / 3)
    assert 0 < recalls[-1] and figures.recall_at([torch.zeros(0, 4)], [TRUTH], 3, 0.5).tolist() == [0, 0, 0]


def test_curves_of_recall_are_what_they_are_given(ax):
    figures.draw_recalls(ax, {"1 step": torch.tensor([0.1, 0.2]), "10 steps": torch.tensor([0.4, 0.9])})
    assert [list(line.get_ydata()) for line in ax.lines] == [
        pytest.approx([0.1, 0.2]),
        pytest.approx([0.4, 0.9]),
    ]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["10 steps", "1 step"]


@pytest.mark.parametrize("background", [0, 1, 5])
def test_regions_and_what_is_pooled_from_them(background):
    boxes = torch.cat([TRUTH, TRUTH[:1].expand(background, 4)])
    labels = torch.cat([torch.tensor([1, 2]), torch.zeros(background, dtype=torch.int64)])
    pooled = torch.rand(len(boxes), 4, 7, 7)
    figure = figures.pooled_regions(IMAGE, boxes, labels, pooled, ("cat", "dog"))
    scene, *cells = figure.axes
    assert scene.get_title() == f"2 regions on objects, {background} on background"
    assert [ax.get_title() for ax in cells] == ["cat", "dog", *["background"] * min(background, 4)]
    torch.testing.assert_close(torch.as_tensor(cells[0].images[0].get_array()), pooled[0].norm(dim=0))
    plt.close(figure)


def test_offsets_are_counted_and_the_far_ones_are_at_the_end(ax):
    figures.draw_offsets(ax, {"as they are": torch.tensor([[0.05, -0.05, 0.0, 9.0]])}, beta=0.1, reach=1.0)
    assert (
        "0.1" in ax.get_legend().get_texts()[0].get_text()
        or "0.1" in ax.get_legend().get_texts()[1].get_text()
    )
    tops = [
        patch.get_xy()[:, 1].max()
        for patch in ax.patches
        if hasattr(patch, "get_xy") and len(patch.get_xy()) > 9
    ]
    assert max(tops) >= 1


def test_a_map_has_its_range(ax):
    figures.draw_heat(ax, torch.tensor([[0.0, 2.0]]), "shifted", most=4.0)
    assert ax.images[0].get_clim() == (0.0, 4.0) and ax.get_title() == "shifted"


def test_the_table_of_gradients_says_none_and_zero_and_the_norm(ax):
    figures.draw_gradients(ax, {"class": {"RPN": None, "head": 1.234}, "box": {"RPN": 0.0, "head": 5.0}})
    assert [text.get_text() for text in ax.texts] == ["none", "1.2", "0", "5"]
    filled = [same_color(patch.get_facecolor()[0], PALETTE[1]) for patch in ax.collections]
    assert filled == [False, True, False, True]


def test_times_add_up(ax):
    figures.draw_times(ax, {"backbone": 30.0, "heads": 10.0})
    assert [text.get_text() for text in ax.texts] == ["30.0 ms, 75%", "10.0 ms, 25%"]
    assert [patch.get_width() for patch in ax.patches] == [30.0, 10.0]


def test_bars_have_their_values_and_intervals(ax):
    groups = {"SSD": {"new": (0.5, 0.4, 0.7), "unseen": (0.3, 0.2, 0.4)}, "Faster": {"new": (0.6, 0.5, 0.7)}}
    figures.draw_scores(ax, groups)
    assert [patch.get_height() for patch in ax.patches] == [0.5, 0.6, 0.3]
    (first, *_), *_ = (bar.get_segments() for bar in ax.collections)
    assert first[:, 1].tolist() == pytest.approx([0.4, 0.7])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["new", "unseen"]
