"""The figures of part 4 of the slides: numbers that a pencil gives, published scores, and gaps where none are."""

from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch

FIGURES = Path(__file__).parents[2] / "slides" / "figures"


@pytest.fixture
def slide_figures(monkeypatch):
    """Import a module of the slides' figures, which lie in no package."""
    monkeypatch.syspath_prepend(str(FIGURES))
    yield import_module
    plt.close("all")


def test_pasting_by_hand_counts_the_visible_cells_and_leaves_slivers_out(slide_figures):
    before, pasted, rest = slide_figures("more_data").pasted_by_hand()
    lines = [[text.get_text() for text in figure.axes[0].texts] for figure in (before, pasted, rest)]
    assert lines[0][:3] == [
        "A: 12 cells, box [0, 1, 4, 4]",
        "B: 4 cells, box [5, 2, 7, 4]",
        "C: not pasted yet",
    ]
    assert lines[1][:3] == [
        "A: 6 cells, box [0, 1, 2, 4]",
        "B: 2 cells, box [6, 2, 7, 4]",
        "C: 16 cells, box [2, 1, 6, 5]",
    ]
    assert lines[2][:3] == [lines[1][0], "B: left out", lines[1][2]]


def test_a_mean_over_seeds_has_the_widest_limits_and_is_none_without_a_record(slide_figures):
    data = slide_figures("more_data")
    seeds = data.seeds_of("retinanet", "test_scenes")
    mean, low, high = data.over_seeds("retinanet", "test_scenes")
    assert len(seeds) == 3 and mean == pytest.approx(sum(value for value, _, _ in seeds) / 3)
    assert (low, high) == (min(seed[1] for seed in seeds), max(seed[2] for seed in seeds))
    assert data.over_seeds("learning_curve-magic-50", "test_scenes") is None


def test_figures_of_what_was_not_measured_are_empty_and_drawn_all_the_same(slide_figures, monkeypatch):
    features = slide_figures("better_features")
    monkeypatch.setattr(features, "over_seeds", lambda recipe, split: None)
    for figure in (
        features.backbones_measured(),
        features.larger_images(),
        features.scratch_frozen_fine_tuned(),
    ):
        assert all(not ax.lines and not ax.containers for ax in figure.axes)


def test_main_directions_tell_two_kinds_of_cells_apart_in_all_maps(slide_figures):
    torch.manual_seed(0)
    kinds = torch.randn(2, 8)
    maps = [torch.stack([kinds[0], kinds[1]], 1)[:, None].repeat(1, 3, 2) for _ in range(2)]  # (8, 3, 4)
    maps = [each + 0.01 * torch.randn_like(each) for each in maps]
    first, second = slide_figures("better_features").principal_colours(maps)
    assert first.shape == second.shape == (3, 3, 4) and first.min() >= 0 and first.max() <= 1
    gap = (first[0, :, 0] - first[0, :, 1]).abs()
    assert gap.min() > 0.8, "one kind is red, the other is not"
    assert (first[0, :, 0] - second[0, :, 0]).abs().max() < 0.2, "a kind has the same colour in both maps"


def test_names_beside_a_plot_keep_their_distance_and_their_order(slide_figures):
    spread = slide_figures("state_of_the_art").spread
    places = spread([0.1, 0.11, 0.11, 0.12, 0.5], 0.05)
    assert all(b - a >= 0.0499 for a, b in zip(places, places[1:], strict=False))
    assert places[-1] == 0.5 and sum(places[:4]) / 4 == pytest.approx(0.11, abs=1e-3)


def test_a_row_of_the_table_has_the_published_scores_and_a_dash_for_what_is_not_measured(slide_figures):
    state = slide_figures("state_of_the_art")
    ap, unseen, ms, millions, minutes = state._cells("retinanet", "RetinaNet")
    assert ap == f"{state.ap_of('retinanet', 'test_scenes')[0]:.3f}" and unseen < ap
    assert float(ms) > 1 and 3 < float(millions) < 10 and float(minutes) > 0
    assert state._cells("retinanet", "a detector that nobody timed")[2] == "–"


def test_each_paper_of_the_timeline_has_a_place_for_its_name(slide_figures):
    state = slide_figures("state_of_the_art")
    papers = [paper.name for paper in (*state.TIMELINE, *state.SINCE)]
    assert len(set(papers)) == len(papers) and set(papers) == set(state.BESIDE_TOO)


def test_a_threshold_lets_nine_of_ten_detections_be_right(slide_figures):
    real = slide_figures("real_photographs")
    few = real.Picked(real.scenes("val"), range(real.CHOSEN_ON))
    found = [
        real.confident(each, real.threshold("ssd"))
        for each in real.training.predict(real.detector("ssd"), few)
    ]
    judged = real.judge_detections(found, real.targets("val")[: real.CHOSEN_ON])
    assert (judged.kind == "right").mean() == pytest.approx(real.PRECISE, abs=0.02)
