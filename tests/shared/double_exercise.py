"""The smallest exercise: twice a tensor, with one wrong answer."""

import torch

from classroom.exercises.exercise import Case, Exercise


def double(x):
    return 2 * x


DOUBLE = Exercise(
    double,
    cases=(Case("one", (torch.tensor([1.0]),)), Case("gradient", (torch.tensor([3.0, 4.0]),), gradient=True)),
    hints=("Think.", "2x", "return 2 * x"),
)


@DOUBLE.wrong("a square", "2x is not x squared.")
def square(x):
    return x * x
