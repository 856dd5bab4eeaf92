"""The bug museum: every exhibit is wrong where it says so and right where nobody looks, and tests that find them."""

import pytest
import torch
from random_detections import random_data_set

from classroom.exercises.catalogue import all_exercises
from classroom.exercises.compare import difference
from classroom.exercises.trial import run
from classroom.museum import (
    EVALUATOR_BUGS,
    GEOMETRY_BUGS,
    IOU_BUGS,
    LEARNING_BUGS,
    MUSEUM,
    PLUS_ONE_OUTSIDE,
    average_precision_50,
    found,
    kills,
    objection,
    score,
    show_difference,
    truth,
)
from classroom.museum.evaluator_parts import evaluate_by_loops
from coursekit import ops

NAMED = {bug.name: bug for bug in MUSEUM}
CAT, DOG = 1, 2
A, B = (10, 20, 50, 50), (100, 20, 140, 50)
NOWHERE = (60, 200, 90, 230)


# ---------------------------------------------------------------- the exhibits


@pytest.mark.parametrize("bug", MUSEUM, ids=lambda bug: bug.name)
def test_bug_differs_from_its_reference_and_says_how(bug):
    wrong, right = (run(f, bug.demonstration) for f in (bug.wrong, bug.reference))
    assert wrong.error is None and right.error is None, "a bug of the museum is silent"
    assert difference(wrong, right) == show_difference(bug) != "nothing"
    assert "should" in show_difference(bug)


@pytest.mark.parametrize("bug", MUSEUM, ids=lambda bug: bug.name)
def test_story_is_one_sentence(bug):
    assert bug.story.endswith(".") and ". " not in bug.story


def test_names_are_names():
    assert (
        len(NAMED) == len(MUSEUM) == sum(map(len, (IOU_BUGS, GEOMETRY_BUGS, LEARNING_BUGS, EVALUATOR_BUGS)))
    )


def test_no_two_evaluators_have_the_same_bug():
    """On the scenes of all exhibits together every one gives its own numbers."""
    scenes = [bug.demonstration for bug in EVALUATOR_BUGS]
    answers = {tuple(round(bug.wrong(*scene), 9) for scene in scenes) for bug in EVALUATOR_BUGS}
    assert len(answers) == len(EVALUATOR_BUGS)


def test_the_evaluator_by_loops_is_right_until_a_part_is_exchanged():
    for seed in range(20):
        predictions, targets = random_data_set(seed)
        expected = average_precision_50(predictions, targets)
        assert evaluate_by_loops(predictions, targets) == pytest.approx(expected, abs=1e-12)
    assert evaluate_by_loops([], []) == average_precision_50([], []) == -1


def test_wrong_answers_with_a_bug_of_the_museum_come_from_there():
    shared = [
        (wrong, NAMED[wrong.name])
        for exercise in all_exercises().values()
        for wrong in exercise.wrong_answers
        if wrong.name in NAMED and exercise.reference is NAMED[wrong.name].reference
    ]
    assert {bug.name for _, bug in shared} >= {bug.name for bug in (*IOU_BUGS, *GEOMETRY_BUGS[:2])}
    assert all(wrong == bug.as_wrong_answer() for wrong, bug in shared), "written once"


# ---------------------------------------------------------------- the numbers that the stories tell


def test_identical_boxes_with_a_one_outside_get_0_607_and_separate_ones_more_than_0():
    box = torch.tensor([[0.0, 0, 6, 6]])
    assert PLUS_ONE_OUTSIDE.wrong(box, box).item() == pytest.approx(37 / 61) == pytest.approx(0.607, abs=5e-4)
    assert PLUS_ONE_OUTSIDE.wrong(box, box + 50).item() > 0


def test_inclusive_ends_halve_a_small_mask():
    inclusive = NAMED["the last pixel taken for the end"].wrong
    masks = torch.ones(1, 3, 4, dtype=torch.bool)
    assert ops.box_area(inclusive(masks)).item() == 6 and ops.box_area(ops.masks_to_boxes(masks)).item() == 12
    x1, _, x2, _ = inclusive(masks[:, :, :1])[0].tolist()
    assert x1 == x2


def test_greedy_costs_11_where_3_5_were_possible():
    bug = NAMED["the cheapest pair first"]
    (cost,) = bug.demonstration
    totals = [cost[f(cost), torch.arange(2)].sum().item() for f in (bug.wrong, bug.reference)]
    assert totals == [11, 3.5]


def test_bugs_that_hide_in_square_pictures_or_pictures_of_one_size():
    points = NAMED["grid points as (y, x)"]
    as_sets = [set(map(tuple, f((3, 3), 8).tolist())) for f in (points.wrong, points.reference)]
    assert as_sets[0] == as_sets[1]
    decode, sizes = NAMED["one size for all images"], torch.full((2, 2), 192)
    outputs = torch.rand(2, 4, generator=torch.Generator().manual_seed(0))
    assert decode.wrong(outputs, sizes).equal(decode.reference(outputs, sizes))
    anchors = NAMED["anchors that are all square"]
    assert anchors.wrong((8.0, 16.0), (1.0,)).equal(anchors.reference((8.0, 16.0), (1.0,)))
    nms = NAMED["suppression across classes"]
    boxes, scores, _, threshold = nms.demonstration
    of_one_class = (boxes, scores, torch.ones(2), threshold)
    assert nms.wrong(*of_one_class).equal(nms.reference(*of_one_class))


# ---------------------------------------------------------------- tests that students could write


