"""The error budget against a double loop over the paper's definitions, made-up scenes, and its properties."""

import numpy as np
import pytest
import torch
from budget_by_loops import DATA_SETS, budget_by_loops, row

from coursekit.metrics import ap_when_fixed, coco_metrics, error_budget, judge_detections
from coursekit.metrics.error_budget import ERRORS
from coursekit.ops.mask import rle_encode


@pytest.mark.parametrize("kind", ["boxes", "masks"])
def test_thirty_random_data_sets_equal_the_loops(kind):
    seen = set()
    for predictions, targets in DATA_SETS.values():
        budget = error_budget(predictions, targets, kind)
        counts, ap, gains = budget_by_loops(predictions, targets, kind)
        assert budget.counts == counts
        assert budget.ap == pytest.approx(ap, abs=1e-12)
        assert budget.gains == pytest.approx(gains, abs=1e-12)
        seen |= {name for name, gain in gains.items() if gain > 0.01}
    assert seen == set(ERRORS), "every kind of error costs something somewhere"


# ---------------------------------------------------------------- scenes made by hand

CAT, DOG, BIRD = 1, 2, 3
TARGET = row([[0, 0, 40, 30], [100, 0, 140, 30], [200, 0, 240, 30], [300, 0, 340, 30]], [CAT, DOG, DOG, BIRD])
SCENES = {
    "right": ([0, 0, 40, 30], CAT),
    "duplicate": ([2, 0, 42, 30], CAT),
    "localisation": ([120, 0, 160, 30], DOG),  # IoU 1/3 with its dog
    "classification": ([200, 0, 240, 28], CAT),
    "both": ([320, 0, 360, 30], CAT),  # IoU 1/3 with the bird
    "background": ([0, 200, 40, 230], DOG),
}


def scene(*names):
    boxes, labels = zip(*(SCENES[name] for name in names), strict=True)
    scores = torch.linspace(0.9, 0.3, len(names)).tolist()
    return row(list(boxes), list(labels), scores=scores)


def test_every_kind_of_error_once():
    prediction = scene(*SCENES)
    judged = judge_detections([prediction], [TARGET])
    assert judged.kind.tolist() == list(SCENES)
    assert judged.object.tolist() == [0, 0, 1, 2, -1, -1]
    assert judged.missed.tolist() == [False, False, False, True], "the bird: no class or place leads to it"
    budget = error_budget([prediction], [TARGET])
    assert budget.counts == dict.fromkeys(("right", *ERRORS), 1)
    assert set(budget.gains) == set(ERRORS)


@pytest.mark.parametrize("name", ["classification", "both", "background"])
def test_one_wrong_detection_before_the_right_ones_halves_the_ap_of_its_class(name):
    wrong = {"boxes": SCENES[name][0], "labels": CAT, "scores": 0.95}
    scores = torch.tensor([0.9, 0.8, 0.7, 0.6])
    prediction = {
        k: torch.cat([torch.tensor([v]), (TARGET | {"scores": scores})[k]]) for k, v in wrong.items()
    }
    budget = error_budget([prediction], [TARGET])
    assert {k: v for k, v in budget.counts.items() if v} == {"right": 4, name: 1}
    assert budget.gains == pytest.approx({k: (1 / 2) / 3 * (k == name) for k in ERRORS}, abs=1e-12)


def test_a_duplicate_costs_when_it_stands_before_another_object():
    """A duplicate after the last right detection would cost nothing."""
    target = row([[0, 0, 40, 30], [100, 0, 140, 30]], [CAT, CAT])
    prediction = row([[0, 0, 40, 30], [0, 0, 40, 28], [100, 0, 140, 30]], [CAT] * 3, scores=[0.9, 0.8, 0.7])
    budget = error_budget([prediction], [target])
    assert budget.ap == pytest.approx(0.835, abs=5e-4)
    assert budget.gains["duplicate"] == pytest.approx(1 - budget.ap)


def test_missed_and_badly_placed_objects():
    missed = error_budget([scene("right")], [row([[0, 0, 40, 30], [100, 0, 140, 30]], [CAT, CAT])])
    assert missed.counts["missed"] == 1 and missed.ap == pytest.approx(51 / 101)
    assert missed.gains["missed"] == pytest.approx(50 / 101)
    misplaced = error_budget([scene("localisation")], [row([[100, 0, 140, 30]], [DOG])])
    assert misplaced.counts["missed"] == 0 and misplaced.gains["localisation"] == 1
    assert sum(misplaced.gains.values()) == 1


def test_mended_detections_of_one_object_count_once_and_the_best_stays():
    """Two dogs called cats, the weaker one right in place too: fixing makes one right, not two."""
    target = row([[0, 0, 40, 30]], [DOG])
    twice = row([[0, 0, 40, 30], [0, 0, 40, 29]], [CAT, CAT], scores=[0.9, 0.8])
    assert error_budget([twice], [target]).gains["classification"] == 1
    with_right = row([[0, 0, 40, 30], [0, 0, 40, 29]], [CAT, DOG], scores=[0.9, 0.8])
    budget = error_budget([with_right], [target])
    assert budget.counts["right"] == budget.counts["classification"] == budget.ap == 1


