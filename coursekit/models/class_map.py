"""Class maps of a classifier: the head of an ImageNet network, slid over a photograph of any size.

The network was never told where anything is. Its head, convolutionized, predicts classes at every cell of the last map.

Source: Long et al., "Fully Convolutional Networks for Semantic Segmentation", 2015, figure 2, arXiv:1411.4038;
several scales: Sermanet et al., "OverFeat", 2014, section 3.3, arXiv:1312.6229.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops
from coursekit.models.fcn import convolutionize
from coursekit.nets.efficientnet import EfficientNetLite0


def softmax_of_classes(logits: Tensor) -> Tensor:
    """The probabilities of the classes at each place: (C, h, w) -> (C, h, w), of sum 1 over the first axis."""
    return logits.softmax(0)


@torch.no_grad()
def class_map(
    backbone: EfficientNetLite0,
    image: Tensor,
    side: int,
    window: int = 1,
    softmax: Callable[[Tensor], Tensor] = softmax_of_classes,
) -> Tensor:
    """The probabilities of the 1,000 ImageNet classes at every place of an image.

    Shapes: (3, H, W) -> (1000, h, w).
    Args:
        side: pixels of the shorter side when the network looks; both sides become multiples of 32.
        window: cells of the last map that are averaged before each answer, along both axes.
        softmax: logits (1000, h, w) -> probabilities.
    Raises:
        ValueError: the image is then smaller than the window.

    >>> class_map(EfficientNetLite0(), torch.rand(3, 100, 150), side=64).shape
    torch.Size([1000, 2, 3])
    """
    stride, shorter = backbone.strides["C5"], min(image.shape[-2:])
    size = [max(stride, round(s * side / shorter / stride) * stride) for s in image.shape[-2:]]
    if min(size) < window * stride:
        raise ValueError(
            f"An image of {size[0]} x {size[1]} pixels is smaller than a window of {window} cells: use a larger `side`."
        )
    pixels = F.interpolate(image[None], size, mode="bicubic", antialias=True).clamp(0, 1)
    logits = convolutionize(backbone.head, window)(backbone(pixels)["C5"])  # (1, 1000, h, w)
    return softmax(logits[0])


def merge_scales(maps: Sequence[Tensor], size: tuple[int, int], geometric: bool = False) -> Tensor:
    """The mean of the class maps of several scales, each first brought to one size bilinearly.

    In the arithmetic mean one confident scale is enough. In the geometric mean a low probability is a veto;
    it is divided by its sum over the classes, so that probabilities come out again.

    Shapes: S times (C, h, w), probabilities over the C classes -> (C, *size), likewise.
    Args:
        size: (height, width).

    >>> sure, unsure = torch.tensor([0.9, 0.1]), torch.tensor([0.5, 0.5])
    >>> merge_scales([sure[:, None, None], unsure[:, None, None]], (1, 1)).flatten()
    tensor([0.7000, 0.3000])
    >>> merge_scales([sure[:, None, None], unsure[:, None, None]], (1, 1), geometric=True).flatten()
    tensor([0.7500, 0.2500])
    """
    resized = torch.stack([ops.upsample_bilinear(m[None], size)[0] for m in maps])  # (S, C, *size)
    if not geometric:
        return resized.mean(0)
    logs = resized.clamp(min=torch.finfo(resized.dtype).tiny).log()
    return logs.mean(0).softmax(0)  # exp of the mean, divided by its sum
