"""The machine that judges an answer: it never raises or hangs, and what it says is true and reads well."""

import re

import numpy as np
import pytest
import torch
from double_exercise import DOUBLE, double, square

from classroom import check, hint, last_case
from classroom.exercises.catalogue import find
from classroom.exercises.compare import difference, explain
from classroom.exercises.examine import examine, line_of_hole, returns_at_once
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.report import markup, plain
from classroom.exercises.speed import slowness, time_ratio
from classroom.exercises.trial import run


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: print(end=""), "is there a `return`?"),
        (lambda x: [2.0], "should be a tensor of shape (1,)"),
        (lambda x: 2 * x[None], "should have shape (1,), but has (1, 1)"),
        (lambda x: (2 * x).double(), "should be torch.float32, but is torch.float64"),
        (lambda x: 3 * x, "the result[0] should be 2, but is 3"),
        (lambda x: x / 0 * 0, "should be 2, but is nan"),
        (lambda x: 2 * x.detach(), "no gradient flows through it"),
        (lambda x: x.detach().mul_(2), "the function changes its input x"),
        (lambda x: 1 / 0, "the function raises ZeroDivisionError"),
    ],
)
def test_failures_are_told_in_words(answer, sentence):
    assert sentence in plain(examine(answer, DOUBLE))


def test_unknown_mistake_gets_no_name():
    assert examine(lambda x: 3 * x, DOUBLE).diagnosis.wrong_answers == ()
    assert [w.name for w in examine(square, DOUBLE).diagnosis.wrong_answers] == ["a square"]


def test_a_hole_below_other_lines_is_seen():
    def halfway(x):
        y = 2 * x
        ...  # your code here
        return y

    assert line_of_hole(halfway) and line_of_hole(double) is None
    assert not examine(lambda x: None, DOUBLE).attempted


def test_not_implemented_counts_as_not_attempted():
    def later(x):
        raise NotImplementedError

    assert not examine(later, DOUBLE).attempted


def test_strict_mode_raises_what_check_says(monkeypatch):
    monkeypatch.setenv("COURSEKIT_STRICT", "1")
    assert check(double, DOUBLE) is double
    with pytest.raises(AssertionError, match="Diagnosis: a square. 2x is not"):
        check(square, DOUBLE)
    with pytest.raises(AssertionError, match="not written yet"):
        check(lambda x: ..., DOUBLE)


def test_hints_climb_a_ladder_and_stop_at_the_top(capsys):
    for _ in range(len(find("box_iou").hints) + 1):
        hint("box_iou")
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Hint 1 of 3") and said[2].endswith("last one.") and said[2] == said[3]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="No exercise is called 'box_uio'.*box_iou"):
        hint("box_uio")


def test_speed_is_a_ratio_against_the_reference():
    def slow(x):
        for _ in range(50):
            y = 2 * x
        return y

    exercise = Exercise(double, DOUBLE.cases, ("",), speed=lambda: (torch.rand(100_000),))
    assert time_ratio(slow, exercise) > 5 > time_ratio(double, exercise)
    assert re.fullmatch(r"It takes \d+ times as long as the reference\. .*\?", slowness(slow, exercise))
    assert slowness(double, exercise) == ""


def test_nan_equals_only_nan():
    nan = torch.tensor([float("nan")])
    assert explain(nan, nan) is None
    assert "nan" in explain(nan, torch.tensor([1.0]))


def raises(kind):
    def function():
        raise kind("no such box.")

    return run(function, ())


def test_errors_are_compared_by_type():
    assert difference(raises(KeyError), raises(LookupError)) is None
    assert difference(raises(ValueError), raises(KeyError)) == (
        "the function should raise a KeyError, but raises ValueError: no such box"
    )
    assert "should raise an IndexError, but returns a value" in difference(
        run(lambda: 3, ()), raises(IndexError)
    )
    assert difference(raises(ValueError), raises(KeyError), any_error=True) is None


def test_the_line_that_raised_and_the_arguments_are_shown():
    def broken(x):
        y = 2 * x
        return y + torch.zeros(7, 3)[9]

    said = plain(examine(broken, DOUBLE))
    assert re.search(r"Your code: line \d+: return y \+ torch\.zeros\(7, 3\)\[9\]", said)
    assert "Called with: x = tensor([1.])" in said
    assert run(broken, (torch.zeros(1),)).line.startswith("line ")


