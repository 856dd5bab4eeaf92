"""FCN: a classifier slid over the image by convolutions, with finer scores added on the way back up.

C5 -- fc6 3 x 3 -- fc7 -- scores (stride 32) -- x 2 --+-- x 2 --+-- x 8 --> the class scores of every pixel
C4 ------------------------- scores (stride 16) ------+         |
C3 ------------------------- scores (stride 8) -----------------+

A dense layer behind a k x k map is a k x k convolution that was allowed to stand in one place only. Let it slide,
and one pass over a large image gives what the classifier says of each window, without computing overlaps twice.

Source: Long, Shelhamer & Darrell, "Fully Convolutional Networks for Semantic Segmentation", 2015, arXiv:1411.4038.
"""

from collections.abc import Callable

from torch import Tensor, nn

from coursekit import ops
from coursekit.models.segmenter import Inputs, Segmenter
from coursekit.nets.backbone import Backbone

UNCHANGED = (nn.ReLU, nn.ReLU6, nn.Sigmoid, nn.GELU, nn.Dropout, nn.Identity)  # act on each number on its own


def fuse(coarse: Tensor, fine: Tensor) -> Tensor:
    """The coarse scores, upsampled bilinearly to the size of the fine ones, plus these.

    Shapes: (N, K + 1, h, w), (N, K + 1, 2 h, 2 w) -> (N, K + 1, 2 h, 2 w).
    Source: figure 3 of the paper.

    >>> import torch
    >>> fuse(torch.tensor([[[[0.0, 4.0]]]]), torch.ones(1, 1, 2, 4))[0, 0, 0]
    tensor([1., 2., 4., 5.])
    """
    height, width = fine.shape[-2:]
    return ops.upsample_bilinear(coarse, (height, width)) + fine


