"""Cases from a secret text: others for another secret, valid, and passed by every right answer."""

import dataclasses

import pytest
import torch

from classroom.exercises.catalogue import find
from classroom.exercises.copies import same
from classroom.exercises.examine import differences, outcomes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.record import by_lab
from classroom.grading import secret
from classroom.grading.grade import How, extra_cases, further_cases, key
from classroom.grading.secret import secret_cases
from classroom.grading.submissions import Student, Submission


def passed(name, function, cases):
    """For each case, whether a function does what the reference does."""
    exercise = dataclasses.replace(find(name), cases=cases)
    said = differences(outcomes(function, exercise), outcomes(exercise.reference, exercise), exercise)
    return [sentence is None for sentence in said]


def test_one_secret_gives_the_same_cases_and_another_one_others():
    once, again, other = (
        secret_cases("nms", "spring"),
        secret_cases.__wrapped__("nms", "spring"),
        secret_cases("nms", "autumn"),
    )
    assert len(once) == len(again) == secret.MOST
    assert all(same(a.arguments, b.arguments) for a, b in zip(once, again, strict=True))
    assert not any(same(a.arguments, b.arguments) for a in once for b in other)
    assert not any(same(a.arguments, c.arguments) for a in once for c in find("nms").cases)


@pytest.mark.parametrize("name", [name for lab in ("01", "03", "06") for name in by_lab()[lab]])
def test_the_reference_passes_and_knowing_the_public_cases_by_heart_does_not(name):
    exercise, cases = find(name), secret_cases(name, "spring")
    if name in ("spot_formats", "count_candidates"):  # nothing in them can be changed and stay a question
        assert cases == ()
        return
    known = list(zip(exercise.cases, outcomes(exercise.reference, exercise), strict=True))

    def by_heart(*arguments):
        return next((found.value for case, found in known if same(case.arguments, arguments)), None)

    assert all(passed(name, exercise.reference, cases))
    assert cases and not any(passed(name, by_heart, cases))


def test_a_case_on_the_edge_is_left_out(monkeypatch):
    """Half of a number that is rounded at 0.5 changes with the last digit: a right answer may differ."""
    rounding = Exercise(
        lambda x: torch.round(x), cases=(Case("at the edge", (torch.tensor([2.0, 0.5]),)),), hints=("",)
    )
    firm = Case("far from it", (torch.tensor([1.2, 3.3]),))
    edge = Case("on it", (torch.tensor([1.5, 3.3]),))
    assert secret._is_firm(firm, rounding) and not secret._is_firm(edge, rounding)


def test_order_range_and_masks_stay():
    mask, scores = torch.tensor([0.0, 1.0, 1.0]), torch.tensor([0.9, 0.5, 0.5, 0.0, 1.0])
    shares, points = torch.tensor([[0.25, 0.75]]), torch.tensor([-40.0, 10.0, 96.0])
    case = secret.changed(Case("all kinds", (mask, scores, shares, points, torch.tensor([3]))), "spring")
    assert same(case.arguments[0], mask) and same(case.arguments[2], shares) and case.arguments[4].item() == 3
    new = case.arguments[1]
    assert new[0] > new[1] == new[2] > new[3] == 0 and new[4] == 1 and not same(new, scores)
    assert ((case.arguments[3] / points - case.arguments[3][0] / points[0]).abs() < 1e-6).all()


def test_the_modules_of_the_lab_stay_the_same():
    before = find("box_iou")
    secret.drawn_again("box_iou", "spring")
    assert find("box_iou") is before


def test_another_secret_is_judged_again():
    one = Submission(Student("Ada"), "03", "a.ipynb")
    names = {key(one, How(secret=text)) for text in (None, "spring", "autumn")}
    assert len(names) == 3 and not any("spring" in name for name in names)
    assert (
        further_cases("nms", How()) == () and len(further_cases("nms", How(secret="spring"))) == secret.MOST
    )


def test_own_cases_that_cannot_be_told_are_refused(tmp_path):
    (tmp_path / "a.py").write_text(
        "from classroom.exercises.exercise import Case\nCASES = {'fold': (Case('mine', (len, len, len)),)}"
    )
    with pytest.raises(ValueError, match="the cases of fold must be made of numbers, texts and tensors"):
        extra_cases(str(tmp_path / "a.py"))
