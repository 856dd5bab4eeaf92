r"""The Kalman filter with constant velocity: where something is, how fast it moves, and how sure that is.

One coordinate moves by its velocity in each frame, and both may change a little by chance. What is known of them is a
normal distribution: two means, two variances and one covariance. The five numbers may be tensors of any one shape, so
the same code follows one coordinate or the four of all boxes.

Source: Kalman, "A New Approach to Linear Filtering and Prediction Problems", 1960, doi:10.1115/1.3662552.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from coursekit.ops import box_convert

MEASURED = 1 / 20  # standard deviation of a detected coordinate, as a share of the side of the box
WANDERING = 1 / 20  # how far a coordinate strays from its course per frame, as a share of the side
TURNING = 1 / 5  # by how much its velocity changes per frame, as a share of the side
UNKNOWN = 1.0  # standard deviation of the velocity of a new box, in sides per frame


class Motion(NamedTuple):
    """What is known of a coordinate that moves, or of many of them: five tensors of one shape."""

    position: Tensor  # mean, pixels
    velocity: Tensor  # mean, pixels per frame
    position_variance: Tensor
    covariance: Tensor  # of position and velocity
    velocity_variance: Tensor


Predict = Callable[[Motion, Tensor, Tensor], Motion]
Update = Callable[[Motion, Tensor, Tensor], Motion]


def predict_motion(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    r"""Return what is known of each coordinate one frame later, before anything is measured there.

    $$
    x' = x + v, \quad P' = F P F^T + Q, \quad F = \begin{pmatrix} 1 & 1 \\ 0 & 1 \end{pmatrix}
    $$

    Shapes: five times (...), (...), (...) -> five times (...).
    Args:
        wander: variance that each frame adds to the position, square pixels.
        turn: variance that each frame adds to the velocity.
    Source: Kalman, 1960, for this model of motion; Bewley et al., "SORT", 2016, section 3.2, arXiv:1602.00763.

    >>> motion = Motion(*torch.tensor([10.0, 2.0, 1.0, 0.0, 4.0]))
    >>> [round(number.item(), 3) for number in predict_motion(motion, torch.tensor(0.5), torch.tensor(0.1))]
    [12.0, 2.0, 5.5, 4.0, 4.1]
    """
    position, velocity, of_position, between, of_velocity = motion
    return Motion(
        position + velocity,
        velocity,
        of_position + 2 * between + of_velocity + wander,
        between + of_velocity,
        of_velocity + turn,
    )


def update_motion(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    r"""Return what is known of each coordinate once its position has been measured.

    $$
    K = \frac{1}{P_{xx} + r} \begin{pmatrix} P_{xx} \\ P_{xv} \end{pmatrix}, \quad
    x' = x + K_x (z - x), \quad v' = v + K_v (z - x)
    $$

    Shapes: five times (...), (...), (...) -> five times (...).
    Args:
        measured: the position, pixels.
        variance: r, how unsure the measurement is, square pixels.
    Source: Kalman, 1960.

    >>> motion = Motion(*torch.tensor([10.0, 2.0, 4.0, 2.0, 3.0]))
    >>> [round(number.item(), 3) for number in update_motion(motion, torch.tensor(14.0), torch.tensor(4.0))]
    [12.0, 3.0, 2.0, 1.0, 2.5]
    """
    position, velocity, of_position, between, of_velocity = motion
    of_place, of_speed = of_position / (of_position + variance), between / (of_position + variance)
    surprise = measured - position
    return Motion(
        position + of_place * surprise,
        velocity + of_speed * surprise,
        of_position - of_place * of_position,
        between - of_place * between,
        of_velocity - of_speed * between,
    )


def start_motion(boxes: Tensor) -> Motion:
    """Return what is known of boxes seen for the first time: they may move in any direction.

    Shapes: (D, 4) xyxy -> five times (D, 4): centre x, centre y, width, height.

    >>> start_motion(torch.tensor([[0.0, 0.0, 40.0, 20.0]])).position
    tensor([[20., 10., 40., 20.]])
    """
    position, side = box_convert(boxes, "xyxy", "cxcywh"), sides(boxes)
    nothing = torch.zeros_like(position)
    return Motion(position, nothing, (MEASURED * side) ** 2, nothing, (UNKNOWN * side) ** 2)


def predict_boxes(motion: Motion, predict: Predict = predict_motion) -> Motion:
    """Return what is known of boxes one frame later; how far they stray is in proportion to their sides.

    Shapes: five times (T, 4) -> five times (T, 4).
    """
    side = motion.position[:, 2:].clamp(min=1).repeat(1, 2)  # (T, 4): width, height, width, height
    return in_precision_of(motion, predict(motion, (WANDERING * side) ** 2, (TURNING * side) ** 2))


def update_boxes(motion: Motion, boxes: Tensor, update: Update = update_motion) -> Motion:
    """Return what is known of boxes once they have been detected.

    Shapes: five times (T, 4), (T, 4) xyxy -> five times (T, 4).
    """
    measured = box_convert(boxes, "xyxy", "cxcywh")
    return in_precision_of(motion, update(motion, measured, (MEASURED * sides(boxes)) ** 2))


def in_precision_of(motion: Motion, parts: Iterable[Tensor]) -> Motion:
    """Return the five parts as a motion of the same precision: a replaced part may compute in another one."""
    return Motion(*(torch.as_tensor(part, dtype=motion.position.dtype) for part in parts))


def boxes_of(motion: Motion) -> Tensor:
    """Return where the boxes are: (T, 4) xyxy; a side is at least 1 pixel.

    >>> boxes_of(start_motion(torch.tensor([[0.0, 0.0, 40.0, 20.0]])))
    tensor([[ 0.,  0., 40., 20.]])
    """
    center, size = motion.position[:, :2], motion.position[:, 2:].clamp(min=1)
    return torch.cat([center - size / 2, center + size / 2], 1)


def sides(boxes: Tensor) -> Tensor:
    """Return width, height, width, height of each box, at least 1 pixel: (D, 4) -> (D, 4)."""
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=1).repeat(1, 2)
