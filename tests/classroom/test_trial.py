"""A student's function is called on copies, for a limited time, and whatever it does is an outcome."""

import sys
from typing import NamedTuple

import pytest
import torch
from double_exercise import DOUBLE

from classroom import check
from classroom.exercises.compare import difference
from classroom.exercises.examine import examine
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.report import plain
from classroom.exercises.trial import TookTooLong, in_time, run


class Pair(NamedTuple):
    left: torch.Tensor
    right: torch.Tensor


def test_gradients_go_into_named_tuples_and_out_of_dicts():
    pair = Pair(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    right = run(lambda x: {"b": (x.left * x.right).sum(), "a": x.left.sum()}, (pair,), True, names=("x",))
    assert [g.tolist() for g in right.gradients.values()] == [[1 + 2 * 3, 1 + 2 * 4], [2 * 1, 2 * 2]]
    other = run(
        lambda x: {"a": x.left.sum(), "b": (x.left.detach() * x.right).sum()}, (pair,), True, names=("x",)
    )
    assert difference(other, right).startswith("the gradient with respect to x (1)[0] should be 7")
    assert not pair.left.requires_grad
    assert run(lambda x: x.left.mul_(2), (pair,), names=("x",)).changed == ("x",)


def test_a_call_in_time_returns_or_raises():
    assert in_time(lambda: 3, 5) == 3
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 / 0, 5)
    with pytest.raises(TookTooLong):
        in_time(lambda: exec("while True: pass"), 0.1)


def test_an_endless_loop_ends_and_the_other_cases_do_not_run():
    def endless(x):
        while True:
            try:
                x = x + 1
            except Exception:
                pass

    verdict = examine(endless, DOUBLE, seconds=0.2)
    assert verdict.failed == ("one", "gradient") and "loop that never ends" in plain(verdict)


def test_what_is_printed_is_kept_in_part(capsys):
    def chatty(x):
        print("here I am\n" * 100_000)
        return 3 * x

    check(chatty, DOUBLE)
    said = capsys.readouterr().out
    assert (
        said.startswith("❌ double: 0 of 2 cases pass.")
        and "It printed: here I am" in said
        and len(said) < 4000
    )


def test_an_exit_is_an_answer():
    assert "the function raises SystemExit" in plain(examine(lambda x: sys.exit(), DOUBLE))


def spoil(images, target):
    target["boxes"].mul_(0)
    images[0].mul_(0)
    return images[0].sum()


NESTED = Exercise(
    lambda images, target: images[0].sum() * 0,
    cases=(Case("one", ([torch.ones(2)], {"boxes": torch.ones(1, 4)})),),
    hints=("",),
)


def test_inputs_are_copied_and_compared_wherever_they_are():
    for _ in range(2):
        verdict = examine(spoil, NESTED)
        assert "the function changes its input images and target" in verdict.sentence
    assert NESTED.cases[0].arguments[1]["boxes"].sum() == 4