class FCN(Segmenter):
    """The segmenter of "Fully Convolutional Networks for Semantic Segmentation", on frozen features.

    The subclasses differ in `levels`: the last has the head, the others give one skip each.

    Args:
        num_classes, backbone, loss: as `Segmenter`.
        channels: width of fc6 and fc7; 4,096 in the paper.
        fuse: coarse scores, fine scores of twice the size -> their sum at that size.
        upsample: scores (N, K + 1, h, w), (H, W) -> (N, K + 1, H, W).
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 256,
        loss: Callable[[Tensor, Tensor], Tensor] = ops.pixel_cross_entropy,
        fuse: Callable[[Tensor, Tensor], Tensor] = fuse,
        upsample: Callable[[Tensor, tuple[int, int]], Tensor] = ops.upsample_bilinear,
    ) -> None:
        super().__init__(num_classes, backbone, loss)
        self.fuse, self.upsample = fuse, upsample
        *fine, coarsest = self.levels
        self.head = nn.Sequential(
            nn.Conv2d(self.channels[coarsest], channels, 3, padding=1),  # fc6
            nn.ReLU(),
            nn.Dropout(),
            nn.Conv2d(channels, channels, 1),  # fc7
            nn.ReLU(),
            nn.Dropout(),
            nn.Conv2d(channels, num_classes + 1, 1),
        )
        self.skips = nn.ModuleDict(
            {level: nn.Conv2d(self.channels[level], num_classes + 1, 1) for level in fine}
        )
        for parameter in self.skips.parameters():  # so that training starts from what the coarse level says
            nn.init.zeros_(parameter)

    def outputs(self, batch: Inputs) -> Tensor:
        maps = self.feature_maps(batch)
        *fine, coarsest = self.levels
        scores = self.head(maps[coarsest])  # (N, K + 1, h, w)
        for level in reversed(fine):
            scores = self.fuse(scores, self.skips[level](maps[level]))  # (N, K + 1, 2 h, 2 w)
        return self.upsample(scores, self.padded_size(batch[0]))  # (N, K + 1, H, W)


class FCN32s(FCN):
    """One map of scores, at stride 32, upsampled 32 times."""

    levels = ("C5",)


class FCN16s(FCN):
    """With a skip from stride 16."""

    levels = ("C4", "C5")


class FCN8s(FCN):
    """With skips from strides 16 and 8."""

    levels = ("C3", "C4", "C5")


def dense_kernel(weight: Tensor, size: tuple[int, int]) -> Tensor:
    """The weights of a dense layer that reads C maps of `size`, flattened, as those of a convolution.

    Shapes: (K, C * height * width) -> (K, C, height, width).
    Raises:
        ValueError: the layer's inputs are not a whole number of such maps.

    >>> import torch
    >>> dense_kernel(torch.arange(8.0)[None], (2, 2))[0, 1]
    tensor([[4., 5.],
            [6., 7.]])
    """
    if weight.shape[1] % (size[0] * size[1]):
        raise ValueError(
            f"A dense layer of {weight.shape[1]} inputs does not read maps of {size[0]} x {size[1]}: "
            "give the size of the maps that are flattened into it."
        )
    return weight.unflatten(1, (-1, *size))


def dense_to_conv(linear: nn.Linear, kernel_size: int | tuple[int, int] = 1) -> nn.Conv2d:
    """A convolution with the weights of a dense layer: at each place it answers as the layer does for the window there.

    Args:
        kernel_size: (height, width) of the maps that the layer was made for.
    Raises:
        ValueError: as `dense_kernel`.

    >>> dense_to_conv(nn.Linear(5 * 3 * 4, 7), (3, 4)).weight.shape
    torch.Size([7, 5, 3, 4])
    """
    size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    kernel = dense_kernel(linear.weight.detach(), size)  # (K, C, height, width)
    conv = nn.Conv2d(kernel.shape[1], len(kernel), size, bias=linear.bias is not None)
    conv.load_state_dict(linear.state_dict() | {"weight": kernel})
    return conv


def convolutionize(head: nn.Sequential, kernel_size: int | tuple[int, int]) -> nn.Sequential:
    """The same head as convolutions: one answer for each window of a larger map, all in one pass.

    The first dense layer becomes a convolution of kernel_size, every later one a 1 x 1 convolution; a global mean
    becomes the mean of each window. On a map of (h, w) there are (h - kh + 1) x (w - kw + 1) answers.

    Shapes of the new head: (N, C, h, w) -> (N, classes, h - kh + 1, w - kw + 1).
    Args:
        head: Flatten, Linear, global average pooling, batch normalisation, 1 x 1 convolutions and layers that act
            on each number alone, in their order.
        kernel_size: (height, width) of the map that the head was made for.
    Raises:
        ValueError: a layer that cannot slide.
    Source: section 3.1 of the paper.

    >>> import torch
    >>> head = nn.Sequential(nn.Flatten(), nn.Linear(8 * 3 * 3, 16), nn.ReLU(), nn.Linear(16, 10))
    >>> convolutionize(head, 3)(torch.rand(1, 8, 6, 9)).shape
    torch.Size([1, 10, 4, 7])
    """
    layers, window = [], kernel_size  # the part of the map that one number has not seen yet
    for layer in head:
        if isinstance(layer, nn.Flatten):
            continue
        layers.append(sliding(layer, window))
        if isinstance(layer, nn.Linear | nn.AdaptiveAvgPool2d):
            window = 1
    return nn.Sequential(*layers)


def sliding(layer: nn.Module, window: int | tuple[int, int]) -> nn.Module:
    """The layer that does at each place what this one does to a single window."""
    if isinstance(layer, nn.Linear):
        return dense_to_conv(layer, window)
    if isinstance(layer, nn.AdaptiveAvgPool2d) and layer.output_size in (1, (1, 1)):
        return nn.AvgPool2d(window, stride=1)
    if isinstance(layer, nn.BatchNorm1d):
        norm = nn.BatchNorm2d(layer.num_features, layer.eps, layer.momentum, layer.affine)
        norm.load_state_dict(layer.state_dict())
        return norm.train(layer.training)
    pointwise = isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1) and layer.stride == (1, 1)
    if isinstance(layer, nn.Sequential):
        return nn.Sequential(*(sliding(part, window) for part in layer))
    if pointwise or isinstance(layer, (*UNCHANGED, nn.BatchNorm2d)):
        return layer
    raise ValueError(
        f"A {type(layer).__name__} cannot slide: convolutionize dense layers and what follows them."
    )
