"""A transposed convolution with weights that learn, whatever function computes it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from coursekit import ops


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
