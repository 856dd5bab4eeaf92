import torch
from torch import Tensor

from coursekit.tracking import Motion


def right_matrices(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """The textbook: F P F' + Q with 2 x 2 matrices."""
    x, v, pxx, pxv, pvv = motion
    step = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=x.dtype)
    mean = torch.stack([x, v], -1) @ step.T
    spread = torch.stack([torch.stack([pxx, pxv], -1), torch.stack([pxv, pvv], -1)], -2)
    spread = step @ spread @ step.T
    return Motion(
        mean[..., 0], mean[..., 1], spread[..., 0, 0] + wander, spread[..., 0, 1], spread[..., 1, 1] + turn
    )


def right_by_names(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Field by field, with _replace."""
    return motion._replace(
        position=motion.position + motion.velocity,
        position_variance=motion.position_variance
        + motion.velocity_variance
        + 2 * motion.covariance
        + wander,
        covariance=motion.covariance + motion.velocity_variance,
        velocity_variance=motion.velocity_variance + turn,
    )


def right_step_by_step(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """The covariance grows first, which gives the variance of the position in two steps."""
    x, v, a, c, b = motion
    between = c + b
    return Motion(x + v, v.clone(), a + c + between + wander, between, b + turn)


def wrong_covariance_once(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Forgets the 2."""
    x, v, a, c, b = motion
    return Motion(x + v, v, a + c + b + wander, c + b, b + turn)


def wrong_independent(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Adds variances as if position and velocity were independent."""
    x, v, a, c, b = motion
    return Motion(x + v, v, a + b + wander, c + b, b + turn)


def wrong_noise_swapped(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Adds the wrong noise to each."""
    x, v, a, c, b = motion
    return Motion(x + v, v, a + 2 * c + b + turn, c + b, b + wander)


def wrong_no_noise(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Trusts its model completely."""
    x, v, a, c, b = motion
    return Motion(x + v, v, a + 2 * c + b, c + b, b)


def wrong_covariance_stays(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Leaves the covariance alone."""
    x, v, a, c, b = motion
    return Motion(x + v, v, a + 2 * c + b + wander, c, b + turn)


def wrong_mean_alone(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Moves the position and nothing else."""
    x, v, a, c, b = motion
    return Motion(x + v, v, a, c, b)


def wrong_in_place(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Adds into the caller's tensors."""
    x, v, a, c, b = motion
    x += v
    a += 2 * c + b + wander
    c += b
    b += turn
    return Motion(x, v, a, c, b)
