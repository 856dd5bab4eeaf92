"""The size of things on a slide of 1280 x 720 pixels, on which a figure has 100 pixels per inch."""

from torch import Tensor
from torch.nn.functional import interpolate

PIXEL = 1 / 100  # inches: figsize=(1200 * PIXEL, 500 * PIXEL) covers 1200 x 500 pixels of the slide
POINT = 0.72  # points per pixel of the slide


def enlarge(image: Tensor, factor: int = 4) -> Tensor:
    """Return the image with `factor` times the pixels per side, so that a projector does not show them.

    Shapes: (3, H, W) -> (3, factor * H, factor * W).

    >>> import torch
    >>> enlarge(torch.rand(3, 10, 20), 2).shape
    torch.Size([3, 20, 40])
    """
    return interpolate(image[None], scale_factor=factor, mode="bicubic")[0].clamp(0, 1)
