"""The recipe that goes from the DETR of 2020 to the modern one: each form has one change more, and trains once."""

import inspect
from dataclasses import replace
from functools import partial

import pytest
import torch
from made_up_detectors import detector, objects
from small_two_stage import SIZE, maps_of

from coursekit.metrics.coco_interval import coco_difference_intervals, coco_intervals
from coursekit.metrics.model_scores import detection_intervals
from coursekit.models.detr_modern import ModernDETR
from coursekit.recipes import detr_changes as recipes
from coursekit.recipes.detr_changes import CHANGES, STEP_TIMES, form_intervals, forms, steps_of
from coursekit.recipes.table import RECIPES

TARGET = objects(torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]]), torch.tensor([2, 3]), *SIZE)
ITEMS = [(maps, TARGET) for maps in maps_of(4)]
TINY = {"width": 16, "heads": 2, "encoder_layers": 1, "decoder_layers": 2, "queries": 6}


def small(num_classes, **options):
    return ModernDETR(num_classes, **TINY, **options)


@pytest.fixture
def row():
    """The recipe with small models and four made-up scenes."""
    task = replace(RECIPES["detr_changes"].task, items=lambda _: ITEMS, test_items=lambda *_: ITEMS)
    return replace(RECIPES["detr_changes"], model=small, task=task, batch_size=2)


def test_each_form_has_one_change_more_and_the_last_is_the_modern_detr():
    names, options = list(forms()), list(forms().values())
    assert names == ["2020", *CHANGES] == list(STEP_TIMES)
    for before, after in zip(options, options[1:], strict=False):
        assert sum(before[key] != after[key] for key in before) == 1
    defaults = inspect.signature(ModernDETR).parameters
    assert options[-1] == {key: defaults[key].default for key in options[-1]}
    for each in options:
        detector("ModernDETR", **each)


def test_a_form_takes_the_steps_that_fit_in_the_time():
    for form, time in STEP_TIMES.items():
        assert steps_of(form, 1000) * time == pytest.approx(1000, rel=2e-3)
    assert STEP_TIMES["2020"] == 1


def test_its_record_and_that_it_goes_on_after_an_interruption(row, tmp_path, monkeypatch):
    weights = tmp_path / "changes.safetensors"
    trained, scored = [], []
    monkeypatch.setattr(recipes, "form_intervals", lambda models, _: scored.append(models))

    def fit(self, model, items, steps, seed, checkpoint):
        if len(trained) == 3:
            raise KeyboardInterrupt
        trained.append((steps, seed, checkpoint))
        return 0.5

    monkeypatch.setattr(type(row), "fit", fit)
    with pytest.raises(KeyboardInterrupt):
        row.run("detr_changes", 12, 4, weights)
    assert [path.stem for path in sorted(tmp_path.iterdir())] == [
        "changes_2020",
        "changes_focal",
        "changes_refine",
    ]
    done = list(trained)
    trained.clear()
    monkeypatch.setattr(type(row), "fit", lambda *how, **_: trained.append(how) or 0.25)
    record = row.run("detr_changes", 12, 4, weights)
    assert done == [
        (steps_of(form, 12), 4, f"{tmp_path}/changes_{form}.safetensors.checkpoint")
        for form in list(forms())[:3]
    ]
    assert [steps for _, _, _, steps, _ in trained] == [steps_of(form, 12) for form in list(forms())[3:]]
    assert [each["cpu_minutes"] for each in record["forms"].values()] == [0.5] * 3 + [0.25] * 4
    assert record["cpu_minutes"] == 2.5 and record["seed"] == 4 and record["steps"] == 12
    assert len(scored) == 2, "both splits"
    torch.manual_seed(4)
    first = small(10, **forms()["2020"]).state_dict()
    assert all(value.equal(first[name]) for name, value in scored[0]["2020"].state_dict().items())


def test_two_steps_of_every_form_give_scores_and_gains(row, monkeypatch):
    for intervals in (coco_intervals, coco_difference_intervals):
        monkeypatch.setattr(recipes, intervals.__name__, partial(intervals, repeats=3))
    record = row.run("detr_changes", 2, 0, None)
    assert {each["steps"] for each in record["forms"].values()} <= {1, 2}
    scores = record["scores"]["test_scenes"]
    expected = [f"{form}_AP" for form in forms()] + [f"{form}_gain_AP" for form in CHANGES]
    assert [name for name in scores if name.endswith("_AP")] == expected
    assert record["scores"]["test_objects"] == scores, "here both are the same images"


def test_a_gain_is_the_score_minus_that_of_the_form_before():
    models = {}
    for seed, form in enumerate(("2020", "refine", "focal")):
        torch.manual_seed(seed)
        models[form] = small(10, **forms()[form])
    found = form_intervals(models, ITEMS)
    for form, model in models.items():
        for score, interval in detection_intervals(model, ITEMS).items():
            assert found[f"{form}_{score}"] == interval
    for before, form in (("2020", "refine"), ("refine", "focal")):
        gain = found[f"{form}_AP50"][0] - found[f"{before}_AP50"][0]
        assert found[f"{form}_gain_AP50"][0] == pytest.approx(gain, abs=1.5e-4)
    assert "2020_gain_AP" not in found
