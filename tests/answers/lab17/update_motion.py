import torch
from torch import Tensor

from coursekit.tracking import Motion


def right_matrices(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The textbook: K = P H' / S, (I - K H) P."""
    x, v, pxx, pxv, pvv = motion
    mean = torch.stack([x, v], -1)
    spread = torch.stack([torch.stack([pxx, pxv], -1), torch.stack([pxv, pvv], -1)], -2)
    gain = spread[..., :, 0] / (pxx + variance)[..., None]
    mean = mean + gain * (measured - x)[..., None]
    spread = spread - gain[..., :, None] * spread[..., :1, :]
    return Motion(mean[..., 0], mean[..., 1], spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1])


def right_weighted_mean(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The new position as a weighted mean of both, the variance as a product over a sum."""
    total = motion.position_variance + variance
    rest = variance / total
    return Motion(
        rest * motion.position + (1 - rest) * measured,
        motion.velocity + motion.covariance * (measured - motion.position) / total,
        motion.position_variance * rest,
        motion.covariance * rest,
        motion.velocity_variance - motion.covariance**2 / total,
    )


def right_short(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """One gain for each moment."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion(x + k * (measured - x), v + m * (measured - x), (1 - k) * a, (1 - k) * c, b - m * c)


def wrong_measured(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Takes the measurement as the truth."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion(measured.clone(), v + m * (measured - x), (1 - k) * a, (1 - k) * c, b - m * c)


def wrong_gain_inverted(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Trusts the one that is less sure."""
    x, v, a, c, b = motion
    k, m = variance / (a + variance), c / (a + variance)
    return Motion(x + k * (measured - x), v + m * (measured - x), (1 - k) * a, (1 - k) * c, b - m * c)


def wrong_velocity_untouched(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Corrects the position alone, means and variances otherwise right."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion(x + k * (measured - x), v, (1 - k) * a, (1 - k) * c, b - m * c)


def wrong_sign(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Position minus measurement."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion(x + k * (x - measured), v + m * (x - measured), (1 - k) * a, (1 - k) * c, b - m * c)


def wrong_variance_grows(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Adds what should be removed from the variance of the position."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion(x + k * (measured - x), v + m * (measured - x), (1 + k) * a, (1 - k) * c, b - m * c)


def wrong_variances_kept(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Corrects the means only."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion(x + k * (measured - x), v + m * (measured - x), a, c, b)


def wrong_half(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The middle of the two, whatever their variances."""
    x, v, a, c, b = motion
    k, m = a / (a + variance), c / (a + variance)
    return Motion((x + measured) / 2, v + m * (measured - x), (1 - k) * a, (1 - k) * c, b - m * c)
