"""DeconvNet: upsampling by unpooling, which puts each value back in its place, and transposed convolutions, which fill in.

C5 -- 1x1 -- unpool -- deconv -- unpool -- deconv -- unpool -- deconv -- scores -- x 4 --> every pixel
                ^                   ^                   ^
C4 -- pool -- switches              |                   |
C3 -- pool -------------------- switches                |
C2 -- pool ---------------------------------------- switches

A switch is the place of a maximum. Only places go across, no values: that is what a U-Net adds.

Noh et al. also train the encoder, whose pooling layers give the switches. Our backbone is frozen and has no pooling
layers, it makes maps smaller by convolutions with stride 2. So each of its maps is pooled once for its switches. The
decoder mirrors the encoder as in the paper: channel c goes to the places of the maxima of channel c. But the maps of a small
backbone have few channels, so here each set of switches serves two.

Source: Noh, Hong & Han, "Learning Deconvolution Network for Semantic Segmentation", 2015, figure 2, arXiv:1505.04366.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.segmenter import Inputs, Segmenter
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import BatchNorm, TransposedConv2d, convolution

COPIES = 2  # channels of the decoder that share the switches of one channel of the encoder


def pool_with_switches(input: Tensor) -> tuple[Tensor, Tensor]:
    """The maximum of each window of 2 x 2, and its place row * W + column.

    Shapes: (N, C, H, W) -> (N, C, H // 2, W // 2) twice.

    >>> import torch
    >>> pool_with_switches(torch.tensor([[[[1.0, 7.0], [5.0, 2.0]]]]))
    (tensor([[[[7.]]]]), tensor([[[[1]]]]))
    """
    return F.max_pool2d(input, 2, return_indices=True)


def unpool(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """A sparse map: each value is at the place that its switch tells.

    Shapes: (N, C, h, w) twice -> (N, C, *size).

    >>> import torch
    >>> unpool(torch.tensor([[[[9.0]]]]), torch.tensor([[[[1]]]]), (2, 2))
    tensor([[[[0., 9.],
              [0., 0.]]]])
    """
    return ops.max_unpool2d(input, switches, 2, output_size=size)


def unpool_to_corners(input: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """The same without switches: each value is at the upper left place of its window."""
    output = input.new_zeros(*input.shape[:2], *size)
    output[:, :, : 2 * input.shape[2] : 2, : 2 * input.shape[3] : 2] = input
    return output


class DeconvNet(Segmenter):
    """The segmenter of "Learning Deconvolution Network", with the switches of pooled maps of the frozen backbone.

    Args:
        num_classes, backbone, loss: as `Segmenter`.
        pool, unpool: as `pool_with_switches` and `unpool`.
        deconv: input (N, C, h, w), weight (C, D, 3, 3), stride=1, padding=1 -> (N, D, h, w).
    """

    levels = ("C2", "C3", "C4", "C5")

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        loss: Callable[[Tensor, Tensor], Tensor] = ops.pixel_cross_entropy,
        pool: Callable[[Tensor], tuple[Tensor, Tensor]] = pool_with_switches,
        unpool: Callable[[Tensor, Tensor, tuple[int, int]], Tensor] = unpool,
        deconv: Callable[..., Tensor] = ops.conv_transpose2d,
    ) -> None:
        super().__init__(num_classes, backbone, loss)
        self.pool, self.unpool = pool, unpool
        *fine, coarsest = self.levels
        widths = [COPIES * self.channels[level] for level in fine]  # the finest first
        self.bottom = convolution(self.channels[coarsest], widths[-1], 1)
        self.deconv = nn.ModuleDict()
        for level, width, out in zip(fine, widths, [widths[0], *widths], strict=False):
            self.deconv[level] = nn.Sequential(
                TransposedConv2d(width, out, kernel_size=3, padding=1, operator=deconv),
                BatchNorm(out),
                nn.ReLU(inplace=True),
            )
        self.classify = nn.Conv2d(widths[0], num_classes + 1, 1)

    def outputs(self, batch: Inputs) -> Tensor:
        maps = self.feature_maps(batch)
        *fine, coarsest = self.levels
        x = self.bottom(maps[coarsest])  # (N, 2 * 112, h, w)
        for level in reversed(fine):
            _, switches = self.pool(maps[level])  # (N, C, h, w)
            switches = switches.repeat(1, COPIES, 1, 1)  # (N, 2 C, h, w)
            height, width = maps[level].shape[-2:]
            x = self.unpool(x, switches, (height, width))  # (N, 2 C, 2 h, 2 w), three of four are 0
            x = self.deconv[level](x)  # (N, 2 C of the next level, 2 h, 2 w)
        return ops.upsample_bilinear(self.classify(x), self.padded_size(batch[0]))  # (N, K + 1, H, W)
