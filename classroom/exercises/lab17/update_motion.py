"""Lab 17, exercise 2: what is known of a coordinate after a measurement."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab17.pictures import motion_picture
from classroom.exercises.lab17.predict_motion import motion, motions, number
from classroom.exercises.mistakes import overwriting
from coursekit.tracking.kalman import Motion, update_motion

UPDATE_MOTION = Exercise(
    update_motion,
    picture=motion_picture,
    hints=(
        "If prediction and measurement are equally unsure, where between the two would you put it? And if the measurement is exact?",
        "gain of the position: var_x / (var_x + variance); gain of the velocity: cov / (var_x + variance). "
        "Add gain × (measured − position) to each mean. What is removed of the second moments is gain × (var_x, cov).",
        "x, v, var_x, cov, var_v = motion\n"
        "gain_x, gain_v = var_x / (var_x + variance), cov / (var_x + variance)\n"
        "surprise = measured - x\n"
        "return Motion(x + gain_x * surprise, …, var_x - gain_x * var_x, cov - gain_x * cov, var_v - gain_v * cov)",
    ),
    cases=(
        Case("as predicted", (motion(10, 2, 4, 0, 1), number(10), number(4))),
        Case("halfway", (motion(10, 2, 4, 0, 1), number(14), number(4))),
        Case("an exact measurement", (motion(10, 2, 4, 0, 1), number(14), number(0))),
        Case("a poor measurement", (motion(10, 2, 1, 0, 1), number(20), number(9))),
        Case("further than predicted, so faster", (motion(10, 2, 4, 2, 3), number(14), number(4))),
        Case("less far than predicted", (motion(10, 2, 4, 2, 3), number(7), number(1))),
        Case("a negative covariance", (motion(10, 2, 4, -1.5, 3), number(7), number(2))),
        Case(
            "four coordinates of three boxes",
            (motions(3, 4, seed=1), 20 * uniform(3, 4).double(), 1 + uniform(3, 4, seed=2).double()),
        ),
        Case("no boxes", (motions(0, 4, seed=1), torch.zeros(0, 4).double(), torch.ones(0, 4).double())),
    ),
)

_wrong = UPDATE_MOTION.wrong


def _but(**changes: Callable) -> Callable:
    """The right answer with other parts: name=f(motion, measured, variance)."""

    def answer(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
        right = update_motion(motion, measured, variance)
        return right._replace(**{name: f(motion, measured, variance) for name, f in changes.items()})

    return answer


def _deviations(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """With standard deviations in the gain."""
    x, v, of_x, cov, of_v = motion
    whole = of_x.sqrt() + variance.sqrt()
    gain, other = of_x.sqrt() / whole, cov / of_x.sqrt() / whole
    return Motion(
        x + gain * (measured - x),
        v + other * (measured - x),
        of_x - gain * of_x,
        cov - gain * cov,
        of_v - other * cov,
    )


def _weighed(gain: Callable) -> Callable:
    """With other gains, of position and velocity: gain(var_x, cov, variance)."""

    def answer(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
        x, v, of_x, cov, of_v = motion
        a, b = gain(of_x, cov, variance)
        return Motion(
            x + a * (measured - x), v + b * (measured - x), of_x - a * of_x, cov - a * cov, of_v - b * cov
        )

    return answer


for _name, _story, _function in (
    (
        "the measurement is taken as it is",
        "A detection is not exact: mix prediction and measurement, by how unsure each of them is.",
        _but(position=lambda m, z, r: z + 0),
    ),
    (
        "the prediction is kept",
        "A measurement must change what is known: add gain × (measured − position).",
        lambda m, z, r: Motion(*(part + 0 for part in m)),
    ),
    (
        "always halfway",
        "The mean of the two is right only if they are equally unsure: the gain is var_x / (var_x + variance).",
        _but(position=lambda m, z, r: (m.position + z) / 2),
    ),
    (
        "the wrong one is trusted",
        "An unsure prediction must move far, so the gain is var_x / (var_x + variance), not variance / (…).",
        _weighed(lambda of_x, cov, r: (r / (of_x + r), cov / (of_x + r))),
    ),
    (
        "gain without the measurement's variance",
        "How unsure the measurement is stands in the divisor: var_x + variance.",
        _weighed(lambda of_x, cov, r: (torch.ones_like(of_x), cov / of_x)),
    ),
    (
        "gains from standard deviations",
        "Divide variances, not standard deviations.",
        _deviations,
    ),
    (
        "the surprise with the wrong sign",
        "The surprise is measured − position: a measurement further to the right pulls to the right.",
        _but(
            position=lambda m, z, r: (
                m.position - m.position_variance / (m.position_variance + r) * (z - m.position)
            ),
            velocity=lambda m, z, r: m.velocity - m.covariance / (m.position_variance + r) * (z - m.position),
        ),
    ),
    (
        "the velocity is never corrected",
        "Something that is further than predicted was probably faster: add cov / (var_x + variance) × surprise.",
        _but(velocity=lambda m, z, r: m.velocity + 0),
    ),
    (
        "the velocity has the gain of the position",
        "The gain of the velocity is cov / (var_x + variance).",
        _but(
            velocity=lambda m, z, r: (
                m.velocity + m.position_variance / (m.position_variance + r) * (z - m.position)
            )
        ),
    ),
    (
        "the velocity is the last step",
        "measured − position is noisy: only the share cov / (var_x + variance) of it goes into the velocity.",
        _but(velocity=lambda m, z, r: m.velocity + z - m.position),
    ),
    (
        "as unsure as before",
        "A measurement makes the position more certain: remove gain × var_x from its variance.",
        _but(position_variance=lambda m, z, r: m.position_variance + 0),
    ),
    (
        "even less sure than before",
        "A measurement removes doubt: the variance gets smaller.",
        _but(
            position_variance=lambda m, z, r: (
                m.position_variance * (1 + m.position_variance / (m.position_variance + r))
            )
        ),
    ),
    (
        "the covariance stays",
        "Whatever the measurement explains is removed from the covariance as well: cov − gain × cov.",
        _but(covariance=lambda m, z, r: m.covariance + 0),
    ),
    (
        "the velocity stays as unsure as it was",
        "The position says something about the velocity: remove gain of the velocity × cov from its variance.",
        _but(velocity_variance=lambda m, z, r: m.velocity_variance + 0),
    ),
    (
        "position and velocity alone",
        "Return all five numbers: the next frame needs the variances.",
        lambda m, z, r: update_motion(m, z, r)[:2],
    ),
    (
        "the variances stay as they are",
        "A measurement makes both more certain: the variances and the covariance get smaller.",
        lambda m, z, r: Motion(*update_motion(m, z, r)[:2], *(part + 0 for part in m[2:])),
    ),
    (
        "the caller's motion overwritten",
        "The numbers are right, but the caller's motion has changed: do not use in-place operations.",
        lambda m, z, r: overwriting(lambda *parts: update_motion(Motion(*parts[:5]), *parts[5:]), 0)(
            *m, z, r
        ),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (UPDATE_MOTION,)
