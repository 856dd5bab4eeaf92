"""Convolutions that models are made of: the block of most heads, and the transposed one."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops


def small_start(layer: nn.Module, std: float, bias: float = 0.0) -> None:
    """Begin with small normal weights and one value for every bias."""
    for name, parameter in layer.named_parameters(recurse=False):
        if name == "weight":
            nn.init.normal_(parameter, std=std)
        else:
            nn.init.constant_(parameter, bias)


def convolution(in_channels: int, channels: int, kernel_size: int) -> nn.Sequential:
    """A convolution that keeps the size of the map, normalised, and cut off below 0.

    Shapes: (N, in_channels, h, w) -> (N, channels, h, w).
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, kernel_size, padding=kernel_size // 2, bias=False),
        BatchNorm(channels),
        nn.ReLU(inplace=True),
    )


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation that takes a single cell too: it has no variance of its own, so the running one serves.

    >>> import torch
    >>> BatchNorm(1)(torch.ones(1, 1, 1, 1)).item() < 1
    True
    """

    def forward(self, x: Tensor) -> Tensor:
        if self.training and x.numel() == x.shape[1]:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
        return super().forward(x)


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's "same": ceil(H / stride) rows, the odd pixel of padding goes last.

    >>> import torch
    >>> SameConv2d(1, 1, kernel_size=3, stride=2)(torch.zeros(1, 1, 8, 5)).shape
    torch.Size([1, 1, 4, 3])
    """

    def forward(self, x: Tensor) -> Tensor:
        top, bottom = self.same_padding(x.shape[-2])
        left, right = self.same_padding(x.shape[-1])
        symmetric = top == bottom and left == right  # then the convolution pads by itself, without a copy
        padding = (top, left) if symmetric else 0
        x = x if symmetric else F.pad(x, [left, right, top, bottom])
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, groups=self.groups)

    def same_padding(self, size: int) -> tuple[int, int]:
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2


class TransposedConv2d(nn.Module):
    """A transposed convolution without bias; `operator` decides how it is computed.

    Shapes: (N, in_channels, h, w) -> (N, out_channels, H, W), sizes by `ops.conv_transpose_size`.
    Args:
        operator: called with (input, weight, stride=…, padding=…), as `ops.conv_transpose2d`.

    >>> TransposedConv2d(3, 5, kernel_size=2, stride=2)(torch.rand(1, 3, 4, 6)).shape
    torch.Size([1, 5, 8, 12])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        operator: Callable[..., Tensor] = ops.conv_transpose2d,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.operator = stride, padding, operator
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels, kernel_size, kernel_size))
        stamps = (kernel_size / stride) ** 2  # that lie on a place, on average
        nn.init.normal_(self.weight, std=(in_channels * stamps) ** -0.5)  # keeps the variance

    def forward(self, x: Tensor) -> Tensor:
        return self.operator(x, self.weight, stride=self.stride, padding=self.padding)