def test_bounds_of_the_overlap():
    """IoU of exactly 0.5 is right, of exactly 0.1 a bad place, below it background."""
    target = row([[0, 0, 10, 10]], [CAT])
    for height, kind in ((5, "right"), (4.9, "localisation"), (1, "localisation"), (0.9, "background")):
        judged = judge_detections([row([[0, 0, 10, height]], [CAT], scores=[0.5])], [target])
        assert judged.kind.tolist() == [kind]


@pytest.mark.parametrize("exact", [0, 1])
def test_of_two_objects_with_equal_iou_the_last_is_taken(exact):
    """As in COCO's loop: the next detection finds the first object free, and the last one taken."""
    objects = [[0, 0, 30, 20], [10, 0, 40, 20]]
    prediction = row([[5, 0, 35, 20], objects[exact]], [CAT, CAT], scores=[0.9, 0.8])  # the first: half way
    judged = judge_detections([prediction], [row(objects, [CAT, CAT])])
    assert judged.object[0] == 1 and judged.object[1] == 0


def test_a_duplicate_of_exactly_half_the_object_is_in_place():
    prediction = row([[0, 0, 10, 10], [0, 0, 10, 5]], [CAT, CAT], scores=[0.9, 0.8])
    judged = judge_detections([prediction], [row([[0, 0, 10, 10]], [CAT])])
    assert judged.kind.tolist() == ["right", "duplicate"]


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize("kind", ["boxes", "masks"])
def test_the_ap_is_coco_s_and_mending_never_harms(kind):
    for predictions, targets in DATA_SETS.values():
        budget = error_budget(predictions, targets, kind)
        assert budget.ap == pytest.approx(coco_metrics(predictions, targets, kind)["AP50"], abs=1e-12)
        assert min(budget.gains.values()) >= 0
        judged = judge_detections(predictions, targets, kind)
        assert ap_when_fixed(judged, ERRORS) == pytest.approx(1), "without errors nothing is lost"
        counted = (judged.kind != "not counted").sum()
        assert sum(budget.counts.values()) - budget.counts["missed"] == counted
        assert budget.counts["missed"] <= (~judged.true.crowd).sum() - budget.counts["right"]


def test_perfect_detections_have_nothing_to_lose():
    for _, targets in DATA_SETS.values():
        targets = [{k: v[t["iscrowd"] == 0] for k, v in t.items()} for t in targets]
        perfect = [t | {"scores": torch.ones(len(t["labels"]))} for t in targets]
        budget = error_budget(perfect, targets)
        assert budget.ap == pytest.approx(1) and set(budget.gains.values()) == {0.0}
        objects = sum(len(t["labels"]) for t in targets)
        assert budget.counts == {"right": objects} | dict.fromkeys(ERRORS, 0)


def test_a_crowd_is_no_object_and_what_lies_in_it_does_not_count():
    target = row([[0, 0, 100, 90], [200, 0, 240, 40]], [CAT, CAT], iscrowd=[1, 0])
    prediction = row([[0, 0, 20, 18], [200, 0, 240, 40]], [CAT, CAT], scores=[0.9, 0.8])
    judged = judge_detections([prediction], [target])
    assert judged.kind.tolist() == ["not counted", "right"] and not judged.missed.any()
    other_class = prediction | {"labels": torch.tensor([DOG, CAT])}
    assert judge_detections([other_class], [target]).kind.tolist() == ["background", "right"]


def test_only_a_hundred_detections_of_a_class_and_image_count():
    boxes = [[0, 0, 40, 30]] + [[50 + k, 0, 60 + k, 9] for k in range(120)]
    prediction = row(boxes, [CAT] * 120 + [DOG], scores=torch.linspace(0, 1, 121).tolist())
    kinds = judge_detections([prediction], [TARGET]).kind
    assert kinds[0] == "not counted" and (kinds == "not counted").sum() == 20 and kinds[-1] != "not counted"


def test_the_kinds_stand_in_the_order_of_the_lists_and_codes_are_read():
    predictions, targets = DATA_SETS[5]
    judged = judge_detections(predictions, targets, "masks")
    lengths = np.bincount(judged.found.image, minlength=len(predictions))
    assert lengths.tolist() == [len(p["labels"]) for p in predictions]
    assert judged.found.score.tolist() == torch.cat([p["scores"] for p in predictions]).tolist()
    coded = [[r | {"masks": [rle_encode(m) for m in r["masks"]]} for r in rows] for rows in DATA_SETS[5]]
    assert judge_detections(*coded, "masks").kind.tolist() == judged.kind.tolist()


def test_nothing_at_all():
    empty = row([], [], scores=[])
    assert error_budget([], []).ap == -1
    assert error_budget([empty], [row([], [])]).gains == dict.fromkeys(ERRORS, 0.0)
    nothing_found = error_budget([empty], [TARGET])
    assert nothing_found.counts["missed"] == 4 and nothing_found.gains["missed"] == 1
    nothing_there = error_budget([scene("right")], [row([], [])])
    assert nothing_there.counts["background"] == 1 and nothing_there.ap == -1
    with pytest.raises(ValueError, match="numbers of predictions and targets differ"):
        error_budget([], [TARGET])
