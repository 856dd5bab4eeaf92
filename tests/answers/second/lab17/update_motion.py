import torch
from torch import Tensor

from coursekit.tracking import Motion


def right_arithmetic(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Plain arithmetic, as the formulas stand."""
    x, v, p, c, q = motion
    total = p + variance
    gain_x, gain_v = p / total, c / total
    surprise = measured - x
    return Motion(
        x + gain_x * surprise, v + gain_v * surprise, p * (1 - gain_x), c * (1 - gain_x), q - gain_v * c
    )


def right_joseph(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Matrices, in Joseph's form (I - KH) P (I - KH)' + K R K'; rounds differently."""
    x, v, p, c, q = motion
    spread = torch.stack([torch.stack([p, c], -1), torch.stack([c, q], -1)], -2)
    gain = spread[..., :, :1] / (p + variance)[..., None, None]  # (..., 2, 1)
    see = torch.tensor([[1.0, 0.0]], dtype=x.dtype)
    rest = torch.eye(2, dtype=x.dtype) - gain @ see
    state = torch.stack([x, v], -1)[..., None] + gain * (measured - x)[..., None, None]
    spread = rest @ spread @ rest.mT + gain @ gain.mT * variance[..., None, None]
    return Motion(state[..., 0, 0], state[..., 1, 0], spread[..., 0, 0], spread[..., 1, 0], spread[..., 1, 1])


def right_weighted_mean(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The position as a mean weighted by the other's variance, with lerp, addcdiv and addcmul; no gain for the velocity's variance."""
    x, v, p, c, q = motion
    total = p + variance
    share = variance / total  # what is kept
    return Motion(
        torch.lerp(measured, x, share),
        torch.addcdiv(v, c * (measured - x), total),
        p * share,
        c * share,
        torch.addcdiv(q, c * c, total, value=-1),
    )


def wrong_sign(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The surprise the wrong way round, position minus measured."""
    x, v, p, c, q = motion
    gain_x, gain_v = p / (p + variance), c / (p + variance)
    surprise = x - measured
    return Motion(
        x + gain_x * surprise, v + gain_v * surprise, p * (1 - gain_x), c * (1 - gain_x), q - gain_v * c
    )


def wrong_velocity_gain(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The velocity's gain divides by the velocity's variance plus `variance`, by analogy."""
    x, v, p, c, q = motion
    gain_x, gain_v = p / (p + variance), c / (q + variance)
    surprise = measured - x
    return Motion(
        x + gain_x * surprise, v + gain_v * surprise, p * (1 - gain_x), c * (1 - gain_x), q - gain_v * c
    )


def wrong_new_covariance(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Takes the covariance that has already lost its share for the velocity's variance."""
    x, v, p, c, q = motion
    gain_x, gain_v = p / (p + variance), c / (p + variance)
    surprise = measured - x
    c = c * (1 - gain_x)
    return Motion(x + gain_x * surprise, v + gain_v * surprise, p * (1 - gain_x), c, q - gain_v * c)


def wrong_keeps_the_share(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Misreads "lose their share": the variance and covariance become the share instead of losing it."""
    x, v, p, c, q = motion
    gain_x, gain_v = p / (p + variance), c / (p + variance)
    surprise = measured - x
    return Motion(x + gain_x * surprise, v + gain_v * surprise, p * gain_x, c * gain_x, q - gain_v * c)


def wrong_covariance_loses_other_share(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """The covariance loses the share K_v instead of K_x."""
    x, v, p, c, q = motion
    gain_x, gain_v = p / (p + variance), c / (p + variance)
    surprise = measured - x
    return Motion(
        x + gain_x * surprise, v + gain_v * surprise, p * (1 - gain_x), c * (1 - gain_v), q - gain_v * c
    )


def wrong_surprise_after(motion: Motion, measured: Tensor, variance: Tensor) -> Motion:
    """Corrects the position first and takes the surprise anew, from the corrected position, for the velocity."""
    x, v, p, c, q = motion
    gain_x, gain_v = p / (p + variance), c / (p + variance)
    x = x + gain_x * (measured - x)
    v = v + gain_v * (measured - x)
    return Motion(x, v, p * (1 - gain_x), c * (1 - gain_x), q - gain_v * c)