def test_the_failing_case_can_be_run_again():
    check(square, DOUBLE)
    (x,) = last_case()
    assert x.tolist() == [1.0] and square(x).tolist() != double(x).tolist()
    x.mul_(0)
    assert last_case()[0].tolist() == [1.0]


def test_a_judge_keeps_changed_inputs_and_gradients():
    judged = Exercise(
        double,
        DOUBLE.cases,
        ("",),
        judge=lambda arguments, value: {"all are twice as large": torch.equal(value, 2 * arguments[0])},
    )
    assert examine(double, judged).right
    assert "changes its input x" in examine(lambda x: x.detach().mul_(2), judged).sentence
    assert "no gradient flows" in examine(lambda x: 2 * x.detach(), judged).sentence
    assert examine(square, judged).sentence == "this should be true, but is not: all are twice as large"
    odd = examine(lambda x: "two", judged).sentence
    assert odd == "the result is 'two', which is not what the exercise asks for"


def test_numbers_are_compared_in_double():
    assert explain(1 + 1e-9, 1.0, 1e-12) == "the result should be 1, but is 1.000000001"
    assert explain(torch.tensor(0.5), 0.5) is None and explain(np.float64(0.5), 0.5) is None
    assert explain(True, 1) is None and explain(2.5, 2) == "the result should be 2, but is 2.5"
    assert explain(torch.tensor(-0.0), torch.tensor(3.0)) == "the result should be 3, but is 0"


def half(x):
    return x / 2


def test_a_crash_is_not_taken_for_a_named_mistake():
    """The only failing case raised: nothing is known of the mistake."""
    crashes_too = Exercise(half, (Case("one", (1.0,)), Case("nothing", (torch.zeros(0),))), ("",))

    @crashes_too.wrong("upside down", "Divide.")
    def _upside_down(x):
        return x * 2 if isinstance(x, float) else x[0]

    verdict = examine(lambda x: x / 2 if isinstance(x, float) else x[1], crashes_too)
    assert verdict.failed == ("nothing",) and not verdict.diagnosis.wrong_answers


def test_two_names_that_fit_are_both_said():
    one = Exercise(half, (Case("two", (2.0,)),), ("",))
    one.wrong("a square", "Squared.")(lambda x: x**2)
    one.wrong("twice", "Doubled.")(lambda x: x * 2)
    said = plain(examine(lambda x: x + x, one))
    assert "Diagnosis: either a square. Squared.\n   Or: twice. Doubled.\n" in said


def test_where_it_fails_a_name_needs_two_cases_and_no_rival():
    many = Exercise(half, tuple(Case(str(x), (float(x),)) for x in range(4)), ("",))
    many.wrong("twice", "Doubled.")(lambda x: x * 2)
    last_two = examine(lambda x: x / 2 if x < 2 else x * 2, many).diagnosis
    assert [w.name for w in last_two.wrong_answers] == ["twice"] and not last_two.everywhere
    assert not examine(lambda x: x / 2 if x < 3 else x * 2, many).diagnosis.wrong_answers


def test_a_hole_that_is_left_over_is_said():
    def done(x):
        ...
        return 2 * x

    def begun(x):
        y = 3 * x
        ...
        return y

    assert re.search(
        r"all 2 cases pass.*You can delete the `\.\.\.` in line \d+", plain(examine(done, DOUBLE))
    )
    assert re.search(r"not written yet \(line \d+ is still `\.\.\.`\)", plain(examine(begun, DOUBLE)))


def test_nothing_that_is_written_counts_as_a_hole():
    def best(x):
        best = None
        for _ in range(2):
            best = 2 * x[...]
        return best

    assert not returns_at_once(best) and line_of_hole(best) is None and examine(best, DOUBLE).right


def test_the_html_is_a_labelled_group_and_escapes_what_it_shows():
    verdict = examine(lambda x: "<b>", DOUBLE)
    shown = markup(verdict)
    assert "role='group' aria-label='double is not right yet'" in shown
    assert "&lt;b&gt;" in shown and "<b>'" not in shown
