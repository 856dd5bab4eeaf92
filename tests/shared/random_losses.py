"""What the tests of losses share: random inputs, far values, the closeness of two implementations."""

import math

import torch
import torchvision
from hypothesis import strategies as st

PEER = torchvision.ops
REDUCTIONS = ("none", "mean", "sum")
FAR = torch.tensor([-200.0, -60, -20.5, -6, 0, 6, 20.5, 60, 200])


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def random_boxes(count, seed):
    chance = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    corner = chance[:, :2] * torch.tensor([40, 25])
    return torch.cat([corner, corner + 1 + 20 * chance[:, 2:]], 1)


def close(answer, expected, tolerance=1e-5):
    assert answer.shape == expected.shape and answer.dtype == expected.dtype
    torch.testing.assert_close(answer, expected, rtol=0, atol=tolerance)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


logits = st.floats(-60, 60, width=32)