def a_good_test(evaluate):
    """Numbers that a pencil gives; 101 points, so that a recall of 1/2 that is kept to the end is 51/101."""
    half = 51 / 101

    def ap(predictions, targets):
        return pytest.approx(evaluate(predictions, targets), abs=1e-6)

    two = [truth((CAT, A), (CAT, B))]
    assert ap([found((0.9, CAT, A))], two) == half, "half of the objects are found"
    assert ap([found((0.9, CAT, A)), found()], [truth((CAT, A)), truth((CAT, A))]) == half
    assert ap([found((0.9, CAT, A), (0.1, CAT, B))], two) == 1, "low scores count, as long as they are right"
    assert ap([found((0.9, CAT, A), (0.8, CAT, A), (0.7, CAT, B))], two) == (51 + 50 * 2 / 3) / 101
    assert ap([found((0.9, CAT, NOWHERE), (0.8, CAT, A), (0.7, CAT, B))], two) == 2 / 3
    assert ap([found((0.9, CAT, A), (0.8, CAT, NOWHERE))], [truth((CAT, A))]) == 1
    assert ap([found((0.9, CAT, A))], [truth((DOG, A))]) == 0
    assert ap([found((0.9, CAT, A), (0.8, DOG, A))], [truth((CAT, A))]) == 1, "there is no dog to be found"
    assert ap([found((0.9, CAT, (10, 20, 12, 22)))], [truth((CAT, (11, 20, 13, 22)))]) == 0
    assert ap([found((0.9, CAT, (10, 20, 50, 45)), (0.8, CAT, A))], [truth((CAT, A))]) == 1
    side_by_side = [truth((CAT, A), (CAT, (20, 20, 60, 50)))]
    assert ap([found((0.9, CAT, A), (0.8, CAT, (13, 20, 53, 50)))], side_by_side) == 1
    assert ap([found((0.3, CAT, NOWHERE)), found((0.9, CAT, A))], [truth(), truth((CAT, A))]) == 1
    unsure = [found((0.9, CAT, A)), found((0.8, CAT, NOWHERE), (0.7, CAT, A))]
    assert ap(unsure, [truth((CAT, A)), truth((CAT, A))]) == (51 + 50 * 2 / 3) / 101
    sizes = [torch.zeros(1, *size, dtype=torch.bool) for size in ((60, 80), (240, 90))]
    assert ap([found((0.9, CAT, A))] * 2, [truth((CAT, A), masks=masks) for masks in sizes]) == 1
    crowd = truth((CAT, A), (CAT, (100, 0, 200, 90)), iscrowd=torch.tensor([0, 1]))
    assert ap([found((0.9, CAT, A))], [crowd]) == 1


def test_a_good_test_kills_every_evaluator_bug():
    result = score(a_good_test, EVALUATOR_BUGS)
    assert result.objection is None
    assert [bug.name for bug in result.survived] == []
    assert result.killed == EVALUATOR_BUGS


def a_test_of_nothing(evaluate):
    evaluate([found()], [truth()])


def a_test_of_the_obvious(evaluate):
    """One picture, one object in its corner, found: this is how evaluators are tried out."""
    assert evaluate([found((0.9, CAT, (0, 0, 40, 30)))], [truth((CAT, (0, 0, 40, 30)))]) == pytest.approx(1)


@pytest.mark.parametrize("test", [lambda evaluate: None, a_test_of_nothing, a_test_of_the_obvious])
def test_a_test_of_the_obvious_kills_none(test):
    result = score(test, EVALUATOR_BUGS)
    assert result.killed == () and result.survived == EVALUATOR_BUGS and result.objection is None


@pytest.mark.parametrize("bug", MUSEUM, ids=lambda bug: bug.name)
def test_the_demonstration_is_a_test_that_kills(bug):
    expected = run(bug.reference, bug.demonstration)

    def demonstration(implementation):
        assert difference(run(implementation, bug.demonstration), expected) is None

    assert kills(demonstration, bug)
    assert not kills(lambda implementation: None, bug)


def test_a_test_that_fails_the_reference_kills_nothing_and_is_told():
    def too_strict(evaluate):
        assert evaluate([found((0.9, CAT, A))], [truth((CAT, A), (CAT, B))]) == 0.5, "half is half"

    result = score(too_strict, EVALUATOR_BUGS)
    assert result.killed == () and "half is half" in result.objection
    assert str(result).startswith(
        "❌ The test must pass on the right implementation, but there it says: Asser"
    )
    assert not any(kills(too_strict, bug) for bug in EVALUATOR_BUGS)


def test_a_test_that_returns_instead_of_asserting_is_told():
    said = objection(lambda evaluate: evaluate([found()], [truth()]) == -1, average_precision_50)
    assert said == "it returned True, and a test asserts: write `assert` before what must be true"
    assert objection(lambda evaluate: evaluate([found()], []), average_precision_50).startswith(
        "ValueError: "
    )


def test_a_score_names_the_dead_with_their_story_and_the_living_without():
    def every_object_counts(evaluate):
        assert evaluate([found((0.9, CAT, A)), found()], [truth((CAT, A)), truth((CAT, A))]) < 1

    dead, *living = str(score(every_object_counts, EVALUATOR_BUGS[:3])).splitlines()[1:]
    assert dead.startswith("✅ images without detections are skipped. A famous course")
    assert living == [f"⏳ still alive: {bug.name}" for bug in EVALUATOR_BUGS[1:3]]
    assert str(score(lambda evaluate: None, EVALUATOR_BUGS)).startswith("Your test kills 0 of 17 bugs.")


def test_one_test_runs_on_bugs_of_several_references():
    def a_list_comes_back(implementation):
        assert implementation is not None

    assert len(score(a_list_comes_back, MUSEUM).survived) == len(MUSEUM)
