import math

import torch
from torch import Tensor


def right_outer(positions: Tensor, channels: int) -> Tensor:
    """An outer product, sine and cosine, cat."""
    n = channels // 2
    frequencies = 5 * 0.05 ** (torch.arange(n, dtype=torch.float32) / n)
    angles = 2 * math.pi * positions.float()[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def right_loops(positions: Tensor, channels: int) -> Tensor:
    """Plain loops with math."""
    n = channels // 2
    code = torch.zeros(len(positions), channels, dtype=torch.float32)
    for t, position in enumerate(positions.tolist()):
        for i in range(n):
            angle = 2 * math.pi * position * 5 * 0.05 ** (i / n)
            code[t, i] = math.sin(angle)
            code[t, n + i] = math.cos(angle)
    return code


def right_complex(positions: Tensor, channels: int) -> Tensor:
    """Points on the unit circle: their imaginary part is the sine, their real part the cosine."""
    n = channels // 2
    exponents = torch.arange(n, dtype=torch.float64) / n
    frequencies = torch.exp(math.log(5) + exponents * math.log(0.05))
    angles = torch.outer(positions.double(), 2 * math.pi * frequencies)
    circle = torch.polar(torch.ones_like(angles), angles)
    return torch.hstack([circle.imag, circle.real]).to(torch.float32)


def wrong_interleaved(positions: Tensor, channels: int) -> Tensor:
    """Sines and cosines take turns, instead of all sines first."""
    n = channels // 2
    angles = 2 * math.pi * positions.float()[:, None] * 5 * 0.05 ** (torch.arange(n) / n)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)


def wrong_cosines_first(positions: Tensor, channels: int) -> Tensor:
    """Puts the cosines before the sines."""
    n = channels // 2
    angles = 2 * math.pi * positions.float()[:, None] * 5 * 0.05 ** (torch.arange(n) / n)
    return torch.cat([angles.cos(), angles.sin()], 1)


def wrong_no_two_pi(positions: Tensor, channels: int) -> Tensor:
    """Forgets the factor 2 pi."""
    n = channels // 2
    angles = positions.float()[:, None] * 5 * 0.05 ** (torch.arange(n) / n)
    return torch.cat([angles.sin(), angles.cos()], 1)


def wrong_divided_by_channels(positions: Tensor, channels: int) -> Tensor:
    """Divides i by the number of channels instead of by half of it."""
    n = channels // 2
    angles = 2 * math.pi * positions.float()[:, None] * 5 * 0.05 ** (torch.arange(n) / channels)
    return torch.cat([angles.sin(), angles.cos()], 1)


def wrong_from_one(positions: Tensor, channels: int) -> Tensor:
    """Counts i from 1 to n instead of from 0 to n - 1."""
    n = channels // 2
    angles = 2 * math.pi * positions.float()[:, None] * 5 * 0.05 ** (torch.arange(1, n + 1) / n)
    return torch.cat([angles.sin(), angles.cos()], 1)


def wrong_base_in_the_power(positions: Tensor, channels: int) -> Tensor:
    """Raises the product 5 * 0.05 to the power, instead of only the 0.05."""
    n = channels // 2
    angles = 2 * math.pi * positions.float()[:, None] * (5 * 0.05) ** (torch.arange(n) / n)
    return torch.cat([angles.sin(), angles.cos()], 1)


def wrong_turned_over(positions: Tensor, channels: int) -> Tensor:
    """Returns a row for each channel instead of a row for each position."""
    n = channels // 2
    angles = 2 * math.pi * (5 * 0.05 ** (torch.arange(n) / n))[:, None] * positions.float()
    return torch.cat([angles.sin(), angles.cos()], 0)
