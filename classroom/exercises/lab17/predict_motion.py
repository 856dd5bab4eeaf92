"""Lab 17, exercise 1: where a coordinate will be in the next frame, and how sure that is."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import motion_picture
from classroom.exercises.mistakes import overwriting
from coursekit.tracking.kalman import Motion, predict_motion


def motion(*numbers: float) -> Motion:
    """What is known of one coordinate, from five numbers."""
    return Motion(*torch.tensor(numbers, dtype=torch.float64))


def motions(*shape: int, seed: int) -> Motion:
    """What is known of many coordinates, drawn at random; the covariance is one that two variances may have."""
    numbers = 1 + uniform(5, *shape, seed=seed).double()
    return Motion(10 * numbers[0], numbers[1] - 1.5, 2 * numbers[2], numbers[3] - 1.5, numbers[4])


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


PREDICT_MOTION = Exercise(
    predict_motion,
    picture=motion_picture,
    hints=(
        "Where is something that was at 10 and moves by 2 per frame? If you are unsure of its speed, are you more or less sure of its new place than of its old one?",
        "position + velocity; the velocity stays. The variance of a sum a + b is var a + var b + 2 cov(a, b); the new covariance is that of position + velocity with velocity.",
        "x, v, var_x, cov, var_v = motion\n"
        "return Motion(x + v, v, var_x + 2 * cov + var_v + wander, …, var_v + turn)  # cov(x + v, v) = cov(x, v) + …",
    ),
    cases=(
        Case("it stands still, and all is certain", (motion(10, 0, 0, 0, 0), number(0), number(0))),
        Case("it moves, and all is certain", (motion(10, 2, 0, 0, 0), number(0), number(0))),
        Case("an unsure position", (motion(10, 2, 3, 0, 0), number(0), number(0))),
        Case("an unsure velocity", (motion(10, -2, 0, 0, 4), number(0), number(0))),
        Case("a covariance", (motion(10, 2, 3, 1, 2), number(0), number(0))),
        Case("a negative covariance", (motion(10, 2, 3, -1.5, 2), number(0), number(0))),
        Case("it strays from its course", (motion(10, 2, 3, 1, 2), number(0.5), number(0))),
        Case("its velocity changes", (motion(10, 2, 3, 1, 2), number(0), number(0.25))),
        Case(
            "four coordinates of three boxes",
            (motions(3, 4, seed=1), uniform(3, 4).double(), uniform(3, 4, seed=2).double()),
        ),
        Case("no boxes", (motions(0, 4, seed=1), torch.zeros(0, 4).double(), torch.zeros(0, 4).double())),
    ),
)

_wrong = PREDICT_MOTION.wrong


def _but(**changes: Callable) -> Callable:
    """The right answer with other parts: name=f(motion, wander, turn)."""

    def answer(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
        right = predict_motion(motion, wander, turn)
        return right._replace(**{name: f(motion, wander, turn) for name, f in changes.items()})

    return answer


for _name, _story, _function in (
    (
        "the position stays",
        "A velocity is pixels per frame: one frame later the position has moved by it.",
        _but(position=lambda m, w, t: m.position + 0),
    ),
    (
        "moved backwards",
        "The next position is the old one plus the velocity.",
        _but(position=lambda m, w, t: m.position - m.velocity),
    ),
    (
        "as sure as before",
        "A guess at the future is less sure than the present: the variance of the velocity and `wander` are added.",
        _but(position_variance=lambda m, w, t: m.position_variance + 0),
    ),
    (
        "the covariance is forgotten in the variance",
        "The variance of a sum of two things that depend on each other is var a + var b + 2 cov(a, b).",
        _but(position_variance=lambda m, w, t: m.position_variance + m.velocity_variance + w),
    ),
    (
        "the covariance is counted once",
        "In the variance of a sum the covariance stands twice: (a + b)² = a² + 2ab + b².",
        _but(position_variance=lambda m, w, t: m.position_variance + m.covariance + m.velocity_variance + w),
    ),
    (
        "the variance of the velocity is not added to the position's",
        "How unsure the velocity is makes the next position unsure as well.",
        _but(position_variance=lambda m, w, t: m.position_variance + 2 * m.covariance + w),
    ),
    (
        "position and velocity stay as independent as before",
        "If it was faster than thought, it is also further than thought: the covariance grows by the variance of the velocity.",
        _but(covariance=lambda m, w, t: m.covariance + 0),
    ),
    (
        "the covariance is that of the position",
        "cov(x + v, v) = cov(x, v) + var v: the variance of the position does not come in.",
        _but(covariance=lambda m, w, t: m.covariance + m.position_variance),
    ),
    (
        "standard deviations are added",
        "Variances of independent things add up; `wander` is a variance already: no square and no root.",
        _but(
            position_variance=lambda m, w, t: (
                m.position_variance + 2 * m.covariance + m.velocity_variance + w**2
            ),
            velocity_variance=lambda m, w, t: m.velocity_variance + t**2,
        ),
    ),
    (
        "wander and turn swapped",
        "`wander` is added to the variance of the position, `turn` to that of the velocity.",
        lambda m, w, t: predict_motion(m, t, w),
    ),
    (
        "nothing happens by chance",
        "Things do not keep exactly to their course: add `wander` and `turn` to the two variances.",
        lambda m, w, t: predict_motion(m, torch.zeros_like(w), torch.zeros_like(t)),
    ),
    (
        "the velocity never becomes unsure",
        "The velocity changes a little by chance: add `turn` to its variance.",
        lambda m, w, t: predict_motion(m, w, torch.zeros_like(t)),
    ),
    (
        "the position becomes more certain",
        "Time makes a guess less certain: `wander` is added, not subtracted.",
        lambda m, w, t: predict_motion(m, -w, -t),
    ),
    (
        "the velocity doubles",
        "With constant velocity the velocity stays as it is.",
        _but(velocity=lambda m, w, t: 2 * m.velocity),
    ),
    (
        "position and velocity alone",
        "Return all five numbers: the variances are needed to weigh the next measurement.",
        lambda m, w, t: predict_motion(m, w, t)[:2],
    ),
    (
        "the variances stay as they are",
        "A guess at the future is less sure than the present: the two variances and the covariance change too.",
        lambda m, w, t: m._replace(position=m.position + m.velocity),
    ),
    (
        "the caller's motion overwritten",
        "The numbers are right, but the caller's motion has changed: do not use in-place operations.",
        lambda m, w, t: overwriting(lambda *parts: predict_motion(Motion(*parts[:5]), *parts[5:]), 0)(
            *m, w, t
        ),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (PREDICT_MOTION,)
